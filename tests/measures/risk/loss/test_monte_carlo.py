"""Monte Carlo against closed forms, its own intervals over 200 seeds, samplings, contributions, refusals."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.kernels.copula import BLOCK
from argosy.kernels.distributions import normal_quantile
from argosy.measures.risk.loss.contributions import normal_contributions
from argosy.measures.risk.loss.monte_carlo import monte_carlo, simulated_shortfall_contributions
from argosy.measures.risk.loss.parametric import normal_tail, student_t_tail
from argosy.models.moments.covariance import FactorCovariance
from argosy.models.scenarios.margins import EmpiricalMargin, NormalMargin, StudentMargin, table
from argosy.models.scenarios.models import CopulaScenarios, FactorScenarios
from argosy.models.scenarios.shards import SCENARIOS, Linear, LossShards, toward_losses

RNG = np.random.default_rng(5)
COVARIANCE = FactorCovariance(RNG.normal(0.0, 0.01, (6, 2)), RNG.uniform(1e-5, 1e-4, 6))
WEIGHTS = np.array([0.3, 0.2, 0.2, 0.2, 0.2, -0.1])
SIGMA = float(np.sqrt(WEIGHTS @ COVARIANCE.times(WEIGHTS)))
NORMAL, STUDENT = FactorScenarios(COVARIANCE), FactorScenarios(COVARIANCE, nu=5.0)
LOADINGS = RNG.uniform(-0.6, 0.6, (6, 2))
COPULA = CopulaScenarios(LOADINGS, tuple(NormalMargin(0.01 * (1 + i)) for i in range(6)))


def shards(model, sampling="plain", seed=1, **changed) -> LossShards:
    shift = toward_losses(model, WEIGHTS, deviations=2.3) if sampling == "importance" else None
    return LossShards(model, changed.get("profit", Linear(WEIGHTS)), seed, sampling, shift)


def truth(model):
    if isinstance(model, CopulaScenarios):
        root = np.column_stack([model.loadings, np.diag(model.own)]).T @ (WEIGHTS * 0.01 * np.arange(1, 7))
        return normal_tail(confidence=0.99, volatility=float(np.linalg.norm(root)))
    if model.nu is None:
        return normal_tail(confidence=0.99, volatility=SIGMA)
    return student_t_tail(confidence=0.99, volatility=SIGMA, nu=model.nu)


@pytest.mark.parametrize("model", [NORMAL, STUDENT, COPULA], ids=["normal", "t", "copula"])
@pytest.mark.parametrize("sampling", ["plain", "antithetic", "sobol", "importance"])
def test_closed_forms_within_four_errors(model, sampling: str) -> None:
    found = monte_carlo(shards(model, sampling), confidence=0.99, scenarios=3 * SCENARIOS).tail
    expected = truth(model)
    assert abs(found.value_at_risk - expected.value_at_risk) <= 4.0 * found.value_at_risk_error
    assert abs(found.expected_shortfall - expected.expected_shortfall) <= 4.0 * found.expected_shortfall_error
    assert found.value_at_risk_error < 0.02 * found.value_at_risk
    assert found.seed == 1


SLOWER = [pytest.param(name, marks=pytest.mark.slow) for name in ("antithetic", "importance")]


@pytest.mark.parametrize("sampling", ["plain", *SLOWER])
def test_intervals_hold_the_truth_in_92_to_98_percent(sampling: str) -> None:
    one = FactorScenarios(FactorCovariance(np.array([[0.01]]), np.zeros(1)), nu=None if sampling != "plain" else 6.0)
    expected = (
        normal_tail(confidence=0.99, volatility=0.01) if one.nu is None
        else student_t_tail(confidence=0.99, volatility=0.01, nu=6.0)
    )  # fmt: skip
    shift = toward_losses(one, [1.0], deviations=2.3) if sampling == "importance" else None
    held = np.zeros(2)
    for seed in range(200):
        made = LossShards(one, Linear(np.ones(1)), seed, sampling, shift)
        found = monte_carlo(made, confidence=0.99, scenarios=SCENARIOS).tail
        held += [
            abs(found.value_at_risk - expected.value_at_risk) <= 1.96 * found.value_at_risk_error,
            abs(found.expected_shortfall - expected.expected_shortfall) <= 1.96 * found.expected_shortfall_error,
        ]
    assert (held >= 0.92 * 200).all(), held
    assert (held <= 0.98 * 200).all(), held


def test_variance_is_reduced() -> None:
    plain, importance, sobol = (
        monte_carlo(shards(NORMAL, sampling), confidence=0.99, scenarios=4 * SCENARIOS).tail
        for sampling in ("plain", "importance", "sobol")
    )
    assert importance.value_at_risk_error < 0.5 * plain.value_at_risk_error
    assert sobol.value_at_risk_error < plain.value_at_risk_error


def test_stops_at_the_error_target() -> None:
    found = monte_carlo(shards(NORMAL, "importance"), confidence=0.99, error_target=0.004)
    assert found.target_met
    assert found.relative_error <= 0.004
    assert found.scenarios == 4 * SCENARIOS
    more = monte_carlo(shards(NORMAL), confidence=0.99, error_target=0.003)
    assert more.target_met
    assert more.shards in (8, 16)
    stopped = monte_carlo(shards(NORMAL), confidence=0.99, error_target=1e-5, most_scenarios=5 * SCENARIOS)
    assert stopped.target_met is False
    assert any("was not met" in line for line in stopped.tail.warnings)
    assert stopped.scenarios == 5 * SCENARIOS


@pytest.mark.parametrize("model", [NORMAL, COPULA], ids=["normal", "copula"])
def test_contributions_sum_and_agree(model) -> None:
    made = shards(model)
    found = monte_carlo(made, confidence=0.95, scenarios=4 * SCENARIOS)
    parts = simulated_shortfall_contributions(made, found)
    assert parts.sum() == pytest.approx(found.tail.expected_shortfall)
    if model is NORMAL:
        _, exact = normal_contributions(WEIGHTS, COVARIANCE, confidence=0.95)
        np.testing.assert_allclose(parts, exact.component, atol=0.02 * exact.total)


def test_the_copula_kernel_agrees_with_its_double_precision_form() -> None:
    loadings = RNG.uniform(-0.6, 0.6, (6, 2))
    model = CopulaScenarios(loadings, tuple(StudentMargin(4.0, 0.01) for _ in range(6)), nu=5.0)
    fast = monte_carlo(shards(model), confidence=0.99, scenarios=6 * SCENARIOS).tail
    slow = monte_carlo(shards(model, "antithetic"), confidence=0.99, scenarios=6 * SCENARIOS).tail
    for kind in ("value_at_risk", "expected_shortfall"):
        apart = getattr(fast, kind) - getattr(slow, kind)
        spread = np.hypot(getattr(fast, kind + "_error"), getattr(slow, kind + "_error"))
        assert abs(apart) < 4.0 * spread


def test_the_same_bits_in_any_order_and_after_a_journey() -> None:
    made = shards(STUDENT, "sobol")
    copied = pickle.loads(pickle.dumps(made))
    for number in (2, 0):
        np.testing.assert_array_equal(made(number)[0], copied(number)[0])

    def backwards(task, numbers):
        found = {number: task(number) for number in reversed(list(numbers))}
        return [found[number] for number in sorted(found)]

    one = monte_carlo(made, confidence=0.99, scenarios=2 * SCENARIOS)
    other = monte_carlo(made, confidence=0.99, scenarios=2 * SCENARIOS, run=backwards)
    assert one == other


def curved(returns: np.ndarray) -> np.ndarray:
    linear = returns @ WEIGHTS
    return linear - 4.0 * linear**2


def test_a_position_that_is_not_linear() -> None:
    found = monte_carlo(shards(NORMAL, profit=curved), confidence=0.99, scenarios=2 * SCENARIOS).tail
    # The loss -x + 4 x^2 rises with -x there, so its quantile is that of x put through it.
    x = SIGMA * float(normal_quantile(0.99))
    assert abs(found.value_at_risk - (x + 4.0 * x * x)) < 4.0 * found.value_at_risk_error
    with pytest.raises(InvalidInput, match="linear"):
        simulated_shortfall_contributions(
            shards(NORMAL, profit=curved), monte_carlo(shards(NORMAL, profit=curved), confidence=0.9, scenarios=1)
        )


def test_empirical_margins_and_means() -> None:
    seen = tuple(np.linspace(-0.05, 0.05, 101))
    model = CopulaScenarios(np.zeros((1, 1)), (EmpiricalMargin(seen),))
    normals = np.random.default_rng(1).standard_normal((50_000, 2))
    returns = model.returns(normals, None)[:, 0]
    assert returns.min() >= -0.05
    assert np.quantile(returns, 0.1) == pytest.approx(-0.04, abs=1e-3)
    assert table(EmpiricalMargin(seen), None)[0] == pytest.approx(-0.05, abs=1e-6)
    moved = FactorScenarios(COVARIANCE, mean=np.full(6, 0.01))
    np.testing.assert_allclose(moved.returns(np.zeros((1, 8)), None), 0.01)


def test_warnings_and_refusals() -> None:
    few = monte_carlo(shards(NORMAL), confidence=0.9999, scenarios=SCENARIOS).tail
    assert any("fewer than 30" in line for line in few.warnings)
    assert any(
        "rough" in line for line in monte_carlo(shards(NORMAL, "sobol"), confidence=0.9, scenarios=1).tail.warnings
    )
    go = partial(monte_carlo, shards(NORMAL), confidence=0.99)
    for wrong in ({}, {"scenarios": 0}, {"error_target": 2.0}, {"scenarios": 1, "error_target": 0.1}):
        with pytest.raises(InvalidInput):
            go(**wrong)
    with pytest.raises(InvalidInput, match=r"0\.99 "):
        monte_carlo(shards(NORMAL), confidence=99, scenarios=1)
    with pytest.raises(InvalidInput, match="degrees of freedom"):
        FactorScenarios(COVARIANCE, nu=2.0)
    with pytest.raises(InvalidInput, match="mean"):
        FactorScenarios(COVARIANCE, mean=np.zeros(2))
    with pytest.raises(InvalidInput, match="sampling"):
        LossShards(NORMAL, Linear(WEIGHTS), 1, "other")
    with pytest.raises(InvalidInput, match="seed"):
        LossShards(NORMAL, Linear(WEIGHTS), -1)
    with pytest.raises(InvalidInput, match="shift"):
        LossShards(NORMAL, Linear(WEIGHTS), 1, "importance")
    with pytest.raises(InvalidInput, match="no risk"):
        toward_losses(NORMAL, np.zeros(6), deviations=1.0)
    with pytest.raises(InvalidInput, match="no risk"):
        toward_losses(COPULA, np.zeros(6), deviations=1.0)
    for wrong in ({"weights": np.zeros(2), "deviations": 1.0}, {"weights": WEIGHTS, "deviations": -1.0}):
        with pytest.raises(InvalidInput):
            toward_losses(NORMAL, **wrong)
    margins = COPULA.margins
    for loadings, given, nu in (
        (np.zeros((5, 1)), margins, None), (np.full((6, 1), 1.1), margins, None),
        (np.full((6, 1), np.nan), margins, None),
        (LOADINGS, margins, -1.0),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            CopulaScenarios(loadings, given, nu)
    for margin in (StudentMargin(2.0, 0.01), NormalMargin(-1.0), NormalMargin(0.01, float("inf"))):
        with pytest.raises(InvalidInput):
            table(margin, 5.0)

    def broken(returns: np.ndarray) -> np.ndarray:
        return np.full(len(returns), np.nan)

    with pytest.raises(UndefinedMeasure, match="not a finite number"):
        monte_carlo(shards(NORMAL, profit=broken), confidence=0.9, scenarios=1)
    still = LossShards(NORMAL, Linear(np.zeros(6)), 1)
    with pytest.raises(UndefinedMeasure, match="nothing can be shared"):
        simulated_shortfall_contributions(still, monte_carlo(still, confidence=0.9, scenarios=1))
    assert SCENARIOS % BLOCK == 0
