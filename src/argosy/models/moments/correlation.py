"""Correlations of a covariance, and the nearest matrix that is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, NotConverged, UndefinedMeasure
from argosy.models.moments.covariance import Covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NearestCorrelation:
    """A correlation matrix (N, N), its Frobenius distance from what was given, and the smallest eigenvalue of that."""

    matrix: Float64
    distance: float
    smallest_before: float
    iterations: int


def correlation_of(covariance: Covariance) -> tuple[Float64, Float64]:
    """Standard deviations (N,) and correlations (N, N); an asset that does not vary is refused by its place."""
    variance = covariance.diagonal()
    if (variance <= 0.0).any():
        raise UndefinedMeasure(f"asset {int((variance <= 0.0).argmax())} does not vary, so it has no correlation",
                               field="covariance", next_step="leave it out")  # fmt: skip
    deviations = np.sqrt(variance)
    matrix = covariance.dense() / np.outer(deviations, deviations)
    np.fill_diagonal(matrix, 1.0)
    return deviations, matrix


def nearest_correlation(
    matrix: npt.ArrayLike, *, floor: float = 0.0, tolerance: float = 1e-10, steps: int = 2_000
) -> NearestCorrelation:
    """Find the correlation matrix nearest in the Frobenius norm (Higham 2002, algorithm 3.3).

    Alternating projections on the positive semidefinite matrices (eigenvalues at least ``floor``) and on those with a
    diagonal of ones, with Dykstra's correction. What is a correlation already comes back as it is.

    Raises
    ------
    InvalidInput
        Not square, not symmetric, not finite, a floor outside 0 to 1.
    NotConverged
        With the residual, after ``steps``.

    Examples
    --------
    >>> found = nearest_correlation([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    >>> found.matrix[0].round(4).tolist(), round(found.distance, 4)
    ([1.0, 0.7607, 0.1573], 0.5278)
    """
    given = np.array(matrix, dtype=np.float64)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or given.size == 0 or not np.isfinite(given).all():
        raise InvalidInput(f"the matrix has shape {given.shape} or holds no finite number", field="matrix",
                           expected="(N, N) finite numbers")  # fmt: skip
    if np.abs(given - given.T).max() > 1e-9 * max(float(np.abs(given).max()), 1.0):
        raise InvalidInput("the matrix is not symmetric", field="matrix",
                           next_step="average it with its transpose if the difference is rounding")  # fmt: skip
    if not 0.0 <= floor < 1.0:
        raise InvalidInput(f"floor is {floor}", field="floor", found=floor, expected="0 to below 1")
    y = 0.5 * (given + given.T)
    values = np.linalg.eigvalsh(y)
    if values[0] >= floor - 1e-14 and np.abs(y.diagonal() - 1.0).max() <= 1e-14:
        return NearestCorrelation(y, 0.0, float(values[0]), 0)
    correction = np.zeros_like(y)
    residual, taken = np.inf, 0
    while residual > tolerance:
        if taken == steps:
            raise NotConverged(f"no nearest correlation after {steps} steps, residual {residual:.3g}", field="matrix",
                               next_step="allow more steps or a larger tolerance")  # fmt: skip
        taken += 1
        held = y - correction
        values, vectors = np.linalg.eigh(held)
        x = (vectors * np.maximum(values, floor)) @ vectors.T
        correction = x - held
        after = x.copy()
        np.fill_diagonal(after, 1.0)
        residual = float(np.linalg.norm(after - x) / np.linalg.norm(after))
        y = after
    # The last projection may leave eigenvalues of the size of the tolerance below the floor: mend both ends exactly.
    values, vectors = np.linalg.eigh(y)
    mended = (vectors * np.maximum(values, floor)) @ vectors.T
    scale = np.sqrt(mended.diagonal())
    mended = mended / np.outer(scale, scale)
    mended = 0.5 * (mended + mended.T)
    np.fill_diagonal(mended, 1.0)
    smallest = float(np.linalg.eigvalsh(0.5 * (given + given.T))[0])
    return NearestCorrelation(mended, float(np.linalg.norm(mended - given)), smallest, taken)
