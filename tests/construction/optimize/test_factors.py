"""Portfolios by factors: exposures pinned, factors kept out, budgets of factors against a modeling language."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import ArgosyError, InvalidInput, MissingData
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.factors import FactorBudget, FactorNeutral, FactorTarget, factor_shares
from argosy.construction.optimize.outcomes import Infeasible
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance
from tests.kernels.universes import universe

U = universe(20)
FACTORS = FactorCovariance(U.factors, U.specific)
S = U.covariance
A = np.column_stack([np.ones(20), U.factors[:, 1] / 0.06, U.factors[:, 2] / 0.06])
MORE: dict[str, Any] = {
    "covariance": FACTORS, "attributes": {"market": A[:, 0], "value": A[:, 1], "size": A[:, 2]},
}  # fmt: skip


def test_exposures_are_those_aimed_at() -> None:
    found = optimize(FactorTarget({"value": 0.3, "size": -0.1}), limits=["weight of each <= 20%"], **MORE)
    w = cp.Variable(20, nonneg=True)
    goal = cp.Minimize(cp.sum_squares(np.linalg.cholesky(S).T @ w))
    cp.Problem(goal, [cp.sum(w) == 1, w <= 0.2, A[:, 1] @ w == 0.3, A[:, 2] @ w == -0.1]).solve(solver=cp.CLARABEL)
    np.testing.assert_allclose(found.weights, w.value, atol=1e-6)
    rows = {row["factor"]: row for row in found.reports[0].rows()}
    assert rows["value"]["exposure"] == pytest.approx(0.3)
    assert sum(float(row["risk_share"]) for row in rows.values()) == pytest.approx(1.0)  # type: ignore[arg-type]
    assert found.status == "optimal"


def test_exposures_out_of_reach_are_named() -> None:
    with pytest.raises(Infeasible) as caught:
        optimize(FactorTarget({"value": 9.0}), **MORE)
    assert "exposure of value = 9" in {item.limit.text() for item in caught.value.clash}


def test_neutral_to_the_benchmark_or_to_none() -> None:
    active = optimize(FactorNeutral(["value", "size"], "utility"), expected_returns=U.mu, risk_aversion=2.0,
                      benchmark=U.benchmark, **MORE)  # fmt: skip
    np.testing.assert_allclose(A[:, 1:].T @ active.weights, A[:, 1:].T @ U.benchmark, atol=1e-8)
    bare = optimize(FactorNeutral(["value"]), long_only=False, **MORE)
    assert A[:, 1] @ bare.weights == pytest.approx(0.0, abs=1e-9)
    assert len(bare.reports) == 1


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("short", [(), ("size",)])
def test_factor_budgets_are_carried(dense: bool, short: tuple[str, ...]) -> None:
    budgets = {"market": 0.7, "value": 0.2, "size": 0.1}
    given = {**MORE, "covariance": S} if dense else MORE
    found = optimize(FactorBudget(budgets, short), long_only=False, **given)
    signs = np.array([1.0, 1.0, -1.0 if short else 1.0])
    x = cp.Variable(20)
    b = np.array(list(budgets.values()))
    goal = cp.sum_squares(np.linalg.cholesky(S).T @ x) / 2 - b @ cp.log(cp.multiply(signs, A.T @ x))
    cp.Problem(cp.Minimize(goal)).solve(solver=cp.CLARABEL)
    np.testing.assert_allclose(found.weights, x.value / x.value.sum(), atol=2e-5)
    y, shares = factor_shares(FACTORS, A, found.weights)
    np.testing.assert_allclose(shares, b, rtol=1e-9)
    np.testing.assert_array_equal(np.sign(y), signs)
    rows = {row["factor"]: float(row["risk_share"]) for row in found.reports[0].rows()}  # type: ignore[arg-type]
    assert rows["other"] == pytest.approx(0.0, abs=1e-9)


def test_factors_that_are_the_assets_are_risk_parity() -> None:
    eye = np.eye(6)
    s = S[:6, :6]
    attributes = {f"f{i}": eye[i] for i in range(6)}
    found = optimize(FactorBudget({f"f{i}": 1 / 6 for i in range(6)}), covariance=s, attributes=attributes)
    np.testing.assert_allclose(found.weights, optimize("risk parity", covariance=s).weights, atol=1e-9)


def test_limits_move_the_weights_and_the_report_says_what_is_left() -> None:
    found = optimize(FactorBudget({"market": 0.6, "value": 0.4}), **MORE)
    assert found.weights.min() >= 0.0
    assert "moved by" in found.notes[0]
    rows = {row["factor"]: float(row["risk_share"]) for row in found.reports[0].rows()}  # type: ignore[arg-type]
    _, shares = factor_shares(FACTORS, A[:, :2], found.weights)
    assert rows["market"] == pytest.approx(shares[0])
    assert rows["market"] != pytest.approx(0.6, abs=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_shares_sum_to_one_when_factors_span_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, loadings = rng.normal(size=5), rng.normal(size=(5, 5))
    root = rng.normal(size=(5, 5))
    _, shares = factor_shares(DenseCovariance(root @ root.T + np.eye(5)), loadings, x)
    assert shares.sum() == pytest.approx(1.0, abs=1e-6)
    assert not factor_shares(DenseCovariance(np.eye(5)), loadings, np.zeros(5))[1].any()


def budget(budgets: dict[str, float], **more: Any) -> Any:
    return optimize(FactorBudget(budgets, more.pop("short", ())), **{**MORE, "long_only": False, **more})


BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: optimize("factor neutral", **MORE), MissingData, "which factors"),
    (lambda: optimize("factor target", **MORE), MissingData, "which factors"),
    (lambda: optimize("factor budget", **MORE), MissingData, "which factors"),
    (lambda: budget({"market": 0.5, "value": 0.6}), InvalidInput, "sum to 1"),
    (lambda: budget({"market": 1.2, "value": -0.2}), InvalidInput, "must be positive"),
    (lambda: budget({"market": 1.0}, short=("value",)), InvalidInput, "has no budget"),
    (lambda: budget({"market": 1.0}, short=("market",)), InvalidInput, "not net long"),
    (lambda: budget({"market": 1.0}, covariance=np.ones((20, 20))), InvalidInput, "singular"),
    (
        lambda: budget({"a": 0.5, "b": 0.5}, attributes={"a": np.ones(20), "b": np.ones(20)}),
        InvalidInput,
        "repeat each other",
    ),
]


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_is_no_factor_portfolio(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()
