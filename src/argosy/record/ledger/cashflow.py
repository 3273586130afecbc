"""Cash, what is pending, income, costs and external flows, read off the events that were accepted."""

from __future__ import annotations

import numpy as np

from argosy.base.errors import OverflowDigits
from argosy.kernels.reference.wide import group_sums
from argosy.record.ledger.amounts import CHARGED_IN_LOTS, TRADES, by_kind, per_portfolio, whole
from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.replay import Replayed
from argosy.record.ledger.rows import Cash, Costs, Entries, Flows, Income, Pending
from argosy.record.ledger.slots import first_rows, number_rows

_INCOME = by_kind(Kind.DIVIDEND, Kind.INTEREST, Kind.COUPON)
_FLOW_CASH = by_kind(Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.OPENING_CASH)
_FLOW_MOVES = by_kind(Kind.CASH_TRANSFER_IN, Kind.CASH_TRANSFER_OUT, Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
_FLOW_KIND = by_kind(Kind.OPENING_LOT, Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
_OUTS = by_kind(Kind.TRANSFER_OUT, Kind.CASH_TRANSFER_OUT)


def _settled(events: EventColumns, position: Int64) -> Int64:
    """Settlement date, or the trade date where none is given."""
    date = events["settle_date"][position]
    return np.where(date == 0, events["trade_date"][position], date)


def entries(done: Replayed) -> Entries:
    """Every movement of cash in effective order."""
    events, taken = done.events, ~done.refused
    first = np.flatnonzero(taken & (events["net"] != 0))
    second = np.flatnonzero(taken & (events["net2"] != 0))
    amount, currency = events["net"][first], events["currency"][first]
    position = first
    if len(second):
        position = np.concatenate([first, second])
        order = np.argsort(position, kind="stable")
        position = position[order]
        amount = np.concatenate([amount, events["net2"][second]])[order]
        currency = np.concatenate([currency, events["currency2"][second]])[order]
    return Entries(
        events["seq"][position], events["portfolio"][position], events["account"][position], events["sleeve"][position],
        currency, amount, events["trade_date"][position], _settled(events, position), events["kind"][position],
        events["instrument"][position],
    )  # fmt: skip


def cash(rows: Entries, as_of: int | None) -> Cash:
    """Balances per portfolio, account, sleeve and currency, by trade date and by settlement date."""
    keys = (rows.portfolio, rows.account, rows.sleeve, rows.currency)
    cell, cells = number_rows(*keys)
    traded = settled = exact_sums(cell, rows.amount, cells)
    if as_of is not None:
        settled = exact_sums(cell, rows.amount * (rows.settle_date <= as_of), cells)
    first = first_rows(cell, cells)
    portfolio, account, sleeve, currency = (key[first] for key in keys)
    return Cash(portfolio, account, sleeve, currency, traded, settled)


def exact_sums(groups: Int64, values: Int64, count: int) -> Int64:
    """Sums by group, exact; a sum that 64 bits do not hold is an error, never a wrong number."""
    high, low = group_sums(groups, values, count)
    high, low = high + (low >> 32), low & 0xFFFFFFFF
    if bool(((high < -(2**31)) | (high >= 2**31)).any()):
        raise OverflowDigits(
            "a cash balance does not fit 64 bits at its currency's scale", field="net", next_step="use a smaller scale"
        )
    return (high << 32) + low


def pending(rows: Entries, as_of: int | None) -> Pending:
    """Cash traded by ``as_of`` that settles later: receivables (+) and payables (-)."""
    late = rows.settle_date > as_of if as_of is not None else np.zeros(len(rows), np.bool_)
    return Pending(*rows.take(late).columns().values())


def income(done: Replayed) -> Income:
    """What investments earned: gross, what was withheld or charged, net. In effective order."""
    events, kind = done.events, done.events["kind"]
    plain = _INCOME[np.where(done.refused, 0, kind)]
    parts = ~done.refused & (kind == Kind.DISTRIBUTION) & (done.money.income != 0)
    accrued = ~done.refused & TRADES[np.where(done.refused, 0, kind)] & (events["accrued"] != 0)
    at = np.flatnonzero(plain | parts | accrued)
    is_trade = accrued[at]
    tax, fee = events["tax"][at] * ~is_trade, events["fee"][at] * ~is_trade
    gross = np.where(plain[at], events["net"][at] + tax + fee, done.money.income[at])
    gross = np.where(is_trade, events["accrued"][at] * np.where(events["quantity"][at] > 0, -1, 1), gross)
    return Income(
        events["seq"][at], events["portfolio"][at], events["account"][at], events["sleeve"][at],
        events["instrument"][at], kind[at], events["trade_date"][at], _settled(events, at), gross, tax, fee,
        gross - tax - fee, events["currency"][at],
    )  # fmt: skip


def costs(done: Replayed) -> Costs:
    """Fees and taxes, wherever they were charged; a fee or tax event is its whole amount."""
    events, kind = done.events, done.events["kind"]
    fee, tax, net = events["fee"], events["tax"], events["net"]
    fee = np.where(kind == Kind.FEE, -net - tax, fee)
    tax = np.where(kind == Kind.TAX, -net - events["fee"], tax)
    at = np.flatnonzero(~done.refused & ((fee != 0) | (tax != 0)))
    kept = per_portfolio(events["portfolio"][at], done.policies, lambda policy: int(policy.fees == "in_cost"))
    return Costs(
        events["seq"][at], events["portfolio"][at], events["account"][at], events["sleeve"][at],
        events["instrument"][at], kind[at], events["trade_date"][at], fee[at], tax[at], events["currency"][at],
        kept * CHARGED_IN_LOTS[kind[at]],
    )  # fmt: skip


def flows(done: Replayed, *, of_sleeves: bool = False) -> Flows:
    """What came into or left each portfolio from outside it, cash and in kind, in effective order.

    ``of_sleeves``: what came into or left each sleeve, other sleeves of the portfolio being outside too.
    """
    events = done.events
    kind = np.where(done.refused, 0, events["kind"])
    at = np.flatnonzero(_FLOW_CASH[kind] | _FLOW_KIND[kind] | _FLOW_MOVES[kind])
    moves = at[_FLOW_MOVES[kind[at]]]
    counter = np.zeros(len(events), np.int64)
    counter[moves] = _counterparts(events, moves, "portfolio")
    inside = counter == events["portfolio"]
    if of_sleeves:
        sleeve = np.zeros(len(events), np.int64)
        sleeve[moves] = _counterparts(events, moves, "sleeve")
        counter[inside] = 0
        inside &= sleeve == events["sleeve"]
    at = at[~(_FLOW_MOVES[kind[at]] & inside[at])]
    in_kind = _FLOW_KIND[kind[at]]
    # what was charged on the way is a cost of the portfolio, not a smaller flow
    amount = np.where(in_kind, 0, events["net"][at] + events["fee"][at] + events["tax"][at])
    value, valued = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    for row in np.flatnonzero(in_kind).tolist():
        rest = events.payload.get(int(at[row]), {})
        if "value" in rest:
            sign = 1 if events["quantity"][at[row]] > 0 else -1
            value[row], valued[row] = sign * whole(rest["value"]), 1
    return Flows(
        events["seq"][at], events["portfolio"][at], events["account"][at], events["sleeve"][at], kind[at],
        events["trade_date"][at], _settled(events, at), events["currency"][at], amount,
        events["instrument"][at] * in_kind, events["quantity"][at] * in_kind, value, valued, counter[at],
    )  # fmt: skip


def _counterparts(events: EventColumns, moves: Int64, name: str) -> Int64:
    """Portfolio or sleeve of the other leg of each transfer, 0 where it is not among the events."""
    out = _OUTS[events["kind"][moves]]
    key = np.where(events["link"][moves] == 0, events["seq"][moves], events["link"][moves]).tolist()
    owners = events[name][moves].tolist()
    sides: dict[tuple[int, bool], int] = {}
    for link, leaving, owner in zip(key, out.tolist(), owners, strict=True):
        sides[link, leaving] = owner
    return np.array(
        [sides.get((link, not leaving), 0) for link, leaving in zip(key, out.tolist(), strict=True)], np.int64
    )
