"""Whether the ledger can hold new events together with those the book has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from argosy.base.money import currency_name
from argosy.record.booking.amounts import money_text
from argosy.record.booking.payloads import spoken_only
from argosy.record.booking.timeline import joined, numbered
from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.fold import fold, linked
from argosy.record.ledger.order import effective
from argosy.record.ledger.rows import LedgerProblem
from argosy.record.ledger.state import State
from argosy.record.ledger_terms import ledger_policies, quantity_units
from argosy.record.reference_fold import Reference


@dataclass(frozen=True, slots=True)
class Objection:
    """A new event (by position among the new ones) that cannot be booked, and why; ``net`` is what it should say."""

    position: int
    code: str
    message: str
    net: str = ""


def problems_of(events: EventColumns, reference: Reference, voided_batches: frozenset[int]) -> list[LedgerProblem]:
    """What the ledger cannot hold among the events of the book."""
    return list(_state(events, reference, voided_batches).problems)


def _state(events: EventColumns, reference: Reference, voided_batches: frozenset[int]) -> State:
    portfolios = np.unique(events["portfolio"]).tolist()
    return fold(
        reference.canonical_events(events), policies=ledger_policies(reference, portfolios),
        quantity_unit=quantity_units(reference), voided_batches=voided_batches,
    )  # fmt: skip


def objections(
    existing: EventColumns, new: EventColumns, reference: Reference, *, first_seq: int, batch: int,
    unsettled: Collection[int] = (),
) -> list[Objection]:  # fmt: skip
    """New events that oversell, name lots that are not there, or make an event of the book impossible.

    ``unsettled`` are positions of new trades on margin that do not say what they settle: none of them may close.

    ``existing`` holds at least the events of the touched portfolios; ``new`` is as for the writer. Problems that the
    book has without the new events are not blamed on them.
    """
    coming = numbered(EventColumns(new.columns, spoken_only(new.payload)), first_seq, batch)
    both = reference.canonical_events(joined(existing, coming))
    part = _touched(both, len(existing))
    state = _state(part, reference, reference.voided_batches)
    found = list(state.problems)
    blamed = {one.position: one for one in _unsettled(state, new, reference, first_seq, unsettled)}
    if not found:
        return sorted(blamed.values(), key=lambda objection: objection.position)
    old = [problem for problem in found if problem.event_seq < first_seq]
    before: set[int] = set()
    if old:
        held = part.take(np.flatnonzero(part["seq"] < first_seq))
        before = {problem.event_seq for problem in problems_of(held, reference, reference.voided_batches)}
    for problem in found:
        if problem.event_seq >= first_seq:
            position = problem.event_seq - first_seq
            blamed.setdefault(position, Objection(position, problem.code, problem.message))
        elif problem.event_seq not in before:
            for position in _culprits(part, problem.event_seq, first_seq, reference):
                message = f"event {problem.event_seq} of the book would no longer be possible: {problem.message}"
                blamed.setdefault(position, Objection(position, problem.code, message))
    return sorted(blamed.values(), key=lambda objection: objection.position)


def _unsettled(
    state: State, new: EventColumns, reference: Reference, first_seq: int, unsettled: Collection[int]
) -> list[Objection]:
    """Trades on margin that close without saying what they settle: their gain would leave NAV with the position."""
    if not unsettled:
        return []
    rows = state.reliefs
    found: list[Objection] = []
    for position in sorted(unsettled):
        mine = rows.event_seq == first_seq + position
        if not mine.any():
            continue
        event = new.row(position)
        gain = sum((rows.proceeds[mine] - rows.cost[mine]).tolist())
        currency = currency_name(event["currency"])
        scale = reference.money_scale(currency)
        code = reference.instruments[event["instrument"]].code
        message = f"closes {code}, which is held on margin, without net: its gain would not reach cash"
        net = f"{money_text(gain - event['fee'] - event['tax'], scale)} {currency}"
        found.append(Objection(position, "unsettled", message, net))
    return found


def _touched(both: EventColumns, known: int) -> EventColumns:
    """The events of the (portfolio, instrument) pairs that the new events can change, voids included."""
    if known == 0:
        return both
    new = slice(known, None)
    pairs = set(zip(both["portfolio"][new].tolist(), both["instrument"][new].tolist(), strict=True))
    reached = linked(both, {pair for pair in pairs if pair[1]})
    if not reached:
        return both
    key = both["portfolio"] * (1 << 32) + both["instrument"]
    wanted = np.array(sorted(portfolio * (1 << 32) + instrument for portfolio, instrument in reached), np.int64)
    kept = np.isin(key, wanted) | (both["seq"] >= both["seq"][known]) | (both["kind"] == int(Kind.VOID))
    return both.take(np.flatnonzero(kept))


def _culprits(part: EventColumns, seq: int, first_seq: int, reference: Reference) -> list[int]:
    """The last new event before ``seq`` on the same position: without it the event was possible."""
    index: Int64 = effective(part, voided_batches=reference.voided_batches)
    place = np.flatnonzero(part["seq"][index] == seq)
    row = part.row(int(np.flatnonzero(part["seq"] == seq)[0]))
    earlier = index[: int(place[0])] if len(place) else index
    same = (part["instrument"][earlier] == row["instrument"]) & (part["portfolio"][earlier] == row["portfolio"])
    fresh = earlier[same & (part["seq"][earlier] >= first_seq)]
    voids = np.flatnonzero((part["kind"] == int(Kind.VOID)) & (part["seq"] >= first_seq)
                           & (part["instrument"] == row["instrument"]))  # fmt: skip
    chosen = fresh[-1:] if len(fresh) else voids
    return [int(number) - first_seq for number in part["seq"][chosen]]


def broken_without(events: EventColumns, reference: Reference, batch: int) -> list[LedgerProblem]:
    """Events that would no longer be possible if a batch were taken back as a whole."""
    before = {problem.event_seq for problem in problems_of(events, reference, reference.voided_batches)}
    after = problems_of(events, reference, reference.voided_batches | {batch})
    return [problem for problem in after if problem.event_seq not in before]
