"""Returns of one subject put together: by day, by period, beside a benchmark, with its drawdowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import MissingData
from argosy.base.table import Table
from argosy.measures.performance.benchmark import Comparison, compare, level_returns
from argosy.measures.performance.periods import (
    PERIODS,
    Drawdowns,
    PeriodReturn,
    drawdowns,
    period,
    period_return,
    period_table,
)
from argosy.measures.performance.returns import Float64, Int64, Outcome, ReturnSeries


@dataclass(frozen=True, eq=False)
class ReturnSummary:
    """What :func:`summarize` puts together. ``notes`` say what could not be compared and why."""

    name: str
    series: ReturnSeries
    periods: tuple[PeriodReturn, ...]
    drawdowns: Drawdowns
    comparison: Comparison | None
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """The period table."""
        found = period_table(self.periods, name=f"Returns of {self.name}")
        return Table(found.name, found.columns, notes=(*found.notes, *self.notes))


def summarize(
    name: str,
    series: ReturnSeries,
    *,
    last: int,
    periods: Sequence[str] = PERIODS,
    benchmark: tuple[Int64, Float64] | None = None,
    notes: Sequence[str] = (),
) -> ReturnSummary:
    """Returns of the periods that end on ``last`` (epoch day), with the benchmark's (days and levels) beside them.

    A period's benchmark return runs between the benchmark's last levels on or before the period's two ends.
    """
    inception = series.inception
    said = list(notes)
    comparison = None
    if benchmark is not None:
        level_returns(*benchmark)  # refuses levels that are zero, negative or no numbers
        try:
            comparison = compare(series, *benchmark)
            said += comparison.notes
        except MissingData as error:
            said.append(str(error))
    rows = []
    for asked in periods:
        span = period(asked, last, inception=inception if inception is not None else last)
        mine = Outcome(0.0, "no day has a return yet") if inception is None else period_return(series, span)
        other = _between(*benchmark, span.after, span.last) if benchmark is not None else None
        rows.append(PeriodReturn(span, mine, other))
    return ReturnSummary(name, series, tuple(rows), drawdowns(series), comparison, tuple(said))


def _between(days: Int64, levels: Float64, after: int, last: int) -> Outcome:
    start, end = (int(np.searchsorted(days, day, side="right")) - 1 for day in (after, last))
    if start < 0:
        return Outcome(0.0, f"the benchmark begins on {format_date(int(days[0]))}, after {format_date(after)}")
    if start == end:
        return Outcome(0.0, f"the benchmark has no level after {format_date(after)}")
    return Outcome(float(levels[end] / levels[start]) - 1.0)
