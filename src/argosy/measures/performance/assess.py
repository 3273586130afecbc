"""Measures of a return series by date: at a frequency, beside a benchmark on matching days, with what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure
from argosy.base.table import Table
from argosy.measures.performance.blends import matching_returns
from argosy.measures.performance.catalogue import Measures, measure_all
from argosy.measures.performance.conventions import GIPS, Convention
from argosy.measures.performance.frequency import PERIODS_PER_YEAR, Frequency, at_frequency, group_numbers
from argosy.measures.performance.reasons import Float64
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.performance.series import Int64


@dataclass(frozen=True, eq=False)
class Assessment:
    """Measures of one series, the days of the returns they rest on, and notes about what was left out."""

    measures: Measures
    days: Int64
    returns: Float64
    benchmark: Float64 | None
    periods_per_year: float
    notes: tuple[str, ...]

    def table(self) -> Table:
        """Measure, value, unit and reason."""
        found = self.measures.table()
        return Table(found.name, found.columns, notes=(*found.notes, *self.notes))


def assess(
    series: ReturnSeries,
    *,
    frequency: Frequency = "daily",
    periods_per_year: float | None = None,
    benchmark: ReturnSeries | None = None,
    names: Sequence[str] | None = None,
    risk_free: Any = 0.0,
    target: Any = 0.0,
    confidence: float = 0.95,
    convention: Convention = GIPS,
    sessions: Int64 | None = None,
) -> Assessment:
    """Measure a series of dated returns.

    ``frequency`` links daily returns first; periods covered in part are left out and noted. ``periods_per_year`` is
    needed for daily returns only. Returns without a counterpart on the other side are left out and noted. Raises
    :class:`UndefinedMeasure` naming the first day whose return does not exist, :class:`MissingData` when no whole
    period is left or the two sides have none in common.

    Examples
    --------
    >>> from argosy.measures.performance.returns import daily_returns
    >>> daily = daily_returns([0, 1, 2, 3], [100, 101, 99, 102], [0, 0, 0, 0])
    >>> round(assess(daily, periods_per_year=252, names=["total_return"]).measures.value("total_return"), 6)
    0.02
    """
    year = PERIODS_PER_YEAR.get(frequency) if periods_per_year is None else periods_per_year
    if year is None:
        raise InvalidInput(
            "periods_per_year is missing", field="periods_per_year",
            next_step="say how many daily returns make a year: 252, 260 or 365",
        )  # fmt: skip
    notes: list[str] = []
    mine = _whole(series, frequency, "portfolio", sessions, notes)
    days, returns, market = mine.days, mine.values, None
    if benchmark is not None:
        theirs = _whole(benchmark, frequency, "benchmark", sessions, notes)
        if frequency == "daily":
            matched = matching_returns(days, returns, theirs.days, theirs.values)
            days, returns, market = matched.days, matched.mine, matched.theirs
            notes += matched.notes
        else:
            # The last valued day of a month may differ; the month is the same.
            left, right = group_numbers(days, frequency), group_numbers(theirs.days, frequency)
            matched = matching_returns(left, returns, right, theirs.values)
            place = np.searchsorted(left, matched.days)
            days, returns, market = days[place], matched.mine, matched.theirs
            for count, whose in ((matched.only_mine.size, "portfolio"), (matched.only_theirs.size, "benchmark")):
                if count:
                    notes.append(f"{count} periods of the {whose} have no counterpart and are left out")
    found = measure_all(
        returns, periods_per_year=year, names=names, benchmark=market, risk_free=risk_free, target=target,
        confidence=confidence, convention=convention,
    )  # fmt: skip
    return Assessment(found, days, returns, market, year, tuple(notes))


def _whole(
    series: ReturnSeries, frequency: Frequency, whose: str, sessions: Int64 | None, notes: list[str]
) -> ReturnSeries:
    regrouped = at_frequency(series, frequency, sessions=sessions)
    cut = int((~regrouped.whole).sum())
    if cut:
        notes.append(f"{cut} periods of the {whose} are covered in part and left out")
    kept = regrouped.complete
    if not len(kept):
        raise MissingData(
            f"the {whose} has no whole period at the {frequency} frequency", field=whose,
            next_step="give a longer history or a higher frequency",
        )  # fmt: skip
    if not kept.defined.all():
        day = int(kept.days[int(np.argmin(kept.defined))])
        raise UndefinedMeasure(
            f"the return of the {whose} on {format_date(day)} does not exist", field=whose, found=day,
            next_step="measure the time after it",
        )  # fmt: skip
    return kept
