"""On which days subjects are valued: the sessions of their mandate's calendar, from the first event on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from argosy.measures.valuation.subjects import Subject
from argosy.record.ledger.sleeves import Folded
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]


def first_days(state: Folded) -> dict[int, int]:
    """The first day on which something happened, by portfolio."""
    portfolio = np.concatenate([state.entries.portfolio, state.trail.portfolio])
    date = np.concatenate([state.entries.trade_date, state.trail.date])
    known, place = np.unique(portfolio, return_inverse=True)
    first = np.full(len(known), np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, place, date)
    return dict(zip(known.tolist(), first.tolist(), strict=True))


def begins(subject: Subject, firsts: dict[int, int]) -> int | None:
    """The first day a subject existed: the first event of a member while it was one; None before any."""
    days = [
        max(firsts[portfolio], joined) for portfolio, joined, left in subject.members
        if portfolio in firsts and (not left or firsts[portfolio] <= left)
    ]  # fmt: skip
    return min(days, default=None)


def by_calendar(
    subjects: Sequence[Subject], reference: Reference, day: int, *, calendar: str = ""
) -> dict[str, list[Subject]]:
    """Subjects by the calendar of their (first member's) mandate on a day, or by the one asked for."""
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        name = calendar or reference.mandate(subject.members[0][0], day).calendar
        found.setdefault(name, []).append(subject)
    return found


def valuation_days(
    market: MarketSnapshot, calendar: str, starts: Sequence[int], *, first: int | None = None,
    base: int | None = None, last: int,
) -> tuple[Int64, int | None]:  # fmt: skip
    """Sessions from the earliest start to ``last``, and the session before them, if any.

    ``first`` leaves out the sessions before it, ``base`` those before the last session on or before it: the one whose
    value a period begins with. What moved up to the session before belongs to days that were not asked for.
    """
    begin = min(starts, default=last + 1)
    if begin > last:
        return np.zeros(0, np.int64), None
    days = market.sessions(calendar, begin, last)
    cut = 0 if first is None else int(np.searchsorted(days, first, side="left"))
    if base is not None:
        cut = max(cut, int(np.searchsorted(days, base, side="right")) - 1)
    return days[cut:], int(days[cut - 1]) if cut else None


def opens_after(market: MarketSnapshot, calendar: str, after: int, opening: int) -> bool:
    """Whether ``opening`` is the first session after ``after``: nothing can have been measured between the two."""
    return opening > after and not len(market.sessions(calendar, after + 1, opening - 1))
