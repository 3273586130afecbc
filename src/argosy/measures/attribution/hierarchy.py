"""Multi-level attribution over any tree: the whole decision path from asset class to security."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.inputs import (
    Float64,
    ShapeError,
    UndefinedEffect,
    matrix,
    same_shape,
    weights_sum_to_one,
)


@dataclass(frozen=True)
class LevelEffects:
    """Allocation decided at one level: node labels (in first-seen order) and effects, shape (T, nodes)."""

    name: str
    nodes: tuple[str, ...]
    parents: tuple[str, ...]
    allocation: Float64


@dataclass(frozen=True)
class HierarchyEffects:
    """The decision path: allocation per level from the top, selection per leaf, and period returns."""

    levels: tuple[LevelEffects, ...]
    selection: Float64
    portfolio: Float64
    benchmark: Float64

    @property
    def total(self) -> Float64:
        """Everything summed per period, shape (T,); equals portfolio - benchmark within 1e-12."""
        return np.asarray(sum(level.allocation.sum(axis=1) for level in self.levels) + self.selection.sum(axis=1))


def brinson_hierarchy(
    w_port: npt.ArrayLike,
    w_bench: npt.ArrayLike,
    r_port: npt.ArrayLike,
    r_bench: npt.ArrayLike,
    levels: Sequence[tuple[str, Sequence[str]]],
) -> HierarchyEffects:
    """Top-down Brinson-Fachler over a tree: each level is judged inside its parent, selection stands at the leaves.

    Answers: which decision on the path region > country > security won or lost?

    Parameters
    ----------
    w_port, w_bench, r_port, r_bench : (N,) or (T, N) float over the leaves, as in ``brinson``
    levels : from the top down, (name, label of every leaf); the last level may be the leaves themselves.
        A label may appear under one parent only.

    Returns
    -------
    HierarchyEffects
        Identity: all allocations and selections sum to w_port @ r_port - w_bench @ r_bench within 1e-12.

    Notes
    -----
    At a node g under parent p: (w_g - W_g w_p/W_p)(R_g - R_p). Where the benchmark holds nothing of the parent
    (W_p = 0) its return is taken as the parent's and the bet stays with the level above; inside it the whole effect
    is selection. Selection at a leaf: w (r - R), interaction included.
    Source: Brinson & Fachler (1985) applied level by level; Bacon (2008), ch. 6.

    Examples
    --------
    >>> out = brinson_hierarchy([0.25, 0.15, 0.35, 0.25], [0.3, 0.2, 0.2, 0.3], [0.04, 0.01, -0.02, 0.06],
    ...     [0.03, 0.02, -0.01, 0.05], [("region", "AABB"), ("country", "abcd")])
    >>> out.levels[1].allocation.round(6).tolist()
    [[4e-05, 6e-05, -0.00396, -0.00264]]
    """
    wp, wb = matrix("w_port", w_port), matrix("w_bench", w_bench)
    rp, rb = matrix("r_port", r_port), matrix("r_bench", r_bench)
    same_shape(w_port=wp, w_bench=wb, r_port=rp, r_bench=rb)
    weights_sum_to_one("w_port", wp)
    weights_sum_to_one("w_bench", wb)
    periods, leaves = wp.shape
    total = (wb * rb).sum(axis=1, keepdims=True)
    parent_w, parent_b, parent_r = np.ones((periods, 1)), np.ones((periods, 1)), total
    parent_of_leaf = np.zeros(leaves, dtype=np.int64)
    parent_names: tuple[str, ...] = ("total",)
    found: list[LevelEffects] = []
    for name, labels in levels:
        if len(labels) != leaves:
            raise ShapeError(f"level {name!r} labels {len(labels)} leaves, there are {leaves}", field="levels")
        nodes = tuple(dict.fromkeys(labels))
        index = {label: position for position, label in enumerate(nodes)}
        node_of_leaf = np.array([index[label] for label in labels])
        parent_of_node = np.full(len(nodes), -1)
        for leaf, node in enumerate(node_of_leaf):
            if parent_of_node[node] not in (-1, parent_of_leaf[leaf]):
                raise ShapeError(
                    f"{nodes[node]!r} of level {name!r} stands under more than one parent",
                    field="levels",
                    next_step="make labels unique, for example 'region/country'",
                )
            parent_of_node[node] = parent_of_leaf[leaf]
        member = np.zeros((leaves, len(nodes)))
        member[np.arange(leaves), node_of_leaf] = 1.0
        node_w, node_b, node_c = wp @ member, wb @ member, (wb * rb) @ member
        above_w, above_b, above_r = (a[:, parent_of_node] for a in (parent_w, parent_b, parent_r))
        held = node_b != 0.0
        _refuse_netted_groups(name, nodes, node_b, node_c)
        node_r = np.where(held, node_c / np.where(held, node_b, 1.0), above_r)
        known = above_b != 0.0
        scaled = np.where(known, node_b * above_w / np.where(known, above_b, 1.0), 0.0)
        allocation = np.where(known, (node_w - scaled) * (node_r - above_r), 0.0)
        found.append(LevelEffects(name, nodes, tuple(parent_names[p] for p in parent_of_node), allocation))
        parent_w, parent_b, parent_r = node_w, node_b, node_r
        parent_of_leaf, parent_names = node_of_leaf, nodes
    selection_reference = parent_r[:, parent_of_leaf]
    # What the levels did not reach (leaves inside the lowest group) is selection against that group's benchmark return.
    selection = wp * (rp - selection_reference)
    return HierarchyEffects(tuple(found), selection, (wp * rp).sum(axis=1), total[:, 0])


def _refuse_netted_groups(level: str, nodes: tuple[str, ...], weight: Float64, contribution: Float64) -> None:
    """A benchmark group that nets to weight 0 but earns something has no return to be judged against."""
    bad = (weight == 0.0) & (contribution != 0.0)
    if bad.any():
        period, node = (int(i) for i in np.argwhere(bad)[0])
        raise UndefinedEffect(
            f"the benchmark's {nodes[node]!r} of level {level!r} nets to weight 0 in period {period} but contributes "
            f"{contribution[period, node]:.6g}",
            field="w_bench",
            next_step="split longs and shorts into groups of their own",
        )
