"""Normal, Student t and beta distributions on arrays: distribution functions, quantiles, densities, tail means.

Student t is the standard one (variance ``nu / (nu - 2)``) unless the name says ``unit``, which has variance 1.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

Float64 = npt.NDArray[np.float64]

ROOT_2PI = math.sqrt(2.0 * math.pi)


def normal_quantile(p: npt.ArrayLike) -> Float64:
    """Quantile of the standard normal.

    Examples
    --------
    >>> round(float(normal_quantile(0.99)), 6)
    2.326348
    """
    return np.asarray(special.ndtri(p), dtype=np.float64)


def normal_cdf(x: npt.ArrayLike) -> Float64:
    """Distribution function of the standard normal."""
    return np.asarray(special.ndtr(x), dtype=np.float64)


def normal_density(x: npt.ArrayLike) -> Float64:
    """Density of the standard normal."""
    z = np.asarray(x, dtype=np.float64)
    return np.asarray(np.exp(-0.5 * z * z) / ROOT_2PI, dtype=np.float64)


def t_quantile(p: npt.ArrayLike, nu: npt.ArrayLike) -> Float64:
    """Quantile of Student t."""
    return np.asarray(special.stdtrit(nu, p), dtype=np.float64)


def t_cdf(x: npt.ArrayLike, nu: npt.ArrayLike) -> Float64:
    """Distribution function of Student t."""
    return np.asarray(special.stdtr(nu, x), dtype=np.float64)


def t_density(x: npt.ArrayLike, nu: float) -> Float64:
    """Density of Student t."""
    z = np.asarray(x, dtype=np.float64)
    constant = math.exp(math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu)) / math.sqrt(math.pi * nu)
    return np.asarray(constant * (1.0 + z * z / nu) ** (-0.5 * (nu + 1.0)), dtype=np.float64)


def unit_t_tail(p: float, nu: float) -> tuple[float, float]:
    """Upper quantile with tail mass ``p`` of the t scaled to variance 1, and the mean beyond it (nu > 2).

    Examples
    --------
    >>> [round(value, 6) for value in unit_t_tail(0.01, 5.0)]
    [2.606464, 3.448837]
    """
    scale = math.sqrt((nu - 2.0) / nu)
    q = -float(t_quantile(p, nu))
    beyond = float(t_density(q, nu)) / p * (nu + q * q) / (nu - 1.0)
    return scale * q, scale * beyond


def chi_square_quantile(p: npt.ArrayLike, nu: float) -> Float64:
    """Quantile of chi square."""
    return np.asarray(2.0 * special.gammaincinv(0.5 * nu, p), dtype=np.float64)


def chi_square_cdf(x: npt.ArrayLike, nu: float) -> Float64:
    """Distribution function of chi square."""
    return np.asarray(special.gammainc(0.5 * nu, 0.5 * np.asarray(x, dtype=np.float64)), dtype=np.float64)


def beta_cdf(x: npt.ArrayLike, a: float, b: float) -> Float64:
    """Distribution function of the beta distribution."""
    return np.asarray(special.betainc(a, b, x), dtype=np.float64)
