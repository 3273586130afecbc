"""Whole lots against every combination of lots nearby, and against each limit measured by itself."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from argosy.base.errors import ArgosyError, InvalidInput, MissingData
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.result import Optimized
from argosy.construction.optimize.rounding import round_to_lots
from argosy.models.costs.tax_lots import TaxLot
from argosy.models.costs.trading import Costs
from tests.kernels.universes import Universe, universe


def best(u: Universe, limits: list[str], **more: Any) -> Optimized:
    return optimize(
        "utility", expected_returns=u.mu, covariance=u.covariance, risk_aversion=6.0, holdings=u.holdings,
        benchmark=u.benchmark, attributes={"sector": ["ABC"[i] for i in u.sectors]}, limits=limits, **more,
    )  # fmt: skip


def turnover(x: np.ndarray, u: Universe) -> np.ndarray:
    return (np.abs(x - u.holdings).sum(axis=1) <= 0.4) & (x <= 0.6).all(axis=1)


def risk(x: np.ndarray, u: Universe) -> np.ndarray:
    apart = x - u.benchmark
    return (np.einsum("ij,jk,ik->i", apart, u.covariance, apart) <= 0.12**2) & (x[:, u.sectors == 0].sum(axis=1) <= 0.4)


def few(x: np.ndarray, u: Universe) -> np.ndarray:
    return ((x > 0).sum(axis=1) <= 3) & ((x == 0) | (x >= 0.1 - 1e-12)).all(axis=1)


def large(x: np.ndarray, u: Universe) -> np.ndarray:
    moved = np.abs(x - u.holdings)
    return ((moved < 1e-12) | (moved >= 0.05 - 1e-12)).all(axis=1)


LIMITS: list[tuple[list[str], Any]] = [
    ([], lambda x, u: np.ones(x.shape[0], dtype=bool)),
    (["turnover <= 40%", "weight of each <= 60%"], turnover),
    (["tracking error <= 12%", "weight of sector=A <= 40%"], risk),
    (["names <= 3", "position >= 10%"], few),
    (["trade of each >= 5%"], large),
]


@pytest.mark.parametrize(("limits", "keeps"), LIMITS, ids=["none", "turnover", "risk", "few", "large"])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_lots_nearby_are_better(limits: list[str], keeps: Any, seed: int) -> None:
    u = universe(4, seed=seed)
    result = best(u, limits, costs=0.001)
    prices = np.array([40.0, 25.0, 60.0, 30.0])
    unit = prices / 2000.0
    found = round_to_lots(result, prices=prices, nav=2000.0)
    assert result.basis is not None
    price = float(result.basis.answer.rows[0])

    def by_hand(x: np.ndarray) -> np.ndarray:
        risks = np.einsum("ij,jk,ik->i", x, u.covariance, x)
        cost = 0.001 * np.abs(x - u.holdings).sum(axis=1)
        return 3.0 * risks - x @ u.mu + cost + price * (1.0 - x.sum(axis=1))

    around = []
    for i, weight in enumerate(result.weights.tolist()):
        center = round((weight - u.holdings[i]) / unit[i])
        lots = [u.holdings[i] + (center + k) * unit[i] for k in range(-4, 5)]
        around.append([0.0, *(t for t in lots if t > 0.0)])
    every = np.array(list(itertools.product(*around)))
    every = every[(every.sum(axis=1) <= 1.0 + 1e-10) & keeps(every, u)]
    mine = float(by_hand(found.weights[None, :])[0])
    # Moves of two names end where three at once might still help: by a part of what one lot can matter.
    assert mine <= float(by_hand(every).min()) + 0.1 * float((u.mu * unit).max())
    assert not found.moved
    assert found.weights.sum() <= 1.0 + 1e-10
    assert keeps(found.weights[None, :], u).all()
    assert found.loss == pytest.approx(mine - float(by_hand(result.weights[None, :])[0]), abs=1e-9)
    assert found.cash_left == pytest.approx(1.0 - float(found.weights.sum()), abs=1e-9)
    np.testing.assert_allclose(found.units * unit, found.weights, atol=1e-12)
    whole = found.trades[found.weights != 0.0]
    np.testing.assert_allclose(whole, np.rint(whole), atol=1e-12)


def test_the_same_twice_and_better_than_the_nearest_lots() -> None:
    u = universe(30)
    result = best(u, ["turnover <= 40%", "tracking error <= 5%", "active weight of sector=each within 3%"], costs=0.002)
    prices = np.linspace(20.0, 400.0, 30)
    one = round_to_lots(result, prices=prices, nav=1e5, lots=10)
    two = round_to_lots(result, prices=prices, nav=1e5, lots=10)
    assert one.weights.tobytes() == two.weights.tobytes()
    assert not one.moved
    assert one.naive_break > 0.0 or one.loss <= one.naive_loss
    # A position that is closed whole takes its odd units along.
    kept = one.weights != 0.0
    np.testing.assert_allclose(np.rint(one.trades[kept] / 10), one.trades[kept] / 10, atol=1e-9)


def test_lots_too_large_for_a_limit_say_which_one_moved() -> None:
    u = universe(4, seed=2)
    result = best(u, ["tracking error <= 0.5%"])
    found = round_to_lots(result, prices=[10.0, 10.0, 10.0, 10.0], nav=1000.0, lots=30)
    (moved, *_) = found.moved
    assert moved.limit.measure in ("tracking error", "net")
    assert moved.after > moved.before
    assert "beyond its limit" in moved.text()
    assert moved.text() in str(found.table())


def test_small_orders_are_not_sent() -> None:
    u = universe(8, seed=5)
    result = best(u, [], costs=Costs(commission=0.0005, impact=0.01))
    found = round_to_lots(result, prices=np.full(8, 5.0), nav=10_000.0, smallest_trade=300.0)
    money = np.abs(found.trades) * 5.0
    assert (money[money > 0.0] >= 300.0 - 1e-6).all()
    assert (money > 0.0).any()


def test_a_rule_is_rounded_to_lots_near_its_weights() -> None:
    result = optimize("equal", names=["A", "B", "C"])
    found = round_to_lots(result, prices={"A": 10.0, "B": 17.0, "C": 31.0}, nav=1000.0)
    # Rounding each to its nearest lots would spend 101.1%.
    assert found.naive_break == pytest.approx(0.011)
    assert found.units.tolist() == [33.0, 19.0, 11.0]
    assert found.cash_left >= -1e-12
    assert "cash left" in str(found.table())


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"prices": [0.0, 1.0]}, InvalidInput), ({"nav": 0.0}, InvalidInput), ({"lots": [1.0, -1.0]}, InvalidInput),
        ({"smallest_trade": -1.0}, InvalidInput), ({"prices": [1.0]}, InvalidInput),
    ],
)  # fmt: skip
def test_wrong_inputs(wrong: dict[str, Any], kind: type[ArgosyError]) -> None:
    result = optimize("equal", names=["A", "B"])
    with pytest.raises(kind):
        round_to_lots(result, **{"prices": [1.0, 1.0], "nav": 100.0, **wrong})


def test_a_result_without_its_problem() -> None:
    from dataclasses import replace

    with pytest.raises(MissingData, match="which problem"):
        round_to_lots(replace(optimize("equal", names=["A"]), basis=None), prices=[1.0], nav=10.0)


def test_whole_lots_as_a_limit() -> None:
    u = universe(10, seed=3)
    lot = np.linspace(0.004, 0.02, 10)
    free = best(u, ["turnover <= 60%", "tracking error <= 6%"], costs=0.001)
    found = optimize(
        "utility", expected_returns=u.mu, covariance=u.covariance, risk_aversion=6.0, holdings=u.holdings, costs=0.001,
        benchmark=u.benchmark, attributes={"lot_weight": lot},
        limits=["turnover <= 60%", "tracking error <= 6%", "lots of lot_weight >= 2"],
    )  # fmt: skip
    lots = (found.weights - u.holdings)[found.weights != 0.0] / lot[found.weights != 0.0]
    np.testing.assert_allclose(lots, np.rint(lots), atol=1e-9)
    assert (np.abs(lots[np.abs(lots) > 1e-9]) >= 2.0 - 1e-9).all()
    assert found.status == "rounded"
    assert any("in cash" in note for note in found.notes)
    assert found.turnover <= 0.6 + 1e-9
    assert 0.0 <= 1.0 - found.weights.sum() <= lot.max()
    # Near the best of all weights, in what the model weighs.
    value = found.expected_return - 3.0 * found.volatility**2 - found.cost
    assert value == pytest.approx(free.objective, abs=2e-3)
    with pytest.raises(InvalidInput, match="weighs"):
        optimize("minimum variance", covariance=u.covariance, holdings=u.holdings, limits=["lots of lot_weight >= 1"],
                 attributes={"lot_weight": np.linspace(0.0, 0.1, 10)})  # fmt: skip


def test_lots_under_every_kind_of_limit_and_cost() -> None:
    u = universe(8, seed=6)
    scenarios = np.random.default_rng(4).normal(size=(60, 8)) * np.sqrt(u.specific) / 4.0
    costs = Costs(
        commission=0.0005, impact=0.01, fixed=0.0002,
        lots={"A1": [TaxLot(0.5 * float(u.holdings[0]), -0.3, 0.2), TaxLot(0.5 * float(u.holdings[0]), 0.4, 0.2)]},
    )  # fmt: skip
    limits = ["turnover <= 30% soft 5bp", "weight of sector=A <= 40% soft 1%", "tracking error <= 6% soft 10%",
              "cvar of 90% <= 20%", "names between 3 and 7", "volatility <= 40%"]  # fmt: skip
    result = best(u, limits, costs=costs, returns=scenarios)
    found = round_to_lots(result, prices=np.linspace(12.0, 45.0, 8), nav=20_000.0)
    assert not found.moved
    assert 3 <= int((found.weights > 0.0).sum()) <= 7
    # What the search weighs is what the textbook says, part by part.
    assert result.basis is not None
    price = float(result.basis.answer.rows[0])

    def by_hand(x: np.ndarray) -> float:
        over = max(np.abs(x - u.holdings).sum() - 0.3, 0.0) * 0.0005 + max(x[u.sectors == 0].sum() - 0.4, 0.0) * 0.01
        apart = x - u.benchmark
        over += max(float(np.sqrt(apart @ u.covariance @ apart)) - 0.06, 0.0) * 0.1
        paid = costs.priced([f"A{i + 1}" for i in range(8)], u.holdings).total(x)
        return float(3.0 * x @ u.covariance @ x - u.mu @ x + over + paid + price * (1.0 - x.sum()))

    assert found.loss == pytest.approx(by_hand(found.weights) - by_hand(result.weights), abs=1e-9)


def test_a_tail_in_the_objective_is_weighed_too() -> None:
    scenarios = np.random.default_rng(8).normal(0.0005, 0.01, size=(80, 5))
    result = optimize("minimum cvar", returns=scenarios, level=0.9)
    found = round_to_lots(result, prices=[10.0, 20.0, 30.0, 40.0, 50.0], nav=3000.0)
    worst = np.sort(-scenarios @ found.weights)[::-1][:8].mean()
    assert found.loss == pytest.approx(
        worst - result.objective + (1.0 - found.weights.sum()) * float(result.basis.answer.rows[0]),
        abs=1e-9,  # type: ignore[union-attr]
    )
    assert not found.moved
