"""Sums of many return series under one convention: all that a measure needs, made in one pass over the returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels import stats
from argosy.measures.performance.conventions import GIPS, Convention
from argosy.measures.performance.reasons import Flags, Measured, Reason
from argosy.measures.performance.series import Float64, Int64, beside, block, refusal, refuse_not_finite

# Deviations this small beside the values are rounding: the series does not vary.
ROUNDING = 8.0 * float(np.finfo(np.float64).eps)
# A year of 252 daily returns is a year although 252 / 252.0 may come out a hair below 1.
YEAR = 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class Statistics:
    """Sums (S, WIDTH) of S series, with what turns them into measures. Made by :func:`summarize`."""

    sums: Float64
    periods_per_year: float
    confidence: float
    convention: Convention
    has_benchmark: bool

    def __len__(self) -> int:
        return len(self.sums)

    def __getitem__(self, name: str) -> Float64:
        return np.asarray(self.sums[:, stats.PLACE[name]])

    @property
    def years(self) -> Float64:
        """Length of each series in years."""
        return np.asarray(self["count"] / self.periods_per_year)

    @property
    def short(self) -> tuple[Flags, Reason]:
        """Too few returns for a standard deviation."""
        return self["count"] <= self.convention.ddof, Reason.TOO_SHORT

    @property
    def constant(self) -> tuple[Flags, Reason]:
        """Returns that differ by rounding only."""
        scale = np.maximum(np.abs(self["smallest"]), np.abs(self["largest"]))
        return self["m2"] <= self["count"] * (ROUNDING * scale) ** 2, Reason.NO_DISPERSION

    @property
    def constant_excess(self) -> tuple[Flags, Reason]:
        """Excess returns that differ by rounding only."""
        scale = np.maximum(np.abs(self["smallest"]), np.abs(self["largest"]))
        scale = scale + np.abs(self["mean"] - self["excess_mean"])
        return self["excess_m2"] <= self["count"] * (ROUNDING * scale) ** 2, Reason.NO_DISPERSION

    @property
    def below_total_loss(self) -> tuple[Flags, Reason]:
        """A return under -100%."""
        return self["smallest"] < -1.0, Reason.BELOW_TOTAL_LOSS

    @property
    def under_a_year(self) -> tuple[Flags, Reason]:
        """Shorter than a year where the convention does not annualize that."""
        return (self.years < YEAR) & (not self.convention.under_a_year), Reason.UNDER_A_YEAR

    @property
    def constant_benchmark(self) -> tuple[Flags, Reason]:
        """A benchmark (over the risk-free rate) that differs by rounding only."""
        scale = self["benchmark_scale"] + np.abs(self["mean"] - self["excess_mean"])
        return self["benchmark_excess_m2"] <= self["count"] * (ROUNDING * scale) ** 2, Reason.CONSTANT_BENCHMARK

    @property
    def no_active_risk(self) -> tuple[Flags, Reason]:
        """Active returns that differ by rounding only."""
        scale = np.maximum(np.abs(self["smallest"]), np.abs(self["largest"])) + self["benchmark_scale"]
        return self["active_m2"] <= self["count"] * (ROUNDING * scale) ** 2, Reason.NO_ACTIVE_RISK

    def deviation(self, name: str) -> Float64:
        """Standard deviation per period from a sum of squared deviations."""
        return divide(self[name], self["count"] - self.convention.ddof) ** 0.5

    def annual_return(self) -> Float64:
        """Compounded annual return."""
        return np.asarray(np.expm1(self["log_growth"] / self.years))

    def annual_risk_free(self) -> Float64:
        """Annual risk-free rate, compounded or as mean times periods, as the convention rewards."""
        if self.convention.reward == "geometric":
            return np.asarray(np.expm1(self["risk_free_growth"] / self.years))
        return np.asarray((self["mean"] - self["excess_mean"]) * self.periods_per_year)

    def measured(self, values: Float64, *causes: tuple[Flags, Reason]) -> Measured:
        """Values with the reasons why some do not exist."""
        return Measured.of(values, *causes)


def divide(top: Float64 | float, bottom: Float64 | float) -> npt.NDArray[np.float64]:
    """Quotient, infinite or NaN where the bottom is zero: for values that a reason then replaces."""
    with np.errstate(all="ignore"):
        return np.asarray(np.true_divide(top, bottom))


def summarize(
    returns: Any,
    *,
    periods_per_year: float,
    benchmark: Any = None,
    risk_free: Any = 0.0,
    target: Any = 0.0,
    confidence: float = 0.95,
    convention: Convention = GIPS,
    spans: Any = None,
    groups: int = stats.EVERYTHING,
    engine: stats.Engine = "auto",
) -> Statistics:
    """Sum series of simple returns in one pass.

    Parameters
    ----------
    returns : (T,) or (S, T) simple returns per period, fractions
    periods_per_year : 252 for days, 12 for months, ...
    benchmark : (T,) or (S, T) returns of the same periods
    risk_free, target : per period; one number, (T,) or (S, T)
    confidence : of value at risk, expected shortfall and tail ratio, above 0.5 and below 1
    spans : (S, 2) first period and last period plus one of each series, where they differ

    Raises :class:`InvalidInput` for NaN or infinity (with the place), for what looks like prices (every value above 1),
    shapes that do not fit and a confidence like 95.
    """
    rows = block(returns, "returns")
    if not (math.isfinite(periods_per_year) and periods_per_year > 0.0):
        raise InvalidInput("periods_per_year is not above zero", field="periods_per_year", found=periods_per_year)
    if not 0.5 < confidence < 1.0:
        raise refusal(
            f"confidence is {confidence}", field="confidence", found=confidence, expected="a fraction such as 0.95"
        )
    market = None if benchmark is None else beside(benchmark, rows.shape, "benchmark")
    within = None if spans is None else _spans(spans, rows.shape)
    found = stats.sums(
        rows,
        benchmark=market,
        rate=beside(risk_free, rows.shape, "risk_free"),
        target=beside(target, rows.shape, "target"),
        spans=within,
        groups=groups,
        share=round(1.0 - confidence, 15),
        engine=engine,
    )
    if (found[:, 0] < 0.0).any():
        if within is not None:
            place = np.arange(rows.shape[1])
            rows = np.where((place >= within[:, :1]) & (place < within[:, 1:]), rows, 0.0)
        refuse_not_finite(rows if np.ndim(returns) == 2 else rows[0], "returns")
        raise InvalidInput("returns are too large to add up", field="returns", next_step="give fractions, not prices")
    made = Statistics(found, float(periods_per_year), confidence, convention, market is not None)
    _refuse_prices("returns", made["smallest"], made["count"])
    if market is not None:
        _refuse_prices("benchmark", market.min(axis=1), np.full(len(market), market.shape[1]))
    return made


def _refuse_prices(field: str, smallest: Float64, count: Float64 | Int64) -> None:
    """Refuse series of which every value is above 1: no asset doubles in each period, but prices and levels look so."""
    high = (smallest > 1.0) & (count >= 2)
    if high.any():
        row = int(high.argmax())
        raise InvalidInput(
            f"{field} look like prices or percentages: the smallest value of series {row} is {smallest[row]:g}",
            field=field, found=float(smallest[row]), expected="simple returns as fractions, 0.01 for 1%",
            next_step="make returns of prices with simple_returns, or divide percentages by 100",
        )  # fmt: skip


def _spans(spans: Any, shape: tuple[int, int]) -> Int64:
    given = np.ascontiguousarray(spans, dtype=np.int64)
    if given.shape != (shape[0], 2):
        raise refusal(f"spans has shape {given.shape}", field="spans", expected=f"({shape[0]}, 2)")
    wrong = (given[:, 0] < 0) | (given[:, 1] > shape[1]) | (given[:, 0] >= given[:, 1])
    if wrong.any():
        row = int(wrong.argmax())
        raise refusal(
            f"spans[{row}] is {given[row].tolist()}",
            field="spans",
            found=given[row].tolist(),
            expected=f"first < last <= {shape[1]}",
        )
    return given
