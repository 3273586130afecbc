"""A portfolio's returns beside a benchmark's, on the days both have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData, MissingRate
from argosy.base.table import Column, Table
from argosy.measures.performance.returns import Float64, Int64, ReturnSeries
from argosy.record.market.benchmarks import Levels
from argosy.record.market.snapshot import MarketSnapshot


@dataclass(frozen=True, eq=False)
class Comparison:
    """Returns of both between matching days; ``portfolio`` and ``benchmark`` have the same days.

    ``only_portfolio`` and ``only_benchmark`` are days that one has and the other has not, inside the common range: the
    returns on both sides run over them, so nothing is lost and nothing invented.
    """

    portfolio: ReturnSeries
    benchmark: ReturnSeries
    only_portfolio: Int64
    only_benchmark: Int64

    @property
    def notes(self) -> tuple[str, ...]:
        """The mismatches in words."""
        found = []
        for days, who, other in (
            (self.only_portfolio, "portfolio", "benchmark"),
            (self.only_benchmark, "benchmark", "portfolio"),
        ):
            if len(days):
                shown = ", ".join(format_date(int(day)) for day in days[:5]) + (" ..." if len(days) > 5 else "")
                found.append(f"{len(days)} days of the {who} are not in the {other} and were linked over: {shown}")
        return tuple(found)

    def table(self, name: str = "comparison") -> Table:
        """Date, portfolio, benchmark and excess return of each matching day."""
        missing = ~self.portfolio.defined
        return Table(
            name,
            (
                Column("date", "date", self.portfolio.days.tolist()),
                Column("portfolio", "ratio", self.portfolio.values, missing=missing),
                Column("benchmark", "ratio", self.benchmark.values),
                Column("excess", "ratio", self.portfolio.values - self.benchmark.values, missing=missing),
            ),
            notes=self.notes,
        )


def level_returns(days: Int64, levels: Float64) -> ReturnSeries:
    """Returns of an index given by levels (all above zero).

    Examples
    --------
    >>> level_returns(np.array([1, 2]), np.array([100.0, 101.0])).values.round(4).tolist()
    [0.01]
    """
    if not (np.isfinite(levels).all() and (levels > 0).all()):
        raise InvalidInput("a benchmark level is zero, negative or not a number", field="levels")
    before = levels[:-1]
    return ReturnSeries(
        days[1:], days[:-1], levels[1:] / before - 1.0, np.ones(len(before), np.bool_), before
    )  # fmt: skip


def levels_in(market: MarketSnapshot, found: Levels, currency: str) -> tuple[Int64, Float64]:
    """Days and levels of a benchmark in another currency, at the rate of each day; MissingRate where there is none."""
    if found.currency in ("", currency) or not len(found.days):
        return found.days, found.levels
    rows = market.rate_rows([found.currency], currency, found.days)
    if rows.missing.any():
        gap = rows.gaps()[0]
        raise MissingRate(
            f"benchmark {found.code} needs {found.currency}/{currency} from {format_date(gap.first)} to "
            f"{format_date(gap.last)}",
            field="fx",
            next_step="import its rates",
        )
    return found.days, found.levels * (rows.num[:, 0].astype(np.float64) / rows.den[:, 0].astype(np.float64))


def compare(series: ReturnSeries, days: Int64, levels: Float64) -> Comparison:
    """Match a portfolio's returns with benchmark levels (``days`` ascending, ``levels`` above zero).

    Raises :class:`MissingData` when they have no two days in common.

    Examples
    --------
    >>> from argosy.measures.performance.returns import daily_returns
    >>> mine = daily_returns([1, 2, 3], [100, 110, 121], [0, 0, 0])
    >>> found = compare(mine, np.array([1, 3, 4]), np.array([50.0, 55.0, 60.0]))
    >>> found.portfolio.values.round(4).tolist(), found.benchmark.values.round(4).tolist(), found.notes
    ([0.21], [0.1], ('1 days of the portfolio are not in the benchmark and were linked over: 1970-01-03',))
    """
    own = np.concatenate([series.before[:1], series.days])
    common, mine, theirs = np.intersect1d(own, days, return_indices=True)
    if len(common) < 2:
        raise MissingData("portfolio and benchmark have no two days in common", field="benchmark")
    first, last = common[0], common[-1]
    gaps = np.concatenate([[0], np.cumsum(~series.defined)])
    # Link over the skipped days; a single day keeps its own figure to the last bit.
    linked = np.multiply.reduceat(1.0 + series.values[mine[0] : mine[-1]], mine[:-1] - mine[0]) - 1.0
    values = np.where(np.diff(mine) == 1, series.values[mine[1:] - 1], linked)
    defined = np.diff(gaps[mine]) == 0
    portfolio = ReturnSeries(
        common[1:], common[:-1], np.where(defined, values, 0.0), defined, series.base[mine[:-1]], series.timing
    )
    inside = own[(own >= first) & (own <= last)]
    others = days[(days >= first) & (days <= last)]
    return Comparison(
        portfolio,
        level_returns(common, levels[theirs]),
        np.setdiff1d(inside, common),
        np.setdiff1d(others, common),
    )
