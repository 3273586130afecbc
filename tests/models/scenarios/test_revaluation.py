"""Revaluation against QuantLib, parity and differences; delta-gamma checked; refusals."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib

from argosy.base.errors import InvalidInput, MissingData
from argosy.models.scenarios.revaluation import (
    Option,
    Revalued,
    black_scholes,
    bond_value,
    check_delta_gamma,
    forward_value,
    option_greeks,
)

SPOTS = np.array([60.0, 90.0, 100.0, 130.0])


@pytest.mark.parametrize("kind", ["call", "put"])
def test_options_of_quantlib(kind: str) -> None:
    found = black_scholes(SPOTS, strike=105.0, years=0.7, volatility=0.3, rate=0.03, dividend=0.01, kind=kind)
    delta, gamma = option_greeks(SPOTS, strike=105.0, years=0.7, volatility=0.3, rate=0.03, dividend=0.01, kind=kind)
    payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if kind == "call" else QuantLib.Option.Put, 105.0)
    for i, spot in enumerate(SPOTS):
        forward = spot * np.exp((0.03 - 0.01) * 0.7)
        peer = QuantLib.BlackCalculator(payoff, forward, 0.3 * 0.7**0.5, np.exp(-0.03 * 0.7))
        assert found[i] == pytest.approx(peer.value(), rel=1e-10)
        assert delta[i] == pytest.approx(peer.delta(spot), rel=1e-9)
        assert gamma[i] == pytest.approx(peer.gamma(spot), rel=1e-9)


def test_parity_and_expiry() -> None:
    terms = {"strike": 100.0, "years": 0.5, "rate": 0.04}
    call, put = (black_scholes(SPOTS, volatility=0.25, dividend=0.01, kind=kind, **terms) for kind in ("call", "put"))
    np.testing.assert_allclose(call - put, forward_value(SPOTS, carry=0.01, **terms), atol=1e-12)
    paid = black_scholes(SPOTS, strike=100.0, years=0.0, volatility=0.25, rate=0.04)
    np.testing.assert_array_equal(paid, np.maximum(SPOTS - 100.0, 0.0))


def test_bonds_of_quantlib() -> None:
    yields = np.array([0.01, 0.05, 0.12])
    flows, years = np.array([2.5] * 9 + [102.5]), np.arange(1, 11) * 0.5
    found = bond_value(flows, years, yields=yields, per_year=2)
    for i, y in enumerate(yields):
        rate = QuantLib.InterestRate(y, QuantLib.SimpleDayCounter(), QuantLib.Compounded, QuantLib.Semiannual)
        expected = sum(c * rate.discountFactor(float(t)) for c, t in zip(flows, years, strict=True))
        assert found[i] == pytest.approx(expected, rel=1e-12)
    assert bond_value(flows, years, yields=0.05, per_year=2) == pytest.approx(100.0)
    assert bond_value(flows, years, yields=np.zeros((2, 3))).shape == (2, 3)


def test_a_book_is_its_positions() -> None:
    option = Option(1, -10.0, 100.0, 100.0, 0.5, 0.2, 0.02, kind="put")
    book = Revalued(np.array([500.0, 0.0]), (option,), horizon_years=0.01)
    r = np.array([[0.01, -0.2], [0.0, 0.1]])
    by_hand = 500.0 * r[:, 0] + option.value(100.0 * (1 + r[:, 1]), years=0.49) - option.value(100.0, years=0.5)
    np.testing.assert_allclose(book(r), by_hand)
    near = np.array([[1e-4, -1e-4]])
    assert book.delta_gamma()(near)[0] == pytest.approx(book(near)[0], abs=1e-3)
    assert book.delta_gamma()(np.zeros((1, 2)))[0] == pytest.approx(book(np.zeros((1, 2)))[0])


def test_delta_gamma_is_checked() -> None:
    short = Revalued(np.zeros(1), (Option(0, -1.0, 100.0, 120.0, 0.2, 0.2, 0.0),))
    wide = np.clip(np.random.default_rng(1).standard_t(4, (4000, 1)) * 0.05, -0.9, 0.9)
    assert not check_delta_gamma(short, wide).sufficient
    calm = check_delta_gamma(short, np.random.default_rng(1).normal(0.0, 0.005, (4000, 1)))
    assert calm.sufficient
    assert calm.tail_error <= calm.largest_error
    assert check_delta_gamma(Revalued(np.ones(1)), wide).relative < 1e-12
    assert check_delta_gamma(Revalued(np.zeros(1)), wide).relative == 0.0


def test_what_is_missing_is_said() -> None:
    for name in ("volatility", "rate", "strike", "years"):
        terms = {"strike": 100.0, "years": 1.0, "volatility": 0.2, "rate": 0.0, name: None}
        with pytest.raises(MissingData, match=name):
            black_scholes(100.0, **terms)
    with pytest.raises(MissingData, match="volatility"):
        Revalued(np.zeros(1), (Option(0, 1.0, 100.0, 100.0, 1.0, None, 0.0),))(np.zeros((1, 1)))
    with pytest.raises(MissingData, match="infinite"):
        black_scholes(np.nan, strike=1.0, years=1.0, volatility=0.2, rate=0.0)
    with pytest.raises(InvalidInput, match="spot falls"):
        black_scholes(-1.0, strike=1.0, years=1.0, volatility=0.2, rate=0.0)
    with pytest.raises(InvalidInput, match="no option"):
        black_scholes(1.0, strike=1.0, years=1.0, volatility=0.2, rate=0.0, kind="other")
    with pytest.raises(InvalidInput, match="flows"):
        bond_value([1.0, 2.0], [1.0], yields=0.0)
    with pytest.raises(InvalidInput, match="per_year"):
        bond_value([1.0], [1.0], yields=0.0, per_year=0)
    with pytest.raises(InvalidInput, match="yield"):
        bond_value([1.0], [1.0], yields=-1.5)
    with pytest.raises(InvalidInput):
        check_delta_gamma(Revalued(np.zeros(1)), np.zeros((3, 1)))
