"""Harvesting, budgets of gains and deferral, against a linear program and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from argosy.base.errors import InvalidInput
from argosy.measures.tax.harvest import (
    NoSaleWithinBudget,
    deferral_value,
    harvest,
    lot_values,
    raise_within_gains,
)
from argosy.measures.tax.lots import TaxLots
from argosy.measures.tax.regimes import regime
from argosy.measures.tax.wash_sales import Purchase

US = regime("US")
DAY = 20_000


def test_the_losses_that_pay_are_taken_best_first() -> None:
    names = ["ACME", "ACME", "BANK", "CORP", "DULL"]
    lots = TaxLots.of([10, 10, 10, 10, 10], [100.0, 120.0, 90.0, 80.0, 71.0],
                      [DAY - 500, DAY - 100, DAY - 400, DAY - 20, DAY - 400])  # fmt: skip
    found = harvest(
        names, lots, [80.0, 80.0, 70.0, 70.0, 70.9], day=DAY, regime=US, lot_ids=[1, 2, 3, 4, 5],
        purchases=[Purchase(4, DAY - 20, 0, 1, 2, 10, 800), Purchase(9, DAY - 5, 0, 2, 1, 1, 60)],
        replacements={"ACME": [("ZETA", 0.93), ("YOTA", 0.9)]}, cost_rate=0.001,
    )  # fmt: skip
    # BANK (identity 1) was bought 5 days ago in another account: it has to wait. CORP's own lot spoils nothing.
    assert [(one.lot, one.name, one.long_term) for one in found.now] == [
        (2, "ACME", False), (1, "ACME", True), (4, "CORP", False),
    ]  # fmt: skip
    assert found.now[0].saving == pytest.approx(400 * 0.408 - 0.001 * 800)
    assert found.now[1].saving == pytest.approx(200 * 0.238 - 0.001 * 800)
    assert (found.now[0].replacement, found.now[0].similarity) == ("ZETA", 0.93)
    assert (found.now[2].replacement, found.now[2].barred_until) == ("", DAY + 30)
    assert [(one.lot, one.clean_from) for one in found.waiting] == [(3, DAY + 26)]
    small = harvest(names, lots, [80.0, 80.0, 70.0, 70.0, 70.9], day=DAY, regime=US, least_loss=150.0, least_share=0.25)
    assert [one.lot for one in small.now] == [1]
    with pytest.raises(InvalidInput, match="for each lot"):
        harvest(names, lots, [80.0], day=DAY, regime=US)


@given(st.integers(0, 2**32))
def test_cash_within_a_budget_of_gains_is_the_optimum_of_the_linear_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 9))
    lots = TaxLots.of(rng.uniform(1, 50, count), rng.uniform(10, 90, count), DAY - rng.integers(1, 900, count))
    price = rng.uniform(20, 80, count)
    worth = lots.quantity * price
    cash, budget = float(rng.uniform(0.1, 0.95) * worth.sum()), float(rng.uniform(-0.2, 0.3) * worth.sum())
    gain = 1.0 - lots.unit_cost / price
    rates = np.array([US.rate(int(day), DAY) for day in lots.acquired])
    answer = linprog(gain * rates, A_ub=gain[None, :], b_ub=[budget], A_eq=np.ones((1, count)), b_eq=[cash],
                     bounds=[(0.0, value) for value in worth])  # fmt: skip
    if answer.status == 2:
        with pytest.raises(NoSaleWithinBudget, match="a gain of"):
            raise_within_gains(lots, price, cash, budget, day=DAY, regime=US)
        return
    found = raise_within_gains(lots, price, cash, budget, day=DAY, regime=US)
    assert found.tax == pytest.approx(answer.fun, abs=1e-7 * worth.sum())
    assert found.gain <= budget + 1e-7 * worth.sum()
    assert float(found.taken @ price) == pytest.approx(cash)
    assert found.price_of_budget == pytest.approx(-answer.ineqlin.marginals[0], abs=1e-7) or found.gain == budget


def test_raising_cash_is_checked() -> None:
    lots = TaxLots.of([10], [50.0], [0])
    with pytest.raises(InvalidInput, match=r"the lots are worth 1,000\.00"):
        raise_within_gains(lots, [100.0], 2_000.0, 0.0, day=DAY, regime=US)
    with pytest.raises(InvalidInput, match="price above zero"):
        raise_within_gains(lots, [0.0], 10.0, 0.0, day=DAY, regime=US)


def test_waiting_is_worth_the_interest_on_the_tax() -> None:
    value = deferral_value(1_000.0, rate_now=0.2, rate_later=0.2, years=1.0, discount=0.05)
    assert value == pytest.approx(200.0 - 200.0 / 1.05)
    assert deferral_value(1_000.0, rate_now=0.2, rate_later=0.2, years=1.0, discount=0.0) == 0.0
    assert deferral_value(1_000.0, rate_now=0.2, rate_later=0.2, years=1.0, discount=0.0, forgiven=1.0) == 200.0
    assert deferral_value(1_000.0, rate_now=0.2, rate_later=0.3, years=0.0, discount=0.05) < 0.0
    with pytest.raises(InvalidInput, match="rate_now is 20"):
        deferral_value(1.0, rate_now=20, rate_later=0.2, years=1.0, discount=0.0)
    with pytest.raises(InvalidInput, match="years"):
        deferral_value(1.0, rate_now=0.2, rate_later=0.2, years=-1.0, discount=0.0)


def test_a_gain_about_to_turn_long_has_a_high_price() -> None:
    lots = TaxLots.of([1, 1, 1], [50.0, 50.0, 120.0], [DAY - 360, DAY - 900, DAY - 900])
    prices = lot_values(lots, 100.0, day=DAY, regime=US, wait_years=0.1, discount=0.0)
    np.testing.assert_allclose(prices, [50 * (0.408 - 0.238), 0.0, 0.0], atol=1e-12)
