"""What rebalancing earned after costs: rules side by side, and the days on which one of them traded."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.columns import Column
from argosy.base.dates import format_date
from argosy.base.table import Table
from argosy.construction.rebalance.comparison import RuleOutcome
from argosy.construction.rebalance.rivals import NEVER

CENTS = 2


def comparison_table(outcomes: Sequence[RuleOutcome], *, portfolio: str, currency: str) -> Table:
    """One line per rule; ``earned`` is the final value beyond that of never rebalancing, after costs and taxes."""
    never = next((one for one in outcomes if one.rule == NEVER), None)
    first = outcomes[0]
    notes = [
        f"{portfolio}, {currency}, {format_date(int(first.days[0]))} to {format_date(int(first.days[-1]))}: each rule "
        f"begins with {first.nav[0]:,.2f} in cash; after spreads, commissions, taxes and conversions",
        "deposits, withdrawals and cash dividends of the time are left out: income counts where prices hold it",
        *(f"{one.rule}: {note}" for one in outcomes for note in one.notes),
    ]
    return Table(
        "Rebalancing compared",
        (
            Column("rule", "text", [one.rule for one in outcomes]),
            Column("value", "amount", [round(float(one.nav[-1]) * 10**CENTS) for one in outcomes], scale=CENTS),
            Column("return_annual", "ratio", [one.return_annual for one in outcomes]),
            Column("volatility_annual", "ratio", [one.volatility_annual for one in outcomes]),
            Column("tracking_error", "ratio", [one.tracking_error for one in outcomes]),
            Column("rebalances", "integer", [one.rebalances for one in outcomes]),
            Column("turnover_annual", "ratio", [one.turnover_annual for one in outcomes]),
            Column("cost", "amount", [round(one.cost * 10**CENTS) for one in outcomes], scale=CENTS),
            Column("tax", "amount", [round(one.tax * 10**CENTS) for one in outcomes], scale=CENTS),
            Column("earned", "amount",
                   [0 if never is None else round(float(one.nav[-1] - never.nav[-1]) * 10**CENTS) for one in outcomes],
                   scale=CENTS, missing=[never is None for _ in outcomes]),
        ),
        notes=tuple(notes),
    )  # fmt: skip


def paper_trades_table(one: RuleOutcome) -> Table:
    """Each rebalance of a rule: the day it was decided, why, and what it cost."""
    return Table(
        f"Rebalances of {one.rule}",
        (
            Column("date", "date", [trade.day for trade in one.trades]),
            Column("orders", "integer", [trade.orders for trade in one.trades]),
            Column("turnover", "ratio", [trade.turnover for trade in one.trades]),
            Column("cost", "amount", [round(trade.cost * 10**CENTS) for trade in one.trades], scale=CENTS),
            Column("why", "text", [trade.reason for trade in one.trades]),
        ),
    )


def values_table(outcomes: Sequence[RuleOutcome]) -> Table:
    """Net asset value of each rule on each day."""
    return Table(
        "Values",
        (
            Column("date", "date", outcomes[0].days.tolist()),
            *(Column(one.rule, "amount", [round(float(value) * 10**CENTS) for value in one.nav], scale=CENTS)
              for one in outcomes),
        ),
    )  # fmt: skip
