"""Regressions of many series on the same factors over a moving window: sums of products are shared and move along."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import rolling as plain

Float64 = npt.NDArray[np.float64]
Engine = Literal["auto", "kernel", "reference"]

SMALL = 100_000
"""Windows x series up to which the plain twin answers before a compiled kernel is loaded."""

SINGULAR = 1e-12
"""Factors whose correlations have a smallest eigenvalue below this repeat each other."""


def rolling(
    factors: Float64, series: Float64, window: int, *, engine: Engine = "auto"
) -> tuple[Float64, Float64, Float64]:
    """Intercepts and slopes (W, K + 1, N), residual sums of squares (W, N), and singularity (W,) of each window.

    Factors (T, K) and series (T, N); the i-th window is rows ``i`` to ``i + window - 1``. Sums are taken about the
    means of the whole sample, so that no digits are lost to them. A window is singular where the smallest eigenvalue
    of its scaled moments, the third result, is below SINGULAR: its rows are NaN.
    """
    module: Any = plain
    if engine == "kernel" or (engine == "auto" and series.size > SMALL):
        from argosy.kernels import rolling_jit

        module = rolling_jit
    center, level = factors.mean(axis=0), series.mean(axis=0)
    x = np.ones((factors.shape[0], factors.shape[1] + 1))
    x[:, 1:] = factors - center
    y = np.ascontiguousarray(series - level)
    sums = module.moments(x, window)
    size = np.sqrt(np.diagonal(sums, axis1=1, axis2=2))
    safe = np.where(size > 0.0, size, 1.0)
    scaled = sums / (safe[:, :, None] * safe[:, None, :])
    smallest = np.linalg.eigvalsh(scaled)[:, 0]
    bad = smallest < SINGULAR
    scaled[bad] = np.eye(x.shape[1])
    inverses = np.linalg.inv(scaled) / (safe[:, :, None] * safe[:, None, :])
    found, rest = module.solutions(x, y, np.ascontiguousarray(inverses), window)
    found[:, 0] += level - np.einsum("k,wkn->wn", center, found[:, 1:])
    found[bad], rest[bad] = np.nan, np.nan
    return found, rest, smallest
