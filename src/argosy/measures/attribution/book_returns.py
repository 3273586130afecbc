"""Returns of a book by period and by step, on one basis or several beside each other, beside a benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.errors import MissingData
from argosy.base.table import Column, Table
from argosy.measures.attribution.bench_segments import BenchmarkSteps, levels_of
from argosy.measures.attribution.book_performance import benchmark_return, benchmark_series
from argosy.measures.performance.benchmark import compare
from argosy.measures.performance.frequency import Frequency, at_frequency, group_numbers
from argosy.measures.performance.periods import Period, PeriodReturn, drawdowns, period_return
from argosy.measures.performance.returns import Outcome, ReturnSeries
from argosy.measures.performance.summary import ReturnSummary


@dataclass(frozen=True, eq=False)
class BookReturns:
    """Returns of one subject: ``summary`` on the first basis, ``periods`` by basis, ``series`` by basis.

    Each basis has one return per period, in the order of the periods.
    """

    summary: ReturnSummary
    bases: dict[str, tuple[PeriodReturn, ...]]
    series: dict[str, ReturnSeries]
    benchmark: ReturnSeries | None = None
    """The benchmark's returns: between the days both have, or in the periods it was published for."""

    def table(self) -> Table:
        """A row for each period; with several bases a column for each of them."""
        found = self.summary.table()
        if len(self.bases) == 1:
            return found
        head = [column for column in found.columns if column.name in ("period", "from", "to")]
        tail = [column for column in found.columns if column.name == "benchmark"]
        rates = []
        notes = list(self.summary.notes)
        for basis, rows in self.bases.items():
            told = [row.portfolio for row in rows]
            rates.append(Column(basis, "ratio", [one.value for one in told], missing=[not one.defined for one in told]))
            notes += [f"{row.period.name} {basis}: {row.portfolio.reason}" for row in rows if row.portfolio.reason]
        return Table(found.name, (*head, *rates, *tail), notes=tuple(dict.fromkeys(notes)))

    def steps(self, frequency: Frequency = "daily") -> Table:
        """Return of each day, week, month, quarter or year, beside the benchmark's; a period in part says so."""
        one = self.summary
        label = {"daily": "Daily", "weekly": "Weekly", "monthly": "Monthly", "quarterly": "Quarterly",
                 "yearly": "Yearly"}[frequency]  # fmt: skip
        title = f"{label} returns of {one.name}"
        if frequency == "daily" and len(self.series) == 1:
            made = one.comparison.table(title) if one.comparison is not None else one.series.table(title)
            return Table(made.name, made.columns, notes=one.notes)
        parts = dict(self.series)
        if frequency != "daily" and self.benchmark is not None:
            if one.comparison is not None:
                # Both sides between the days they share, so that a period is the same time on both.
                parts[next(iter(parts))] = one.comparison.portfolio
            parts["benchmark"] = self.benchmark
        return _side_by_side(title, parts, frequency, one.notes)


def _side_by_side(title: str, parts: Mapping[str, ReturnSeries], frequency: Frequency, notes: Sequence[str]) -> Table:
    """Columns by period; one that a side lacks is missing there, and dated by the side that has it."""
    # Days before there was capital are no part of a period.
    begun = {name: (one, one.inception) for name, one in parts.items()}
    found = {
        name: at_frequency(one.since(start + 1), frequency) for name, (one, start) in begun.items() if start is not None
    }
    if not found:
        return Table(title, (), notes=("no day has a return yet", *notes))
    numbers = {name: group_numbers(one.series.days, frequency) for name, one in found.items()}
    # The benchmark is compared with the time of the portfolio, not the other way round.
    mine = [one for name, one in numbers.items() if name != "benchmark"] or list(numbers.values())
    periods = np.unique(np.concatenate(mine))
    days, whole = np.zeros(len(periods), np.int64), np.ones(len(periods), np.bool_)
    columns = []
    for name, one in found.items():
        inside = np.isin(numbers[name], periods)
        place = np.searchsorted(periods, numbers[name][inside])
        values, missing = np.zeros(len(periods)), np.ones(len(periods), np.bool_)
        values[place], missing[place] = one.series.values[inside], ~one.series.defined[inside]
        whole[place] &= one.whole[inside]
        days[place] = np.where(days[place] == 0, one.series.days[inside], days[place])
        columns.append(Column("return" if len(parts) == 1 else name, "ratio", values, missing=missing))
    part = int((~whole).sum())
    told = (f"{part} periods are covered in part",) if part else ()
    return Table(
        title,
        (Column("date", "date", days.tolist()), *columns,
         Column("covered", "text", ["whole" if one else "in part" for one in whole.tolist()])),
        notes=(*told, *notes),
    )  # fmt: skip


def book_returns(
    name: str, series: Mapping[str, ReturnSeries], spans: Sequence[Period], *, benchmark: BenchmarkSteps | None = None,
    notes: Sequence[str] = (),
) -> BookReturns:  # fmt: skip
    """Put returns by basis together; the benchmark is compared with the first basis, on the days both have."""
    first = next(iter(series.values()))
    said, comparison, beside = list(notes), None, None
    if benchmark is not None and benchmark.whole_periods:
        beside = benchmark_series(benchmark)
    elif benchmark is not None and len(first):
        days, levels = levels_of(benchmark)
        try:
            comparison = compare(first, days, levels)
            beside = comparison.benchmark
            said += () if len(benchmark.stale) else comparison.notes
        except MissingData as error:
            said.append(str(error))
    begun = first.inception

    def rows(one: ReturnSeries) -> tuple[PeriodReturn, ...]:
        none = Outcome(0.0, "no day has a return yet")
        return tuple(
            PeriodReturn(
                span, none if begun is None else period_return(one, span),
                None if benchmark is None else benchmark_return(benchmark, span),
            )
            for span in spans
        )  # fmt: skip

    found = {basis: rows(one) for basis, one in series.items()}
    summary = ReturnSummary(
        name, first, next(iter(found.values())), drawdowns(first), comparison, tuple(dict.fromkeys(said))
    )
    return BookReturns(summary, found, dict(series), beside)
