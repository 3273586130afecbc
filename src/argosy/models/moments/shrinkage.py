"""Covariances from returns: sample, fading, and shrunk by rules that need no tuning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.models.moments.covariance import DenseCovariance
from argosy.models.moments.observations import InsufficientData, fading, observed

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shrunk:
    """A shrunk covariance and its intensity: the share of the target, from 0 (sample) to 1."""

    covariance: DenseCovariance
    intensity: float


def sample_covariance(returns: npt.ArrayLike) -> DenseCovariance:
    """Sample covariance per period, divided by T - 1.

    Examples
    --------
    >>> sample_covariance([[0.0, 0.0], [0.02, 0.04]]).matrix.round(6).tolist()
    [[0.0002, 0.0004], [0.0004, 0.0008]]
    """
    return DenseCovariance(np.atleast_2d(np.cov(observed(returns), rowvar=False)))


def exponential_covariance(returns: npt.ArrayLike, *, half_life: float) -> DenseCovariance:
    """Covariance with weights that halve every ``half_life`` periods, about the mean with the same weights.

    The sum of squares is divided by ``1 - sum of squared weights``, so equal weights give the sample covariance.
    """
    r = observed(returns)
    weights = fading(r.shape[0], half_life)
    apart = r - weights @ r
    return DenseCovariance((apart * weights[:, None]).T @ apart / (1.0 - float(weights @ weights)))


def ledoit_wolf(returns: npt.ArrayLike, *, target: str = "identity") -> Shrunk:
    """Sample covariance (divided by T) drawn to a target, by the share of least expected squared error.

    ``target`` is "identity" (Ledoit and Wolf 2004, Journal of Multivariate Analysis), "constant correlation" (2004,
    Journal of Portfolio Management) or "single index" (2003, the equal-weighted market).

    Examples
    --------
    >>> r = np.random.default_rng(2).normal(0.0, 0.01, (50, 20))
    >>> 0.5 < ledoit_wolf(r).intensity <= 1.0
    True
    """
    r = observed(returns)
    periods, n = r.shape
    x = r - r.mean(axis=0)
    s = x.T @ x / periods
    squares = x * x
    # Sum over entries of the asymptotic variance of sqrt(T) s_ij.
    spread = squares.T @ squares / periods - s * s
    variance = s.diagonal().copy()
    if target != "identity" and (variance <= 0.0).any():
        raise InvalidInput("an asset does not vary, so it has no correlation", field="returns")
    if target == "identity":
        aim = float(variance.mean()) * np.eye(n)
        together = 0.0
    elif target == "constant correlation":
        root = np.sqrt(variance)
        correlation = s / np.outer(root, root)
        average = (float(correlation.sum()) - n) / (n * (n - 1.0)) if n > 1 else 1.0
        aim = average * np.outer(root, root)
        np.fill_diagonal(aim, variance)
        cubes = (x**3).T @ x / periods - variance[:, None] * s
        np.fill_diagonal(cubes, 0.0)
        together = float(spread.trace()) + average * float((np.outer(1.0 / root, root) * cubes).sum())
    elif target == "single index":
        market = x.mean(axis=1)
        beside = x.T @ market / periods
        power = float(market @ market) / periods
        aim = np.outer(beside, beside) / power
        np.fill_diagonal(aim, variance)
        moved = x * market[:, None]
        first = squares.T @ moved / periods - beside[:, None] * s
        third = moved.T @ moved / periods - power * s
        one = float((first * beside[None, :]).sum() - (first.diagonal() @ beside)) / power
        two = float(
            (third * np.outer(beside, beside)).sum() - (third.diagonal() @ beside**2)
        ) / power**2  # fmt: skip
        together = 2.0 * one - two + float(spread.trace())
    else:
        raise InvalidInput(f"there is no target {target!r}", field="target",
                           expected="identity, constant correlation or single index")  # fmt: skip
    apart = float(((aim - s) ** 2).sum())
    share = 1.0 if apart == 0.0 else min(max((float(spread.sum()) - together) / apart / periods, 0.0), 1.0)
    return Shrunk(DenseCovariance(share * aim + (1.0 - share) * s), share)


def oracle_approximating(returns: npt.ArrayLike) -> Shrunk:
    """Shrinkage to the identity that is best for normal returns (Chen, Wiesel, Eldar and Hero 2010, eq. 23)."""
    r = observed(returns)
    periods, n = r.shape
    x = r - r.mean(axis=0)
    s = x.T @ x / periods
    average = float(s.trace()) / n
    power = float((s * s).mean())
    over = (periods + 1.0) * (power - average**2 / n)
    share = 1.0 if over <= 0.0 else min((power + average**2) / over, 1.0)
    return Shrunk(DenseCovariance((1.0 - share) * s + share * average * np.eye(n)), share)


def nonlinear_shrinkage(returns: npt.ArrayLike) -> DenseCovariance:
    """Each eigenvalue shrunk by its own amount: the analytical formula of Ledoit and Wolf (2020, section 4.7).

    Raises
    ------
    InsufficientData
        Fewer than 12 observations, as in the paper.
    """
    r = observed(returns, least=12)
    n = r.shape[1]
    x = r - r.mean(axis=0)
    periods = r.shape[0] - 1
    values, vectors = np.linalg.eigh(x.T @ x / periods)
    kept = values[max(0, n - periods) :]
    if (kept <= 0.0).any():
        raise InsufficientData("the returns repeat each other, so eigenvalues cannot be told apart", field="returns")
    width = kept[:, None] * float(periods) ** (-1.0 / 3.0)
    grid = (kept[:, None] - kept[None, :]) / width.T
    # Epanechnikov kernel and its Hilbert transform.
    density = np.maximum(1.0 - grid**2 / 5.0, 0.0)
    density = (3.0 / 4.0 / np.sqrt(5.0)) * (density / width.T).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = (3.0 / 4.0 / np.sqrt(5.0) / np.pi) * (1.0 - grid**2 / 5.0) * np.log(
            np.abs((np.sqrt(5.0) - grid) / (np.sqrt(5.0) + grid))
        )  # fmt: skip
    hilbert = -3.0 / 10.0 / np.pi * grid + inner
    edge = np.abs(np.abs(grid) - np.sqrt(5.0)) < 1e-12
    hilbert[edge] = (-3.0 / 10.0 / np.pi * grid)[edge]
    hilbert = (hilbert / width.T).mean(axis=1)
    ratio = n / periods
    if n <= periods:
        shrunk = kept / ((np.pi * ratio * kept * density) ** 2 + (1.0 - ratio - np.pi * ratio * kept * hilbert) ** 2)
    else:
        h = float(periods) ** (-1.0 / 3.0)
        root = np.sqrt(5.0)
        wide = np.log((1.0 + root * h) / (1.0 - root * h))
        shape = 3.0 / 10.0 / h**2 + 3.0 / 4.0 / root / h * (1.0 - 1.0 / 5.0 / h**2) * wide
        zero = shape / np.pi * float((1.0 / kept).mean())
        null = 1.0 / (np.pi * (n - periods) / periods * zero)
        shrunk = np.concatenate([
            np.full(n - periods, null), kept / (np.pi**2 * kept**2 * (density**2 + hilbert**2))
        ])  # fmt: skip
    return DenseCovariance((vectors * shrunk) @ vectors.T)
