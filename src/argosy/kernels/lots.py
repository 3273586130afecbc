"""Lot replay, compiled: one pass over rows clustered by component. Twin: ``argosy.kernels.reference.lots``.

See :mod:`argosy.kernels.lot_rows` for what goes in and out.
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
    grown,
    grown_column,
    names_fit,
    open_lot,
    take_pieces,
    total_size,
)
from argosy.kernels.lot_heap import STALE
from argosy.kernels.lot_rows import (
    ACQUIRED,
    ADD,
    AT_COST,
    AVERAGE,
    COVER_ONLY,
    LOTS_DIFFER,
    LOTS_NOT_NAMED,
    MAY_CROSS,
    MOVE_IN,
    MOVE_OUT,
    NEED_NAMES,
    NO_POSITION,
    OK,
    OPENS,
    ORIGIN,
    OTHER_LEG,
    OVERCOVERED,
    OVERFLOW,
    OVERSOLD,
    R_COST,
    R_COST_BASE,
    R_LOT,
    R_PROCEEDS,
    R_PROCEEDS_BASE,
    R_QUANTITY,
    R_ROW,
    SPLIT,
    TARGET_SIGN,
    TRADE,
    Int64,
    LotResult,
    LotRows,
)
from argosy.kernels.lot_steps import (
    capital,
    scale,
    settle,
    spread,
    vanish,
)
from argosy.kernels.wide import (
    Whole,
    mul_div,
    mul_div_fits,
    too_big,
)

BUILT_ON = "1529c06a267b"
"""Digest of the compiled files this one calls: numba renews a cached function only when its own file changes."""


@njit(cache=True)
def _replay(
    ops: Int64, flag: Int64, slot_of: Int64, custody_of: Int64, quantities: Int64, amounts: Int64, bases: Int64,
    acquired: Int64, num: Int64, den: Int64, unit: Int64, named: Int64, names_start: Int64, keys: Int64,
    named_quantity: Int64, method: Int64, custodies: int, lots: Int64, reliefs: Int64, after: Int64, before: Int64,
    reserved: Int64, heap: Int64, out: Int64,
) -> tuple[Int64, Int64, Int64]:  # fmt: skip  # fmt: skip
    rows, count_slots = len(ops), len(method)
    slots = np.zeros((count_slots, 8), np.int64)
    for s in range(count_slots):
        slots[s, FIRST] = slots[s, LAST] = -1
        slots[s, METHOD], slots[s, ROOT] = method[s], STALE
    custody = np.zeros(custodies, np.int64)
    pool = np.zeros(3, np.int64)
    opened: Whole = 0
    relieved: Whole = 0
    for row in range(rows):
        op, s, place = ops[row], slot_of[row], custody_of[row]
        quantity, amount, base = quantities[row], amounts[row], bases[row]
        start, end = 0, 0
        if named[row] > 0:
            start, end = names_start[named[row] - 1], names_start[named[row]]
        room = slots[s, OPEN] + (end - start) + 1
        if opened + room > len(lots):
            lots, heap = grown(lots, opened + room), grown(heap, opened + room)
            after = grown_column(after, opened + room)
            before, reserved = grown_column(before, opened + room), grown_column(reserved, opened + room)
        if relieved + room > len(reliefs):
            reliefs = grown(reliefs, relieved + room)
        code, delta = OK, quantity
        here = custody[place]
        if op == TRADE:
            closing = np.int64(0)
            if (slots[s, HELD] > 0 and quantity < 0) or (slots[s, HELD] < 0 and quantity > 0):
                closing = min(abs(quantity), abs(slots[s, HELD]))
            if quantity < 0 and (flag[row] & MAY_CROSS) == 0 and -quantity > max(here, 0):
                code = OVERSOLD
            elif (flag[row] & COVER_ONLY) != 0 and quantity > max(-here, 0):
                code = OVERCOVERED
            elif (
                too_big(slots[s, HELD], quantity) or too_big(here, quantity)
                or too_big(slots[s, TOTAL], amount) or too_big(slots[s, TOTAL_BASE], base)
            ):  # fmt: skip
                code = OVERFLOW
            elif closing > 0 and end == start and (flag[row] & NEED_NAMES) != 0:
                code = LOTS_NOT_NAMED
            elif closing > 0 and end > start and not names_fit(
                slots, s, lots, after, reserved, closing, start, end, keys, named_quantity
            ):  # fmt: skip
                code = LOTS_DIFFER
            else:
                rest = abs(quantity)
                if closing > 0:
                    done = take_pieces(
                        slots, s, lots, after, before, heap, closing,
                        start, end, keys, named_quantity, reliefs, relieved, pool,
                    )  # fmt: skip
                    if (flag[row] & AT_COST) != 0:
                        for k in range(relieved, done):
                            reliefs[k, R_ROW], reliefs[k, R_PROCEEDS] = row, reliefs[k, R_COST]
                            reliefs[k, R_PROCEEDS_BASE] = reliefs[k, R_COST_BASE]
                    else:
                        amount, base = settle(reliefs, relieved, done, row, amount, base, rest)
                    relieved = done
                    rest -= closing
                if rest > 0:
                    size = rest if quantity > 0 else -rest
                    open_lot(slots, s, lots, after, before, heap, opened, row, row, acquired[row], size, amount, base)
                    opened += 1
                custody[place] = here + quantity
        elif op == MOVE_OUT:
            peer = num[row]
            t, there = slot_of[peer], custody_of[peer]
            need = abs(quantity)
            sign = 1 if quantity < 0 else -1
            if here * sign < need or slots[s, HELD] * sign < need:
                code = OVERSOLD
            elif too_big(custody[there], need):
                code = OVERFLOW
            elif s != t:
                cost, moved, fits = total_size(slots, s, lots, after)
                change = base != 0 and bases[peer] != 0
                if slots[t, HELD] * sign < 0:
                    code = TARGET_SIGN
                elif end > start and not names_fit(
                    slots, s, lots, after, reserved, need, start, end, keys, named_quantity
                ):  # fmt: skip
                    code = LOTS_DIFFER
                elif not fits or (change and not mul_div_fits(moved, bases[peer], base)):
                    code = OVERFLOW
                else:
                    if change:
                        moved = mul_div(moved, bases[peer], base)
                    if (
                        too_big(slots[t, HELD], need)
                        or too_big(slots[t, TOTAL], cost)
                        or too_big(slots[t, TOTAL_BASE], moved)
                    ):
                        code = OVERFLOW
                    else:
                        done = take_pieces(
                            slots, s, lots, after, before, heap, need,
                            start, end, keys, named_quantity, reliefs, relieved, pool,
                        )  # fmt: skip
                        for k in range(relieved, done):
                            n, cost, moved = reliefs[k, R_LOT], reliefs[k, R_COST], reliefs[k, R_COST_BASE]
                            if change:
                                moved = mul_div(moved, bases[peer], base)
                                out[4, row] += moved - reliefs[k, R_COST_BASE]
                            open_lot(
                                slots, t, lots, after, before, heap, opened, peer, lots[n, ORIGIN], lots[n, ACQUIRED],
                                reliefs[k, R_QUANTITY], cost, moved,
                            )  # fmt: skip
                            opened += 1
            if code == OK:
                custody[place] += quantity
                custody[there] -= quantity
        elif op == MOVE_IN:
            if out[5, num[row]] != OK:
                code = OTHER_LEG
        elif op in (SPLIT, ADD):
            held = slots[s, HELD]
            added = quantity
            if here == 0 or held == 0:
                code = NO_POSITION
            elif op == SPLIT:
                if mul_div_fits(here, num[row], den[row]):
                    added = mul_div(here, num[row], den[row]) - here
                else:
                    code = OVERFLOW
            if code == OK:
                grows_here, grows = (here > 0) == (added > 0), (held > 0) == (added > 0)
                if added != 0 and (
                    (not grows_here and (here + added) * (1 if here > 0 else -1) < 0)
                    or (not grows and (held + added) * (1 if held > 0 else -1) < 0)
                ):
                    code = OVERSOLD
                elif (
                    (grows_here and too_big(here, added)) or (grows and too_big(held, added))
                    or too_big(slots[s, TOTAL], amount) or too_big(slots[s, TOTAL_BASE], base)
                ):  # fmt: skip
                    code = OVERFLOW
            if code == OK:
                custody[place] = here + added
                if held + added == 0:
                    vanish(slots, s, lots, after, reliefs, relieved, row, amount, base)
                    relieved += 1
                else:
                    scale(slots, s, lots, after, before, held + added)
                    fraction = np.int64(0)
                    if unit[row] > 0:
                        fraction = min(abs(here + added) % unit[row], abs(slots[s, HELD]))
                    if fraction > 0:
                        custody[place] -= fraction if slots[s, HELD] > 0 else -fraction
                        done = take_pieces(
                            slots, s, lots, after, before, heap, fraction,
                            0, 0, keys, named_quantity, reliefs, relieved, pool,
                        )  # fmt: skip
                        settle(reliefs, relieved, done, row, amount, base, fraction)
                        relieved = done
                    elif amount != 0 or base != 0:
                        reliefs[relieved] = 0
                        reliefs[relieved, R_ROW], reliefs[relieved, R_LOT] = row, slots[s, FIRST]
                        reliefs[relieved, R_PROCEEDS], reliefs[relieved, R_PROCEEDS_BASE] = -amount, -base
                        relieved += 1
                delta = custody[place] - here
        else:
            delta = np.int64(0)
            if slots[s, HELD] == 0:
                if (flag[row] & OPENS) == 0:
                    code = NO_POSITION
                else:
                    open_lot(
                        slots, s, lots, after, before, heap, opened,
                        row, row, acquired[row], unit[row], amount, base,
                    )  # fmt: skip
                    opened += 1
                    custody[place] += unit[row]
                    delta = unit[row]
            elif too_big(slots[s, TOTAL], amount) or too_big(slots[s, TOTAL_BASE], base):
                code = OVERFLOW
            else:
                relieved = capital(slots, s, lots, after, reliefs, relieved, row, -amount, -base)
        out[0, row] = delta if code == OK else 0
        out[1, row], out[2, row], out[3, row] = slots[s, HELD], slots[s, TOTAL], slots[s, TOTAL_BASE]
        if code != OK:
            out[5, row] = code
    for s in range(count_slots):
        if slots[s, METHOD] == AVERAGE:
            spread(slots, s, lots, after)
    return lots[:opened], reliefs[:relieved], out


def replay(rows: LotRows) -> LotResult:
    """Replay all rows; see :class:`LotRows` and :class:`LotResult`."""
    # numpy asks the system for huge pages, which the compiled side does not: most of the time would go to page faults
    room = len(rows) + 16
    lots, reliefs, out = _replay(
        rows.op, rows.flags, rows.slot, rows.custody, rows.quantity, rows.amount, rows.base, rows.acquired, rows.num,
        rows.den, rows.unit, rows.named, rows.names_start, rows.names_row, rows.names_quantity, rows.method,
        rows.custodies, np.empty((room, 8), np.int64), np.empty((room, 7), np.int64), np.empty(room, np.int64),
        np.empty(room, np.int64), np.zeros(room, np.int64), np.empty((room, 2), np.int64),
        np.zeros((6, len(rows)), np.int64),
    )  # fmt: skip
    return LotResult(lots, reliefs, out[0], out[1], out[2], out[3], out[4], out[5])
