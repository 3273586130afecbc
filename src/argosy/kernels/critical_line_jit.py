"""The critical line compiled: the twin's steps with products in one thread, where starting BLAS threads costs more.

Twin: ``kernels.reference.critical_line``.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, fastmath={"reassoc", "contract"})
def _times(rows, v):  # type: ignore[no-untyped-def]
    """Give rows @ v."""
    out = np.zeros(rows.shape[0])
    for i in range(rows.shape[0]):
        total = 0.0
        for j in range(rows.shape[1]):
            total += rows[i, j] * v[j]
        out[i] = total
    return out


@numba.njit(cache=True, fastmath={"contract"})
def _into(rows, v):  # type: ignore[no-untyped-def]
    """Give rows' @ v."""
    out = np.zeros(rows.shape[1])
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            out[j] += rows[i, j] * v[i]
    return out


@numba.njit(cache=True, fastmath={"contract"})
def _solved(some, scaled, part):  # type: ignore[no-untyped-def]
    """Give (1 + some' scaled)^-1 [scaled' 1, scaled' part]."""
    count = some.shape[1]
    inner = np.eye(count)
    right = np.zeros((count, 2))
    for i in range(some.shape[0]):
        for j in range(count):
            for k in range(count):
                inner[j, k] += some[i, j] * scaled[i, k]
            right[j, 0] += scaled[i, j]
            right[j, 1] += scaled[i, j] * part[i]
    return np.linalg.solve(inner, right)


@numba.njit(cache=True)
def corners(root, rest, mean, most):  # type: ignore[no-untyped-def]
    """As the twin: corner portfolios from the highest return down, their prices, and how many."""
    n = mean.size
    top = 0
    for i in range(1, n):
        better = mean[i] > mean[top]
        if mean[i] == mean[top]:
            here = rest[i] + (root[i] * root[i]).sum()
            there = rest[top] + (root[top] * root[top]).sum()
            better = here < there
        if better:
            top = i
    held = np.zeros(n, np.bool_)
    held[top] = True
    found = np.zeros((most, n))
    prices = np.zeros(most)
    found[0, top] = 1.0
    prices[0] = np.inf
    filled = 1
    price = np.inf
    last = -1
    while filled < most:
        places = np.flatnonzero(held)
        size = places.size
        some = root[places]
        inverse = 1.0 / rest[places]
        part = mean[places]
        scaled = some * inverse.reshape(size, 1)
        solved = _solved(some, scaled, part)
        ones = inverse * (1.0 - _times(some, solved[:, 0]))
        means = inverse * (part - _times(some, solved[:, 1]))
        level = 1.0 / ones.sum()
        tilt = -means.sum() * level
        base = level * ones
        slope = means + tilt * ones
        best = 0.0
        who = -1
        enters = False
        for a in range(size):
            if slope[a] > 0.0 and places[a] != last:
                at = -base[a] / slope[a]
                if at < price * (1.0 + 1e-12) and at > best:
                    best, who, enters = at, places[a], False
        # Gradient of an asset outside: g0 + lam g1; it begins to pay where this turns negative.
        lift_base = _times(root, _into(some, base))
        lift_slope = _times(root, _into(some, slope))
        for i in range(n):
            if not held[i] and i != last:
                change = lift_slope[i] - tilt - mean[i]
                if change > 0.0:
                    at = (level - lift_base[i]) / change
                    if at < price * (1.0 + 1e-12) and at > best:
                        best, who, enters = at, i, True
        price = best
        for a in range(size):
            found[filled, places[a]] = max(base[a] + price * slope[a], 0.0)
        prices[filled] = price
        filled += 1
        if who < 0:
            break
        held[who] = enters
        last = who
    return found[:filled], prices[:filled], filled
