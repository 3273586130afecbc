"""Counts, smallest positions and smallest trades against every choice tried one by one."""

from __future__ import annotations

import itertools
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.outcomes import Infeasible, TimeLimitReached, Unbounded
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import Universe, universe


def every_choice(
    u: Universe, *, most: int, least: float = 0.0, trade: float = 0.0, caps: float = 0.5, fewest: int = 0,
    te: float = 0.0, turnover: float = 0.0, sector: float = 0.0, cost: float = 0.0,
) -> float:  # fmt: skip
    """Least value over all supports and all sides of trades, each a convex model of its own."""
    n = u.mu.size
    root = np.linalg.cholesky(u.covariance)
    low, high = cp.Parameter(n), cp.Parameter(n)
    w = cp.Variable(n)
    rules = [cp.sum(w) == 1, w >= low, w <= high]
    if te:
        rules.append(cp.norm(root.T @ (w - u.benchmark)) <= te)
    if turnover:
        rules.append(cp.norm1(w - u.holdings) <= turnover)
    if sector:
        rules.append((u.sectors == 0).astype(float) @ w <= sector)
    goal = cp.Problem(cp.Minimize(4.0 * cp.sum_squares(root.T @ w) - u.mu @ w + cost * cp.norm1(w - u.holdings)), rules)
    best = np.inf
    sides = list(itertools.product((0, 1, 2, 3), repeat=n)) if trade else [None]
    for held in itertools.product((False, True), repeat=n):
        if not fewest <= sum(held) <= most:
            continue
        mask = np.array(held)
        for side in sides:
            a, b = np.where(mask, least, 0.0), np.where(mask, caps, 0.0)
            if side is not None:
                s = np.array(side)
                a = np.where(s == 0, np.maximum(a, u.holdings), np.where(s == 1, np.maximum(a, u.holdings + trade), a))
                b = np.where(s == 0, np.minimum(b, u.holdings), np.where(s == 2, np.minimum(b, u.holdings - trade), b))
                # A position may always be closed whole.
                a, b = np.where(s == 3, 0.0, a), np.where(s == 3, 0.0, b)
            if (a > b + 1e-12).any() or a.sum() > 1 + 1e-9 or b.sum() < 1 - 1e-9:
                continue
            low.value, high.value = np.minimum(a, b), b
            goal.solve(solver=cp.CLARABEL)
            if goal.status in ("optimal", "optimal_inaccurate"):
                best = min(best, float(goal.value))
    return best


def ask(u: Universe, limits: list[str], **more: Any) -> Any:
    return optimize(
        "utility", expected_returns=u.mu, covariance=FactorCovariance(u.factors, u.specific), limits=limits,
        risk_aversion=8.0, holdings=u.holdings, benchmark=u.benchmark,
        attributes={"sector": ["ABC"[i] for i in u.sectors]}, **more,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        (["names <= 3"], {"most": 3}),
        (["names <= 4", "position >= 8%"], {"most": 4, "least": 0.08}),
        (["names between 5 and 6", "position >= 10%"], {"most": 6, "fewest": 5, "least": 0.1}),
        (["names <= 4", "position >= 5%", "weight of sector=A <= 25%"], {"most": 4, "least": 0.05, "sector": 0.25}),
        (["names <= 4", "tracking error <= 11%"], {"most": 4, "te": 0.11}),
    ],
)
def test_the_best_of_all_choices(limits: list[str], asked: dict[str, Any], seed: int) -> None:
    u = universe(7, seed=seed)
    found = ask(u, ["weight of each <= 50%", *limits])
    assert -found.objective == pytest.approx(every_choice(u, **asked), rel=1e-6, abs=1e-9)
    assert found.evidence.relative_gap <= 1e-6
    assert found.evidence.engine == "branch and bound"
    held = found.weights[found.weights != 0.0]
    assert asked.get("fewest", 0) <= held.size <= asked["most"]
    assert (held >= asked.get("least", 0.0) - 1e-9).all()


@pytest.mark.parametrize("turnover", [0.0, 0.3])
def test_smallest_trades_beside_turnover_and_cost(turnover: float) -> None:
    u = universe(4, seed=3)
    limits = ["weight of each <= 60%", "trade of each >= 6%", "names <= 4"]
    found = ask(u, limits + ([f"turnover <= {turnover}"] if turnover else []), costs=0.002)
    expected = every_choice(u, most=4, trade=0.06, caps=0.6, turnover=turnover, cost=0.002)
    assert -found.objective == pytest.approx(expected, rel=1e-6)
    moved = np.abs(found.weights - u.holdings)
    assert (moved[(moved > 1e-12) & (found.weights > 0.0)] >= 0.06 - 1e-9).all()


def test_counts_of_groups_and_of_trades() -> None:
    u = universe(12, seed=4)
    found = ask(u, ["names of sector=each between 1 and 2", "position >= 5%", "weight of each <= 40%"])
    for group in range(3):
        assert 1 <= (found.weights[u.sectors == group] > 0.0).sum() <= 2
    few = ask(u, ["trades <= 3", "weight of each <= 40%"])
    assert (np.abs(few.weights - u.holdings) > 1e-9).sum() <= 3
    free = ask(u, ["weight of each <= 40%"])
    assert few.objective <= free.objective + 1e-12


def test_short_positions_are_large_enough_too() -> None:
    u = universe(5, seed=5)
    found = ask(u, ["names <= 3", "position >= 5%", "weight of each between -20% and 60%"], long_only=False)
    held = found.weights[found.weights != 0.0]
    assert held.size <= 3
    assert (np.abs(held) >= 0.05 - 1e-9).all()
    w, low, high = cp.Variable(5), cp.Parameter(5), cp.Parameter(5)
    root = np.linalg.cholesky(u.covariance)
    goal = cp.Problem(cp.Minimize(4.0 * cp.sum_squares(root.T @ w) - u.mu @ w), [cp.sum(w) == 1, w >= low, w <= high])
    best = np.inf
    for side in itertools.product((0, 1, -1), repeat=5):
        s = np.array(side)
        if 0 < np.abs(s).sum() <= 3:
            low.value, high.value = np.select([s > 0, s < 0], [0.05, -0.2]), np.select([s > 0, s < 0], [0.6, -0.05])
            goal.solve(solver=cp.CLARABEL)
            best = min(best, float(goal.value) if goal.status == "optimal" else np.inf)
    assert -found.objective == pytest.approx(best, rel=1e-6)


def test_time_that_runs_out_leaves_the_best_found_and_its_gap() -> None:
    rng = np.random.default_rng(5)
    s = np.cov(rng.normal(size=(120, 60)), rowvar=False)
    ticks = itertools.count()
    with pytest.raises(TimeLimitReached) as caught:
        optimize("minimum variance", covariance=s, limits=["names <= 7", "position >= 10%"], time_limit=5.0,
                 clock=lambda: float(next(ticks)))  # fmt: skip
    reached = caught.value
    assert reached.weights is not None
    assert (reached.weights > 1e-9).sum() <= 7
    assert reached.weights.sum() == pytest.approx(1.0)
    assert 0.0 < reached.gap < 1.0
    assert "within" in str(reached)


def test_the_best_ratio_of_few_names() -> None:
    u = universe(7, seed=2)
    found = optimize("max sharpe", expected_returns=u.mu, covariance=u.covariance, limits=["names <= 2"])
    best = 0.0
    for i, j in itertools.combinations(range(7), 2):
        pair = np.array([i, j])
        alone = optimize("max sharpe", expected_returns=u.mu[pair], covariance=u.covariance[np.ix_(pair, pair)])
        best = max(best, alone.objective)
    assert found.objective == pytest.approx(best, rel=1e-8)
    assert (found.weights > 0).sum() <= 2


def test_nothing_bounds_a_name() -> None:
    u = universe(6)
    with pytest.raises(Exception, match="nothing bounds its weight"):
        optimize("minimum variance", covariance=u.covariance, limits=["names <= 2"], long_only=False)


def test_rules_move_to_the_nearest_weights_of_few_names() -> None:
    u = universe(6)
    found = optimize("equal", covariance=u.covariance, limits=["names <= 4"])
    # Four of six at a quarter each are nearest to a sixth each.
    assert sorted(found.weights.round(9).tolist()) == [0.0, 0.0, 0.25, 0.25, 0.25, 0.25]
    assert found.status == "heuristic"
    assert "moved by" in found.notes[0]


def clash_of(limits: list[str], n: int = 12, **more: Any) -> dict[str, float]:
    u = universe(n)
    with pytest.raises(Infeasible) as caught:
        optimize("minimum variance", covariance=u.covariance, limits=limits, holdings=u.holdings,
                 benchmark=u.benchmark, attributes={"sector": ["ABC"[i] for i in u.sectors]}, **more)  # fmt: skip
    assert "would have to give" in str(caught.value)
    return {item.limit.text(): item.give for item in caught.value.clash}


def test_too_few_names_for_their_largest_weight() -> None:
    found = clash_of(["weight of each <= 15%", "names <= 5", "gross <= 200%", "weight of sector=A <= 90%"])
    # Five names at 15% hold 75%: seven names are needed, or 20% each, or a quarter in cash.
    assert set(found) == {"net = 100%", "weight of each <= 15%", "names <= 5"}
    assert found["names <= 5"] == 2.0
    assert found["weight of each <= 15%"] == pytest.approx(0.05, abs=1e-6)
    assert found["net = 100%"] == pytest.approx(0.25, abs=1e-6)


def test_too_many_names_for_their_smallest_weight() -> None:
    found = clash_of(["position >= 15%", "names >= 8", "tracking error <= 90%"])
    # Short positions would help, so that there may be none is part of the clash.
    assert set(found) == {"net = 100%", "position >= 15%", "names >= 8", "weight of each >= 0%"}
    # Eight at 12.5%, six at 15%, or 120% in all.
    assert found["position >= 15%"] == pytest.approx(0.025, abs=1e-6)
    assert found["names >= 8"] == 2.0
    assert found["net = 100%"] == pytest.approx(0.2, abs=1e-6)


def test_trades_too_small_to_be_sent() -> None:
    u = universe(12)
    cap = float(u.holdings.max()) - 0.01
    found = clash_of([f"weight of each <= {cap!r}", "trade of each >= 20%", "turnover <= 25%"])
    # The largest position must shrink by at least 20%, and the money go elsewhere, which trades 40%.
    assert "trade of each >= 20%" in found
    assert len(found) >= 2


def test_limits_that_clash_without_any_choice_are_explained_as_ever() -> None:
    found = clash_of(["weight of each <= 5%", "names <= 5"])
    assert set(found) == {"net = 100%", "weight of each <= 5%"}


def test_an_objective_without_end_stays_one() -> None:
    u = universe(6)
    with pytest.raises(Unbounded):
        optimize("maximum return", expected_returns=u.mu, long_only=False, names=[f"A{i + 1}" for i in range(6)],
                 limits=["weight of A1 between 0% and 50%", "position of A1 >= 10%"])  # fmt: skip


def test_choices_that_time_does_not_reach() -> None:
    rng = np.random.default_rng(5)
    s = np.cov(rng.normal(size=(120, 40)), rowvar=False)
    ticks = itertools.count()
    with pytest.raises(TimeLimitReached, match=r"no allowed choice|within") as caught:
        optimize("minimum variance", covariance=s, time_limit=0.5, clock=lambda: float(next(ticks)),
                 limits=["names between 11 and 12", "position >= 8%", "weight of each <= 9%"])  # fmt: skip
    assert caught.value.code == "time_limit"


def test_twins_leave_nothing_to_choose_between() -> None:
    # Every pair of twins is as good as the other: the search must close all of it.
    u = universe(4)
    twice = np.repeat(np.arange(4), 2)
    s = u.covariance[np.ix_(twice, twice)] + 0.01 * np.eye(8)
    found = optimize("minimum variance", covariance=s, limits=["names <= 3", "position >= 20%"])
    best = np.inf
    for size in (1, 2, 3):
        for held in itertools.combinations(range(8), size):
            pick = np.array(held)
            alone = optimize("minimum variance", covariance=s[np.ix_(pick, pick)], limits=["weight of each >= 20%"])
            best = min(best, alone.objective)
    assert found.objective == pytest.approx(best, rel=1e-6)
