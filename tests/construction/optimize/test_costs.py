"""Every kind of cost in the objective, against a general modeling language and against every choice tried."""

from __future__ import annotations

import itertools
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.result import Optimized
from argosy.models.costs.tax_lots import TaxLot
from argosy.models.costs.trading import Costs
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import Universe, universe


def ask(u: Universe, costs: Costs, limits: list[str] | None = None, **more: Any) -> Optimized:
    return optimize(
        "utility", expected_returns=u.mu, covariance=FactorCovariance(u.factors, u.specific), risk_aversion=4.0,
        holdings=u.holdings, benchmark=u.benchmark, costs=costs, limits=limits or [], **more,
    )  # fmt: skip


def lots_of(u: Universe) -> dict[str, list[TaxLot]]:
    """Three lots a name with gains that grow, none at a loss."""
    return {
        f"A{i + 1}": [TaxLot(0.5 * h, 0.02, 0.2), TaxLot(0.3 * h, 0.1, 0.3), TaxLot(0.2 * h, 0.5, 0.2)]
        for i, h in enumerate(u.holdings.tolist())
    }


@pytest.mark.parametrize("limits", [[], ["turnover <= 30%", "tracking error <= 4%"]])
@pytest.mark.parametrize("kind", ["duty", "impact", "tax", "all"])
def test_convex_costs(kind: str, limits: list[str]) -> None:
    u = universe(14)
    costs = Costs(
        commission=0.001 if kind == "all" else 0.0, half_spread=np.linspace(0.0, 0.002, 14) if kind == "all" else 0.0,
        buy_duty=0.005 if kind in ("duty", "all") else 0.0, sell_duty=0.001 if kind in ("duty", "all") else 0.0,
        impact=np.linspace(0.0, 0.03, 14) if kind in ("impact", "all") else 0.0,
        lots=lots_of(u) if kind in ("tax", "all") else {},
    )  # fmt: skip
    found = ask(u, costs, limits)
    w, sold = cp.Variable(14, nonneg=True), cp.Variable((14, 3), nonneg=True)
    moved = w - u.holdings
    root = np.linalg.cholesky(u.covariance)
    goal: Any = u.mu @ w - 2.0 * cp.sum_squares(root.T @ w)
    rules = [cp.sum(w) == 1]
    if kind in ("duty", "all"):
        goal -= 0.005 * cp.sum(cp.pos(moved)) + 0.001 * cp.sum(cp.neg(moved))
    if kind in ("impact", "all"):
        goal -= np.linspace(0.0, 0.03, 14) @ cp.power(cp.abs(moved), 1.5)
    if kind in ("tax", "all"):
        rules += [cp.sum(sold, axis=1) >= -moved, sold <= np.outer(u.holdings, [0.5, 0.3, 0.2])]
        goal -= cp.sum(sold @ np.array([0.004, 0.03, 0.1]))
    if kind == "all":
        goal -= (0.001 + np.linspace(0.0, 0.002, 14)) @ cp.abs(moved)
    if limits:
        rules += [cp.norm1(moved) <= 0.3, cp.norm(root.T @ (w - u.benchmark)) <= 0.04]
    best = float(cp.Problem(cp.Maximize(goal), rules).solve(solver=cp.CLARABEL))
    # The parts are of the size of 0.01 and nearly cancel; the general solver ends within 1e-8.
    assert found.objective == pytest.approx(best, abs=1e-8)
    assert found.evidence.relative_gap <= 1e-6
    assert found.cost == pytest.approx(sum(found.cost_parts.values()))
    by_hand = found.expected_return - 2.0 * found.volatility**2 - found.cost
    assert found.objective == pytest.approx(by_hand, abs=1e-9)


def every_way(u: Universe, costs: Costs, *, fixed: float) -> float:
    """Best value over every side (stay, buy, sell) of every name, each convex."""
    n = u.mu.size
    w = cp.Variable(n)
    low, high = cp.Parameter(n), cp.Parameter(n)
    root = np.linalg.cholesky(u.covariance)
    tax = np.array([costs.lots[f"A{i + 1}"][0].tax if f"A{i + 1}" in costs.lots else 0.0 for i in range(n)])
    rates = cp.Parameter(n)
    goal = cp.Problem(
        cp.Maximize(u.mu @ w - 2.0 * cp.sum_squares(root.T @ w) - 0.001 * cp.norm1(w - u.holdings)
                    - rates @ (u.holdings - w)), [cp.sum(w) == 1, w >= low, w <= high],
    )  # fmt: skip
    best = -np.inf
    for side in itertools.product((0, 1, -1), repeat=n):
        s = np.array(side)
        low.value = np.where(s >= 0, u.holdings, 0.0)
        high.value = np.where(s <= 0, u.holdings, 1.0)
        rates.value = np.where(s < 0, tax, 0.0)
        goal.solve(solver=cp.CLARABEL)
        if goal.status == "optimal":
            best = max(best, float(goal.value) - fixed * int(np.abs(s).sum()))
    return best


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_fee_for_trading_at_all(seed: int) -> None:
    u = universe(5, seed=seed)
    costs = Costs(commission=0.001, fixed=0.0008)
    found = ask(u, costs)
    assert found.objective == pytest.approx(every_way(u, costs, fixed=0.0008), rel=1e-6)
    assert found.evidence.engine == "branch and bound"
    traded = int((np.abs(found.weights - u.holdings) > 1e-12).sum())
    assert found.cost_parts.get("fixed", 0.0) == pytest.approx(0.0008 * traded)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_losses_make_the_way_of_trading_a_choice(seed: int) -> None:
    u = universe(5, seed=seed)
    costs = Costs(
        commission=0.001,
        lots={f"A{i + 1}": [TaxLot(float(u.holdings[i]), gain, 0.25)] for i, gain in enumerate([-0.2, 0.3, -0.1])},
    )
    found = ask(u, costs)
    assert found.objective == pytest.approx(every_way(u, costs, fixed=0.0), rel=1e-6)
    assert found.evidence.relative_gap <= 1e-6


def test_the_best_ratio_after_all_costs() -> None:
    u = universe(10)
    costs = Costs(commission=0.001, impact=0.01)
    best = optimize("max sharpe", expected_returns=u.mu, covariance=u.covariance, costs=costs, holdings=u.holdings)
    assert best.objective == pytest.approx((best.expected_return - best.cost) / best.volatility)
    for aversion in (1.0, 2.0, 4.0, 8.0, 16.0):
        other = optimize("utility", expected_returns=u.mu, covariance=u.covariance, costs=costs, holdings=u.holdings,
                         risk_aversion=aversion)  # fmt: skip
        assert (other.expected_return - other.cost) / other.volatility <= best.objective * (1 + 1e-9)
    rare = optimize("max sharpe", expected_returns=u.mu, covariance=u.covariance, holdings=u.holdings,
                    costs=Costs(commission=0.001, fixed=0.0005))  # fmt: skip
    assert rare.objective == pytest.approx((rare.expected_return - rare.cost) / rare.volatility)


def test_lots_are_not_sold_short() -> None:
    u = universe(4)
    with pytest.raises(InvalidInput, match="must not be sold short"):
        ask(u, Costs(lots=lots_of(u)), ["weight of each between -10% and 60%"], long_only=False)
