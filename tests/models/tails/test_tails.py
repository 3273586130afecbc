"""Tails beyond the history: worked cases, scipy as oracle, bands that hold the truth, refusals."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.kernels import pareto
from argosy.models.moments.observations import InsufficientData
from argosy.models.tails.dependence import t_copula_tail_dependence, tail_dependence
from argosy.models.tails.hill import hill, hill_plot
from argosy.models.tails.peaks import ParetoTail, fit_tail, pareto_over, threshold_stability

LOSSES = np.random.default_rng(1).standard_t(4, 3000) * 0.01


def cases(folder: Path) -> dict[str, dict]:
    return {item["id"]: item for item in json.loads((folder / "domain.json").read_text())["examples"]}


def given_tail(shape: float = 0.25) -> ParetoTail:
    excesses = stats.genpareto.ppf((np.arange(50) + 0.5) / 50, shape, scale=0.008)
    return ParetoTail(0.02, shape, 0.008, 0.1, 0.001, 1000, 50, (), excesses)


def test_the_worked_quantile_and_mean(shared_cases: Path) -> None:
    case = cases(shared_cases)["11.4-GPD"]
    g = case["inputs"]
    tail = ParetoTail(g["threshold"], g["xi"], g["beta"], 0.0, 0.0, g["n"], g["exceedances"], (), np.array([0.01]))
    assert tail.value_at_risk(g["conf"], band="delta").value == pytest.approx(case["expected"]["var"], abs=1e-8)
    assert tail.expected_shortfall(g["conf"], band="delta").value == pytest.approx(case["expected"]["es"], abs=1e-8)


def test_the_worked_index(shared_cases: Path) -> None:
    case = cases(shared_cases)["11.4-HILL"]
    found = hill(case["inputs"]["losses_desc"][::-1], k=case["inputs"]["k"])
    assert found.xi == pytest.approx(case["expected"]["xi"], abs=1e-8)
    assert found.alpha == pytest.approx(case["expected"]["alpha"], rel=1e-6)


@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.2, 0.8])
def test_the_fit_of_scipy(shape: float) -> None:
    y = stats.genpareto.rvs(shape, scale=2.0, size=600, random_state=np.random.default_rng(4))
    ours = pareto.fit(y)
    peer = stats.genpareto.fit(y, floc=0.0)
    assert pareto.log_likelihood(y, *ours) >= stats.genpareto.logpdf(y, peer[0], 0.0, peer[2]).sum() - 1e-6
    assert pareto.log_likelihood(y, *ours) == pytest.approx(stats.genpareto.logpdf(y, ours[0], 0.0, ours[1]).sum())
    assert ours[0] == pytest.approx(peer[0], abs=0.01)


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.3])
def test_far_out_against_the_integral(shape: float) -> None:
    law = stats.genpareto(shape, scale=0.008)
    ratio = 0.1
    assert pareto_over("quantile", shape, 0.008, ratio) == pytest.approx(law.isf(ratio), rel=1e-9)
    mean = law.expect(lambda x: x, lb=law.isf(ratio), ub=law.support()[1]) / ratio
    assert pareto_over("mean", shape, 0.008, ratio) == pytest.approx(mean, rel=1e-6)


def test_bands_hold_the_true_quantile() -> None:
    truth = -stats.t.ppf(0.001, 4)
    held = {"profile": 0, "delta": 0}
    rng = np.random.default_rng(9)
    for _ in range(60):
        tail = fit_tail(rng.standard_t(4, 1500), share=0.1)
        for band in held:
            found = tail.value_at_risk(0.999, band=band)
            held[band] += found.low <= truth <= found.high
    # 60 draws of a 95% band: 51 or fewer have a chance below 0.5%.
    assert held["profile"] >= 52
    assert held["delta"] >= 45


def test_profile_falls_by_the_quantile_of_chi_square() -> None:
    tail = fit_tail(LOSSES, share=0.05)
    for target, found in (("quantile", tail.value_at_risk(0.995)), ("mean", tail.expected_shortfall(0.995))):
        assert found.low < found.value < found.high
        ratio = 0.005 * 3000 / 150
        top = pareto.log_likelihood(tail._excesses, tail.shape, tail.scale)
        for end in (found.low, found.high):
            best = max(
                pareto.log_likelihood(tail._excesses, x, pareto.scale_of(target, end - tail.threshold, x, ratio))
                for x in np.linspace(-0.49, 0.95, 3000)
            )
            assert 2.0 * (top - best) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-2)
    assert tail.value_at_risk(0.995).standard_error > 0.0


def test_thresholds() -> None:
    tail = fit_tail(LOSSES, share=0.05)
    again = fit_tail(LOSSES, threshold=tail.threshold)
    assert (again.exceedances, again.shape) == (tail.exceedances, tail.shape)
    assert fit_tail(LOSSES).exceedances == 300
    seen = threshold_stability(LOSSES, shares=[0.1, 0.05])
    assert seen.shapes[1] == tail.shape
    assert seen.mean_excess[1] == pytest.approx((LOSSES[tail.threshold < LOSSES] - tail.threshold).mean())
    assert any("weak" in line for line in fit_tail(LOSSES[:200], share=0.1).warnings)
    edge = fit_tail(1.0 - np.random.default_rng(1).uniform(0.0, 1.0, 400) ** 3, share=0.3)
    assert any("edge" in line for line in edge.warnings)


def test_a_tail_without_a_mean() -> None:
    heavy = np.random.default_rng(2).pareto(0.6, 2000)
    tail = fit_tail(heavy, share=0.1)
    assert any("no mean" in line for line in tail.warnings)
    assert tail.value_at_risk(0.99).value > 0.0
    with pytest.raises(UndefinedMeasure, match="no mean"):
        tail.expected_shortfall(0.99)
    # Just below one the mean exists, and its band has no upper end.
    near = fit_tail(np.random.default_rng(3).pareto(1.3, 400), share=0.15)
    if near.shape < 1.0:
        assert near.expected_shortfall(0.99).high > near.expected_shortfall(0.99).value


@given(st.floats(0.96, 0.9999), st.floats(0.96, 0.9999))
def test_more_confidence_is_more_risk(one: float, other: float) -> None:
    tail = given_tail()
    low, high = sorted((one, other))
    first, second = (tail.value_at_risk(level, band="delta").value for level in (low, high))
    assert second >= first
    assert tail.expected_shortfall(low, band="delta").value >= first


def test_at_the_threshold_itself() -> None:
    found = given_tail().value_at_risk(0.95)
    assert found.value == pytest.approx(0.02, abs=1e-12)


def test_hill_of_a_pareto() -> None:
    x = np.random.default_rng(6).pareto(3.0, 20_000) + 1.0
    found = hill(x, k=2000)
    assert abs(found.xi - 1 / 3) < 4.0 * found.standard_error
    plot = hill_plot(x, most=2000)
    assert plot.xi[-1] == found.xi
    assert plot.k.tolist() == list(range(1, 2001))
    # Renyi: spacings of logs, weighted by rank, have the index as mean.
    logs = np.log(-np.sort(-x)[:2001])
    assert plot.xi[-1] == pytest.approx(np.mean(np.arange(1, 2001) * (logs[:-1] - logs[1:])))


def test_dependence() -> None:
    rng = np.random.default_rng(7)
    z = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 400_000) / np.sqrt(rng.chisquare(4, 400_000) / 4)[:, None]
    found = tail_dependence(z, share=0.002)
    assert found.coefficients[0, 1] == pytest.approx(t_copula_tail_dependence(0.5, 4.0), abs=0.05)
    assert found.coefficients[0, 1] == found.coefficients[1, 0]
    loose = tail_dependence(rng.standard_normal((20_000, 2)), share=0.05)
    assert abs(loose.coefficients[0, 1] - 0.05) < 4.0 * loose.standard_errors[0, 1]
    assert t_copula_tail_dependence(0.9, 1e4) < 0.01


def test_refusals() -> None:
    tail = given_tail()
    with pytest.raises(InvalidInput, match="before the threshold"):
        tail.value_at_risk(0.9)
    with pytest.raises(InvalidInput, match=r"0\.99 "):
        tail.value_at_risk(99)
    with pytest.raises(InvalidInput, match="band"):
        tail.value_at_risk(0.99, band="other")
    with pytest.raises(InsufficientData):
        fit_tail(LOSSES, threshold=1.0)
    with pytest.raises(InvalidInput, match="both"):
        fit_tail(LOSSES, threshold=0.0, share=0.1)
    with pytest.raises(InvalidInput, match="finite"):
        fit_tail(LOSSES, threshold=math.inf)
    with pytest.raises(InvalidInput, match="shape"):
        fit_tail(np.zeros((20, 2)))
    for wrong in ({"k": 0}, {"k": 3000}, {"k": 2000}):
        with pytest.raises(InvalidInput):
            hill(LOSSES, **wrong)
    with pytest.raises(InvalidInput):
        hill(np.zeros((2, 2)), k=1)
    with pytest.raises(UndefinedMeasure, match="no tail"):
        hill(np.ones(20), k=5)
    with pytest.raises(InsufficientData):
        tail_dependence(np.zeros((50, 2)))
    with pytest.raises(InvalidInput):
        t_copula_tail_dependence(1.0, 4.0)
    assert pareto.log_likelihood(np.array([1.0]), 0.1, -1.0) == -math.inf
    assert pareto.log_likelihood(np.array([9.0]), -0.4, 1.0) == -math.inf
    assert pareto.log_likelihood(np.array([1.0]), 0.0, 1.0) == pytest.approx(-1.0)
