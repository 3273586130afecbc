"""Tails of many portfolios over one set of scenarios, plain numpy: the slow twin of ``kernels.tails``.

Of S scenarios the tail holds ``m = S p``: the ``rank - 1`` worst whole, and of the ``rank``-th worst what is left,
``rank = ceil(m)``. Equal results are taken in the order of their scenarios.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Tails = tuple[Float64, Float64, Int64, Float64, Float64]


def dense_tails(profits: Float64, returns: Float64, weights: Float64, rank: int, mass: float) -> Tails:
    """Of profits (P, S) = weights (P, N) times returns (S, N): value at risk, shortfall, scenario at risk (P,), and
    what each asset contributes to the two (P, N). ``mass`` is m, the scenarios in the tail."""
    count, assets = weights.shape
    at, beyond, where = np.empty(count), np.empty(count), np.empty(count, dtype=np.int64)
    by_at, by_beyond = np.empty((count, assets)), np.empty((count, assets))
    for p in range(count):
        worst = np.argsort(profits[p], kind="stable")[:rank]
        shares = np.ones(rank)
        shares[-1] = mass - (rank - 1)
        where[p] = worst[-1]
        at[p] = -profits[p, worst[-1]]
        beyond[p] = -float(shares @ profits[p, worst]) / mass
        by_at[p] = -weights[p] * returns[worst[-1]]
        by_beyond[p] = -weights[p] * (shares @ returns[worst]) / mass
    return at, beyond, where, by_at, by_beyond


def sparse_tails(
    scenarios: Float32, exact: Float64, offsets: Int64, assets: Int64, exposures: Float64, rank: int, mass: float
) -> Tails:
    """The same for portfolios of few positions ``assets[offsets[p]:offsets[p + 1]]``; scenarios and exact are (N, S).

    Scenarios are ranked by profits added in single precision; what is given is added from ``exact`` in double. The
    last two are by position (M,).
    """
    count = offsets.size - 1
    at, beyond, where = np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.int64)
    by_at, by_beyond = np.zeros(assets.size), np.zeros(assets.size)
    for p in range(count):
        held = slice(int(offsets[p]), int(offsets[p + 1]))
        sums = np.zeros(scenarios.shape[1], dtype=np.float32)
        for place in range(held.start, held.stop):
            sums += np.float32(exposures[place]) * scenarios[assets[place]]
        worst = np.sort(np.argsort(sums, kind="stable")[:rank])
        profits = np.zeros(rank)
        for place in range(held.start, held.stop):
            profits += exposures[place] * exact[assets[place], worst]
        last = int(np.argmax(profits))
        shares = np.ones(rank)
        shares[last] = mass - (rank - 1)
        where[p] = worst[last]
        at[p] = -profits[last]
        beyond[p] = -float(shares @ profits) / mass
        by_at[held] = -exposures[held] * exact[assets[held], worst[last]]
        by_beyond[held] = -exposures[held] * (exact[assets[held]][:, worst] @ shares) / mass
    return at, beyond, where, by_at, by_beyond
