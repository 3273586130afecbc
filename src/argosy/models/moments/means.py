"""Expected returns per period: observed, fading, shrunk, implied by one factor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.models.moments.observations import InsufficientData, fading, observed

Float64 = npt.NDArray[np.float64]


def historical_mean(returns: npt.ArrayLike) -> Float64:
    """Arithmetic mean of each column of returns (T, N).

    Examples
    --------
    >>> historical_mean([[0.01, 0.02], [0.03, 0.0]]).tolist()
    [0.02, 0.01]
    """
    found: Float64 = observed(returns, least=1).mean(axis=0)
    return found


def exponential_mean(returns: npt.ArrayLike, *, half_life: float) -> Float64:
    """Mean with weights that halve every ``half_life`` periods.

    Examples
    --------
    >>> exponential_mean([[0.0], [0.03]], half_life=1.0).round(12).tolist()
    [0.02]
    """
    r = observed(returns, least=1)
    found: Float64 = fading(r.shape[0], half_life) @ r
    return found


def james_stein_mean(returns: npt.ArrayLike) -> Float64:
    """Means drawn to their average by the positive-part James and Stein (1961) rule, in the metric of the covariance.

    The pull is ``(N mean(eigenvalues of S) - 2 max(eigenvalue)) / (T |mu - average|^2)``, at most 1 and not negative,
    the form for unequal variances (Bock 1975; Jorion 1986, section 2).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> r = rng.normal(0.01, 0.05, (60, 8))
    >>> bool(np.ptp(james_stein_mean(r)) < np.ptp(historical_mean(r)))
    True
    """
    r = observed(returns)
    mean: Float64 = r.mean(axis=0)
    if mean.size < 3:
        raise InsufficientData(f"{mean.size} assets: shrinking means needs three", field="returns", expected="3 assets")
    values = np.linalg.eigvalsh(np.atleast_2d(np.cov(r, rowvar=False)))
    apart = mean - mean.mean()
    size = float(apart @ apart)
    if size == 0.0:
        return mean
    pull = (float(values.sum()) - 2.0 * float(values[-1])) / (r.shape[0] * size)
    found: Float64 = mean - min(max(pull, 0.0), 1.0) * apart
    return found


def bayes_stein_mean(returns: npt.ArrayLike) -> Float64:
    """Means drawn to the return of the minimum variance portfolio (Jorion 1986, eq. 14 to 17).

    Raises
    ------
    InsufficientData
        Fewer observations than assets plus three: the covariance has no inverse.
    """
    r = observed(returns)
    periods, n = r.shape
    if periods < n + 3:
        raise InsufficientData(f"{periods} observations of {n} assets", field="returns", expected=f"at least {n + 3}")
    mean = r.mean(axis=0)
    covariance = np.atleast_2d(np.cov(r, rowvar=False)) * (periods - 1.0) / (periods - n - 2.0)
    solved = np.linalg.solve(covariance, np.column_stack([np.ones(n), mean]))
    target = float(solved[:, 1].sum() / solved[:, 0].sum())
    apart = mean - target
    distance = float(apart @ np.linalg.solve(covariance, apart))
    pull = (n + 2.0) / ((n + 2.0) + periods * distance)
    found: Float64 = mean - pull * apart
    return found


def capm_mean(returns: npt.ArrayLike, market: npt.ArrayLike, *, premium: float, risk_free: float = 0.0) -> Float64:
    """Expected returns of the capital asset pricing model: ``risk_free + beta * premium``, betas from the sample.

    Examples
    --------
    >>> m = np.array([0.01, -0.02, 0.03])
    >>> capm_mean(np.column_stack([m, 2.0 * m]), m, premium=0.05, risk_free=0.01).round(12).tolist()
    [0.06, 0.11]
    """
    r = observed(returns)
    m = np.asarray(market, dtype=np.float64)
    if m.shape != (r.shape[0],) or not np.isfinite(m).all():
        raise InvalidInput(f"market returns have shape {m.shape}", field="market", expected=f"({r.shape[0]},), finite")
    centered = m - m.mean()
    spread = float(centered @ centered)
    if spread == 0.0:
        raise InvalidInput("the market does not vary", field="market")
    found: Float64 = risk_free + (centered @ (r - r.mean(axis=0))) / spread * premium
    return found
