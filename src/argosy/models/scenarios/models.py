"""Joint models of returns with factor structure: normal, Student t, and copulas with margins of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels.copula import BEND, BLOCK, copula_losses
from argosy.models.moments.covariance import FactorCovariance
from argosy.models.moments.observations import floats
from argosy.models.scenarios.margins import Margin, table

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FactorScenarios:
    """Returns ``mean + F z + sqrt(D) e``: normal, or with ``nu`` multivariate Student t of the same covariance.

    Examples
    --------
    >>> model = FactorScenarios(FactorCovariance(np.array([[0.02], [0.01]]), np.array([1e-4, 1e-4])), nu=5.0)
    >>> model.size, model.dimension
    (2, 3)
    """

    covariance: FactorCovariance
    nu: float | None = None
    mean: Float64 | None = None

    def __post_init__(self) -> None:
        if self.nu is not None and not 2.0 < self.nu < math.inf:
            raise InvalidInput(f"nu is {self.nu}: a Student t needs more than 2 degrees of freedom for a variance",
                               field="nu", found=self.nu, expected="above 2")  # fmt: skip
        if self.mean is not None:
            mean = floats(self.mean, "mean")
            if mean.shape != (self.size,) or not np.isfinite(mean).all():
                raise InvalidInput(f"mean has shape {mean.shape}", field="mean", expected=f"({self.size},), finite")
            object.__setattr__(self, "mean", mean)

    @property
    def size(self) -> int:
        """Number of assets."""
        return self.covariance.size

    @property
    def factors(self) -> int:
        """Number of common factors."""
        return int(self.covariance.factors.shape[1])

    @property
    def dimension(self) -> int:
        """Normals one scenario takes: factors, then assets."""
        return self.factors + self.size

    @property
    def name(self) -> str:
        """What the model is called in results."""
        return "normal factor model" if self.nu is None else f"Student t factor model ({self.nu:g})"

    def returns(self, normals: Float64, chi_square: Float64 | None) -> Float64:
        """Returns (B, N) from normals (B, K + N), and a chi square with nu degrees of freedom (B,) for Student t."""
        k = self.factors
        out = normals[:, :k] @ self.covariance.factors.T
        out += normals[:, k:] * np.sqrt(self.covariance.specific)
        if self.nu is not None and chi_square is not None:
            out *= np.sqrt((self.nu - 2.0) / chi_square)[:, None]
        return out if self.mean is None else np.asarray(out + self.mean)

    def direction(self, weights: Float64) -> Float64:
        """Unit vector (K + N,) of normals along which a portfolio loses fastest."""
        along = np.concatenate([self.covariance.factors.T @ weights, np.sqrt(self.covariance.specific) * weights])
        length = float(np.linalg.norm(along))
        if length == 0.0:
            raise InvalidInput("the portfolio has no risk in this model", field="weights")
        return -along / length


@dataclass(frozen=True, eq=False)
class CopulaScenarios:
    """Returns with margins of their own under a normal or (with ``nu``) Student t copula of factor structure.

    Latent ``y = (L z + d e) sqrt(nu / chi square)`` with ``d^2 = 1 - sum of squared loadings``; asset i returns the
    quantile of its margin at the probability of y_i (McNeil, Frey and Embrechts 2015, section 7.3). Margins are tables
    of 4,096 steps, linear between; the largest error in the middle 99.9% is 2e-5 of a volatility.

    Parameters
    ----------
    loadings : (N, K), each row's squares summing to at most 1
    margins : one for each asset
    """

    loadings: Float64
    margins: tuple[Margin, ...]
    nu: float | None = None

    def __post_init__(self) -> None:
        loadings = np.ascontiguousarray(floats(self.loadings, "loadings"))
        object.__setattr__(self, "loadings", loadings)
        if loadings.ndim != 2 or len(self.margins) != loadings.shape[0]:
            raise InvalidInput(f"{len(self.margins)} margins for loadings {loadings.shape}", field="margins",
                               expected="one margin for each row")  # fmt: skip
        if not np.isfinite(loadings).all():
            raise InvalidInput("a loading is not a finite number", field="loadings")
        most = float((loadings**2).sum(axis=1).max(initial=0.0))
        if most > 1.0 + 1e-12:
            raise InvalidInput(f"squared loadings of an asset sum to {most:.6g}", field="loadings", found=most,
                               expected="at most 1, as shares of its variance")  # fmt: skip
        if self.nu is not None and not 0.0 < self.nu < math.inf:
            raise InvalidInput(f"nu is {self.nu}", field="nu", found=self.nu, expected="above 0")

    @property
    def size(self) -> int:
        """Number of assets."""
        return int(self.loadings.shape[0])

    @property
    def factors(self) -> int:
        """Number of common factors."""
        return int(self.loadings.shape[1])

    @property
    def dimension(self) -> int:
        """Normals one scenario takes: factors, then assets."""
        return self.factors + self.size

    @property
    def name(self) -> str:
        """What the model is called in results."""
        return "normal copula" if self.nu is None else f"Student t copula ({self.nu:g})"

    @cached_property
    def own(self) -> Float64:
        """Loading (N,) of each asset on its own noise."""
        return np.asarray(np.sqrt(np.maximum(1.0 - (self.loadings**2).sum(axis=1), 0.0)))

    @cached_property
    def tables(self) -> Float64:
        """Margins (N, M + 1) at the knots; equal margins are tabulated once."""
        made: dict[Margin, Float64] = {}
        for margin in self.margins:
            if margin not in made:
                made[margin] = table(margin, self.nu)
        return np.array([made[margin] for margin in self.margins])

    def returns(self, normals: Float64, chi_square: Float64 | None) -> Float64:
        """Returns (B, N) from normals (B, K + N), and a chi square with nu degrees of freedom (B,) for Student t."""
        k = self.factors
        y = normals[:, :k] @ self.loadings.T
        y += normals[:, k:] * self.own
        if self.nu is not None and chi_square is not None:
            y *= np.sqrt(self.nu / chi_square)[:, None]
        steps = self.tables.shape[1] - 1
        at = (y / (np.abs(y) + BEND) + 1.0) * (0.5 * steps)
        knot = np.minimum(at.astype(np.int64), steps - 1)
        column = np.arange(self.size)
        low = self.tables[column, knot]
        return np.asarray(low + (at - knot) * (self.tables[column, knot + 1] - low))

    def direction(self, weights: Float64) -> Float64:
        """Unit vector (K + N,) of normals along which a portfolio loses fastest, margins taken as linear."""
        spread = 0.5 * (self.tables[:, -self.tables.shape[1] // 4] - self.tables[:, self.tables.shape[1] // 4])
        sized = weights * spread
        along = np.concatenate([self.loadings.T @ sized, self.own * sized])
        length = float(np.linalg.norm(along))
        if length == 0.0:
            raise InvalidInput("the portfolio has no risk in this model", field="weights")
        return -along / length

    def linear_losses(
        self, weights: Float64, *, seed: int, first: int, count: int, chosen: Float64 | None = None
    ) -> tuple[Float64, Float64]:
        """Losses of ``-weights' returns`` over ``count`` blocks by the compiled kernel, in single precision."""
        return copula_losses(
            self.loadings, self.own, weights, self.tables.astype(np.float32), nu=self.nu, seed=seed, first=first,
            count=count, chosen=chosen,
        )  # fmt: skip


ScenarioModel = FactorScenarios | CopulaScenarios

__all__ = ["BLOCK", "CopulaScenarios", "FactorScenarios", "ScenarioModel"]
