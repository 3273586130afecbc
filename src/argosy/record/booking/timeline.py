"""Events of a batch as they will stand in the book, and next to those it has."""

from __future__ import annotations

import numpy as np

from argosy.record.ledger.events import COLUMNS, EventColumns


def numbered(events: EventColumns, first_seq: int, batch: int) -> EventColumns:
    """The events as the writer will number them, for a check before they are written."""
    count = len(events)
    seq = np.arange(first_seq, first_seq + count, dtype=np.int64)
    columns = dict(events.columns)
    for name in ("anchor", "link", "target"):
        values = columns[name]
        columns[name] = np.where(values < 0, first_seq - 1 - values, values)
    columns["seq"] = seq
    columns["batch"] = np.full(count, batch, np.int64)
    columns["anchor"] = np.where(columns["anchor"] == 0, seq, columns["anchor"])
    return EventColumns(columns, events.payload)


def joined(first: EventColumns, second: EventColumns) -> EventColumns:
    """Two sets of events, one after the other."""
    if not len(first):
        return second
    columns = {name: np.concatenate([first[name], second[name]]) for name in COLUMNS}
    payload = {**first.payload, **{len(first) + place: rest for place, rest in second.payload.items()}}
    return EventColumns(columns, payload)
