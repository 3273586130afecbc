"""The critical line against single solves, its twin, and the paper's own ten-asset example's properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.construction.optimize.face import frontier, optimize
from argosy.kernels.critical_line import at_returns, corner_portfolios
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import universe


@given(st.integers(2, 14), st.integers(0, 80))
def test_every_point_between_corners_is_best(n: int, seed: int) -> None:
    u = universe(n, seed=seed)
    rows, gap = corner_portfolios(u.factors, u.specific, u.mu, engine="reference")
    fast, _ = corner_portfolios(u.factors, u.specific, u.mu, engine="kernel")
    np.testing.assert_allclose(rows, fast, atol=1e-11)
    assert gap < 1e-9
    s = FactorCovariance(u.factors, u.specific)
    earned = rows @ u.mu
    assert (np.diff(earned) > -1e-12).all()
    assert earned[-1] == pytest.approx(u.mu.max())
    least = optimize(covariance=s).weights
    np.testing.assert_allclose(rows[0], least, atol=1e-9)
    target = 0.3 * earned[0] + 0.7 * earned[-1]
    mixed = at_returns(rows, u.mu, np.array([target]))[0]
    found = optimize("target return", expected_returns=u.mu, covariance=s, target=target)
    assert np.sqrt(mixed @ u.covariance @ mixed) == pytest.approx(found.volatility, rel=1e-7)


def test_two_assets_by_hand() -> None:
    rows, _ = corner_portfolios(np.zeros((2, 0)), np.array([0.01, 0.04]), np.array([0.08, 0.08]))
    # With equal returns there is one efficient portfolio; the asset of least variance leads the line to it.
    np.testing.assert_allclose(rows[0], [0.8, 0.2])


def test_one_asset() -> None:
    rows, gap = corner_portfolios(np.zeros((1, 0)), np.array([0.04]), np.array([0.05]))
    assert rows.tolist() in ([[1.0]], [[1.0], [1.0]])
    assert gap == pytest.approx(0.0)
    np.testing.assert_allclose(at_returns(np.ones((1, 1)), np.array([0.05]), np.array([0.01, 0.05])), 1.0)


def test_more_corners_than_the_first_room(monkeypatch: pytest.MonkeyPatch) -> None:
    u = universe(30)
    whole, _ = corner_portfolios(u.factors, u.specific, u.mu)
    monkeypatch.setattr("argosy.kernels.critical_line.FIRST_ROOM", 3)
    again, gap = corner_portfolios(u.factors, u.specific, u.mu)
    np.testing.assert_array_equal(whole, again)
    assert gap < 1e-9


def test_the_line_by_the_face() -> None:
    u = universe(20)
    exact = frontier(expected_returns=u.mu, covariance=u.covariance, points=None)
    assert exact.exact
    points = frontier(expected_returns=u.mu, covariance=u.covariance, points=9)
    boxed = frontier(expected_returns=u.mu, covariance=u.covariance, points=9, limits=["weight of each <= 100%"])
    np.testing.assert_allclose(points.volatilities, boxed.volatilities, rtol=1e-7)
