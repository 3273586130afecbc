"""Lot replay in plain Python integers: twin of ``argosy.kernels.lots``, and what small books are folded with.

Cost relief: relieved = round half even (cost left * taken / quantity left); the last unit takes the rest, so what was
bought is what was relieved plus what is open, to the last digit.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush
from operator import itemgetter

import numpy as np

from argosy.kernels.lot_rows import (
    ACQUIRED,
    ADD,
    AT_COST,
    AVERAGE,
    CAPITAL,
    COST,
    COST_BASE,
    COVER_ONLY,
    HIFO,
    LIFO,
    LIMIT,
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
    ROW,
    SPLIT,
    TARGET_SIGN,
    TRADE,
    Int64,
    LotResult,
    LotRows,
)
from argosy.kernels.reference.wide import mul_div, mul_div_fits

Lot = list[int]  # SLOT .. COST_BASE, then its number
NUMBER = 8
Worth = tuple[Fraction, int, int, Lot]
_BY_DATE = itemgetter(ACQUIRED)


@dataclass(slots=True)
class _Slot:
    """One pool: its open lots by acquisition date then arrival, and its totals (the only cost where averaged)."""

    number: int
    method: int
    lots: list[Lot] = field(default_factory=list)
    held: int = 0
    cost: int = 0
    base: int = 0
    heap: list[Worth] | None = None  # of a HIFO pool; entries of lots that changed since are skipped

    def size(self) -> tuple[int, int]:
        """Both costs, lots counted by absolute value: no part of the pool is larger."""
        if self.method == AVERAGE:
            return abs(self.cost), abs(self.base)
        return sum(abs(lot[COST]) for lot in self.lots), sum(abs(lot[COST_BASE]) for lot in self.lots)


def _worth(lot: Lot) -> Worth:
    """Highest unit cost first, then by date, then by arrival."""
    return Fraction(-lot[COST], abs(lot[QUANTITY])), lot[ACQUIRED], lot[NUMBER], lot


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


class _Replay:
    """State of one replay."""

    def __init__(self, rows: LotRows) -> None:
        self.columns = {
            name: getattr(rows, name).tolist()
            for name in ("op", "flags", "slot", "custody", "quantity", "amount", "base", "acquired", "num", "den",
                         "unit", "named", "names_start", "names_row", "names_quantity")
        }  # fmt: skip
        self.slots = [_Slot(number, method) for number, method in enumerate(rows.method.tolist())]
        self.custody = [0] * rows.custodies
        self.lots: list[Lot] = []
        self.reliefs: list[tuple[int, ...]] = []
        self.rebased = 0

    # -- lots -----------------------------------------------------------------------------------------------------

    def open(self, slot: _Slot, row: int, origin: int, acquired: int, quantity: int, cost: int, base: int) -> None:
        lot = [slot.number, row, origin, acquired, quantity, quantity, 0, 0, len(self.lots)]
        if slot.method != AVERAGE:
            lot[COST], lot[COST_BASE] = cost, base
        self.lots.append(lot)
        insort(slot.lots, lot, key=_BY_DATE)
        if slot.heap is not None:
            heappush(slot.heap, _worth(lot))
        slot.held += quantity
        slot.cost += cost
        slot.base += base

    def plan(self, slot: _Slot, need: int, names: list[tuple[int, int]]) -> Iterator[tuple[Lot, int]]:
        """Which lots give how much, in order. A lot is reduced between two steps, so the list is read afresh."""
        if names:
            for key, quantity in names:
                left = quantity
                for lot in _called(slot.lots, key):
                    taken = min(left, abs(lot[QUANTITY]))
                    left -= taken
                    yield lot, taken
                    if not left:
                        break
            return
        while need:
            if slot.method == LIFO:
                lot = slot.lots[-1]
            elif slot.method == HIFO:
                lot = _highest(slot)
            else:
                lot = slot.lots[0]
            taken = min(need, abs(lot[QUANTITY]))
            need -= taken
            yield lot, taken

    def names_fit(self, slot: _Slot, need: int, names: list[tuple[int, int]]) -> bool:
        """Whether the named lots exist in this pool and make up exactly what is needed."""
        left = {lot[NUMBER]: abs(lot[QUANTITY]) for lot in slot.lots}
        for key, quantity in names:
            rest = quantity
            for lot in _called(slot.lots, key, left):
                taken = min(rest, left[lot[NUMBER]])
                left[lot[NUMBER]] -= taken
                rest -= taken
            if rest or quantity <= 0:
                return False
            need -= quantity
        return need == 0

    def pieces(self, slot: _Slot, need: int, names: list[tuple[int, int]]) -> Iterator[tuple[Lot, int, int, int]]:
        """Take ``need`` units out of a pool: (lot, taken, cost, base cost) piece by piece."""
        pooled = slot.method == AVERAGE
        sign = _sign(slot.held)
        rest = need
        if pooled:
            total = mul_div(slot.cost, need, abs(slot.held))
            total_base = mul_div(slot.base, need, abs(slot.held))
        for lot, taken in self.plan(slot, need, names):
            if pooled:
                cost, base = mul_div(total, taken, rest), mul_div(total_base, taken, rest)
                total, total_base, rest = total - cost, total_base - base, rest - taken
            else:
                left = abs(lot[QUANTITY])
                cost, base = mul_div(lot[COST], taken, left), mul_div(lot[COST_BASE], taken, left)
                lot[COST] -= cost
                lot[COST_BASE] -= base
            lot[QUANTITY] -= sign * taken
            slot.held -= sign * taken
            slot.cost -= cost
            slot.base -= base
            if not lot[QUANTITY]:
                slot.lots.pop(0 if slot.lots[0] is lot else -1 if slot.lots[-1] is lot else slot.lots.index(lot))
            elif slot.heap is not None:
                heappush(slot.heap, _worth(lot))
            yield lot, taken, cost, base

    # -- operations: each answers a code and changes nothing unless it is OK ----------------------------------------

    def names(self, row: int) -> list[tuple[int, int]]:
        number = self.columns["named"][row]
        if not number:
            return []
        start, end = self.columns["names_start"][number - 1 : number + 1]
        return list(zip(self.columns["names_row"][start:end], self.columns["names_quantity"][start:end], strict=True))

    def too_big(self, slot: _Slot, quantity: int, amount: int, base: int) -> bool:
        return (
            abs(slot.held) + abs(quantity) > LIMIT
            or abs(slot.cost) + abs(amount) > LIMIT
            or abs(slot.base) + abs(base) > LIMIT
        )

    def trade(self, row: int, slot: _Slot, flags: int) -> int:
        get = self.columns
        quantity, amount, base, place = get["quantity"][row], get["amount"][row], get["base"][row], get["custody"][row]
        here = self.custody[place]
        if quantity < 0 and not flags & MAY_CROSS and -quantity > max(here, 0):
            return OVERSOLD
        if flags & COVER_ONLY and quantity > max(-here, 0):
            return OVERCOVERED
        if self.too_big(slot, quantity, amount, base) or abs(here) + abs(quantity) > LIMIT:
            return OVERFLOW
        sign = _sign(quantity)
        closing = min(abs(quantity), abs(slot.held)) if slot.held * sign < 0 else 0
        names = self.names(row)
        if closing:
            if flags & NEED_NAMES and not names:
                return LOTS_NOT_NAMED
            if names and not self.names_fit(slot, closing, names):
                return LOTS_DIFFER
        rest = abs(quantity)
        for lot, taken, cost, base_cost in self.pieces(slot, closing, names) if closing else ():
            if flags & AT_COST:
                part, part_base = -cost, -base_cost
            else:
                part, part_base = mul_div(amount, taken, rest), mul_div(base, taken, rest)
                amount, base = amount - part, base - part_base
            rest -= taken
            self.reliefs.append((row, lot[NUMBER], -sign * taken, cost, -part, base_cost, -part_base))
        if rest:
            self.open(slot, row, row, get["acquired"][row], sign * rest, amount, base)
        self.custody[place] += quantity
        return OK

    def move(self, row: int, slot: _Slot) -> int:
        get = self.columns
        quantity, place, peer = get["quantity"][row], get["custody"][row], get["num"][row]
        target, there = self.slots[get["slot"][peer]], get["custody"][peer]
        need, sign = abs(quantity), -_sign(quantity)
        if self.custody[place] * sign < need or slot.held * sign < need:
            return OVERSOLD
        if abs(self.custody[there]) + need > LIMIT:
            return OVERFLOW
        if target is not slot:
            if target.held * sign < 0:
                return TARGET_SIGN
            names = self.names(row)
            if names and not self.names_fit(slot, need, names):
                return LOTS_DIFFER
            here, elsewhere = get["base"][row], get["base"][peer]
            most, most_base = slot.size()
            if max(most, most_base) > LIMIT:
                return OVERFLOW
            if here and elsewhere:
                if not mul_div_fits(most_base, elsewhere, here):
                    return OVERFLOW
                most_base = mul_div(most_base, elsewhere, here)
            if self.too_big(target, need, most, most_base):
                return OVERFLOW
            for lot, taken, cost, base in self.pieces(slot, need, names):
                moved = mul_div(base, elsewhere, here) if here and elsewhere else base
                self.rebased += moved - base
                self.open(target, peer, lot[ORIGIN], lot[ACQUIRED], sign * taken, cost, moved)
        self.custody[place] += quantity
        self.custody[there] -= quantity
        return OK

    def split(self, row: int, slot: _Slot, op: int) -> int:
        get = self.columns
        place, unit, amount, base = get["custody"][row], get["unit"][row], get["amount"][row], get["base"][row]
        here, held = self.custody[place], slot.held
        if not here or not held:
            return NO_POSITION
        if op == SPLIT:
            if not mul_div_fits(here, get["num"][row], get["den"][row]):
                return OVERFLOW
            added = mul_div(here, get["num"][row], get["den"][row]) - here
        else:
            added = get["quantity"][row]
        if (here + added) * _sign(here) < 0 or (held + added) * _sign(held) < 0:
            return OVERSOLD
        if abs(here + added) > LIMIT or abs(held + added) > LIMIT or self.too_big(slot, 0, amount, base):
            return OVERFLOW
        self.custody[place] = here + added
        if held + added == 0:
            self.vanish(row, slot, amount, base)
            return OK
        _scale(slot, held + added)
        fraction = min(abs(here + added) % unit, abs(slot.held)) if unit else 0
        if fraction:
            self.custody[place] -= _sign(slot.held) * fraction
            sign, rest = _sign(slot.held), fraction
            for lot, taken, cost, base_cost in self.pieces(slot, fraction, []):
                part, part_base = mul_div(amount, taken, rest), mul_div(base, taken, rest)
                amount, base, rest = amount - part, base - part_base, rest - taken
                self.reliefs.append((row, lot[NUMBER], sign * taken, cost, -part, base_cost, -part_base))
        elif amount or base:
            self.reliefs.append((row, slot.lots[0][NUMBER], 0, 0, -amount, 0, -base))
        return OK

    def vanish(self, row: int, slot: _Slot, amount: int, base: int) -> None:
        """A reverse split that leaves less than the smallest unit: cost is relieved for the cash, if any."""
        first = slot.lots[0]
        self.reliefs.append((row, first[NUMBER], 0, slot.cost, -amount, slot.base, -base))
        for lot in slot.lots:
            lot[QUANTITY] = lot[COST] = lot[COST_BASE] = 0
        slot.lots.clear()
        slot.heap = None
        slot.held = slot.cost = slot.base = 0

    def capital(self, row: int, slot: _Slot, flags: int) -> int:
        get = self.columns
        back, back_base, place = -get["amount"][row], -get["base"][row], get["custody"][row]
        if not slot.held:
            if not flags & OPENS:
                return NO_POSITION
            self.open(slot, row, row, get["acquired"][row], get["unit"][row], -back, -back_base)
            self.custody[place] += get["unit"][row]
            return OK
        if self.too_big(slot, 0, back, back_base):
            return OVERFLOW
        if slot.method == AVERAGE:
            shares = [(slot.lots[0], back, back_base, slot.cost, slot.base)]
        else:
            shares, rest = [], abs(slot.held)
            for lot in slot.lots:
                size = abs(lot[QUANTITY])
                part, part_base = mul_div(back, size, rest), mul_div(back_base, size, rest)
                back, back_base, rest = back - part, back_base - part_base, rest - size
                shares.append((lot, part, part_base, lot[COST], lot[COST_BASE]))
        sign, slot.heap = _sign(slot.held), None
        for lot, part, part_base, basis, basis_base in shares:
            if part * sign <= 0:  # cost is added, at the rate of the day
                taken, taken_base = part, part_base
            else:  # cost comes back at its historical rate; what exceeds it is a gain
                taken = sign * min(sign * part, max(sign * basis, 0))
                taken_base = basis_base if taken == basis else mul_div(basis_base, abs(taken), abs(basis))
                self.reliefs.append((row, lot[NUMBER], 0, taken, part, taken_base, part_base))
            if slot.method != AVERAGE:
                lot[COST] -= taken
                lot[COST_BASE] -= taken_base
            slot.cost -= taken
            slot.base -= taken_base
        return OK


def _highest(slot: _Slot) -> Lot:
    """The open lot of highest unit cost, the earliest of equals."""
    if slot.heap is None:
        slot.heap = [_worth(lot) for lot in slot.lots]
        heapify(slot.heap)
    while True:
        worth, _, _, lot = slot.heap[0]
        if lot[QUANTITY] and worth == Fraction(-lot[COST], abs(lot[QUANTITY])):
            return lot
        heappop(slot.heap)


def _called(lots: list[Lot], key: int, left: dict[int, int] | None = None) -> list[Lot]:
    """Open lots that a name means: those brought by that row, else those first acquired by it."""
    live = [lot for lot in lots if left is None or left[lot[NUMBER]]]
    return [lot for lot in live if lot[ROW] == key] or [lot for lot in live if lot[ORIGIN] == key]


def _scale(slot: _Slot, total: int) -> None:
    """Bring a pool to a new total by cumulative scaling; a lot that rounds to nothing hands its cost to a neighbor."""
    old, new, sign = abs(slot.held), abs(total), _sign(slot.held)
    seen = done = carried = carried_base = 0
    kept: list[Lot] = []
    for lot in slot.lots:
        size = abs(lot[QUANTITY])
        seen += size
        target = mul_div(seen, new, old)
        scaled, done = target - done, target
        if not scaled:
            carried, carried_base = carried + lot[COST], carried_base + lot[COST_BASE]
            lot[QUANTITY] = lot[COST] = lot[COST_BASE] = 0
            continue
        opened = abs(lot[OPENED])
        if opened == size or not mul_div_fits(opened, new, old):
            lot[OPENED] = sign * scaled
        else:
            lot[OPENED] = sign * mul_div(opened, new, old)
        lot[QUANTITY] = sign * scaled
        lot[COST], lot[COST_BASE] = lot[COST] + carried, lot[COST_BASE] + carried_base
        carried = carried_base = 0
        kept.append(lot)
    kept[-1][COST] += carried
    kept[-1][COST_BASE] += carried_base
    slot.lots[:] = kept
    slot.heap = None
    slot.held = total


def _spread(slot: _Slot) -> None:
    """Show the pooled cost on the lots, by quantity."""
    cost, base, rest = slot.cost, slot.base, abs(slot.held)
    for lot in slot.lots:
        size = abs(lot[QUANTITY])
        lot[COST], lot[COST_BASE] = mul_div(cost, size, rest), mul_div(base, size, rest)
        cost, base, rest = cost - lot[COST], base - lot[COST_BASE], rest - size


def replay(rows: LotRows) -> LotResult:
    """Replay all rows; see :class:`LotRows` and :class:`LotResult`."""
    run = _Replay(rows)
    ops, flags, slots, custody = (run.columns[name] for name in ("op", "flags", "slot", "custody"))
    peers = run.columns["num"]
    out: list[tuple[int, int, int, int, int, int]] = []
    errors: list[int] = []
    for row, op in enumerate(ops):
        slot = run.slots[slots[row]]
        before = run.custody[custody[row]]
        run.rebased = 0
        if op == TRADE:
            code = run.trade(row, slot, flags[row])
        elif op in (SPLIT, ADD):
            code = run.split(row, slot, op)
        elif op == CAPITAL:
            code = run.capital(row, slot, flags[row])
        elif op == MOVE_OUT:
            code = run.move(row, slot)
        else:
            code = OTHER_LEG if errors[peers[row]] else OK
        delta = run.custody[custody[row]] - before
        if op in (MOVE_OUT, MOVE_IN) and code == OK:  # both ends may lie in one custody
            delta = run.columns["quantity"][row]
        out.append((delta, slot.held, slot.cost, slot.base, run.rebased, code))
        errors.append(code)
    for slot in run.slots:
        if slot.method == AVERAGE:
            _spread(slot)
    columns = np.array(out, np.int64).reshape(len(out), 6).T.copy()
    return LotResult(
        _table([lot[:NUMBER] for lot in run.lots], 8), _table(run.reliefs, 7),
        columns[0], columns[1], columns[2], columns[3], columns[4], columns[5],
    )  # fmt: skip


def _table(rows: list[Lot] | list[tuple[int, ...]], width: int) -> Int64:
    return np.array(rows, np.int64).reshape(len(rows), width)
