"""Models of convex risks against their textbook statement in a modeling language; budgets, degenerate input."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.base.limits import Limit
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.outcomes import Infeasible, NoExcessReturn
from argosy.construction.optimize.scenario_risk import RISKED, asked_risk, named_least
from argosy.measures.limits.compiling import measured
from argosy.measures.limits.universe import Universe
from argosy.measures.risk.convex.catalogue import CONVEX

N, T, LEVEL = 6, 48, 0.85
SCOPED = {"level": " of 85%", "return": " of 0.1%", "": ""}


def returns(t: int = T, n: int = N, seed: int = 11) -> np.ndarray:
    rng = np.random.default_rng(seed)
    r = rng.standard_t(5, (t, n)) * rng.uniform(0.006, 0.02, n) + rng.normal(0.0, 0.005, (t, 1))
    return r - r.mean(axis=0) + rng.uniform(0.0002, 0.0016, n)


R = returns()
MU = R.mean(axis=0)
HELD = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])


def named(measure: str) -> str:
    return measure + SCOPED[CONVEX[measure].scope]


def stated(measure: str, w: cp.Variable, r: np.ndarray = R) -> Any:
    """The risk as the textbook states it."""
    t = r.shape[0]
    y = r @ w
    worth = cp.cumsum(y)
    # The highest point so far, as a path that never falls (Chekhlov, Uryasev and Zabarankin 2005).
    top = cp.Variable(t, nonneg=True)
    path = [top >= worth, top[1:] >= top[:-1]]
    deep = top - worth
    share = 1.0 - LEVEL
    match measure:
        case "shortfall":
            return cp.cvar(-y, LEVEL)
        case "evar":
            z, a = cp.Variable(nonneg=True), cp.Variable()
            u = cp.Variable(t)
            return a + z * np.log(1.0 / (share * t)), [cp.sum(u) <= z, cp.ExpCone(-y - a, z * np.ones(t), u)]
        case "worst realization":
            return cp.max(-y)
        case "mean absolute deviation":
            return cp.sum(cp.abs(y - cp.sum(y) / t)) / t
        case "semi-deviation" | "semi-variance":
            return cp.norm(cp.pos(cp.sum(y) / t - y)) / np.sqrt(t - 1)
        case "first lower partial moment":
            return cp.sum(cp.pos(0.001 - y)) / t
        case "cdar":
            return cp.cvar(deep, LEVEL), path
        case "average drawdown":
            return cp.sum(deep) / t, path
        case "maximum drawdown":
            return cp.max(deep), path
        case "ulcer index":
            # Falls are never negative; the language has to be told.
            return cp.norm(cp.pos(deep)) / np.sqrt(t), path
        case "gini mean difference":
            return cp.dotsort(y, (2.0 * np.arange(1, t + 1) - t - 1) * 2.0 / (t * (t - 1)))
        case _:
            return cp.max(y) - cp.min(y)


def oracle(measure: str, *, reward: float = 0.0, target: float | None = None, most: float | None = None) -> float:
    """Least risk less ``reward`` times return (or most return under ``most`` risk), long only, fully invested."""
    w = cp.Variable(N, nonneg=True)
    said = stated(measure, w)
    risk, rules = said if isinstance(said, tuple) else (said, [])
    rules = [*rules, cp.sum(w) == 1]
    if target is not None:
        rules.append(w @ MU >= target)
    if most is not None:
        return float(cp.Problem(cp.Maximize(MU @ w), [*rules, risk <= most]).solve(solver=cp.CLARABEL))
    return float(cp.Problem(cp.Minimize(risk - reward * (MU @ w)), rules).solve(solver=cp.CLARABEL))


@pytest.mark.parametrize("measure", CONVEX)
def test_least_risk_targets_and_utility_agree_with_the_textbook(measure: str) -> None:
    power = CONVEX[measure].power
    least = optimize("minimum " + named(measure), returns=R, expected_returns=MU)
    assert least.objective == pytest.approx(oracle(measure) ** power, rel=1e-5, abs=1e-10)
    assert least.risk is not None
    # Seam: the number of the answer is what the cones minimized.
    assert least.risk.value == pytest.approx(least.objective, rel=1e-12)
    assert least.evidence.relative_gap <= 1e-6
    assert least.status == "optimal"
    assert least.model == "minimum " + named(measure)
    target = float(np.quantile(MU, 0.7))
    aimed = optimize("target return", risk=named(measure), returns=R, expected_returns=MU, target=target)
    assert aimed.objective == pytest.approx(oracle(measure, target=target) ** power, rel=1e-5, abs=1e-10)
    most = 1.15 * least.risk.value ** (1 / power)
    bold = optimize("target risk", risk=named(measure), returns=R, expected_returns=MU, target=most**power)
    assert bold.expected_return == pytest.approx(oracle(measure, most=most), rel=1e-5)
    assert bold.risk is not None
    assert bold.risk.value <= most**power * (1 + 1e-6)
    keen = optimize("utility", risk=named(measure), returns=R, expected_returns=MU, risk_aversion=0.5)
    assert -keen.objective == pytest.approx(0.5 * oracle(measure, reward=2.0), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("measure", CONVEX)
def test_the_best_ratio_leaves_nothing_to_gain(measure: str) -> None:
    best = optimize("maximum ratio", risk=named(measure), returns=R, expected_returns=MU, risk_free=1e-4)
    assert best.risk is not None
    plain = best.risk.value ** (1 / CONVEX[measure].power)
    assert best.objective == pytest.approx((best.expected_return - 1e-4) / plain, rel=1e-9)
    # Dinkelbach: at the best ratio, risk less return over the ratio has no better than its own value, zero.
    left = oracle(measure, reward=1.0 / best.objective) + 1e-4 / best.objective
    assert left == pytest.approx(0.0, abs=2e-6 * plain)


@pytest.mark.parametrize("measure", CONVEX)
def test_as_a_limit_among_all_others(measure: str) -> None:
    s = np.cov(R, rowvar=False)
    more: dict[str, Any] = {
        "returns": R, "expected_returns": MU, "covariance": s, "holdings": HELD, "benchmark": np.full(N, 1 / N),
        "attributes": {"sector": list("AABBCC")},
    }  # fmt: skip
    rest = ["weight of each <= 45%", "turnover <= 60%", "weight of sector=A <= 50%", "tracking error <= 2%"]
    free = optimize("maximum return", limits=rest, **more)
    least = optimize("minimum " + named(measure), limits=rest, **more)
    universe = Universe(tuple(free.names))
    assert least.risk is not None
    there = float(free.weights @ MU)
    w = cp.Variable(N, nonneg=True)
    said = stated(measure, w)
    risk, rules = said if isinstance(said, tuple) else (said, [])
    power = CONVEX[measure].power
    number = measured(free_limit(measure, 1.0), free.weights, universe, None, R)[0][1]
    bound = 0.5 * (least.risk.value + number)
    bounded = optimize("maximum return", limits=[*rest, free_limit(measure, bound)], **more)
    rules = [
        *rules, cp.sum(w) == 1, w <= 0.45, cp.norm1(w - HELD) <= 0.6, w[0] + w[1] <= 0.5,
        cp.norm(np.linalg.cholesky(s).T @ (w - 1 / N)) <= 0.02, risk <= bound ** (1 / power),
    ]  # fmt: skip
    best = float(cp.Problem(cp.Maximize(MU @ w), rules).solve(solver=cp.CLARABEL))
    assert bounded.expected_return == pytest.approx(best, rel=1e-5)
    assert bounded.expected_return < there
    assert measured(free_limit(measure, bound), bounded.weights, universe, None, R)[0][1] <= bound * (1 + 1e-6)
    price = next(item for item in bounded.binding if item.limit.measure == measure)
    step = 1e-3 * bound
    wider = optimize("maximum return", limits=[*rest, free_limit(measure, bound + step)], **more)
    tighter = optimize("maximum return", limits=[*rest, free_limit(measure, bound - step)], **more)
    slopes = [(wider.objective - bounded.objective) / step, (bounded.objective - tighter.objective) / step]
    assert slopes[0] * (1 - 1e-3) - 1e-9 <= price.price <= slopes[1] * (1 + 1e-3) + 1e-9


def free_limit(measure: str, bound: float) -> Limit:
    return Limit(measure, SCOPED[CONVEX[measure].scope].removeprefix(" of "), high=bound)


def test_a_soft_limit_on_a_tail_gives_way_at_its_price() -> None:
    def held(price: str) -> float:
        found = optimize("maximum return", returns=R, expected_returns=MU, limits=[f"cvar of 85% <= 0.7% soft {price}"])
        return measured(free_limit("shortfall", 1.0), found.weights, Universe(found.names), None, R)[0][1]

    assert held("0.1%") > held("5%") > held("2000%")
    hard = optimize("maximum return", returns=R, expected_returns=MU, limits=["cvar of 85% <= 1.2%"])
    soft = optimize("maximum return", returns=R, expected_returns=MU, limits=["cvar of 85% <= 1.2% soft 2000%"])
    assert soft.objective == pytest.approx(hard.objective, rel=1e-6)


BUDGETED = [name for name, kind in CONVEX.items() if kind.homogeneous and kind.power == 1]


@pytest.mark.parametrize("measure", BUDGETED)
@pytest.mark.parametrize("shares", [None, [0.3, 0.25, 0.2, 0.15, 0.06, 0.04]], ids=["equal", "given"])
def test_budgets_reproduce_and_contributions_sum(measure: str, shares: list[float] | None) -> None:
    found = optimize("risk parity", risk=named(measure), returns=R, budgets=shares)
    assert found.risk is not None
    np.testing.assert_allclose(found.risk.shares, shares or np.full(N, 1 / N), rtol=1e-5)
    assert found.risk.contributions.sum() == pytest.approx(found.risk.value, rel=1e-12)
    assert found.weights.sum() == pytest.approx(1.0, rel=1e-12)
    # The same weights from the general statement, log of the risk less weighted logs of the weights.
    w = cp.Variable(N)
    said = stated(measure, w)
    risk, rules = said if isinstance(said, tuple) else (said, [])
    b = np.array(shares or np.full(N, 1 / N))
    cp.Problem(cp.Minimize(risk / 0.01 - b @ cp.log(w)), rules).solve(solver=cp.CLARABEL)
    theirs = w.value / w.value.sum()
    kind = CONVEX[measure].make(R, LEVEL)
    ours, other = (float(np.log(kind.number(x)) - b @ np.log(x)) for x in (found.weights, theirs))
    assert ours <= other + 1e-10
    assert ours == pytest.approx(other, abs=1e-5)
    np.testing.assert_allclose(found.weights, theirs, rtol=1e-2)


def test_budgets_of_a_smooth_risk_are_its_slopes() -> None:
    found = optimize("risk parity", risk="semi-deviation", returns=R)
    assert found.risk is not None
    kind = CONVEX["semi-deviation"].make(R, 0.0)
    for i in range(N):
        step = np.zeros(N)
        step[i] = 1e-6
        slope = (kind.number(found.weights + step) - kind.number(found.weights - step)) / 2e-6
        assert found.risk.contributions[i] == pytest.approx(found.weights[i] * slope, rel=1e-4)


@pytest.mark.parametrize("measure", ["shortfall", "ulcer index", "mean absolute deviation"])
def test_budgets_under_limits_are_the_best_of_their_merit(measure: str) -> None:
    limits = ["weight of A1 <= 8%", "weight of sector=B >= 50%"]
    sectors = {"sector": list("AABBCC")}
    found = optimize("risk parity", risk=named(measure), returns=R, limits=limits, attributes=sectors)
    assert found.weights[0] == pytest.approx(0.08, abs=1e-7) or found.weights[2:4].sum() == pytest.approx(0.5, abs=1e-7)
    assert "limits push shares" in found.notes[0]
    assert found.risk is not None
    kind = CONVEX[measure].make(R, LEVEL)

    def merit(x: np.ndarray) -> float:
        return float(np.log(kind.number(x)) - np.log(x).mean())

    rng = np.random.default_rng(0)
    best = merit(found.weights)
    for _ in range(300):
        x = found.weights * np.exp(rng.normal(0.0, rng.choice([0.001, 0.05, 0.5]), N))
        x /= x.sum()
        if x[0] <= 0.08 and x[2] + x[3] >= 0.5:
            assert merit(x) >= best - 1e-9
    free = optimize("risk parity", risk=named(measure), returns=R)
    slack = optimize("risk parity", risk=named(measure), returns=R, limits=["weight of each <= 99%"])
    np.testing.assert_allclose(slack.weights, free.weights, atol=1e-5)
    assert slack.notes == ()


@pytest.mark.parametrize("measure", CONVEX)
def test_unit_and_order_do_not_matter(measure: str) -> None:
    r = returns(30, 5, 2)
    text = measure + ("" if CONVEX[measure].scope == "return" else SCOPED[CONVEX[measure].scope])
    base = optimize("minimum " + text, returns=r)
    assert base.risk is not None
    order = np.array([3, 1, 4, 0, 2])
    np.testing.assert_allclose(optimize("minimum " + text, returns=r[:, order]).weights, base.weights[order], atol=2e-5)
    for unit in (1e-8, 1e5):
        other = optimize("minimum " + text, returns=r * unit)
        assert other.risk is not None
        assert other.risk.value / unit ** CONVEX[measure].power == pytest.approx(base.risk.value, rel=1e-5)
    again = optimize("minimum " + text, returns=r)
    np.testing.assert_array_equal(again.weights, base.weights)


@pytest.mark.parametrize("measure", CONVEX)
def test_degenerate_scenarios_are_right_or_refused(measure: str) -> None:
    r = returns(20, 4, 5)
    text = measure + ("" if CONVEX[measure].scope == "return" else SCOPED[CONVEX[measure].scope])
    alone = optimize("minimum " + text, returns=r)
    twice = optimize("minimum " + text, returns=np.hstack([r, r]))
    assert twice.objective == pytest.approx(alone.objective, rel=1e-6, abs=1e-9)
    idle = optimize("minimum " + text, returns=np.hstack([r, np.zeros((20, 1))]))
    assert idle.objective <= min(alone.objective, 0.0) + 1e-8
    few = optimize("minimum " + text, returns=returns(4, 12, 6))
    assert few.evidence.relative_gap <= 1e-6
    with pytest.raises(InvalidInput, match=r"no return in any scenario|has no shares"):
        optimize("risk parity", risk=text, returns=np.hstack([r, np.zeros((20, 1))]))


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(MissingData, match="needs risk="):
        optimize("minimum risk", returns=R)
    with pytest.raises(MissingData, match="needs returns"):
        optimize("minimum cdar", names=["A", "B"])
    with pytest.raises(UnknownName, match="unknown risk 'luck'"):
        optimize("minimum risk", risk="luck", returns=R)
    with pytest.raises(InvalidInput, match="takes no risk="):
        optimize("minimum variance", risk="cvar", returns=R, covariance=np.eye(N))
    with pytest.raises(InvalidInput, match="takes no risk="):
        optimize("herc", risk="cvar", returns=R, covariance=np.eye(N))
    with pytest.raises(InvalidInput, match="must lie between 0 and 1"):
        optimize("minimum cvar", returns=R, level=95)
    with pytest.raises(InvalidInput, match="takes no 'of 5%'"):
        optimize("minimum risk", risk="ulcer of 5%", returns=R)
    with pytest.raises(InvalidInput, match="target risk"):
        optimize("target risk", risk="cvar", target=-1.0, returns=R, expected_returns=MU)
    with pytest.raises(InvalidInput, match="must be positive"):
        optimize("utility", risk="cvar", risk_aversion=0.0, returns=R, expected_returns=MU)
    with pytest.raises(NoExcessReturn):
        optimize("maximum ratio", risk="cvar", returns=R, expected_returns=MU, risk_free=0.1)
    with pytest.raises(InvalidInput, match="without any risk"):
        optimize("maximum ratio", risk="cvar", returns=np.abs(R), expected_returns=MU)
    with pytest.raises(InvalidInput, match="no risk, or less than none"):
        optimize("risk parity", risk="cvar", returns=np.abs(R))
    with pytest.raises(InvalidInput, match="sum to 0"):
        optimize("risk parity", risk="cvar", returns=R, budgets=[0.1] * N)
    with pytest.raises(InvalidInput, match="must be positive"):
        optimize("risk parity", risk="cvar", returns=R, budgets=[0.0, 0.2, 0.2, 0.2, 0.2, 0.2])
    with pytest.raises(InvalidInput, match="may hold nothing"):
        optimize("risk parity", risk="cvar", returns=R, limits=["weight of A1 <= 0%"])
    with pytest.raises(Infeasible, match=r"worst realization <= 0\.01%"):
        optimize("maximum return", returns=R, expected_returns=MU, limits=["worst realization <= 0.01%"])
    few = optimize("minimum cvar", returns=R[:5], level=0.95)
    assert "fewer than one scenario" in few.notes[0]


def test_names_of_risks() -> None:
    assert asked_risk("flpm", level=0.9) == ("first lower partial moment", "0%")
    assert named_least("minimum variance") is None
    assert named_least("cdar") is None
    assert set(RISKED) == {"minimum risk", "target return", "target risk", "utility", "maximum ratio", "risk parity"}
    found = optimize("min cdar", returns=R, level=0.85)
    assert found.risk is not None
    assert found.risk.measure == "cdar of 0.85"
    assert "cdar of 0.85" in str(found)
    assert found.table().rows()
