"""Every limit of the grammar: read in three ways, kept, priced, and all of them together in one model."""

from __future__ import annotations

import itertools
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from argosy.base.limits import MEASURES, parse_limits
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.result import Optimized
from argosy.construction.optimize.rounding import moved_limits
from argosy.measures.limits.compiling import measured
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import Universe, universe

U = universe(12, seed=3)
RNG = np.random.default_rng(2)
ATTRIBUTES: dict[str, Any] = {
    "sector": ["ABC"[i] for i in U.sectors], "country": ["US", "DE"] * 6, "restricted": ["no"] * 10 + ["yes"] * 2,
    "duration": RNG.uniform(1.0, 9.0, 12), "esg": RNG.uniform(20.0, 90.0, 12), "value": RNG.normal(size=12),
    "volume": RNG.uniform(0.01, 0.06, 12), "lot_weight": np.full(12, 0.001),
}  # fmt: skip
SCENARIOS = RNG.normal(size=(80, 4)) @ U.factors.T + RNG.normal(size=(80, 12)) * np.sqrt(U.specific)


def ask(limits: Any, u: Universe = U, **more: Any) -> Optimized:
    return optimize(
        "utility", expected_returns=3.0 * u.mu, covariance=FactorCovariance(u.factors, u.specific), limits=limits,
        risk_aversion=3.0, holdings=u.holdings, benchmark=u.benchmark,
        **{"attributes": ATTRIBUTES, "returns": SCENARIOS, **more},
    )  # fmt: skip


FREE = ask([])
# One line of each measure that holds the free portfolio back, and the same as an entry of a TOML file.
EACH: dict[str, dict[str, object]] = {
    "weight of each <= 20%": {"measure": "weight", "of": "each", "max": 0.2},
    "weight of sector=A & country=US <= 8%": {"measure": "weight", "of": "sector=A & country=US", "max": "8%"},
    "active weight of sector=each within 2%": {
        "measure": "active weight", "of": "sector=each", "min": -0.02, "max": 0.02,
    },
    "trade of each <= 4%": {"measure": "trade", "of": "each", "max": "400bp"},
    "trade of restricted=yes <= 0%": {"measure": "trade", "of": "restricted=yes", "max": 0},
    "cash between 5% and 8%": {"measure": "cash", "min": "5%", "max": "8%"},
    "net between 90% and 95%": {"measure": "net", "min": 0.9, "max": 0.95},
    "gross <= 90%": {"measure": "leverage", "max": 0.9},
    "long <= 90%": {"measure": "long", "max": 0.9},
    "short <= 10%": {"measure": "short", "max": 0.1},
    "turnover <= 30%": {"measure": "turnover", "max": "30%"},
    "buys <= 12%": {"measure": "buys", "max": "12%"},
    "sells <= 11%": {"measure": "sells", "max": "11%"},
    "volatility <= 17%": {"measure": "volatility", "max": 0.17},
    "tracking error <= 4%": {"measure": "te", "max": 0.04},
    "shortfall of 90% <= 25%": {"measure": "cvar", "of": "90%", "max": "25%"},
    "beta between 0.98 and 1.1": {"measure": "beta", "min": 0.98, "max": 1.1},
    "exposure of duration between 4.4 and 5": {"measure": "exposure", "of": "duration", "min": 4.4, "max": 5},
    "exposure of esg >= 68": {"measure": "exposure", "of": "esg", "min": 68},
    "active exposure of value within 0.05": {"measure": "active exposure", "of": "value", "min": -0.05, "max": 0.05},
    "days to trade of each <= 1.5": {"measure": "days to trade", "of": "each", "max": 1.5},
    "days to liquidate of each <= 6": {"measure": "days to liquidate", "of": "each", "max": 6},
    "names <= 5": {"measure": "names", "max": 5},
    "names of sector=each <= 2": {"measure": "names", "of": "sector=each", "max": 2},
    "trades <= 4": {"measure": "trades", "max": 4},
    "position >= 9%": {"measure": "position", "min": "9%"},
    "trade of each >= 6%": {"measure": "trade", "of": "each", "min": "6%"},
    "lots of lot_weight >= 2": {"measure": "lots", "of": "lot_weight", "min": 2},
}  # fmt: skip
ALONE = {"gross": ["net between 0% and 100%"], "long": ["net between 0% and 100%"], "short": []}


@pytest.mark.parametrize("line", EACH)
def test_each_limit_is_read_kept_and_felt(line: str) -> None:
    (limit,) = parse_limits(line)
    (other,) = parse_limits([EACH[line]])
    assert (limit.measure, limit.scope) == (other.measure, other.scope)
    assert limit.low == pytest.approx(other.low)
    assert limit.high == pytest.approx(other.high)
    long_only = limit.measure != "short"
    box = [] if long_only else ["weight of each between -20% and 60%"]
    free = ask(ALONE.get(limit.measure, box), long_only=long_only)
    found = ask([line, *ALONE.get(limit.measure, []), *box], long_only=long_only)
    assert found.objective <= free.objective + 1e-9
    assert found.basis is not None
    assert not moved_limits(found.basis.problem, found.weights, found.weights)
    if limit.measure not in ("position", "names", "trades", "lots") and not limit.chooses:
        assert np.abs(found.weights - free.weights).max() > 1e-6
        assert any(item.limit.text() == limit.text() and item.price > 0.0 for item in found.binding), found.binding


def test_no_measure_is_left_out() -> None:
    from argosy.base.limits import CONVEX

    seen = {parse_limits(line)[0].measure for line in EACH}
    # The other risks of scenarios have tests of their own.
    assert set(MEASURES) - seen == CONVEX - {"shortfall"}


ALL = [
    "weight of each <= 40%", "weight of sector=A between 5% and 60%", "weight of sector=B & country=DE <= 40%",
    "active weight of sector=each within 25%", "trade of each <= 30%", "cash between 0% and 5%", "gross <= 100%",
    "long <= 100%", "short <= 0%", "turnover <= 90%", "buys <= 44%", "sells <= 60%", "volatility <= 22%",
    "tracking error <= 10%", "shortfall of 90% <= 40%", "beta between 0.7 and 1.2",
    "exposure of duration between 2 and 7", "exposure of esg >= 45", "active exposure of value within 0.6",
    "days to trade of each <= 12", "days to liquidate of each <= 15", "names <= 4", "names of sector=each <= 2",
    "trades <= 6", "position >= 10%", "weight of country=US <= 55% soft 2%", "turnover <= 40% soft 10bp",
]  # fmt: skip


def test_all_limits_in_one_model_against_every_choice() -> None:
    u = universe(6, seed=3)
    some = {key: np.asarray(values)[:6].tolist() for key, values in ATTRIBUTES.items()}
    some["sector"] = ["ABC"[i] for i in u.sectors]
    scenarios = SCENARIOS[:, :6]
    found = ask(ALL, u, attributes=some, returns=scenarios, costs=0.001)
    assert found.evidence.relative_gap <= 1e-6

    duration, esg, value = (np.array(some[key]) for key in ("duration", "esg", "value"))
    volume, us = np.array(some["volume"]), np.array(some["country"]) == "US"
    groups = [(u.sectors == i).astype(float) for i in range(3)]
    root = np.linalg.cholesky(u.covariance)
    w, level = cp.Variable(6), cp.Variable()
    low, high = cp.Parameter(6), cp.Parameter(6)
    moved, active = w - u.holdings, w - u.benchmark
    beta = u.covariance @ u.benchmark / (u.benchmark @ u.covariance @ u.benchmark)
    tail = level + cp.sum(cp.pos(-scenarios @ w - level)) / (0.1 * 80)
    german = groups[1] * ~us
    rules = [
        w >= low, w <= high, groups[0] @ w >= 0.05, groups[0] @ w <= 0.6, german @ w <= 0.4, cp.abs(moved) <= 0.3,
        cp.sum(w) <= 1.0, cp.sum(w) >= 0.95, cp.norm1(moved) <= 0.9, cp.sum(cp.pos(moved)) <= 0.44,
        cp.sum(cp.neg(moved)) <= 0.6, cp.norm(root.T @ w) <= 0.22, cp.norm(root.T @ active) <= 0.1, tail <= 0.4,
        beta @ w >= 0.7, beta @ w <= 1.2, duration @ w >= 2.0, duration @ w <= 7.0, esg @ w >= 45.0,
        cp.abs(value @ active) <= 0.6, cp.abs(moved) <= 12.0 * volume, w <= 15.0 * volume,
        *(cp.abs(mask @ active) <= 0.25 for mask in groups),
    ]  # fmt: skip
    goal = cp.Problem(
        cp.Maximize(3.0 * u.mu @ w - 1.5 * cp.sum_squares(root.T @ w) - 0.001 * cp.norm1(moved)
                    - 0.02 * cp.pos(us.astype(float) @ w - 0.55) - 0.001 * cp.pos(cp.norm1(moved) - 0.4)), rules
    )  # fmt: skip
    best = -np.inf
    for held in itertools.product((0.0, 1.0), repeat=6):
        mask = np.array(held)
        if mask.sum() > 4 or any(group @ mask > 2 for group in groups):
            continue
        low.value, high.value = 0.1 * mask, 0.4 * mask
        goal.solve(solver=cp.CLARABEL)
        if goal.status == "optimal":
            best = max(best, float(goal.value))
    assert np.isfinite(best)
    assert found.objective == pytest.approx(best, rel=1e-6)
    # Every number is measured again by the function that compliance would ask.
    for limit in parse_limits(ALL):
        if limit.soft is None:
            for _, number in measured(
                limit,
                found.weights,
                found.basis.problem.universe,
                found.basis.problem.belief,
                scenarios,  # type: ignore[union-attr]
            ):
                assert number <= (np.inf if limit.high is None else limit.high) + 1e-7
                assert number >= (-np.inf if limit.low is None else limit.low) - 1e-7
