"""Several objectives: each way against cvxpy, the surface against domination, and what cannot be is refused."""

from __future__ import annotations

import itertools

import cvxpy as cp
import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData
from argosy.construction.optimize.criteria import Criterion
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.multi_objective import (
    Lexicographic,
    UnderBounds,
    Weighted,
    criteria_of,
    non_dominated,
    pareto_surface,
    worded,
)
from argosy.construction.optimize.outcomes import Infeasible
from argosy.construction.optimize.problem import Problem, pose

RNG = np.random.default_rng(3)
N = 8
LOADS = RNG.normal(0.0, 0.1, (N, 3))
COVARIANCE = LOADS @ LOADS.T + np.diag(RNG.uniform(0.01, 0.04, N))
MEANS, SCORES = RNG.uniform(0.02, 0.12, N), RNG.uniform(1.0, 10.0, N)
HELD, BENCH = np.full(N, 1.0 / N), RNG.dirichlet(np.ones(N))
SCENARIOS = RNG.normal(0.0, 0.02, (60, 3)) @ (10.0 * LOADS.T) + RNG.normal(0.0005, 0.01, (60, N))
GIVEN = {
    "expected_returns": MEANS, "covariance": COVARIANCE, "returns": SCENARIOS, "holdings": HELD, "benchmark": BENCH,
    "attributes": {"esg": SCORES.tolist()},
}  # fmt: skip


def problem() -> Problem:
    return pose(
        names=None,
        limits=(),
        long_only=True,
        costs=0.0,
        risk_free=0.0,
        seconds=0.0,
        **GIVEN,  # type: ignore[arg-type]
    )


def solved(objective: cp.Expression, x: cp.Variable, more: list[cp.Constraint] | None = None) -> np.ndarray:
    model = cp.Problem(cp.Minimize(objective), [x >= 0, cp.sum(x) == 1, *(more or [])])
    model.solve(solver="CLARABEL", tol_gap_abs=1e-9, tol_gap_rel=1e-9, tol_feas=1e-9)
    return np.asarray(x.value)


def variance(x: cp.Variable) -> cp.Expression:
    return cp.quad_form(x, cp.psd_wrap(COVARIANCE))


def test_a_weighted_sum_is_one_convex_model() -> None:
    found = optimize(Weighted((
        "least volatility weight 4", "most expected return", "least turnover weight 0.01",
        "most exposure of esg weight 0.002", "least cvar of 90% weight 0.5",
    )), **GIVEN)  # type: ignore[arg-type]  # fmt: skip
    x, a = cp.Variable(N), cp.Variable()
    tail = a + cp.sum(cp.pos(-SCENARIOS @ x - a)) / (0.1 * 60)
    expected = solved(2 * variance(x) - MEANS @ x + 0.01 * cp.norm1(x - HELD) - 0.002 * SCORES @ x + 0.5 * tail, x)
    # Objectives within 1e-9 of each other have weights within the root of that.
    np.testing.assert_allclose(found.weights, expected, atol=1e-4)
    assert found.status == "optimal"
    assert found.reports[0]["objective"].raw(4) == "least shortfall of 90%"


def test_tracking_error_and_beta_as_objectives() -> None:
    found = optimize(Weighted(("least tracking error weight 6", "most beta weight 0.1")), **GIVEN)  # type: ignore[arg-type]
    x = cp.Variable(N)
    beta = COVARIANCE @ BENCH / (BENCH @ COVARIANCE @ BENCH)
    expected = solved(3 * cp.quad_form(x - BENCH, cp.psd_wrap(COVARIANCE)) - 0.1 * beta @ x, x)
    np.testing.assert_allclose(found.weights, expected, atol=1e-6)


def test_in_order_each_keeps_what_earlier_ones_give() -> None:
    found = optimize(Lexicographic(("least volatility give 5%", "most exposure of esg")), **GIVEN)  # type: ignore[arg-type]
    x = cp.Variable(N)
    least = solved(variance(x), x)
    bound = 1.05 * np.sqrt(least @ COVARIANCE @ least)
    expected = solved(-SCORES @ x, x, [cp.norm(np.linalg.cholesky(COVARIANCE).T @ x) <= bound])
    np.testing.assert_allclose(found.weights, expected, atol=1e-4)
    assert found.volatility == pytest.approx(bound, rel=1e-7)
    assert any("least volatility" in note for note in found.notes)


def test_under_bounds_one_is_best_and_the_others_are_kept() -> None:
    found = optimize(
        UnderBounds("most expected return", (("least volatility", 0.12), ("least turnover", 0.5))), **GIVEN
    )  # type: ignore[arg-type]
    x = cp.Variable(N)
    expected = solved(-MEANS @ x, x, [
        cp.norm(np.linalg.cholesky(COVARIANCE).T @ x) <= 0.12, cp.norm1(x - HELD) <= 0.5,
    ])  # fmt: skip
    np.testing.assert_allclose(found.weights, expected, atol=1e-4)
    with pytest.raises(Infeasible, match="volatility"):
        optimize(UnderBounds("most expected return", (("least volatility", 0.01),)), **GIVEN)  # type: ignore[arg-type]


@pytest.mark.parametrize("third", ["most exposure of esg", "least turnover"])
def test_a_surface_has_no_dominated_portfolio_and_holds_every_epsilon_optimum(third: str) -> None:
    criteria = ("least volatility", "most expected return", third)
    posed = problem()
    found = pareto_surface(posed, criteria, points=4)
    losses = found.values * np.array([1.0, -1.0, 1.0 if "least" in third else -1.0])
    for mine, other in itertools.permutations(losses, 2):
        assert not ((other <= mine).all() and (other < mine).any())
    assert found.tried == 16
    assert len(found) + found.impossible + found.dominated + found.unproven == 16 + 3
    # Each portfolio has the least risk there is for its own return and third criterion.
    x = cp.Variable(N)
    for weights in found.weights[:: max(len(found) // 4, 1)]:
        kept = [MEANS @ x >= MEANS @ weights - 1e-7]
        kept.append(SCORES @ x >= SCORES @ weights - 1e-6 if "esg" in third
                    else cp.norm1(x - HELD) <= np.abs(weights - HELD).sum() + 1e-7)  # fmt: skip
        best = solved(variance(x), x, kept)
        assert weights @ COVARIANCE @ weights <= best @ COVARIANCE @ best + 2e-5
    # The ends of the surface are the best there is of each criterion.
    assert found.values[:, 1].max() == pytest.approx(MEANS.max(), rel=1e-5)
    assert found.values[:, 0].min() == pytest.approx(
        optimize("minimum variance", covariance=COVARIANCE).volatility, rel=1e-5
    )
    assert "tried" in found.table().notes[0]


def test_two_criteria_make_the_frontier() -> None:
    from argosy.construction.optimize.face import frontier

    found = pareto_surface(problem(), ("least volatility", "most expected return"), points=6)
    line = frontier(covariance=COVARIANCE, expected_returns=MEANS, targets=found.values[:, 1] - 1e-9)
    np.testing.assert_allclose(found.values[:, 0], line.volatilities, rtol=1e-5)


def test_domination_is_in_every_criterion() -> None:
    assert non_dominated(np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0], [1.5, 1.5], [1.0, 1.0]])).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("volatility", "cannot read the criterion"),
        ("most volatility", "no convex problem"),
        ("least sharpe", "cannot be wanted least or most of"),
        ("least volatility weight -1", "a weight above 0"),
        ("least volatility give 1", "a give from 0"),
        ("least volatility weight much", "cannot read a number"),
    ],
)
def test_what_is_no_criterion_is_answered_with_the_form(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Criterion.parse(text)
    assert says in str(caught.value) + caught.value.expected


def test_refusals_of_what_is_missing() -> None:
    with pytest.raises(MissingData, match="holdings"):
        optimize(Weighted(("least turnover", "least volatility")), covariance=COVARIANCE)
    with pytest.raises(InvalidInput, match="each once"):
        criteria_of(("least volatility", "least volatility"))
    with pytest.raises(InvalidInput, match="2 at least"):
        pareto_surface(problem(), ("least volatility",), points=3)
    with pytest.raises(InvalidInput, match="1 points"):
        pareto_surface(problem(), ("least volatility", "most expected return"), points=1)


def test_nothing_is_traded_where_least_turnover_allows_it() -> None:
    found = optimize(Weighted(("least turnover",)), **GIVEN)  # type: ignore[arg-type]
    assert found.weights.tolist() == HELD.tolist()
    assert found.evidence.engine == "nothing traded"
    assert worded("minimum variance") is None
