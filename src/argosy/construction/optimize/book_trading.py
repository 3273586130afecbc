"""What a book says of trading candidates: value, volumes in money, currencies, and the tax of each lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from argosy.base.errors import MissingRate
from argosy.construction.optimize.trading import Trading, convex_lots
from argosy.construction.rebalance.of_book import open_lots, scaled_lots, unit_money
from argosy.measures.tax.lots import TaxLots, sale_order, tax_per_unit
from argosy.measures.tax.regimes import Regime, law_of
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.value import SubjectValue
from argosy.models.costs.tax_lots import TaxLot
from argosy.record.ledger.state import State
from argosy.record.mandate import Mandate
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument


def book_trading(
    valued: SubjectValue, instruments: Sequence[Instrument], held: Mapping[str, float], market: MarketSnapshot,
    mandate: Mandate, costed: Callable[[], State], *, day: int, unknown: Set[tuple[int, int]] = frozenset(),
) -> Trading:  # fmt: skip
    """Value and volumes of a portfolio's candidates on a day; tax lots where the mandate names a tax regime.

    ``held`` are weights by code; ``costed`` gives the state with costs in base currency, asked for only when lots are
    needed; ``unknown`` names (portfolio, instrument) whose cost in it lacks a rate. A pooled regime taxes every unit of
    a name alike, at the average of its lots.

    Raises
    ------
    MissingRate
        A lot without a cost in base currency has no gain to tax.
    """
    currency = valued.subject.currency
    volume: dict[str, float] = {}
    rates = Rates(market)
    for one in instruments:
        told = one.attributes.get("volume", "")
        if told:
            volume[one.code] = float(told) * unit_money(one, market, rates, currency, day=day)
    law = law_of(mandate)
    lots: dict[str, tuple[TaxLot, ...]] = {}
    if law.taxes:
        members = {portfolio for portfolio, _, _ in valued.subject.members}
        state = costed()
        for one in instruments:
            if held.get(one.code, 0.0) <= 0.0:
                continue
            if any((member, one.id) in unknown for member in members):
                raise MissingRate(f"the cost of {one.code} in {currency} is not known, so its gain cannot be taxed",
                                  field="rate", next_step="import the rates of its purchases")  # fmt: skip
            rows = scaled_lots(open_lots(one, members, state), valued.scale)
            if len(rows):
                price = unit_money(one, market, rates, currency, day=day)
                lots[one.code] = taxed(
                    rows, price, held[one.code], day=day, law=law, method=mandate.trading.selling.lots
                )
    return Trading(
        valued.nav / 10**valued.scale, volume, frozenset(one.code for one in instruments if one.currency != currency),
        lots,
    )  # fmt: skip


def taxed(rows: TaxLots, price: float, weight: float, *, day: int, law: Regime, method: str) -> tuple[TaxLot, ...]:
    """Lots of one name that weigh ``weight`` together, in the order a sale takes them, as a convex tax.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> rows = TaxLots.of([10.0, 30.0], [50.0, 120.0], [0, 300])
    >>> found = taxed(rows, 100.0, 0.4, day=400, law=regime("US"), method="MINTAX")
    >>> [(round(lot.weight, 6), round(lot.tax, 6)) for lot in found]
    [(0.3, -0.0816), (0.1, 0.119)]
    """
    order = sale_order(rows, price, day, law, method if law.lots == "choice" else "FIFO")
    weights = weight * rows.quantity[order] / rows.quantity.sum()
    taxes = tax_per_unit(rows, price, day, law)[order] / price
    if law.lots == "pool":
        return (TaxLot(weight, float(weights @ taxes) / weight, 1.0),)
    return convex_lots(weights, taxes)
