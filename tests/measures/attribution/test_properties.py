"""Identities that hold for any numbers: effects sum, linking leaves nothing, merging and permuting change nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels import segments as fast
from argosy.kernels.reference.segments import segment_sums as plain
from argosy.measures.attribution.brinson import brinson, brinson_geometric
from argosy.measures.attribution.factors import factor_effects
from argosy.measures.attribution.fixed_income import EFFECTS, bond_effects
from argosy.measures.attribution.hierarchy import brinson_hierarchy
from argosy.measures.attribution.linking import coefficients, frongello_path, link, link_geometric
from argosy.measures.attribution.risk import active_risk, fama
from argosy.measures.attribution.segments import brinson_securities
from argosy.measures.attribution.trading import trading_effects

SEEDS = st.integers(0, 2**32 - 1)
LINKERS = ("carino", "menchero", "grap", "frongello")


def history(seed: int, periods: int = 7, names: int = 6, *, shorts: bool = False) -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(seed)
    low = -0.3 if shorts else 0.0

    def weights() -> Any:
        raw = rng.uniform(low, 1.0, (periods, names))
        raw[rng.random(raw.shape) < 0.2] = 0.0
        raw[:, 0] += 0.5
        rest = raw[:, 1:]
        return np.concatenate([1.0 - rest.sum(axis=1, keepdims=True), rest], axis=1)

    return weights(), weights(), rng.normal(0, 0.05, (periods, names)), rng.normal(0, 0.05, (periods, names))


@given(SEEDS, st.sampled_from(("brinson-fachler", "brinson-hood-beebower")), st.booleans())
def test_effects_sum_to_the_active_return(seed: int, method: Any, shorts: bool) -> None:
    data = history(seed, shorts=shorts)
    for interaction in ("separate", "selection", "allocation"):
        fx = brinson(*data, method=method, interaction=interaction)
        np.testing.assert_allclose(fx.total, fx.active, rtol=0, atol=1e-12)
        np.testing.assert_allclose(fx.stacked.sum(axis=1), fx.active, rtol=0, atol=1e-12)


@given(SEEDS)
def test_geometric_effects_compound_to_the_ratio(seed: int) -> None:
    fx = brinson_geometric(*history(seed))
    np.testing.assert_allclose(fx.total, fx.active, rtol=0, atol=1e-12)
    whole = np.prod(1 + fx.portfolio) / np.prod(1 + fx.benchmark) - 1
    assert link_geometric(fx.total) == pytest.approx(whole, abs=1e-10)


@given(SEEDS, st.sampled_from(LINKERS))
def test_linked_effects_sum_to_the_active_return_of_the_span(seed: int, method: Any) -> None:
    fx = brinson(*history(seed, periods=60))
    out = link(fx.stacked, fx.portfolio, fx.benchmark, method=method)
    assert out.linked.sum() == pytest.approx(out.active, abs=1e-10)
    np.testing.assert_allclose(out.cumulative[-1], out.linked, rtol=0, atol=1e-12)


@given(SEEDS)
def test_frongello_reconciles_after_every_period(seed: int) -> None:
    fx = brinson(*history(seed, periods=20))
    path = frongello_path(fx.stacked, fx.portfolio, fx.benchmark)
    active = np.cumprod(1 + fx.portfolio) - np.cumprod(1 + fx.benchmark)
    np.testing.assert_allclose(path.sum(axis=1), active, rtol=0, atol=1e-10)
    grap = link(fx.stacked, fx.portfolio, fx.benchmark, method="grap")
    np.testing.assert_allclose(path[-1], grap.linked, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", LINKERS)
def test_equal_returns_are_linked_by_the_limit(method: Any) -> None:
    same = [0.01, -0.02, 0.03]
    weights = coefficients(same, same, method=method)
    assert np.isfinite(weights).all()
    out = link([[0.002, -0.002], [0.01, -0.01], [0.0, 0.0]], same, same, method=method)
    assert out.linked.sum() == pytest.approx(0.0, abs=1e-15)


@given(SEEDS)
def test_permuting_and_merging_segments(seed: int) -> None:
    wp, wb, rp, rb = history(seed)
    order = np.random.default_rng(seed).permutation(wp.shape[1])
    before, after = brinson(wp, wb, rp, rb), brinson(*(a[:, order] for a in (wp, wb, rp, rb)))
    np.testing.assert_allclose(before.allocation[:, order], after.allocation, rtol=0, atol=1e-14)
    np.testing.assert_allclose(before.selection[:, order], after.selection, rtol=0, atol=1e-14)
    labels = ["a", "a", "b", "b", "c", "c"]
    names, merged = brinson_securities(wp, wb, rp, rb, labels)
    assert names == ("a", "b", "c")
    np.testing.assert_allclose(merged.total, merged.active, rtol=0, atol=1e-12)
    np.testing.assert_allclose(merged.active, before.active, rtol=0, atol=1e-12)


@given(SEEDS)
def test_securities_as_their_own_segments_are_brinson(seed: int) -> None:
    wp, wb, rp, rb = history(seed)
    rb = np.where(wb == 0.0, (wb * rb).sum(axis=1, keepdims=True), rb)
    rp = np.where(wp == 0.0, rb, rp)
    want = brinson(wp, wb, rp, rb)
    _, got = brinson_securities(wp, wb, rp, rb, list("abcdef"))
    np.testing.assert_allclose(got.allocation, want.allocation, rtol=0, atol=1e-12)
    off = wb == 0.0  # outside the benchmark the whole bet is selection
    np.testing.assert_allclose(got.selection[~off], want.selection[~off], rtol=0, atol=1e-12)
    np.testing.assert_allclose(got.selection[off], (want.selection + want.interaction)[off], rtol=0, atol=1e-12)


@given(SEEDS, st.booleans())
def test_a_netted_segment_still_reconciles(seed: int, bench: bool) -> None:
    rng = np.random.default_rng(seed)
    wp, wb = np.array([[0.7, 0.3, 0.2, -0.2]]), np.array([[0.6, 0.4, 0.3, -0.3]])
    if not bench:
        wb = np.array([[0.6, 0.3, 0.1, 0.0]])
    _, fx = brinson_securities(wp, wb, rng.normal(0, 0.1, (1, 4)), rng.normal(0, 0.1, (1, 4)), ["a", "a", "ls", "ls"])
    assert fx.total[0] == pytest.approx(fx.active[0], abs=1e-12)


@given(SEEDS)
def test_every_level_of_a_tree_sums(seed: int) -> None:
    # Long-only: a group whose longs and shorts almost cancel divides by almost nothing, whoever computes it.
    rng = np.random.default_rng(seed)
    wp, wb = (np.where(rng.random((7, 6)) < 0.2, 0.0, rng.uniform(0.1, 1.0, (7, 6))) + 1e-2 for _ in "pb")
    wp, wb = wp / wp.sum(axis=1, keepdims=True), wb / wb.sum(axis=1, keepdims=True)
    wb[0, :2] = 0.0
    wb[0] /= wb[0].sum()
    rp, rb = rng.normal(0, 0.05, (7, 6)), rng.normal(0, 0.05, (7, 6))
    levels = [("class", list("xxxyyy")), ("region", ["x1", "x1", "x2", "y1", "y2", "y2"]), ("name", list("abcdef"))]
    for depth in (1, 2, 3):
        out = brinson_hierarchy(wp, wb, rp, rb, levels[:depth])
        np.testing.assert_allclose(out.total, out.portfolio - out.benchmark, rtol=0, atol=1e-12)
    assert out.levels[1].parents == ("x", "x", "y", "y")


@given(SEEDS, st.integers(1, 40), st.integers(1, 60))
def test_the_compiled_sums_equal_the_plain_ones(seed: int, periods: int, names: int) -> None:
    rng = np.random.default_rng(seed)
    data = [rng.normal(size=(periods, names)) for _ in range(4)]
    codes = rng.integers(0, 5, names)
    from argosy.kernels.segments_jit import sums

    for got, want in zip(sums(*data, codes, 5), plain(*data, codes, 5), strict=True):
        assert (got == want).all()


@pytest.mark.parametrize("base", [0.0, 1.0])
def test_large_histories_take_the_compiled_path(monkeypatch: pytest.MonkeyPatch, base: float) -> None:
    """Sums and effects: also of segments that nobody holds, off the benchmark, and of longs and shorts that cancel."""
    rng = np.random.default_rng(7)
    data = [rng.normal(size=(40, 30)) for _ in range(4)]
    codes = rng.integers(0, 6, 30)
    data[0][:20, codes == 1] = 0.0
    data[1][10:30, codes <= 2] = 0.0
    pair = np.flatnonzero(codes == 3)
    data[0][:, pair] = 0.0
    data[0][:, pair[0]], data[0][:, pair[1]] = 0.5, -0.5
    small, effects = fast.segment_sums(*data, codes, 6), fast.segment_effects(*data, codes, 6, base=base)
    monkeypatch.setattr(fast, "SMALL", 10)
    for got, want in zip(fast.segment_sums(*data, codes, 6), small, strict=True):
        assert (got == want).all()
    for got, want in zip(fast.segment_effects(*data, codes, 6, base=base), effects, strict=True):
        assert (got == want).all()


def test_linked_effects_do_not_follow_what_the_caller_changes() -> None:
    effects = np.array([[0.015, 0.005], [-0.02, 0.01]])
    out = link(effects, [0.10, 0.05], [0.08, 0.06])
    before = out.cumulative
    effects[:] = 0.0
    np.testing.assert_array_equal(out.cumulative, before)
    with pytest.raises(ValueError, match="read-only"):
        out.effects[0, 0] = 1.0


@given(SEEDS)
def test_factor_contributions_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, x, f, r = rng.normal(size=(5, 8)), rng.normal(size=(8, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 8))
    fx = factor_effects(w, x, f, r)
    np.testing.assert_allclose(fx.factor.sum(1) + fx.specific.sum(1), fx.total, rtol=0, atol=1e-12)
    moving = factor_effects(w, np.broadcast_to(x, (5, 8, 3)), f, r, ("a", "b", "c"))
    np.testing.assert_allclose(moving.factor, fx.factor, rtol=0, atol=0)


@given(SEEDS)
def test_bond_effects_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def m() -> Any:
        return rng.normal(0, 0.01, (4, 3))

    actual = m()
    fx = bond_effects(
        yield_start=m(), duration=5 + 100 * m(), spread_duration=5 + 100 * m(), years=np.full(4, 0.25),
        roll_yield_change=m(), curve_shift=rng.normal(0, 0.01, 4), curve_change=m(), spread_change=m(), r_actual=actual,
    )  # fmt: skip
    np.testing.assert_allclose(fx.total, actual, rtol=0, atol=1e-15)
    w = np.full((4, 3), 1 / 3)
    np.testing.assert_allclose(
        sum(fx.weighted(w)[name] for name in EFFECTS), (w * actual).sum(axis=1), rtol=0, atol=1e-15
    )


@given(SEEDS)
def test_trading_holdings_and_residual_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value, profit, hold = rng.uniform(1, 9, (6, 4)), rng.normal(size=(6, 4)), rng.normal(0, 0.02, (6, 4))
    actual = rng.normal(0, 0.02, 6)
    fx = trading_effects(value, profit, hold, actual)
    np.testing.assert_allclose(fx.holdings.sum(1) + fx.trading.sum(1) + fx.residual, actual, rtol=0, atol=1e-12)


@given(SEEDS, st.sampled_from((0, 1)))
def test_tracking_error_is_shared_out(seed: int, ddof: int) -> None:
    e = np.random.default_rng(seed).normal(0, 0.01, (30, 5))
    out = active_risk(e, periods_per_year=252, ddof=ddof)
    assert out.contribution.sum() == pytest.approx(out.tracking_error, abs=1e-12)
    assert out.tracking_error == pytest.approx(e.sum(1).std(ddof=ddof) * 252**0.5, abs=1e-12)
    np.testing.assert_allclose(out.volatility * out.correlation, out.contribution, rtol=0, atol=1e-12)
    share = out.contribution / out.tracking_error
    assert (share * out.component_ratio).sum() == pytest.approx(out.information_ratio, abs=1e-10)


def test_what_earned_without_risk_has_no_ratio() -> None:
    out = active_risk([[0.01, 0.02], [0.01, 0.05]], periods_per_year=1)
    assert out.riskless.tolist() == [True, False]
    assert out.component_ratio[0] == 0.0
    share = out.contribution / out.tracking_error
    free = out.mean[out.riskless].sum() / out.tracking_error
    assert (share * out.component_ratio).sum() + free == pytest.approx(out.information_ratio, abs=1e-12)


def test_fama_parts_sum() -> None:
    out = fama(r_port=0.12, r_bench=0.1, risk_free=0.02, beta=0.9, volatility_port=0.18, volatility_bench=0.16)
    parts = out.risk_free + out.systematic + out.diversification + out.net_selectivity
    assert parts == pytest.approx(out.total, abs=1e-15)
