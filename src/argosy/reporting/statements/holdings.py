"""What is held: positions, the lots behind them, cash and what is on its way."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.table import Column, Table
from argosy.record.ledger.rows import Cash, Holdings, Lots, Pending, Positions
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.kinds import kind_names
from argosy.reporting.statements.names import Names, chosen, in_order


def positions_table(
    rows: Positions, reference: Reference, *, portfolios: Sequence[int] | None = None, name: str = "positions"
) -> Table:
    """One row for each lot pool: quantity, cost and cost of a unit. The account is empty where accounts are pooled."""
    names = Names(reference)
    held = rows.take(chosen(rows.portfolio, portfolios))
    held = held.take(in_order(held.portfolio, held.account, held.sleeve, held.instrument))
    return Table(
        name,
        (
            names.portfolio(held.portfolio), names.account(held.account), *names.sleeve(held.sleeve),
            names.instrument(held.instrument), names.title(held.instrument),
            names.quantity("quantity", held.quantity, held.instrument),
            names.unit_cost(held.cost, held.quantity, held.instrument, held.currency),
            names.amount("cost", held.cost, held.currency), names.currency(held.currency),
        ),
    )  # fmt: skip


def holdings_table(
    rows: Holdings, reference: Reference, *, portfolios: Sequence[int] | None = None, name: str = "holdings"
) -> Table:
    """One row for each account and sleeve that holds an instrument, whatever the lot scope."""
    names = Names(reference)
    held = rows.take(chosen(rows.portfolio, portfolios))
    held = held.take(in_order(held.portfolio, held.account, held.sleeve, held.instrument))
    return Table(
        name,
        (
            names.portfolio(held.portfolio), names.account(held.account), *names.sleeve(held.sleeve),
            names.instrument(held.instrument), names.title(held.instrument),
            names.quantity("quantity", held.quantity, held.instrument),
        ),
    )  # fmt: skip


def lots_table(
    rows: Lots,
    reference: Reference,
    *,
    portfolios: Sequence[int] | None = None,
    instruments: Sequence[int] | None = None,
    name: str = "lots",
) -> Table:
    """Open lots: when acquired, what is left, what it cost; ``lot`` is the event that brought them."""
    names = Names(reference)
    lots = rows.take(chosen(rows.portfolio, portfolios) & chosen(rows.instrument, instruments))
    lots = lots.take(in_order(lots.portfolio, lots.account, lots.sleeve, lots.instrument, lots.acquired, lots.lot_seq))
    return Table(
        name,
        (
            names.portfolio(lots.portfolio), names.account(lots.account), *names.sleeve(lots.sleeve),
            names.instrument(lots.instrument), Column("acquired", "date", lots.acquired),
            names.quantity("quantity", lots.quantity, lots.instrument),
            names.quantity("opened", lots.quantity_opened, lots.instrument, title="opened with"),
            names.unit_cost(lots.cost, lots.quantity, lots.instrument, lots.currency),
            names.amount("cost", lots.cost, lots.currency), names.currency(lots.currency),
            Column("lot", "integer", lots.lot_seq), Column("origin", "integer", lots.origin_seq),
        ),
    )  # fmt: skip


def cash_table(
    rows: Cash, reference: Reference, *, portfolios: Sequence[int] | None = None, name: str = "cash"
) -> Table:
    """Balances by account and currency: on trade dates, on settlement dates, and the difference on its way."""
    names = Names(reference)
    cash = rows.take(chosen(rows.portfolio, portfolios))
    cash = cash.take(in_order(cash.portfolio, cash.account, cash.sleeve, cash.currency))
    return Table(
        name,
        (
            names.portfolio(cash.portfolio), names.account(cash.account), *names.sleeve(cash.sleeve),
            names.currency(cash.currency),
            names.amount("traded", cash.traded, cash.currency),
            names.amount("settled", cash.settled, cash.currency),
            names.amount("pending", cash.traded - cash.settled, cash.currency),
        ),
    )  # fmt: skip


def pending_table(
    rows: Pending, reference: Reference, *, portfolios: Sequence[int] | None = None, name: str = "on its way"
) -> Table:
    """Receivables (+) and payables (-) by settlement date: what the cash balance will do next."""
    names = Names(reference)
    pending = rows.take(chosen(rows.portfolio, portfolios))
    pending = pending.take(in_order(pending.settle_date, pending.portfolio, pending.event_seq))
    return Table(
        name,
        (
            names.portfolio(pending.portfolio), names.account(pending.account),
            Column("settles", "date", pending.settle_date), Column("traded", "date", pending.trade_date),
            Column("type", "text", kind_names(pending.kind)), names.instrument(pending.instrument),
            names.amount("amount", pending.amount, pending.currency), names.currency(pending.currency),
            Column("event", "integer", pending.event_seq),
        ),
    )  # fmt: skip
