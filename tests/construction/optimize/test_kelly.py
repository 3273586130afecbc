"""Growth of wealth: known bets, a modeling language, fractions, and what has no answer."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import ArgosyError, InvalidInput, MissingData, UnknownName
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.kelly import Kelly
from argosy.measures.risk.convex.growth import LostGrowth

RNG = np.random.default_rng(3)
R = RNG.normal(0.0008, 0.012, (200, 8)) + 0.006 * RNG.standard_t(4, (200, 1))
CASH = ["cash between 0% and 100%"]


@given(st.floats(0.5, 0.95))
@settings(max_examples=15)
def test_a_coin_is_played_with_its_edge(p: float) -> None:
    # Kelly (1956): on a fair payoff the share staked is p - q, and it grows by 1 - H(p) in bits.
    found = optimize(Kelly(probabilities=[p, 1 - p]), returns=[[1.0], [-1.0]], limits=CASH)
    # Growth is flat at its top: half of 1e-12 of growth is 1e-6 of weight.
    assert found.weights[0] == pytest.approx(2 * p - 1, abs=2e-6)
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    assert found.objective == pytest.approx(np.log(2) - entropy, abs=1e-10)


def stated(w: cp.Variable, kind: str) -> tuple[dict[str, Any], list[Any]]:
    held = np.full(8, 0.125)
    root = np.linalg.cholesky(np.cov(R, rowvar=False))
    match kind:
        case "long only":
            return {}, [w >= 0, cp.sum(w) == 1]
        case "limits":
            given = {"limits": ["weight of each <= 20%", "turnover <= 60%", "volatility <= 1%"], "holdings": held,
                     "covariance": np.cov(R, rowvar=False)}  # fmt: skip
            return given, [
                w >= 0, cp.sum(w) == 1, w <= 0.2, cp.norm1(w - held) <= 0.6, cp.norm(root.T @ w) <= 0.01,
            ]  # fmt: skip
        case _:
            return {"long_only": False, "limits": ["gross <= 200%"]}, [cp.sum(w) == 1, cp.norm1(w) <= 2]


@pytest.mark.parametrize("fraction", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("kind", ["long only", "limits", "long short"])
def test_as_a_modeling_language_finds_it(kind: str, fraction: float) -> None:
    w = cp.Variable(8)
    given, rules = stated(w, kind)
    found = optimize(Kelly(fraction), returns=R, **given)
    wealth = 1 + R @ w
    k = 1 / fraction - 1
    goal = cp.sum(cp.log(wealth)) if k == 0 else (-cp.sum(cp.power(wealth, -k)) / k)
    cp.Problem(cp.Maximize(goal), rules).solve(solver=cp.CLARABEL)
    # Theirs stops near the flat top of utility; ours may not be below it.
    lost = LostGrowth(R, np.full(200, 0.005), 1.0 / fraction)
    assert lost.number(found.weights) <= lost.number(w.value) + 1e-9
    np.testing.assert_allclose(found.weights, w.value, atol=2e-3)
    assert found.status == "optimal"
    assert found.evidence.relative_gap <= 1e-6


def test_a_fraction_in_cash_is_that_share_of_the_whole() -> None:
    whole = optimize("kelly", returns=20.0 * R, limits=CASH, risk_free=0.001)
    half = optimize(Kelly(0.5, "cash"), returns=20.0 * R, limits=CASH, risk_free=0.001)
    np.testing.assert_allclose(half.weights, 0.5 * whole.weights)
    assert half.status == "heuristic"
    assert "50% of the Kelly portfolio" in half.notes[0]
    assert half.objective < whole.objective
    same = optimize(Kelly(1.0, "cash"), returns=20.0 * R, limits=CASH, risk_free=0.001)
    np.testing.assert_allclose(same.weights, whole.weights)
    rows = {row["measure"]: row["value"] for row in whole.reports[0].rows()}
    assert rows["growth_rate_log"] == pytest.approx(whole.objective)
    with pytest.raises(InvalidInput, match="rest in cash breaks a limit"):
        optimize(Kelly(0.5, "cash"), returns=R)


@given(st.integers(0, 100))
@settings(max_examples=15)
def test_nothing_grows_faster(seed: int) -> None:
    found = optimize("log utility", returns=R, limits=["weight of each <= 40%"])
    other = np.random.default_rng(seed).dirichlet(np.ones(8))
    mix = found.weights + 0.5 * (np.minimum(other, 0.4) / np.minimum(other, 0.4).sum() - found.weights)
    if (mix <= 0.4).all():
        assert found.objective >= float(np.log1p(R @ mix).mean()) - 1e-12


def test_smaller_fractions_take_less_risk() -> None:
    risks = [optimize(Kelly(f), returns=R, covariance=np.cov(R, rowvar=False)).volatility for f in (1.0, 0.5, 0.1)]
    assert risks[0] >= risks[1] >= risks[2]


@pytest.mark.parametrize("aversion", [1.0, 2.0, 4.0])
def test_lines_never_lie_above(aversion: float) -> None:
    lost = LostGrowth(R, np.full(200, 0.005), aversion, 0.001)
    rng = np.random.default_rng(2)
    for _ in range(20):
        slope, constant = lost.line(rng.uniform(0.0, 0.01, lost.lifted().right.size))
        for x in rng.normal(size=(20, 8)):
            assert lost.number(x) >= slope @ x + constant - 1e-9
    assert lost.excess() is None
    assert lost.number(np.full(8, -1e4)) == np.inf


BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: optimize("kelly", names=["A"]), MissingData, "needs returns"),
    (lambda: optimize(Kelly(0.0), returns=R), InvalidInput, "a fraction of 0"),
    (lambda: optimize(Kelly(1.5), returns=R), InvalidInput, "a fraction of 1"),
    (lambda: optimize(Kelly(0.5, "half"), returns=R), UnknownName, "unknown kind of fraction"),
    (lambda: optimize(Kelly(probabilities=[1.0]), returns=R), InvalidInput, "probabilities of shape"),
]


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_has_no_growth(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()
