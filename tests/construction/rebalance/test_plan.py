"""Plans: cash is conserved, restrictions hold, nothing is traded that does not pay, and the sentence says so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.bands import bands
from argosy.construction.rebalance.plan import CASH, Market, Plan, PlanRules, TaxCurve, checked_lines, drift_of, plan
from argosy.construction.rebalance.triggers import Situation, TriggerKind, TriggerRules
from argosy.models.moments.covariance import DenseCovariance

COVARIANCE = DenseCovariance(np.array([[0.04, 0.006], [0.006, 0.0036]]))


def planned(
    quantity: Sequence[float], cash: float, target: Sequence[float], *, rules: PlanRules | None = None,
    trigger: TriggerRules | None = None, width: float = 0.05, prices: Sequence[float] = (100.0, 50.0),
    step: float = 1.0, risk: bool = True, cash_away: float = 0.0, no_buy: Sequence[str] = (),
    no_sell: Sequence[str] = (), volume: Sequence[float] | None = None, tax: float | None = None,
    breaches: Sequence[tuple[str, float, float]] = (), sigma: Sequence[float] | None = None,
) -> Plan:  # fmt: skip
    names = [f"N{at}" for at in range(len(quantity))]
    lines = checked_lines(names, quantity, prices, step=[step] * len(quantity), volume=volume, no_buy=no_buy,
                          no_sell=no_sell)  # fmt: skip
    market = Market(COVARIANCE if risk else None, None if sigma is None else np.array(sigma))
    away = drift_of(lines, cash, target, market)
    policy = bands(target, [width] * len(target), inner=0.5)
    situation = Situation(19_000, (*names, CASH), away, policy, cash_away=cash_away, breaches=breaches)
    return plan(
        lines,
        cash,
        situation,
        rules or PlanRules(),
        trigger or TriggerRules(),
        market,
        tax=None if tax is None else {"N0": TaxCurve(np.array([0.0, 700.0]), np.array([0.0, tax]))},
    )


def test_a_line_outside_its_band_comes_back_to_the_inner_band() -> None:
    # 70,000 of N0, 28,000 of N1, 2,000 cash: N0 is 10% over a target of 60% with a band of 5%.
    found = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=PlanRules(half_spread=0.0005))
    assert found.units.tolist() == [-75.0, 150.0]  # down to 62.5%; what that frees goes into what is below its target
    assert found.after[0] == pytest.approx(0.625, abs=0.001)
    assert found.after.sum() == pytest.approx(1.0 - found.parts["half-spread"] / 100_000.0)
    assert found.sentence == "N0 5.0% over its band; trading to the inner band saves 0 bp of expected cost against " \
                             "full rebalancing"  # fmt: skip
    assert found.worth is not None
    assert found.worth.tracking_error_after < found.worth.tracking_error_before
    assert found.turnover == pytest.approx((7_500 + 150 * 50) / 2 / 100_000)


def test_inside_all_bands_nothing_is_done() -> None:
    found = planned([600, 760], 2_000.0, [0.6, 0.38, 0.02])
    assert not found.trades
    assert found.sentence == "inside all bands: nothing to do"


def test_what_does_not_pay_is_left_out_unless_a_limit_asks() -> None:
    dear = PlanRules(half_spread=0.02)
    assert "not worth it" in planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=dear).sentence
    forced = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=dear, breaches=[("weight of N0", 0.7, 0.65)])
    assert forced.trades
    assert forced.triggers[0].kind == TriggerKind.LIMIT
    anyway = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=PlanRules(half_spread=0.02, only_if_it_pays=False))
    assert anyway.trades
    blind = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=dear, risk=False)
    assert blind.worth is None
    assert blind.sentence.endswith("trading to the inner band costs 30 bp")


def test_a_tax_can_make_it_not_pay() -> None:
    assert planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], tax=100.0).parts["tax"] == pytest.approx(100 * 75 / 700)
    assert "not worth it" in planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], tax=9_000.0).sentence
    # A loss saves tax.
    assert planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], tax=-700.0).parts["tax"] == pytest.approx(-75.0)


def test_cash_is_invested_and_raised_with_the_least_trading() -> None:
    rules = TriggerRules(drift=False, cash=0.02)
    more = planned([600, 600], 10_000.0, [0.6, 0.38, 0.02], trigger=rules, cash_away=0.08)
    assert (more.units >= 0.0).all()
    assert more.units.tolist() == [0.0, 160.0]  # of 98,000 invested 60,000 belong to N0, which has them
    assert "in cash to invest; trading with the least trading" in more.sentence
    due = planned([650, 700], 0.0, [0.6, 0.38, 0.02], trigger=rules, cash_away=-0.03)
    assert (due.units <= 0.0).all()
    assert due.after[-1] == pytest.approx(0.03, abs=0.001)


def test_restrictions_buffer_minimum_and_liquidity() -> None:
    frozen = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], no_sell=["N0"])
    assert frozen.units[0] == 0.0
    closed = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], no_buy=["N1"])
    assert closed.units.tolist() == [-75.0, 0.0]
    tight = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], no_sell=["N0"],
                    rules=PlanRules(cash_buffer=0.01, only_if_it_pays=False))  # fmt: skip
    assert tight.after[-1] >= 0.01
    assert any("purchases cut" in note for note in tight.notes)
    coarse = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=PlanRules(minimum_trade=0.1))
    assert not coarse.trades
    assert "2 trades below 10.00% of value left out" in coarse.notes
    assert coarse.sentence.endswith("no order is large enough to be traded")
    thin = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], volume=[10_000.0, np.nan],
                   rules=PlanRules(participation=0.1, days=2))  # fmt: skip
    assert thin.units[0] == -20.0
    assert thin.left[0] == pytest.approx(-5_500.0)
    assert thin.days.tolist() == [8, 1]


def test_impact_and_fixed_costs_count() -> None:
    found = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], volume=[1e6, 1e6], sigma=[0.02, 0.01],
                    rules=PlanRules(impact=1.0, fixed=5.0, purchase_tax=0.005, commission=0.0001,
                                    only_if_it_pays=False))  # fmt: skip
    sold, bought = 7_500.0, found.units[1] * 50.0
    assert found.parts["impact"] == pytest.approx(
        0.02 * np.sqrt(sold / 1e6) * sold + 0.01 * np.sqrt(bought / 1e6) * bought
    )
    assert found.parts["fixed"] == pytest.approx(10.0)
    assert found.parts["duty"] == pytest.approx(0.005 * bought)
    assert found.parts["commission"] == pytest.approx(0.0001 * (sold + bought))


def test_as_far_as_it_pays() -> None:
    rules = PlanRules(how_far="optimal", half_spread=0.004)
    part = planned([700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=rules, step=0.0)
    full = planned(
        [700, 560], 2_000.0, [0.6, 0.38, 0.02], rules=PlanRules(how_far="target", half_spread=0.004), step=0.0
    )
    assert 0.0 < np.abs(part.units[0]) < 100.0
    assert part.worth is not None
    assert part.worth.net >= (part.full.net if part.full else 0.0)
    assert not full.trades or full.worth is not None


@given(st.integers(0, 2**32))
def test_money_is_conserved_and_no_line_goes_short(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 7))
    quantity, prices = np.floor(rng.uniform(0, 500, size)), rng.uniform(1, 200, size)
    cash = float(rng.uniform(0, 0.2) * (quantity @ prices + 100.0))
    target = rng.dirichlet(np.ones(size + 1))
    rules = PlanRules(
        how_far=str(rng.choice(["target", "edge", "inner"])), half_spread=float(rng.uniform(0, 0.01)),
        commission=float(rng.uniform(0, 0.01)), fixed=float(rng.uniform(0, 5)), cash_buffer=float(rng.uniform(0, 0.05)),
        minimum_trade=float(rng.uniform(0, 0.02)), only_if_it_pays=False,
    )  # fmt: skip
    found = planned(
        quantity, cash, target, rules=rules, width=float(rng.uniform(0.001, 0.2)), prices=prices, risk=False
    )
    value = float(quantity @ prices) + cash
    paid = sum(found.parts.values())
    assert float(found.units @ prices) + paid + found.after[-1] * value == pytest.approx(cash, abs=1e-6 * value)
    assert (quantity + found.units >= 0.0).all()
    assert (found.units == np.trunc(found.units)).all()
    if (found.units > 0.0).any():
        assert found.after[-1] >= rules.cash_buffer - 1e-9


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="worth nothing"):
        checked_lines(["A"], [1], [0.0])
    with pytest.raises(InvalidInput, match="volume is money"):
        checked_lines(["A"], [1], [1.0], volume=[-1.0])
    with pytest.raises(InvalidInput, match=r"worth 0\.00"):
        planned([0, 0], 0.0, [0.5, 0.5, 0.0])
    with pytest.raises(InvalidInput, match="target has 2 weights"):
        planned([1, 1], 0.0, [0.5, 0.5])
