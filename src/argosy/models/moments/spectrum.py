"""Covariances cleaned by what random matrices look like, by co-movements, or by factors that were observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance
from argosy.models.moments.observations import InsufficientData, observed

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Denoised:
    """A cleaned covariance, how many eigenvalues stood above the noise, and the edge of the noise."""

    covariance: DenseCovariance
    signals: int
    edge: float


def denoised_covariance(returns: npt.ArrayLike, *, detone: int = 0) -> Denoised:
    """Sample covariance whose correlation eigenvalues within the Marchenko and Pastur (1967) band become their mean.

    The edge is ``(1 + sqrt(N / T))^2``, that of uncorrelated returns. ``detone`` takes out so many of the largest
    eigenvalues, the market first (Lopez de Prado 2020, section 2.6): such a matrix is singular and serves clustering.

    Examples
    --------
    >>> r = np.random.default_rng(3).normal(0.0, 0.01, (500, 30))
    >>> found = denoised_covariance(r + np.random.default_rng(4).normal(0.0, 0.01, (500, 1)))
    >>> found.signals
    1
    """
    r = observed(returns)
    periods, n = r.shape
    s = np.atleast_2d(np.cov(r, rowvar=False))
    sigma = np.sqrt(s.diagonal())
    if (sigma <= 0.0).any():
        raise InvalidInput("an asset does not vary, so it has no correlation", field="returns")
    values, vectors = np.linalg.eigh(s / np.outer(sigma, sigma))
    edge = float((1.0 + np.sqrt(n / periods)) ** 2)
    noise = values <= edge
    cleaned = np.where(noise, float(values[noise].mean()) if noise.any() else 0.0, values)
    if not 0 <= detone < n:
        raise InvalidInput(f"detone={detone} of {n} eigenvalues", field="detone", expected=f"0 to {n - 1}")
    if detone:
        cleaned[-detone:] = 0.0
    correlation = (vectors * cleaned) @ vectors.T
    scale = np.sqrt(correlation.diagonal())
    correlation = correlation / np.outer(scale, scale)
    return Denoised(DenseCovariance(correlation * np.outer(sigma, sigma)), int((~noise).sum()), edge)


def gerber_covariance(returns: npt.ArrayLike, *, threshold: float = 0.5) -> Float64:
    """Covariance from counts of joint large moves (Gerber, Markowitz, Ernst, Miao, Javid and Sargen 2022, eq. 11).

    A move is large beyond ``threshold`` standard deviations. Gives the matrix (N, N) as defined, which may be
    indefinite: ask ``nearest_psd`` where that matters.

    Examples
    --------
    >>> r = np.array([[0.02, 0.02], [-0.02, -0.02], [0.02, 0.02], [-0.02, -0.02]])
    >>> bool(np.isclose(gerber_covariance(r)[0, 1], gerber_covariance(r)[0, 0]))
    True
    """
    if not 0.0 <= threshold < np.inf:
        raise InvalidInput(f"a threshold of {threshold!r} standard deviations", field="threshold", expected="0 or more")
    r = observed(returns)
    sigma = r.std(axis=0, ddof=1)
    high, low = (r >= threshold * sigma).astype(np.float64), (r <= -threshold * sigma).astype(np.float64)
    still = ((r < threshold * sigma) & (r > -threshold * sigma)).astype(np.float64)
    with_it = high.T @ high + low.T @ low
    against = high.T @ low + low.T @ high
    quiet = still.T @ still
    counted = r.shape[0] - quiet
    if (counted <= 0.0).any():
        raise InsufficientData("some pair of assets has no large move in common", field="returns",
                               next_step="lower the threshold")  # fmt: skip
    found: Float64 = (with_it - against) / counted * np.outer(sigma, sigma)
    return found


def factor_covariance(returns: npt.ArrayLike, factors: npt.ArrayLike) -> FactorCovariance:
    """Covariance by regression on observed factor returns (T, K): ``B C B' + diag(residual variances)``, never dense.

    Raises
    ------
    InsufficientData
        Fewer than K + 2 observations.

    Examples
    --------
    >>> f = np.random.default_rng(5).normal(0.0, 0.01, (300, 2))
    >>> r = f @ np.array([[1.0, 0.5], [0.0, 1.0]]) + np.random.default_rng(6).normal(0.0, 0.005, (300, 2))
    >>> factor_covariance(r, f).factors.shape
    (2, 2)
    """
    f = observed(factors)
    periods, count = f.shape
    r = observed(returns, least=count + 2)
    if r.shape[0] != periods:
        raise InvalidInput(f"{r.shape[0]} returns beside {periods} factor returns", field="factors")
    x = f - f.mean(axis=0)
    y = r - r.mean(axis=0)
    loadings, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    if rank < count:
        raise InvalidInput("the factors repeat each other", field="factors", next_step="leave one of them out")
    rest = y - x @ loadings
    specific = (rest * rest).sum(axis=0) / (periods - count - 1.0)
    return FactorCovariance.of(loadings.T, x.T @ x / (periods - 1.0), specific)


def principal_covariance(returns: npt.ArrayLike, *, factors: int) -> FactorCovariance:
    """Covariance by the largest principal components, with what is left of each variance as specific (N, K).

    Variances are those of the sample; only correlations beyond the components are set to zero.
    """
    r = observed(returns)
    if not 1 <= factors < min(r.shape):
        raise InvalidInput(f"{factors} components of returns {r.shape}", field="factors")
    x = r - r.mean(axis=0)
    _, sizes, vectors = np.linalg.svd(x / np.sqrt(r.shape[0] - 1.0), full_matrices=False)
    root = vectors[:factors].T * sizes[:factors]
    variance = (x * x).sum(axis=0) / (r.shape[0] - 1.0)
    return FactorCovariance(root, np.maximum(variance - (root * root).sum(axis=1), 0.0))


def block_bootstrap(returns: npt.ArrayLike, *, draws: int, block: int, generator: Generator) -> Float64:
    """Scenario sets (draws, T, N) of circular blocks (Politis and Romano 1992): what one sample might have been.

    Examples
    --------
    >>> sets = block_bootstrap(np.arange(6.0).reshape(6, 1), draws=2, block=3, generator=np.random.default_rng(1))
    >>> sets.shape, bool((np.diff(sets[0, :3, 0]) % 6 == 1).all())
    ((2, 6, 1), True)
    """
    r = observed(returns)
    periods = r.shape[0]
    if not 1 <= block <= periods or draws < 1:
        raise InvalidInput(f"{draws} draws of blocks of {block} from {periods} periods", field="block")
    starts = generator.integers(0, periods, (draws, -(-periods // block)))
    rows = (starts[:, :, None] + np.arange(block)[None, None, :]) % periods
    found: Float64 = r[rows.reshape(draws, -1)[:, :periods]]
    return found
