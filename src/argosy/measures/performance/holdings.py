"""Measures of holdings and of dependence that are no ratio of sums: active share, autocorrelations and their test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.measures.performance.reasons import Float64, Reason, undefined
from argosy.measures.performance.series import refusal, same_length, vector
from argosy.measures.performance.statistics import ROUNDING


def active_share(weights: Any, benchmark_weights: Any) -> float:
    """Half the sum of absolute differences of weights over all holdings of either: 0 is the index, 1 has nothing of it.

    ``weights``, ``benchmark_weights`` (N,) over the same list of holdings, each summing to 1 (Cremers, Petajisto 2009).

    Examples
    --------
    >>> active_share([0.3, 0.3, 0.4, 0.0], [0.25, 0.25, 0.25, 0.25])
    0.25
    """
    mine, theirs = vector(weights, "weights"), vector(benchmark_weights, "benchmark_weights")
    same_length(weights=mine, benchmark_weights=theirs)
    for field, share in (("weights", mine), ("benchmark_weights", theirs)):
        if abs(float(share.sum()) - 1.0) > 1e-8:
            raise refusal(f"{field} sum to {share.sum():.10g}", field=field, expected="1, cash included")
    return float(0.5 * np.abs(mine - theirs).sum())


@dataclass(frozen=True, eq=False)
class Autocorrelations:
    """Autocorrelations (L,) at lags 1 to L, and the Ljung-Box statistic over all of them."""

    values: Float64
    statistic: float


def autocorrelations(returns: Any, lags: int) -> Autocorrelations:
    """Autocorrelations of a series up to ``lags`` (Box and Jenkins 1976) and Ljung and Box's Q (1978).

    Under independence Q is near chi square with ``lags`` degrees of freedom. Raises :class:`UndefinedMeasure` for a
    series that does not vary.

    Examples
    --------
    >>> found = autocorrelations([0.1, -0.1, 0.1, -0.1], 1)
    >>> found.values.round(6).tolist(), round(found.statistic, 6)
    ([-0.75], 4.5)
    """
    series = vector(returns, "returns", least=2)
    n = series.size
    if not 1 <= lags < n:
        raise refusal(f"lags is {lags}", field="lags", found=lags, expected=f"from 1 to {n - 1}")
    deviation = series - series.mean()
    total = float(deviation @ deviation)
    if total <= n * (ROUNDING * float(np.abs(series).max())) ** 2:
        raise undefined("autocorrelation", Reason.NO_DISPERSION)
    found = np.array([float(deviation[lag:] @ deviation[:-lag]) / total for lag in range(1, lags + 1)])
    statistic = n * (n + 2.0) * float((found**2 / (n - np.arange(1, lags + 1))).sum())
    return Autocorrelations(found, statistic)
