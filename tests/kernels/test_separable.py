"""The dual Newton method against its twin, against cones, and against the form of the textbook."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels import conic
from argosy.kernels.charges import Charges, Layer
from argosy.kernels.convex import Absolute, Answer, Form, Quadratic, Rows, certify, shortfall, violation
from argosy.kernels.risk_terms import RiskTerm
from argosy.kernels.separable import Separable, nonnegative, solve
from argosy.measures.risk.convex.shortfall import Shortfall
from tests.kernels.universes import Universe, universe

NONE = np.zeros(0)


def rebalance(
    u: Universe, *, turnover: float = 0.05, risk: float = 0.03, cost: float = 0.002, impact: float = 0.0
) -> Separable:
    n = u.mu.size
    groups = np.eye(u.sectors.max() + 1)[u.sectors]
    middle = groups.T @ u.benchmark
    return Separable(
        u.factors, u.specific, u.mu / 10.0, np.zeros(n), u.benchmark + 0.02, np.column_stack([np.ones(n), groups]),
        np.concatenate([[1.0], middle - 0.01]), np.concatenate([[1.0], middle + 0.01]), u.holdings,
        np.full(n, cost / 10.0), u.benchmark, turnover, risk,
        impact=impact * np.linspace(0.0, 2.0, n) if impact else None,
    )  # fmt: skip


def as_form(problem: Separable) -> Form:
    n, m = problem.rows.shape
    none = np.full(n, -1)
    absolutes: tuple[Absolute, ...] = ()
    if not np.isnan(problem.turnover):
        absolutes = (Absolute(np.ones(n), problem.start, np.zeros(n), problem.turnover),)
    quadratics = () if np.isnan(problem.risk) else (Quadratic(problem.bench, problem.risk),)
    rows = Rows(problem.rows, problem.row_low, problem.row_high, np.full(m, -1), np.full(m, np.inf))
    return Form(
        problem.factors, problem.specific, 1.0, problem.linear, problem.low, problem.high, none, none, rows,
        problem.start, problem.cost, absolutes, quadratics,
        charges=None if problem.impact is None else Charges(problem.impact, (), np.zeros(n), 0.0),
    )  # fmt: skip


def as_answer(problem: Separable, engine: str) -> Answer:
    found = solve(problem, engine=engine)  # type: ignore[arg-type]
    assert found.settled
    turnover = NONE if np.isnan(problem.turnover) else np.array([found.turnover_price])
    risk = NONE if np.isnan(problem.risk) else np.array([found.risk_price])
    return Answer(found.weights, found.row_prices, turnover, risk)


@pytest.mark.parametrize("engine", ["kernel", "reference"])
@pytest.mark.parametrize("n", [6, 40, 150])
def test_a_realistic_rebalance_is_proven_best(n: int, engine: str) -> None:
    u = universe(n)
    apart = u.holdings - u.benchmark
    problem = rebalance(u, turnover=0.1, risk=1.1 * float(np.sqrt(apart @ u.covariance @ apart)))
    # Holdings that break their sector bands need more turnover than some of the cases allow.
    form = as_form(problem)
    if conic.solve(form).status == conic.INFEASIBLE:
        assert not solve(problem, engine=engine).settled  # type: ignore[arg-type]
        return
    proof = certify(form, as_answer(problem, engine))
    assert proof.violation < 1e-10
    assert proof.gap < 1e-10


@pytest.mark.parametrize("n", [5, 30, 120])
def test_kernel_and_twin_walk_the_same_way(n: int) -> None:
    problem = rebalance(universe(n), turnover=0.4, risk=0.05)
    fast, slow = solve(problem, engine="kernel"), solve(problem, engine="reference")
    assert fast.steps == slow.steps
    np.testing.assert_allclose(fast.weights, slow.weights, atol=1e-12)
    np.testing.assert_allclose(fast.multipliers, slow.multipliers, atol=1e-9)


@given(st.integers(2, 25), st.integers(0, 200), st.floats(0.0, 0.01))
def test_newton_and_cones_agree(n: int, seed: int, cost: float) -> None:
    u = universe(n, seed=seed)
    problem = rebalance(u, turnover=0.6, risk=float("nan"), cost=cost)
    form = as_form(problem)
    cones = conic.solve(form)
    newton = solve(problem, engine="reference")
    if cones.answer is None:
        assert cones.status == conic.INFEASIBLE
        assert not newton.settled
        return
    proof = certify(form, as_answer(problem, "reference"))
    other = certify(form, cones.answer)
    assert max(proof.gap, proof.violation) < 1e-10
    assert max(other.gap, other.violation) < 1e-7
    np.testing.assert_allclose(newton.weights, cones.answer.weights, atol=1e-5)


def test_two_assets_by_hand() -> None:
    # Variances 0.02 and 0.05 with covariance 0.01: w = (0.05 - 0.01, 0.02 - 0.01) / 0.05 = (0.8, 0.2).
    found = nonnegative(np.array([[0.1], [0.1]]), np.array([0.01, 0.04]), np.ones(2), engine="kernel")
    np.testing.assert_allclose(found.weights / found.weights.sum(), [0.8, 0.2], atol=1e-14)


def test_a_warm_start_needs_fewer_steps_and_ends_at_the_same_place() -> None:
    u = universe(80)
    problem = rebalance(u, turnover=0.3, risk=0.05)
    cold = solve(problem, engine="reference")
    warm = solve(Separable(**{**problem.__dict__, "warm": cold.multipliers}), engine="reference")
    assert warm.steps < cold.steps
    np.testing.assert_allclose(warm.weights, cold.weights, atol=1e-11)


def test_nothing_allowed_does_not_settle() -> None:
    u = universe(10)
    problem = rebalance(u, turnover=0.0, risk=1e-4)
    assert not solve(problem, engine="reference").settled
    assert not solve(problem, engine="kernel").settled


def test_a_wrong_answer_is_not_certified() -> None:
    u = universe(30)
    form = as_form(rebalance(u, turnover=0.5, risk=float("nan")))
    right = conic.solve(form).answer
    assert right is not None
    wrong = Answer(u.holdings, right.rows, right.absolutes, right.quadratics)
    assert certify(form, wrong).gap > 1e-6


def test_soft_limits_and_tails_are_certified_too() -> None:
    u = universe(12)
    n = 12
    rng = np.random.default_rng(3)
    scenarios = rng.normal(0.0005, 0.01, (200, n)) + rng.normal(0.0, 0.01, (200, 1))
    none = np.full(n, -1)
    groups = np.eye(3)[u.sectors]
    rows = Rows(
        np.column_stack([np.ones(n), groups]), np.array([1.0, 0.5, 0.5, -np.inf]), np.array([1.0, np.inf, np.inf, 0.1]),
        np.array([0, 1, 2, 3]), np.array([np.inf, 0.01, 0.02, 1.0]),
    )  # fmt: skip
    soft_turnover = Absolute(np.ones(n), u.holdings, np.zeros(n), 0.05, price=0.003)
    form = Form(
        u.factors, u.specific, 0.0, u.mu, np.zeros(n), np.full(n, 0.4), none, none, rows, u.holdings, np.zeros(n),
        (soft_turnover,), (Quadratic(np.zeros(n), 0.2),), (RiskTerm(Shortfall(scenarios, 0.9), weight=2.0),),
    )  # fmt: skip
    found = conic.solve(form)
    assert found.answer is not None
    proof = certify(form, found.answer)
    assert proof.gap < 1e-7 * proof.scale
    assert proof.violation < 1e-8
    limited = Form(**{**form.__dict__, "risks": (RiskTerm(Shortfall(scenarios, 0.9), bound=0.018),)})
    other = conic.solve(limited).answer
    assert other is not None
    proof = certify(limited, other)
    assert proof.gap < 1e-7 * proof.scale
    assert shortfall(-scenarios @ other.weights, 0.9) <= 0.018 + 1e-9


def test_elastic_limits_say_by_how_much_they_give() -> None:
    u = universe(10)
    n = 10
    rows = Rows(np.ones((n, 1)), np.ones(1), np.ones(1), np.array([0]), np.array([np.inf]))
    form = Form(
        u.factors, u.specific, 1.0, np.zeros(n), np.zeros(n), np.full(n, 0.05), np.full(n, 2), np.full(n, 1), rows,
        np.zeros(n), np.zeros(n),
    )  # fmt: skip
    assert conic.solve(form).status == conic.INFEASIBLE
    # Ten names at 5% hold half: each has to give 5%, or the sum 50%.
    np.testing.assert_allclose(conic.solve(form, elastic=(1,)).slacks, [0.05], atol=1e-8)
    np.testing.assert_allclose(conic.solve(form, elastic=(0,)).slacks, [0.5], atol=1e-8)
    assert violation(form, np.full(n, 0.05)) == pytest.approx(0.5)


@pytest.mark.parametrize("risk", [float("nan"), 0.05])
@pytest.mark.parametrize("turnover", [float("nan"), 0.5])
@pytest.mark.parametrize("n", [8, 60])
def test_market_impact_in_newton_twin_and_cones(n: int, turnover: float, risk: float) -> None:
    problem = rebalance(universe(n), turnover=turnover, risk=risk, impact=0.02)
    form = as_form(problem)
    fast, slow = solve(problem, engine="kernel"), solve(problem, engine="reference")
    assert fast.steps == slow.steps
    np.testing.assert_allclose(fast.weights, slow.weights, atol=1e-11)
    proof = certify(form, as_answer(problem, "reference"))
    assert max(proof.gap, proof.violation) < 1e-9
    cones = conic.solve(form).answer
    assert cones is not None
    # The power cone ends short of the others' precision.
    assert certify(form, cones).value == pytest.approx(proof.value, abs=1e-8)
    np.testing.assert_allclose(slow.weights, cones.weights, atol=1e-4)


def test_layers_of_cost_are_certified() -> None:
    u = universe(20)
    problem = rebalance(u, turnover=0.5, risk=float("nan"))
    n = 20
    layers = (Layer(np.full(n, 0.001), 0.8 * u.holdings), Layer(np.linspace(0.0, 0.002, n), 0.5 * u.holdings))
    form = Form(**{
        **as_form(problem).__dict__, "charges": Charges(np.full(n, 0.01), layers, np.full(n, -0.0005), 0.003),
    })  # fmt: skip
    found = conic.solve(form).answer
    assert found is not None
    proof = certify(form, found)
    assert proof.gap < 1e-7 * proof.scale
    assert proof.violation < 1e-9
    by_hand = 0.5 * found.weights @ u.covariance @ found.weights - problem.linear @ found.weights
    moved = np.abs(found.weights - u.holdings)
    by_hand += problem.cost @ moved + 0.01 * (moved**1.5).sum() - 0.0005 * found.weights.sum() + 0.003
    by_hand += sum(layer.weights @ np.abs(found.weights - layer.reference) for layer in layers)
    assert proof.value == pytest.approx(float(by_hand), rel=1e-12)
    twice = form.charges.scaled(2.0) if form.charges else None
    assert twice is not None
    assert twice.value(found.weights, u.holdings) == pytest.approx(2 * form.charges.value(found.weights, u.holdings))  # type: ignore[union-attr]
