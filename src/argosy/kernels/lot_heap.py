"""The lot of highest unit cost without looking at all of them: one pairing heap per slot, compiled.

Fredman, Sedgewick, Sleator and Tarjan, The pairing heap (1986). ``heap`` has two links per lot; the root of a
slot's heap is in its ROOT column. What changes lots out of turn calls the heap stale, and the next pick builds it anew.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from argosy.kernels.lot_rows import ACQUIRED, COST, QUANTITY, Int64
from argosy.kernels.wide import Whole, compare_ratios

BUILT_ON = "92d6eaae76bf"
"""Digest of the compiled files this one calls: numba renews a cached function only when its own file changes."""

CHILD, SIBLING = range(2)
NONE, STALE = -1, -2


@njit(cache=True)
def _before(lots: Int64, a: Whole, b: Whole) -> bool:
    """Whether lot a comes before lot b: by unit cost, then acquisition date, then arrival."""
    order = compare_ratios(lots[a, COST], abs(lots[a, QUANTITY]), lots[b, COST], abs(lots[b, QUANTITY]))
    if order != 0:
        return bool(order > 0)
    return bool(lots[a, ACQUIRED] < lots[b, ACQUIRED] or (lots[a, ACQUIRED] == lots[b, ACQUIRED] and a < b))


@njit(cache=True)
def meld(lots: Int64, heap: Int64, a: Whole, b: Whole) -> Whole:
    """Join two heaps; gives the new root."""
    if a < 0:
        return b
    if b < 0:
        return a
    if _before(lots, b, a):
        a, b = b, a
    heap[b, SIBLING] = heap[a, CHILD]
    heap[a, CHILD] = b
    return a


@njit(cache=True)
def insert(lots: Int64, heap: Int64, root: Whole, n: Whole) -> Whole:
    """Put one lot into a heap; gives the new root."""
    heap[n, CHILD] = heap[n, SIBLING] = NONE
    return meld(lots, heap, root, n)


@njit(cache=True)
def without_root(lots: Int64, heap: Int64, root: Whole) -> Whole:
    """Take the root off; its children are joined in pairs, then the pairs from the last to the first."""
    n = heap[root, CHILD]
    pairs: Whole = np.int64(NONE)
    while n >= 0:
        a, b = n, heap[n, SIBLING]
        n = np.int64(NONE)
        heap[a, SIBLING] = NONE
        if b >= 0:
            n = heap[b, SIBLING]
            heap[b, SIBLING] = NONE
        joined = meld(lots, heap, a, b)
        heap[joined, SIBLING] = pairs
        pairs = joined
    result: Whole = np.int64(NONE)
    while pairs >= 0:
        following = heap[pairs, SIBLING]
        heap[pairs, SIBLING] = NONE
        result = meld(lots, heap, result, pairs)
        pairs = following
    return result


@njit(cache=True)
def build(lots: Int64, heap: Int64, after: Int64, first: Whole) -> Whole:
    """The heap of a whole chain of lots; gives its root."""
    root: Whole = np.int64(NONE)
    n = first
    while n >= 0:
        root = insert(lots, heap, root, n)
        n = after[n]
    return root
