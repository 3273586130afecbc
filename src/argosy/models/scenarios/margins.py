"""Distributions of single assets, as tables from a copula's latent variable to a return."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels.copula import knots
from argosy.kernels.distributions import normal_cdf, normal_quantile, t_cdf, t_quantile
from argosy.models.moments.observations import observed

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NormalMargin:
    """Normal returns with this mean and volatility."""

    volatility: float
    mean: float = 0.0


@dataclass(frozen=True)
class StudentMargin:
    """Student t returns with ``nu`` degrees of freedom, scaled to this volatility (nu above 2)."""

    nu: float
    volatility: float
    mean: float = 0.0


@dataclass(frozen=True)
class EmpiricalMargin:
    """Returns as they were seen: linear between the sorted sample (type 7), never beyond its ends."""

    returns: tuple[float, ...]


Margin = NormalMargin | StudentMargin | EmpiricalMargin


def table(margin: Margin, nu: float | None) -> Float64:
    """Returns (M + 1,) of a margin at the latent values of :func:`argosy.kernels.copula.knots`.

    The latent variable is Student t with ``nu`` degrees of freedom, or normal without.

    Examples
    --------
    >>> same = table(NormalMargin(0.02), None)
    >>> bool(np.allclose(same[1_500:2_500], 0.02 * knots()[1_500:2_500]))
    True
    """
    y = knots()
    # By the lower tail on either side, so that no digit is lost near one.
    low = t_cdf(-np.abs(y), nu) if nu is not None else normal_cdf(-np.abs(y))
    low = np.maximum(low, 1e-300)
    side = np.where(y < 0.0, 1.0, -1.0)
    match margin:
        case NormalMargin(volatility=sigma, mean=mean):
            _sizes(sigma, mean)
            return np.asarray(mean + sigma * side * normal_quantile(low))
        case StudentMargin(nu=own, volatility=sigma, mean=mean):
            _sizes(sigma, mean)
            if not 2.0 < own < math.inf:
                raise InvalidInput(
                    f"a margin has {own} degrees of freedom, so it has no volatility", field="nu", found=own,
                    expected="above 2",
                )  # fmt: skip
            scale = sigma * math.sqrt((own - 2.0) / own)
            return np.asarray(mean + scale * side * t_quantile(low, own))
        case EmpiricalMargin(returns=seen):
            sample = np.sort(observed(np.asarray(seen, dtype=np.float64).reshape(-1, 1), least=10)[:, 0])
            reached = np.where(y < 0.0, low, 1.0 - low) * (sample.size - 1)
            return np.asarray(np.interp(reached, np.arange(sample.size), sample))


def _sizes(volatility: float, mean: float) -> None:
    if not 0.0 < volatility < math.inf or not math.isfinite(mean):
        raise InvalidInput(f"a margin has volatility {volatility}, mean {mean}", field="volatility",
                           expected="a positive volatility and a finite mean")  # fmt: skip
