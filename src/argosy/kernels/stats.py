"""Sums of many return series in one pass, from which every performance measure follows by a few operations.

Large blocks run in compiled code, small ones in the plain twin, which needs no JIT to load.
:mod:`argosy.kernels.reference.stats` defines the sums.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.stats import (
    COLUMNS,
    EPISODES,
    EVERYTHING,
    GROWTH,
    MOMENTS,
    PATH,
    PLACE,
    RELATIVE,
    SERIAL,
    SIDES,
    STEADY,
    TAIL,
    TARGET,
    WHOLE,
    WIDTH,
    block_sums,
)

__all__ = [
    "COLUMNS", "EPISODES", "EVERYTHING", "GROWTH", "MOMENTS", "PATH", "PLACE", "RELATIVE", "SERIAL", "SIDES", "TAIL",
    "TARGET", "WIDTH", "Engine", "sums",
]  # fmt: skip

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Engine = Literal["auto", "kernel", "reference"]

# The twin works about a million returns a second; loading the JIT takes about a second. What was loaded before plays no
# part: the two forms round in another order, and the same question has to give the same bits.
KERNEL_RETURNS = 250_000


def sums(
    returns: Float64,
    *,
    benchmark: Float64 | None = None,
    rate: Float64,
    target: Float64,
    spans: Int64 | None = None,
    groups: int = EVERYTHING,
    share: float = 0.05,
    engine: Engine = "auto",
) -> Float64:
    """Sums of each series of a block.

    Parameters
    ----------
    returns : (S, T) simple returns, each row contiguous
    benchmark, rate, target : (1, T) shared by all series, or (S, T)
    spans : (S, 2) first place and last place plus one of each series; all of T without it
    groups : which sums (``MOMENTS | TARGET | ...``); without a benchmark, none beside one
    share : share of the observations in the lower tail

    Returns
    -------
    (S, WIDTH), columns named by ``COLUMNS``; NaN where not asked. A series that holds NaN or infinity has count -1.

    Examples
    --------
    >>> zero = np.zeros((1, 3))
    >>> rows = sums(np.array([[0.1, -0.5, 0.2]]), rate=zero, target=zero)
    >>> [round(float(rows[0, PLACE[name]]), 6) for name in ("count", "growth", "max_drawdown")]
    [3.0, 0.66, 0.5]
    """
    count, length = returns.shape
    if benchmark is None:
        groups &= ~(RELATIVE | SIDES)
    if spans is None:
        spans = np.empty((count, 2), dtype=np.int64)
        spans[:, 0], spans[:, 1] = 0, length
        whole = True
    else:
        whole = bool((spans[:, 0] == 0).all() and (spans[:, 1] == length).all())
    compiled = engine == "kernel" or (engine == "auto" and returns.size >= KERNEL_RETURNS)
    if not compiled:
        return block_sums(returns, benchmark, rate, target, spans, groups, share)
    from argosy.kernels.stats_jit import block_kernel

    groups |= WHOLE if whole else 0
    groups |= STEADY if rate.shape[0] == 1 and bool((rate == rate[0, 0]).all()) else 0
    market = rate if benchmark is None else benchmark
    found: Float64 = block_kernel(returns, market, rate, target, spans, groups, share)
    return found
