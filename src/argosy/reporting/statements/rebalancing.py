"""What each portfolio would do today, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.columns import Column
from argosy.base.table import Table
from argosy.construction.rebalance.proposing import Proposed
from argosy.construction.rebalance.realized import RealizedCost, total_cost
from argosy.record.reference import Portfolio

CENTS = 2


def checks_table(
    found: Sequence[tuple[Portfolio, Proposed]], problems: Sequence[str], *, name: str = "Rebalance check"
) -> Table:
    """One line per portfolio; ``net`` is benefit less cost as a part of value, missing without a risk model."""
    plans = [one.plan for _, one in found]
    worths = [plan.worth for plan in plans]
    missing = [worth is None for worth in worths]
    return Table(
        name,
        (
            Column("portfolio", "text", [portfolio.code for portfolio, _ in found]),
            Column("trades", "flag", [plan.trades for plan in plans]),
            Column("drift", "ratio", [float(plan.drift.absolute[plan.drift.largest]) for plan in plans]),
            Column("line", "text", [plan.names[plan.drift.largest] for plan in plans]),
            Column("turnover", "ratio", [plan.turnover for plan in plans]),
            Column("tracking_error", "ratio", [plan.drift.tracking_error or 0.0 for plan in plans],
                   missing=[plan.drift.tracking_error is None for plan in plans]),
            Column("tracking_error_after", "ratio", [0.0 if worth is None else worth.tracking_error_after
                                                     for worth in worths], missing=missing),
            Column("cost", "ratio", [sum(plan.parts.values()) / plan.value for plan in plans]),
            Column("net", "ratio", [0.0 if worth is None else worth.net / plan.value
                                    for worth, plan in zip(worths, plans, strict=True)], missing=missing),
            Column("why", "text", [plan.sentence for plan in plans]),
        ),
        notes=tuple(problems),
    )  # fmt: skip


def reasons_table(
    found: Sequence[tuple[Portfolio, Proposed]], notes: Sequence[str], *, name: str = "Reasons to trade"
) -> Table:
    """One line per trigger: whether it is new (no proposal that stands speaks of it), hard, and what would be done."""
    rows = [(portfolio, one, found_) for portfolio, found_ in found for one in found_.plan.triggers]
    return Table(
        name,
        (
            Column("portfolio", "text", [portfolio.code for portfolio, _, _ in rows]),
            Column("trigger", "text", [one.kind.value for _, one, _ in rows]),
            Column("subject", "text", [one.subject for _, one, _ in rows]),
            Column("new", "flag", [not one.active for _, one, _ in rows]),
            Column("hard", "flag", [one.hard for _, one, _ in rows]),
            Column("reason", "text", [one.sentence for _, one, _ in rows]),
            Column("answer", "text", [found_.plan.sentence for _, _, found_ in rows]),
        ),
        notes=tuple(notes),
    )


def costs_table(found: Sequence[RealizedCost], *, proposal: int, currency: str) -> Table:
    """Expected and realized cost of each order with fills, the total last."""
    rows = [*found, total_cost(found)]
    money = [[round(value * 10**CENTS) for value in (one.expected, one.price, one.charges, one.realized)]
             for one in rows]  # fmt: skip
    names = ("expected", "price", "charges", "realized")
    return Table(
        "Cost of trading",
        (
            Column("order", "text", [f"{proposal}-{one.order}" if one.order else "total" for one in rows]),
            Column("instrument", "text", [one.instrument for one in rows]),
            *(Column(name, "amount", [row[place] for row in money], scale=CENTS) for place, name in enumerate(names)),
            Column("beyond", "amount", [row[3] - row[0] for row in money], scale=CENTS),
        ),
        notes=(f"in {currency}; price is against the price each order was judged at, below zero where fills were "
               "better",),
    )  # fmt: skip
