"""Realized cost by hand: shares in pence, a foreign rate, fills better and worse than the price judged at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from argosy.base.errors import MissingRate
from argosy.base.money import Quote
from argosy.construction.rebalance.realized import realized_costs
from argosy.record.facts import Fact, FactKind
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.orders.fold import ProposalLife
from argosy.record.orders.proposal import Order, Proposal, Step
from argosy.record.orders.states import StepKind
from argosy.record.reference_fold import Reference


def life() -> ProposalLife:
    order = Order(1, 0, 1, "sell", 1000, Quote(500, 0), 19000, cost="4.00")
    made = ProposalLife.of(Proposal(1, 1, 19000, "ann", 0, 0, "drift", "", (order, replace(order, side="buy"))))
    made = made.after(Step(StepKind.SEND, "desk"))
    for number, (quantity, price) in enumerate(((400, 490), (100, 505))):
        made = made.after(Step(StepKind.FILL, "B", "", 1, quantity, Quote(price, 0), f"R{number}", "0.75"))
    return made


def reference(base: str) -> Reference:
    facts = [
        Fact(1, 1, FactKind.PORTFOLIO, 1, 0, {"code": "P", "name": "P", "base_currency": base}),
        Fact(2, 1, FactKind.INSTRUMENT, 1, 0, {
            "code": "SHEL", "name": "", "type": "equity", "currency": "GBP", "quantity_scale": 0, "quote_unit": "GBp",
            "factor": [1, -2],
        }),
    ]  # fmt: skip
    return Reference.from_facts(facts)


def test_pence_and_part_of_an_order_by_hand() -> None:
    (found,) = realized_costs(life(), reference("GBP"), MarketSnapshot.empty())
    # 400 sold 10 pence too low, 100 sold 5 pence better; half of the order is filled, so half of the cost was expected.
    assert found.price == pytest.approx(400 * 0.10 - 100 * 0.05)
    assert (found.order, found.instrument, found.expected, found.charges) == (1, "SHEL", 2.0, 1.5)
    assert found.realized == pytest.approx(36.5)


def test_without_a_rate_there_is_no_cost() -> None:
    with pytest.raises(MissingRate, match="GBP to USD"):
        realized_costs(life(), reference("USD"), MarketSnapshot.empty())
