"""How many independent risks are held, counted along the uncorrelated factors nearest to the assets themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import NotConverged, UndefinedMeasure
from argosy.models.moments.correlation import correlation_of
from argosy.models.moments.covariance import Covariance, as_covariance
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]

STEPS = 10_000
SETTLED = 1e-13
SINGULAR = 1e-10
"""Smallest eigenvalue of a correlation, as a share of the largest, below which assets repeat each other."""


@dataclass(frozen=True, eq=False)
class TorsionBets:
    """Effective number of bets and the shares (N,) of variance, one for each asset's own uncorrelated factor.

    ``torsion`` (N, N) makes the factors from the assets: ``z = torsion @ r``; they are uncorrelated with each other.
    """

    effective_bets: float
    shares: Float64
    torsion: Float64


def minimum_torsion_bets(weights: npt.ArrayLike, covariance: Covariance | npt.ArrayLike) -> TorsionBets:
    """Effective bets along the minimum torsion: uncorrelated factors with the least tracking error to the assets.

    Meucci, Santangelo and Deguest (2015). Unlike principal components (``diversification``), each factor belongs to an
    asset, and equal variances leave no choice of axes. O(N^3) a step.

    Raises
    ------
    UndefinedMeasure
        No risk, an asset without variance, or assets that repeat each other: they have no factors of their own.
    NotConverged
        The torsion did not settle.

    Examples
    --------
    >>> found = minimum_torsion_bets([0.5, 0.5], [[0.04, 0.01], [0.01, 0.04]])
    >>> round(found.effective_bets, 6), found.shares.round(6).tolist()
    (2.0, [0.5, 0.5])
    """
    belief = as_covariance(covariance)
    w = floats(weights, "weights")
    variance = float(w @ belief.times(w)) if w.shape == (belief.size,) else math.nan
    if not variance > 0.0:
        raise UndefinedMeasure(
            f"weights of shape {w.shape} have no risk in a covariance of {belief.size} assets", field="weights",
            next_step="give one finite weight for each asset, some of them not zero",
        )  # fmt: skip
    deviation, correlation = correlation_of(belief)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] <= SINGULAR * values[-1]:
        raise UndefinedMeasure(
            "some assets repeat each other, so they have no uncorrelated factors of their own", field="covariance",
            next_step="leave one of them out, or shrink the covariance",
        )  # fmt: skip
    root = (vectors * np.sqrt(values)) @ vectors.T
    scale = np.ones(belief.size)
    before = math.inf
    for _ in range(STEPS):
        # The nearest rotation to diag(scale) root: the one of its polar decomposition.
        left, _, right = np.linalg.svd(scale[:, None] * root)
        rotation = left @ right
        scale = np.diag(rotation @ root).copy()
        away = float(np.linalg.norm(root - scale[:, None] * rotation))
        if abs(before - away) <= SETTLED * belief.size:
            break
        before = away
    else:
        raise NotConverged(f"the torsion had not settled after {STEPS} steps", field="covariance",
                           next_step="shrink the covariance")  # fmt: skip
    twist = np.linalg.solve(root, (scale[:, None] * rotation).T).T
    torsion = deviation[:, None] * twist / deviation
    exposure = np.linalg.solve(torsion.T, w)
    shares = exposure * (torsion @ belief.times(w)) / variance
    some = shares[shares > 1e-15]
    return TorsionBets(math.exp(-float((some * np.log(some)).sum())), shares, torsion)
