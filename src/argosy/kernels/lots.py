"""Lot replay, compiled: one pass over rows clustered by component. Twin: ``argosy.kernels.reference.lots``.

Lots lie in one table in the order they arrive; each slot is a chain through it by acquisition date, so that a sale touches
only the lots it takes. See :mod:`argosy.kernels.lot_rows` for what goes in and out.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from argosy.kernels.lot_rows import (
    ACQUIRED,
    ADD,
    AT_COST,
    AVERAGE,
    COST,
    COST_BASE,
    COVER_ONLY,
    HIFO,
    LIFO,
    LOTS_DIFFER,
    LOTS_NOT_NAMED,
    MAY_CROSS,
    MOVE_IN,
    MOVE_OUT,
    NEED_NAMES,
    NO_POSITION,
    OK,
    OPENED,
    OPENS,
    ORIGIN,
    OTHER_LEG,
    OVERCOVERED,
    OVERFLOW,
    OVERSOLD,
    QUANTITY,
    R_COST,
    R_COST_BASE,
    R_LOT,
    R_PROCEEDS,
    R_PROCEEDS_BASE,
    R_QUANTITY,
    R_ROW,
    ROW,
    SLOT,
    SPLIT,
    TARGET_SIGN,
    TRADE,
    Int64,
    LotResult,
    LotRows,
)
from argosy.kernels.wide import LIMIT, compare_ratios, mul_div, mul_div_fits, too_big

HELD, TOTAL, TOTAL_BASE, FIRST, LAST, OPEN, METHOD = range(7)
"""Columns of a slot: quantity, both costs, ends of its chain of lots (-1 = none), how many are open, lot method."""


@njit(cache=True)
def _open(slots, s, lots, after, before, n, row, origin, acquired, quantity, cost, base) -> None:  # type: ignore[no-untyped-def]
    """Put lot number n into its slot's chain: by acquisition date, after those of the same day."""
    lot = lots[n]
    lot[SLOT], lot[ROW], lot[ORIGIN], lot[ACQUIRED] = s, row, origin, acquired
    lot[OPENED] = lot[QUANTITY] = quantity
    slot = slots[s]
    if slot[METHOD] == AVERAGE:
        lot[COST] = lot[COST_BASE] = 0
    else:
        lot[COST], lot[COST_BASE] = cost, base
    earlier = slot[LAST]
    later = np.int64(-1)
    while earlier >= 0 and lots[earlier, ACQUIRED] > acquired:
        later, earlier = earlier, before[earlier]
    before[n], after[n] = earlier, later
    if earlier >= 0:
        after[earlier] = n
    else:
        slot[FIRST] = n
    if later >= 0:
        before[later] = n
    else:
        slot[LAST] = n
    slot[OPEN] += 1
    slot[HELD] += quantity
    slot[TOTAL] += cost
    slot[TOTAL_BASE] += base


@njit(cache=True)
def _close(slot, after, before, n) -> None:  # type: ignore[no-untyped-def]
    """Take a lot out of its slot's chain."""
    earlier, later = before[n], after[n]
    if earlier >= 0:
        after[earlier] = later
    else:
        slot[FIRST] = later
    if later >= 0:
        before[later] = earlier
    else:
        slot[LAST] = earlier
    slot[OPEN] -= 1


@njit(cache=True)
def _highest(slot, lots, after) -> np.int64:  # type: ignore[no-untyped-def]
    """The lot with the highest unit cost, the earliest of equals."""
    best = slot[FIRST]
    n = after[best]
    while n >= 0:
        if compare_ratios(lots[n, COST], abs(lots[n, QUANTITY]), lots[best, COST], abs(lots[best, QUANTITY])) > 0:
            best = n
        n = after[n]
    return best


@njit(cache=True)
def _names_fit(slot, lots, after, reserved, need, start, end, keys, amounts) -> bool:  # type: ignore[no-untyped-def]
    """Whether the named lots are open in this slot and make up exactly what is needed."""
    good = True
    for k in range(start, end):
        rest = amounts[k]
        if rest <= 0:
            good = False
            break
        need -= rest
        column = ORIGIN
        n = slot[FIRST]
        while n >= 0:
            if lots[n, ROW] == keys[k] and abs(lots[n, QUANTITY]) > reserved[n]:
                column = ROW
                break
            n = after[n]
        n = slot[FIRST]
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
    n = slot[FIRST]
    while n >= 0:
        reserved[n] = 0
        n = after[n]
    return good and need == 0


@njit(cache=True)
def _take(slot, lots, after, before, n, taken, piece, pool) -> None:  # type: ignore[no-untyped-def]
    """Take units out of one lot and note the piece; ``pool`` = (cost, base, units) left of a pooled relief."""
    if slot[METHOD] == AVERAGE:
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
    signed = taken if slot[HELD] > 0 else -taken
    lots[n, QUANTITY] -= signed
    slot[HELD] -= signed
    slot[TOTAL] -= cost
    slot[TOTAL_BASE] -= base
    piece[R_LOT], piece[R_QUANTITY], piece[R_COST], piece[R_COST_BASE] = n, signed, cost, base
    if lots[n, QUANTITY] == 0:
        _close(slot, after, before, n)


@njit(cache=True)
def _pieces(slot, lots, after, before, need, start, end, keys, amounts, pieces, count, pool) -> np.int64:  # type: ignore[no-untyped-def]
    """Take ``need`` units out of a slot; pieces are written to ``pieces[count:]``, the new count is given."""
    if slot[METHOD] == AVERAGE:
        held = abs(slot[HELD])
        pool[0], pool[1], pool[2] = mul_div(slot[TOTAL], need, held), mul_div(slot[TOTAL_BASE], need, held), need
    if end > start:
        for k in range(start, end):
            rest = amounts[k]
            column = ORIGIN
            n = slot[FIRST]
            while n >= 0:
                if lots[n, ROW] == keys[k]:
                    column = ROW
                    break
                n = after[n]
            n = slot[FIRST]
            while n >= 0 and rest > 0:
                following = after[n]
                if lots[n, column] == keys[k]:
                    taken = min(rest, abs(lots[n, QUANTITY]))
                    rest -= taken
                    _take(slot, lots, after, before, n, taken, pieces[count], pool)
                    count += 1
                n = following
        return count
    while need > 0:
        if slot[METHOD] == LIFO:
            n = slot[LAST]
        elif slot[METHOD] == HIFO:
            n = _highest(slot, lots, after)
        else:
            n = slot[FIRST]
        taken = min(need, abs(lots[n, QUANTITY]))
        need -= taken
        _take(slot, lots, after, before, n, taken, pieces[count], pool)
        count += 1
    return count


@njit(cache=True)
def _settle(pieces, start, end, row, amount, base, rest) -> tuple[np.int64, np.int64]:  # type: ignore[no-untyped-def]
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
def _size(slot, lots, after) -> tuple[np.int64, np.int64, bool]:  # type: ignore[no-untyped-def]
    """Both costs, lots counted by absolute value, and whether they fit."""
    if slot[METHOD] == AVERAGE:
        return abs(slot[TOTAL]), abs(slot[TOTAL_BASE]), True
    cost, base = np.int64(0), np.int64(0)
    n = slot[FIRST]
    while n >= 0:
        if too_big(cost, lots[n, COST]) or too_big(base, lots[n, COST_BASE]):
            return cost, base, False
        cost += abs(lots[n, COST])
        base += abs(lots[n, COST_BASE])
        n = after[n]
    return cost, base, True


@njit(cache=True)
def _scale(slot, lots, after, before, total) -> None:  # type: ignore[no-untyped-def]
    """Bring a slot to a new total by cumulative scaling; a lot that rounds to nothing hands its cost to a neighbor."""
    old, new = abs(slot[HELD]), abs(total)
    sign = 1 if slot[HELD] > 0 else -1
    seen, done, carried, carried_base, last = np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(-1)
    n = slot[FIRST]
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
            _close(slot, after, before, n)
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
    slot[HELD] = total


@njit(cache=True)
def _vanish(slot, lots, after, relief, row, amount, base) -> None:  # type: ignore[no-untyped-def]
    """A reverse split that leaves less than the smallest unit: cost is relieved for the cash, if any."""
    relief[R_ROW], relief[R_LOT], relief[R_QUANTITY] = row, slot[FIRST], 0
    relief[R_COST], relief[R_COST_BASE] = slot[TOTAL], slot[TOTAL_BASE]
    relief[R_PROCEEDS], relief[R_PROCEEDS_BASE] = -amount, -base
    n = slot[FIRST]
    while n >= 0:
        lots[n, QUANTITY] = lots[n, COST] = lots[n, COST_BASE] = 0
        n = after[n]
    slot[FIRST] = slot[LAST] = -1
    slot[HELD] = slot[TOTAL] = slot[TOTAL_BASE] = slot[OPEN] = 0


@njit(cache=True)
def _give_back(slot, lots, n, sign, part, part_base, relief, row) -> bool:  # type: ignore[no-untyped-def]
    """Cost of one lot (or of a pool) comes back or is added; tells whether that is a relief worth noting."""
    pooled = slot[METHOD] == AVERAGE
    basis = slot[TOTAL] if pooled else lots[n, COST]
    basis_base = slot[TOTAL_BASE] if pooled else lots[n, COST_BASE]
    noted = part * sign > 0
    if noted:
        taken = sign * min(sign * part, max(sign * basis, 0))
        taken_base = basis_base if taken == basis else mul_div(basis_base, abs(taken), abs(basis))
        relief[R_ROW], relief[R_LOT], relief[R_QUANTITY] = row, n, 0
        relief[R_COST], relief[R_PROCEEDS] = taken, part
        relief[R_COST_BASE], relief[R_PROCEEDS_BASE] = taken_base, part_base
    else:
        taken, taken_base = part, part_base
    if not pooled:
        lots[n, COST] -= taken
        lots[n, COST_BASE] -= taken_base
    slot[TOTAL] -= taken
    slot[TOTAL_BASE] -= taken_base
    return noted


@njit(cache=True)
def _capital(slot, lots, after, reliefs, count, row, back, back_base) -> np.int64:  # type: ignore[no-untyped-def]
    """Share capital that comes back over the lots of a slot by quantity; gives the new count of reliefs."""
    sign = 1 if slot[HELD] > 0 else -1
    n = slot[FIRST]
    if slot[METHOD] == AVERAGE:
        return count + (1 if _give_back(slot, lots, n, sign, back, back_base, reliefs[count], row) else 0)
    rest = abs(slot[HELD])
    while n >= 0:
        size = abs(lots[n, QUANTITY])
        part, part_base = mul_div(back, size, rest), mul_div(back_base, size, rest)
        back -= part
        back_base -= part_base
        rest -= size
        if _give_back(slot, lots, n, sign, part, part_base, reliefs[count], row):
            count += 1
        n = after[n]
    return count


@njit(cache=True)
def _spread(slot, lots, after) -> None:  # type: ignore[no-untyped-def]
    """Show the pooled cost on the lots, by quantity."""
    cost, base, rest = slot[TOTAL], slot[TOTAL_BASE], abs(slot[HELD])
    n = slot[FIRST]
    while n >= 0:
        size = abs(lots[n, QUANTITY])
        lots[n, COST], lots[n, COST_BASE] = mul_div(cost, size, rest), mul_div(base, size, rest)
        cost -= lots[n, COST]
        base -= lots[n, COST_BASE]
        rest -= size
        n = after[n]


@njit(cache=True)
def _grown(table, needed):  # type: ignore[no-untyped-def]
    """The table with room for more rows."""
    larger = np.empty((max(2 * len(table), needed), table.shape[1]), np.int64)
    larger[: len(table)] = table
    return larger


@njit(cache=True)
def _grown_column(column, needed):  # type: ignore[no-untyped-def]
    larger = np.zeros(max(2 * len(column), needed), np.int64)
    larger[: len(column)] = column
    return larger


@njit(cache=True)
def _replay(  # type: ignore[no-untyped-def]
    ops, flag, slot_of, custody_of, quantities, amounts, bases, acquired, num, den, unit, named, names_start, keys,
    named_quantity, method, custodies,
):  # fmt: skip
    rows, count_slots = len(ops), len(method)
    slots = np.zeros((count_slots, 7), np.int64)
    for s in range(count_slots):
        slots[s, FIRST] = slots[s, LAST] = -1
        slots[s, METHOD] = method[s]
    custody = np.zeros(custodies, np.int64)
    lots, reliefs = np.empty((rows + 16, 8), np.int64), np.empty((rows + 16, 7), np.int64)
    after, before, reserved = np.empty(rows + 16, np.int64), np.empty(rows + 16, np.int64), np.zeros(rows + 16, np.int64)
    out = np.zeros((6, rows), np.int64)
    pool = np.zeros(3, np.int64)
    opened, relieved = 0, 0
    for row in range(rows):
        op, s, place = ops[row], slot_of[row], custody_of[row]
        slot = slots[s]
        quantity, amount, base = quantities[row], amounts[row], bases[row]
        start, end = 0, 0
        if named[row] > 0:
            start, end = names_start[named[row] - 1], names_start[named[row]]
        room = slot[OPEN] + (end - start) + 1
        if opened + room > len(lots):
            lots, after = _grown(lots, opened + room), _grown_column(after, opened + room)
            before, reserved = _grown_column(before, opened + room), _grown_column(reserved, opened + room)
        if relieved + room > len(reliefs):
            reliefs = _grown(reliefs, relieved + room)
        code, delta = OK, quantity
        here = custody[place]
        if op == TRADE:
            closing = np.int64(0)
            if (slot[HELD] > 0 and quantity < 0) or (slot[HELD] < 0 and quantity > 0):
                closing = min(abs(quantity), abs(slot[HELD]))
            if quantity < 0 and (flag[row] & MAY_CROSS) == 0 and -quantity > max(here, 0):
                code = OVERSOLD
            elif (flag[row] & COVER_ONLY) != 0 and quantity > max(-here, 0):
                code = OVERCOVERED
            elif (
                too_big(slot[HELD], quantity) or too_big(slot[TOTAL], amount) or too_big(slot[TOTAL_BASE], base)
                or too_big(here, quantity)
            ):  # fmt: skip
                code = OVERFLOW
            elif closing > 0 and end == start and (flag[row] & NEED_NAMES) != 0:
                code = LOTS_NOT_NAMED
            elif closing > 0 and end > start and not _names_fit(
                slot, lots, after, reserved, closing, start, end, keys, named_quantity
            ):  # fmt: skip
                code = LOTS_DIFFER
            else:
                rest = abs(quantity)
                if closing > 0:
                    done = _pieces(
                        slot, lots, after, before, closing, start, end, keys, named_quantity, reliefs, relieved, pool
                    )
                    if (flag[row] & AT_COST) != 0:
                        for k in range(relieved, done):
                            reliefs[k, R_ROW], reliefs[k, R_PROCEEDS] = row, reliefs[k, R_COST]
                            reliefs[k, R_PROCEEDS_BASE] = reliefs[k, R_COST_BASE]
                    else:
                        amount, base = _settle(reliefs, relieved, done, row, amount, base, rest)
                    relieved = done
                    rest -= closing
                if rest > 0:
                    size = rest if quantity > 0 else -rest
                    _open(slots, s, lots, after, before, opened, row, row, acquired[row], size, amount, base)
                    opened += 1
                custody[place] = here + quantity
        elif op == MOVE_OUT:
            peer = num[row]
            t, there = slot_of[peer], custody_of[peer]
            target = slots[t]
            need = abs(quantity)
            sign = 1 if quantity < 0 else -1
            if here * sign < need or slot[HELD] * sign < need:
                code = OVERSOLD
            elif too_big(custody[there], need):
                code = OVERFLOW
            elif s != t:
                cost, moved, fits = _size(slot, lots, after)
                change = base != 0 and bases[peer] != 0
                if target[HELD] * sign < 0:
                    code = TARGET_SIGN
                elif end > start and not _names_fit(
                    slot, lots, after, reserved, need, start, end, keys, named_quantity
                ):  # fmt: skip
                    code = LOTS_DIFFER
                elif not fits or (change and not mul_div_fits(moved, bases[peer], base)):
                    code = OVERFLOW
                else:
                    if change:
                        moved = mul_div(moved, bases[peer], base)
                    if too_big(target[HELD], need) or too_big(target[TOTAL], cost) or too_big(target[TOTAL_BASE], moved):
                        code = OVERFLOW
                    else:
                        done = _pieces(
                            slot, lots, after, before, need, start, end, keys, named_quantity, reliefs, relieved, pool
                        )
                        for k in range(relieved, done):
                            n, cost, moved = reliefs[k, R_LOT], reliefs[k, R_COST], reliefs[k, R_COST_BASE]
                            if change:
                                moved = mul_div(moved, bases[peer], base)
                                out[4, row] += moved - reliefs[k, R_COST_BASE]
                            _open(
                                slots, t, lots, after, before, opened, peer, lots[n, ORIGIN], lots[n, ACQUIRED],
                                reliefs[k, R_QUANTITY], cost, moved,
                            )  # fmt: skip
                            opened += 1
            if code == OK:
                custody[place] += quantity
                custody[there] -= quantity
        elif op == MOVE_IN:
            if out[5, num[row]] != OK:
                code = OTHER_LEG
        elif op == SPLIT or op == ADD:
            held = slot[HELD]
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
                    or too_big(slot[TOTAL], amount) or too_big(slot[TOTAL_BASE], base)
                ):  # fmt: skip
                    code = OVERFLOW
            if code == OK:
                custody[place] = here + added
                if held + added == 0:
                    _vanish(slot, lots, after, reliefs[relieved], row, amount, base)
                    relieved += 1
                else:
                    _scale(slot, lots, after, before, held + added)
                    fraction = np.int64(0)
                    if unit[row] > 0:
                        fraction = min(abs(here + added) % unit[row], abs(slot[HELD]))
                    if fraction > 0:
                        custody[place] -= fraction if slot[HELD] > 0 else -fraction
                        done = _pieces(
                            slot, lots, after, before, fraction, 0, 0, keys, named_quantity, reliefs, relieved, pool
                        )
                        _settle(reliefs, relieved, done, row, amount, base, fraction)
                        relieved = done
                    elif amount != 0 or base != 0:
                        reliefs[relieved] = 0
                        reliefs[relieved, R_ROW], reliefs[relieved, R_LOT] = row, slot[FIRST]
                        reliefs[relieved, R_PROCEEDS], reliefs[relieved, R_PROCEEDS_BASE] = -amount, -base
                        relieved += 1
                delta = custody[place] - here
        else:
            delta = np.int64(0)
            if slot[HELD] == 0:
                if (flag[row] & OPENS) == 0:
                    code = NO_POSITION
                else:
                    _open(slots, s, lots, after, before, opened, row, row, acquired[row], unit[row], amount, base)
                    opened += 1
                    custody[place] += unit[row]
                    delta = unit[row]
            elif too_big(slot[TOTAL], amount) or too_big(slot[TOTAL_BASE], base):
                code = OVERFLOW
            else:
                relieved = _capital(slot, lots, after, reliefs, relieved, row, -amount, -base)
        out[0, row] = delta if code == OK else 0
        out[1, row], out[2, row], out[3, row], out[5, row] = slot[HELD], slot[TOTAL], slot[TOTAL_BASE], code
    for s in range(count_slots):
        if slots[s, METHOD] == AVERAGE:
            _spread(slots[s], lots, after)
    return lots[:opened].copy(), reliefs[:relieved].copy(), out


def replay(rows: LotRows) -> LotResult:
    """Replay all rows; see :class:`LotRows` and :class:`LotResult`."""
    columns = [
        np.ascontiguousarray(column, np.int64)
        for column in (
            rows.op, rows.flags, rows.slot, rows.custody, rows.quantity, rows.amount, rows.base, rows.acquired,
            rows.num, rows.den, rows.unit, rows.named, rows.names_start, rows.names_row, rows.names_quantity,
            rows.method,
        )
    ]  # fmt: skip
    lots, reliefs, out = _replay(*columns, rows.custodies)
    lots_table: Int64 = lots
    return LotResult(lots_table, reliefs, out[0], out[1], out[2], out[3], out[4], out[5])
