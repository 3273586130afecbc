"""What happens to the lots of a slot besides trades, compiled: splits, capital given back, shares of an amount.

Part of the replay in ``argosy.kernels.lots``; the plain twin of the whole is ``argosy.kernels.reference.lots``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from argosy.kernels.lot_chain import (
    FIRST,
    HELD,
    LAST,
    METHOD,
    OPEN,
    ROOT,
    TOTAL,
    TOTAL_BASE,
    close_lot,
)
from argosy.kernels.lot_heap import STALE
from argosy.kernels.lot_rows import (
    AVERAGE,
    COST,
    COST_BASE,
    OPENED,
    QUANTITY,
    R_COST,
    R_COST_BASE,
    R_LOT,
    R_PROCEEDS,
    R_PROCEEDS_BASE,
    R_QUANTITY,
    R_ROW,
    Int64,
)
from argosy.kernels.wide import (
    Whole,
    mul_div,
    mul_div_fits,
)

BUILT_ON = "e0b9b76cf521"
"""Digest of the compiled files this one calls: numba renews a cached function only when its own file changes."""


@njit(cache=True)
def settle(
    pieces: Int64, start: Whole, end: Whole, row: Whole, amount: Whole, base: Whole, rest: Whole
) -> tuple[Whole, Whole]:
    """Share an amount over pieces by quantity, as their proceeds; gives what is left for the ``rest`` not taken."""
    for k in range(start, end):
        taken = abs(pieces[k, R_QUANTITY])
        if taken == rest:
            part, part_base = amount, base
        else:
            part, part_base = mul_div(amount, taken, rest), mul_div(base, taken, rest)
        amount -= part
        base -= part_base
        rest -= taken
        pieces[k, R_ROW], pieces[k, R_PROCEEDS], pieces[k, R_PROCEEDS_BASE] = row, -part, -part_base
    return amount, base


@njit(cache=True)
def scale(slots: Int64, s: Whole, lots: Int64, after: Int64, before: Int64, total: Whole) -> None:
    """Bring a slot to a new total by cumulative scaling; a lot that rounds to nothing hands its cost to a neighbor."""
    old: Whole = abs(slots[s, HELD])
    new: Whole = total if total >= 0 else -total
    sign = 1 if slots[s, HELD] > 0 else -1
    done: Whole = np.int64(0)
    seen, carried, carried_base, last = np.int64(0), np.int64(0), np.int64(0), np.int64(-1)
    n = slots[s, FIRST]
    while n >= 0:
        following = after[n]
        size = abs(lots[n, QUANTITY])
        seen += size
        target = mul_div(seen, new, old)
        scaled = target - done
        done = target
        if scaled == 0:
            carried += lots[n, COST]
            carried_base += lots[n, COST_BASE]
            lots[n, QUANTITY] = lots[n, COST] = lots[n, COST_BASE] = 0
            close_lot(slots, s, after, before, n)
        else:
            opened = abs(lots[n, OPENED])
            if opened == size or not mul_div_fits(opened, new, old):
                lots[n, OPENED] = sign * scaled
            else:
                lots[n, OPENED] = sign * mul_div(opened, new, old)
            lots[n, QUANTITY] = sign * scaled
            lots[n, COST] += carried
            lots[n, COST_BASE] += carried_base
            carried, carried_base, last = np.int64(0), np.int64(0), n
        n = following
    lots[last, COST] += carried
    lots[last, COST_BASE] += carried_base
    slots[s, HELD] = total
    slots[s, ROOT] = STALE


@njit(cache=True)
def vanish(
    slots: Int64,
    s: Whole,
    lots: Int64,
    after: Int64,
    reliefs: Int64,
    count: Whole,
    row: Whole,
    amount: Whole,
    base: Whole,
) -> None:
    """A reverse split that leaves less than the smallest unit: cost is relieved for the cash, if any."""
    reliefs[count, R_ROW], reliefs[count, R_LOT], reliefs[count, R_QUANTITY] = row, slots[s, FIRST], 0
    reliefs[count, R_COST], reliefs[count, R_COST_BASE] = slots[s, TOTAL], slots[s, TOTAL_BASE]
    reliefs[count, R_PROCEEDS], reliefs[count, R_PROCEEDS_BASE] = -amount, -base
    n = slots[s, FIRST]
    while n >= 0:
        lots[n, QUANTITY] = lots[n, COST] = lots[n, COST_BASE] = 0
        n = after[n]
    slots[s, FIRST] = slots[s, LAST] = -1
    slots[s, ROOT] = STALE
    slots[s, HELD] = slots[s, TOTAL] = slots[s, TOTAL_BASE] = slots[s, OPEN] = 0


@njit(cache=True)
def give_back(
    slots: Int64,
    s: Whole,
    lots: Int64,
    n: Whole,
    sign: Whole,
    part: Whole,
    part_base: Whole,
    reliefs: Int64,
    count: Whole,
    row: Whole,
) -> bool:
    """Cost of one lot (or of a pool) comes back or is added; tells whether that is a relief worth noting."""
    pooled = slots[s, METHOD] == AVERAGE
    basis = slots[s, TOTAL] if pooled else lots[n, COST]
    basis_base = slots[s, TOTAL_BASE] if pooled else lots[n, COST_BASE]
    noted = bool(part * sign > 0)
    if noted:
        taken = sign * min(sign * part, max(sign * basis, 0))
        taken_base = basis_base if taken == basis else mul_div(basis_base, abs(taken), abs(basis))
        reliefs[count, R_ROW], reliefs[count, R_LOT], reliefs[count, R_QUANTITY] = row, n, 0
        reliefs[count, R_COST], reliefs[count, R_PROCEEDS] = taken, part
        reliefs[count, R_COST_BASE], reliefs[count, R_PROCEEDS_BASE] = taken_base, part_base
    else:
        taken, taken_base = part, part_base
    if not pooled:
        lots[n, COST] -= taken
        lots[n, COST_BASE] -= taken_base
    slots[s, TOTAL] -= taken
    slots[s, TOTAL_BASE] -= taken_base
    return noted


@njit(cache=True)
def capital(
    slots: Int64,
    s: Whole,
    lots: Int64,
    after: Int64,
    reliefs: Int64,
    count: Whole,
    row: Whole,
    back: Whole,
    back_base: Whole,
) -> Whole:
    """Share capital that comes back over the lots of a slot by quantity; gives the new count of reliefs."""
    sign = 1 if slots[s, HELD] > 0 else -1
    n = slots[s, FIRST]
    slots[s, ROOT] = STALE
    if slots[s, METHOD] == AVERAGE:
        return count + (1 if give_back(slots, s, lots, n, sign, back, back_base, reliefs, count, row) else 0)
    rest = abs(slots[s, HELD])
    while n >= 0:
        size = abs(lots[n, QUANTITY])
        part, part_base = mul_div(back, size, rest), mul_div(back_base, size, rest)
        back -= part
        back_base -= part_base
        rest -= size
        if give_back(slots, s, lots, n, sign, part, part_base, reliefs, count, row):
            count += 1
        n = after[n]
    return count


@njit(cache=True)
def spread(slots: Int64, s: Whole, lots: Int64, after: Int64) -> None:
    """Show the pooled cost on the lots, by quantity."""
    cost, base, rest = slots[s, TOTAL], slots[s, TOTAL_BASE], abs(slots[s, HELD])
    n = slots[s, FIRST]
    while n >= 0:
        size = abs(lots[n, QUANTITY])
        lots[n, COST], lots[n, COST_BASE] = mul_div(cost, size, rest), mul_div(base, size, rest)
        cost -= lots[n, COST]
        base -= lots[n, COST_BASE]
        rest -= size
        n = after[n]
