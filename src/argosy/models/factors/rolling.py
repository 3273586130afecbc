"""Factor exposures over a moving window, for many assets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels import rolling as kernel
from argosy.models.moments.observations import InsufficientData, observed

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RollingExposures:
    """Regressions of N assets on K factors in each of W windows; the i-th ends with row ``window - 1 + i``.

    ``alphas`` (W, N) per period, ``betas`` (W, K, N), ``residual_variances`` (W, N) with ``window - K - 1`` degrees of
    freedom.
    """

    alphas: Float64
    betas: Float64
    residual_variances: Float64
    window: int

    @property
    def latest(self) -> Float64:
        """Exposures (N, K) of the last window, as a factor model takes them."""
        return np.ascontiguousarray(self.betas[-1].T)


def rolling_exposures(
    returns: npt.ArrayLike, factors: npt.ArrayLike, *, window: int, engine: kernel.Engine = "auto"
) -> RollingExposures:
    """Least-squares exposures of returns (T, N) to factor returns (T, K) in every window of ``window`` periods.

    With an intercept. Sums of products move with the window and are made anew at intervals, so a figure agrees with a
    regression of its window alone to about 1e-10; O(T N K^2).

    Raises
    ------
    InsufficientData
        The window is not longer than K + 1, or the history shorter than the window.
    InvalidInput
        Factors that repeat each other (or do not vary) in some window, the first of which is named.

    Examples
    --------
    >>> f = np.random.default_rng(1).normal(0.0, 0.01, (300, 2))
    >>> found = rolling_exposures(f @ np.array([[1.0], [0.5]]), f, window=60)
    >>> found.latest.round(6).tolist(), found.betas.shape
    ([[1.0, 0.5]], (241, 2, 1))
    """
    f = observed(factors)
    r = observed(returns)
    if r.shape[0] != f.shape[0]:
        raise InvalidInput(f"{r.shape[0]} returns beside {f.shape[0]} factor returns", field="factors")
    least = f.shape[1] + 2
    if window < least:
        raise InsufficientData(f"a window of {window} for {f.shape[1]} factors and an intercept", field="window",
                               found=window, expected=f"at least {least}")  # fmt: skip
    if r.shape[0] < window:
        raise InsufficientData(f"{r.shape[0]} observations for a window of {window}", field="returns",
                               found=r.shape[0], expected=f"at least {window}")  # fmt: skip
    found, rest, smallest = kernel.rolling(f, r, window, engine=engine)
    if (smallest < kernel.SINGULAR).any():
        place = int(np.argmax(smallest < kernel.SINGULAR))
        raise InvalidInput(
            f"the factors repeat each other in the window of rows {place} to {place + window - 1}", field="factors",
            found=place, next_step="leave one of them out, or lengthen the window",
        )  # fmt: skip
    return RollingExposures(found[:, 0], found[:, 1:], rest / (window - f.shape[1] - 1.0), window)
