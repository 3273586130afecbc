"""Every convex risk: its number against the textbook and skfolio, its cones against its number, its lines below it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio import measures as peer

from argosy.base.errors import InvalidInput, UnknownName
from argosy.kernels.conic import holding
from argosy.kernels.risk_terms import Risk
from argosy.measures.risk.convex.catalogue import CONVEX, convex_risk, level_of
from argosy.measures.risk.convex.entropic import entropic
from argosy.measures.risk.convex.gini import Gini
from argosy.measures.risk.convex.path import falls
from argosy.measures.risk.convex.semi_deviation import SemiDeviation
from argosy.measures.risk.convex.shares import capped, entropy, within_entropy

SCOPES = {"level": "90%", "return": "0.1%", "": ""}


def returns(t: int = 60, n: int = 5, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_t(4, (t, n)) * rng.uniform(0.005, 0.02, n) + rng.normal(0.0, 0.006, (t, 1)) + 1e-3


def risk(name: str, r: np.ndarray) -> Risk:
    return convex_risk(name, SCOPES[CONVEX[name].scope], r)


def textbook(name: str, y: np.ndarray) -> float:
    """The number as libraries and papers write it, on a portfolio's own returns."""
    match name:
        case "shortfall":
            return float(peer.cvar(y, beta=0.9))
        case "evar":
            return float(peer.evar(y, beta=0.9))
        case "worst realization":
            return float(peer.worst_realization(y))
        case "mean absolute deviation":
            return float(np.mean(np.abs(y - y.mean())))
        case "semi-deviation" | "semi-variance":
            return float(peer.semi_deviation(y))
        case "first lower partial moment":
            return float(peer.first_lower_partial_moment(y, min_acceptable_return=0.001))
        case "gini mean difference":
            return float(np.abs(y[:, None] - y[None, :]).sum() / (y.size * (y.size - 1)))
        case "range":
            return float(np.ptp(y))
    # Drawdowns of summed returns by their definition, the start counted as a high.
    worth = np.concatenate([[0.0], np.cumsum(y)])
    deep = np.array([worth[: t + 1].max() - worth[t] for t in range(1, worth.size)])
    return {
        "cdar": float(peer.cvar(-deep, beta=0.9)), "average drawdown": float(deep.mean()),
        "maximum drawdown": float(deep.max()), "ulcer index": float(np.sqrt(np.mean(deep**2))),
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", CONVEX)
@pytest.mark.parametrize("t", [3, 10, 61])
def test_numbers_are_those_of_the_textbook(name: str, t: int) -> None:
    r = returns(t)
    x = np.array([0.5, 0.3, 0.4, -0.3, 0.1])
    # The peer finds the entropic bound by a search that ends early.
    close = 1e-5 if name == "evar" else 1e-12
    assert risk(name, r).number(x) == pytest.approx(textbook(name, r @ x), rel=close)


@pytest.mark.parametrize("name", CONVEX)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e4])
def test_cones_give_the_number_and_a_line_that_touches_it(name: str, scale: float) -> None:
    r = returns() * scale
    found = convex_risk(name, "0.1%" if CONVEX[name].scope == "return" and scale == 1.0 else
                        "0%" if CONVEX[name].scope == "return" else SCOPES[CONVEX[name].scope], r)  # fmt: skip
    x = np.array([0.5, 0.3, 0.4, -0.3, 0.1])
    slope, constant = found.line(holding(found, x))
    assert float(slope @ x) + constant == pytest.approx(found.number(x), rel=1e-6)


@pytest.mark.parametrize("name", CONVEX)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1e-9, 1.0]))
@settings(max_examples=25, deadline=None)
def test_no_line_lies_above_the_risk(name: str, seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    found = risk(name, returns(12, 3, seed))
    height = found.lifted().right.size
    duals = rng.normal(size=height) if noise else np.zeros(height)
    slope, constant = found.line(duals * (noise or 1.0))
    for x in rng.normal(size=(20, 3)):
        assert float(slope @ x) + constant <= found.number(x) + 1e-12


@pytest.mark.parametrize("name", CONVEX)
@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
@settings(max_examples=15, deadline=None)
def test_risks_are_convex_and_those_that_say_so_homogeneous(name: str, seed: int, mix: float) -> None:
    rng = np.random.default_rng(seed)
    found = risk(name, returns(15, 4, seed))
    x, y = rng.normal(size=4), rng.normal(size=4)
    between = found.number(mix * x + (1.0 - mix) * y)
    assert between <= mix * found.number(x) + (1.0 - mix) * found.number(y) + 1e-12
    if CONVEX[name].homogeneous:
        assert found.number(3.0 * x) == pytest.approx(3.0 * found.number(x), rel=1e-9, abs=1e-14)


def test_tails_are_ordered() -> None:
    r, x = returns(200), np.full(5, 0.2)
    numbers = [convex_risk("shortfall", "90%", r).number(x), convex_risk("evar", "90%", r).number(x),
               convex_risk("worst realization", "", r).number(x)]  # fmt: skip
    assert numbers[0] < numbers[1] < numbers[2]
    deep = [risk(name, r).number(x) for name in ("average drawdown", "ulcer index", "cdar", "maximum drawdown")]
    assert deep == sorted(deep)


def test_ends_of_the_entropic_bound() -> None:
    losses = np.array([0.01, -0.02, 0.03, 0.03])
    assert entropic(np.full(4, 0.02), 0.9) == 0.02
    # Half of the scenarios are the worst: beyond one half only they are left.
    assert entropic(losses, 0.5) == pytest.approx(0.03, rel=1e-9)
    assert entropic(losses, 1e-9) == pytest.approx(losses.mean(), abs=1e-5)


def test_weights_of_scenarios_are_allowed() -> None:
    p = capped(np.zeros(10), 0.2)
    assert p.sum() == pytest.approx(1.0)
    assert p.max() <= 0.2
    np.testing.assert_array_equal(capped(np.ones(3), 0.1), np.full(3, 1 / 3))
    assert capped(np.array([0.5, 0.45, 0.0]), 0.6).tolist() == pytest.approx([0.535, 0.465 - 0.0, 0.0], abs=0.02)
    np.testing.assert_array_equal(within_entropy(np.zeros(4), 0.1), np.full(4, 0.25))
    mixed = within_entropy(np.array([0.9, 0.05, 0.05]), 0.2)
    assert entropy(mixed) <= 0.2 + 1e-12


def test_the_start_counts_as_a_high() -> None:
    assert falls(np.array([-0.02, 0.01, 0.05])).round(12).tolist() == [0.02, 0.01, 0.0]


def test_what_is_asked_wrongly() -> None:
    r = returns()
    with pytest.raises(UnknownName, match="unknown risk 'cvarr'"):
        convex_risk("cvarr", "", r)
    for scope in ("95", "0", "often", "100%"):
        with pytest.raises(InvalidInput, match="confidence level"):
            level_of(scope)
    with pytest.raises(InvalidInput, match="is not a return"):
        convex_risk("first lower partial moment", "low", r)
    for alone in (SemiDeviation, Gini):
        with pytest.raises(InvalidInput, match="at least two scenarios"):
            alone(r[:1])
    with pytest.raises(InvalidInput, match="at most 600 scenarios"):
        Gini(np.zeros((601, 2))).lifted()
    with pytest.raises(InvalidInput, match="at most 600 scenarios"):
        Gini(np.zeros((601, 2))).excess()


def test_many_pairs_are_left_to_sparse_cones() -> None:
    assert Gini(np.zeros((20, 3))).excess() is not None
    assert Gini(np.zeros((500, 10))).excess() is None
