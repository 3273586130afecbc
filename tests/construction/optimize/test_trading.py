"""Costs of a mandate: each part against its definition, what is missing named, taxes lot by lot, liquidity in days."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import parse_limits
from argosy.base.panel import Panel
from argosy.construction.optimize.book_trading import taxed
from argosy.construction.optimize.candidates import AssetSheet, Candidates, file_candidates
from argosy.construction.optimize.decision import decide
from argosy.construction.optimize.trading import Trading, convex_lots, costs_of
from argosy.measures.tax.lots import TaxLots
from argosy.measures.tax.regimes import regime
from argosy.models.costs.tax_lots import TaxLot
from argosy.models.costs.trading import Costs
from argosy.models.moments.sample import Sample
from argosy.record.mandate_policy import (
    BeliefRules,
    CostRules,
    InvestmentPolicy,
    LimitRules,
    ObjectiveRules,
    UniverseRules,
)

RNG = np.random.default_rng(8)
DAILY = RNG.normal(0.0005, 0.008, (300, 1)) + RNG.normal([0.0010, 0.0, 0.0004], 0.01, (300, 3))
HELD = {"A": 0.2, "B": 0.5, "C": 0.3}
KNOWN = Trading(2e6, {"A": 1e6, "B": 4e6, "C": 2e6}, frozenset({"C"}))
CANDIDATES = Candidates(Sample(Panel(np.arange(300), ("A", "B", "C"), DAILY), 252.0), {}, HELD, trading=KNOWN)
POLICY = InvestmentPolicy(ObjectiveRules("utility", risk_aversion=30.0), beliefs=BeliefRules(covariance="sample"))
ALL = CostRules(0.001, 2.0, half_spread=0.0005, impact=0.8, fixed=40.0, purchase_tax=0.002, exchange=0.003)


def test_every_part_is_what_its_definition_says() -> None:
    found = decide(CANDIDATES, replace(POLICY, costs=ALL))
    moved = found.result.weights - np.array([0.2, 0.5, 0.3])
    size = np.abs(moved)
    sigma = DAILY.std(axis=0, ddof=1)
    days = size * 2e6 / np.array([1e6, 4e6, 2e6])
    expected = {
        "commission": 0.001 * size.sum(),
        "half-spread": 0.0005 * size.sum(),
        "exchange": 0.003 * size[2],
        "duty": 0.002 * np.maximum(moved, 0.0).sum(),
        # The square-root law: each order moves its price by volatility times the root of its days of volume.
        "impact": float(0.8 * sigma * np.sqrt(days) @ size),
        "fixed": 40.0 / 2e6 * (size > 1e-12).sum(),
    }
    assert found.paid == pytest.approx(expected, rel=1e-9)
    assert found.result.cost * 2.0 == pytest.approx(sum(expected.values()))


def test_the_answer_is_the_best_of_a_search_that_knows_the_whole_cost() -> None:
    found = decide(CANDIDATES, replace(POLICY, costs=ALL))
    mean, cov = found.belief.mean, found.belief.covariance.dense()
    sigma = np.sqrt(np.diag(cov) / 252.0)
    start, volume = np.array([0.2, 0.5, 0.3]), np.array([1e6, 4e6, 2e6])

    def utility(x: np.ndarray) -> np.ndarray:
        moved = x - start
        size = np.abs(moved)
        paid = (0.0015 * size + 0.002 * np.maximum(moved, 0.0) + 0.8 * sigma * size**1.5 * np.sqrt(2e6 / volume)
                + 0.003 * size * np.array([0, 0, 1]) + 40.0 / 2e6 * (size > 1e-9))  # fmt: skip
        return x @ mean - 15.0 * ((x @ cov) * x).sum(-1) - paid.sum(-1) / 2.0

    grid = np.linspace(0.0, 1.0, 501)
    a, b = np.meshgrid(grid, grid)
    points = np.stack([a, b, 1.0 - a - b], axis=-1)[a + b <= 1.0 + 1e-12]
    best = utility(points).max()
    mine = float(utility(found.result.weights[None])[0])
    assert mine >= best - 1e-12
    assert mine <= best + 2e-4  # the grid is 0.2% wide


@pytest.mark.parametrize(("rules", "known", "told"), [
    (CostRules(fixed=5.0), Trading(), "a fixed cost per order needs to know what the portfolio is worth.*--value"),
    (CostRules(impact=1.0), Trading(), "price impact needs to know what the portfolio is worth"),
    (CostRules(impact=1.0), Trading(1e6, {"A": 1.0}), "price impact needs the volume of B, C.*attribute volume"),
    (CostRules(exchange=0.001), Trading(1e6), "needs the currencies of the assets.*column currency"),
])  # fmt: skip
def test_what_is_missing_is_said_with_the_next_step(rules: CostRules, known: Trading, told: str) -> None:
    with pytest.raises(MissingData, match=told):
        decide(replace(CANDIDATES, trading=known), replace(POLICY, costs=rules))


def test_many_missing_volumes_are_counted_and_no_costs_are_none() -> None:
    names = [f"N{i}" for i in range(9)]
    with pytest.raises(MissingData, match="N4 and 4 more"):
        costs_of(names, CostRules(impact=1.0), Trading(1e6), np.ones(9))
    assert costs_of(names, CostRules(), Trading(), np.ones(9)) == 0.0


def test_names_that_are_not_traded_need_no_volume() -> None:
    policy = replace(POLICY, costs=CostRules(impact=1.0), universe=UniverseRules(exclude=("B",)))
    known = replace(KNOWN, volume={"A": 1e6, "C": 2e6})
    found = decide(replace(CANDIDATES, trading=known), policy)
    assert found.result.weights[1] == pytest.approx(0.5)


def test_limits_on_days_speak_of_money_that_trades() -> None:
    limited = replace(POLICY, limits=LimitRules(rules=parse_limits(["days to trade of each <= 0.05"])))
    found = decide(CANDIDATES, limited)
    traded = np.abs(found.result.weights - [0.2, 0.5, 0.3]) * 2e6
    assert (traded / [1e6, 4e6, 2e6] <= 0.05 + 1e-9).all()
    assert traded.max() > 0.0
    with pytest.raises(
        MissingData, match=r"'days to trade of each <= 0\.05' needs to know what the portfolio is worth"
    ):
        decide(replace(CANDIDATES, trading=Trading()), limited)


def test_a_sheet_gives_volumes_currencies_and_a_value() -> None:
    prices = Panel(np.arange(301), ("A", "B", "C"), 50.0 * np.vstack([np.ones(3), np.cumprod(1.0 + DAILY, axis=0)]))
    sheet = AssetSheet(("A", "B", "C"), {"volume": ("1,000", "", "30"), "currency": ("USD", "EUR", "")}, HELD)
    policy = replace(POLICY, beliefs=replace(POLICY.beliefs, frequency="as given"))
    known = file_candidates(prices, sheet, policy, value=1e6, currency="USD").trading
    assert known.value == 1e6
    assert known.foreign == {"B"}
    assert known.volume == {"A": 1000.0 * prices.values[-1, 0], "C": 30.0 * prices.values[-1, 2]}
    assert file_candidates(prices, sheet, policy).trading.foreign is None
    assert file_candidates(prices, None, policy, value=5.0).trading.value == 5.0
    for wrong in ("many", "-3", "0"):
        bad = replace(sheet, attributes={"volume": (wrong, "1", "1")})
        with pytest.raises(InvalidInput, match="is no volume of A"):
            file_candidates(prices, bad, policy)
    for value in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="the portfolio is worth"):
            file_candidates(prices, sheet, policy, value=value)


def test_taxes_are_paid_lot_by_lot_in_the_order_of_the_mandate() -> None:
    rows = TaxLots.of([10.0, 30.0], [50.0, 120.0], [0, 300])
    us, uk = regime("US"), regime("UK")
    least = taxed(rows, 100.0, 0.4, day=400, law=us, method="MINTAX")
    assert [(lot.weight, lot.tax) for lot in least] == [
        (pytest.approx(0.3), pytest.approx(-0.2 * us.short)), (pytest.approx(0.1), pytest.approx(0.5 * us.long)),
    ]  # fmt: skip
    # First in first out sells the gain before the loss: not convex, so that both count as one at their average.
    (pooled,) = taxed(rows, 100.0, 0.4, day=400, law=us, method="FIFO")
    assert pooled.weight == pytest.approx(0.4)
    assert pooled.weight * pooled.tax == pytest.approx(0.1 * 0.5 * us.long - 0.3 * 0.2 * us.short)
    (average,) = taxed(TaxLots.of([10.0, 30.0], [120.0, 50.0], [0, 300]), 100.0, 0.4, day=400, law=uk, method="MINTAX")
    assert average.tax == pytest.approx(uk.long * (100.0 - 67.5) / 100.0)


def test_pools_of_lots_never_exceed_the_tax_and_meet_it_at_the_end() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        weights, taxes = rng.uniform(0.01, 0.1, 6), rng.uniform(-0.2, 0.4, 6)
        lots = convex_lots(weights, taxes)
        assert all(a.tax <= b.tax for a, b in pairwise(lots))
        sold = np.append(0.0, np.cumsum(weights))
        due = np.append(0.0, np.cumsum(weights * taxes))
        reached = np.append(0.0, np.cumsum([lot.weight for lot in lots]))
        below = np.interp(sold, reached, np.append(0.0, np.cumsum([lot.weight * lot.tax for lot in lots])))
        assert (below <= due + 1e-12).all()
        assert below[-1] == pytest.approx(due[-1])


def test_a_taxed_name_is_sold_less() -> None:
    free = decide(CANDIDATES, POLICY)
    lots = {"B": (TaxLot(0.5, 0.5, 0.25),)}
    kept = decide(replace(CANDIDATES, trading=replace(KNOWN, lots=lots)), POLICY)
    assert free.result.weights[1] < 0.4
    assert kept.result.weights[1] > free.result.weights[1] + 1e-3
    sold = 0.5 - kept.result.weights[1]
    assert kept.paid.get("tax", 0.0) == pytest.approx(0.125 * sold, abs=1e-12)


def test_costs_over_years_are_those_of_one() -> None:
    held = np.array([0.5, 0.5])
    lots = {"A": [TaxLot(0.5, 0.4, 0.25)]}
    once = Costs(0.002, fixed=0.001, impact=0.01, exchange=[0.0, 0.004], lots=lots)
    spread = replace(once, years=4.0)
    x = np.array([0.2, 0.8])
    whole = once.priced(("A", "B"), held).parts(x)
    assert whole["tax"] == pytest.approx(0.3 * 0.1)
    assert whole["exchange"] == pytest.approx(0.3 * 0.004)
    assert spread.priced(("A", "B"), held).parts(x) == pytest.approx({k: v / 4.0 for k, v in whole.items()})
    with pytest.raises(InvalidInput, match="spread over 0"):
        replace(once, years=0.0).priced(("A", "B"), held)
