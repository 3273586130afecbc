"""Entries put together as one batch of event columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.record.booking.entries import Entry
from argosy.record.booking.keys import content_bytes, content_hash, leg_key
from argosy.record.booking.sift import Candidate
from argosy.record.ledger.events import COLUMNS, EventColumns, Int64


@dataclass(frozen=True)
class Assembled:
    """A batch of events as a writer takes it, links as negative positions. ``row`` is the entry of each event."""

    events: EventColumns
    keys: tuple[bytes, ...]
    contents: tuple[bytes, ...]
    row: Int64


def candidate(entry: Entry) -> Candidate:
    """What tells an entry from others."""
    content = content_hash([content_bytes(event) for event in entry.events], entry.lots)
    return Candidate(entry.line, entry.account, entry.reference, content)


def assemble(
    entries: Sequence[Entry], candidates: Sequence[Candidate], keys: Sequence[bytes], lots: Mapping[int, Sequence[int]]
) -> Assembled:
    """Lay entries out in their order. ``lots`` gives, per entry position, the seq of each lot it names."""
    rows: list[dict[str, object]] = []
    row_keys: list[bytes] = []
    contents: list[bytes] = []
    owner: list[int] = []
    for position, entry in enumerate(entries):
        first = len(rows) + 1
        for leg, event in enumerate(entry.events):
            row = dict(event)
            if len(entry.events) > 1:
                row["link"] = -first
            if entry.lots and leg == 0:
                named = [[seq, quantity] for seq, (_, quantity) in zip(lots[position], entry.lots, strict=True)]
                given = row.get("payload")
                row["payload"] = (dict(given) if isinstance(given, Mapping) else {}) | {"lots": named}
            rows.append(row)
            row_keys.append(leg_key(keys[position], leg))
            contents.append(candidates[position].content)
            owner.append(position)
    return Assembled(EventColumns.from_rows(rows), tuple(row_keys), tuple(contents), np.array(owner, np.int64))


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
    columns = {name: np.concatenate([first[name], second[name]]) for name in COLUMNS}
    payload = {**first.payload, **{len(first) + place: rest for place, rest in second.payload.items()}}
    return EventColumns(columns, payload)
