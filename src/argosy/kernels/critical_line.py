"""The whole efficient frontier of long-only portfolios, exactly: corner portfolios, and any point between them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import critical_line as plain
from argosy.kernels.separable import Engine

Float64 = npt.NDArray[np.float64]

SMALL = 300
"""Up to this many assets the plain twin answers before a compiled kernel is loaded."""


FIRST_ROOM = 256
"""Corners made room for at first; most lines have fewer, however many assets there are."""


def corner_portfolios(root: Float64, rest: Float64, mean: Float64, *, engine: Engine = "auto") -> tuple[Float64, float]:
    """Corner portfolios (C, N) from least variance to highest return, and the largest proven gap of any of them.

    Needs ``rest`` positive. Every efficient portfolio is a mix of two neighbors. The gap is how far a corner's
    ``variance / 2 - price * return`` can be from the best, in units of its variance; infinite if the line did not end.

    Examples
    --------
    >>> rows, gap = corner_portfolios(np.zeros((2, 0)), np.array([0.01, 0.04]), np.array([0.04, 0.08]))
    >>> rows.round(6).tolist(), gap < 1e-12
    ([[0.8, 0.2], [0.0, 1.0]], True)
    """
    n = mean.size
    unit = float((np.einsum("ij,ij->i", root, root) + rest).mean())
    run: Any = plain.corners
    if engine == "kernel" or (engine == "auto" and ("argosy.kernels.critical_line_jit" in sys.modules or n > SMALL)):
        from argosy.kernels.critical_line_jit import corners as run
    scaled = np.ascontiguousarray(root / np.sqrt(unit))
    room, most = FIRST_ROOM, 8 * n + FIRST_ROOM
    found, prices, count = run(scaled, rest / unit, mean, room)
    while count == room < most and prices[-1] > 0.0:
        room = min(4 * room, most)
        found, prices, count = run(scaled, rest / unit, mean, room)
    if prices[-1] > 0.0:
        return found[::-1].copy(), float("inf")
    # The walk begins at the asset of highest return and still stands there at its first corner: one row of the two.
    # Least possible gradient against the gradient held: what moving all weight to the best asset could still gain.
    held = found[1:]
    slope = (held @ scaled) @ scaled.T + held * (rest / unit) - prices[1:, None] * mean
    gaps = (held * slope).sum(axis=1) - slope.min(axis=1)
    sizes = np.einsum("ij,ij->i", held @ scaled, held @ scaled) + (held * held) @ (rest / unit)
    return held[::-1].copy(), float((gaps / sizes).max(initial=0.0))


def at_returns(corners: Float64, mean: Float64, targets: Float64) -> Float64:
    """Efficient portfolios (P, N) with the given expected returns, mixed from neighboring corners."""
    earned = corners @ mean
    right = np.clip(np.searchsorted(earned, targets), 1, max(earned.size - 1, 1))
    if earned.size == 1:
        return np.repeat(corners, targets.size, axis=0)
    gap = earned[right] - earned[right - 1]
    share = np.clip((targets - earned[right - 1]) / np.where(gap > 0.0, gap, 1.0), 0.0, 1.0)[:, None]
    found: Float64 = corners[right - 1] * (1.0 - share) + corners[right] * share
    return found
