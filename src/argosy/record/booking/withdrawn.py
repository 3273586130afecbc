"""Rows that take events back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.record.ledger.events import EventColumns, Kind

_COPIED = ("trade_date", "settle_date", "portfolio", "account", "sleeve", "instrument", "currency")


def void_rows(events: EventColumns, positions: Sequence[int], reason: str) -> list[dict[str, object]]:
    """One VOID per event, at the address of what it takes back, so that it is read along with it."""
    rows: list[dict[str, object]] = []
    for position in positions:
        event = events.row(position)
        row: dict[str, object] = {name: event[name] for name in _COPIED}
        row |= {"kind": int(Kind.VOID), "version": 1, "target": event["seq"]}
        if reason:
            row["payload"] = {"note": reason}
        rows.append(row)
    return rows


def position_of(events: EventColumns, seq: int) -> int | None:
    """Where an event stands, or None."""
    found = int(np.searchsorted(events["seq"], seq))
    return found if found < len(events) and int(events["seq"][found]) == seq else None


def of_batch(events: EventColumns, batch: int) -> EventColumns:
    """The events that a batch brought."""
    return events.take(np.flatnonzero(events["batch"] == batch))


def distinct(events: EventColumns, name: str) -> set[int]:
    """The different values of a column, without 0."""
    return set(np.unique(events[name]).tolist()) - {0}
