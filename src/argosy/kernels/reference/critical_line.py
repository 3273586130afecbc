"""The critical line of Markowitz: every corner portfolio between highest return and least variance; also compiled.

For non-negative weights that sum to one. With ``S = R R' + diag(d)``, d positive, each step costs O(n K + f K^2) for f
assets held. Sources: Markowitz 1956; Niedermayer and Niedermayer 2010.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def corners(root: Float64, rest: Float64, mean: Float64, most: int) -> tuple[Float64, Float64, int]:
    """Corner portfolios from the highest return down, their prices of return, and how many were found.

    Between two corners weights are ``a + lam b`` in the price lam of return; the next corner is the largest lam where
    a held asset falls to zero or one outside begins to pay. Equal means at the top are broken by the lower variance.
    """
    n, count = root.shape
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
        inner = np.eye(count) + some.T @ scaled
        right = np.zeros((count, 2))
        right[:, 0] = scaled.sum(axis=0)
        right[:, 1] = scaled.T @ part
        solved = np.linalg.solve(inner, right)
        ones = inverse * (1.0 - some @ np.ascontiguousarray(solved[:, 0]))
        means = inverse * (part - some @ np.ascontiguousarray(solved[:, 1]))
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
        lift_base = root @ (some.T @ base)
        lift_slope = root @ (some.T @ slope)
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
