"""Overlap, shared risk and skill alarms: worked cases, finite differences, simulation."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.construction.strategies.alarms import alarm_threshold, run_length, shared_false_alarms, skill_alarm
from argosy.construction.strategies.together import (
    look_through,
    overlap,
    overlaps,
    shared_risk,
    strategy_risk,
)
from argosy.models.moments.covariance import NotPSD

V = np.array([[0.0144, 0.0036, 0.0012], [0.0036, 0.0324, 0.009], [0.0012, 0.009, 0.0625]])


def test_the_worked_cases() -> None:
    found = strategy_risk(["A", "B", "C"], [0.5, 0.3, 0.2], V)
    assert found.volatility == pytest.approx(0.1068456831, abs=1e-9)
    np.testing.assert_allclose(found.contribution, [0.03987058603, 0.03739973281, 0.02957536428], atol=1e-9)
    np.testing.assert_allclose(found.share, [0.3731604765, 0.3500350385, 0.2768044849], atol=1e-9)
    assert found.diversification == pytest.approx(1.534923969, abs=1e-8)
    assert overlap({"X": 0.5, "Y": 0.3, "Z": 0.2}, {"Y": 0.4, "Z": 0.1, "W": 0.5}) == pytest.approx(0.4)
    with pytest.raises(NotPSD):
        strategy_risk(["A", "B"], [0.5, 0.5], [[0.01, 0.03], [0.03, 0.01]])


def test_contributions_are_what_a_little_more_capital_adds() -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(5, 5)) * 0.1
    covariance = root @ root.T + 0.01 * np.eye(5)
    names = [f"N{at}" for at in range(5)]
    held = {one: dict(zip(names, rng.normal(size=5), strict=True)) for one in ("A", "B", "C")}
    capital = {"A": 0.5, "B": 0.3, "C": 0.2}
    found = shared_risk(look_through(held, capital), covariance)
    assert found.contribution.sum() == pytest.approx(found.volatility)
    for at, one in enumerate(capital):
        more = shared_risk(look_through(held, capital | {one: capital[one] * 1.000001}), covariance).volatility
        less = shared_risk(look_through(held, capital | {one: capital[one] * 0.999999}), covariance).volatility
        assert found.contribution[at] == pytest.approx((more - less) / 2e-6, rel=1e-5)


def test_look_through_nets_and_tells_what_offsets() -> None:
    found = look_through({"A": {"X": 1.0}, "B": {"X": -1.0, "Y": 2.0}}, {"A": 0.6, "B": 0.4})
    np.testing.assert_allclose(found.net, [0.2, 0.8])
    assert (found.gross, found.net_gross) == (pytest.approx(1.8), pytest.approx(1.0))
    assert found.offsetting == ("X",)
    np.testing.assert_allclose(overlaps({"A": {"X": 1.0}, "B": {"X": 0.3, "Y": 0.7}}), [[1.0, 0.3], [0.3, 1.0]])


def test_refusals() -> None:
    for call, said in (
        (lambda: look_through({"A": {}}, {"B": 1.0}), "'A' has holdings or capital"),
        (lambda: look_through({"A": {"X": np.nan}}, {"A": 1.0}), "not finite"),
        (lambda: overlap({"X": -0.1}, {}), "long-only"),
        (lambda: strategy_risk(["A"], [1.0, 2.0], [[1.0]]), "weights has shape"),
        (lambda: strategy_risk(["A"], [0.0], [[1.0]]), "no risk to share"),
        (lambda: strategy_risk(["A"], [1.0], V), "covariance is of 3 names"),
        (lambda: skill_alarm([0.1], expected=0.0, tracking_error=0.1), "lost skill"),
        (lambda: skill_alarm([0.1], expected=0.1, tracking_error=0.0), "tracking_error"),
        (lambda: alarm_threshold(0.5, 1e20), "no threshold makes"),
        (lambda: alarm_threshold(0.5, 1.5), "as often as once in 1.5"),
        (lambda: shared_false_alarms(60.0, 0), "0 strategies"),
    ):
        with pytest.raises(InvalidInput, match=said):
            call()


def simulated(k: float, h: float, shift: float, runs: int, rng: np.random.Generator) -> float:
    """Mean time to the first alarm of independent runs."""
    level, alive, total = np.zeros(runs), np.ones(runs, dtype=bool), 0
    while alive.any():
        z = rng.standard_normal(runs) + shift
        level = np.maximum(0.0, level + z - k)
        total += int(alive.sum())
        alive &= level < h
    return total / runs


@pytest.mark.parametrize(("k", "h", "shift"), [(0.25, 3.0, 0.0), (0.25, 3.0, 0.5), (0.5, 2.0, 0.0), (0.1, 4.0, 0.2)])
def test_run_lengths_against_simulation(k: float, h: float, shift: float) -> None:
    runs = 20_000
    told, seen = run_length(k, h, shift=shift), simulated(k, h, shift, runs, np.random.default_rng(11))
    assert seen == pytest.approx(told, rel=4.0 / np.sqrt(runs))  # run lengths spread about as much as their mean


def test_published_run_lengths() -> None:
    """Montgomery, Introduction to Statistical Quality Control, table 9.3 (k = 0.5, two-sided: half the one-sided)."""
    assert run_length(0.5, 4.0) / 2.0 == pytest.approx(168.0, rel=0.005)
    assert run_length(0.5, 5.0) / 2.0 == pytest.approx(465.0, rel=0.005)
    assert run_length(0.5, 4.0, shift=1.0) == pytest.approx(8.38, abs=0.01)
    assert run_length(0.5, 5.0, shift=1.0) == pytest.approx(10.4, abs=0.05)


def test_more_points_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from argosy.construction.strategies import alarms

    told = [run_length(0.1, 1.0), run_length(0.5, 6.0), run_length(0.05, 9.0, shift=0.1)]
    monkeypatch.setattr(alarms, "NODES", 160)
    np.testing.assert_allclose(
        told, [run_length(0.1, 1.0), run_length(0.5, 6.0), run_length(0.05, 9.0, shift=0.1)], rtol=1e-9
    )


def test_an_alarm_for_lost_skill() -> None:
    rng = np.random.default_rng(1)
    good, gone = rng.normal(0.005, 0.01, 60), rng.normal(0.0, 0.01, 200)
    found = skill_alarm(np.concatenate([good, gone]), expected=0.005, tracking_error=0.01, false_alarm_periods=240.0)
    assert found.false_alarm_periods == pytest.approx(240.0, rel=1e-6)
    assert found.first is not None
    assert 60 <= found.first <= 60 + 6 * found.delay_periods
    assert found.path[found.first] >= found.threshold > found.path[: found.first].max()
    calm = skill_alarm(np.full(50, 0.005), expected=0.005, tracking_error=0.01, threshold=4.0)
    assert calm.first is None
    assert shared_false_alarms(240.0, 5) == 1200.0
