"""The drawdowns of a return series one by one: depth, start, trough, recovery and lengths, the deepest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.table import Column, Table
from argosy.measures.performance.linking import linked_path
from argosy.measures.performance.reasons import Float64
from argosy.measures.performance.series import Int64, ascending, day_numbers, refusal, vector


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall from a peak. Places count periods ended: 0 is the start of the series, T its end.

    ``recovery`` is None while wealth is still below the peak.
    """

    depth: float
    peak: int
    trough: int
    recovery: int | None
    last: int

    @property
    def length(self) -> int:
        """Periods from peak to recovery, or so far."""
        return (self.last if self.recovery is None else self.recovery) - self.peak

    @property
    def to_trough(self) -> int:
        """Periods from peak to trough."""
        return self.trough - self.peak

    @property
    def to_recovery(self) -> int | None:
        """Periods from trough to recovery, None while open."""
        return None if self.recovery is None else self.recovery - self.trough


def drawdown_path(returns: Any, *, compounded: bool = True) -> Float64:
    """Give the fraction below the highest wealth so far after each period (T,), from a starting wealth of 1.

    Uncompounded, wealth is 1 plus the sum of returns and the fall is in points of the starting wealth.

    Examples
    --------
    >>> drawdown_path([-0.1, 0.2, -0.5]).round(12).tolist()
    [0.1, 0.0, 0.5]
    """
    wealth, peaks = _wealth(returns, compounded=compounded)
    fall = 1.0 - wealth / peaks if compounded else peaks - wealth
    return np.asarray(fall[1:])


def drawdowns_of(returns: Any, *, compounded: bool = True) -> list[Drawdown]:
    """List every drawdown, the deepest first.

    Examples
    --------
    >>> found = drawdowns_of([0.1, -0.2, 0.3, -0.05])
    >>> [(round(one.depth, 6), one.peak, one.trough, one.recovery) for one in found]
    [(0.2, 1, 2, 3), (0.05, 3, 4, None)]
    """
    wealth, peaks = _wealth(returns, compounded=compounded)
    fall = 1.0 - wealth / peaks if compounded else peaks - wealth
    under = wealth < peaks
    edges = np.diff(np.concatenate([[0], under.astype(np.int8), [0]]))
    found = []
    for first, after in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        trough = first + int(fall[first:after].argmax())
        recovery = after if after < wealth.size else None
        found.append(Drawdown(float(fall[trough]), first - 1, trough, recovery, wealth.size - 1))
    return sorted(found, key=lambda one: (-one.depth, one.peak))


def drawdown_table(
    returns: Any, *, days: Any = None, most: int | None = 10, compounded: bool = True, name: str = "drawdowns"
) -> Table:
    """Tabulate the deepest drawdowns; ``days`` (T + 1,) turns places into dates, the first being the start.

    Examples
    --------
    >>> months = ["2020-12-31", "2021-01-31", "2021-02-28", "2021-03-31"]
    >>> drawdown_table([0.1, -0.2, 0.3], days=months).rows()[0]["trough"]
    datetime.date(2021, 2, 28)
    """
    found = drawdowns_of(returns, compounded=compounded)[:most]
    at: Int64 | None = None
    if days is not None:
        at = day_numbers(days)
        ascending(at)
        if at.size != np.size(returns) + 1:
            raise refusal(
                f"there are {at.size} days for {np.size(returns)} returns",
                field="days",
                expected="one more than returns",
            )

    def places(label: str, values: list[int | None]) -> Column:
        missing = np.array([value is None for value in values], dtype=np.bool_)
        shown = [0 if value is None else value for value in values]
        if at is None:
            return Column(label, "integer", shown, missing=missing)
        return Column(label, "date", [int(at[value]) for value in shown], missing=missing)

    open_ones = sum(one.recovery is None for one in found)
    return Table(
        name,
        (
            Column("depth", "ratio", [one.depth for one in found]),
            places("start", [one.peak for one in found]),
            places("trough", [one.trough for one in found]),
            places("recovery", [one.recovery for one in found]),
            Column("length", "integer", [one.length for one in found]),
            Column("to trough", "integer", [one.to_trough for one in found]),
        ),
        notes=(f"{open_ones} not recovered yet",) if open_ones else (),
    )


def _wealth(returns: Any, *, compounded: bool) -> tuple[Float64, Float64]:
    if compounded:
        wealth = linked_path(returns)
    else:
        wealth = 1.0 + np.concatenate([[0.0], np.cumsum(vector(returns, "returns", least=0))])
    return wealth, np.maximum.accumulate(wealth)
