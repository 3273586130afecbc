"""Capital for strategies: worked cases, a second optimizer, caps as a property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from argosy.base.errors import InvalidInput, UnknownName
from argosy.construction.strategies.allocation import METHODS, CapacityTooSmall, allocate, cap_weights
from argosy.models.moments.black_litterman import View
from argosy.models.moments.covariance import NotPSD

V = np.array([[0.0144, 0.0036, 0.0012], [0.0036, 0.0324, 0.009], [0.0012, 0.009, 0.0625]])
NAMES = ["trend", "carry", "value"]


def test_the_worked_cases() -> None:
    found = allocate("risk budget", NAMES, V, budgets=[1 / 3] * 3)
    np.testing.assert_allclose(found.weights, [0.4783975737, 0.2952354744, 0.226366952], atol=1e-8)
    np.testing.assert_allclose(found.risk_share, [1 / 3] * 3, atol=1e-8)
    assert found.volatility == pytest.approx(0.1086378509, abs=1e-9)
    np.testing.assert_allclose(cap_weights([0.5, 0.3, 0.2], [0.35, 0.5, 0.5]), [0.35, 0.39, 0.26], atol=1e-12)
    with pytest.raises(InvalidInput, match=r"risk budgets sum to 1\.4"):
        allocate("risk budget", ["A", "B"], [[0.04, 0.0], [0.0, 0.09]], budgets=[0.7, 0.7])
    with pytest.raises(NotPSD):
        allocate("risk budget", ["A", "B"], [[0.01, 0.03], [0.03, 0.01]])


def test_kelly_is_the_top_of_growth_and_leverage_is_told_apart() -> None:
    mu = np.array([0.03, 0.05, -0.01])
    found = allocate("kelly", NAMES, V, expected_returns=mu, fraction=0.5)
    best = minimize(lambda w: -(mu @ w - 0.5 * w @ V @ w), np.ones(3), bounds=[(0, None)] * 3, tol=1e-14).x
    np.testing.assert_allclose(found.weights * found.leverage, 0.5 * best, atol=1e-5)
    assert found.weights[2] == 0.0
    assert found.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("kelly", "views")])
def test_every_method_gives_weights_that_sum_to_one(method: str) -> None:
    found = allocate(method, NAMES, V)
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.risk_share.sum() == pytest.approx(1.0)
    # Risk is in the units of the covariance: scaling it changes no weight.
    np.testing.assert_allclose(allocate(method, NAMES, 9.0 * V).weights, found.weights, atol=1e-7)
    order = [2, 0, 1]
    moved = allocate(method, [NAMES[at] for at in order], V[np.ix_(order, order)])
    np.testing.assert_allclose(moved.weights, found.weights[order], atol=1e-7)


def test_views_move_capital_towards_what_is_expected_to_do_better() -> None:
    neutral = allocate("views", NAMES, V, views=[View({"trend": 1.0, "carry": -1.0}, -0.02, confidence=0.0001)])
    moved = allocate("views", NAMES, V, views=[View({"trend": 1.0, "carry": -1.0}, 0.03, confidence=0.8)])
    np.testing.assert_allclose(neutral.weights, [1 / 3] * 3, atol=1e-3)
    assert moved.weights[0] > neutral.weights[0]
    assert moved.weights[1] < neutral.weights[1]


def test_capacity_is_kept_and_named() -> None:
    found = allocate("equal", NAMES, V, capacity=[0.2, 1.0, 1.0])
    np.testing.assert_allclose(found.weights, [0.2, 0.4, 0.4])
    assert found.capped == ("trend",)
    with pytest.raises(CapacityTooSmall, match=r"the caps sum to 0\.9"):
        allocate("equal", NAMES, V, capacity=[0.3, 0.3, 0.3])
    np.testing.assert_allclose(cap_weights([1.0, 0.0, 0.0], [0.5, 0.2, 0.6]), [0.5, 0.125, 0.375])


@given(st.integers(0, 2**32), st.integers(1, 8))
def test_caps(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    target, cap = rng.dirichlet(np.ones(size)), rng.uniform(0.0, 1.0, size)
    if cap.sum() < 1.0:
        return
    found = cap_weights(target, cap)
    assert found.sum() == pytest.approx(1.0)
    assert (found <= cap + 1e-12).all()
    free = found < cap - 1e-9
    if free.sum() > 1:
        ratio = found[free] / target[free]  # what is not capped keeps its proportions
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: allocate("best", NAMES, V), UnknownName, "method"),
        (lambda: allocate("equal", NAMES[:2], V), InvalidInput, "covariance is of 3"),
        (lambda: allocate("kelly", NAMES, V), InvalidInput, "need expected returns"),
        (lambda: allocate("kelly", NAMES, V, expected_returns=[-0.1] * 3), InvalidInput, "expected to earn"),
        (lambda: allocate("kelly", NAMES, V, expected_returns=[0.1] * 3, fraction=2.0), InvalidInput, "fraction"),
        (lambda: allocate("views", NAMES, V), InvalidInput, "no view"),
        (lambda: allocate("risk budget", NAMES, V, budgets=[1.2, -0.1, -0.1]), InvalidInput, "risk budget is -0.1"),
    ],
)
def test_refusals(call, error: type[Exception], said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=said):
        call()
