"""The far corners of the optimizer: what fails to be proven, boxes that cross, covariances without risk or rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, NotConverged
from argosy.base.limits import Limit
from argosy.construction.optimize import engine, mean_variance
from argosy.construction.optimize.clashes import explain
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.outcomes import Clash, Infeasible, NoExcessReturn, TimeLimitReached, unproven
from argosy.kernels import conic
from argosy.kernels.conic import ConicResult
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance, NotPSD
from tests.kernels.universes import universe

U = universe(10)
S = U.covariance
FACTORS = FactorCovariance(U.factors, U.specific)


def test_boxes_that_cross_are_named() -> None:
    with pytest.raises(Infeasible) as caught:
        optimize(covariance=S, limits=["weight of A1 >= 50%", "weight of A1 <= 20%"])
    gives = {item.limit.text(): item.give for item in caught.value.clash}
    assert gives == {
        "weight of A1 >= 50%": pytest.approx(0.3, abs=1e-6), "weight of A1 <= 20%": pytest.approx(0.3, abs=1e-6)
    }  # fmt: skip
    alone = Clash(Limit("weight", "A1", low=0.5), float("nan"))
    assert alone.text() == "weight of A1 >= 50% (giving way here alone does not help)"


def test_choices_give_until_nothing_is_left_of_them_or_not_at_all() -> None:
    def only_without(limits: tuple[Limit, ...]) -> bool:
        return not limits

    never = explain((Limit("names", "", high=3.0),), lambda _: pytest.fail("no form is needed"), meets=only_without)
    assert np.isnan(never.clash[0].give)
    gone = explain((Limit("names", "", low=2.0),), lambda _: pytest.fail("no form is needed"), meets=only_without)
    assert gone.clash[0].give == 2.0


def test_a_solver_that_fails_or_runs_out_of_time_hands_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.conic, "solve", lambda *_, **__: ConicResult(conic.FAILED, None, np.zeros(0)))
    monkeypatch.setattr(mean_variance, "explain", lambda *_, **__: Infeasible(()))
    with pytest.raises(NotConverged, match="after 0 steps"):
        optimize("maximum return", expected_returns=U.mu, limits=["weight of each <= 30%"])


@pytest.mark.parametrize(("status", "kind"), [(conic.TIMED_OUT, TimeLimitReached), (conic.SOLVED, NotConverged)])
def test_an_answer_far_from_the_best_is_not_handed_out(
    status: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    true = conic.solve

    def worse(form: Any, **more: Any) -> ConicResult:
        found = true(form, **more)
        if more.get("elastic") or found.answer is None:
            return found
        equal = np.full(form.size, 1.0 / form.size)
        return ConicResult(status, type(found.answer)(
            equal, 0.0 * found.answer.rows, found.answer.absolutes, found.answer.quadratics, (), "broken", 3
        ), found.slacks)  # fmt: skip

    monkeypatch.setattr(engine.conic, "solve", worse)
    with pytest.raises(kind):
        optimize("maximum return", expected_returns=U.mu, limits=["weight of each <= 30%"], time_limit=60.0)


def test_a_failed_search_under_limits_that_clash_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise unproven(gap=1.0, violation=1.0, steps=9)

    monkeypatch.setattr(mean_variance, "solve_form", lost)
    with pytest.raises(Infeasible, match="weight of each <= 5%"):
        optimize("utility", covariance=S, expected_returns=U.mu, risk_aversion=1.0, limits=["weight of each <= 5%"])
    with pytest.raises(NotConverged, match="after 9 steps"):
        optimize("utility", covariance=S, expected_returns=U.mu, risk_aversion=1.0, limits=["weight of each <= 50%"])


def test_covariances_without_risk_or_without_rest() -> None:
    with pytest.raises(InvalidInput, match="no asset varies"):
        optimize(covariance=np.zeros((3, 3)))
    bare = FactorCovariance(np.linalg.cholesky(S), np.zeros(10))
    found = optimize(covariance=bare)
    np.testing.assert_allclose(found.weights, optimize(covariance=S).weights, atol=1e-5)


def test_decorrelation_by_factors_and_dense_agree() -> None:
    one = optimize("maximum decorrelation", covariance=FACTORS)
    two = optimize("maximum decorrelation", covariance=S)
    np.testing.assert_allclose(one.weights, two.weights, atol=1e-8)
    sigma = np.sqrt(S.diagonal())
    third = optimize("minimum variance", covariance=S / np.outer(sigma, sigma))
    np.testing.assert_allclose(two.weights, third.weights, atol=1e-9)


@pytest.mark.parametrize("limits", [["weight of each <= 40%"], ["names <= 3"]])
def test_ratios_where_least_risk_earns_nothing(limits: list[str]) -> None:
    # The portfolio of least risk loses, and a riskier one earns: the search starts from the best return.
    s = np.diag([0.0001, 0.0001, 0.09, 0.09, 0.09])
    found = optimize("max sharpe", covariance=s, expected_returns=[-0.02, -0.02, 0.05, 0.04, 0.03], limits=limits)
    assert found.objective > 0.0
    assert found.weights[2] > 0.2
    with pytest.raises(NoExcessReturn):
        optimize("max sharpe", covariance=s, expected_returns=[-0.02, -0.02, -0.05, -0.04, -0.03], limits=limits)


def test_a_large_matrix_that_is_no_covariance() -> None:
    wrong = np.eye(160)
    wrong[0, 1] = wrong[1, 0] = 2.0
    with pytest.raises(NotPSD, match="smallest eigenvalue is -1"):
        DenseCovariance(wrong)
    # A singular one has no triangular root and is taken by its eigenvalues.
    flat = np.ones((160, 160))
    assert DenseCovariance(flat).root.shape == (160, 160)


def test_soft_risk_beside_an_aversion() -> None:
    found = optimize("utility", covariance=FACTORS, expected_returns=U.mu, risk_aversion=1.0, benchmark=U.benchmark,
                     limits=["tracking error <= 1% soft 10%"])  # fmt: skip
    hard = optimize("utility", covariance=FACTORS, expected_returns=U.mu, risk_aversion=1.0, benchmark=U.benchmark,
                    limits=["tracking error <= 1%"])  # fmt: skip
    assert found.objective >= hard.objective - 1e-9
