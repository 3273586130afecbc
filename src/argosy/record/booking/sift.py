"""Which rows of a file the book already has, which contradict it, and which are new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from argosy.record.booking.booked import Booked
from argosy.record.booking.keys import content_key, reference_key, reference_keys
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

    new: Sequence[int]
    keys: Sequence[bytes]
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

    def any(self) -> bool:
        """Whether anything was ever taken back."""
        return bool(self.voided_batches or self.voided_events)

    def undone(self, known: Known) -> bool:
        """Whether the import that brought it was voided as a whole."""
        return known.batch in self.voided_batches

    def live(self, known: Known) -> bool:
        """Whether it counts."""
        return not self.undone(known) and known.seq not in self.voided_events


def sift(
    rows: Booked, source: str, lookup: Lookup, standing: Callable[[], Standing], *, as_new: bool
) -> Sifted:  # fmt: skip
    """Tell new rows from known and conflicting ones.

    Known: the book has the same key with the same content, or had it until somebody voided or corrected that event.
    Conflicting: the book (or the file, further up) has the same reference with other content.
    New: the rest, rows of a batch that was voided as a whole included. ``as_new`` also admits rows that are known by
    their content only, and rows whose event was voided.
    """
    keys = reference_keys(source, rows.accounts.tolist(), rows.references)
    repeated, ordinals = _within_file(rows, keys)
    for position, ordinal in ordinals.items():
        keys[position] = content_key(rows.contents[position], ordinal)
    asked = [key for position, key in enumerate(keys) if position not in repeated] if repeated else keys
    found = lookup(asked)
    known = [meeting for meeting, same in repeated.values() if same]
    conflicts = [meeting for meeting, same in repeated.values() if not same]
    if not found and not repeated:
        return Sifted(range(len(rows)), keys, (), ())
    held = [position for position, key in enumerate(keys) if key in found and position not in repeated]
    left_out = set(repeated)
    if held and not as_new and not standing().any():
        # Nothing was ever taken back: a key that is held is a live event, and no later generation of it exists.
        for position in held:
            one, reference = found[keys[position]], rows.references[position]
            same = one.content == rows.contents[position]
            text = _known(reference, one) if same else _conflict(reference, one)
            (known if same else conflicts).append(Meeting(position, text, one.seq, one.batch, one.line))
        left_out.update(held)
        held = []
    chains, free = _follow(rows, held, ordinals, source, [found[keys[position]] for position in held], lookup)
    for position in held:
        chain = chains[position]
        verdict = _judge(rows.references[position], rows.contents[position], chain, standing, as_new=as_new)
        if verdict == "new":
            keys[position] = free[position]
        else:
            last = chain[-1]
            meeting = Meeting(position, verdict.partition(":")[2], last.seq, last.batch, last.line)
            (conflicts if verdict.startswith("conflict") else known).append(meeting)
            left_out.add(position)
    new = [position for position in range(len(rows)) if position not in left_out]
    return Sifted(
        new, [keys[position] for position in new], tuple(sorted(known, key=_position)),
        tuple(sorted(conflicts, key=_position)),
    )  # fmt: skip


def _position(meeting: Meeting) -> int:
    return meeting.position


def _within_file(
    rows: Booked, keys: Sequence[bytes]
) -> tuple[dict[int, tuple[Meeting, bool]], dict[int, int]]:  # fmt: skip
    """Rows whose reference an earlier row of the file has (and whether it says the same), and the number of each row
    without reference among those that say the same."""
    repeated: dict[int, tuple[Meeting, bool]] = {}
    ordinals: dict[int, int] = {}
    twins: dict[bytes, int] = {}
    references = rows.references
    if all(references) and len(set(keys)) == len(keys):
        return repeated, ordinals
    firsts: dict[bytes, int] = {}
    for position, key in enumerate(keys):
        content = rows.contents[position]
        if not references[position]:
            ordinals[position] = twins[content] = twins.get(content, -1) + 1
            continue
        first = firsts.setdefault(key, position)
        if first != position:
            same, line = rows.contents[first] == content, int(rows.lines[first])
            ending = ", with the same content" if same else " with other content"
            text = f"reference {references[position]} stands on line {line} of this file{ending}"
            repeated[position] = (Meeting(position, text, line=line), same)
    return repeated, ordinals


def _follow(
    rows: Booked, held: Sequence[int], ordinals: Mapping[int, int], source: str, firsts: Sequence[Known], lookup: Lookup
) -> tuple[dict[int, list[Known]], dict[int, bytes]]:
    """Per held row the events of its key and of later generations, and the first key that is free."""

    def key_of(position: int, generation: int) -> bytes:
        reference = rows.references[position]
        if reference:
            return reference_key(source, int(rows.accounts[position]), reference, generation)
        return content_key(rows.contents[position], ordinals.get(position, 0), generation)

    chains = {position: [first] for position, first in zip(held, firsts, strict=True)}
    free: dict[int, bytes] = {}
    waiting, generation = list(held), 0
    while waiting:
        generation += 1
        keys = [key_of(position, generation) for position in waiting]
        found = lookup(keys)
        following = []
        for position, key in zip(waiting, keys, strict=True):
            if key in found:
                chains[position].append(found[key])
                following.append(position)
            else:
                free[position] = key
        waiting = following
    return chains, free


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
        if last.content == content:
            return "new" if as_new and not reference else "known:" + _known(reference, last)
        if any(one.content == content for one in removed):
            return f"known:{name} was corrected since; it is in the book {_place(last)}"
        return "conflict:" + _conflict(reference, last)
    if any(one.content == content for one in removed) and not as_new:
        last = removed[-1]
        return f"known:{name} was event {last.seq} of batch {last.batch}, line {last.line}, which was voided"
    return "new"


def _place(one: Known) -> str:
    return f"as event {one.seq} of batch {one.batch}, line {one.line}"


def _known(reference: str, one: Known) -> str:
    if reference:
        return f"reference {reference} is in the book {_place(one)}"
    return f"the same content is in the book {_place(one)}; known by content only"


def _conflict(reference: str, one: Known) -> str:
    return f"reference {reference} is in the book with other content, {_place(one)}"
