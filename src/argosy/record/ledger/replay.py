"""From events to lot operations, through the kernel or its twin, and back: which lots, which gains, which problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels import lot_rows as codes
from argosy.kernels.lot_rows import LotResult, LotRows
from argosy.kernels.reference import lots as reference
from argosy.record.ledger.amounts import Money, money_of, per_portfolio, whole
from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.policy import LedgerPolicy, Scope
from argosy.record.ledger.rows import LedgerProblem
from argosy.record.ledger.screen import Screen, pair_legs, screen
from argosy.record.ledger.selection import positions_with
from argosy.record.ledger.slots import compress, first_rows, join, number_rows, sorted_by
from argosy.record.ledger.wording import why

SMALL = 50_000
"""Below this many lot events plain Python is done before a compiled kernel is loaded."""

_OPS = np.zeros(max(Kind) + 1, np.int64)
for _kind in (Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER, Kind.OPENING_LOT, Kind.DELIVERY_IN, Kind.DELIVERY_OUT):
    _OPS[_kind] = codes.TRADE
for _kind in (Kind.RETURN_OF_CAPITAL, Kind.CAPITAL_CALL, Kind.DISTRIBUTION):
    _OPS[_kind] = codes.CAPITAL
_OPS[Kind.TRANSFER_OUT], _OPS[Kind.TRANSFER_IN], _OPS[Kind.SPLIT] = codes.MOVE_OUT, codes.MOVE_IN, codes.SPLIT

_FLAGS = np.zeros(max(Kind) + 1, np.int64)
_FLAGS[[Kind.SHORT_SELL, Kind.OPENING_LOT, Kind.BUY, Kind.DELIVERY_IN]] = codes.MAY_CROSS
_FLAGS[Kind.COVER], _FLAGS[Kind.CAPITAL_CALL] = codes.COVER_ONLY, codes.OPENS

_CODES = {
    codes.OVERSOLD: "oversold",
    codes.OVERCOVERED: "overcovered",
    codes.NO_POSITION: "no_position",
    codes.LOTS_NOT_NAMED: "lots_not_named",
    codes.LOTS_DIFFER: "lots_differ",
    codes.OVERFLOW: "overflow",
    codes.OTHER_LEG: "transfer",
    codes.TARGET_SIGN: "transfer",
}


@dataclass(frozen=True)
class Replayed:
    """Lot operations and their outcome. ``position`` is the event (in ``events``) of each row; rows are clustered."""

    events: EventColumns  # the effective ones, in replay order
    money: Money
    refused: npt.NDArray[np.bool_]  # per event
    problems: tuple[LedgerProblem, ...]
    position: Int64
    component: Int64  # per row, ascending
    rows: LotRows
    result: LotResult
    slot_currency: Int64
    slot_scope: Int64
    slot_first: Int64  # a row of each slot
    policies: Mapping[int, LedgerPolicy]


def replay(
    events: EventColumns,
    *,
    policies: Mapping[int, LedgerPolicy],
    quantity_unit: Mapping[int, int],
    base_amounts: Int64 | None,
    engine: str,
) -> Replayed:
    """Replay effective events, already in order, through lots."""
    money = money_of(events, policies=policies)
    found = screen(events, money)
    outs, ins = pair_legs(events, found)
    kind = events["kind"]
    touches = (_OPS[np.where(found.refused, 0, kind)] > 0) & ~((kind == Kind.DISTRIBUTION) & (money.lots == 0))
    position = np.flatnonzero(touches)
    built = _pools(events, position, outs, ins, money, policies, found)
    rows = _operations(events, built, money, policies, quantity_unit, base_amounts)
    result = _engine(engine, len(built.position))(rows)
    _report(events, built.position, rows, result, found, quantity_unit)
    problems = tuple(sorted(found.problems, key=lambda problem: problem.event_seq))
    return Replayed(
        events, money, found.refused, problems, built.position, built.component, rows, result,
        built.currency, built.scope, built.first, policies,
    )  # fmt: skip


def _engine(name: str, size: int) -> Callable[[LotRows], LotResult]:
    if name == "reference" or (name == "auto" and size < SMALL):
        return reference.replay
    if name not in ("kernel", "auto"):
        raise InvalidInput(f"unknown engine {name!r}", field="engine", found=name, expected="auto, kernel or reference")
    from argosy.kernels import lots

    return lots.replay


@dataclass
class _Pools:
    """Rows in component order with their pool numbers."""

    position: Int64
    slot: Int64
    custody: Int64
    component: Int64
    currency: Int64  # per slot
    scope: Int64  # per slot
    first: Int64  # row of each slot
    outs: Int64  # rows of paired legs
    ins: Int64
    custodies: int


def _pools(
    events: EventColumns, position: Int64, outs: Int64, ins: Int64, money: Money,
    policies: Mapping[int, LedgerPolicy], found: Screen,
) -> _Pools:  # fmt: skip
    """Number pools, refuse rows in a currency other than their pool's, and cluster rows by component."""
    while True:
        portfolio, account = events["portfolio"][position], events["account"][position]
        instrument = events["instrument"][position]
        scope = per_portfolio(portfolio, policies, lambda policy: int(policy.scope_code))
        pooled = scope == Scope.PORTFOLIO
        by_sleeve = scope == Scope.SLEEVE
        sleeve = events["sleeve"][position] * by_sleeve if by_sleeve.any() else None
        owner = np.where(pooled, 0, account) if pooled.any() else account
        keys = (portfolio, owner, instrument) if sleeve is None else (portfolio, owner, sleeve, instrument)
        slot, slots = number_rows(*keys)
        custody, custodies = number_rows(slot, account) if pooled.any() else (slot, slots)
        left, right = np.searchsorted(position, outs), np.searchsorted(position, ins)
        currency, bad = _currencies(events, position, slot, slots, left, right, money)
        if not len(bad):
            break
        for event in position[bad].tolist():
            found.refuse(events, event, "currency", "its currency is not the one the holding's cost is kept in")
        # a leg that is refused takes its counterpart along
        for out, into in zip(outs.tolist(), ins.tolist(), strict=True):
            if found.refused[out] or found.refused[into]:
                found.refuse(events, out, "transfer", "the other leg of the transfer is refused")
                found.refuse(events, into, "transfer", "the other leg of the transfer is refused")
        standing = ~(found.refused[outs] | found.refused[ins])
        outs, ins = outs[standing], ins[standing]
        position = position[~found.refused[position]]
    joined = compress(join(slots, slot[left], slot[right])[slot])[0] if len(left) else slot
    order = sorted_by(joined, slots)
    if len(left):
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        left, right = place[left], place[right]
    position, ordered = position[order], slot[order]
    custody = ordered if custody is slot else custody[order]
    component = ordered if joined is slot else joined[order]
    first = first_rows(ordered, slots)
    return _Pools(
        position, ordered, custody, component, currency, scope[order[first]], first, left, right, custodies,
    )  # fmt: skip


def _currencies(
    events: EventColumns, position: Int64, slot: Int64, slots: int, left: Int64, right: Int64, money: Money
) -> tuple[Int64, Int64]:
    """Currency of each pool's cost, and rows (transfers: both legs) that clash with it."""
    kind, currency = events["kind"][position], events["currency"][position]
    counts = (currency != 0) & ((_OPS[kind] == codes.TRADE) | (money.lots[position] != 0))
    of_slot = np.zeros(slots, np.int64)
    rows = np.flatnonzero(counts)
    of_slot[slot[rows[::-1]]] = currency[rows[::-1]]
    bad = rows[currency[rows] != of_slot[slot[rows]]]
    clashing: list[int] = []
    for out, into in zip(left.tolist(), right.tolist(), strict=True):
        source, target = int(of_slot[slot[out]]), int(of_slot[slot[into]])
        if not target:
            of_slot[slot[into]] = source
        elif source and source != target:
            clashing += [out, into]
    return of_slot, np.concatenate([bad, np.array(clashing, np.int64)])


def _operations(
    events: EventColumns, pools: _Pools, money: Money, policies: Mapping[int, LedgerPolicy],
    quantity_unit: Mapping[int, int], base_amounts: Int64 | None,
) -> LotRows:  # fmt: skip
    """The kernel's view of the rows."""
    position = pools.position
    kind, quantity = events["kind"][position], events["quantity"][position]
    count = len(position)
    op, flags = _OPS[kind], _FLAGS[kind]
    portfolio = events["portfolio"][position]
    may_short = per_portfolio(portfolio, policies, lambda policy: int(policy.oversell == "short"))
    flags |= (kind == Kind.SELL) * may_short * codes.MAY_CROSS
    slot_portfolio = portfolio[pools.first]
    method = per_portfolio(slot_portfolio, policies, lambda policy: int(policy.method_code))
    if (method == codes.SPECIFIC).any():
        closes = (kind == Kind.SELL) | (kind == Kind.COVER) | (kind == Kind.BUY) | (kind == Kind.SHORT_SELL)
        flags |= (closes & (method[pools.slot] == codes.SPECIFIC)) * codes.NEED_NAMES
    flags |= ((kind == Kind.DELIVERY_OUT) & ~money.told[position]) * codes.AT_COST
    op[(kind == Kind.SPLIT) & (events["num"][position] == 0)] = codes.ADD
    op[(kind == Kind.CAPITAL_CALL) & (quantity != 0)] = codes.TRADE
    flags[(kind == Kind.CAPITAL_CALL) & (quantity != 0)] = codes.MAY_CROSS
    acquired, trade_date = events["acquired"][position], events["trade_date"][position]
    acquired = np.where(acquired == 0, trade_date, acquired)
    base = np.zeros(count, np.int64) if base_amounts is None else -base_amounts[position]
    splits = kind == Kind.SPLIT
    num, den = (
        (events[name][position] * splits for name in ("num", "den"))
        if splits.any()
        else (np.zeros(count, np.int64),) * 2
    )
    if len(pools.outs):
        num[pools.outs], num[pools.ins] = pools.ins, pools.outs
    unit = np.zeros(count, np.int64)
    special = np.flatnonzero(splits | ((kind == Kind.CAPITAL_CALL) & (quantity == 0)))
    for row in special.tolist():
        size = quantity_unit.get(int(events["instrument"][position[row]]), 10**8)
        rest = events.payload.get(int(position[row]), {})
        whole_shares = str(rest.get("whole_shares", "")) not in ("", "0")
        unit[row] = size if not splits[row] or whole_shares else 0
    named, start, key, amount = _names(events, position)
    return LotRows(
        op, flags, pools.slot, pools.custody, quantity, -money.lots[position], base, acquired, num, den, unit,
        named, start, key, amount, method, pools.custodies,
    )  # fmt: skip


def _names(events: EventColumns, position: Int64) -> tuple[Int64, Int64, Int64, Int64]:
    """Lists of named lots: a lot is called by the seq of the event that brought or first acquired it."""
    named = np.zeros(len(position), np.int64)
    listed = {event: events.payload[event]["lots"] for event in positions_with(events.payload, "lots")}
    if not listed:
        return named, np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    seqs, anchors = events["seq"][position].tolist(), events["anchor"][position].tolist()
    called = {anchor: row for row, anchor in enumerate(anchors) if anchor}  # a corrected purchase keeps its old name
    called.update((seq, row) for row, seq in enumerate(seqs))
    row_of = {event: row for row, event in enumerate(position.tolist())}
    start, keys, amounts = [0], [], []
    for event, entries in listed.items():
        row = row_of.get(event)
        if row is None or not isinstance(entries, (list, tuple)) or not entries:
            continue
        for seq, quantity in entries:
            keys.append(called.get(whole(seq), -1))
            amounts.append(whole(quantity))
        start.append(len(keys))
        named[row] = len(start) - 1
    return named, np.array(start, np.int64), np.array(keys, np.int64), np.array(amounts, np.int64)


def _report(
    events: EventColumns, position: Int64, rows: LotRows, result: LotResult, found: Screen,
    quantity_unit: Mapping[int, int],
) -> None:  # fmt: skip
    for row in np.flatnonzero(result.error).tolist():
        event = int(position[row])
        held, asked = int(result.quantity_after[row]), int(events["quantity"][event])
        unit = quantity_unit.get(int(events["instrument"][event]), 10**8)
        message = why(int(result.error[row]), Kind(int(events["kind"][event])), held, asked, unit)
        found.refuse(events, event, _CODES[int(result.error[row])], message, held=held, asked=asked)
