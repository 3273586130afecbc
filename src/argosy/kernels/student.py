"""Location, scale and degrees of freedom of Student t by maximum likelihood."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import optimize

Float64 = npt.NDArray[np.float64]

LEAST_NU, MOST_NU = 2.05, 300.0


def log_likelihood(x: Float64, location: float, scale: float, nu: float) -> float:
    """Log-likelihood of x under location + scale * t(nu)."""
    z = (x - location) / scale
    constant = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(math.pi * nu) - math.log(scale)
    return x.size * constant - 0.5 * (nu + 1.0) * float(np.log1p(z * z / nu).sum())


def location_scale(x: Float64, nu: float) -> tuple[float, float]:
    """Location and scale at given degrees of freedom, by expectation and maximization (Liu and Rubin 1995)."""
    location, scale = float(np.median(x)), float(x.std())
    for _ in range(500):
        z = (x - location) / scale
        weights = (nu + 1.0) / (nu + z * z)
        moved = float(weights @ x) / float(weights.sum())
        # Divided by the sum of weights instead of n: the same fixed point, reached sooner (Kent, Tyler, Vardi 1994).
        wider = math.sqrt(float(weights @ (x - moved) ** 2) / float(weights.sum()))
        settled = abs(moved - location) + abs(wider - scale) <= 1e-12 * wider
        location, scale = moved, wider
        if settled:
            break
    return location, scale


def fit(x: Float64) -> tuple[float, float, float]:
    """Location, scale and degrees of freedom (2.05 to 300) of greatest likelihood.

    Examples
    --------
    >>> x = np.random.default_rng(1).standard_t(4.0, 20_000)
    >>> 3.7 < fit(x)[2] < 4.3
    True
    """

    def cost(log_nu: float) -> float:
        nu = math.exp(log_nu)
        location, scale = location_scale(x, nu)
        return -log_likelihood(x, location, scale, nu)

    bounds = (math.log(LEAST_NU), math.log(MOST_NU))
    found = optimize.minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    nu = math.exp(float(found.x))
    return *location_scale(x, nu), nu
