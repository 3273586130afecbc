"""Generalized Pareto excesses: likelihood, its greatest value, and profiles of what is read off the tail."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize

Float64 = npt.NDArray[np.float64]
Target = Literal["quantile", "mean"]

LEAST_SHAPE = -0.5
"""Below this shape the likelihood has no regular maximum (Smith 1985)."""

MOST_SHAPE = 5.0


def log_likelihood(excesses: Float64, shape: float, scale: float) -> float:
    """Log-likelihood; minus infinity where some excess is impossible. Shape 0 is the exponential."""
    if scale <= 0.0:
        return -math.inf
    z = excesses / scale
    if abs(shape) < 1e-9:
        return -excesses.size * math.log(scale) - float(z.sum())
    inside = 1.0 + shape * z
    if float(inside.min()) <= 0.0:
        return -math.inf
    return -excesses.size * math.log(scale) - (1.0 + 1.0 / shape) * float(np.log(inside).sum())


def fit(excesses: Float64) -> tuple[float, float]:
    """Shape and scale of greatest likelihood with shape above -0.5, by the profile in shape / scale (Grimshaw 1993).

    Examples
    --------
    >>> shape, scale = fit(-np.log1p(-(np.arange(2_000) + 0.5) / 2_000))
    >>> abs(shape) < 0.01, abs(scale - 1.0) < 0.01
    (True, True)
    """
    mean = float(excesses.mean())
    y = excesses / mean
    edge = -1.0 / float(y.max())

    def read(theta: float) -> tuple[float, float]:
        shape = float(np.log1p(theta * y).mean())
        return (shape, shape / theta) if abs(theta) > 1e-9 else (0.0, 1.0)

    def cost(theta: float) -> float:
        shape, scale = read(theta)
        if shape < LEAST_SHAPE or scale <= 0.0:
            return math.inf
        return math.log(scale) + shape

    grid = np.concatenate([edge * np.linspace(0.999, 0.02, 40), np.geomspace(1e-3, 200.0, 60)])
    costs = np.array([cost(float(theta)) for theta in grid])
    best = int(np.argmin(costs))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    found = optimize.minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    theta = float(found.x) if found.fun <= costs[best] else float(grid[best])
    shape, scale = read(theta)
    return shape, scale * mean


def stretch(target: Target, shape: float, ratio: float) -> float:
    """Quantile or mean of the tail above its threshold at scale 1; ``ratio`` = p n / exceedances, at most 1."""
    over = -math.log(ratio) if abs(shape) < 1e-9 else math.expm1(-shape * math.log(ratio)) / shape
    return (over + 1.0) / (1.0 - shape) if target == "mean" else over


def scale_of(target: Target, value: float, shape: float, ratio: float) -> float:
    """Scale at which the tail's quantile or mean lies ``value`` above the threshold."""
    return value / stretch(target, shape, ratio)


def profile_bounds(
    excesses: Float64, target: Target, best: float, *, shape: float, scale: float, ratio: float, drop: float
) -> tuple[float, float]:
    """Values of the target at which the likelihood, greatest over shapes, falls by ``drop``: a profile interval.

    The upper end is infinite where the likelihood never falls so far.
    """
    top = log_likelihood(excesses, shape, scale)
    most = MOST_SHAPE if target == "quantile" else 1.0 - 1e-6

    def fallen(value: float) -> float:
        def cost(xi: float) -> float:
            found = log_likelihood(excesses, xi, scale_of(target, value, xi, ratio))
            return -found if found > -math.inf else 1e300

        grid = np.linspace(LEAST_SHAPE, most, 120)
        costs = [cost(float(xi)) for xi in grid]
        at = int(np.argmin(costs))
        low, high = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, grid.size - 1)])
        found = optimize.minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
        return top + min(float(found.fun), costs[at]) - drop

    lower, upper = best, best
    for _ in range(200):
        lower *= 0.9
        if fallen(lower) > 0.0:
            break
    for _ in range(200):
        upper *= 1.15
        if fallen(upper) > 0.0:
            break
    else:
        return float(optimize.brentq(fallen, lower, best, xtol=1e-12 * best)), math.inf
    tight = 1e-10 * best
    return (
        float(optimize.brentq(fallen, lower, best, xtol=tight)), float(optimize.brentq(fallen, best, upper, xtol=tight))
    )  # fmt: skip
