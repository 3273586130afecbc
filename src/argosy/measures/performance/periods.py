"""Returns of the periods people ask for, and the drawdowns on the way."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.dates import format_date, from_date, parse_date, to_date
from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Column, Table
from argosy.measures.performance.returns import Float64, Int64, Outcome, ReturnSeries

PERIODS = ("MTD", "QTD", "YTD", "1Y", "ITD")
"""Month, quarter and year to date, one year (also 3Y, 5Y and so on), since inception."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the end of ``after`` to the end of ``last`` (epoch days)."""

    name: str
    after: int
    last: int


def period(name: str, last: int, *, inception: int) -> Period:
    """A named period that ends on ``last``; ``2021-01-01..2021-06-30`` names a custom one (both days inside).

    Examples
    --------
    >>> from argosy.base.dates import parse_date, format_date
    >>> format_date(period("QTD", parse_date("2022-05-17"), inception=0).after)
    '2022-03-31'
    """
    at = to_date(last)
    match name.upper():
        case "MTD":
            start = at.replace(day=1)
        case "QTD":
            start = datetime.date(at.year, at.month - (at.month - 1) % 3, 1)
        case "YTD":
            start = datetime.date(at.year, 1, 1)
        case years if years[:-1].isdecimal() and years.endswith("Y") and 0 < int(years[:-1]) <= 100:
            then = at.year - int(years[:-1])
            leap = at.month == 2 and at.day == 29 and (then % 4 != 0 or (then % 100 == 0 and then % 400 != 0))
            return Period(years, from_date(datetime.date(then, at.month, 28 if leap else at.day)), last)
        case "ITD":
            return Period("ITD", inception, last)
        case _ if ".." in name:
            first, _, end = name.partition("..")
            after, until = (parse_date(text, field="period") for text in (first, end))
            if until < after:
                raise InvalidInput(
                    f"period {name!r} ends before it begins", field="period", found=name, expected="FROM..TO",
                    next_step=f"the earlier date comes first: {end}..{first}",
                )  # fmt: skip
            return Period(name, after - 1, until)
        case _:
            raise unknown("period", name, (*PERIODS, "3Y", "5Y"))
    return Period(name.upper(), from_date(start) - 1, last)


def window(names: Sequence[str], last: int) -> tuple[int | None, int]:
    """The days that periods need: the day on or before which the first begins (None: all history), and the last end.

    ``last`` is the day periods end on unless they name their own. A period may end on a session before it, so a
    fortnight more is asked for.

    Examples
    --------
    >>> window(["2022-02-01..2022-02-28", "2022-03-01..2022-03-31"], 30000) == (19023, 19082)
    True
    >>> window(["MTD", "ITD"], 30000)
    (None, 30000)
    """
    if any(name.upper() == "ITD" for name in names):
        return None, last
    spans = [period(name, at, inception=at) for name in names for at in (last, last - 14)]
    return min(one.after for one in spans), max(last if ".." not in one.name else one.last for one in spans)


@dataclass(frozen=True, slots=True)
class PeriodReturn:
    """Time-weighted return of a period, beside its benchmark's where one was given."""

    period: Period
    portfolio: Outcome
    benchmark: Outcome | None = None

    @property
    def excess(self) -> Outcome:
        """Portfolio less benchmark (arithmetic)."""
        if self.benchmark is None:
            return Outcome(0.0, "there is no benchmark")
        if not self.portfolio.defined or not self.benchmark.defined:
            return Outcome(0.0, self.portfolio.reason or self.benchmark.reason)
        return Outcome(self.portfolio.value - self.benchmark.value)


def period_return(series: ReturnSeries, asked: Period) -> Outcome:
    """Link the returns of a period; a period that begins before the series has no return.

    Examples
    --------
    >>> from argosy.measures.performance.returns import daily_returns
    >>> series = daily_returns([10, 11, 12], [100, 110, 121], [0, 0, 0])
    >>> round(period_return(series, Period("x", 10, 12)).number(), 6)
    0.21
    >>> period_return(series, Period("x", 5, 12)).reason
    'the history begins on 1970-01-11, after the start of the period (1970-01-06)'
    """
    inside = series.between(asked.after, asked.last)
    if not len(inside):
        asked_for = f"there is no return from {format_date(asked.after)} to {format_date(asked.last)}"
        if not len(series):
            return Outcome(0.0, asked_for)
        begins, ends = format_date(int(series.before[0])), format_date(int(series.days[-1]))
        return Outcome(0.0, f"{asked_for}; the history runs from {begins} to {ends}")
    # The base is the last value on or before the end of `after`: weekends and holidays lie between.
    if int(series.before[0]) > asked.after:
        return Outcome(
            0.0,
            f"the history begins on {format_date(int(series.before[0]))}, "
            f"after the start of the period ({format_date(asked.after)})",
        )
    return inside.linked()


def period_table(returns: Sequence[PeriodReturn], *, name: str = "returns") -> Table:
    """Period, from, to, portfolio, benchmark and excess; what does not exist is missing and explained in the notes."""

    def ratio(label: str, outcomes: Sequence[Outcome]) -> Column:
        return Column(label, "ratio", [o.value for o in outcomes], missing=[not o.defined for o in outcomes])

    columns = [
        Column("period", "text", [r.period.name for r in returns]),
        Column("from", "date", [r.period.after for r in returns]),
        Column("to", "date", [r.period.last for r in returns]),
        ratio("portfolio", [r.portfolio for r in returns]),
    ]
    if any(r.benchmark is not None for r in returns):
        none = Outcome(0.0, "there is no benchmark")
        columns += [
            ratio("benchmark", [r.benchmark or none for r in returns]),
            ratio("excess", [r.excess for r in returns]),
        ]
    notes = [f"{r.period.name}: {r.portfolio.reason}" for r in returns if r.portfolio.reason]
    notes += [f"{r.period.name} benchmark: {r.benchmark.reason}" for r in returns if r.benchmark and r.benchmark.reason]
    return Table(name, tuple(columns), notes=tuple(notes))


@dataclass(frozen=True, eq=False)
class Drawdowns:
    """How far the linked value stood below its highest earlier point, as a positive fraction, by day.

    The series starts afresh after a day whose return does not exist.
    """

    days: Int64
    values: Float64
    index: Float64
    """Linked value, 1.0 at the start."""

    @property
    def worst(self) -> tuple[float, int, int]:
        """Largest drawdown, the day of its peak and the day of its trough (0.0 and no days for an empty series)."""
        if not len(self.days):
            return 0.0, 0, 0
        trough = int(np.argmax(self.values))
        peak = int(np.argmax(self.index[: trough + 1]))
        return float(self.values[trough]), int(self.days[peak]), int(self.days[trough])

    def table(self, name: str = "drawdown") -> Table:
        """Date, linked value and drawdown."""
        return Table(
            name,
            (
                Column("date", "date", self.days.tolist()),
                Column("index", "ratio", self.index, unit="x"),
                Column("drawdown", "ratio", self.values),
            ),
        )


def drawdowns(series: ReturnSeries) -> Drawdowns:
    """Drawdown of each day, from the base of the first return on.

    Examples
    --------
    >>> from argosy.measures.performance.returns import daily_returns
    >>> found = drawdowns(daily_returns([1, 2, 3, 4], [100, 120, 90, 130], [0, 0, 0, 0]))
    >>> found.values.tolist(), found.worst
    ([0.0, 0.0, 0.25, 0.0], (0.25, 2, 3))
    """
    good = np.flatnonzero(~series.defined)
    first = int(good[-1]) + 1 if len(good) else 0
    if first >= len(series):
        return Drawdowns(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    index = np.concatenate([[1.0], np.cumprod(1.0 + series.values[first:])])
    days = np.concatenate([series.before[first : first + 1], series.days[first:]])
    peak = np.maximum.accumulate(index)
    return Drawdowns(days, 1.0 - index / peak, index)
