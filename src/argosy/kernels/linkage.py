"""Trees of assets by agglomerative clustering, cut into a number of clusters that the distances themselves suggest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

METHODS = ("single", "complete", "average", "ward")


@dataclass(frozen=True, eq=False)
class Tree:
    """Merges (N-1, 2) from nearest to farthest and their heights (N-1,). Leaves are 0 to N-1; merge k makes node N+k.

    Of two merged nodes the one made earlier stands first.
    """

    merges: Int64
    heights: Float64

    @property
    def size(self) -> int:
        """Number of leaves."""
        return int(self.heights.size) + 1

    def cut(self, clusters: int) -> Int64:
        """Cluster (N,) of each leaf when the last ``clusters - 1`` merges are undone, numbered by their first leaf.

        Examples
        --------
        >>> tree = grow(np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 3.0], [4.0, 3.0, 0.0]]), method="single")
        >>> tree.cut(2).tolist()
        [0, 0, 1]
        """
        n = self.size
        owner = np.arange(2 * n - 1)
        for k in range(n - clusters):
            owner[self.merges[k]] = n + k
        for node in range(2 * n - 2, -1, -1):
            owner[node] = owner[owner[node]]
        _, first, which = np.unique(owner[:n], return_index=True, return_inverse=True)
        rank = np.empty(first.size, dtype=np.int64)
        rank[np.argsort(first)] = np.arange(first.size)
        return rank[which]

    def leaves(self, node: int) -> list[int]:
        """Leaves under a node, from left to right."""
        found: list[int] = []
        stack = [node]
        while stack:
            here = stack.pop()
            if here < self.size:
                found.append(here)
            else:
                left, right = self.merges[here - self.size].tolist()
                stack += [right, left]
        return found


def grow(distance: Float64, *, method: str) -> Tree:
    """Merge nearest clusters until one is left, by nearest-neighbor chains (Murtagh 1983) in O(N^2).

    Distances between clusters follow Lance and Williams (1967); "ward" takes distances for Euclidean ones, as is done
    for correlation distances. Of equal distances the asset that stands first is taken.

    Examples
    --------
    >>> tree = grow(np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 3.0], [4.0, 3.0, 0.0]]), method="average")
    >>> tree.merges.tolist(), tree.heights.tolist()
    ([[0, 1], [2, 3]], [1.0, 3.5])
    """
    n = distance.shape[0]
    apart = distance.astype(np.float64, copy=True)
    np.fill_diagonal(apart, np.inf)
    count = np.ones(n)
    alive = np.ones(n, dtype=bool)
    pairs = np.empty((n - 1, 2), dtype=np.int64)
    heights = np.empty(n - 1)
    chain: list[int] = []
    for step in range(n - 1):
        if not chain:
            chain.append(int(np.argmax(alive)))
        while True:
            top = chain[-1]
            near = int(np.argmin(apart[top]))
            # Going back is preferred to an equal distance ahead, so that a chain cannot turn in circles.
            if len(chain) > 1 and apart[top, chain[-2]] <= apart[top, near]:
                near = chain[-2]
                break
            chain.append(near)
        del chain[-2:]
        height = float(apart[top, near])
        keep, gone = min(top, near), max(top, near)
        joined = _joined(apart[keep], apart[gone], height, count, keep, gone, method)
        alive[gone] = False
        joined[~alive] = np.inf
        joined[keep] = np.inf
        apart[keep], apart[:, keep] = joined, joined
        apart[gone], apart[:, gone] = np.inf, np.inf
        count[keep] += count[gone]
        pairs[step], heights[step] = (keep, gone), height
    return _numbered(pairs, heights)


def _joined(one: Float64, two: Float64, height: float, count: Float64, keep: int, gone: int, method: str) -> Float64:
    """Distances of all clusters to the union of two."""
    if method == "single":
        return np.minimum(one, two)
    if method == "complete":
        return np.maximum(one, two)
    a, b = count[keep], count[gone]
    if method == "average":
        return np.asarray((a * one + b * two) / (a + b))
    with np.errstate(invalid="ignore"):
        squares = ((a + count) * one**2 + (b + count) * two**2 - count * height**2) / (a + b + count)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def _numbered(pairs: Int64, heights: Float64) -> Tree:
    """Merges sorted by height, with nodes numbered as they are made."""
    n = heights.size + 1
    order = np.argsort(heights, kind="stable")
    node = np.arange(n)
    root = np.arange(n)
    merges = np.empty((n - 1, 2), dtype=np.int64)
    for k, step in enumerate(order.tolist()):
        ends = []
        for leaf in pairs[step].tolist():
            while root[leaf] != leaf:
                root[leaf] = root[root[leaf]]
                leaf = int(root[leaf])
            ends.append(leaf)
        merges[k] = sorted((int(node[ends[0]]), int(node[ends[1]])))
        root[max(ends)] = min(ends)
        node[min(ends)] = n + k
    return Tree(merges, heights[order])


def suggested_clusters(distance: Float64, tree: Tree, *, most: int | None = None) -> int:
    """Number of clusters by the two-order difference of the gap statistic (Yue, Wang and Wei 2009).

    With the dispersion ``W_k = sum over clusters of (sum of pairwise distances) / (2 size)``, it is the k of the
    largest ``W_(k-1) - 2 W_k + W_(k+1)``: where one more cluster stops helping. At most ``most``, by default the larger
    of 8 and ``sqrt(N)``; two assets are two clusters.

    Examples
    --------
    >>> group = np.array([0, 0, 1, 1, 2, 2])
    >>> apart = np.where(group[:, None] == group[None, :], 0.1, 5.0) * (1.0 - np.eye(6))
    >>> suggested_clusters(apart, grow(apart, method="ward"))
    3
    """
    n = tree.size
    if n <= 2:
        return n
    last = min(n, (most if most is not None else max(8, round(np.sqrt(n)))) + 1)
    dispersion = []
    for k in range(1, last + 1):
        member = np.eye(k)[tree.cut(k)]
        within = np.einsum("ij,ij->j", member, distance @ member)
        dispersion.append(float((within / (2.0 * member.sum(axis=0))).sum()))
    if len(dispersion) < 3:
        return min(2, n)
    return int(np.argmax(np.diff(dispersion, 2))) + 2
