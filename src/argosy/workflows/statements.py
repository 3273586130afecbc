"""Questions about state: what is held, in which lots, how much cash, what happened, what came in, what was gained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from argosy.base.dates import format_date
from argosy.base.table import Table
from argosy.measures.valuation.gains import comes_from_abroad, income_received, trades_abroad
from argosy.measures.valuation.gains import realized as realized_gains
from argosy.measures.valuation.value import Valuation, value
from argosy.reporting.statements.activity import income_table, reliefs_table, transactions_table
from argosy.reporting.statements.holdings import (
    cash_table,
    holdings_table,
    lots_table,
    pending_table,
    positions_table,
)
from argosy.reporting.statements.valuation import holdings_value_table, nav_table, unrealized_table
from argosy.workflows.look import Look, Statement


def _told(table: Table, seen: Look, method: str, asked: Mapping[str, object] | None = None) -> Table:
    return replace(table, provenance=seen.provenance(method, warnings=seen.problems(), asked=asked))


def _dated(what: str, seen: Look) -> str:
    return f"{what} as of {format_date(seen.day)}"


def positions(seen: Look, *, by_account: bool = False) -> Statement:
    """What is held: a row for each lot pool with its cost, or with ``by_account`` where it lies."""
    held, reference = seen.held, seen.reference
    table = (
        holdings_table(held.holdings, reference, portfolios=seen.portfolios, name=_dated("Holdings", seen))
        if by_account
        else positions_table(held.positions, reference, portfolios=seen.portfolios, name=_dated("Positions", seen))
    )
    return Statement((_told(table, seen, "positions", {"by_account": by_account}),))


def lots(seen: Look, *, instruments: Sequence[str] = ()) -> Statement:
    """The open lots behind the positions."""
    ids = [seen.reference.instrument(name).id for name in instruments] if instruments else None
    table = lots_table(
        seen.state.lots, seen.reference, portfolios=seen.portfolios, instruments=ids, name=_dated("Lots", seen)
    )
    return Statement((_told(table, seen, "lots", {"instruments": ids}),))


def cash(seen: Look) -> Statement:
    """Balances by currency on trade and settlement dates, and what is on its way."""
    held, reference = seen.held, seen.reference
    table = cash_table(held.cash, reference, portfolios=seen.portfolios, name=_dated("Cash", seen))
    main = _told(table, seen, "cash")
    if held.until <= seen.day:  # everything has settled
        return Statement((main,))
    name = "Receivable (+) and payable (-)"
    pending = pending_table(seen.state.pending, reference, portfolios=seen.portfolios, name=name)
    return Statement((main, _told(pending, seen, "pending")) if len(pending) else (main,))


def transactions(
    seen: Look, *, instruments: Sequence[str] = (), first: int | None = None, last: int | None = None
) -> Statement:
    """What happened, in the order in which it counts."""
    ids = [seen.reference.instrument(name).id for name in instruments] if instruments else None
    table = transactions_table(
        seen.events, seen.order, seen.reference, portfolios=seen.portfolios, instruments=ids, first=first, last=last,
        name=_dated("Transactions", seen),
    )  # fmt: skip
    return Statement((_told(table, seen, "transactions", {"instruments": ids, "first": first, "last": last}),))


def income(seen: Look, *, first: int | None = None, last: int | None = None) -> Statement:
    """Dividends, interest and coupons; in base currency too where any of it came in another one."""
    rows, received, warnings = seen.state.income, None, seen.problems()
    if comes_from_abroad(rows, seen.reference, portfolios=seen.portfolios):
        received = income_received(
            seen.state, seen.reference, seen.market, portfolios=seen.portfolios, first=first, last=last
        )
        rows, warnings = received.rows, (*warnings, *(gap.text() for gap in received.gaps))
    table = income_table(
        rows, seen.reference, portfolios=seen.portfolios, first=first, last=last, name=_dated("Income", seen),
        received=received,
    )  # fmt: skip
    asked = {"first": first, "last": last}
    return Statement((replace(table, provenance=seen.provenance("income", warnings=warnings, asked=asked)),))


def realized(seen: Look, *, first: int | None = None, last: int | None = None) -> Statement:
    """Realized gains, each with the lot it came from; in base currency too where something traded in another one."""
    state, split, warnings = seen.state, None, seen.problems()
    if trades_abroad(state.reliefs, seen.reference, portfolios=seen.portfolios):
        state, gaps = seen.based
        split = realized_gains(state, seen.reference, portfolios=seen.portfolios)
        warnings = (*warnings, *(gap.text() for gap in gaps))
    table = reliefs_table(
        split.reliefs if split else state.reliefs, seen.reference, portfolios=seen.portfolios, first=first, last=last,
        name=_dated("Realized gains", seen), split=split,
        unknown_costs=seen.unknown_costs if split else frozenset(),
    )  # fmt: skip
    asked = {"first": first, "last": last}
    told = seen.provenance("realized gains", warnings=warnings, asked=asked)
    return Statement((replace(table, provenance=told),))


def valued(seen: Look, *, currency: str = "", on_missing: str = "raise") -> ValueStatement:
    """What it is worth at the end of the day, to the minor unit; ``on_missing`` "report" names what is missing."""
    state, gaps = seen.based
    subjects = seen.subjects(currency)
    found = value(
        state, seen.reference, seen.market, subjects=subjects, day=seen.day, splits=seen.splits, on_missing=on_missing
    )
    warnings = (*seen.problems(), *(gap.text() for gap in gaps))
    asked = {"currency": currency, "on_missing": on_missing}
    told = seen.provenance("net asset value", convention="rounded once, half to even", warnings=warnings, asked=asked)
    totals = replace(nav_table(found, seen.reference), provenance=told)
    holdings = replace(holdings_value_table(found, seen.reference, group=bool(seen.group)), provenance=told)
    return ValueStatement((totals, holdings), found)


@dataclass(frozen=True, repr=False)
class ValueStatement(Statement):
    """A valuation: totals of each portfolio, then each thing of value."""

    valuation: Valuation

    def holdings(self) -> Table:
        """Each thing of value."""
        return self.tables[1]


def unrealized(seen: Look, *, currency: str = "", on_missing: str = "raise") -> Statement:
    """Gains of what is still held, split into price and currency."""
    state, gaps = seen.based
    found = value(
        state,
        seen.reference,
        seen.market,
        subjects=seen.subjects(currency),
        day=seen.day,
        splits=seen.splits,
        on_missing=on_missing,
        unknown_costs=seen.unknown_costs,
    )
    warnings = (*seen.problems(), *(gap.text() for gap in gaps))
    table = unrealized_table(found, seen.reference, name=_dated("Unrealized gains", seen))
    asked = {"currency": currency, "on_missing": on_missing}
    told = seen.provenance("unrealized gains", warnings=warnings, asked=asked)
    return Statement((replace(table, provenance=told),))
