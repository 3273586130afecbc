"""What was bought is what was relieved plus what is open: checked after every replay, in quantity and in both costs."""

from __future__ import annotations

import numpy as np

from argosy.base.errors import ConservationError
from argosy.kernels import lot_rows as codes
from argosy.record.ledger.events import Int64
from argosy.record.ledger.replay import Replayed


def check(done: Replayed) -> None:
    """Raise :class:`ConservationError` unless every component of pools balances to the last unit.

    Sums are compared modulo 2**64, which proves equality of the exact sums up to multiples of 2**64.
    """
    rows, result = done.rows, done.result
    if not len(rows):
        return
    accepted = result.error == codes.OK
    stray = accepted & ((rows.op == codes.TRADE) | (rows.op == codes.MOVE_OUT) | (rows.op == codes.MOVE_IN))
    _equal(result.delta[stray], rows.quantity[stray], "a trade moved another quantity than it says")
    count = int(done.component[-1]) + 1
    edges = np.searchsorted(done.component, np.arange(count + 1))
    lot_edges = np.searchsorted(done.component[result.lots[:, codes.ROW]], np.arange(count + 1))
    relief_edges = np.searchsorted(done.component[result.reliefs[:, codes.R_ROW]], np.arange(count + 1))
    quantity = _sums(result.lots[:, codes.QUANTITY], lot_edges)
    _equal(_sums(result.delta, edges), quantity, "quantities bought, sold and held do not balance")
    at_cost = (rows.flags & codes.AT_COST) != 0
    for amount, extra, cost, relieved, proceeds in (
        (rows.amount, None, codes.COST, codes.R_COST, codes.R_PROCEEDS),
        (rows.base, result.rebased, codes.COST_BASE, codes.R_COST_BASE, codes.R_PROCEEDS_BASE),
    ):
        brought = amount * (accepted & ~at_cost)
        if extra is not None:
            brought[(rows.op == codes.MOVE_OUT) | (rows.op == codes.MOVE_IN)] = 0
            brought += extra
        # what goes out at cost has no amount of its own to weigh its proceeds against
        gains = result.reliefs[:, proceeds] * ~at_cost[result.reliefs[:, codes.R_ROW]] - result.reliefs[:, relieved]
        open_cost = _sums(result.lots[:, cost], lot_edges)
        _equal(
            _sums(brought, edges) + _sums(gains, relief_edges), open_cost, "cost bought is not cost relieved plus open"
        )
    last = np.append(np.flatnonzero(np.diff(done.component)), len(rows) - 1)
    if len(done.slot_first) == count:  # no transfers: the pool's own running totals must agree as well
        _equal(result.quantity_after[last], quantity, "running quantity and open lots differ")
        _equal(
            result.cost_after[last], _sums(result.lots[:, codes.COST], lot_edges), "running cost and open lots differ"
        )


def _sums(values: Int64, edges: Int64) -> Int64:
    """Sums of consecutive runs, modulo 2**64."""
    running = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=running[1:])
    return running[edges[1:]] - running[edges[:-1]]


def _equal(left: Int64, right: Int64, message: str) -> None:
    if not np.array_equal(left, right):
        first = int(np.flatnonzero(left != right)[0])
        raise ConservationError(
            f"{message} ({int(left[first])} against {int(right[first])})",
            place="ledger",
            next_step="run `argosy verify`; nothing of this state may be shown",
        )
