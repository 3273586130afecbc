"""Conventions by name: the choices on which libraries and standards differ, so that a figure can be reconciled.

Each preset says what it follows. Where a standard leaves the choice open, the preset takes the house's: sample standard
deviation, target semideviation over all periods, arithmetic mean times periods per year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from argosy.base.errors import unknown


@dataclass(frozen=True, slots=True)
class Convention:
    """How measures are defined where definitions differ; ``docs/formulas/conventions.md`` explains each field."""

    name: str
    note: str
    ddof: int = 1
    """Volatility and tracking error divide by n - ddof."""
    under_a_year: bool = False
    """Whether a return over less than a year is annualized."""
    reward: Literal["arithmetic", "geometric"] = "arithmetic"
    """Annual reward of Treynor, M squared: mean times periods per year, or the compounded annual return."""
    alpha: Literal["regression", "regression_compounded", "annual_returns"] = "regression"
    """Intercept times periods per year, compounded, or from annual returns."""
    information: Literal["annual", "geometric", "period"] = "annual"
    """Numerator and scale of the information ratio."""
    semideviation: Literal["annual", "period"] = "annual"
    """Scale of downside deviation and Sortino ratio."""
    shape: Literal["moment", "sample"] = "moment"
    """Skewness and kurtosis from moments, or corrected for bias."""
    capture: Literal["geometric_mean", "annual", "compounded", "sum"] = "geometric_mean"
    """Return over rising (falling) periods that the capture ratios compare."""
    burke: Literal["drawdowns", "losing_runs"] = "drawdowns"
    """Whether Burke's drawdowns run from peak to recovery or over successive losses."""
    quantile: Literal["interpolated", "order"] = "interpolated"
    """Value at risk: type-7 quantile, or the order statistic."""
    shortfall: Literal["integral", "mean_below"] = "integral"
    """Expected shortfall: tail integral with its fractional observation, or mean at or below the quantile."""
    sterling_excess: float = 0.10
    """Added to the maximum drawdown under the Sterling ratio."""
    specific_ddof: int = 1
    """Specific risk divides by n - specific_ddof."""


GIPS = Convention(
    "GIPS",
    "GIPS 2020: returns over less than a year are not annualized; what it leaves open is as the house does it",
)
R = Convention(
    "R",
    "R PerformanceAnalytics 2.1",
    under_a_year=True,
    reward="geometric",
    alpha="annual_returns",
    information="geometric",
    semideviation="period",
    capture="compounded",
    burke="losing_runs",
    shortfall="mean_below",
    specific_ddof=0,
)
EMPYRICAL = Convention(
    "empyrical",
    "empyrical-reloaded 0.7 (skewness and kurtosis as pandas)",
    under_a_year=True,
    alpha="regression_compounded",
    information="period",
    shape="sample",
    capture="annual",
    shortfall="mean_below",
)
BASEL = Convention(
    "Basel",
    "Basel market risk: loss quantile by order statistic, shortfall by tail integral; else as GIPS",
    quantile="order",
)

CONVENTIONS = {convention.name: convention for convention in (GIPS, R, EMPYRICAL, BASEL)}


def convention(name: str) -> Convention:
    """Find a preset by its name, whatever the case.

    Examples
    --------
    >>> convention("gips").under_a_year
    False
    """
    found = {known.lower(): preset for known, preset in CONVENTIONS.items()}.get(name.lower())
    if found is None:
        raise unknown("convention", name, CONVENTIONS)
    return found
