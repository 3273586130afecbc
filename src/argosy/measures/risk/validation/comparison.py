"""Which of two risk models forecasts better: losses that the true Value at Risk and shortfall make least, compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean difference of two score series (first less second): negative favors the first.

    ``statistic`` is Student t with ``degrees``; ``p_value`` is two-sided, ``first_better`` the probability of a
    statistic as low if both were equally good.
    """

    difference: float
    standard_error: float
    statistic: float
    p_value: float
    first_better: float
    degrees: int
    lags: int


def tick_loss(losses: Any, value_at_risk: Any, *, confidence: float) -> Float64:
    """Score (T,) of Value at Risk forecasts: ``(1{L > q} - p)(L - q)``, least on average at the true quantile.

    Koenker and Bassett (1978); ``p = 1 - confidence``, losses positive.

    Examples
    --------
    >>> tick_loss([3.0, 0.0], [2.0, 2.0], confidence=0.9).round(12).tolist()
    [0.9, 0.2]
    """
    p = 1.0 - confidence_level(confidence)
    lost = array(losses, (None,), "losses")
    q = array(value_at_risk, (lost.size,), "value_at_risk")
    found: Float64 = ((lost > q) - p) * (lost - q)
    return found


def joint_loss(losses: Any, value_at_risk: Any, shortfall: Any, *, confidence: float) -> Float64:
    """Score (T,) of Value at Risk and shortfall together, FZ0: ``1{L > q}(L - q)/(p e) + q/e + ln e - 1``.

    Patton, Ziegel and Chen (2019), eq. 6, with losses positive; Fissler and Ziegel (2016). Shortfall alone has no such
    score. Differences do not depend on the unit. Refuses shortfalls that are not positive.

    Examples
    --------
    >>> joint_loss([3.0, 0.0], [1.0, 1.0], [1.0, 1.0], confidence=0.9).round(12).tolist()
    [20.0, 0.0]
    """
    p = 1.0 - confidence_level(confidence)
    lost = array(losses, (None,), "losses")
    q = array(value_at_risk, (lost.size,), "value_at_risk")
    e = array(shortfall, (lost.size,), "shortfall")
    if (e <= 0.0).any():
        day = int((e <= 0.0).argmax())
        raise InvalidInput(f"Expected Shortfall on day {day} is {e[day]:.6g}", field="shortfall", expected="above 0",
                           next_step="count losses positive")  # fmt: skip
    found: Float64 = np.maximum(lost - q, 0.0) / (p * e) + q / e + np.log(e) - 1.0
    return found


def long_run_variance(values: Any, *, lags: int) -> float:
    """Variance of the mean's limit by Bartlett weights (Newey and West 1987), divided by T: ``g0 + 2 sum w_k g_k``.

    Examples
    --------
    >>> long_run_variance([1.0, -1.0, 1.0, -1.0], lags=0)
    1.0
    """
    series = array(values, (None,), "values")
    if not 0 <= lags < series.size:
        raise refusal(f"{lags} lags", field="lags", found=lags, expected=f"0 to {series.size - 1}")
    x = series - series.mean()
    total = float(x @ x)
    for k in range(1, lags + 1):
        total += 2.0 * (1.0 - k / (lags + 1.0)) * float(x[k:] @ x[:-k])
    return total / series.size


def diebold_mariano(first: Any, second: Any, *, horizon: int = 1, lags: int | None = None) -> Comparison:
    """Is one model's score lower by more than chance (Diebold and Mariano 1995)?

    Parameters
    ----------
    first, second : (T,) scores of two models on the same days, such as :func:`tick_loss`
    horizon : days ahead that were forecast
    lags : of the Bartlett variance; without it ``horizon - 1``, or what Newey and West (1994) advise if that is more

    Notes
    -----
    The statistic is scaled for small samples and compared with Student t of T - 1 degrees (Harvey, Leybourne and
    Newbold 1997, eq. 9).

    Raises
    ------
    InsufficientData, UndefinedMeasure
        Fewer than 10 days, or scores that never differ.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> noise = rng.normal(size=400)
    >>> diebold_mariano(noise**2, (noise + 0.5 * rng.normal(size=400))**2).first_better < 0.05
    True
    """
    one = array(first, (None,), "first")
    apart = one - array(second, (one.size,), "second")
    days = apart.size
    if days < 10:
        raise InsufficientData(f"{days} days are too few to compare models", field="first", expected="10 or more")
    if not 1 <= horizon <= days // 2:
        raise refusal(f"horizon is {horizon}", field="horizon", found=horizon, expected=f"1 to {days // 2}")
    if lags is None:
        lags = max(horizon - 1, int(4.0 * (days / 100.0) ** (2.0 / 9.0)))
    variance = long_run_variance(apart, lags=lags)
    if variance <= (1e-14 * max(float(np.abs(one).max()), 1e-300)) ** 2:
        raise UndefinedMeasure("the scores differ by a constant, so there is no chance to compare with", field="first",
                               next_step="check that they are two models")  # fmt: skip
    error = float(np.sqrt(variance / days))
    small = np.sqrt((days + 1.0 - 2.0 * horizon + horizon * (horizon - 1.0) / days) / days)
    mean = float(apart.mean())
    statistic = float(mean / error * small)
    return Comparison(
        mean, error, statistic, float(2.0 * stdtr(days - 1, -abs(statistic))), float(stdtr(days - 1, statistic)),
        days - 1, lags,
    )  # fmt: skip
