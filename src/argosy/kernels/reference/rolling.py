"""Regressions of many series on the same factors over a moving window, plain numpy: the slow twin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def moments(x: Float64, window: int) -> Float64:
    """Sums of products (W, P, P) of the columns of x (T, P) in each window."""
    return np.array([x[i : i + window].T @ x[i : i + window] for i in range(x.shape[0] - window + 1)])


def solutions(x: Float64, y: Float64, inverses: Float64, window: int) -> tuple[Float64, Float64]:
    """Coefficients (W, P, N) and residual sums of squares (W, N), from the inverses (W, P, P) of the moments."""
    count = inverses.shape[0]
    out, rest = np.empty((count, x.shape[1], y.shape[1])), np.empty((count, y.shape[1]))
    for i in range(count):
        xs, ys = x[i : i + window], y[i : i + window]
        beside = xs.T @ ys
        out[i] = inverses[i] @ beside
        rest[i] = np.maximum((ys * ys).sum(axis=0) - (beside * out[i]).sum(axis=0), 0.0)
    return out, rest
