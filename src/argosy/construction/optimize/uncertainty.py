"""How wrong means and covariances may be: sets of them, the radius given or from a confidence and a sample's size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.models.moments.covariance import Covariance, FactorCovariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MeanBox:
    """Each expected return within ``radius`` (N,) of the one given, whatever the others are."""

    radius: Float64

    @classmethod
    def of(cls, covariance: Covariance, *, observations: int, confidence: float = 0.95) -> MeanBox:
        """Two-sided normal intervals of means over a sample, asset by asset: ``z s / sqrt(T)``.

        Examples
        --------
        >>> MeanBox.of(FactorCovariance(np.zeros((1, 0)), np.array([0.04])), observations=100).radius.round(6).tolist()
        [0.039199]
        """
        # The distributions take a quarter of a second to load, and few models need them.
        from argosy.kernels.distributions import normal_quantile

        _checked(observations, confidence)
        return cls(float(normal_quantile(0.5 * (1.0 + confidence))) * np.sqrt(covariance.diagonal() / observations))


@dataclass(frozen=True, eq=False)
class MeanEllipsoid:
    """Expected returns m with ``(m - mu)' M^-1 (m - mu) <= radius^2``; ``shape`` is M, the covariance of the means."""

    radius: float
    shape: Covariance

    @classmethod
    def of(cls, covariance: Covariance, *, observations: int, confidence: float = 0.95) -> MeanEllipsoid:
        """The joint region of sample means: M is covariance / T, ``radius^2`` the chi-square quantile of N.

        Examples
        --------
        >>> found = MeanEllipsoid.of(FactorCovariance(np.zeros((2, 0)), np.array([0.04, 0.01])), observations=100)
        >>> round(found.radius**2, 6)
        5.991465
        """
        from argosy.kernels.distributions import chi_square_quantile

        _checked(observations, confidence)
        return cls(
            float(np.sqrt(chi_square_quantile(confidence, covariance.size))), scaled(covariance, 1.0 / observations)
        )


@dataclass(frozen=True, eq=False)
class CovarianceBox:
    """Each covariance within ``spread`` (N, N) of the one given; for long-only weights the worst is their sum."""

    spread: Float64

    @classmethod
    def of(cls, covariance: Covariance, *, observations: int, confidence: float = 0.95) -> CovarianceBox:
        """Intervals of covariances of normal returns, entry by entry: ``z sqrt((s_ij^2 + s_ii s_jj) / (T - 1))``."""
        from argosy.kernels.distributions import normal_quantile

        _checked(observations, confidence)
        s = covariance.dense()
        both = np.outer(s.diagonal(), s.diagonal())
        return cls(float(normal_quantile(0.5 * (1.0 + confidence))) * np.sqrt((s * s + both) / (observations - 1.0)))


@dataclass(frozen=True, eq=False)
class LoadingBalls:
    """Factor loadings of each asset within ``radius`` (N,) of those given, in units of the factors' risk.

    ``specific`` (N,) are the largest specific variances; those of the covariance when None.
    """

    radius: Float64
    specific: Float64 | None = None

    @classmethod
    def of(cls, covariance: Covariance, *, observations: int, confidence: float = 0.95) -> LoadingBalls:
        """Joint regions of regression loadings: ``sqrt(K F(K, T - K - 1) d / (T - 1))``.

        Source: Goldfarb and Iyengar (2003, section 5). F is the quantile of the F distribution, d the specific
        variance; the factors' covariance is that of the sample.
        """
        from scipy.special import fdtri

        _checked(observations, confidence)
        if not isinstance(covariance, FactorCovariance):
            raise InvalidInput("uncertain loadings need a factor model", field="covariance",
                               next_step="give argosy.FactorCovariance(...)")  # fmt: skip
        k = covariance.factors.shape[1]
        if observations <= k + 1:
            raise InvalidInput(f"{observations} observations of {k} factors", field="observations",
                               expected=f"at least {k + 2}")  # fmt: skip
        quantile = float(fdtri(k, observations - k - 1, confidence))
        return cls(np.sqrt(k * quantile * covariance.specific / (observations - 1.0)))


MeanSet = MeanBox | MeanEllipsoid
RiskSet = CovarianceBox | LoadingBalls


def scaled(covariance: Covariance, by: float) -> FactorCovariance:
    """A covariance times a number, in its factors."""
    return FactorCovariance(covariance.root * np.sqrt(by), covariance.rest * by)


def _checked(observations: int, confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise InvalidInput(f"the confidence {confidence!r} must lie between 0 and 1", field="confidence",
                           expected="0.95")  # fmt: skip
    if observations < 2:
        raise InvalidInput(f"{observations} observations say nothing about an error", field="observations")
