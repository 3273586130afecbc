"""Which rows of a file the book already has, which contradict it, and which are new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from argosy.record.booking.booked import Booked
from argosy.record.booking.keys import content_key, reference_key
from argosy.record.ledger.events import EventColumns, Kind


class Known(Protocol):
    """Where a key stands in the book."""

    @property
    def seq(self) -> int:
        """The event."""
        ...

    @property
    def batch(self) -> int:
        """The batch that brought it."""
        ...

    @property
    def line(self) -> int:
        """Its line in the file of that batch."""
        ...

    @property
    def content(self) -> bytes:
        """The hash of what it says."""
        ...


Lookup = Callable[[list[bytes]], Mapping[bytes, Known]]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A row that met something: an event of the book, or (``seq`` 0) an earlier row of the same file."""

    position: int
    message: str
    seq: int = 0
    batch: int = 0
    line: int = 0


@dataclass(frozen=True)
class Sifted:
    """Rows by outcome; ``keys`` goes with ``new``."""

    new: tuple[int, ...]
    keys: tuple[bytes, ...]
    known: tuple[Meeting, ...]
    conflicts: tuple[Meeting, ...]


@dataclass(frozen=True)
class Standing:
    """Which events of the book no longer count."""

    voided_batches: frozenset[int]
    voided_events: frozenset[int]

    @classmethod
    def of(cls, events: EventColumns, voided_batches: frozenset[int]) -> Standing:
        """Read the standing voids out of events."""
        voids = events["kind"] == int(Kind.VOID)
        if voided_batches:
            voids &= ~np.isin(events["batch"], list(voided_batches))
        return cls(voided_batches, frozenset(events["target"][voids].tolist()))

    def undone(self, known: Known) -> bool:
        """Whether the import that brought it was voided as a whole."""
        return known.batch in self.voided_batches

    def live(self, known: Known) -> bool:
        """Whether it counts."""
        return not self.undone(known) and known.seq not in self.voided_events


def sift(rows: Booked, source: str, lookup: Lookup, standing: Callable[[], Standing], *, as_new: bool) -> Sifted:
    """Tell new rows from known and conflicting ones.

    Known: the book has the same key with the same content, or had it until somebody voided or corrected that event.
    Conflicting: the book (or the file, further up) has the same reference with other content.
    New: the rest, rows of a batch that was voided as a whole included. ``as_new`` also admits rows that are known by
    their content only, and rows whose event was voided.
    """
    twins: dict[bytes, int] = {}
    firsts: dict[tuple[int, str], int] = {}
    known: list[Meeting] = []
    conflicts: list[Meeting] = []
    names: list[tuple[int, int]] = []  # (position, ordinal) still to be looked up
    for position, (account, reference, content) in enumerate(
        zip(rows.accounts, rows.references, rows.contents, strict=True)
    ):
        ordinal = 0
        if reference:
            first = firsts.setdefault((account, reference), position)
            if first != position:
                same, line = rows.contents[first] == content, rows.lines[first]
                ending = ", with the same content" if same else " with other content"
                text = f"reference {reference} stands on line {line} of this file{ending}"
                (known if same else conflicts).append(Meeting(position, text, line=line))
                continue
        else:
            ordinal = twins[content] = twins.get(content, -1) + 1
        names.append((position, ordinal))
    chosen = _follow(rows, names, source, lookup)
    new: list[tuple[int, bytes]] = []
    for position, _ in names:
        key, chain = chosen[position]
        verdict = "new"
        if chain:
            verdict = _judge(rows.references[position], rows.contents[position], chain, standing, as_new=as_new)
        if verdict == "new":
            new.append((position, key))
        else:
            last = chain[-1]
            meeting = Meeting(position, verdict.partition(":")[2], last.seq, last.batch, last.line)
            (conflicts if verdict.startswith("conflict") else known).append(meeting)
    return Sifted(
        tuple(position for position, _ in new), tuple(key for _, key in new),
        tuple(sorted(known, key=_position)), tuple(sorted(conflicts, key=_position)),
    )  # fmt: skip


def _position(meeting: Meeting) -> int:
    return meeting.position


def _follow(
    rows: Booked, names: Iterable[tuple[int, int]], source: str, lookup: Lookup
) -> dict[int, tuple[bytes, list[Known]]]:
    """Per position the first free key, and the events that hold its earlier generations."""

    def key_of(position: int, ordinal: int, generation: int) -> bytes:
        reference = rows.references[position]
        if reference:
            return reference_key(source, rows.accounts[position], reference, generation)
        return content_key(rows.contents[position], ordinal, generation)

    chosen: dict[int, tuple[bytes, list[Known]]] = {}
    waiting = [(position, ordinal, key_of(position, ordinal, 0)) for position, ordinal in names]
    chains: dict[int, list[Known]] = {}
    generation = 0
    while waiting:
        generation += 1
        found = lookup([key for _, _, key in waiting])
        following = []
        for position, ordinal, key in waiting:
            if found and key in found:
                chains.setdefault(position, []).append(found[key])
                following.append((position, ordinal, key_of(position, ordinal, generation)))
            else:
                chosen[position] = (key, chains.get(position, _NONE))
        waiting = following
    return chosen


_NONE: list[Known] = []


def _judge(
    reference: str, content: bytes, chain: list[Known], standing: Callable[[], Standing], *, as_new: bool
) -> str:
    """``new``, or ``known:message``, or ``conflict:message``, against what held the row's key before."""
    state = standing()
    live = [one for one in chain if state.live(one)]
    removed = [one for one in chain if not state.undone(one) and not state.live(one)]
    name = f"reference {reference}" if reference else "the same content"
    if live:
        last = live[-1]
        place = f"as event {last.seq} of batch {last.batch}, line {last.line}"
        if last.content == content:
            if as_new and not reference:
                return "new"
            return f"known:{name} is in the book {place}" + ("" if reference else "; known by content only")
        if any(one.content == content for one in removed):
            return f"known:{name} was corrected since; it is in the book {place}"
        return f"conflict:{name} is in the book with other content, {place}"
    if any(one.content == content for one in removed) and not as_new:
        last = removed[-1]
        return f"known:{name} was event {last.seq} of batch {last.batch}, line {last.line}, which was voided"
    return "new"
