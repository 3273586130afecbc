"""The tail of a sample of losses: quantile, exact tail mean, and how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.levels import confidence_level
from argosy.kernels.distributions import beta_cdf, normal_density
from argosy.kernels.streams import NORMALS, stream
from argosy.models.moments.observations import InsufficientData, floats, observed, whole

Float64 = npt.NDArray[np.float64]
Quantile = Literal["order", "regulatory", "type 7"]
Errors = Literal["order", "asymptotic", "bootstrap", "none"]

LEAST = 10
"""Observations below which no empirical tail is stated."""

SLACK = 1e-9
"""``n (1 - c)`` this close to a whole number is that number: 1000 x (1 - 0.95) is 50, not 50.00000000000004."""

CONVENTIONS = {
    "order": "order statistic: the ceil(n (1 - c))-th largest loss",
    "regulatory": "regulatory: the order statistic, the ceil(n (1 - c))-th largest loss",
    "type 7": "type 7: linear between order statistics (Hyndman and Fan 1996)",
}
SHORTFALL = "shortfall is the exact tail mean with the fractional atom"


@dataclass(frozen=True)
class TailLoss:
    """Value at risk and expected shortfall of one portfolio by one model, in the unit of what was given.

    Losses are positive; a negative figure is a gain. The errors are standard errors, None where the method has none.
    ``horizon`` is in periods of the data and ``horizon_rule`` says how it was reached.
    """

    value_at_risk: float
    expected_shortfall: float
    value_at_risk_error: float | None
    expected_shortfall_error: float | None
    confidence: float
    method: str
    convention: str
    observations: int
    warnings: tuple[str, ...] = ()
    seed: int | None = None
    horizon: int = 1
    horizon_rule: str = "as observed"

    def over(self, periods: int) -> TailLoss:
        """The same over ``periods`` times the horizon, scaled by its square root.

        That holds for independent returns with mean zero and finite variance in the normal limit; the result says so.
        """
        root = math.sqrt(whole(periods, "periods"))
        return replace(
            self, value_at_risk=root * self.value_at_risk, expected_shortfall=root * self.expected_shortfall,
            value_at_risk_error=_times(root, self.value_at_risk_error),
            expected_shortfall_error=_times(root, self.expected_shortfall_error), horizon=self.horizon * periods,
            horizon_rule=f"scaled by the square root of {periods}",
        )  # fmt: skip


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


def series(returns: npt.ArrayLike, *, least: int = LEAST) -> Float64:
    """Returns or profits (T,) of one portfolio as a finite array of at least ``least`` values."""
    given = floats(returns, "returns")
    if given.ndim != 1:
        raise InvalidInput(f"returns have shape {given.shape}", field="returns", expected="(T,), one portfolio")
    return observed(given.reshape(-1, 1), least=least)[:, 0]


def varies(r: Float64) -> bool:
    """Whether returns differ by more than rounding."""
    return bool(np.ptp(r) > 1e-12 * np.abs(r).max(initial=0.0))


def tail_of(losses: Float64, weights: Float64, mass: float, quantile: Quantile = "order") -> tuple[float, float]:
    """Value at risk and expected shortfall of weighted losses (S,) whose weights sum to one, ``mass`` in the tail.

    Examples
    --------
    >>> found = tail_of(np.array([4.0, 3.0, 2.0, -1.0]), np.full(4, 0.25), 0.375)
    >>> found[0], round(found[1], 12)
    (3.0, 3.666666666667)
    """
    order = np.argsort(-losses, kind="stable")
    ranked, weighed = losses[order], weights[order]
    reached = np.cumsum(weighed)
    place = min(int(np.searchsorted(reached, mass - SLACK / losses.size)), losses.size - 1)
    before = float(reached[place - 1]) if place else 0.0
    beyond = float(weighed[:place] @ ranked[:place]) + (mass - before) * float(ranked[place])
    at = float(-np.quantile(-losses, mass)) if quantile == "type 7" else float(ranked[place])
    return at, beyond / mass


def order_error(losses: Float64, mass: float) -> float:
    """Standard error of the order statistic: its moments under resampling, exactly (Maritz and Jarrett 1978)."""
    n = losses.size
    rank = max(math.ceil(n * mass - SLACK), 1)
    ranked = -np.sort(-losses)
    weights = np.diff(beta_cdf(np.arange(n + 1) / n, rank, n - rank + 1))
    first, second = float(weights @ ranked), float(weights @ (ranked - ranked[rank - 1]) ** 2)
    return math.sqrt(max(second - (first - float(ranked[rank - 1])) ** 2, 0.0))


def quantile_error(losses: Float64, weights: Float64, mass: float, at: float) -> float:
    """Asymptotic standard error ``sqrt(p (1 - p) / n) / f(q)``, density f by a normal kernel (Silverman 1986, 3.31).

    Unequal weights enter as ``n = 1 / sum of squared weights``.
    """
    mean = float(weights @ losses)
    deviation = math.sqrt(float(weights @ (losses - mean) ** 2))
    quartiles = np.quantile(losses, [0.25, 0.75])
    spread = min(deviation, float(quartiles[1] - quartiles[0]) / 1.34) or deviation
    squared = float(weights @ weights)
    width = 0.9 * spread * squared**0.2
    if width <= 0.0:
        return 0.0
    density = float(weights @ normal_density((losses - at) / width)) / width
    return math.sqrt(mass * (1.0 - mass) * squared) / density if density > 0.0 else math.inf


def shortfall_error(losses: Float64, weights: Float64, mass: float, at: float) -> float:
    """Standard error of the tail mean from the spread of the excesses over ``at`` (Trindade et al. 2007, thm. 2)."""
    over = np.maximum(losses - at, 0.0)
    away = over - float(weights @ over)
    return math.sqrt(float((weights * away) @ (weights * away))) / mass


def empirical(
    losses: Float64,
    *,
    confidence: float,
    method: str,
    weights: Float64 | None = None,
    quantile: Quantile = "order",
    errors: Errors = "order",
    seed: int | None = None,
    draws: int = 1_000,
    warnings: tuple[str, ...] = (),
) -> TailLoss:
    """The tail of losses (S,), equally likely or weighted, as a result that says how it was made."""
    level = confidence_level(confidence)
    mass = 1.0 - level
    n = losses.size
    if quantile not in CONVENTIONS:
        raise InvalidInput(f"there is no quantile {quantile!r}", field="quantile", found=quantile,
                           expected="order, regulatory or type 7")  # fmt: skip
    if quantile == "type 7" and weights is not None:
        raise InvalidInput("type 7 has no form for weighted losses", field="quantile", expected="order")
    w = np.full(n, 1.0 / n) if weights is None else weights
    at, beyond = tail_of(losses, w, mass, quantile)
    notes = list(warnings)
    effective = 1.0 / float(w @ w)
    if effective * mass < 1.0 - SLACK:
        notes.append(f"{effective:.0f} observations at {level:g}: the tail is the single worst one")
    if not varies(losses):
        notes.append("the returns do not vary: look for stale prices")
    first: float | None
    second: float | None
    if errors == "bootstrap":
        if seed is None:
            raise InvalidInput("a bootstrap needs a seed", field="seed", next_step="give seed=1 or any whole number")
        first, second = _bootstrap(losses, w, mass, quantile, seed, draws)
    elif errors == "none":
        first, second = None, None
    elif errors in ("order", "asymptotic"):
        exact = errors == "order" and weights is None
        first = order_error(losses, mass) if exact else quantile_error(losses, w, mass, at)
        second = shortfall_error(losses, w, mass, at)
    else:
        raise InvalidInput(f"there are no errors {errors!r}", field="errors", found=errors,
                           expected="order, asymptotic, bootstrap or none")  # fmt: skip
    return TailLoss(
        at, beyond, first, second, level, method, f"{CONVENTIONS[quantile]}; {SHORTFALL}", n, tuple(notes),
        seed if errors == "bootstrap" else None,
    )  # fmt: skip


def _bootstrap(
    losses: Float64, weights: Float64, mass: float, quantile: Quantile, seed: int, draws: int
) -> tuple[float, float]:
    if draws < 2:
        raise InvalidInput(f"draws is {draws}", field="draws", found=draws, expected="2 or more")
    generator = stream(seed, NORMALS, 0)
    found = np.empty((draws, 2))
    for row in range(draws):
        places = generator.integers(0, losses.size, losses.size)
        drawn = weights[places]
        found[row] = tail_of(losses[places], drawn / drawn.sum(), mass, quantile)
    first, second = found.std(axis=0, ddof=1)
    return float(first), float(second)


def short_history(found: int, expected: int) -> InsufficientData:
    """The error of a history too short for a model."""
    return InsufficientData(
        f"{found} observations", field="returns", found=found, expected=f"at least {expected}",
        next_step="give a longer history, or a model that needs less",
    )  # fmt: skip
