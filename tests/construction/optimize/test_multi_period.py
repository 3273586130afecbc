"""Plans over several periods: the joint problem against cvxpy, one period against the single model, properties."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData
from argosy.construction.optimize.changes import Changes
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.multi_period import MultiPeriod
from argosy.construction.optimize.outcomes import Infeasible
from argosy.construction.optimize.problem import Problem, pose

RNG = np.random.default_rng(8)
N, H = 10, 4
LOADS = RNG.normal(0.0, 0.02, (N, 3))
COVARIANCE = LOADS @ LOADS.T + np.diag(RNG.uniform(0.0004, 0.002, N))
FORECASTS = RNG.normal(0.004, 0.004, (H, N))
HELD, GOAL = RNG.dirichlet(np.ones(N)), RNG.dirichlet(np.ones(N))
COSTS = RNG.uniform(0.0005, 0.003, N)
AVERSION = 5.0


def problem(limits: list[str], *, long_only: bool = True, costs: object = COSTS) -> Problem:
    return pose(
        names=None, expected_returns=FORECASTS[0], covariance=COVARIANCE, returns=None, limits=limits,
        long_only=long_only, holdings=HELD, benchmark=None, attributes={"score": np.arange(N).tolist()},
        costs=costs, risk_free=0.0, seconds=0.0,  # type: ignore[arg-type]
    )  # fmt: skip


def joint(
    *, most: float = 1.0, turnover: float | None = None, gross: float | None = None, discount: float = 1.0,
    goal: np.ndarray | None = None, goal_price: float = 0.0,
) -> tuple[float, np.ndarray]:  # fmt: skip
    x = cp.Variable((H, N))
    gain, limits, before = 0.0, [cp.sum(x, axis=1) == 1.0, x <= most], HELD
    if gross is None:
        limits.append(x >= 0.0)
    for t in range(H):
        change = x[t] - before
        gain += discount**t * (
            FORECASTS[t] @ x[t] - AVERSION / 2 * cp.quad_form(x[t], cp.psd_wrap(COVARIANCE)) - COSTS @ cp.abs(change)
        )
        if turnover is not None:
            limits.append(cp.norm1(change) <= turnover)
        if gross is not None:
            limits.append(cp.norm1(x[t]) <= gross)
        before = x[t]
    if goal is not None:
        gain -= discount ** (H - 1) * goal_price * cp.norm1(x[H - 1] - goal)
    model = cp.Problem(cp.Maximize(gain), limits)
    model.solve(solver="CLARABEL", tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12)
    return float(model.value), np.asarray(x.value)


@pytest.mark.parametrize("discount", [1.0, 0.95])
def test_the_plan_is_the_best_of_the_joint_problem(discount: float) -> None:
    value, weights = joint(most=0.3, turnover=0.4, discount=discount, goal=GOAL, goal_price=0.001)
    model = MultiPeriod(H, FORECASTS, discount, GOAL, 0.001)
    found = model.plan(problem(["weight of each <= 30%", "turnover <= 40%"]), risk_aversion=AVERSION)
    assert -found.proof.value == pytest.approx(value, rel=1e-8)
    assert found.proof.relative_gap < 1e-6
    np.testing.assert_allclose(found.weights, weights, atol=1e-4)
    assert (found.turnover <= 0.4 + 1e-7).all()
    np.testing.assert_allclose(found.costs[0], COSTS @ np.abs(found.weights[0] - HELD), rtol=1e-9)


def test_gross_weight_is_limited_in_every_period() -> None:
    value, _ = joint(gross=1.4)
    found = MultiPeriod(H, FORECASTS).plan(problem(["gross <= 140%", "weight of each <= 100%"], long_only=False),
                                           risk_aversion=AVERSION)  # fmt: skip
    assert -found.proof.value == pytest.approx(value, rel=1e-7)
    assert (np.abs(found.weights).sum(axis=1) <= 1.4 + 1e-7).all()


def test_one_period_is_the_single_model() -> None:
    given = {
        "covariance": COVARIANCE, "expected_returns": FORECASTS[0], "holdings": HELD, "costs": COSTS,
        "risk_aversion": AVERSION, "limits": ["turnover <= 30%", "exposure of score <= 4"],
        "attributes": {"score": np.arange(N).tolist()},
    }  # fmt: skip
    plan = optimize(MultiPeriod(1), **given)  # type: ignore[arg-type]
    single = optimize("utility", **given)  # type: ignore[arg-type]
    np.testing.assert_allclose(plan.weights, single.weights, atol=1e-7)
    assert [item.limit.text() for item in plan.binding] == [item.limit.text() for item in single.binding]
    np.testing.assert_allclose(
        [item.price for item in plan.binding], [item.price for item in single.binding], rtol=1e-4
    )


def test_the_first_step_and_its_prices_are_those_of_the_plan() -> None:
    limits = ["weight of each <= 30%", "turnover <= 40%"]
    model = MultiPeriod(H, FORECASTS)
    found = optimize(
        model, covariance=COVARIANCE, expected_returns=FORECASTS[0], holdings=HELD, costs=COSTS,
        risk_aversion=AVERSION, limits=limits,
    )  # fmt: skip
    whole = model.plan(problem(limits), risk_aversion=AVERSION)
    np.testing.assert_allclose(found.weights, whole.weights[0], atol=1e-12)
    assert found.reports[0].name == "The plan"
    assert len(found.reports[0]) == H
    # The price of turnover now: what a little more of it in the first period brings to the whole.
    priced = next(item for item in found.binding if item.limit.measure == "turnover")
    x = cp.Variable((H, N))

    def value(first: float) -> float:
        gain, kept, before = 0.0, [cp.sum(x, axis=1) == 1.0, x >= 0.0, x <= 0.3], HELD
        for t in range(H):
            change = x[t] - before
            gain += (
                FORECASTS[t] @ x[t]
                - AVERSION / 2 * cp.quad_form(x[t], cp.psd_wrap(COVARIANCE))
                - COSTS @ cp.abs(change)
            )
            kept.append(cp.norm1(change) <= (first if t == 0 else 0.4))
            before = x[t]
        made = cp.Problem(cp.Maximize(gain), kept)
        made.solve(solver="CLARABEL", tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12)
        return float(made.value)

    assert priced.price == pytest.approx((value(0.401) - value(0.399)) / 0.002, rel=0.02)


def test_dearer_trading_never_gains_and_a_dear_goal_is_reached() -> None:
    cheap = MultiPeriod(H, FORECASTS).plan(problem([]), risk_aversion=AVERSION)
    dear = MultiPeriod(H, FORECASTS).plan(problem([], costs=3.0 * COSTS), risk_aversion=AVERSION)
    assert -dear.proof.value <= -cheap.proof.value
    assert dear.turnover.sum() <= cheap.turnover.sum() + 1e-7
    ended = MultiPeriod(H, FORECASTS, terminal=GOAL, terminal_price=1.0).plan(problem([]), risk_aversion=AVERSION)
    np.testing.assert_allclose(ended.weights[-1], GOAL, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "limits", "says"),
    [
        (MultiPeriod(0), [], "horizon of 0"),
        (MultiPeriod(2, discount=1.5), [], "discount"),
        (MultiPeriod(2, terminal=GOAL), [], "go together"),
        (MultiPeriod(2, FORECASTS), [], "forecasts have shape"),
        (MultiPeriod(2), ["tracking error <= 2%", "volatility <= 3%"], "needs a benchmark"),
        (MultiPeriod(2), ["volatility <= 3%"], "cannot be kept in a plan"),
        (MultiPeriod(2), ["trade of each <= 3%"], "cannot be kept in a plan"),
    ],
)
def test_what_cannot_be_planned_is_refused(model: MultiPeriod, limits: list[str], says: str) -> None:
    with pytest.raises((InvalidInput, MissingData), match=says):
        model.plan(problem(limits), risk_aversion=AVERSION)


def test_clashing_limits_and_missing_settings() -> None:
    with pytest.raises(Infeasible, match="weight of each <= 5%"):
        MultiPeriod(2).plan(problem(["weight of each <= 5%"]), risk_aversion=AVERSION)
    with pytest.raises(InvalidInput, match="risk aversion"):
        MultiPeriod(2).plan(problem([]), risk_aversion=-1.0)
    with pytest.raises(MissingData, match="risk_aversion"):
        optimize(MultiPeriod(2), covariance=COVARIANCE, expected_returns=FORECASTS[0])


def test_a_line_below_changes_is_nowhere_above_them() -> None:
    rng = np.random.default_rng(2)
    risk = Changes(rng.normal(size=(6, 4)), rng.normal(size=6), rng.uniform(0.1, 1.0, 6))
    assert risk.excess() is None
    for _ in range(20):
        slope, constant = risk.line(rng.uniform(0.0, 3.0, 12))
        x = rng.normal(size=4)
        assert slope @ x + constant <= risk.number(x) + 1e-12
