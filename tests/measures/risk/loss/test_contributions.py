"""Contributions: worked case, finite differences, sums; many portfolios and trades against one portfolio alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.measures.risk.loss.contributions import (
    diversification,
    factor_risk,
    normal_contributions,
    tail_contributions,
    tracking_error_contributions,
    volatility_contributions,
)
from argosy.measures.risk.loss.history import historical
from argosy.measures.risk.loss.many import historical_many, historical_positions
from argosy.measures.risk.loss.what_if import prepare
from argosy.models.moments.covariance import FactorCovariance, NotPSD

RNG = np.random.default_rng(11)
R = RNG.standard_t(4, (600, 5)) * 0.01 + RNG.normal(0.0, 0.01, (600, 1))
W = np.array([0.4, 0.3, -0.1, 0.4, 0.0])
S = np.cov(R, rowvar=False)


def test_the_worked_case(shared_cases: Path) -> None:
    examples = {item["id"]: item for item in json.loads((shared_cases / "domain.json").read_text())["examples"]}
    given, expected = examples["9.3-EULER"]["inputs"], examples["9.3-EULER"]["expected"]
    found = volatility_contributions(given["weights"], given["annual_covariance"])
    assert found.total == pytest.approx(expected["vol"], abs=1e-6)
    np.testing.assert_allclose(found.component, expected["contrib"], atol=1e-6)
    np.testing.assert_allclose(found.shares, expected["pct"], atol=1e-6)
    spread = diversification(given["weights"], given["annual_covariance"])
    assert spread.ratio == pytest.approx(expected["diversification_ratio"], abs=1e-6)
    bad = examples["9.3-E1"]["inputs"]
    with pytest.raises(NotPSD):
        volatility_contributions(bad["weights"], bad["annual_covariance"])


def test_marginals_are_slopes() -> None:
    step = 1e-6
    made = {
        "volatility": lambda w: volatility_contributions(w, S),
        "var": lambda w: normal_contributions(w, S, confidence=0.99, mean=R.mean(axis=0))[0],
        "es": lambda w: normal_contributions(w, S, confidence=0.99, mean=R.mean(axis=0))[1],
        "tail var": lambda w: tail_contributions(w, R, confidence=0.95)[0],
        "tail es": lambda w: tail_contributions(w, R, confidence=0.95)[1],
    }
    for make in made.values():
        found = make(W)
        assert found.component.sum() == pytest.approx(found.total, abs=1e-13)
        for i in range(5):
            up, down = W.copy(), W.copy()
            up[i] += step
            down[i] -= step
            slope = (make(up).total - make(down).total) / (2 * step)
            assert found.marginal[i] == pytest.approx(slope, abs=1e-6)


def test_incremental_is_the_risk_minus_the_risk_without() -> None:
    for make in (
        lambda w: (volatility_contributions(w, S),), lambda w: normal_contributions(w, S, confidence=0.99),
        lambda w: tail_contributions(w, R, confidence=0.95),
    ):  # fmt: skip
        for place, found in enumerate(make(W)):
            for i in range(5):
                without = np.where(np.arange(5) == i, 0.0, W)
                expected = found.total - make(without)[place].total
                assert found.incremental[i] == pytest.approx(expected, abs=1e-12)


def test_totals_are_those_of_one_portfolio() -> None:
    var, es = tail_contributions(W, R, confidence=0.97)
    alone = historical(R @ W, confidence=0.97)
    assert var.total == pytest.approx(alone.value_at_risk, abs=1e-14)
    assert es.total == pytest.approx(alone.expected_shortfall, abs=1e-14)
    smooth, _ = tail_contributions(W, R, confidence=0.97, neighbors=10)
    assert smooth.component.sum() == pytest.approx(var.total)
    assert "21 scenarios" in smooth.convention
    groups = es.by(["a", "b", "a", "b", "c"])
    assert sum(groups.values()) == pytest.approx(es.total)
    assert list(groups) == ["a", "b", "c"]
    many = historical_many(np.vstack([W, -W]), R, confidence=0.97)
    assert many.value_at_risk[0] == pytest.approx(var.total)
    np.testing.assert_allclose(many.component_shortfall[0], es.component, atol=1e-14)
    rows = historical_positions([0, 4, 4, 9], np.r_[0:4, 0:5], np.r_[W[:4], -W], R, confidence=0.97)
    np.testing.assert_allclose(rows.value_at_risk[[0, 2]], many.value_at_risk, rtol=1e-6)
    assert rows.value_at_risk[1] == 0.0


def test_factor_structure_is_the_dense_matrix() -> None:
    loadings, factor = RNG.standard_normal((5, 2)), np.array([[0.04, 0.01], [0.01, 0.02]])
    specific = np.array([0.01, 0.02, 0.03, 0.01, 0.02])
    model = FactorCovariance.of(loadings, factor, specific)
    found = factor_risk(W, loadings, factor, specific)
    whole = volatility_contributions(W, model)
    np.testing.assert_allclose(whole.component, volatility_contributions(W, model.dense()).component, atol=1e-15)
    assert found.total == pytest.approx(whole.total)
    assert found.contribution.sum() + found.specific == pytest.approx(found.total)
    np.testing.assert_allclose(found.contribution, found.exposure * (factor @ found.exposure) / found.total)
    active = tracking_error_contributions(W, np.full(5, 0.2), model)
    assert active.total == pytest.approx(volatility_contributions(W - 0.2, model).total)
    assert (np.abs(found.correlation) <= 1.0 + 1e-12).all()
    still = factor_risk(W, loadings, [[0.04, 0.0], [0.0, 0.0]], specific)
    assert still.correlation[1] == 0.0


@given(st.integers(0, 500))
def test_effective_bets_lie_between_one_and_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    covariance = np.cov(rng.standard_normal((30, 4)), rowvar=False)
    assert 1.0 - 1e-9 <= diversification(rng.random(4), covariance).effective_bets <= 4.0 + 1e-9


@given(st.dictionaries(st.integers(0, 4), st.floats(-1.0, 1.0), max_size=4))
def test_a_trade_is_the_risk_of_what_is_held_after_it(trades: dict[int, float]) -> None:
    firm = prepare(W, R, confidence=0.95)
    after = W.copy()
    for asset, amount in trades.items():
        after[asset] += amount
    found = firm.what_if(trades)
    alone = historical(R @ after, confidence=0.95)
    assert found.value_at_risk == pytest.approx(alone.value_at_risk, abs=1e-12)
    assert found.expected_shortfall == pytest.approx(alone.expected_shortfall, abs=1e-12)
    assert found.change == pytest.approx(found.value_at_risk - firm.value_at_risk)
    assert found.shortfall_change == pytest.approx(found.expected_shortfall - firm.expected_shortfall)
    back = firm.traded(trades).traded({asset: -amount for asset, amount in trades.items()})
    assert back.value_at_risk == pytest.approx(firm.value_at_risk, abs=1e-12)


def test_refusals() -> None:
    firm = prepare(W, R, confidence=0.95)
    with pytest.raises(InvalidInput, match="the asset of a trade is 9"):
        firm.what_if({9: 1.0})
    with pytest.raises(InvalidInput, match="finite"):
        firm.what_if({0: float("nan")})
    with pytest.raises(InvalidInput, match="exposures"):
        prepare(W[:2], R, confidence=0.95)
    with pytest.raises(InvalidInput, match="weights have shape"):
        volatility_contributions(W[:3], S)
    with pytest.raises(InvalidInput, match="weight 1"):
        volatility_contributions([0.1, np.nan, 0.0, 0.0, 0.0], S)
    zero = volatility_contributions(np.zeros(5), S)
    assert zero.total == 0.0
    with pytest.raises(UndefinedMeasure):
        assert zero.shares.size
    with pytest.raises(UndefinedMeasure):
        diversification(np.zeros(5), S)
    with pytest.raises(UndefinedMeasure):
        factor_risk([0.0], [[1.0]], [[0.04]], [0.01])
    with pytest.raises(InvalidInput, match="loadings"):
        factor_risk([1.0], [[1.0, 2.0]], [[0.04]], [0.01])
    with pytest.raises(InvalidInput, match="variances"):
        factor_risk([1.0], [[1.0]], [[0.04]], [-0.01])
    with pytest.raises(InvalidInput, match="groups"):
        zero.by(["a"])
    with pytest.raises(InvalidInput, match="neighbors"):
        tail_contributions(W, R, confidence=0.95, neighbors=-1)
    alternating = np.tile([[0.01], [-0.01]], (50, 1))
    with pytest.raises(UndefinedMeasure, match="fewer neighbors"):
        tail_contributions([1.0], alternating, confidence=0.95, neighbors=94)
    for wrong in (W, np.full((2, 5), np.nan)):
        with pytest.raises(InvalidInput):
            historical_many(wrong, R, confidence=0.95)
    held = ([0, 1], [0], [1.0])
    for place, value in ((0, [0, 2]), (0, [1, 1]), (1, [7]), (2, [np.inf]), (2, [1.0, 2.0])):
        changed = list(held)
        changed[place] = value
        with pytest.raises(InvalidInput):
            historical_positions(*changed, R, confidence=0.95)
