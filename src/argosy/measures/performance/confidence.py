"""How sure a measure is: standard errors and probabilities of the Sharpe ratio, and resampling for any measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from argosy.base.errors import InvalidInput
from argosy.measures.performance.catalogue import find_measure, measure_all
from argosy.measures.performance.conventions import GIPS, Convention
from argosy.measures.performance.reasons import Float64, Reason, undefined
from argosy.measures.performance.series import Int64, beside, refusal, vector
from argosy.measures.performance.statistics import ROUNDING

_NORMAL = NormalDist()
_EULER = 0.5772156649015329
Errors = Literal["normal", "moments", "autocorrelated"]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its standard error and bounds; ``method`` says how they were found."""

    estimate: float
    low: float
    high: float
    error: float
    confidence: float
    method: str


def _confidence(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise refusal(f"confidence is {confidence}", field="confidence", expected="a fraction such as 0.95")


def _excess(returns: Any, risk_free: Any) -> Float64:
    series = vector(returns, "returns", least=3)
    over: Float64 = series - beside(risk_free, (1, series.size), "risk_free")[0]
    if float(over.std()) <= ROUNDING * float(np.abs(series).max()):
        raise undefined("Sharpe ratio", Reason.NO_DISPERSION)
    return over


def sharpe_interval(
    returns: Any,
    *,
    periods_per_year: float,
    risk_free: Any = 0.0,
    confidence: float = 0.95,
    errors: Errors = "autocorrelated",
    lags: int | None = None,
) -> Interval:
    """Annual Sharpe ratio with a confidence interval (Lo 2002).

    ``errors``: ``normal``, independent normal returns, ``var = (1 + SR^2 / 2) / n``; ``moments``, independent with the
    sample's skewness and kurtosis, ``1 - g1 SR + (g2 + 2) / 4 SR^2`` over n (Mertens 2002); ``autocorrelated``, Lo's
    general case by the delta method with Newey-West weights over ``lags`` (``floor(4 (n / 100)^(2/9))`` without it).
    The annual figure is the per-period one times ``sqrt(periods_per_year)``, as is its error.

    Examples
    --------
    >>> found = sharpe_interval([0.01, -0.02, 0.03, 0.005], periods_per_year=1, errors="normal")
    >>> round(found.estimate, 6), round(found.error, 6)
    (0.303915, 0.511415)
    """
    _confidence(confidence)
    over = _excess(returns, risk_free)
    n = over.size
    deviation = over - over.mean()
    sharpe = float(over.mean() / over.std(ddof=1))
    m2 = float((deviation**2).mean())
    if errors == "normal":
        variance = 1.0 + 0.5 * sharpe**2
    elif errors == "moments":
        skew, kurtosis = float((deviation**3).mean()) / m2**1.5, float((deviation**4).mean()) / m2**2
        variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    elif errors == "autocorrelated":
        # The derivative of mean / sd by (mean, variance), applied to the two moment conditions.
        influence = deviation / m2**0.5 - sharpe / (2.0 * m2) * (deviation**2 - m2)
        most = math.floor(4.0 * (n / 100.0) ** (2.0 / 9.0)) if lags is None else lags
        if not 0 <= most < n:
            raise refusal(f"lags is {most}", field="lags", found=most, expected=f"from 0 to {n - 1}")
        variance = float(influence @ influence) / n
        for lag in range(1, most + 1):
            variance += 2.0 * (1.0 - lag / (most + 1.0)) * float(influence[lag:] @ influence[:-lag]) / n
    else:
        raise refusal(f"errors is {errors!r}", field="errors", expected="normal, moments or autocorrelated")
    scale = periods_per_year**0.5
    error = (variance / n) ** 0.5 * scale
    reach = _NORMAL.inv_cdf(0.5 + confidence / 2.0) * error
    return Interval(
        sharpe * scale, sharpe * scale - reach, sharpe * scale + reach, error, confidence, f"Lo 2002, {errors}"
    )


def probabilistic_sharpe(
    sharpe: float, count: int, *, skewness: float = 0.0, kurtosis: float = 3.0, reference: float = 0.0
) -> float:
    """Probability that the true Sharpe ratio is above ``reference`` (Bailey and López de Prado 2012).

    ``sharpe`` and ``reference`` per period, never annualized; ``kurtosis`` not in excess of 3; ``count`` returns.

    Examples
    --------
    >>> round(probabilistic_sharpe(0.15, 36, skewness=-0.5, kurtosis=5.0), 9)
    0.801523967
    """
    if count < 2:
        raise undefined("probabilistic Sharpe ratio", Reason.TOO_SHORT)
    variance = _sharpe_variance(sharpe, skewness, kurtosis)
    return _NORMAL.cdf((sharpe - reference) * math.sqrt(count - 1.0) / math.sqrt(variance))


def expected_best_sharpe(trials: int, variance: float) -> float:
    """Highest Sharpe ratio to expect of ``trials`` strategies without skill, ``variance`` across their Sharpe ratios.

    Bailey and López de Prado 2014 (false strategy theorem).

    Examples
    --------
    >>> round(expected_best_sharpe(100, 0.5 / 250), 10)
    0.1131720019
    """
    if trials < 2 or not variance > 0.0:
        raise InvalidInput(
            f"trials is {trials}, variance {variance}: two trials at least and a variance above zero are needed",
            field="trials",
        )
    first, second = _NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - _EULER) * first + _EULER * second)


def deflated_sharpe(
    sharpe: float, count: int, *, trials: int, variance: float, skewness: float = 0.0, kurtosis: float = 3.0
) -> float:
    """Probability that a Sharpe ratio chosen as the best of ``trials`` is above what chance gives (Bailey and López de
    Prado 2014); arguments per period as in :func:`probabilistic_sharpe` and :func:`expected_best_sharpe`.

    Examples
    --------
    >>> daily = 2.5 / 250**0.5
    >>> round(deflated_sharpe(daily, 1250, trials=100, variance=0.5 / 250, skewness=-3.0, kurtosis=10.0), 10)
    0.9003968344
    """
    reference = expected_best_sharpe(trials, variance)
    return probabilistic_sharpe(sharpe, count, skewness=skewness, kurtosis=kurtosis, reference=reference)


def least_track_record(
    sharpe: float, *, reference: float = 0.0, skewness: float = 0.0, kurtosis: float = 3.0, confidence: float = 0.95
) -> float:
    """Returns needed before ``sharpe`` is above ``reference`` with ``confidence`` (Bailey, López de Prado 2012).

    Examples
    --------
    >>> round(least_track_record(0.15, skewness=-0.5, kurtosis=5.0), 4)
    132.9704
    """
    _confidence(confidence)
    if sharpe <= reference:
        raise undefined("least track record", Reason.TOO_SHORT, detail="the Sharpe ratio is not above the reference")
    variance = _sharpe_variance(sharpe, skewness, kurtosis)
    return 1.0 + variance * (_NORMAL.inv_cdf(confidence) / (sharpe - reference)) ** 2


def _sharpe_variance(sharpe: float, skewness: float, kurtosis: float) -> float:
    if kurtosis < skewness**2 + 1.0:
        raise InvalidInput(
            f"kurtosis {kurtosis} is below skewness^2 + 1", field="kurtosis", found=kurtosis,
            next_step="give the kurtosis itself (3 for the normal), not its excess over 3",
        )  # fmt: skip
    return 1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2


def stationary_bootstrap(generator: np.random.Generator, count: int, draws: int, *, mean_block: float) -> Int64:
    """Places (draws, count) of resampled series: blocks of geometric length around a circle (Politis and Romano 1994).

    Examples
    --------
    >>> stationary_bootstrap(np.random.default_rng(1), 5, 2, mean_block=2.0).shape
    (2, 5)
    """
    if count < 1 or draws < 1 or mean_block < 1.0:
        raise refusal(
            f"count {count}, draws {draws}, mean_block {mean_block}", field="mean_block", expected="all at least 1"
        )
    fresh = generator.random((draws, count)) < 1.0 / mean_block
    fresh[:, 0] = True
    starts = generator.integers(0, count, (draws, count))
    place = np.arange(count)
    # Each place continues the block whose start is the last fresh one before it.
    origin = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
    first = np.take_along_axis(starts, origin, axis=1)
    return np.asarray((first + place - origin) % count, dtype=np.int64)


def bootstrap_intervals(
    names: Sequence[str],
    returns: Any,
    generator: np.random.Generator,
    *,
    periods_per_year: float,
    draws: int = 2_000,
    mean_block: float | None = None,
    benchmark: Any = None,
    risk_free: Any = 0.0,
    target: Any = 0.0,
    confidence: float = 0.95,
    convention: Convention = GIPS,
) -> dict[str, Interval]:
    """Percentile intervals of measures by the stationary bootstrap; returns, benchmark and rates are drawn together.

    ``mean_block`` is ``n^(1/3)`` without it. Draws for which a measure does not exist are left out and counted in
    ``method``; :class:`UndefinedMeasure` where it does not exist for the series itself or for half of the draws.

    Examples
    --------
    >>> series = np.random.default_rng(7).normal(0.01, 0.03, 60)
    >>> found = bootstrap_intervals(["sharpe_ratio"], series, np.random.default_rng(1), periods_per_year=12, draws=200)
    >>> found["sharpe_ratio"].low < found["sharpe_ratio"].estimate < found["sharpe_ratio"].high
    True
    """
    _confidence(confidence)
    series = vector(returns, "returns", least=3)
    shape = (1, series.size)
    market = None if benchmark is None else beside(benchmark, shape, "benchmark")[0]
    rate, least = beside(risk_free, shape, "risk_free")[0], beside(target, shape, "target")[0]
    block = max(series.size ** (1.0 / 3.0), 1.0) if mean_block is None else mean_block
    place = stationary_bootstrap(generator, series.size, draws, mean_block=block)
    whole = measure_all(
        series, periods_per_year=periods_per_year, names=names, benchmark=market, risk_free=rate, target=least,
        convention=convention,
    )  # fmt: skip
    drawn = measure_all(
        series[place], periods_per_year=periods_per_year, names=names,
        benchmark=None if market is None else market[place], risk_free=rate[place], target=least[place],
        convention=convention,
    )  # fmt: skip
    found = {}
    for name in names:
        estimate = whole.value(name)
        values = drawn.of(name).values
        values = values[~np.isnan(values)]
        if 2 * values.size < draws:
            raise undefined(find_measure(name).title, Reason.TOO_SHORT, detail="undefined in most resampled series")
        low, high = np.quantile(values, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
        lost = f", {draws - values.size} undefined" if values.size < draws else ""
        found[name] = Interval(
            estimate, float(low), float(high), float(values.std(ddof=1)), confidence,
            f"stationary bootstrap, {draws} draws, mean block {block:.3g}{lost}",
        )  # fmt: skip
    return found
