"""What trading cost, against what it was expected to cost when it was proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from argosy.base.errors import MissingRate
from argosy.base.money import Quote, to_decimal
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.units import unit_value
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.orders.fold import OrderLife, ProposalLife
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference


@dataclass(frozen=True, slots=True)
class RealizedCost:
    """One order: money in the portfolio's currency, at the rate of the day its price was of.

    ``expected`` is the part of the proposal's cost that belongs to what was filled. ``price`` is what fills were worse
    than the price the order was judged at (below zero: better), ``charges`` are fees and taxes of the fills.
    """

    order: int
    instrument: str
    expected: float
    price: float
    charges: float

    @property
    def realized(self) -> float:
        """All of it."""
        return self.price + self.charges


def realized_costs(life: ProposalLife, reference: Reference, market: MarketSnapshot) -> tuple[RealizedCost, ...]:
    """Cost of each order that has fills, the implementation shortfall of Perold (1988) on what was filled.

    Raises
    ------
    MissingRate
        There is no way from an instrument's currency to the portfolio's.
    """
    base = reference.portfolios[life.terms.portfolio].base_currency
    rates = Rates(market)
    return tuple(_cost(order, reference.instruments[order.terms.instrument], rates, base)
                 for order in life.orders if order.fills)  # fmt: skip


def _cost(order: OrderLife, one: Instrument, rates: Rates, base: str) -> RealizedCost:
    terms = order.terms
    rate = rates.get(one.currency, base, terms.price_date)
    if rate is None:
        raise MissingRate(f"no rate from {one.currency} to {base} for {one.code}", field="rate",
                          next_step="import its rates")  # fmt: skip
    side = 1 if terms.side == "buy" else -1
    before = _unit(one, terms.price)
    worse = sum(
        (side * (_unit(one, fill.price) - before) * to_decimal(fill.quantity, one.quantity_scale)
         for fill in order.fills), Decimal(0),
    )  # fmt: skip
    charges = sum((Decimal(fill.cost) for fill in order.fills), Decimal(0))
    part = order.filled / terms.quantity
    return RealizedCost(
        order.number, one.code, float(Decimal(terms.cost)) * part, float(worse) * float(rate),
        float(charges) * float(rate),
    )  # fmt: skip


def _unit(one: Instrument, price: Quote) -> Decimal:
    mantissa, exponent = unit_value(one, price.mantissa, price.exponent)
    return Decimal(mantissa).scaleb(exponent)


def total_cost(found: Sequence[RealizedCost]) -> RealizedCost:
    """All orders together.

    Examples
    --------
    >>> total_cost([RealizedCost(1, "A", 2.0, 1.5, 1.0), RealizedCost(2, "B", 1.0, -0.5, 1.0)]).realized
    3.0
    """
    return RealizedCost(
        0, "", sum(one.expected for one in found), sum(one.price for one in found), sum(one.charges for one in found)
    )
