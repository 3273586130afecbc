"""VaR and ES of one portfolio: worked cases, scipy and numpy as oracles, coherence as properties, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import mstats

from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure
from argosy.kernels import distributions, student
from argosy.measures.risk.loss.history import (
    age_weighted,
    filtered,
    historical,
    simulated_horizon,
    volatility_scaled,
)
from argosy.measures.risk.loss.parametric import (
    cornish_fisher,
    in_cornish_fisher_domain,
    normal,
    normal_tail,
    student_t,
    student_t_tail,
)
from argosy.measures.risk.loss.tail import empirical, tail_of
from argosy.models.moments.observations import InsufficientData
from argosy.models.volatility.ewma import ewma_variances
from argosy.models.volatility.garch import fit_garch
from tests.models.volatility.series import garch_series

FAT = np.random.default_rng(7).standard_t(5, 1000) * 0.01
samples = st.lists(st.floats(-0.5, 0.5, allow_nan=False), min_size=10, max_size=60).map(np.array)
levels = st.floats(0.5, 0.995)


def cases(folder: Path) -> dict[str, dict]:
    return {item["id"]: item for item in json.loads((folder / "domain.json").read_text())["examples"]}


def test_worked_shortfalls(shared_cases: Path) -> None:
    case = cases(shared_cases)["10.4-ALTRISK"]
    for level, key in zip(case["inputs"]["alpha_cvar"], ("cvar90", "cvar925"), strict=True):
        found = historical(case["inputs"]["returns"], confidence=level)
        assert found.expected_shortfall == pytest.approx(case["expected"][key], abs=1e-6)


def test_worked_closed_forms(shared_cases: Path) -> None:
    case = cases(shared_cases)["11.1-T-VAR"]
    given, expected = case["inputs"], case["expected"]
    one = normal_tail(confidence=given["conf"], volatility=given["vol"] * given["value"])
    other = student_t_tail(confidence=given["conf"], volatility=given["vol"] * given["value"], nu=given["nu"])
    assert one.value_at_risk == pytest.approx(expected["var_normal"], abs=1.0)
    assert one.expected_shortfall == pytest.approx(expected["es_normal"], abs=1.0)
    assert other.value_at_risk == pytest.approx(expected["var_t"], abs=1.0)
    assert other.expected_shortfall == pytest.approx(expected["es_t"], abs=1.0)
    refused = cases(shared_cases)["11.1-E1"]["inputs"]
    with pytest.raises(InvalidInput, match="nu is 2"):
        student_t_tail(confidence=refused["conf"], volatility=refused["vol"], nu=refused["nu"])


@pytest.mark.parametrize("level", [0.9, 0.95, 0.975, 0.99])
def test_quantiles_of_numpy(level: float) -> None:
    p = 1.0 - level
    assert historical(FAT, confidence=level, quantile="type 7").value_at_risk == -np.quantile(FAT, p)
    # numpy's inverted_cdf is the smallest return reached by a share p of the history.
    order = -np.quantile(FAT, round(p, 12), method="inverted_cdf")
    assert historical(FAT, confidence=level).value_at_risk == order
    assert historical(FAT, confidence=level, quantile="regulatory").value_at_risk == order


def test_maritz_and_jarrett_of_scipy() -> None:
    found = historical(FAT, confidence=0.95)
    ours, peer = found.value_at_risk_error, float(mstats.mjci(FAT, prob=[0.05])[0])
    # scipy centers the beta weights half a place elsewhere; the two agree to the spacing of neighbors.
    assert ours == pytest.approx(peer, rel=0.1)


def test_errors_are_those_seen_in_repeated_samples() -> None:
    rng = np.random.default_rng(3)
    found = [historical(rng.standard_normal(500), confidence=0.95, errors=e) for e in ["asymptotic"] * 400]
    orders = [historical(rng.standard_normal(500), confidence=0.95) for _ in range(400)]
    for group in (found, orders):
        for kind in ("value_at_risk", "expected_shortfall"):
            seen = np.std([getattr(item, kind) for item in group])
            said = np.mean([getattr(item, kind + "_error") for item in group])
            # The deviation of 400 draws is itself known to 3.5%; four of these, and the tail's bias.
            assert said == pytest.approx(seen, rel=0.16)
    boot = historical(FAT, confidence=0.95, errors="bootstrap", seed=1, draws=400)
    plain = historical(FAT, confidence=0.95)
    assert boot.seed == 1
    assert boot.value_at_risk_error == pytest.approx(plain.value_at_risk_error, rel=0.25)
    assert boot.expected_shortfall_error == pytest.approx(plain.expected_shortfall_error, rel=0.25)
    assert boot == historical(FAT, confidence=0.95, errors="bootstrap", seed=1, draws=400)
    assert historical(FAT, confidence=0.95, errors="none").value_at_risk_error is None


@given(samples, levels, st.sampled_from(["order", "type 7"]))
def test_shortfall_is_no_less_than_value_at_risk(r: np.ndarray, level: float, quantile: str) -> None:
    found = historical(r, confidence=level, quantile=quantile)
    assert found.expected_shortfall >= found.value_at_risk - 1e-12


@given(samples, levels, levels)
def test_more_confidence_is_more_risk(r: np.ndarray, one: float, other: float) -> None:
    low, high = (historical(r, confidence=level) for level in sorted((one, other)))
    assert high.value_at_risk >= low.value_at_risk
    assert high.expected_shortfall >= low.expected_shortfall - 1e-12


@given(samples, levels, st.floats(0.1, 10.0), st.floats(-0.2, 0.2))
def test_scaling_and_translation(r: np.ndarray, level: float, scale: float, cash: float) -> None:
    one, other = historical(r, confidence=level), historical(scale * r + cash, confidence=level)
    assert other.value_at_risk == pytest.approx(scale * one.value_at_risk - cash, abs=1e-12)
    assert other.expected_shortfall == pytest.approx(scale * one.expected_shortfall - cash, abs=1e-11)


@given(st.integers(10, 60).flatmap(lambda n: st.tuples(*[
    st.lists(st.floats(-0.5, 0.5), min_size=n, max_size=n).map(np.array)] * 2)), levels)  # fmt: skip
def test_shortfall_is_subadditive(pair: tuple[np.ndarray, np.ndarray], level: float) -> None:
    whole, first, second = (historical(r, confidence=level).expected_shortfall for r in (sum(pair), *pair))
    assert whole <= first + second + 1e-12


@given(samples, levels)
def test_the_tail_mean_minimizes(r: np.ndarray, level: float) -> None:
    # Rockafellar and Uryasev 2002: ES = min over a of a + E(L - a)+ / p, reached at some observed loss.
    p = 1.0 - level
    losses = -r
    least = min(a + np.maximum(losses - a, 0.0).mean() / p for a in losses)
    assert historical(r, confidence=level).expected_shortfall == pytest.approx(least, abs=1e-9)


def test_age_weights() -> None:
    weights = 0.97 ** np.arange(999, -1, -1)
    weights /= weights.sum()
    found = age_weighted(FAT, confidence=0.95, decay=0.97)
    order = np.argsort(FAT)
    reached = np.cumsum(weights[order])
    assert found.value_at_risk == -FAT[order][np.argmax(reached >= 0.05)]
    assert found.expected_shortfall > found.value_at_risk
    assert found.value_at_risk_error > historical(FAT, confidence=0.95).value_at_risk_error
    assert age_weighted(FAT, confidence=0.95, errors="bootstrap", seed=3, draws=50).expected_shortfall_error > 0.0
    with pytest.raises(InvalidInput, match="decay"):
        age_weighted(FAT, confidence=0.95, decay=1.2)
    with pytest.raises(InvalidInput, match="type 7"):
        empirical(FAT, confidence=0.95, method="x", weights=weights, quantile="type 7")


def test_scaled_to_todays_volatility() -> None:
    r = garch_series(800) / 100.0
    h = ewma_variances(r)
    expected = historical(r[75:] * np.sqrt(h[-1] / h[75:-1]), confidence=0.99)
    found = volatility_scaled(r, confidence=0.99)
    assert found.value_at_risk == pytest.approx(expected.value_at_risk, rel=1e-12)
    with pytest.raises(UndefinedMeasure, match="no volatility"):
        volatility_scaled(np.zeros(200), confidence=0.99)


def test_filtered_history() -> None:
    r = garch_series(700) / 100.0
    fit = fit_garch(r)
    one = filtered(r, confidence=0.99)
    by_hand = historical(fit.mean + fit.residuals * np.sqrt(fit.next_variance), confidence=0.99)
    assert one.value_at_risk == by_hand.value_at_risk
    ten = filtered(r, confidence=0.99, horizon=10, seed=4, paths=4000)
    assert ten == filtered(r, confidence=0.99, horizon=10, seed=4, paths=4000)
    assert ten.horizon == 10
    assert 2.0 < ten.value_at_risk / one.value_at_risk < 4.5
    with pytest.raises(InvalidInput, match="seed"):
        filtered(r, confidence=0.99, horizon=10)


def test_horizons() -> None:
    one = historical(FAT, confidence=0.95)
    ten = one.over(10)
    assert ten.value_at_risk == pytest.approx(one.value_at_risk * 10**0.5)
    assert ten.value_at_risk_error == pytest.approx(one.value_at_risk_error * 10**0.5)
    assert (ten.horizon, "square root" in ten.horizon_rule) == (10, True)
    assert normal_tail(confidence=0.95, volatility=0.1).over(4).value_at_risk_error is None
    with pytest.raises(InvalidInput, match="periods"):
        one.over(0)
    # Sums of independent normal periods: the closed form of the square root.
    r = np.random.default_rng(2).standard_normal(4000) * 0.01
    summed = simulated_horizon(r, confidence=0.95, horizon=4, seed=1, rule="summed", paths=40_000)
    target = normal_tail(confidence=0.95, volatility=2.0 * float(r.std()), mean=4.0 * float(r.mean()))
    assert summed.value_at_risk == pytest.approx(target.value_at_risk, rel=0.03)
    for wrong in ({"horizon": 0}, {"horizon": 2, "rule": "other"}):
        with pytest.raises(InvalidInput):
            simulated_horizon(r, confidence=0.95, seed=1, **wrong)


def test_normal_against_scipy() -> None:
    found = normal(FAT, confidence=0.975)
    fitted = stats.norm(FAT.mean(), FAT.std(ddof=1))
    assert found.value_at_risk == pytest.approx(-fitted.ppf(0.025), rel=1e-12)
    assert found.expected_shortfall == pytest.approx(-fitted.expect(lb=-np.inf, ub=fitted.ppf(0.025)) / 0.025, rel=1e-6)
    rng = np.random.default_rng(5)
    many = [normal(rng.standard_normal(200), confidence=0.975) for _ in range(1000)]
    for kind in ("value_at_risk", "expected_shortfall"):
        seen = np.std([getattr(item, kind) for item in many])
        assert np.mean([getattr(item, kind + "_error") for item in many]) == pytest.approx(seen, rel=0.09)


def test_student_t_against_scipy() -> None:
    found = student_t(FAT, confidence=0.99)
    nu, location, scale = stats.t.fit(FAT)
    fitted = stats.t(nu, location, scale)
    assert found.value_at_risk == pytest.approx(-fitted.ppf(0.01), rel=1e-3)
    beyond = -fitted.expect(lambda x: x, lb=-np.inf, ub=fitted.ppf(0.01)) / 0.01
    assert found.expected_shortfall == pytest.approx(beyond, rel=1e-3)
    assert student.log_likelihood(FAT, *student.fit(FAT)) >= stats.t.logpdf(FAT, nu, location, scale).sum() - 1e-4
    given = student_t(FAT[:100], confidence=0.99, nu=5.0)
    assert given.value_at_risk_error > found.value_at_risk_error
    assert given.warnings
    rng = np.random.default_rng(6)
    many = [student_t(rng.standard_t(5, 400), confidence=0.99) for _ in range(60)]
    seen = np.std([item.value_at_risk for item in many])
    # Sixty draws know a deviation to 9%.
    assert np.median([item.value_at_risk_error for item in many]) == pytest.approx(seen, rel=0.35)
    thin = student_t(np.random.default_rng(1).uniform(-1.0, 1.0, 300), confidence=0.99)
    assert any("edge" in line for line in thin.warnings)


def test_cornish_fisher() -> None:
    r = np.random.default_rng(8).standard_t(8, 4000) * 0.01
    found = cornish_fisher(r, confidence=0.99, seed=1, draws=100)
    s, k = stats.skew(r), stats.kurtosis(r)
    z = stats.norm.ppf(np.linspace(1e-7, 0.01, 200_001))
    bent = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
    assert found.value_at_risk == pytest.approx(-(r.mean() + r.std(ddof=1) * bent[-1]), rel=1e-12)
    assert found.expected_shortfall == pytest.approx(-(r.mean() + r.std(ddof=1) * bent.mean()), rel=1e-3)
    assert found.value_at_risk_error > 0.0
    # Without a seed the error is that of the delta method.
    assert cornish_fisher(r, confidence=0.99).seed is None
    wild = np.concatenate([np.full(500, 0.001), np.linspace(-0.001, 0.002, 500), [-0.5]])
    with pytest.raises(UndefinedMeasure, match="fall back on student_t"):
        cornish_fisher(wild, confidence=0.99)
    near = np.concatenate([np.random.default_rng(2).standard_normal(60), [-4.0]])
    if in_cornish_fisher_domain(float(stats.skew(near)), float(stats.kurtosis(near))):
        assert cornish_fisher(near, confidence=0.95, seed=1, draws=200).warnings


@given(st.floats(-3.0, 3.0), st.floats(-2.0, 12.0))
def test_the_domain_is_where_the_slope_is_never_negative(s: float, k: float) -> None:
    z = np.linspace(-60.0, 60.0, 40_001)
    slope = 1 + z * s / 3 + (3 * z**2 - 3) * k / 24 - (6 * z**2 - 5) * s**2 / 36
    if in_cornish_fisher_domain(s, k):
        assert slope.min() >= -1e-9
    elif abs(k / 8 - s * s / 6) > 1e-3:
        assert slope.min() < 1e-2


def test_distributions_against_scipy() -> None:
    p = np.array([1e-6, 0.01, 0.3, 0.9, 0.99999])
    np.testing.assert_allclose(distributions.normal_quantile(p), stats.norm.ppf(p), rtol=1e-12)
    np.testing.assert_allclose(distributions.normal_cdf([-2.0, 1.0]), stats.norm.cdf([-2.0, 1.0]), rtol=1e-13)
    for nu in (2.5, 5.0, 30.0):
        np.testing.assert_allclose(distributions.t_quantile(p, nu), stats.t.ppf(p, nu), rtol=1e-9)
        np.testing.assert_allclose(distributions.t_cdf([-4.0, 0.3], nu), stats.t.cdf([-4.0, 0.3], nu), rtol=1e-11)
        np.testing.assert_allclose(distributions.t_density([-4.0, 0.3], nu), stats.t.pdf([-4.0, 0.3], nu), rtol=1e-11)
    np.testing.assert_allclose(distributions.chi_square_quantile(p, 5.0), stats.chi2.ppf(p, 5.0), rtol=1e-9)
    np.testing.assert_allclose(distributions.chi_square_cdf([0.1, 9.0], 5.0), stats.chi2.cdf([0.1, 9.0], 5.0))


def test_weighted_tail_by_hand() -> None:
    at, beyond = tail_of(np.array([1.0, 5.0, 3.0]), np.array([0.7, 0.1, 0.2]), 0.2)
    assert (at, beyond) == (3.0, pytest.approx(4.0))


def test_warnings() -> None:
    assert any("single worst" in line for line in historical(FAT[:20], confidence=0.99).warnings)
    assert any("do not vary" in line for line in historical(np.full(30, -0.01), confidence=0.9).warnings)
    still = historical(np.full(30, -0.01), confidence=0.9, errors="asymptotic")
    assert still.value_at_risk == 0.01
    assert still.value_at_risk_error < 1e-15


@pytest.mark.parametrize("confidence", [95, 99.0, 0.0, 1.0, -0.5, float("nan"), 500])
def test_a_confidence_is_a_fraction(confidence: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        historical(FAT, confidence=confidence)
    if confidence == 95:
        assert "0.95" in str(refused.value)


def test_refusals() -> None:
    with pytest.raises(InsufficientData):
        historical([0.01, 0.02], confidence=0.95)
    with pytest.raises(MissingData):
        historical([*FAT[:30], np.nan], confidence=0.95)
    with pytest.raises(MissingData):
        normal([*FAT[:30], np.inf], confidence=0.95)
    with pytest.raises(InvalidInput, match="returns have shape"):
        historical(np.zeros((20, 2)), confidence=0.95)
    for refused in ({"quantile": "other"}, {"errors": "other"}, {"errors": "bootstrap"},
                    {"errors": "bootstrap", "seed": 1, "draws": 1}):  # fmt: skip
        with pytest.raises(InvalidInput):
            historical(FAT, confidence=0.95, **refused)
    for model in (normal, student_t, cornish_fisher):
        with pytest.raises(UndefinedMeasure, match="do not vary"):
            model(np.full(100, 0.001), confidence=0.95)
    with pytest.raises(InvalidInput):
        normal_tail(confidence=0.95, volatility=-1.0)
    with pytest.raises(InvalidInput):
        normal_tail(confidence=0.95, volatility=1.0, mean=float("nan"))
    with pytest.raises(InvalidInput):
        student_t(FAT, confidence=0.95, nu=1.5)
