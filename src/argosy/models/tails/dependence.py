"""Tail dependence: how likely one asset crashes when another does."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.levels import confidence_level
from argosy.kernels.distributions import t_cdf
from argosy.models.moments.observations import InsufficientData, observed

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TailDependence:
    """Chance of each asset (row) being in its worst ``share``, given that another (column) is; and standard errors.

    (N, N), the diagonal 1. ``share`` itself is what independence would give.
    """

    coefficients: Float64
    standard_errors: Float64
    share: float
    observations: int


def tail_dependence(returns: npt.ArrayLike, *, share: float = 0.05) -> TailDependence:
    """Empirical lower tail dependence of returns (T, N) at a finite share (Schmidt and Stadtmueller 2006).

    Raises
    ------
    InsufficientData
        Fewer than 10 returns in the worst share.

    Examples
    --------
    >>> r = np.random.default_rng(1).standard_normal((1_000, 1))
    >>> tail_dependence(np.hstack([r, r, -r]), share=0.05).coefficients.tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    part = confidence_level(share, field="share")
    r = observed(returns)
    count = math.floor(part * r.shape[0] + 1e-9)
    if count < 10:
        raise InsufficientData(f"{count} returns in the worst {part:g} of {r.shape[0]}", field="returns", found=count,
                               expected="at least 10", next_step="take a larger share")  # fmt: skip
    worst = np.zeros(r.shape, dtype=np.float64)
    places = np.argsort(r, axis=0, kind="stable")[:count]
    np.put_along_axis(worst, places, 1.0, axis=0)
    found = worst.T @ worst / count
    return TailDependence(found, np.sqrt(found * (1.0 - found) / count), part, r.shape[0])


def t_copula_tail_dependence(correlation: float, nu: float) -> float:
    """Limit of tail dependence under a t copula: ``2 t_(nu+1)(-sqrt((nu + 1)(1 - rho) / (1 + rho)))``.

    Embrechts, McNeil and Straumann 2002. A normal copula has none.

    Examples
    --------
    >>> round(t_copula_tail_dependence(0.5, 4.0), 2), round(t_copula_tail_dependence(0.0, 4.0), 2)
    (0.25, 0.08)
    """
    if not -1.0 < correlation < 1.0 or not 0.0 < nu < math.inf:
        raise InvalidInput(f"correlation {correlation}, degrees of freedom {nu}", field="correlation",
                           expected="between -1 and 1, and above 0")  # fmt: skip
    edge = math.sqrt((nu + 1.0) * (1.0 - correlation) / (1.0 + correlation))
    return 2.0 * float(t_cdf(-edge, nu + 1.0))
