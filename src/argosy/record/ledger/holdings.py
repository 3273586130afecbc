"""Positions, holdings, lots, reliefs and the trail, read off a replay."""

from __future__ import annotations

import numpy as np

from argosy.kernels import lot_rows as codes
from argosy.kernels.reference.wide import mul_div
from argosy.record.ledger.events import Int64
from argosy.record.ledger.policy import Scope
from argosy.record.ledger.replay import Replayed
from argosy.record.ledger.rows import Holdings, Lots, Positions, Reliefs, Trail
from argosy.record.ledger.slots import first_rows, number_rows, sorted_by


def positions(done: Replayed) -> Positions:
    """One row per lot pool that holds something, ordered by portfolio, account, instrument."""
    slots = len(done.slot_first)
    quantity, cost, base = (np.zeros(slots, np.int64) for _ in range(3))
    last = np.zeros(slots, np.int64)
    last[done.rows.slot] = np.arange(len(done.rows))
    if slots:
        quantity, cost, base = (column[last] for column in _after(done))
    held = np.flatnonzero(quantity != 0)
    at = done.position[done.slot_first[held]] if slots else held
    scope = done.slot_scope[held]
    events = done.events
    return Positions(
        events["portfolio"][at], events["account"][at] * (scope != Scope.PORTFOLIO),
        events["sleeve"][at] * (scope == Scope.SLEEVE), events["instrument"][at],
        quantity[held], cost[held], base[held], done.slot_currency[held],
    )  # fmt: skip


def _after(done: Replayed) -> tuple[Int64, Int64, Int64]:
    return done.result.quantity_after, done.result.cost_after, done.result.base_after


def lots(done: Replayed) -> Lots:
    """Open lots, by pool, then acquisition date, then arrival."""
    table = done.result.lots
    table = table[table[:, codes.QUANTITY] != 0]
    table = table[np.lexsort((table[:, codes.ACQUIRED], table[:, codes.SLOT]))]
    events = done.events
    brought, origin = done.position[table[:, codes.ROW]], done.position[table[:, codes.ORIGIN]]
    return Lots(
        events["seq"][brought], events["seq"][origin], events["portfolio"][brought], events["account"][brought],
        events["sleeve"][brought], events["instrument"][brought], table[:, codes.ACQUIRED].copy(),
        table[:, codes.OPENED].copy(), table[:, codes.QUANTITY].copy(), table[:, codes.COST].copy(),
        table[:, codes.COST_BASE].copy(), done.slot_currency[table[:, codes.SLOT]],
    )  # fmt: skip


def reliefs(done: Replayed) -> Reliefs:
    """Every relief in effective order; the lots of one event stand together in the order they were taken."""
    table, every = done.result.reliefs, done.result.lots
    events = done.events
    event = done.position[table[:, codes.R_ROW]]
    order = sorted_by(event, len(events))
    table, event = table[order], event[order]
    lot = every[table[:, codes.R_LOT]]
    brought, origin = done.position[lot[:, codes.ROW]], done.position[lot[:, codes.ORIGIN]]
    return Reliefs(
        events["seq"][event], events["seq"][brought], events["seq"][origin], events["portfolio"][event],
        events["account"][event], events["sleeve"][event], events["instrument"][event], events["kind"][event],
        events["trade_date"][event], lot[:, codes.ACQUIRED].copy(), table[:, codes.R_QUANTITY].copy(),
        table[:, codes.R_COST].copy(), table[:, codes.R_PROCEEDS].copy(), table[:, codes.R_COST_BASE].copy(),
        table[:, codes.R_PROCEEDS_BASE].copy(), done.slot_currency[lot[:, codes.SLOT]],
    )  # fmt: skip


def trail(done: Replayed) -> Trail:
    """One row per event that touched lots, by pool, then in effective order."""
    rows = np.flatnonzero(done.result.error == codes.OK)
    slot = done.rows.slot[rows]
    if len(slot) and not bool((slot[1:] >= slot[:-1]).all()):
        rows = rows[np.argsort(slot, kind="stable")]
    event, result, events = done.position[rows], done.result, done.events
    return Trail(
        done.rows.slot[rows], events["seq"][event], events["portfolio"][event], events["account"][event],
        events["sleeve"][event], events["instrument"][event], events["kind"][event], events["trade_date"][event],
        result.delta[rows], result.quantity_after[rows], result.cost_after[rows], result.base_after[rows],
        done.slot_currency[done.rows.slot[rows]],
    )  # fmt: skip


def holdings(done: Replayed) -> Holdings:
    """What each account and sleeve holds, whatever the lot scope."""
    rows = np.flatnonzero(done.result.error == codes.OK)
    event, events = done.position[rows], done.events
    keys = tuple(events[name][event] for name in ("portfolio", "account", "sleeve", "instrument"))
    cell, cells = number_rows(*keys)
    quantity = np.zeros(cells, np.int64)
    np.add.at(quantity, cell, done.result.delta[rows])
    _spread_splits(done, rows, cell, quantity)
    held = np.flatnonzero(quantity != 0)
    first = first_rows(cell, cells)[held]
    portfolio, account, sleeve, instrument = (key[first] for key in keys)
    return Holdings(portfolio, account, sleeve, instrument, quantity[held])


def _spread_splits(done: Replayed, rows: Int64, cell: Int64, quantity: Int64) -> None:
    """A split reaches all sleeves of an account, though its event carries one: replay those few accounts by sleeve."""
    op = done.rows.op[rows]
    splits = (op == codes.SPLIT) | (op == codes.ADD)
    if not splits.any():
        return
    custody = done.rows.custody[rows]
    pairs = np.unique(np.stack([custody, cell]), axis=1)
    places, counts = np.unique(pairs[0], return_counts=True)
    shared = np.intersect1d(places[counts > 1], np.unique(custody[splits]))
    for place in shared.tolist():
        mine = np.flatnonzero(custody == place)
        held: dict[int, int] = {}
        for row in np.sort(rows[mine]).tolist():
            at = int(cell[np.searchsorted(rows, row)])
            delta = int(done.result.delta[row])
            if done.rows.op[row] in (codes.SPLIT, codes.ADD):
                _scale(held, delta)
            else:
                held[at] = held.get(at, 0) + delta
        for at, value in held.items():
            quantity[at] = value
        for at in set(cell[mine].tolist()) - set(held):
            quantity[at] = 0


def _scale(held: dict[int, int], delta: int) -> None:
    old = sum(held.values())
    seen = done = 0
    for at, value in held.items():
        seen += value
        target = mul_div(seen, old + delta, old)
        held[at], done = target - done, target
