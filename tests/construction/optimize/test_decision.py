"""A policy over candidates: benchmarks beyond the universe, equilibrium returns, what stays aside, horizons of cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import parse_limits
from argosy.base.panel import Panel
from argosy.construction.optimize.candidates import INDEX, Candidates
from argosy.construction.optimize.decision import decide, limits_of, line
from argosy.models.moments.sample import Sample
from argosy.record.mandate_policy import (
    BeliefRules,
    CostRules,
    InvestmentPolicy,
    LimitRules,
    ObjectiveRules,
)

RNG = np.random.default_rng(4)
ALL = RNG.normal(0.0006, 0.008, (150, 1)) * np.array([1.0, 0.8, 1.2, 0.9]) + RNG.normal(0.0002, 0.006, (150, 4))
INSIDE = Panel(np.arange(150), ("A", "B", "C"), ALL[:, :3])
SAMPLE = Sample(INSIDE, 252.0)
SECTORS = {"sector": ("X", "X", "Y"), "score": ("1", "2", "3")}
BEYOND = Candidates(SAMPLE, SECTORS, {"A": 0.5, "B": 0.5}, {"A": 0.4, "D": 0.6}, Panel(INSIDE.days, ("D",), ALL[:, 3:]))
HIDDEN = replace(BEYOND, benchmark={INDEX: 1.0}, beside=Panel(INSIDE.days, (INDEX,), ALL @ np.full((4, 1), 0.25)))
POLICY = InvestmentPolicy(beliefs=BeliefRules(covariance="sample"))


def limited(*rules: str, model: str = "maximum return") -> InvestmentPolicy:
    return replace(POLICY, limits=LimitRules(rules=parse_limits(list(rules))), objective=ObjectiveRules(model))


@pytest.mark.parametrize("candidates", [BEYOND, HIDDEN])
def test_tracking_error_is_to_the_whole_benchmark(candidates: Candidates) -> None:
    found = decide(candidates, limited("tracking error <= 8%"))
    own = np.append(found.result.weights, 0.0)
    bench = np.array([0.4, 0.0, 0.0, 0.6]) if candidates is BEYOND else np.full(4, 0.25)
    earned = ALL @ (own - bench)
    assert found.against is not None
    assert found.against[2] == pytest.approx(earned.std(ddof=1) * np.sqrt(252), rel=1e-6)
    assert found.against[2] <= 0.08 + 1e-7
    assert found.result.names == ("A", "B", "C")
    assert line(candidates, limited("tracking error <= 8%"), points=3).frontier.weights.shape[1] == 3


def test_equilibrium_needs_weights_and_takes_them_beyond_the_universe() -> None:
    policy = replace(POLICY, beliefs=BeliefRules(covariance="sample", mean="equilibrium"))
    found = decide(BEYOND, policy)
    whole = 2.5 * 252.0 * np.cov(ALL, rowvar=False) @ np.array([0.4, 0.0, 0.0, 0.6])
    np.testing.assert_allclose(found.belief.mean, whole[:3], rtol=1e-9)
    with pytest.raises(MissingData, match="market weights"):
        decide(HIDDEN, policy)


def test_an_index_has_no_active_weights() -> None:
    with pytest.raises(MissingData, match="needs the weights inside the benchmark"):
        decide(HIDDEN, limited("active weight of sector=each within 5%"))
    grouped = decide(BEYOND, limited("active weight of sector=each within 70%", "exposure of score <= 2"))
    assert grouped.result.weights @ np.array([1.0, 2.0, 3.0]) <= 2.0 + 1e-7


def test_costs_are_spread_over_the_horizon_and_bought_from_nothing() -> None:
    costly = replace(POLICY, objective=ObjectiveRules("utility", risk_aversion=4.0), costs=CostRules(0.02, 1.0))
    short, long = decide(BEYOND, costly), decide(BEYOND, replace(costly, costs=CostRules(0.02, 5.0)))
    assert short.result.turnover <= long.result.turnover + 1e-9
    fresh = decide(replace(BEYOND, holdings=None), costly)
    assert fresh.result.weights.sum() == pytest.approx(1.0)
    assert fresh.held is None


def test_what_stays_aside_counts_in_net_and_cash() -> None:
    aside = replace(BEYOND, aside={"Z": 0.2})
    for rule, total in (("net = 100%", 0.8), ("cash = 10%", 0.7)):
        assert decide(aside, limited(rule)).result.weights.sum() == pytest.approx(total)
    assert [limit.text() for limit in limits_of(aside, POLICY)] == ["net = 80%"]
    with pytest.raises(InvalidInput, match="outside the universe"):
        limits_of(aside, limited("long <= 100%"))
    with pytest.raises(InvalidInput, match="the confidence level is 95"):
        decide(BEYOND, replace(POLICY, objective=ObjectiveRules(confidence=95.0)))
