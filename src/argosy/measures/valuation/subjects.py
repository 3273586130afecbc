"""Whose value is asked for: portfolios, or groups of them whose members come and go, and which mandate rules when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.record.facts import FactKind
from argosy.record.mandate import Mandate
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
OPEN = 2**31
"""A day after all days."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of a valuation: a portfolio, or a group of them seen as one, in a reporting currency.

    ``members`` are (portfolio, from day, to day or 0), both days inside. ``sleeve`` is the number of one sleeve of
    the only member (0: what is in none), -1 for the whole.
    """

    id: int
    code: str
    currency: str
    members: tuple[tuple[int, int, int], ...]
    sleeve: int = -1

    @property
    def is_group(self) -> bool:
        """Whether transfers between members are internal."""
        return len(self.members) > 1

    def portfolios(self) -> frozenset[int]:
        """Ids of all that were ever members."""
        return frozenset(portfolio for portfolio, _, _ in self.members)


def portfolio_subjects(
    reference: Reference, portfolios: Iterable[int], *, currency: str | None = None
) -> list[Subject]:
    """One subject for each portfolio, in its base currency unless another is asked for."""
    found = (reference.portfolios[one] for one in portfolios)
    return [Subject(one.id, one.code, currency or one.base_currency, ((one.id, 0, 0),)) for one in found]


def group_subject(reference: Reference, group: str | int, *, currency: str | None = None) -> Subject:
    """A group seen as one; without a currency its members must share their base."""
    found = reference.group(group)
    return Subject(-found.id, found.code, currency or common_base(reference, [m[0] for m in found.members]),
                   found.members)  # fmt: skip


def firm_subject(reference: Reference, portfolios: Sequence[int], *, currency: str | None = None) -> Subject:
    """Several portfolios seen as one for all days."""
    shared = currency or common_base(reference, portfolios)
    return Subject(0, "TOTAL", shared, tuple((portfolio, 0, 0) for portfolio in dict.fromkeys(portfolios)))


def common_base(reference: Reference, portfolios: Sequence[int]) -> str:
    """The base currency portfolios share; asks for a reporting currency when they do not."""
    bases = sorted({reference.portfolios[one].base_currency for one in portfolios})
    if len(bases) != 1:
        raise InvalidInput(
            f"the portfolios have {len(bases)} base currencies ({', '.join(bases)})",
            field="currency",
            expected="one reporting currency",
            next_step="name the reporting currency, as in --currency EUR",
        )
    return bases[0]


@dataclass(frozen=True, slots=True)
class Segment:
    """From day index ``first`` up to ``stop`` a portfolio belongs to a subject and one mandate rules."""

    subject: int
    portfolio: int
    first: int
    stop: int
    mandate: Mandate
    mandate_seq: int


def segments(reference: Reference, subjects: Sequence[Subject], days: Int64) -> list[Segment]:
    """Cut each membership where its portfolio's mandate changes; sorted by portfolio, then subject and day.

    A portfolio that was closed is valued up to and with its closing day.
    """
    found: list[Segment] = []
    defaults: dict[str, Mandate] = {}
    for number, subject in enumerate(subjects):
        for portfolio, begin, end in subject.members:
            first = int(np.searchsorted(days, begin, side="left"))
            closed = reference.portfolios[portfolio].closed or OPEN
            stop = int(np.searchsorted(days, min(end or OPEN, closed), side="right"))
            facts = reference.versions.get((FactKind.MANDATE, portfolio), ())
            starts = sorted({int(np.searchsorted(days, fact.effective, side="left")) for fact in facts})
            cuts = [first, *(at for at in starts if first < at < stop), stop]
            for a, b in pairwise(cuts):
                if a < b and not facts:
                    base = reference.portfolios[portfolio].base_currency
                    if base not in defaults:
                        defaults[base] = Mandate.default(base)
                    found.append(Segment(number, portfolio, a, b, defaults[base], 0))
                elif a < b:
                    day = int(days[a])
                    found.append(
                        Segment(number, portfolio, a, b, reference.mandate(portfolio, day),
                                reference.mandate_seq(portfolio, day))
                    )  # fmt: skip
    return sorted(found, key=lambda s: (s.portfolio, s.subject, s.first))


class SegmentIndex:
    """Segments as columns, to be matched with rows of many portfolios at once."""

    def __init__(self, listed: Sequence[Segment]) -> None:
        self.listed = listed
        self.portfolio = np.array([s.portfolio for s in listed], np.int64)
        self.subject = np.array([s.subject for s in listed], np.int64)
        self.first = np.array([s.first for s in listed], np.int64)
        self.stop = np.array([s.stop for s in listed], np.int64)

    def column(self, values: Iterable[int]) -> Int64:
        """One integer a segment."""
        return np.fromiter(values, np.int64, len(self.listed))

    def match(self, portfolio: Int64) -> tuple[Int64, Int64]:
        """All pairs (row, segment) of the same portfolio."""
        low = np.searchsorted(self.portfolio, portfolio, side="left")
        high = np.searchsorted(self.portfolio, portfolio, side="right")
        counts = high - low
        row = np.repeat(np.arange(len(portfolio)), counts)
        offset = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        return row, np.repeat(low, counts) + offset

    def clip(self, portfolio: Int64, first: Int64, stop: Int64) -> tuple[Int64, Int64, Int64, Int64]:
        """Runs cut to segments: (row, segment, first, stop), empty cuts left out."""
        row, segment = self.match(portfolio)
        begin = np.maximum(first[row], self.first[segment])
        end = np.minimum(stop[row], self.stop[segment])
        keep = begin < end
        return row[keep], segment[keep], begin[keep], end[keep]

    def on(self, portfolio: Int64, day: Int64) -> tuple[Int64, Int64]:
        """Events matched to the segment of their day index: (row, segment)."""
        row, segment = self.match(portfolio)
        keep = (self.first[segment] <= day[row]) & (day[row] < self.stop[segment])
        return row[keep], segment[keep]
