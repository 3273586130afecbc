"""Covariances as the optimizer takes them: factor-structured, never made dense, or dense and checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]

SPLIT_SIZE = 150
"""Up to this many assets a dense covariance is split by its eigenvalues; beyond, its triangular root is enough."""


class NotPSD(InvalidInput):
    """A matrix that is no covariance: some portfolio would have negative variance."""

    code = "not_psd"


@dataclass(frozen=True, eq=False)
class FactorCovariance:
    """``S = F F' + diag(D)``: factors (N, K) already scaled by the factors' risk, specific variances (N,).

    Examples
    --------
    >>> s = FactorCovariance(np.array([[0.2], [0.1]]), np.array([0.01, 0.02]))
    >>> s.dense().round(4).tolist()
    [[0.05, 0.02], [0.02, 0.03]]
    """

    factors: Float64
    specific: Float64

    def __post_init__(self) -> None:
        factors = np.ascontiguousarray(self.factors, dtype=np.float64)
        specific = np.ascontiguousarray(self.specific, dtype=np.float64)
        if factors.ndim != 2 or specific.shape != factors.shape[:1]:
            raise InvalidInput(
                f"factors are {factors.shape}, specific variances {specific.shape}", field="covariance",
                expected="(N, K) and (N,)",
            )  # fmt: skip
        _finite(factors, "factors")
        _finite(specific, "specific variances")
        if (specific < 0.0).any():
            raise NotPSD(f"specific variance {float(specific.min()):.3g} is negative", field="covariance")
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "specific", specific)

    @classmethod
    def of(cls, loadings: Float64, factor_covariance: Float64, specific: Float64) -> FactorCovariance:
        """From loadings (N, K), the factors' covariance (K, K) and specific variances (N,).

        Examples
        --------
        >>> found = FactorCovariance.of(np.array([[1.0], [0.5]]), np.array([[0.04]]), np.array([0.01, 0.02]))
        >>> found.diagonal().round(6).tolist()
        [0.05, 0.03]
        """
        checked = DenseCovariance(np.asarray(factor_covariance)).matrix
        values, vectors = np.linalg.eigh(checked)
        return cls(np.asarray(loadings) @ (vectors * np.sqrt(np.maximum(values, 0.0))), specific)

    @property
    def size(self) -> int:
        """Number of assets."""
        return int(self.specific.size)

    @property
    def root(self) -> Float64:
        """R of ``S = R R' + diag(rest)``."""
        return self.factors

    @property
    def rest(self) -> Float64:
        """The diagonal beside the root."""
        return self.specific

    def times(self, x: Float64) -> Float64:
        """S x, in O(N K)."""
        found: Float64 = self.factors @ (self.factors.T @ x) + self.specific * x
        return found

    def diagonal(self) -> Float64:
        """Variances (N,)."""
        found: Float64 = np.einsum("ij,ij->i", self.factors, self.factors) + self.specific
        return found

    def dense(self) -> Float64:
        """The whole matrix (N, N), for those who ask for it."""
        found: Float64 = self.factors @ self.factors.T + np.diag(self.specific)
        return found

    def take(self, places: npt.NDArray[np.intp]) -> FactorCovariance:
        """The same for some of the assets."""
        return FactorCovariance(self.factors[places], self.specific[places])


@dataclass(frozen=True, eq=False)
class DenseCovariance:
    """A symmetric positive semidefinite matrix (N, N), checked when made.

    Raises
    ------
    InvalidInput
        Not square, not symmetric, not finite.
    NotPSD
        Some eigenvalue is negative beyond rounding; the message gives the smallest.
    """

    matrix: Float64

    def __post_init__(self) -> None:
        matrix = np.ascontiguousarray(self.matrix, dtype=np.float64)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
            raise InvalidInput(f"covariance has shape {matrix.shape}", field="covariance", expected="(N, N)")
        _finite(matrix, "covariance")
        apart = float(np.abs(matrix - matrix.T).max())
        if apart > 1e-9 * float(np.abs(matrix).max()):
            raise InvalidInput(
                f"covariance is not symmetric: mirrored entries differ by up to {apart:.3g}", field="covariance",
                next_step="average it with its transpose if the difference is meant to be rounding",
            )  # fmt: skip
        object.__setattr__(self, "matrix", np.ascontiguousarray(0.5 * (matrix + matrix.T)))
        assert self._parts[0].size

    @cached_property
    def _parts(self) -> tuple[Float64, Float64]:
        n = self.matrix.shape[0]
        if n > SPLIT_SIZE:
            try:
                return np.asarray(np.linalg.cholesky(self.matrix), dtype=np.float64), np.zeros(n)
            except np.linalg.LinAlgError:
                pass
        values, vectors = np.linalg.eigh(self.matrix)
        largest = max(float(values[-1]), 0.0)
        if values[0] < -1e-10 * max(largest, 1e-300) * n:
            raise NotPSD(
                f"covariance is not positive semidefinite: its smallest eigenvalue is {float(values[0]):.3g}, "
                f"its largest {largest:.3g}",
                field="covariance", next_step="ask nearest_psd for the nearest covariance; it reports the distance",
            )  # fmt: skip
        # A part of the smallest eigenvalue, taken out as a diagonal, lets the problem be solved asset by asset.
        shift = 0.999 * float(values[0]) if values[0] > 1e-7 * largest else 0.0
        return vectors * np.sqrt(np.maximum(values - shift, 0.0)), np.full(n, shift)

    @property
    def size(self) -> int:
        """Number of assets."""
        return int(self.matrix.shape[0])

    @property
    def root(self) -> Float64:
        """R of ``S = R R' + diag(rest)``."""
        return self._parts[0]

    @property
    def rest(self) -> Float64:
        """The diagonal beside the root."""
        return self._parts[1]

    def times(self, x: Float64) -> Float64:
        """S x."""
        found: Float64 = self.matrix @ x
        return found

    def diagonal(self) -> Float64:
        """Variances (N,)."""
        return self.matrix.diagonal().copy()

    def dense(self) -> Float64:
        """The matrix itself."""
        return self.matrix

    def take(self, places: npt.NDArray[np.intp]) -> DenseCovariance:
        """The same for some of the assets."""
        return DenseCovariance(self.matrix[np.ix_(places, places)])


Covariance = FactorCovariance | DenseCovariance


def as_covariance(given: Covariance | npt.ArrayLike) -> Covariance:
    """A covariance as given, or a matrix checked and wrapped.

    Examples
    --------
    >>> as_covariance([[1.0, 2.0], [2.0, 1.0]])
    Traceback (most recent call last):
    ...
    argosy.models.moments.covariance.NotPSD: covariance is not positive semidefinite: its smallest eigenvalue is -1, \
its largest 3. Next: ask nearest_psd for the nearest covariance; it reports the distance
    """
    if isinstance(given, FactorCovariance | DenseCovariance):
        return given
    return DenseCovariance(floats(given, "covariance"))


def _finite(values: Float64, what: str) -> None:
    if not np.isfinite(values).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise InvalidInput(f"{what} has no finite number at {place}", field="covariance", found=values[place].item())


@dataclass(frozen=True, eq=False)
class Repair:
    """A repaired covariance and how far it lies from what was given (Frobenius norm)."""

    covariance: DenseCovariance
    distance: float
    smallest_before: float


def nearest_psd(matrix: npt.ArrayLike, *, floor: float = 0.0) -> Repair:
    """The nearest positive semidefinite matrix in the Frobenius norm (Higham 1988), eigenvalues at least ``floor``.

    Examples
    --------
    >>> found = nearest_psd([[1.0, 2.0], [2.0, 1.0]])
    >>> found.covariance.matrix.round(12).tolist(), round(found.distance, 12), round(found.smallest_before, 12)
    ([[1.5, 1.5], [1.5, 1.5]], 1.0, -1.0)
    """
    given = np.asarray(matrix, dtype=np.float64)
    values, vectors = np.linalg.eigh(0.5 * (given + given.T))
    mended = (vectors * np.maximum(values, floor)) @ vectors.T
    return Repair(DenseCovariance(0.5 * (mended + mended.T)), float(np.linalg.norm(mended - given)), float(values[0]))
