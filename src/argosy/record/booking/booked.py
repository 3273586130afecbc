"""Rows that are booked, in columns: the events of a file before the book is asked what it knows of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from argosy.record.booking.entries import Entry
from argosy.record.booking.keys import CONTENT_COLUMNS, KEY_BYTES, content_bytes, content_hash, leg_key
from argosy.record.booking.payloads import RowPayloads, spoken_only
from argosy.record.ledger.events import COLUMNS, EventColumns, Int64

BLOCK = 1 << 14
"""Rows hashed at a time."""

Lots = tuple[tuple[str, int], ...]
Places = tuple[tuple[int, int], ...]
"""Accounts with their sleeve (0 = none)."""


@dataclass(frozen=True)
class Booked:
    """Events of a file in file order, and per row (one event, or two legs of a transfer) what tells it from others.

    ``row`` gives each event's row. ``link`` is -1 on the legs of a transfer until the batch is laid out. ``lots`` has
    the rows that name the lots they relieve, ``everywhere`` the splits that name no account, ``unsettled`` the trades
    on margin that do not say what they settle.
    """

    events: EventColumns
    row: Int64
    lines: Int64
    accounts: Int64
    references: list[str]
    contents: list[bytes]
    lots: Mapping[int, Lots] = field(default_factory=dict)
    everywhere: frozenset[int] = frozenset()
    unsettled: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.lines)

    @classmethod
    def of_entries(cls, entries: Sequence[Entry]) -> Booked:
        """From rows read one by one."""
        rows: list[dict[str, object]] = []
        owner: list[int] = []
        contents: list[bytes] = []
        for position, entry in enumerate(entries):
            legs = [dict(event) for event in entry.events]
            contents.append(content_hash([content_bytes(event) for event in legs], entry.lots))
            if len(legs) > 1:
                for leg in legs:
                    leg["link"] = -1
            rows += legs
            owner += [position] * len(legs)
        return cls(
            EventColumns.from_rows(rows), np.array(owner, np.int64),
            np.array([entry.line for entry in entries], np.int64),
            np.array([entry.account for entry in entries], np.int64), [entry.reference for entry in entries], contents,
            {position: entry.lots for position, entry in enumerate(entries) if entry.lots},
            frozenset(position for position, entry in enumerate(entries) if entry.everywhere),
            frozenset(position for position, entry in enumerate(entries) if entry.unsettled),
        )  # fmt: skip

    def spread(self, places: Mapping[int, Places]) -> Booked:
        """With some rows (of one event) booked at several places. What a row says, and its key, stay as they are."""
        if not places:
            return self
        repeats = np.ones(len(self.events), np.int64)
        first = {row: int(np.searchsorted(self.row, row)) for row in places}
        for row, at in first.items():
            repeats[at] = len(places[row])
        index = np.repeat(np.arange(len(self.events)), repeats)
        columns = {name: values[index] for name, values in self.events.columns.items()}
        payload = self.events.payload
        kept = (
            payload.taken(index.tolist())
            if isinstance(payload, RowPayloads)
            else {new: payload[old] for new, old in enumerate(index.tolist()) if old in payload}
        )
        starts = np.cumsum(repeats) - repeats
        for row, at in first.items():
            span = slice(int(starts[at]), int(starts[at]) + len(places[row]))
            columns["account"][span] = [account for account, _ in places[row]]
            columns["sleeve"][span] = [sleeve for _, sleeve in places[row]]
        return replace(self, events=EventColumns(columns, kept), row=self.row[index])

    def portfolios(self) -> list[int]:
        """Ids of the portfolios that the rows touch."""
        return [int(number) for number in np.unique(self.events["portfolio"])]


def packed_contents(columns: Mapping[str, Int64]) -> list[bytes]:
    """Content hashes of single-event rows without payload of their own, the same bytes as row by row."""
    count = len(columns["kind"])
    width = len(CONTENT_COLUMNS) * 8
    sha256 = hashlib.sha256
    hashes: list[bytes] = []
    for first in range(0, count, BLOCK):  # a block at a time: the whole would be as large as all events
        last = min(first + BLOCK, count)
        table = np.empty((last - first, len(CONTENT_COLUMNS)), dtype="<i8")
        for place, name in enumerate(CONTENT_COLUMNS):
            table[:, place] = columns[name][first:last]
        data = memoryview(table.tobytes())
        hashes += [sha256(data[at : at + width]).digest()[:KEY_BYTES] for at in range(0, len(data), width)]
    return hashes


def interleaved(first: Booked, second: Booked, places: Int64, other_places: Int64) -> Booked:
    """Two sets of rows as one, in the order of their places in the file."""
    if not len(second):
        return first
    if not len(first):
        return second
    place = np.concatenate([places, other_places])
    order = np.argsort(place, kind="stable")  # of rows: new position -> old row number
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    row = np.concatenate([number[first.row], number[second.row + len(first)]])
    events = np.argsort(row, kind="stable")
    columns = {name: np.concatenate([first.events[name], second.events[name]])[events] for name in COLUMNS}
    new_place = np.empty(len(events), np.int64)
    new_place[events] = np.arange(len(events))
    others = {int(new_place[len(first.events) + at]): rest for at, rest in second.events.payload.items()}
    others |= {int(new_place[at]): rest for at, rest in spoken_only(first.events.payload).items()}
    chosen = order.tolist()
    references = [*first.references, *second.references]
    contents = [*first.contents, *second.contents]
    references = [references[old] for old in chosen]
    # What the columns said beside their references: notes, by event.
    notes = [""] * len(events)
    texts = [""] * len(events)
    for at, rest in first.events.payload.items():
        place_now = int(new_place[at])
        texts[place_now], notes[place_now] = str(rest.get("ref", "")), str(rest.get("note", ""))
    payload = RowPayloads(texts, notes if any(notes) else [], others)
    return Booked(
        EventColumns(columns, payload), row[events],
        np.concatenate([first.lines, second.lines])[order], np.concatenate([first.accounts, second.accounts])[order],
        references, [contents[old] for old in chosen],
        {int(number[at]): lots for at, lots in first.lots.items()}
        | {int(number[len(first) + at]): lots for at, lots in second.lots.items()},
        frozenset(int(number[at]) for at in first.everywhere)
        | frozenset(int(number[len(first) + at]) for at in second.everywhere),
        frozenset(int(number[at]) for at in first.unsettled)
        | frozenset(int(number[len(first) + at]) for at in second.unsettled),
    )  # fmt: skip


@dataclass(frozen=True)
class Laid:
    """A batch of events as a writer takes it, links as negative positions. ``row`` is the row of each event."""

    events: EventColumns
    keys: list[bytes]
    contents: list[bytes]
    row: Int64

    def positions_of(self, rows: Collection[int]) -> list[int]:
        """Where the events of some rows stand."""
        return [int(at) for at in np.flatnonzero(np.isin(self.row, list(rows)))] if rows else []


def lay_out(booked: Booked, rows: Sequence[int], keys: Sequence[bytes], lots: Mapping[int, Sequence[int]]) -> Laid:
    """The events of chosen rows (ascending), ready to be written. ``lots`` gives the seq of each lot a row names."""
    whole = len(rows) == len(booked)
    if whole:
        events, row = booked.events, booked.row
    else:
        wanted = np.zeros(len(booked), np.bool_)
        wanted[list(rows)] = True
        kept = np.flatnonzero(wanted[booked.row])
        events, row = booked.events.take(kept), booked.row[kept]
    first = np.searchsorted(row, row)  # position of the first event of the same row
    leg = np.arange(len(row)) - first
    link = np.where(events["link"] < 0, -(first + 1), events["link"])
    payload = dict(events.payload) if lots else events.payload  # sales that name lots are rare, and so is this copy
    for number, seqs in lots.items():
        at = int(np.searchsorted(row, number))
        named = [[seq, quantity] for seq, (_, quantity) in zip(seqs, booked.lots[number], strict=True)]
        assert isinstance(payload, dict)
        payload[at] = {**payload.get(at, {}), "lots": named}
    place_of = {number: place for place, number in enumerate(rows)} if leg.any() else {}
    if leg.any():
        event_keys = [leg_key(keys[place_of[number]], which) for number, which in zip(
            row.tolist(), leg.tolist(), strict=True)]  # fmt: skip
        contents = [booked.contents[number] for number in row.tolist()]
    else:
        event_keys = list(keys)
        contents = booked.contents if whole else [booked.contents[number] for number in rows]
    return Laid(EventColumns({**events.columns, "link": link}, payload), event_keys, contents, row)
