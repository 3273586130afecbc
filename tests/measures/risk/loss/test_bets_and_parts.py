"""Bets along the minimum torsion, simulated contributions to value at risk, intervals, Cornish-Fisher errors."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, NotConverged, UndefinedMeasure
from argosy.measures.risk.loss import bets
from argosy.measures.risk.loss.bets import minimum_torsion_bets
from argosy.measures.risk.loss.contributions import normal_contributions
from argosy.measures.risk.loss.monte_carlo import monte_carlo, simulated_value_at_risk_contributions
from argosy.measures.risk.loss.parametric import cornish_fisher
from argosy.models.moments.covariance import FactorCovariance
from argosy.models.scenarios.margins import NormalMargin
from argosy.models.scenarios.models import CopulaScenarios, FactorScenarios
from argosy.models.scenarios.shards import Linear, LossShards

RNG = np.random.default_rng(8)
COV = FactorCovariance(RNG.uniform(0.005, 0.02, (5, 2)), RNG.uniform(2e-5, 1e-4, 5))
W = np.array([0.4, 0.3, 0.2, 0.2, -0.1])


def test_the_torsion_is_uncorrelated_and_nearest() -> None:
    found = minimum_torsion_bets(W, COV)
    made = found.torsion @ COV.dense() @ found.torsion.T
    np.testing.assert_allclose(made - np.diag(np.diag(made)), 0.0, atol=1e-12 * np.diag(made).max())
    assert found.shares.sum() == pytest.approx(1.0)
    assert 1.0 <= found.effective_bets <= 5.0

    def away(torsion: np.ndarray) -> float:
        # Sum of squared tracking errors to the assets, each in units of its own variance.
        apart = (torsion - np.eye(5)) @ COV.dense() @ (torsion - np.eye(5)).T
        return float((np.diag(apart) / COV.diagonal()).sum())

    # Nothing uncorrelated that lies around it is nearer: rotations of its factors, each scaled as is best for it.
    least = away(found.torsion)
    sigma = np.sqrt(np.diag(made))
    for _ in range(200):
        turn = np.linalg.qr(np.eye(5) + 0.1 * RNG.standard_normal((5, 5)))[0]
        turn *= np.sign(np.diag(turn))[:, None]
        other = turn @ (found.torsion / sigma[:, None])
        scale = np.diag(other @ COV.dense())
        assert away(scale[:, None] * other) >= least * (1.0 - 1e-9)


def test_assets_alike_count_fully() -> None:
    alike = 0.04 * (0.5 * np.eye(4) + 0.5)
    assert minimum_torsion_bets(np.full(4, 0.25), alike).effective_bets == pytest.approx(4.0)
    assert minimum_torsion_bets([1.0, 0.0], np.diag([0.04, 0.01])).effective_bets == pytest.approx(1.0)


def test_refusals_of_bets(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UndefinedMeasure, match="repeat each other"):
        minimum_torsion_bets([0.5, 0.5], np.full((2, 2), 0.04))
    with pytest.raises(UndefinedMeasure, match="no risk"):
        minimum_torsion_bets([0.5], np.eye(2))
    monkeypatch.setattr(bets, "STEPS", 1)
    with pytest.raises(NotConverged, match="after 1 steps"):
        minimum_torsion_bets(W, COV)


@pytest.mark.parametrize("sampling", ["plain", "antithetic", "sobol"])
def test_simulated_contributions_to_value_at_risk(sampling) -> None:
    shards = LossShards(FactorScenarios(COV), Linear(W), 3, sampling)
    found = monte_carlo(shards, confidence=0.95, scenarios=130_000)
    parts = simulated_value_at_risk_contributions(shards, found)
    exact = normal_contributions(W, COV, confidence=0.95)[0]
    assert parts.sum() == pytest.approx(found.tail.value_at_risk)
    # 1,300 scenarios lie in the band: a fiftieth of each position's own deviation is about two standard errors.
    np.testing.assert_allclose(parts, exact.component, atol=0.06 * float((np.abs(W) * np.sqrt(COV.diagonal())).max()))


def test_simulated_contributions_of_a_copula() -> None:
    loadings = np.array([[0.6], [0.3], [0.0]])
    model = CopulaScenarios(loadings, tuple(NormalMargin(0.01) for _ in range(3)))
    weights = np.array([0.5, 0.3, 0.2])
    shards = LossShards(model, Linear(weights), 5)
    found = monte_carlo(shards, confidence=0.95, scenarios=130_000)
    parts = simulated_value_at_risk_contributions(shards, found)
    matrix = 1e-4 * (loadings @ loadings.T + np.diag(1.0 - (loadings**2)[:, 0]))
    np.testing.assert_allclose(parts, normal_contributions(weights, matrix, confidence=0.95)[0].component, atol=4e-4)
    with pytest.raises(InvalidInput, match="linear in returns"):
        simulated_value_at_risk_contributions(LossShards(model, lambda r: r[:, 0], 5), found)


def test_no_risk_has_no_parts() -> None:
    shards = LossShards(FactorScenarios(FactorCovariance(np.zeros((1, 1)), np.zeros(1))), Linear([1.0]), 1)
    with pytest.raises(UndefinedMeasure, match="no scenario lies around"):
        simulated_value_at_risk_contributions(shards, monte_carlo(shards, confidence=0.95, scenarios=10))


def test_intervals_of_few_blocks_are_wider() -> None:
    sobol = monte_carlo(LossShards(FactorScenarios(COV), Linear(W), 3, "sobol"), confidence=0.95, scenarios=10)
    plain = monte_carlo(LossShards(FactorScenarios(COV), Linear(W), 3), confidence=0.95, scenarios=10)
    assert (sobol.units, plain.units) == (8, plain.scenarios)
    error = sobol.tail.value_at_risk_error
    assert error is not None
    low, high = sobol.interval()
    # Student's quantile with seven degrees (table).
    assert 0.5 * (high - low) == pytest.approx(2.364624 * error, rel=1e-6)
    low, high = plain.interval(0.99)
    assert 0.5 * (high - low) == pytest.approx(2.575829 * (plain.tail.value_at_risk_error or 0.0), rel=1e-3)


@pytest.mark.slow
def test_intervals_of_scrambled_blocks_cover() -> None:
    weights = np.full(5, 0.2)
    model = FactorScenarios(FactorCovariance(np.full((5, 2), 0.006), np.full(5, 2e-5)))
    exact = normal_contributions(weights, model.covariance, confidence=0.99)[0].total
    hit = 0
    for seed in range(200):
        shards = LossShards(model, Linear(weights), seed, "sobol")
        low, high = monte_carlo(shards, confidence=0.99, scenarios=1).interval()
        hit += low <= exact <= high
    assert 184 <= hit <= 196


def test_points_that_fill_evenly_still_have_an_error() -> None:
    """One factor alone: every block has as many points in the tail, and yet none has its quantile exactly."""
    model = FactorScenarios(FactorCovariance(np.array([[0.01]]), np.zeros(1)))
    found = monte_carlo(LossShards(model, Linear([1.0]), 2, "sobol"), confidence=0.99, scenarios=1)
    low, high = found.interval()
    assert low < 0.0232634787 < high


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_cornish_fisher_errors_agree_with_the_bootstrap(confidence: float) -> None:
    r = 0.01 * np.random.default_rng(4).standard_t(9, 3_000)
    delta = cornish_fisher(r, confidence=confidence)
    drawn = cornish_fisher(r, confidence=confidence, seed=1, draws=1_000)
    assert (delta.value_at_risk, delta.seed, drawn.seed) == (drawn.value_at_risk, None, 1)
    # A thousand resamples know a deviation to about 2 percent; the delta method is of first order.
    assert delta.value_at_risk_error == pytest.approx(drawn.value_at_risk_error, rel=0.12)
    assert delta.expected_shortfall_error == pytest.approx(drawn.expected_shortfall_error, rel=0.12)
