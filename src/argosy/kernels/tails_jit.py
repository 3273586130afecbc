"""Compiled twin of ``kernels.reference.tails``: the tail is selected, never sorted; threads share the portfolios."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Float64 = npt.NDArray[np.float64]

REGROUP = {"reassoc", "contract", "nsz", "arcp"}
"""Sums may be regrouped into vector instructions; NaN and infinity keep their meaning."""


@njit(cache=True, nogil=True)
def _smallest(x: Any, rank: int) -> Any:
    """The ``rank``-th smallest (from 1); reorders ``x``."""
    low, high, target = 0, x.size - 1, rank - 1
    while low < high:
        middle = (low + high) >> 1
        if x[middle] < x[low]:
            x[middle], x[low] = x[low], x[middle]
        if x[high] < x[low]:
            x[high], x[low] = x[low], x[high]
        if x[high] < x[middle]:
            x[high], x[middle] = x[middle], x[high]
        pivot = x[middle]
        i, j = low, high
        while i <= j:
            while x[i] < pivot:
                i += 1
            while x[j] > pivot:
                j -= 1
            if i <= j:
                x[i], x[j] = x[j], x[i]
                i += 1
                j -= 1
        if target <= j:
            high = j
        elif target >= i:
            low = i
        else:
            break
    return x[target]


@njit(cache=True, nogil=True)
def _worst(x: Any, edge: float, rank: int, out: Any) -> None:
    """Places of the ``rank`` smallest, ascending by place, ``edge`` being the largest of them; ties by place."""
    below = 0
    for s in range(x.size):
        below += x[s] < edge
    ties = rank - below
    found = 0
    for s in range(x.size):
        if x[s] < edge:
            out[found] = s
            found += 1
        elif x[s] == edge and ties > 0:
            out[found] = s
            found += 1
            ties -= 1


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _add(total: Float64, row: Float64, share: float) -> None:
    for n in range(row.size):
        total[n] += share * row[n]


@njit(cache=True, nogil=True, parallel=True)
def dense_tails(profits, returns, weights, rank, mass):  # type: ignore[no-untyped-def]
    """See the twin."""
    count, assets = weights.shape
    at, beyond, where = np.empty(count), np.empty(count), np.empty(count, dtype=np.int64)
    by_at, by_beyond = np.empty((count, assets)), np.empty((count, assets))
    for p in prange(count):
        row = profits[p]
        edge = _smallest(row.copy(), rank)
        worst = np.empty(rank, dtype=np.int64)
        _worst(row, edge, rank, worst)
        last = rank - 1
        while row[worst[last]] != edge:
            last -= 1
        total = np.zeros(assets)
        sum_ = 0.0
        for k in range(rank):
            share = mass - (rank - 1) if k == last else 1.0
            sum_ += share * row[worst[k]]
            _add(total, returns[worst[k]], share)
        where[p] = worst[last]
        at[p] = -edge
        beyond[p] = -sum_ / mass
        edge_row = returns[worst[last]]
        for n in range(assets):
            by_at[p, n] = -weights[p, n] * edge_row[n]
            by_beyond[p, n] = -weights[p, n] * total[n] / mass
    return at, beyond, where, by_at, by_beyond


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _add_single(total, row, share):  # type: ignore[no-untyped-def]
    for s in range(row.size):
        total[s] += share * row[s]


@njit(cache=True, nogil=True, parallel=True)
def sparse_tails(scenarios, exact, offsets, assets, exposures, rank, mass):  # type: ignore[no-untyped-def]
    """See the twin."""
    count = offsets.size - 1
    at, beyond, where = np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.int64)
    by_at, by_beyond = np.zeros(assets.size), np.zeros(assets.size)
    for p in prange(count):
        sums = np.zeros(scenarios.shape[1], dtype=np.float32)
        for place in range(offsets[p], offsets[p + 1]):
            _add_single(sums, scenarios[assets[place]], np.float32(exposures[place]))
        edge = _smallest(sums.copy(), rank)
        worst = np.empty(rank, dtype=np.int64)
        _worst(sums, edge, rank, worst)
        profits = np.zeros(rank)
        for place in range(offsets[p], offsets[p + 1]):
            row = exact[assets[place]]
            for k in range(rank):
                profits[k] += exposures[place] * row[worst[k]]
        last = 0
        for k in range(1, rank):
            if profits[k] > profits[last]:
                last = k
        part = mass - (rank - 1)
        sum_ = 0.0
        for k in range(rank):
            sum_ += profits[k]
        sum_ += (part - 1.0) * profits[last]
        where[p] = worst[last]
        at[p] = -profits[last]
        beyond[p] = -sum_ / mass
        for place in range(offsets[p], offsets[p + 1]):
            row = exact[assets[place]]
            own = 0.0
            for k in range(rank):
                own += row[worst[k]]
            own += (part - 1.0) * row[worst[last]]
            by_at[place] = -exposures[place] * row[worst[last]]
            by_beyond[place] = -exposures[place] * own / mass
    return at, beyond, where, by_at, by_beyond
