"""What is missing for a valuation, as values: which price or rate, of whom, for which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from argosy.base.dates import format_date
from argosy.base.errors import MissingData, MissingPrice, MissingRate, StaleData

GapKind = Literal["price", "stale", "rate"]


@dataclass(frozen=True, slots=True)
class Gap:
    """One price or rate that is missing (or too old) from ``first`` to ``last`` (epoch days, valuation days only).

    ``subject`` is an instrument's code or a pair such as USD/EUR; ``portfolios`` are the codes that cannot be valued.

    Examples
    --------
    >>> Gap("price", "AAPL", 18993, 18994, ("GROWTH",)).text()
    'no price of AAPL from 2022-01-01 to 2022-01-02 (GROWTH)'
    """

    kind: GapKind
    subject: str
    first: int
    last: int
    portfolios: tuple[str, ...] = ()
    detail: str = ""

    def text(self) -> str:
        """One line for people."""
        when = (
            f"on {format_date(self.first)}"
            if self.first == self.last
            else f"from {format_date(self.first)} to {format_date(self.last)}"
        )
        what = {"price": "no price of", "stale": "no fresh price of", "rate": "no exchange rate"}[self.kind]
        who = f" ({', '.join(self.portfolios[:5])}{', ...' if len(self.portfolios) > 5 else ''})"
        return f"{what} {self.subject} {when}{who if self.portfolios else ''}" + (
            f": {self.detail}" if self.detail else ""
        )


_ERRORS: dict[str, tuple[type[MissingData], str]] = {
    "price": (MissingPrice, "import prices for these days"),
    "stale": (StaleData, "import newer prices, or raise prices.max_age_days in the mandate"),
    "rate": (MissingRate, "import exchange rates for these days"),
}


def refuse(gaps: Sequence[Gap]) -> NoReturn:
    """Raise MissingPrice, StaleData or MissingRate (the first that applies) with all gaps in the text.

    The exception's ``found`` holds the gaps.
    """
    kind = next(kind for kind in _ERRORS if any(gap.kind == kind for gap in gaps))
    error, step = _ERRORS[kind]
    shown = "; ".join(gap.text() for gap in gaps[:8]) + (f"; and {len(gaps) - 8} more" if len(gaps) > 8 else "")
    raise error(shown, field=kind, found=tuple(gaps), next_step=step)


def merge_gaps(found: Iterable[tuple[GapKind, str, int, str]], days: Sequence[int]) -> list[Gap]:
    """Join single (kind, subject, day, portfolio) findings over adjacent valuation ``days`` and over portfolios.

    Examples
    --------
    >>> [gap.text() for gap in merge_gaps([("rate", "USD/EUR", 4, "A"), ("rate", "USD/EUR", 1, "A")], [1, 4, 5])]
    ['no exchange rate USD/EUR from 1970-01-02 to 1970-01-05 (A)']
    """
    place = {day: number for number, day in enumerate(days)}
    by_subject: dict[tuple[GapKind, str], dict[int, set[str]]] = {}
    for kind, subject, day, portfolio in found:
        by_subject.setdefault((kind, subject), {}).setdefault(day, set()).add(portfolio)
    gaps: list[Gap] = []
    for (kind, subject), missing in sorted(by_subject.items()):
        start: int | None = None
        previous = 0
        who: set[str] = set()
        for day in sorted(missing):
            if start is not None and place.get(day, 0) != place.get(previous, 0) + 1:
                gaps.append(Gap(kind, subject, start, previous, tuple(sorted(who))))
                start, who = None, set()
            start = day if start is None else start
            who |= missing[day]
            previous = day
        if start is not None:
            gaps.append(Gap(kind, subject, start, previous, tuple(sorted(who))))
    return gaps
