"""What a paper market answers: fills at a later session's price and half the spread, money changed, tax on gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from argosy.base.dates import format_date
from argosy.base.errors import MissingData
from argosy.base.money import Quote, currency_name, to_decimal
from argosy.measures.tax.regimes import Regime
from argosy.measures.valuation.units import unit_value
from argosy.record.ledger.state import State
from argosy.record.mandate_policy import CostRules
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.orders.fold import OrderLife, ProposalLife
from argosy.record.reference_fold import Reference

PATIENCE = 10
"""Days after which an order that found no price is cancelled."""
DIGITS = Decimal("0.000001")
"""Prices of paper fills are rounded here: half of a spread on a price of two decimals needs a few more."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PaperFill:
    """One fill: the row a broker's file would have, the day, and what it cost against the price in base currency."""

    day: int
    row: tuple[tuple[str, str], ...]
    cost: float


def paper_fills(
    life: ProposalLife, reference: Reference, market: MarketSnapshot, costs: CostRules, *, after: int, last: int,
) -> tuple[tuple[PaperFill, ...], tuple[int, ...]]:  # fmt: skip
    """Fill each order of a proposal whole at the first price after a day, and name the orders that find none.

    Only the prices of the day of each fill are looked at. Buyers pay and sellers give half of the spread; commission,
    the fixed cost of an order and the tax on purchases are charged in the instrument's currency.
    """
    fills, lost = [], []
    base = reference.portfolios[life.terms.portfolio].base_currency
    for order in life.orders:
        found = _fill(life, order, reference, market, costs, base=base, after=after, last=last)
        if found is None:
            lost.append(order.number)
        else:
            fills.append(found)
    return tuple(sorted(fills, key=lambda one: one.day)), tuple(lost)


def _fill(
    life: ProposalLife, order: OrderLife, reference: Reference, market: MarketSnapshot, costs: CostRules, *, base: str,
    after: int, last: int,
) -> PaperFill | None:  # fmt: skip
    terms, one = order.terms, reference.instruments[order.terms.instrument]
    day = _next_price(market, one.id, after, min(last, after + PATIENCE))
    if not day or order.leaves <= 0:
        return None
    point = market.price(one.id, day)
    middle = Quote(point.mantissa, point.exponent).decimal()
    side = 1 if terms.side == "buy" else -1
    price = middle + (middle * Decimal(repr(costs.half_spread)) * side).quantize(DIGITS)
    unit, exponent = unit_value(one, point.mantissa, point.exponent)
    quantity = to_decimal(order.leaves, one.quantity_scale)
    worth = abs(quantity * Decimal(unit).scaleb(exponent))
    rate = Decimal(1) if one.currency == base else _rate(market, one.currency, base, day)
    fee = (worth * Decimal(repr(costs.trading)) + Decimal(repr(costs.fixed)) / rate).quantize(CENT)
    tax = (worth * Decimal(repr(costs.purchase_tax))).quantize(CENT) if side > 0 else Decimal(0)
    spread = worth * abs(price - middle) / middle if middle else Decimal(0)
    row = {
        "order": f"{life.terms.id}-{order.number}", "date": format_date(day), "quantity": f"{quantity:f}",
        "price": f"{price:f}", "reference": f"F{life.terms.id}-{order.number}",
        "fee": f"{fee:f}" if fee else "", "tax": f"{tax:f}" if tax else "",
    }  # fmt: skip
    return PaperFill(day, tuple(row.items()), float((spread + fee + tax) * rate))


def _next_price(market: MarketSnapshot, instrument: int, after: int, last: int) -> int:
    """The first day after one on which an instrument is priced; 0 where there is none up to the last."""
    for day in range(after + 1, last + 1):
        try:
            if market.price(instrument, day).date == day:
                return day
        except MissingData:
            continue
    return 0


def _rate(market: MarketSnapshot, source: str, target: str, day: int) -> Decimal:
    found = market.rate(source, target, day).fraction
    return Decimal(found.numerator) / Decimal(found.denominator)


def sweeps(
    state: State, reference: Reference, market: MarketSnapshot, costs: CostRules, *, portfolio: int, day: int
) -> tuple[tuple[dict[str, str], ...], float]:
    """Rows that change every foreign balance into base currency at the day's rate, and what that costs in it."""
    base = reference.portfolios[portfolio].base_currency
    rows, spent = [], Decimal(0)
    held = state.cash
    for at in range(len(held.portfolio)):
        currency, amount = currency_name(int(held.currency[at])), int(held.traded[at])
        if int(held.portfolio[at]) != portfolio or currency == base or not amount:
            continue
        foreign = to_decimal(amount, reference.money_scale(currency))
        exact = foreign * _rate(market, currency, base, day)
        cost = abs(exact) * Decimal(repr(costs.exchange))
        got = (exact - cost).quantize(CENT)
        spent += exact - got
        # Money that has to be paid is bought with base currency; money that came in is sold for it.
        paid, bought = ((got, base), (-foreign, currency)) if foreign < 0 else ((-foreign, currency), (got, base))
        account = reference.accounts[int(held.account[at])].code
        rows.append({
            "date": format_date(day), "type": "fx", "portfolio": reference.portfolios[portfolio].code,
            "account": account, "net": f"{paid[0]:f}", "currency": paid[1], "counter_currency": bought[1],
            "counter_amount": f"{bought[0]:f}", "reference": f"FX-{currency}-{account}-{format_date(day)}",
        })  # fmt: skip
    return tuple(rows), float(spent)


def tax_of_gains(state: State, law: Regime, *, portfolio: int, scale: int, first: int, last: int) -> float:
    """Tax of the gains that a portfolio realized from one day to another, losses set against gains (below 0: a loss).

    Each lot's gain at the rate of its holding period; what is below zero is for the caller to carry forward.
    """
    rows = state.reliefs
    due = 0.0
    for at in range(len(rows.date)):
        if int(rows.portfolio[at]) == portfolio and first <= int(rows.date[at]) <= last:
            gain = float(int(rows.proceeds_base[at]) - int(rows.cost_base[at]))
            due += gain * law.rate(int(rows.acquired[at]), int(rows.date[at]))
    return due / 10.0**scale


def loss_carried(found: float, carried: float) -> tuple[float, float]:
    """What is due on a year's tax once losses of earlier years are set against it, and what is carried on.

    Examples
    --------
    >>> loss_carried(-30.0, 0.0), loss_carried(100.0, -30.0)
    ((0.0, -30.0), (70.0, 0.0))
    """
    whole = found + carried
    return max(whole, 0.0), min(whole, 0.0)


def money_text(amount: float, scale: int = 0) -> str:
    """Money with two decimals, as a file has it; ``scale`` is that of a stored integer.

    Examples
    --------
    >>> money_text(-1234.567), money_text(12345000, 4)
    ('-1234.57', '1234.50')
    """
    return f"{Decimal(repr(amount)).scaleb(-scale).quantize(CENT):f}"


def csv_rows(rows: Sequence[tuple[tuple[str, str], ...]]) -> bytes:
    """Rows as the bytes of a file that readers take; no text of these rows has a comma.

    Examples
    --------
    >>> csv_rows([(("date", "2022-01-03"), ("net", "5"))])
    b'date,net\\n2022-01-03,5\\n'
    """
    names = list(dict.fromkeys(name for row in rows for name, _ in row))
    lines = [",".join(dict(row).get(name, "") for name in names) for row in rows]
    return ("\n".join([",".join(names), *lines]) + "\n").encode()
