"""Events of one batch put one after the other, their references among themselves kept right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.record.booking.booked import Laid
from argosy.record.booking.timeline import joined
from argosy.record.ledger.events import EventColumns


def stacked(first: EventColumns, second: EventColumns) -> EventColumns:
    """Both sets as one batch: references of the second to its own rows (negative numbers) move with it."""
    columns = dict(second.columns)
    for name in ("anchor", "link", "target"):
        values = columns[name]
        columns[name] = np.where(values < 0, values - len(first), values)
    return joined(first, EventColumns(columns, second.payload))


def with_anchor(laid: Laid, anchors: Sequence[Sequence[int]]) -> EventColumns:
    """The events with the place within the day of what they correct; ``anchors`` per entry, one per event."""
    column = laid.events["anchor"].copy()
    seen: dict[int, int] = {}
    for position, row in enumerate(laid.row.tolist()):
        leg = seen.get(row, 0)
        seen[row] = leg + 1
        given = anchors[row]
        column[position] = given[min(leg, len(given) - 1)]
    return EventColumns({**laid.events.columns, "anchor": column}, laid.events.payload)
