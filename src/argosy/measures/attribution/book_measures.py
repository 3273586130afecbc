"""Measures of a book over a span: the catalogue, rolling windows and intervals, beside a benchmark on shared days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from argosy.base.table import Table
from argosy.measures.attribution.bench_segments import BenchmarkSteps, levels_of
from argosy.measures.attribution.book_performance import benchmark_series
from argosy.measures.performance.assess import Assessment, assess
from argosy.measures.performance.benchmark import compare
from argosy.measures.performance.conventions import convention
from argosy.measures.performance.frequency import Frequency
from argosy.measures.performance.intervals import Intervals, MeasureIntervals, measure_intervals, usual
from argosy.measures.performance.periods import Period
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.performance.rolling import Rolling, dated_table, rolling_measures


@dataclass(frozen=True)
class Rating:
    """How measures are made: frequency of the returns, days a year, convention, parameters, windows and intervals."""

    frequency: str = ""
    per_year: float = 252.0
    convention: str = "GIPS"
    risk_free: float = 0.0
    target: float = 0.0
    confidence: float = 0.95
    names: tuple[str, ...] = ()
    window: int = 0
    intervals: str = ""
    seed: int | None = None
    draws: int = 2_000


@dataclass(frozen=True, eq=False)
class BookMeasures:
    """Measures of one subject over one span; ``rolling`` and ``intervals`` where they were asked for."""

    subject: str
    period: Period
    assessment: Assessment
    rolling: Rolling | None = None
    intervals: MeasureIntervals | None = None

    def table(self, *, notes: Sequence[str] = ()) -> Table:
        """What was asked for: windows by date, intervals, or measure by measure."""
        found = self.assessment
        title = f"Measures of {self.subject}, {self.period.name}"
        if self.rolling is not None:
            made = dated_table(self.rolling, found.days)
        else:
            made = found.table() if self.intervals is None else self.intervals.table()
        return Table(title, made.columns, notes=tuple(dict.fromkeys((*made.notes, *found.notes, *notes))))


def book_measures(
    subject: str, series: ReturnSeries, span: Period, how: Rating, *, benchmark: BenchmarkSteps | None = None
) -> BookMeasures:
    """Measure a span.

    Daily returns beside a benchmark run between the days both have, so a day one lacks is linked over and noted; days
    before there is capital are left out.
    """
    mine, theirs = series.existing(), None
    notes: tuple[str, ...] = ()
    if benchmark is not None and len(benchmark.days):
        theirs = benchmark_series(benchmark)
    long = theirs is not None and len(theirs) > 0 and int(theirs.days[0] - theirs.before[0]) > 8
    frequency = cast(Frequency, how.frequency or ("monthly" if long else "daily"))
    if benchmark is not None and theirs is not None and not benchmark.whole_periods and len(mine):
        both = compare(mine, *levels_of(benchmark))
        mine, theirs, notes = both.portfolio, both.benchmark, both.notes
    mine = mine.between(span.after, span.last)
    theirs = None if theirs is None else theirs.between(span.after, span.last)
    rule = convention(how.convention)
    found = assess(
        mine, frequency=frequency, periods_per_year=how.per_year if frequency == "daily" else None,
        benchmark=theirs if theirs is not None and len(theirs) else None, names=how.names or None,
        risk_free=how.risk_free, target=how.target, confidence=how.confidence, convention=rule,
    )  # fmt: skip
    found = replace(found, notes=tuple(dict.fromkeys((*found.notes, *notes))))
    rolling = intervals = None
    if how.window:
        rolling = rolling_measures(
            found.returns, how.window, usual(how.names, relative=found.benchmark is not None),
            periods_per_year=found.periods_per_year, benchmark=found.benchmark, risk_free=how.risk_free,
            target=how.target, confidence=how.confidence, convention=rule,
        )  # fmt: skip
    if how.intervals:
        intervals = measure_intervals(
            found.returns, how.names, method=cast(Intervals, how.intervals), periods_per_year=found.periods_per_year,
            seed=how.seed, draws=how.draws, benchmark=found.benchmark, risk_free=how.risk_free, target=how.target,
            confidence=how.confidence, convention=rule,
        )  # fmt: skip
    return BookMeasures(subject, span, found, rolling, intervals)
