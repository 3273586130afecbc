"""Means and covariances of returns with gaps: from the pairs that were observed, or of highest likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GappedMoments:
    """Means (N,) and covariance (N, N) of returns with gaps; ``fewest`` observations of any pair, EM ``steps``.

    The matrix of pairs may be indefinite: wrap it, or ask ``nearest_psd``.
    """

    mean: Float64
    covariance: Float64
    fewest: int
    steps: int = 0


def _gapped(returns: npt.ArrayLike) -> Float64:
    found = np.ascontiguousarray(returns, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] == 0:
        raise InvalidInput(f"returns have shape {found.shape}", field="returns", expected="(T, N)")
    if np.isinf(found).any():
        raise InvalidInput("a return is infinite", field="returns")
    seen = (~np.isnan(found)).sum(axis=0)
    if seen.size and int(seen.min()) < 2:
        raise InsufficientData(f"asset {int(seen.argmin()) + 1} has {int(seen.min())} observations", field="returns",
                               expected="at least 2 of each asset")  # fmt: skip
    return found


def pairwise_moments(returns: npt.ArrayLike) -> GappedMoments:
    """Mean of each asset over its own observations, covariance of each pair over the periods both have.

    Each pair is centered on its own common periods and divided by their number less one.

    Raises
    ------
    InsufficientData
        A pair with fewer than two periods in common.

    Examples
    --------
    >>> nan = float("nan")
    >>> pairwise_moments([[0.0, 0.0], [0.02, 0.04], [0.04, nan]]).covariance.round(6).tolist()
    [[0.0004, 0.0004], [0.0004, 0.0008]]
    """
    r = _gapped(returns)
    here = (~np.isnan(r)).astype(np.float64)
    x = np.where(here > 0.0, r, 0.0)
    # About each asset's mean first, so that large means do not cost digits.
    mean = x.sum(axis=0) / here.sum(axis=0)
    x = np.where(here > 0.0, r - mean, 0.0)
    counts = here.T @ here
    fewest = int(counts.min())
    if fewest < 2:
        i, j = (int(k) for k in np.argwhere(counts < 2)[0])
        raise InsufficientData(f"assets {i + 1} and {j + 1} have {int(counts[i, j])} periods in common",
                               field="returns", expected="at least 2",
                               next_step="use em, or leave out one of them")  # fmt: skip
    sums = x.T @ here  # (i, j): sum of asset i over the periods that j has too
    covariance = (x.T @ x - sums * sums.T / counts) / (counts - 1.0)
    return GappedMoments(mean, 0.5 * (covariance + covariance.T), fewest)


def em_moments(returns: npt.ArrayLike, *, tolerance: float = 1e-8, most: int = 1000) -> GappedMoments:
    """Mean and covariance of highest likelihood for normal returns with gaps (Dempster, Laird and Rubin 1977).

    As in Little and Rubin (2002, section 11.2), then brought from T to T - 1 as a sample covariance is.

    Gaps must not depend on the returns that are missing (missing at random). Without gaps it is the sample's. The
    covariance is positive semidefinite. Cost: one factorization per pattern of gaps and step.

    Raises
    ------
    InsufficientData
        The steps did not settle: too little was observed to tell the assets apart.

    Examples
    --------
    >>> nan = float("nan")
    >>> found = em_moments([[0.01, 0.02], [0.03, 0.06], [-0.01, -0.02], [0.02, nan]])
    >>> round(float(found.mean[1] / found.mean[0]), 6)
    2.0
    """
    r = _gapped(returns)
    periods, n = r.shape
    here = ~np.isnan(r)
    keep = here.any(axis=1)
    r, here = r[keep], here[keep]
    periods = r.shape[0]
    counts = here.astype(np.float64).T @ here.astype(np.float64)
    patterns, which = np.unique(here, axis=0, return_inverse=True)
    groups = [np.flatnonzero(which.ravel() == k) for k in range(patterns.shape[0])]
    mean = np.nanmean(r, axis=0)
    covariance = np.diag(np.nanvar(r, axis=0))
    unit = float(np.trace(covariance)) / n
    if unit <= 0.0:
        return GappedMoments(mean, np.zeros((n, n)), int(counts.min()))
    for step in range(1, most + 1):
        first, second = np.zeros(n), np.zeros((n, n))
        for pattern, rows in zip(patterns, groups, strict=True):
            filled, spread = _filled(r[rows], pattern, mean, covariance)
            first += filled.sum(axis=0)
            apart = filled - mean
            second += apart.T @ apart + rows.size * spread
        moved = first / periods
        shift = moved - mean
        fresh = second / periods - np.outer(shift, shift)
        change = max(float(np.abs(shift).max()) / np.sqrt(unit), float(np.abs(fresh - covariance).max()) / unit)
        mean, covariance = moved, 0.5 * (fresh + fresh.T)
        if change <= tolerance:
            return GappedMoments(mean, covariance * periods / (periods - 1.0), int(counts.min()), step)
    raise InsufficientData(
        f"estimates from returns with gaps did not settle in {most} steps", field="returns",
        next_step="leave out the assets with the shortest histories",
    )  # fmt: skip


def _filled(rows: Float64, seen: npt.NDArray[np.bool_], mean: Float64, covariance: Float64) -> tuple[Float64, Float64]:
    """Rows of one pattern with gaps at their conditional means, and the covariance that is left in the gaps."""
    spread = np.zeros_like(covariance)
    if seen.all():
        return rows, spread
    gone = ~seen
    inside = covariance[np.ix_(seen, seen)]
    across = covariance[np.ix_(seen, gone)]
    slopes = np.linalg.lstsq(inside, across, rcond=None)[0]
    filled = rows.copy()
    filled[:, gone] = mean[gone] + (rows[:, seen] - mean[seen]) @ slopes
    spread[np.ix_(gone, gone)] = covariance[np.ix_(gone, gone)] - across.T @ slopes
    return filled, spread
