"""Chains of open lots, compiled: putting a lot in by date, finding and taking units out of it by method or by name.

Lots lie in one table in the order they arrive; ``after`` and ``before`` chain the open ones of a slot.
Part of the replay in ``argosy.kernels.lots``; the plain twin of the whole is ``argosy.kernels.reference.lots``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from argosy.kernels.lot_heap import STALE, build, insert, without_root
from argosy.kernels.lot_rows import (
    ACQUIRED,
    AVERAGE,
    COST,
    COST_BASE,
    HIFO,
    LIFO,
    OPENED,
    ORIGIN,
    QUANTITY,
    R_COST,
    R_COST_BASE,
    R_LOT,
    R_QUANTITY,
    ROW,
    SLOT,
    Int64,
)
from argosy.kernels.wide import (
    Whole,
    mul_div,
    too_big,
)

BUILT_ON = "81168a9b5cea"
"""Digest of the compiled files this one calls: numba renews a cached function only when its own file changes."""

HELD, TOTAL, TOTAL_BASE, FIRST, LAST, OPEN, METHOD, ROOT = range(8)
"""Columns of a slot: quantity, both costs, ends of its chain of lots (-1 = none), how many are open, method, heap."""


@njit(cache=True)
def open_lot(
    slots: Int64,
    s: Whole,
    lots: Int64,
    after: Int64,
    before: Int64,
    heap: Int64,
    n: Whole,
    row: Whole,
    origin: Whole,
    acquired: Whole,
    quantity: Whole,
    cost: Whole,
    base: Whole,
) -> None:
    """Put lot number n into its slot's chain: by acquisition date, after those of the same day."""
    lots[n, SLOT], lots[n, ROW], lots[n, ORIGIN], lots[n, ACQUIRED] = s, row, origin, acquired
    lots[n, OPENED] = lots[n, QUANTITY] = quantity
    if slots[s, METHOD] == AVERAGE:
        lots[n, COST] = lots[n, COST_BASE] = 0
    else:
        lots[n, COST], lots[n, COST_BASE] = cost, base
    earlier = slots[s, LAST]
    later = np.int64(-1)
    while earlier >= 0 and lots[earlier, ACQUIRED] > acquired:
        later, earlier = earlier, before[earlier]
    before[n], after[n] = earlier, later
    if earlier >= 0:
        after[earlier] = n
    else:
        slots[s, FIRST] = n
    if later >= 0:
        before[later] = n
    else:
        slots[s, LAST] = n
    slots[s, OPEN] += 1
    slots[s, HELD] += quantity
    slots[s, TOTAL] += cost
    slots[s, TOTAL_BASE] += base
    if slots[s, METHOD] == HIFO and slots[s, ROOT] != STALE:
        slots[s, ROOT] = insert(lots, heap, slots[s, ROOT], n)


@njit(cache=True)
def close_lot(slots: Int64, s: Whole, after: Int64, before: Int64, n: Whole) -> None:
    """Take a lot out of its slot's chain."""
    earlier, later = before[n], after[n]
    if earlier >= 0:
        after[earlier] = later
    else:
        slots[s, FIRST] = later
    if later >= 0:
        before[later] = earlier
    else:
        slots[s, LAST] = earlier
    slots[s, OPEN] -= 1


@njit(cache=True)
def names_fit(
    slots: Int64,
    s: Whole,
    lots: Int64,
    after: Int64,
    reserved: Int64,
    need: Whole,
    start: Whole,
    end: Whole,
    keys: Int64,
    amounts: Int64,
) -> bool:
    """Whether the named lots are open in this slot and make up exactly what is needed."""
    good = True
    for k in range(start, end):
        rest = amounts[k]
        if rest <= 0:
            good = False
            break
        need -= rest
        column = ORIGIN
        n = slots[s, FIRST]
        while n >= 0:
            if lots[n, ROW] == keys[k] and abs(lots[n, QUANTITY]) > reserved[n]:
                column = ROW
                break
            n = after[n]
        n = slots[s, FIRST]
        while n >= 0 and rest > 0:
            free = abs(lots[n, QUANTITY]) - reserved[n]
            if lots[n, column] == keys[k] and free > 0:
                taken = min(rest, free)
                reserved[n] += taken
                rest -= taken
            n = after[n]
        if rest > 0:
            good = False
            break
    n = slots[s, FIRST]
    while n >= 0:
        reserved[n] = 0
        n = after[n]
    return good and need == 0


@njit(cache=True)
def take_from(
    slots: Int64,
    s: Whole,
    lots: Int64,
    after: Int64,
    before: Int64,
    heap: Int64,
    n: Whole,
    taken: Whole,
    pieces: Int64,
    count: Whole,
    pool: Int64,
) -> None:
    """Take units out of one lot and note the piece; ``pool`` = (cost, base, units) left of a pooled relief."""
    if slots[s, METHOD] == AVERAGE:
        cost, base = mul_div(pool[0], taken, pool[2]), mul_div(pool[1], taken, pool[2])
        pool[0] -= cost
        pool[1] -= base
        pool[2] -= taken
    else:
        left = abs(lots[n, QUANTITY])
        if taken == left:
            cost, base = lots[n, COST], lots[n, COST_BASE]
        else:
            cost, base = mul_div(lots[n, COST], taken, left), mul_div(lots[n, COST_BASE], taken, left)
        lots[n, COST] -= cost
        lots[n, COST_BASE] -= base
    signed = taken if slots[s, HELD] > 0 else -taken
    lots[n, QUANTITY] -= signed
    slots[s, HELD] -= signed
    slots[s, TOTAL] -= cost
    slots[s, TOTAL_BASE] -= base
    pieces[count, R_LOT], pieces[count, R_QUANTITY] = n, signed
    pieces[count, R_COST], pieces[count, R_COST_BASE] = cost, base
    if lots[n, QUANTITY] == 0:
        close_lot(slots, s, after, before, n)
    if slots[s, METHOD] == HIFO and slots[s, ROOT] != STALE:
        if n != slots[s, ROOT]:
            slots[s, ROOT] = STALE
        else:
            slots[s, ROOT] = without_root(lots, heap, n)
            if lots[n, QUANTITY] != 0:
                slots[s, ROOT] = insert(lots, heap, slots[s, ROOT], n)


@njit(cache=True)
def take_pieces(
    slots: Int64,
    s: Whole,
    lots: Int64,
    after: Int64,
    before: Int64,
    heap: Int64,
    need: Whole,
    start: Whole,
    end: Whole,
    keys: Int64,
    amounts: Int64,
    pieces: Int64,
    count: Whole,
    pool: Int64,
) -> Whole:
    """Take ``need`` units out of a slot; pieces are written to ``pieces[count:]``, the new count is given."""
    if slots[s, METHOD] == AVERAGE:
        held = abs(slots[s, HELD])
        pool[0], pool[1], pool[2] = (
            mul_div(slots[s, TOTAL], need, held),
            mul_div(slots[s, TOTAL_BASE], need, held),
            need,
        )
    if end > start:
        for k in range(start, end):
            rest = amounts[k]
            column = ORIGIN
            n = slots[s, FIRST]
            while n >= 0:
                if lots[n, ROW] == keys[k]:
                    column = ROW
                    break
                n = after[n]
            n = slots[s, FIRST]
            while n >= 0 and rest > 0:
                following = after[n]
                if lots[n, column] == keys[k]:
                    taken = min(rest, abs(lots[n, QUANTITY]))
                    rest -= taken
                    take_from(slots, s, lots, after, before, heap, n, taken, pieces, count, pool)
                    count += 1
                n = following
        return count
    while need > 0:
        if slots[s, METHOD] == LIFO:
            n = slots[s, LAST]
        elif slots[s, METHOD] == HIFO:
            if slots[s, ROOT] == STALE:
                slots[s, ROOT] = build(lots, heap, after, slots[s, FIRST])
            n = slots[s, ROOT]
        else:
            n = slots[s, FIRST]
        taken = min(need, abs(lots[n, QUANTITY]))
        need -= taken
        take_from(slots, s, lots, after, before, heap, n, taken, pieces, count, pool)
        count += 1
    return count


@njit(cache=True)
def total_size(slots: Int64, s: Whole, lots: Int64, after: Int64) -> tuple[Whole, Whole, bool]:
    """Both costs, lots counted by absolute value, and whether they fit."""
    if slots[s, METHOD] == AVERAGE:
        return abs(slots[s, TOTAL]), abs(slots[s, TOTAL_BASE]), True
    cost, base = np.int64(0), np.int64(0)
    n = slots[s, FIRST]
    while n >= 0:
        if too_big(cost, lots[n, COST]) or too_big(base, lots[n, COST_BASE]):
            return cost, base, False
        cost += abs(lots[n, COST])
        base += abs(lots[n, COST_BASE])
        n = after[n]
    return cost, base, True


@njit(cache=True)
def grown(table: Int64, needed: Whole) -> Int64:
    """The table with room for more rows."""
    larger = np.empty((max(2 * len(table), needed), table.shape[1]), np.int64)
    larger[: len(table)] = table
    return larger


@njit(cache=True)
def grown_column(column: Int64, needed: Whole) -> Int64:
    """The column with room for more rows, 0 in the new ones."""
    larger = np.zeros(max(2 * len(column), needed), np.int64)
    larger[: len(column)] = column
    return larger
