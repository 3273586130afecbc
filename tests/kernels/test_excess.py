"""The fast kernel of tails against its slow twin, the same form as cones, over limits of every shape it takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.kernels import conic, excess
from argosy.kernels.convex import Form, Rows, certify
from argosy.kernels.interior import Program, solve
from argosy.kernels.risk_terms import Risk, RiskTerm
from argosy.measures.risk.convex.deviation import Deviation
from argosy.measures.risk.convex.partial_moment import PartialMoment
from argosy.measures.risk.convex.shortfall import Shortfall
from argosy.measures.risk.convex.ulcer import Ulcer
from argosy.measures.risk.convex.worst import Worst

BIG = np.inf


def returns(t: int, n: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_t(4, (t, n)) * rng.uniform(0.005, 0.02, n) + rng.normal(0.0, 0.006, (t, 1)) + 3e-4


def form(risk: Risk, *, high: float = BIG, low: float = 0.0, ranged: bool = False, mu: np.ndarray | None = None,
         weight: float = 1.0, bound: float = BIG) -> Form:  # fmt: skip
    n = risk.scenarios.shape[1]
    columns = [np.ones(n)]
    edges = [(1.0, 1.0)]
    if ranged:
        columns += [(np.arange(n) % 3 == 0) * 1.0, (np.arange(n) % 3 == 1) * 1.0]
        edges += [(0.2, 0.3), (-np.inf, 0.4)]
    owner = np.full(n, -1)
    return Form(
        np.zeros((n, 0)), np.zeros(n), 0.0, np.zeros(n) if mu is None else mu, np.full(n, low), np.full(n, high), owner,
        owner, Rows(np.column_stack(columns), np.array([e[0] for e in edges]), np.array([e[1] for e in edges]),
                    np.full(len(edges), -1), np.full(len(edges), np.inf)),
        np.zeros(n), np.zeros(n), risks=(RiskTerm(risk, weight=weight, bound=bound),),
    )  # fmt: skip


def agree(posed: Form, *, gap: float = 2e-9) -> None:
    assert excess.applies(posed)
    quick, slow = excess.solve(posed), conic.solve(posed).answer
    assert quick is not None
    assert slow is not None
    one, two = certify(posed, quick), certify(posed, slow)
    assert one.relative_gap <= gap
    assert one.violation <= 1e-9
    assert one.value == pytest.approx(two.value, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("high", [BIG, 0.1])
@pytest.mark.parametrize("low", [0.0, 0.004, -0.05, -np.inf])
@pytest.mark.parametrize("ranged", [False, True])
def test_shortfall_under_boxes_and_rows(high: float, low: float, *, ranged: bool) -> None:
    # Where weights have no bound the proof looks ten times as far as they are large.
    agree(form(Shortfall(returns(300, 60), 0.9), high=high, low=low, ranged=ranged),
          gap=2e-9 if np.isfinite(low) else 1e-7)  # fmt: skip


@pytest.mark.parametrize("shape", [(200, 12), (40, 90), (1, 3), (12, 12)])
@pytest.mark.parametrize("kind", [lambda r: Shortfall(r, 0.95), Worst, Deviation, lambda r: PartialMoment(r, 0.001)])
def test_every_risk_of_the_shape(kind, shape: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    posed = form(kind(returns(*shape)), high=0.6)
    quick, slow = excess.solve(posed), conic.solve(posed).answer
    assert slow is not None
    # Where fewer scenarios than assets leave no risk at all there is no inside to walk in, and cones take over.
    if quick is not None:
        assert certify(posed, quick).gap <= 1e-8 * posed.risks[0].unit
        assert certify(posed, quick).value == pytest.approx(certify(posed, slow).value, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e5])
def test_most_return_under_a_bound_and_both_at_once(scale: float) -> None:
    r = returns(250, 50) * scale
    risk = Shortfall(r, 0.9)
    least = excess.solve(form(risk))
    assert least is not None
    bound = 1.3 * risk.number(least.weights)
    for weight in (0.0, 0.5):
        posed = form(risk, mu=r.mean(axis=0), weight=weight, bound=bound)
        quick = excess.solve(posed)
        slow = conic.solve(posed).answer
        assert quick is not None
        assert slow is not None
        proof = certify(posed, quick)
        assert proof.relative_gap <= 2e-9
        assert proof.value == pytest.approx(certify(posed, slow).value, rel=1e-6)
        assert quick.risks[0].price == pytest.approx(slow.risks[0].price, rel=1e-4)
        assert risk.number(quick.weights) <= bound * (1.0 + 1e-8)


def test_logarithms_keep_weights_positive() -> None:
    risk = Shortfall(returns(200, 15), 0.9)
    posed = replace(form(risk), barrier=np.full(15, 2e-4))
    agree(posed)
    found = excess.solve(posed)
    assert found is not None
    assert found.weights.min() > 1e-4


def test_what_is_not_of_the_shape_is_left_to_the_cones() -> None:
    posed = form(Shortfall(returns(30, 4), 0.9))
    assert excess.solve(form(Ulcer(returns(30, 4)))) is None
    assert not excess.applies(replace(posed, cost=np.ones(4)))
    assert not excess.applies(replace(posed, aversion=1.0))
    assert not excess.applies(replace(posed, low=np.full(4, 0.25), high=np.full(4, 0.25)))
    assert not excess.applies(replace(posed, risks=(replace(posed.risks[0], bound=0.1, price=2.0),)))


def test_no_inside_does_not_settle() -> None:
    # Boxes that cannot reach the sum, and rows that say the same twice.
    assert excess.solve(form(Shortfall(returns(50, 4), 0.9), high=0.2)) is None
    twice = form(Shortfall(returns(50, 4), 0.9))
    columns = np.column_stack([twice.rows.columns, twice.rows.columns])
    double = replace(twice, rows=Rows(columns, np.ones(2), np.ones(2), np.full(2, -1), np.full(2, np.inf)))
    found = excess.solve(double)
    assert found is None or certify(double, found).relative_gap < 1e-6
    stuck = solve(Program(np.ones((3, 2)), np.zeros(2), np.zeros(2), np.full(2, 0.1), np.ones((1, 2)), np.ones(1), 0.5,
                          None, 1.0))  # fmt: skip
    assert not stuck.settled


@given(st.integers(0, 500), st.floats(0.5, 0.99))
@settings(max_examples=15, deadline=None)
def test_order_of_assets_and_scenarios_does_not_matter(seed: int, level: float) -> None:
    r = returns(80, 45, seed)
    rng = np.random.default_rng(seed)
    assets, days = rng.permutation(45), rng.permutation(80)
    one, two = excess.solve(form(Shortfall(r, level))), excess.solve(form(Shortfall(r[days][:, assets], level)))
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(two.weights, one.weights[assets], atol=3e-6)
