"""Every model against an independent statement of it, under many limits at once; identities and properties."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.construction.optimize.face import MODELS, frontier, optimize
from argosy.construction.optimize.factors import FactorBudget, FactorNeutral, FactorTarget
from argosy.construction.optimize.model import Model
from argosy.construction.optimize.stack import Blend
from argosy.kernels.convex import shortfall
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import Universe, universe


def scenarios(u: Universe, count: int = 240) -> np.ndarray:
    rng = np.random.default_rng(5)
    common = rng.standard_t(5, (count, u.factors.shape[1])) @ u.factors.T
    return (common + rng.normal(size=(count, u.mu.size)) * np.sqrt(u.specific)) / 16.0 + u.mu / 252


def settings_of(u: Universe) -> dict[str, Any]:
    return {
        "attributes": {"sector": ["ABC"[i] for i in u.sectors], "market_cap": u.benchmark * 1e9},
        "holdings": u.holdings, "benchmark": u.benchmark, "risk_free": 0.01,
    }  # fmt: skip


LIMITS: dict[str, list[str]] = {
    "none": [],
    "box": ["weight of each <= 12%"],
    "groups": ["weight of each <= 25%", "weight of sector=A between 20% and 40%", "weight of sector=B <= 35%"],
    "rebalance": ["active weight of sector=each within 3%", "turnover <= 40%", "tracking error <= 4%"],
    "everything": [
        "weight of each <= 20%", "weight of sector=A >= 25%", "turnover <= 60%", "tracking error <= 6%",
        "volatility <= 30%", "beta between 0.8 and 1.1", "trade of each <= 15%", "gross <= 100%",
    ],
}  # fmt: skip


def stated(u: Universe, kind: str, w: cp.Variable) -> list[cp.Constraint]:
    """The same limits, written for a general modeling language."""
    s = u.covariance
    active = w - u.benchmark
    root = np.linalg.cholesky(s)
    sector = [(u.sectors == i).astype(float) for i in range(3)]
    rules = [cp.sum(w) == 1, w >= 0]
    if kind == "box":
        rules += [w <= 0.12]
    if kind == "groups":
        rules += [w <= 0.25, sector[0] @ w >= 0.2, sector[0] @ w <= 0.4, sector[1] @ w <= 0.35]
    if kind == "rebalance":
        rules += [cp.abs(mask @ active) <= 0.03 for mask in sector]
        rules += [cp.norm1(w - u.holdings) <= 0.4, cp.norm(root.T @ active) <= 0.04]
    if kind == "everything":
        beta = s @ u.benchmark / (u.benchmark @ s @ u.benchmark)
        rules += [
            w <= 0.2, sector[0] @ w >= 0.25, cp.norm1(w - u.holdings) <= 0.6, cp.norm(root.T @ active) <= 0.06,
            cp.norm(root.T @ w) <= 0.3, beta @ w >= 0.8, beta @ w <= 1.1, cp.abs(w - u.holdings) <= 0.15,
        ]  # fmt: skip
    return rules


def oracle(u: Universe, model: str, kind: str) -> float:
    """Best objective by a general modeling language."""
    n = u.mu.size
    w = cp.Variable(n)
    root = np.linalg.cholesky(u.covariance)
    risk = cp.sum_squares(root.T @ w)
    rules = stated(u, kind, w)
    match model:
        case "minimum variance":
            goal: Any = cp.Minimize(risk)
        case "utility":
            goal = cp.Maximize(u.mu @ w - 4.0 * risk - 0.003 * cp.norm1(w - u.holdings))
        case "maximum return":
            goal = cp.Maximize(u.mu @ w)
        case "minimum tracking error":
            goal = cp.Minimize(cp.norm(root.T @ (w - u.benchmark)))
        case "enhanced index":
            goal = cp.Maximize(u.mu @ w - 4.0 * cp.sum_squares(root.T @ (w - u.benchmark)))
        case "minimum cvar":
            r = scenarios(u)
            level = cp.Variable()
            goal = cp.Minimize(level + cp.sum(cp.pos(-r @ w - level)) / (0.1 * r.shape[0]))
        case _:
            raise AssertionError(model)
    found = cp.Problem(goal, rules)
    return float(found.solve(solver=cp.CLARABEL))


@pytest.mark.parametrize("dense", [False, True], ids=["factors", "dense"])
@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize(
    "model",
    ["minimum variance", "utility", "maximum return", "minimum tracking error", "enhanced index", "minimum cvar"],
)
def test_models_agree_with_a_modeling_language(model: str, kind: str, dense: bool) -> None:
    u = universe(18)
    more = settings_of(u)
    if model == "utility":
        more["costs"] = 0.003
    found = optimize(
        model, expected_returns=u.mu, covariance=u.covariance if dense else FactorCovariance(u.factors, u.specific),
        limits=LIMITS[kind], returns=scenarios(u), risk_aversion=8.0, level=0.9, **more,
    )  # fmt: skip
    assert found.objective == pytest.approx(oracle(u, model, kind), rel=2e-6, abs=1e-8)
    assert found.evidence.violation <= 1e-7
    assert found.evidence.relative_gap <= 1e-6
    assert found.status == "optimal"
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize("kind", ["none", "box", "groups"])
def test_best_ratios_agree_with_their_homogeneous_form(kind: str) -> None:
    u = universe(18)
    found = optimize(
        "max sharpe", expected_returns=u.mu, covariance=u.covariance, limits=LIMITS[kind], **settings_of(u)
    )
    # Charnes and Cooper: minimize the risk of y where the excess return is 1 and the weights are y / sum(y).
    y = cp.Variable(18, nonneg=True)
    total = cp.sum(y)
    sector = [(u.sectors == i).astype(float) for i in range(3)]
    rules = [(u.mu - 0.01) @ y == 1]
    if kind == "box":
        rules += [y <= 0.12 * total]
    if kind == "groups":
        rules += [y <= 0.25 * total, sector[0] @ y >= 0.2 * total, sector[0] @ y <= 0.4 * total,
                  sector[1] @ y <= 0.35 * total]  # fmt: skip
    least = cp.Problem(cp.Minimize(cp.norm(np.linalg.cholesky(u.covariance).T @ y)), rules).solve(solver=cp.CLARABEL)
    assert found.objective == pytest.approx(1.0 / float(least), rel=1e-7)
    assert (found.expected_return - 0.01) / found.volatility == pytest.approx(found.objective, rel=1e-12)


@pytest.mark.parametrize("kind", ["none", "groups", "rebalance", "everything"])
def test_no_mix_beats_the_best_ratio(kind: str) -> None:
    u = universe(18)
    more = settings_of(u)
    best = optimize(
        "max sharpe", expected_returns=u.mu, covariance=u.covariance, limits=LIMITS[kind], costs=0.002, **more
    )
    for aversion in (1.0, 2.0, 4.0, 8.0, 16.0):
        other = optimize("utility", expected_returns=u.mu, covariance=u.covariance, limits=LIMITS[kind], costs=0.002,
                         risk_aversion=aversion, **more)  # fmt: skip
        assert (other.expected_return - other.cost - 0.01) / other.volatility <= best.objective * (1 + 1e-9)


def test_targets_are_two_sides_of_one_frontier() -> None:
    u = universe(25)
    s = FactorCovariance(u.factors, u.specific)
    for target in np.linspace(0.04, 0.055, 4):
        low = optimize("target return", expected_returns=u.mu, covariance=s, target=target)
        high = optimize("target risk", expected_returns=u.mu, covariance=s, target=low.volatility)
        assert high.expected_return == pytest.approx(max(target, low.expected_return), rel=1e-6)
        np.testing.assert_allclose(low.weights, high.weights, atol=1e-4)


def test_frontier_is_monotone_convex_and_proven() -> None:
    u = universe(30)
    line = frontier(expected_returns=u.mu, covariance=FactorCovariance(u.factors, u.specific), points=15,
                    limits=["weight of each <= 20%"])  # fmt: skip
    assert len(line) == 15
    variance = line.volatilities**2
    assert (np.diff(line.expected_returns) > 0).all()
    assert (np.diff(line.volatilities) > -1e-12).all()
    assert (np.diff(variance, 2) > -1e-9).all()
    for target, risk in zip(line.expected_returns[1:-1:4], line.volatilities[1:-1:4], strict=True):
        point = optimize("target return", expected_returns=u.mu, covariance=u.covariance, target=target,
                         limits=["weight of each <= 20%"])  # fmt: skip
        assert point.volatility == pytest.approx(risk, rel=1e-7)
    outside = frontier(expected_returns=u.mu, covariance=u.covariance, targets=[0.04, 1.0])
    assert outside.left_out == (1.0,)
    assert len(outside.table()) == 1


def test_shadow_prices_are_what_room_is_worth() -> None:
    u = universe(18)
    more = settings_of(u)

    def run(cap: float, sector: float, trade: float, te: float) -> Any:
        limits = [f"weight of each <= {cap!r}", f"weight of sector=A <= {sector!r}", f"turnover <= {trade!r}",
                  f"tracking error <= {te!r}"]  # fmt: skip
        return optimize("utility", expected_returns=3 * u.mu, covariance=u.covariance, limits=limits,
                        risk_aversion=3.0, **more)  # fmt: skip

    at = (0.12, 0.36, 0.3, 0.05)
    base = run(*at)
    prices = {item.limit.measure + item.limit.scope: item.price for item in base.binding}
    assert len(prices) >= 2
    for place, key in enumerate(["weighteach", "weightsector=A", "turnover", "tracking error"]):
        step = 1e-5
        more_room = [*at]
        more_room[place] += step
        gain = (run(*more_room).objective - base.objective) / step
        assert gain == pytest.approx(prices.get(key, 0.0), rel=0.02, abs=1e-5)
    assert "bp of return" in base.binding[0].text()
    assert base.binding[0].label in str(base)


# Models that cannot be asked for by name alone, as they stand when nothing is special about any asset.
SET: dict[str, Model] = {
    "factor target": FactorTarget({"value": 0.2}), "factor neutral": FactorNeutral(["value"]),
    "factor risk budget": FactorBudget({"market_cap": 0.8, "value": 0.2}),
    "blend": Blend((("equal", 0.4), ("minimum variance", 0.6))),
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_weights_do_not_depend_on_the_order_of_assets(model: str) -> None:
    u = universe(10)
    value = np.linspace(-1.0, 1.0, 10)
    order = np.random.default_rng(3).permutation(10)

    def run(places: np.ndarray) -> np.ndarray:
        return optimize(
            SET.get(model, model), expected_returns=u.mu[places], covariance=u.covariance[np.ix_(places, places)],
            returns=scenarios(u)[:, places], benchmark=u.benchmark[places], risk_aversion=5.0, target=0.2 if model ==
            "target risk" else 0.045, attributes={"market_cap": u.benchmark[places], "value": value[places]},
            generator=np.random.default_rng(1), risk="cdar" if model in ("minimum risk", "maximum ratio") else None,
            limits=["tracking error <= 9%"] if model == "maximum return" else [],
        ).weights  # fmt: skip

    if model in ("hierarchical risk parity", "stack", "resampled"):
        # Halving the list of leaves makes this rule depend on the order (which is why it is pinned), and what holds it;
        # samples are drawn asset by asset.
        assert run(order).sum() == pytest.approx(1.0)
        return
    np.testing.assert_allclose(run(order), run(np.arange(10))[order], atol=2e-6)


@given(st.floats(1e-8, 1e6), st.sampled_from(["minimum variance", "maximum sharpe", "maximum diversification",
                                              "risk parity", "hierarchical risk parity"]))  # fmt: skip
@settings(max_examples=25)
def test_weights_do_not_depend_on_the_unit_of_returns(unit: float, model: str) -> None:
    u = universe(15)
    one = optimize(model, expected_returns=u.mu, covariance=u.covariance)
    other = optimize(model, expected_returns=u.mu * unit, covariance=u.covariance * unit**2)
    np.testing.assert_allclose(one.weights, other.weights, atol=1e-8)


@given(st.integers(0, 60), st.floats(0.08, 0.5), st.floats(0.05, 1.0))
@settings(max_examples=25)
def test_tightening_never_helps(seed: int, cap: float, turnover: float) -> None:
    u = universe(15, seed=seed)
    cap = max(cap, float(u.holdings.max()))
    values = []
    for factor in (1.0, 0.7):
        limits = [f"weight of each <= {cap}", f"turnover <= {turnover * factor}"]
        values.append(optimize("utility", expected_returns=u.mu, covariance=u.covariance, limits=limits,
                               holdings=u.holdings, risk_aversion=4.0).objective)  # fmt: skip
    assert values[1] <= values[0] + 1e-10


def test_risk_budgets_reproduce() -> None:
    u = universe(40)
    shares = np.random.default_rng(2).uniform(0.2, 3.0, 40)
    shares /= shares.sum()
    for s in (u.covariance, FactorCovariance(u.factors, u.specific)):
        found = optimize("risk parity", covariance=s, budgets=shares)
        np.testing.assert_allclose(found.contributions, shares, rtol=1e-9)


def test_rules_that_break_a_limit_move_to_the_nearest_weights_that_do_not() -> None:
    u = universe(12)
    more = settings_of(u)
    found = optimize("risk parity", covariance=u.covariance, limits=["weight of sector=A <= 20%"], **more)
    assert found.weights[u.sectors == 0].sum() == pytest.approx(0.2, abs=1e-9)
    assert found.status == "heuristic"
    assert "moved by" in found.notes[0]
    free = optimize("risk parity", covariance=u.covariance, **more)
    w = cp.Variable(12, nonneg=True)
    cp.Problem(
        cp.Minimize(cp.sum_squares(w - free.weights)), [cp.sum(w) == 1, (u.sectors == 0).astype(float) @ w <= 0.2]
    ).solve(solver=cp.CLARABEL)
    np.testing.assert_allclose(found.weights, w.value, atol=1e-6)


def test_soft_limits_give_way_at_their_price() -> None:
    u = universe(12)
    more = settings_of(u)

    def held(price: str) -> float:
        found = optimize("utility", expected_returns=u.mu, covariance=u.covariance, risk_aversion=2.0,
                         limits=[f"weight of sector=A >= 90% soft {price}"], **more)  # fmt: skip
        return float(found.weights[u.sectors == 0].sum())

    assert held("1bp") < held("50bp") < held("1000%") + 1e-12
    assert held("1000%") == pytest.approx(0.9, abs=1e-7)


def test_long_short_portfolios() -> None:
    u = universe(15)
    found = optimize("utility", expected_returns=u.mu, covariance=u.covariance, risk_aversion=2.0, long_only=False,
                     limits=["short <= 30%", "gross <= 160%", "weight of each between -10% and 30%"])  # fmt: skip
    w = found.weights
    assert -w[w < 0].sum() <= 0.3 + 1e-7
    assert np.abs(w).sum() <= 1.6 + 1e-7
    x = cp.Variable(15)
    best = cp.Problem(
        cp.Maximize(u.mu @ x - cp.sum_squares(np.linalg.cholesky(u.covariance).T @ x)),
        [cp.sum(x) == 1, cp.sum(cp.neg(x)) <= 0.3, cp.norm1(x) <= 1.6, x >= -0.1, x <= 0.3],
    ).solve(solver=cp.CLARABEL)
    assert found.objective == pytest.approx(float(best), rel=1e-6)


def test_shortfall_as_a_limit_is_the_number_itself() -> None:
    u = universe(12)
    r = scenarios(u)
    free = optimize("maximum return", expected_returns=u.mu, covariance=u.covariance, returns=r)
    bound = 0.9 * shortfall(-r @ free.weights, 0.9)
    found = optimize("maximum return", expected_returns=u.mu, covariance=u.covariance, returns=r,
                     limits=[f"cvar of 90% <= {bound!r}"])  # fmt: skip
    assert shortfall(-r @ found.weights, 0.9) == pytest.approx(bound, rel=1e-7)
    assert found.binding[0].limit.measure == "shortfall"


def test_duplicate_assets_are_no_trouble() -> None:
    u = universe(8)
    twice = np.repeat(np.arange(8), 2)
    one = optimize("minimum variance", covariance=u.covariance)
    two = optimize("minimum variance", covariance=u.covariance[np.ix_(twice, twice)])
    assert two.volatility == pytest.approx(one.volatility, rel=1e-7)
    np.testing.assert_allclose(two.weights.reshape(8, 2).sum(axis=1), one.weights, atol=1e-3)


def test_a_clock_gives_the_time_and_tables_read() -> None:
    ticks = iter([1.0, 3.5])
    found = optimize("equal", names=["A", "B", "C"], clock=lambda: next(ticks))
    assert found.evidence.seconds == 2.5
    assert [row["asset"] for row in found.table().rows()] == ["A", "B", "C"]
    other = optimize("inverse volatility", covariance=np.diag([0.04, 0.01]))
    np.testing.assert_allclose(other.weights, [1 / 3, 2 / 3])


@pytest.mark.parametrize("price", [0.02, 0.2, 5.0])
def test_soft_limits_on_risk_buys_and_trades(price: float) -> None:
    u = universe(12)
    more = settings_of(u)
    found = optimize(
        "utility", expected_returns=3 * u.mu, covariance=u.covariance, risk_aversion=2.0,
        limits=[f"tracking error <= 2% soft {price}", f"volatility <= 12% soft {price}",
                f"buys <= 4% soft {price / 10}", f"trade of each <= 3% soft {price / 10}", "sells <= 50%"], **more,
    )  # fmt: skip
    root = np.linalg.cholesky(u.covariance)
    w = cp.Variable(12, nonneg=True)
    moved = w - u.holdings
    goal = 3 * u.mu @ w - cp.sum_squares(root.T @ w) - price * cp.pos(cp.norm(root.T @ (w - u.benchmark)) - 0.02)
    goal -= price * cp.pos(cp.norm(root.T @ w) - 0.12) + price / 10 * cp.pos(cp.sum(cp.pos(moved)) - 0.04)
    goal -= price / 10 * cp.sum(cp.pos(cp.abs(moved) - 0.03))
    best = cp.Problem(cp.Maximize(goal), [cp.sum(w) == 1, cp.sum(cp.neg(moved)) <= 0.5]).solve(solver=cp.CLARABEL)
    assert found.objective == pytest.approx(float(best), rel=1e-6, abs=1e-9)
    assert found.evidence.relative_gap <= 1e-6
