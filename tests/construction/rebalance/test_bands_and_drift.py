"""Bands and drift: worked numbers, the formula against a simulation, a firm against one portfolio at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingData
from argosy.construction.rebalance.bands import (
    bands,
    dynamic_bands,
    no_trade_bands,
    no_trade_half_width,
    tolerance_bands,
    volatility_bands,
)
from argosy.construction.rebalance.drift import drift, firm_drift, money_drift


def test_volatility_bands_of_the_worked_case() -> None:
    found = volatility_bands([0.5, 0.4, 0.1], [0.18, 0.06, 0.25], base=0.05)
    np.testing.assert_allclose(found.upper - found.target, [0.05510204082, 0.01836734694, 0.07653061224], rtol=1e-9)
    assert found.breached([0.56, 0.31, 0.13]).tolist() == [True, True, False]


def test_no_trade_region_of_the_worked_case() -> None:
    found = no_trade_bands([0.6, 0.4], cost=0.001, risk_aversion=3.0)
    assert found.lower[0] == pytest.approx(0.5693476227, abs=1e-9)
    assert found.upper[0] == pytest.approx(0.6306523773, abs=1e-9)
    assert found.inner_upper[0] == found.upper[0]  # proportional costs: trade to the boundary
    fixed = no_trade_bands([0.6, 0.4], cost=[0.001, 0.002], risk_aversion=3.0, fixed_cost=True)
    assert fixed.inner_upper[0] == 0.6  # fixed costs: all the way
    assert no_trade_half_width(1.0, cost=0.01, risk_aversion=2.0) == 0.0
    assert no_trade_half_width(0.5, cost=0.0, risk_aversion=2.0) == 0.0
    assert no_trade_bands([1.0, 0.0], cost=0.01, risk_aversion=2.0, floor=0.01).upper.tolist() == [1.01, 0.01]


def test_the_width_that_costs_least_grows_with_volatility_to_two_thirds() -> None:
    """Mean cost of reflecting a Brownian weight at the band, from a grid of widths: no formula of ours."""
    penalty, rate = 1.0, 1e-4

    def best(sigma: float) -> float:
        widths = np.linspace(1e-3, 0.2, 200_000)
        # Uniform stationary law inside reflecting walls: E[x^2] = d^2/3, pushing sigma^2/(2d) per unit of time.
        return float(widths[np.argmin(0.5 * penalty * widths**2 / 3.0 + rate * sigma**2 / (2.0 * widths))])

    calm = bands([0.5, 0.5], [best(0.1), best(0.1)])
    wild = dynamic_bands(calm, [0.3, 0.1], [0.1, 0.1])
    assert wild.upper[0] - 0.5 == pytest.approx(best(0.3), rel=1e-3)
    assert wild.upper[1] - 0.5 == pytest.approx(best(0.1), rel=1e-12)


def test_a_reflected_weight_is_uniform_inside_its_band() -> None:
    """The stationary law used above, by simulation."""
    rng, half, step = np.random.default_rng(5), 0.05, 0.004
    x = np.zeros(4_000)
    pushed = 0.0
    for at in range(3_000):
        x += step * rng.standard_normal(x.size)
        outside = np.clip(x, -half, half)
        pushed += float(np.abs(x - outside).sum()) if at >= 1_000 else 0.0
        x = outside
    assert np.mean(x**2) == pytest.approx(half**2 / 3.0, rel=0.12)
    assert pushed / (2_000 * x.size) == pytest.approx(step**2 / (2.0 * half), rel=0.12)


def test_tolerance_bands() -> None:
    found = tolerance_bands([0.6, 0.3, 0.1, 0.0], absolute=0.05, relative=0.25, floor=0.03)
    np.testing.assert_allclose(found.upper - found.target, [0.05, 0.05, 0.03, 0.05])
    assert found.lower[3] == 0.0
    np.testing.assert_allclose(found.excess([0.68, 0.22, 0.1, 0.0]), [0.03, -0.03, 0.0, 0.0])
    # What stands on the edge, up to rounding, is inside.
    assert not tolerance_bands([0.5, 0.3, 0.2]).breached([0.55, 0.3, 0.15]).any()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tolerance_bands([0.5, 0.4]), "sum to 0.9"),
        (lambda: tolerance_bands([0.5, np.nan]), r"target\[1\] is nan"),
        (lambda: tolerance_bands([[0.5, 0.5]]), "shape"),
        (lambda: tolerance_bands([0.5, 0.5], absolute=-1.0), "absolute is -1"),
        (lambda: bands([0.5, 0.5], [0.1]), "shape"),
        (lambda: bands([0.5, 0.5], [0.1, -0.1]), r"half_width\[1\] is -0.1"),
        (lambda: bands([0.5, 0.5], [0.1, 0.1], inner=1.5), "inner is 1.5"),
        (lambda: volatility_bands([0.5, 0.5], [0.0, 0.0]), "every volatility is zero"),
        (lambda: no_trade_bands([0.5, 0.5], cost=-0.1, risk_aversion=2.0), "cost"),
        (lambda: no_trade_bands([0.5, 0.5], cost=0.1, risk_aversion=0.0), "risk_aversion"),
        (lambda: dynamic_bands(bands([1.0], [0.1]), [0.2], [0.0]), "never moved"),
        (lambda: drift([0.5, 0.5], [1.0]), "target has 1"),
        (lambda: drift([0.5, 0.5], [0.4, 0.6], [[1.0]]), "covariance"),
    ],
)
def test_what_makes_no_sense_is_refused(call, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=said):
        call()


def test_drift_has_no_relative_part_for_a_target_of_zero() -> None:
    found = drift([0.7, 0.2, 0.1], [0.6, 0.4, 0.0], np.diag([0.04, 0.01, 0.09]))
    np.testing.assert_allclose(found.relative, [0.1 / 0.6, -0.5, 0.0])
    assert found.has_relative.tolist() == [True, True, False]
    assert found.largest == 1
    assert found.one_way == pytest.approx(0.2)
    expected = np.sqrt(0.04 * 0.01 + 0.01 * 0.04 + 0.09 * 0.01)
    assert found.tracking_error == pytest.approx(expected)
    assert drift([1.0], [1.0]).tracking_error is None
    np.testing.assert_allclose(money_drift([0.7, 0.3], [0.6, 0.4], 1000.0), [100.0, -100.0])


@given(seed=st.integers(0, 2**32), portfolios=st.integers(1, 30))
def test_a_firm_is_its_portfolios_one_by_one(seed: int, portfolios: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 8, portfolios)
    starts = np.concatenate([[0], np.cumsum(counts)])
    lines, prices = int(starts[-1]), rng.uniform(1.0, 100.0, 12)
    instrument, quantity = rng.integers(0, 12, lines), rng.uniform(1.0, 9.0, lines)
    target = np.concatenate([rng.dirichlet(np.ones(count)) for count in counts])
    half = rng.uniform(0.0, 0.6, lines)
    found = firm_drift(starts, instrument, quantity, prices, target=target, lower=target - half, upper=target + half)
    for number in range(portfolios):
        span = slice(int(starts[number]), int(starts[number + 1]))
        worth = quantity[span] * prices[instrument[span]]
        weights = worth / worth.sum()
        one = drift(weights, target[span])
        outside = np.abs(bands(target[span], half[span], long_only=False).excess(weights))
        assert found.value[number] == pytest.approx(worth.sum(), rel=1e-12)
        assert found.one_way[number] == pytest.approx(one.one_way, abs=1e-12)
        assert found.excess[number] == pytest.approx(outside.max(), abs=2e-12)
        if outside.max() > 1e-9:
            assert found.worst[number] == starts[number] + int(np.argmax(outside))
    assert set(found.triggered.tolist()) == set(np.flatnonzero(found.excess > 0.0).tolist())


def test_a_firm_in_blocks_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from argosy.construction.rebalance import drift as room

    rng = np.random.default_rng(1)
    starts, quantity = np.arange(0, 404, 4), rng.uniform(1.0, 2.0, 400)
    given = {"target": np.full(400, 0.25), "lower": np.full(400, 0.2), "upper": np.full(400, 0.3)}
    args = (starts, rng.integers(0, 9, 400), quantity, rng.uniform(1.0, 2.0, 9))
    whole = firm_drift(*args, **given)
    monkeypatch.setattr(room, "BLOCK", 7)
    parts = firm_drift(*args, **given)
    for name in ("value", "worst", "excess", "one_way"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def test_a_firm_names_what_is_missing() -> None:
    lines = np.array([0, 2]), np.array([0, 1]), np.array([1.0, 1.0])
    half = {"target": np.array([0.5, 0.5]), "lower": np.array([0.4, 0.4]), "upper": np.array([0.6, 0.6])}
    with pytest.raises(MissingData, match="price of instrument 1 is missing"):
        firm_drift(*lines, np.array([1.0, np.nan]), **half)
    with pytest.raises(InvalidInput, match="portfolio 0 is worth -1"):
        firm_drift(*lines, np.array([1.0, -2.0]), **half)
    with pytest.raises(InvalidInput, match="starts"):
        firm_drift(np.array([0, 1]), *lines[1:], np.array([1.0, 1.0]), **half)
    with pytest.raises(InvalidInput, match="upper has shape"):
        firm_drift(*lines, np.array([1.0, 1.0]), **(half | {"upper": np.array([0.6])}))
