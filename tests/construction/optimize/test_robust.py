"""Robust portfolios: the cones of a modeling language, worst cases drawn at random, radii by their formulas."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from scipy import stats

from argosy.base.errors import ArgosyError, InvalidInput, MissingData, UnknownName
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.robust import Robust
from argosy.construction.optimize.uncertainty import CovarianceBox, LoadingBalls, MeanBox, MeanEllipsoid
from argosy.measures.risk.convex.worst_mean import WorstMean
from argosy.measures.risk.convex.worst_variance import WorstVariance
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance
from tests.kernels.universes import universe

U = universe(12)
FACTORS = FactorCovariance(U.factors, U.specific)
S = U.covariance
ROOT = np.linalg.cholesky(S)
LIMITS = ["weight of each <= 25%", "tracking error <= 5%", "turnover <= 80%"]
MORE: dict[str, Any] = {"expected_returns": U.mu, "risk_aversion": 3.0, "benchmark": U.benchmark,
                        "holdings": U.holdings}  # fmt: skip


def rules(w: cp.Variable, limited: bool, short: bool) -> list[Any]:
    found = [cp.sum(w) == 1] + ([cp.norm1(w) <= 1.6] if short else [w >= 0])
    if limited:
        found += [w <= 0.25, cp.norm(ROOT.T @ (w - U.benchmark)) <= 0.05, cp.norm1(w - U.holdings) <= 0.8]
    return found


def best(goal: Any, w: cp.Variable, limited: bool, short: bool = False) -> float:
    return float(cp.Problem(cp.Maximize(goal), rules(w, limited, short)).solve(solver=cp.CLARABEL))


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("kind", ["ellipsoid", "box", "diagonal"])
def test_uncertain_means(kind: str, limited: bool, short: bool) -> None:
    w = cp.Variable(12)
    variance = cp.sum_squares(ROOT.T @ w)
    radius = np.sqrt(stats.chi2.ppf(0.95, 12))
    width = stats.norm.ppf(0.975) * np.sqrt(S.diagonal() / 60)
    diagonal = FactorCovariance(np.zeros((12, 0)), S.diagonal() / 60)
    lost, mean = {
        "ellipsoid": (radius * cp.norm(ROOT.T @ w) / np.sqrt(60), "ellipsoid"),
        "box": (width @ cp.abs(w), "box"),
        "diagonal": (2.0 * cp.norm(cp.multiply(np.sqrt(S.diagonal() / 60), w)), MeanEllipsoid(2.0, diagonal)),
    }[kind]
    found = optimize(
        Robust(mean, observations=60), covariance=FACTORS, long_only=not short,  # type: ignore[arg-type]
        limits=[*(["gross <= 160%"] if short else []), *(LIMITS if limited else [])], **MORE,
    )  # fmt: skip
    assert found.objective == pytest.approx(best(U.mu @ w - lost - 1.5 * variance, w, limited, short), abs=2e-8)
    np.testing.assert_allclose(found.weights, w.value, atol=2e-4)
    assert found.status == "optimal"


@pytest.mark.parametrize("limited", [False, True])
def test_uncertain_covariances(limited: bool) -> None:
    w = cp.Variable(12)
    limits = LIMITS if limited else []
    spread = stats.norm.ppf(0.975) * np.sqrt((S * S + np.outer(S.diagonal(), S.diagonal())) / 59)
    boxed = optimize(Robust(None, "box", observations=60), covariance=S, limits=limits, **MORE)
    upper = np.linalg.cholesky(S + spread)
    assert boxed.objective == pytest.approx(best(U.mu @ w - 1.5 * cp.sum_squares(upper.T @ w), w, limited), abs=2e-8)
    for short in (False, True):
        radius = np.sqrt(4 * stats.f.ppf(0.95, 4, 55) * U.specific / 59)
        found = optimize(
            Robust("box", "loadings", observations=60), covariance=FACTORS, long_only=not short,
            limits=[*(["gross <= 160%"] if short else []), *limits], **MORE,
        )  # fmt: skip
        common = cp.norm(U.factors.T @ w) + radius @ cp.abs(w)
        width = stats.norm.ppf(0.975) * np.sqrt(S.diagonal() / 60)
        goal = U.mu @ w - width @ cp.abs(w) - 1.5 * (
            cp.square(common) + cp.sum_squares(cp.multiply(np.sqrt(U.specific), w))
        )  # fmt: skip
        assert found.objective == pytest.approx(best(goal, w, limited, short), abs=2e-8)


def test_the_worst_case_is_the_worst_of_many_and_is_reached() -> None:
    found = optimize(Robust(observations=60), covariance=S, **MORE)
    rows = {row["measure"]: row for row in found.reports[1].rows()}
    ball = MeanEllipsoid.of(DenseCovariance(S), observations=60)
    rng = np.random.default_rng(1)
    z = rng.normal(size=(4000, 12))
    means = U.mu + ball.radius / np.sqrt(60) * (z / np.linalg.norm(z, axis=1)[:, None]) @ ROOT.T
    worst = float(rows["worst_return"]["robust_weights"])  # type: ignore[arg-type]
    assert worst <= float((means @ found.weights).min())
    pull = S @ found.weights
    edge = U.mu - ball.radius / np.sqrt(60) * pull / np.sqrt(found.weights @ pull)
    assert worst == pytest.approx(float(edge @ found.weights))
    values = {
        kind: float(rows["worst_return"][kind]) - 1.5 * float(rows["volatility"][kind]) ** 2  # type: ignore[arg-type]
        for kind in ("nominal_weights", "robust_weights")
    }
    assert values["robust_weights"] == pytest.approx(found.objective)
    assert values["robust_weights"] > values["nominal_weights"]
    nominal = optimize("utility", covariance=S, **MORE)
    for row in found.reports[0].rows():
        place = int(str(row["asset"])[1:]) - 1
        assert row["change"] == pytest.approx(found.weights[place] - nominal.weights[place], abs=1e-9)


def test_worst_loadings_are_the_worst_of_many() -> None:
    radius = np.full(12, 0.03)
    worst = WorstVariance(U.factors, radius, U.specific)
    rng = np.random.default_rng(4)
    x = rng.normal(size=12)
    for _ in range(500):
        z = rng.normal(size=U.factors.shape)
        moved = U.factors + radius[:, None] * z / np.linalg.norm(z, axis=1)[:, None]
        assert float(np.sum((moved.T @ x) ** 2) + U.specific @ x**2) <= worst.number(x) + 1e-12
    along = U.factors.T @ x / np.linalg.norm(U.factors.T @ x)
    edge = U.factors + (radius * np.sign(x))[:, None] * along
    assert worst.number(x) == pytest.approx(float(np.sum((edge.T @ x) ** 2) + U.specific @ x**2))


@pytest.mark.parametrize("risk", [
    WorstMean(U.factors, U.specific, 1.5), WorstVariance(U.factors, np.full(12, 0.05), U.specific),
])  # fmt: skip
def test_lines_never_lie_above(risk: WorstMean | WorstVariance) -> None:
    rng = np.random.default_rng(2)
    for _ in range(30):
        slope, constant = risk.line(rng.normal(size=risk.lifted().right.size))
        for x in rng.normal(size=(20, 12)):
            assert risk.number(x) >= slope @ x + constant - 1e-12
    assert risk.excess() is None
    assert risk.scenarios.size


def test_no_uncertainty_changes_nothing_and_more_moves_to_less_risk() -> None:
    plain = optimize("utility", covariance=FACTORS, **MORE)
    none = optimize(Robust(None), covariance=FACTORS, **MORE)
    np.testing.assert_allclose(none.weights, plain.weights, atol=1e-7)
    least = optimize(Robust(None, LoadingBalls(np.zeros(12))), covariance=FACTORS)
    np.testing.assert_allclose(least.weights, optimize("minimum variance", covariance=FACTORS).weights, atol=2e-6)
    bare = optimize(Robust(None), covariance=FACTORS)
    assert bare.objective == pytest.approx(least.objective, rel=1e-8)
    values, risks = [], []
    for confidence in (0.05, 0.5, 0.95, 0.999):
        found = optimize(Robust(confidence=confidence, observations=60), covariance=FACTORS, **MORE)
        values.append(found.objective)
        risks.append(found.volatility)
    assert values == sorted(values, reverse=True)
    assert risks == sorted(risks, reverse=True)


def test_by_name_from_the_sample() -> None:
    r = np.random.default_rng(1).multivariate_normal(U.mu / 12, S / 12, 120)
    found = optimize("robust", covariance=np.cov(r, rowvar=False), returns=r, expected_returns=r.mean(axis=0),
                     risk_aversion=3.0)  # fmt: skip
    again = optimize(Robust(observations=120), covariance=np.cov(r, rowvar=False), expected_returns=r.mean(axis=0),
                     risk_aversion=3.0)  # fmt: skip
    np.testing.assert_array_equal(found.weights, again.weights)


def ask(model: Robust, **more: Any) -> Any:
    return optimize(model, **{"covariance": S, **MORE, **more})


BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: ask(Robust()), MissingData, "number of observations"),
    (lambda: ask(Robust(None, "box")), MissingData, "number of observations"),
    (lambda: ask(Robust("ball", observations=60)), UnknownName, "unknown set of means"),
    (lambda: ask(Robust(None, "ball", observations=60)), UnknownName, "unknown set of covariances"),
    (lambda: ask(Robust(confidence=95, observations=60)), InvalidInput, "between 0 and 1"),
    (lambda: ask(Robust(observations=1)), InvalidInput, "say nothing"),
    (lambda: ask(Robust(observations=60), risk_aversion=None), MissingData, "needs risk_aversion"),
    (lambda: ask(Robust(observations=60), risk_aversion=0.0), InvalidInput, "must be positive"),
    (lambda: ask(Robust(None, "loadings", observations=60)), InvalidInput, "need a factor model"),
    (lambda: ask(Robust(None, "loadings", observations=5), covariance=FACTORS), InvalidInput, "5 observations of 4"),
    (lambda: ask(Robust(None, "box", observations=60), long_only=False), InvalidInput, "long-only weights only"),
    (lambda: ask(Robust(None, CovarianceBox(-S))), InvalidInput, "nowhere negative"),
    (lambda: ask(Robust(None, CovarianceBox(2.0 - 2.0 * np.eye(12)))), InvalidInput, "no covariance"),
    (lambda: ask(Robust(None, LoadingBalls(np.ones(3)))), InvalidInput, "12 radii"),
    (lambda: ask(Robust(MeanBox(np.ones(3)))), InvalidInput, "12 radii"),
    (lambda: ask(Robust(MeanEllipsoid(-1.0, FACTORS))), InvalidInput, "ellipsoid of means"),
]


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_cannot_be_made_robust(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()
