"""Stressed correlations, liquidation, and the spiral of margin calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, UndefinedMeasure, UnknownName
from argosy.measures.risk.stress.correlations import blend_to_one, flip_signs, set_correlations
from argosy.measures.risk.stress.liquidity import liquidation_losses
from argosy.measures.risk.stress.narrative import margin_spiral


def covariance(seed: int, size: int) -> np.ndarray:
    root = np.random.default_rng(seed).normal(0.0, 0.1, (size, size + 1))
    return root @ root.T


@given(st.integers(0, 1_000), st.integers(2, 8), st.floats(0.0, 1.0))
def test_stressed_correlations_stay_possible(seed: int, size: int, share: float) -> None:
    cov = covariance(seed, size)
    w = np.full(size, 1.0 / size)
    pairs = {("0", "1"): 1.0 - 2.0 * share}
    for found in (
        blend_to_one(w, cov, share=share),
        flip_signs(w, cov, assets=[0]),
        set_correlations(w, cov, pairs=pairs, names=[str(i) for i in range(size)]),
    ):
        assert found.smallest > -1e-10
        assert np.allclose(found.correlation.diagonal(), 1.0, atol=1e-12)
        assert np.abs(found.correlation).max() <= 1.0 + 1e-12
        assert np.sqrt(found.covariance.diagonal()) == pytest.approx(np.sqrt(np.diag(cov)), rel=1e-9)
        assert found.before == pytest.approx(np.sqrt(w @ cov @ w), rel=1e-9)
        assert found.after == pytest.approx(np.sqrt(max(w @ found.covariance.matrix @ w, 0.0)), rel=1e-7, abs=1e-9)


def test_at_one_volatility_is_the_weighted_sum() -> None:
    cov = covariance(5, 4)
    w = np.array([0.4, 0.3, 0.2, 0.1])
    assert blend_to_one(w, cov, share=1.0).after == pytest.approx(w @ np.sqrt(np.diag(cov)), rel=1e-9)
    same = blend_to_one(w, cov, share=0.0)
    assert same.change == pytest.approx(0.0, abs=1e-12)
    assert blend_to_one(w, cov, share=0.0, volatility_factor=2.0).after == pytest.approx(2.0 * same.before, rel=1e-9)


def test_a_flipped_hedge_is_a_bet() -> None:
    cov = np.array([[0.04, -0.018], [-0.018, 0.01]])
    found = flip_signs([0.5, 0.5], cov, assets=[1])
    # The same as holding the other side of the second asset.
    assert found.after == pytest.approx(np.sqrt(np.array([0.5, -0.5]) @ cov @ np.array([0.5, -0.5])), rel=1e-12)
    assert found.change > 0.0


def test_possible_pairs_are_kept_as_asked() -> None:
    found = set_correlations([0.5, 0.5], np.eye(2) * 0.04, pairs={("A", "B"): 0.7}, names=["A", "B"])
    assert found.correlation[0, 1] == 0.7
    assert found.repaired == 0.0


def test_bad_correlations() -> None:
    cov = np.eye(2) * 0.04
    with pytest.raises(InvalidInput, match="share"):
        blend_to_one([0.5, 0.5], cov, share=1.5)
    with pytest.raises(InvalidInput, match="asset 2"):
        flip_signs([0.5, 0.5], cov, assets=[2])
    with pytest.raises(UnknownName):
        set_correlations([0.5, 0.5], cov, pairs={("A", "X"): 0.5}, names=["A", "B"])
    with pytest.raises(InvalidInput, match="from -1 to 1"):
        set_correlations([0.5, 0.5], cov, pairs={("A", "B"): 1.5}, names=["A", "B"])
    with pytest.raises(UndefinedMeasure, match="asset 1 does not vary"):
        blend_to_one([0.5, 0.5], [[0.04, 0.0], [0.0, 0.0]], share=0.5)
    with pytest.raises(InvalidInput, match="volatility_factor"):
        blend_to_one([0.5, 0.5], cov, share=0.5, volatility_factor=0.0)


def test_liquidation_by_hand() -> None:
    # 80 left after the shock; 20% of a halved volume of 100 is 10 a day: 8 days, of which 5 are allowed.
    found = liquidation_losses([100.0], [200.0], spread=0.02, volatility=0.01, shock=-0.2, participation=0.2, days=5,
                               volume_factor=0.5, spread_factor=3.0, volatility_factor=2.0)  # fmt: skip
    assert found.days[0] == pytest.approx(4.0)
    thin = liquidation_losses([100.0], [100.0], spread=0.02, volatility=0.01, shock=-0.2, participation=0.2, days=2,
                              volume_factor=0.5, spread_factor=3.0, volatility_factor=2.0)  # fmt: skip
    assert thin.days[0] == pytest.approx(8.0)
    assert thin.sold[0] == pytest.approx(20.0)
    assert thin.unsold[0] == pytest.approx(60.0)
    assert thin.cost[0] == pytest.approx(20.0 * (0.03 + 0.02 * np.sqrt(0.2)))
    assert thin.market_loss[0] == pytest.approx(20.0)
    assert thin.loss == pytest.approx(20.0 + thin.cost[0])
    assert thin.table().rows()[0]["unsold"] == pytest.approx(60.0)


@given(st.floats(1.0, 1e6), st.floats(0.2, 1.0))
def test_thinner_markets_cost_more(value: float, factor: float) -> None:
    def cost(volume: float) -> float:
        found = liquidation_losses([value], [1000.0], spread=0.01, volatility=0.02, days=1e9, volume_factor=volume)
        assert found.unsold[0] == pytest.approx(0.0, abs=1e-6 * value)
        return float(found.cost[0])

    assert cost(factor) >= cost(1.0) * (1 - 1e-12)


def test_bad_liquidation() -> None:
    with pytest.raises(InvalidInput, match="suspended"):
        liquidation_losses([1.0, 1.0], [5.0, 0.0], spread=0.0, volatility=0.0)
    with pytest.raises(InvalidInput, match="participation"):
        liquidation_losses([1.0], [5.0], spread=0.0, volatility=0.0, participation=20)
    with pytest.raises(InvalidInput, match="negative"):
        liquidation_losses([1.0], [5.0], spread=-0.1, volatility=0.0)


def test_a_spiral_by_hand() -> None:
    # 100 falls to 80; 70% of it is 56 against a loan of 70: call 14, cash pays 4, 10 is missing.
    # Each unit sold at a cost of 2% frees 0.3 - 0.02: 35.714 sold.
    told = margin_spiral([100.0], loan=70.0, cash=4.0, margin=0.3, shock=-0.2, cost=0.02)
    call = told.steps[1]
    assert (call.event, call.call, call.paid) == ("forced sale", pytest.approx(14.0), pytest.approx(4.0))
    assert call.sold == pytest.approx(10.0 / 0.28)
    assert told.loan == pytest.approx(66.0 - 0.98 * 10.0 / 0.28)
    assert told.survived
    assert 0.7 * told.holdings[0] == pytest.approx(told.loan)
    assert told.second_round_loss == 0.0
    assert len(told.table().rows()) == 2


@given(
    st.lists(st.floats(1.0, 100.0), min_size=1, max_size=4), st.floats(0.0, 0.9), st.floats(0.0, 0.5),
    st.floats(-0.6, 0.1), st.floats(0.0, 0.5), st.integers(0, 1),
)  # fmt: skip
def test_no_money_is_lost_from_sight(
    values: list[float], leverage: float, cash: float, shock: float, impact: float, ordered: int
) -> None:
    worth = sum(values)
    told = margin_spiral(
        values, loan=leverage * worth, cash=cash * worth, margin=0.2, margin_after=0.3, shock=shock, cost=0.01,
        impact=impact, depth=[worth] * len(values), order=list(range(len(values)))[::-1] if ordered else None,
    )  # fmt: skip
    assert told.equity == pytest.approx(
        told.equity_before - told.market_loss - told.second_round_loss - told.costs, abs=1e-9 * worth
    )
    for step in told.steps:
        assert step.cash_before - step.paid + step.surplus == pytest.approx(step.cash_after, abs=1e-9 * worth)
    assert (told.holdings >= -1e-12 * worth).all()
    if told.survived:
        assert told.loan <= 0.7 * told.holdings.sum() + 1.1e-6 * worth
        assert told.deficit == 0.0


def test_a_spiral_that_ends_badly_says_what_is_owed() -> None:
    told = margin_spiral([100.0], loan=90.0, cash=0.0, margin=0.2, shock=-0.3, impact=1.0, depth=[1000.0])
    assert not told.survived
    assert told.deficit == pytest.approx(20.0)
    assert told.holdings.tolist() == [0.0]
    falling = margin_spiral(
        [100.0], loan=60.0, cash=0.0, margin=0.2, shock=-0.2, margin_after=0.3, impact=1.0, depth=[50.0]
    )
    assert [step.event for step in falling.steps][:3] == ["shock", "forced sale", "forced sale"]
    assert falling.second_round_loss > 0.0


def test_sales_follow_the_order_that_is_asked_for() -> None:
    told = margin_spiral([50.0, 50.0], loan=70.0, cash=0.0, margin=0.3, shock=-0.05, order=[1, 0])
    assert told.holdings[0] == pytest.approx(47.5)
    assert told.holdings[1] < 47.5
    calm = margin_spiral([50.0], loan=0.0, cash=0.0, margin=0.3, shock=0.0)
    assert [step.event for step in calm.steps] == ["shock"]


def test_bad_spirals() -> None:
    with pytest.raises(InvalidInput, match="short"):
        margin_spiral([-1.0], loan=0.0, cash=0.0, margin=0.3, shock=0.0)
    with pytest.raises(InvalidInput, match="margin lies outside"):
        margin_spiral([1.0], loan=0.0, cash=0.0, margin=30, shock=0.0)
    with pytest.raises(InvalidInput, match="as much as the margin"):
        margin_spiral([1.0], loan=0.0, cash=0.0, margin=0.1, cost=0.1, shock=0.0)
    with pytest.raises(InvalidInput, match="more than all"):
        margin_spiral([1.0], loan=0.0, cash=0.0, margin=0.1, shock=-2.0)
    with pytest.raises(InvalidInput, match="order"):
        margin_spiral([1.0, 1.0], loan=0.0, cash=0.0, margin=0.1, shock=0.0, order=[0, 0])
