"""Stacks against skfolio, in and out of sample; blends; what a stack refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from skfolio.optimization import EqualWeighted, InverseVolatility, MeanRisk, RiskBudgeting, StackingOptimization
from sklearn.model_selection import KFold

from argosy.base.errors import ArgosyError, InvalidInput, MissingData
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.outcomes import Infeasible
from argosy.construction.optimize.stack import Blend, Stack, sample_moments
from argosy.models.moments.covariance import Covariance
from argosy.models.moments.shrinkage import ledoit_wolf

RNG = np.random.default_rng(9)
R = RNG.normal(0.03, 0.5, (240, 1)) * RNG.uniform(0.5, 1.5, 6) + RNG.normal(0.02, 0.6, (240, 6))
S = np.cov(R, rowvar=False)
INNER = ("minimum variance", "inverse volatility", "risk parity")
THEIRS = [("a", MeanRisk()), ("b", InverseVolatility()), ("c", RiskBudgeting())]


@pytest.mark.parametrize("folds", [3, 5])
def test_out_of_sample_as_skfolio(folds: int) -> None:
    other = StackingOptimization(estimators=THEIRS, final_estimator=MeanRisk(), cv=KFold(folds))
    other.fit(pd.DataFrame(R))
    found = optimize(Stack(INNER, folds=folds), returns=R)
    np.testing.assert_allclose(found.weights, other.weights_, atol=1e-5)
    shares = [float(row["share"]) for row in found.reports[0].rows()]  # type: ignore[arg-type]
    np.testing.assert_allclose(shares, other.final_estimator_.weights_, atol=1e-4)


def test_in_sample_as_skfolio() -> None:
    other = StackingOptimization(estimators=THEIRS, final_estimator=EqualWeighted(), cv="ignore")
    other.fit(pd.DataFrame(R))
    found = optimize(Stack(INNER, "equal"), covariance=S)
    np.testing.assert_allclose(found.weights, other.weights_, atol=1e-5)
    assert "in sample" in found.notes[0]


def test_only_the_past_written_out() -> None:
    found = optimize(Stack(("minimum variance", "inverse volatility"), folds=3, past_only=True), returns=R)
    earned = []
    for start in (80, 160):
        s = np.cov(R[:start], rowvar=False)
        pair = [optimize(model, covariance=s).weights for model in ("minimum variance", "inverse volatility")]
        earned.append(R[start : start + 80] @ np.column_stack(pair))
    outer = optimize("minimum variance", covariance=np.cov(np.vstack(earned), rowvar=False)).weights
    pair = [optimize(model, covariance=S).weights for model in ("minimum variance", "inverse volatility")]
    np.testing.assert_allclose(found.weights, np.column_stack(pair) @ outer, atol=1e-9)


def test_stacks_keep_limits_and_take_moments_as_asked() -> None:
    def shrunk(returns: np.ndarray) -> tuple[np.ndarray, Covariance]:
        return returns.mean(axis=0), ledoit_wolf(returns).covariance

    found = optimize(Stack(INNER, "risk parity", estimate=shrunk), returns=R, limits=["weight of each <= 22%"])
    assert found.weights.max() <= 0.22 + 1e-8
    assert found.status == "heuristic"
    plain = optimize(Stack(INNER, "risk parity"), returns=R, limits=["weight of each <= 22%"])
    assert (plain.weights != found.weights).any()
    mean, covariance = sample_moments(R)
    np.testing.assert_allclose(covariance.dense(), S)
    np.testing.assert_allclose(mean, R.mean(axis=0))


def test_stacks_of_stacks_and_by_name() -> None:
    found = optimize(Stack((Stack(INNER, "equal", folds=2), "equal"), "equal", folds=2), returns=R)
    part = optimize(Stack(INNER, "equal", folds=2), returns=R).weights
    np.testing.assert_allclose(found.weights, 0.5 * part + 0.5 / 6, atol=1e-9)
    assert optimize("stack", returns=R).weights.sum() == pytest.approx(1.0)
    assert [row["model"] for row in found.reports[0].rows()] == ["1. stack", "2. equal"]


def test_a_blend_is_the_mix_of_its_parts() -> None:
    found = optimize(Blend((("equal", 0.25), ("minimum variance", 0.75))), covariance=S)
    least = optimize("minimum variance", covariance=S).weights
    np.testing.assert_allclose(found.weights, 0.25 / 6 + 0.75 * least)
    assert [row["share"] for row in found.reports[0].rows()] == pytest.approx([0.25, 0.75])


BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: optimize("blend", covariance=S), MissingData, "a blend needs models and their shares"),
    (lambda: optimize(Blend((("equal", 0.5),)), covariance=S), InvalidInput, "sum to 0.5"),
    (lambda: optimize(Stack(()), covariance=S), InvalidInput, "needs models"),
    (lambda: optimize(Stack(INNER, folds=1), returns=R), InvalidInput, "1 folds"),
    (lambda: optimize(Stack(INNER), names=["A", "B"]), MissingData, "needs a covariance"),
]


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_cannot_be_stacked(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()


def test_a_fold_without_an_answer_is_named() -> None:
    falling = R - 9.0 * (np.arange(240) < 120)[:, None]
    falling[120:] += 9.0
    with pytest.raises(ArgosyError) as caught:
        optimize(Stack(("max sharpe", "equal"), folds=2), returns=falling, covariance=S, expected_returns=np.ones(6))
    assert "in the fold of periods" in caught.value.__notes__[0]
    with pytest.raises(Infeasible):
        optimize(Stack(INNER), returns=R, limits=["weight of each <= 10%"])
