"""What is left of a finding after many were tried: Holm's correction and the test for superior predictive ability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.measures.performance.confidence import stationary_bootstrap
from argosy.measures.performance.series import refusal

Float64 = npt.NDArray[np.float64]


def holm(probabilities: Any) -> Float64:
    """P-values adjusted so that no more than their level of all claims is false (Holm 1979); NaN stays NaN.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(12).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(probabilities, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(given))
    if ((given[known] < 0.0) | (given[known] > 1.0)).any():
        raise InvalidInput("a probability lies outside 0 to 1", field="probabilities")
    order = known[np.argsort(given[known], kind="stable")]
    adjusted = np.full(given.shape, np.nan)
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * given[order]), 1.0)
    return adjusted


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """Whether the best of K series beats the benchmark beyond what trying K brings: p-values after Hansen (2005).

    ``consistent`` is the one to read; ``lower`` and ``upper`` bound it, ``upper`` is White's (2000) reality check,
    studentized. ``best`` is the place of the series with the largest statistic.
    """

    statistic: float
    best: int
    lower: float
    consistent: float
    upper: float


def superior_ability(
    excess: Any, generator: np.random.Generator, *, draws: int = 2_000, mean_block: float | None = None
) -> SuperiorAbility:
    """Test that no series has a mean excess return above zero (Hansen 2005, section 2 and 3).

    ``excess`` (T, K) are returns less the benchmark's. Studentized by the variance that the stationary bootstrap
    implies; blocks have ``T^(1/3)`` periods on average unless told. Series equal to the benchmark are left out.

    Raises
    ------
    InvalidInput
        Fewer than ten periods, no series that differs from the benchmark, or a missing value.
    """
    d = np.asarray(excess, dtype=np.float64)
    if d.ndim != 2 or d.shape[0] < 10:
        raise refusal(f"excess returns have shape {d.shape}", field="excess", expected="(T, K), T at least 10")
    if not np.isfinite(d).all():
        raise refusal("an excess return is missing", field="excess", expected="finite numbers")
    periods = d.shape[0]
    differs = np.flatnonzero(np.ptp(d, axis=0) > 0.0)
    if not differs.size:
        raise refusal("no series differs from the benchmark", field="excess", expected="one that does")
    d = d[:, differs]
    block = max(periods ** (1.0 / 3.0), 1.0) if mean_block is None else mean_block
    mean = d.mean(axis=0)
    omega = np.sqrt(_long_run_variance(d - mean, block))
    root = math.sqrt(periods)
    scores = root * mean / omega
    statistic = max(float(scores.max()), 0.0)
    places = stationary_bootstrap(generator, periods, draws, mean_block=block)
    drawn = np.stack([d[row].mean(axis=0) for row in places])
    threshold = -math.sqrt(2.0 * math.log(math.log(periods)))
    centers = {
        "lower": np.maximum(mean, 0.0),
        "consistent": np.where(scores >= threshold, mean, 0.0),
        "upper": mean,
    }
    found = {
        name: float((np.maximum((root * (drawn - center) / omega).max(axis=1), 0.0) > statistic).mean())
        for name, center in centers.items()
    }
    return SuperiorAbility(statistic, int(differs[int(scores.argmax())]), **found)


def _long_run_variance(apart: Float64, block: float) -> Float64:
    """Variance of ``sqrt(T)`` times the mean under the stationary bootstrap (Politis and Romano 1994, lemma 1)."""
    periods = apart.shape[0]
    keep = 1.0 - 1.0 / block
    variance = (apart * apart).mean(axis=0)
    for lag in range(1, periods):
        share = lag / periods
        kernel = (1.0 - share) * keep**lag + share * keep ** (periods - lag)
        if kernel < 1e-12 and lag < periods // 2:
            continue
        variance = variance + 2.0 * kernel * (apart[lag:] * apart[:-lag]).sum(axis=0) / periods
    return np.asarray(np.maximum(variance, 1e-300), dtype=np.float64)
