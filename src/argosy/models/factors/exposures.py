"""Factor exposures of one series over the whole sample, with errors that hold when residuals are not independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.models.moments.observations import InsufficientData, floats, observed, whole

Float64 = npt.NDArray[np.float64]

SINGULAR = 1e-10
"""Smallest over largest singular value of scaled factors below which they repeat each other."""


@dataclass(frozen=True, eq=False)
class Exposures:
    """A regression on K factors with an intercept: ``parameters`` (K + 1,) with alpha per period first.

    ``errors`` are standard errors with Bartlett weights over ``lags``; ``residuals`` (T,).
    """

    parameters: Float64
    errors: Float64
    r_squared: float
    residuals: Float64
    lags: int

    @property
    def alpha(self) -> float:
        """Return per period that the factors do not explain."""
        return float(self.parameters[0])

    @property
    def betas(self) -> Float64:
        """Exposures (K,)."""
        return self.parameters[1:]

    @property
    def t_values(self) -> Float64:
        """Parameters over their standard errors (K + 1,)."""
        return np.asarray(self.parameters / self.errors)


def factor_exposures(returns: npt.ArrayLike, factors: npt.ArrayLike, *, lags: int = 0) -> Exposures:
    """Least-squares exposures of returns (T,) to factor returns (T, K), errors by Newey and West (1987).

    ``(X'X)^-1 S (X'X)^-1`` with ``S = g_0 + sum (1 - k / (lags + 1)) (g_k + g_k')`` and no small-sample correction;
    ``lags`` 0 allows for residuals of unequal variance only (White 1980).

    Raises
    ------
    InsufficientData
        Not more observations than parameters.
    InvalidInput, UndefinedMeasure
        Factors that repeat each other or do not vary; returns that do not vary.

    Examples
    --------
    >>> f = np.random.default_rng(1).normal(0.0, 0.01, (300, 2))
    >>> noise = np.random.default_rng(2).normal(0.0, 0.001, 300)
    >>> found = factor_exposures(0.001 + f @ np.array([1.0, 0.5]) + noise, f, lags=3)
    >>> found.betas.round(1).tolist(), bool(found.t_values[0] > 10.0)
    ([1.0, 0.5], True)
    """
    f = observed(factors)
    r = observed(floats(returns, "returns").reshape(-1, 1))[:, 0]
    count = f.shape[1] + 1
    if r.size != f.shape[0]:
        raise InvalidInput(f"{r.size} returns beside {f.shape[0]} factor returns", field="factors", found=f.shape[0],
                           expected=f"{r.size} rows")  # fmt: skip
    if r.size <= count:
        raise InsufficientData(f"{r.size} observations for {count} parameters", field="returns", found=r.size,
                               expected=f"at least {count + 1}", next_step="give a longer history")  # fmt: skip
    most = whole(lags, "lags", least=0, most=r.size - 1)
    x = np.column_stack([np.ones(r.size), f])
    length = np.linalg.norm(x, axis=0)
    values = np.linalg.svd(x / np.where(length > 0.0, length, 1.0), compute_uv=False)
    if (length == 0.0).any() or values[-1] <= SINGULAR * values[0]:
        raise InvalidInput("the factors repeat each other, or one does not vary", field="factors",
                           next_step="leave one of them out")  # fmt: skip
    inverse = np.linalg.inv(x.T @ x)
    parameters = np.asarray(np.linalg.lstsq(x, r, rcond=None)[0], dtype=np.float64)
    left: Float64 = r - x @ parameters
    spread = float(((r - r.mean()) ** 2).sum())
    if spread <= 1e-24 * r.size * float(np.abs(r).max()) ** 2:
        raise UndefinedMeasure("the returns do not vary, so nothing explains them", field="returns",
                               next_step="check for stale prices")  # fmt: skip
    moved = x * left[:, None]
    middle = moved.T @ moved
    for k in range(1, most + 1):
        lagged = moved[k:].T @ moved[:-k]
        middle += (1.0 - k / (most + 1.0)) * (lagged + lagged.T)
    errors: Float64 = np.sqrt(np.maximum((inverse @ middle @ inverse).diagonal(), 0.0))
    return Exposures(parameters, errors, 1.0 - float(left @ left) / spread, left, most)
