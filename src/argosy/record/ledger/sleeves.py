"""What happened in one sleeve: the tables of a state as if the sleeve were a portfolio of its own.

What moves between sleeves of a portfolio comes from outside for each of them. What carries no sleeve is sleeve 0. A
split carries one sleeve or none and reaches all: what it adds is shared by what each sleeve holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from argosy.kernels.reference.wide import mul_div
from argosy.record.ledger.events import Int64, Kind
from argosy.record.ledger.rows import Costs, Entries, Flows, Income, Trail
from argosy.record.ledger.state import State


class Folded(Protocol):
    """The tables that valuing and measuring need, of a whole state or of one sleeve."""

    @property
    def trail(self) -> Trail:
        """Holding and cost after each event."""
        ...

    @property
    def entries(self) -> Entries:
        """Every movement of cash."""
        ...

    @property
    def costs(self) -> Costs:
        """Fees and taxes."""
        ...

    @property
    def flows(self) -> Flows:
        """What came and went."""
        ...

    @property
    def income(self) -> Income:
        """What investments earned."""
        ...


@dataclass(frozen=True)
class SleeveRows:
    """The rows of one sleeve of one portfolio."""

    trail: Trail
    entries: Entries
    costs: Costs
    flows: Flows
    income: Income


def sleeve_rows(state: State, portfolio: int) -> dict[int, SleeveRows]:
    """Rows by sleeve (0 = none) of a portfolio; they add up to the portfolio's, flows between sleeves cancel."""
    trail = spread_trail(state.trail.take(state.trail.portfolio == portfolio))
    entries = state.entries.take(state.entries.portfolio == portfolio)
    costs = state.costs.take(state.costs.portfolio == portfolio)
    flows = state.sleeve_flows.take(state.sleeve_flows.portfolio == portfolio)
    income = state.income.take(state.income.portfolio == portfolio)
    known = np.unique(np.concatenate([one.sleeve for one in (trail, entries, costs, flows, income)]))
    return {
        sleeve: SleeveRows(
            trail.take(trail.sleeve == sleeve), entries.take(entries.sleeve == sleeve),
            costs.take(costs.sleeve == sleeve), flows.take(flows.sleeve == sleeve),
            income.take(income.sleeve == sleeve),
        ) for sleeve in known.tolist()
    }  # fmt: skip


def spread_trail(trail: Trail) -> Trail:
    """The trail with a pool for each sleeve: splits shared out, holding and cost of each sleeve after each event.

    A sale that takes lots another sleeve bought leaves that sleeve its shares: the tag of the event decides.
    """
    if not len(trail):
        return trail
    cost, base = _changes(trail.slot, trail.cost_after), _changes(trail.slot, trail.cost_base_after)
    row, sleeve, delta = _shared(trail)
    again = np.concatenate([[False], row[1:] == row[:-1]])
    cost, base = np.where(again, 0, cost[row]), np.where(again, 0, base[row])
    order = np.lexsort((np.arange(len(row)), sleeve, trail.slot[row]))
    row, sleeve, delta, cost, base = row[order], sleeve[order], delta[order], cost[order], base[order]
    fresh = np.concatenate([[True], (trail.slot[row][1:] != trail.slot[row][:-1]) | (sleeve[1:] != sleeve[:-1])])
    pool = np.cumsum(fresh) - 1
    kept = trail.take(row)
    return Trail(
        pool, kept.event_seq, kept.portfolio, kept.account, sleeve, kept.instrument, kept.kind, kept.date, delta,
        _running(pool, delta), _running(pool, cost), _running(pool, base), kept.currency,
    )  # fmt: skip


def _shared(trail: Trail) -> tuple[Int64, Int64, Int64]:
    """Row, sleeve and change of quantity: a row for each sleeve that a split reaches, one for every other event."""
    rows: list[int] = []
    sleeves: list[int] = []
    deltas: list[int] = []
    held: dict[tuple[int, int], dict[int, int]] = {}
    columns = (trail.slot, trail.account, trail.sleeve, trail.kind, trail.quantity_delta)
    for row, (slot, account, sleeve, kind, delta) in enumerate(zip(*(one.tolist() for one in columns), strict=True)):
        mine = held.setdefault((slot, account), {})
        whole = sum(mine.values()) if kind == Kind.SPLIT else 0
        if not whole:
            mine[sleeve] = mine.get(sleeve, 0) + delta
            rows.append(row)
            sleeves.append(sleeve)
            deltas.append(delta)
            continue
        seen = done = 0
        for at, value in mine.items():
            seen += value
            target = mul_div(seen, whole + delta, whole)
            rows.append(row)
            sleeves.append(at)
            deltas.append(target - done - value)
            mine[at], done = target - done, target
    return np.array(rows, np.int64), np.array(sleeves, np.int64), np.array(deltas, np.int64)


def _changes(slot: Int64, after: Int64) -> Int64:
    """What each row changed of a figure that is given after it, pool by pool."""
    before = np.zeros_like(after)
    same = slot[1:] == slot[:-1]
    before[1:][same] = after[:-1][same]
    return np.asarray(after - before)


def _running(pool: Int64, change: Int64) -> Int64:
    """Sums up to and with each row, pool by pool (pools stand together)."""
    total = np.cumsum(change)
    first = np.flatnonzero(np.concatenate([[True], pool[1:] != pool[:-1]]))
    before = np.concatenate([[0], total])[first]
    return np.asarray(total - before[pool])
