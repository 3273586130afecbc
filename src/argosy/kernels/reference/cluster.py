"""Hierarchical risk parity: single linkage by a minimum spanning tree, then recursive bisection; also compiled.

Ties are pinned: of equal correlations the pair found first by the tree's growth merges first, and of two clusters the
one made earlier stands on the left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def spanning_tree(correlation: Float64) -> tuple[Int64, Int64, Float64]:
    """Edges of the maximum spanning tree (Prim 1957): single linkage of any falling function of correlation."""
    n = correlation.shape[0]
    first = np.zeros(n - 1, np.int64)
    second = np.zeros(n - 1, np.int64)
    near = np.zeros(n - 1)
    rest = np.arange(1, n)
    best = np.full(n - 1, -3.0)
    parent = np.zeros(n - 1, np.int64)
    current = 0
    left = n - 1
    for step in range(n - 1):
        place = 0
        top = -4.0
        for q in range(left):
            value = correlation[current, rest[q]]
            if value > best[q]:
                best[q] = value
                parent[q] = current
            if best[q] > top:
                top = best[q]
                place = q
        first[step] = parent[place]
        second[step] = rest[place]
        near[step] = top
        current = rest[place]
        left -= 1
        rest[place] = rest[left]
        best[place] = best[left]
        parent[place] = parent[left]
    return first, second, near


def leaf_order(first: Int64, second: Int64, near: Float64) -> Int64:
    """Leaves from left to right of the tree that merges the nearest pairs first."""
    n = first.size + 1
    order = np.argsort(-near, kind="mergesort")
    up = np.arange(2 * n - 1)
    left = np.full(2 * n - 1, -1, np.int64)
    right = np.full(2 * n - 1, -1, np.int64)
    for k in range(n - 1):
        a = first[order[k]]
        b = second[order[k]]
        while up[a] != a:
            up[a] = up[up[a]]
            a = up[a]
        while up[b] != b:
            up[b] = up[up[b]]
            b = up[b]
        if a > b:
            a, b = b, a
        merged = n + k
        left[merged] = a
        right[merged] = b
        up[a] = merged
        up[b] = merged
    leaves = np.empty(n, np.int64)
    stack = np.empty(2 * n, np.int64)
    stack[0] = 2 * n - 2
    height = 1
    filled = 0
    while height > 0:
        height -= 1
        node = stack[height]
        if node < n:
            leaves[filled] = node
            filled += 1
        else:
            stack[height] = right[node]
            stack[height + 1] = left[node]
            height += 2
    return leaves


def bisect(covariance: Float64, leaves: Int64) -> Float64:
    """Weights by recursive bisection in leaf order; clusters weigh by inverse variance (Lopez de Prado 2016, 4.3).

    Blocks are summed from the leaves up, so that each pair of assets is read once.
    """
    n = leaves.size
    inverse = np.empty(n)
    for i in range(n):
        inverse[i] = 1.0 / covariance[leaves[i], leaves[i]]
    weights = np.ones(n)
    # Halves of halves: every split as (start, middle, end), parents before children.
    splits = np.empty((max(n - 1, 1), 3), np.int64)
    pending = np.empty((2 * n, 2), np.int64)
    pending[0, 0], pending[0, 1] = 0, n
    height, count = 1, 0
    while height > 0:
        height -= 1
        start, end = pending[height, 0], pending[height, 1]
        if end - start < 2:
            continue
        middle = start + (end - start) // 2
        splits[count, 0], splits[count, 1], splits[count, 2] = start, middle, end
        count += 1
        pending[height, 0], pending[height, 1] = middle, end
        pending[height + 1, 0], pending[height + 1, 1] = start, middle
        height += 2
    # quads[start], sums[start] hold the block that begins at start once its own splits are done.
    quads = inverse.copy()
    sums = inverse.copy()
    shares = np.empty(max(n - 1, 1))
    for k in range(count - 1, -1, -1):
        start, middle, end = splits[k, 0], splits[k, 1], splits[k, 2]
        one = quads[start] / (sums[start] * sums[start])
        two = quads[middle] / (sums[middle] * sums[middle])
        shares[k] = 1.0 - one / (one + two)
        cross = 0.0
        for i in range(start, middle):
            p = leaves[i]
            part = 0.0
            for j in range(middle, end):
                part += covariance[p, leaves[j]] * inverse[j]
            cross += part * inverse[i]
        quads[start] += quads[middle] + 2.0 * cross
        sums[start] += sums[middle]
    for k in range(count):
        start, middle, end = splits[k, 0], splits[k, 1], splits[k, 2]
        weights[start:middle] *= shares[k]
        weights[middle:end] *= 1.0 - shares[k]
    out = np.empty(n)
    for i in range(n):
        out[leaves[i]] = weights[i]
    return out
