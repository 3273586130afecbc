"""Correlations, one-bet measures, concentration, leverage and liquidity."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.measures.risk.monitoring.concentration import concentration, leverage
from argosy.measures.risk.monitoring.correlations import average_correlations, correlation_break, correlation_breaks
from argosy.measures.risk.monitoring.liquidity import days_to_liquidate, liquidity_adjusted_risk
from argosy.measures.risk.monitoring.spectrum import absorption_path, absorption_ratio, effective_rank, turbulence
from argosy.models.moments.covariance import NotPSD
from argosy.models.moments.observations import InsufficientData
from argosy.models.volatility.ewma import ewma_covariance


def case(folder: Path, name: str) -> dict:
    cases = json.loads((folder / "domain.json").read_text("utf-8"))["examples"]
    return next(one for one in cases if one["id"] == name)


def test_the_correlation_case(shared_cases: Path) -> None:
    one = case(shared_cases, "11.3-EWMA")
    x, expected = one["inputs"], one["expected"]
    start = x["init"]
    found = ewma_covariance(np.column_stack([x["a"], x["b"]]), decay=x["lam"],
                            initial=[[start["va"], start["cab"]], [start["cab"], start["vb"]]])  # fmt: skip
    assert found.correlation[0, 1] == pytest.approx(expected["corr"], abs=1e-9)
    assert found.covariance.matrix.diagonal().tolist() == pytest.approx([expected["va"], expected["vb"]], rel=1e-7)


def test_average_correlations_by_plain_recursions() -> None:
    r = np.random.default_rng(1).normal(0.0, 0.01, (150, 3)) + np.random.default_rng(2).normal(0.0, 0.01, (150, 1))
    fading = 0.94 ** np.arange(75)
    s = (r[:75] * (fading / fading.sum())[:, None]).T @ r[:75]
    expected = []
    for row in [*r, None]:
        d = np.sqrt(np.diag(s))
        c = s / np.outer(d, d)
        expected.append((c.sum() - 3.0) / 6.0)
        if row is not None:
            s = 0.94 * s + 0.06 * np.outer(row, row)
    assert average_correlations(r).tolist() == pytest.approx(expected, rel=1e-9)
    with pytest.raises(InvalidInput, match="one asset"):
        average_correlations(r[:, :1])


def test_assets_that_stand_still_are_named() -> None:
    r = np.random.default_rng(1).normal(size=(100, 3))
    r[:, 1] = 0.0
    for call in (
        lambda: average_correlations(r, names=["A", "B", "C"]),
        lambda: turbulence(r, window=50, names=["A", "B", "C"]),
        lambda: absorption_path(r, window=50, names=["A", "B", "C"]),
        lambda: correlation_breaks(r, generator=np.random.default_rng(1), names=["A", "B", "C"]),
    ):
        with pytest.raises(UndefinedMeasure, match="B does not vary"):
            call()
    late = np.random.default_rng(1).normal(size=(100, 2))
    late[:80, 0] = 0.0
    with pytest.raises(UndefinedMeasure, match="A did not vary up to day 0"):
        average_correlations(late, names=["A", "B"])


def test_a_break_is_found_and_none_where_none_is() -> None:
    g = np.random.default_rng(4)
    a, noise = g.normal(size=500), g.normal(size=500)
    # The volatility triples elsewhere, which is no break of the correlation.
    wild = np.where(np.arange(500) < 150, 1.0, 3.0)
    b = np.where(np.arange(500) < 300, 0.1 * a + noise, 1.5 * a + noise)
    found = correlation_break(a * wild, b * wild, generator=g, draws=199)
    assert found.p_value <= 0.01
    assert found.earliest <= 300 <= found.latest
    assert found.latest - found.earliest < 150
    assert found.before < 0.35 < 0.6 < found.after
    calm = correlation_break(a * wild, (0.7 * a + noise) * wild, generator=g, draws=199)
    assert calm.p_value > 0.05


def test_breaks_keep_their_size() -> None:
    g = np.random.default_rng(8)
    rejected = 0
    for _ in range(60):
        x = g.normal(size=(100, 2))
        rejected += correlation_break(x[:, 0], x[:, 1], generator=g, draws=99, least=30, decay=None).p_value <= 0.05
    assert rejected <= 3 + 4 * np.sqrt(60 * 0.05 * 0.95)


def test_many_pairs_are_corrected_for() -> None:
    g = np.random.default_rng(6)
    market = g.normal(size=(400, 1))
    r = g.normal(size=(400, 3))
    r[200:, :2] += 2.0 * market[200:]
    found = correlation_breaks(r, generator=g, names=["A", "B", "C"], draws=199, decay=None)
    assert [(one.first, one.second) for one in found.found] == [("A", "B")]
    rows = found.table().rows()
    assert rows[0]["pair"] == "A / B"
    assert [row["breaks"] for row in rows].count("yes") == 1
    with pytest.raises(InvalidInput, match="level"):
        correlation_breaks(r, generator=g, level=5)


def test_bad_breaks() -> None:
    g = np.random.default_rng(6)
    x = g.normal(size=100)
    with pytest.raises(InsufficientData, match="60 on each side"):
        correlation_break(x, x[::-1], generator=g)
    with pytest.raises(InvalidInput, match="least"):
        correlation_break(x, x[::-1], generator=g, least=5)
    with pytest.raises(InvalidInput, match="second has shape"):
        correlation_break(x, x[:-1], generator=g)


@given(st.integers(0, 1_000), st.integers(1, 8))
def test_shares_of_variance(seed: int, size: int) -> None:
    root = np.random.default_rng(seed).normal(size=(size, size + 2))
    cov = root @ root.T
    values = np.sort(np.linalg.eigvalsh(cov))[::-1]
    for count in range(1, size + 1):
        assert absorption_ratio(cov, components=count) == pytest.approx(values[:count].sum() / values.sum(), rel=1e-9)
    assert 1.0 - 1e-9 <= effective_rank(cov) <= size + 1e-9
    # Neither the scale of an asset nor the order of assets says anything about independent bets.
    scale = np.arange(1.0, size + 1.0)
    assert effective_rank(cov * np.outer(scale, scale)) == pytest.approx(effective_rank(cov), rel=1e-7)


def test_a_block_of_two_bets() -> None:
    pair = np.ones((2, 2))
    block = np.kron(np.eye(2), pair) * 0.04
    assert effective_rank(block) == pytest.approx(2.0)
    assert absorption_ratio(block, components=2) == pytest.approx(1.0)
    with pytest.raises(InvalidInput, match="components"):
        absorption_ratio(block, components=5)
    with pytest.raises(NotPSD, match="nothing varies"):
        absorption_ratio(np.zeros((2, 2)))


def test_absorption_rises_when_all_fall_together() -> None:
    g = np.random.default_rng(5)
    market = g.normal(size=(600, 1))
    r = g.normal(size=(600, 10)) + np.where(np.arange(600)[:, None] < 400, 0.0, 2.0) * market
    path = absorption_path(r, window=200, half_life=50.0)
    assert path.shape == (401,)
    assert path[-1] > path[150] + 0.3
    equal = absorption_path(r, window=200, half_life=None)
    assert equal[0] == pytest.approx(absorption_ratio(np.cov(r[:200], rowvar=False)), rel=1e-9)


def test_turbulence_is_the_distance_of_the_day_from_those_before() -> None:
    g = np.random.default_rng(7)
    r = g.normal(0.0, 0.01, (300, 4))
    found = turbulence(r, window=250)
    x = r[260] - r[10:260].mean(axis=0)
    expected = x @ np.linalg.inv(np.cov(r[10:260], rowvar=False)) @ x / 4
    assert found[10] == pytest.approx(expected, rel=1e-9)
    # A later day changes no earlier value.
    other = r.copy()
    other[280:] *= 5.0
    assert turbulence(other, window=250)[:30].tobytes() == found[:30].tobytes()
    twins = np.column_stack([r[:, 0], r[:, 0]])
    with pytest.raises(NotPSD, match="repeat each other in the window before day 250"):
        turbulence(twins, window=250)
    with pytest.raises(InvalidInput, match="window is 4"):
        turbulence(r, window=4)
    with pytest.raises(InsufficientData):
        turbulence(r, window=300)


def test_concentration_by_hand() -> None:
    found = concentration([0.5, -0.3, 0.2], names=["A", "B", "C"], top=2)
    assert found.herfindahl == pytest.approx(0.38)
    assert found.effective_names == pytest.approx(1 / 0.38)
    assert found.normalized == pytest.approx((0.38 - 1 / 3) / (2 / 3))
    assert found.largest == (("A", 0.5), ("B", pytest.approx(0.3)))
    assert found.top_share == pytest.approx(0.8)
    grouped = concentration([0.5, -0.3, 0.2], groups=["x", "y", "x"])
    assert grouped.herfindahl == pytest.approx(0.49 + 0.09)
    assert concentration([5.0]).normalized == 1.0
    with pytest.raises(UndefinedMeasure, match="nothing is held"):
        concentration([0.0, 0.0])
    with pytest.raises(InvalidInput, match="groups"):
        concentration([1.0], groups=["x", "y"])
    with pytest.raises(InvalidInput, match="top"):
        concentration([1.0], top=0)
    with pytest.raises(InvalidInput, match="names"):
        concentration([1.0, 1.0], names=["A", "A"])


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20))
def test_effective_names_lie_between_one_and_all(values: list[float]) -> None:
    found = concentration(values)
    assert 1.0 - 1e-9 <= found.effective_names <= len(values) + 1e-9
    assert concentration([1.0] * len(values)).effective_names == pytest.approx(len(values))


def test_leverage_by_hand() -> None:
    found = leverage([150.0, -50.0, 20.0], net_asset_value=100.0)
    assert (found.long, found.short, found.gross, found.net) == pytest.approx((1.7, 0.5, 2.2, 1.2))
    for nav in (0.0, -5.0):
        with pytest.raises(UndefinedMeasure, match="net asset value"):
            leverage([1.0], net_asset_value=nav)


def test_the_liquidity_case(shared_cases: Path) -> None:
    one = case(shared_cases, "14.4-DTL")
    x, expected = one["inputs"], one["expected"]
    names = list(x["shares_adv"])
    shares, volumes = zip(*(x["shares_adv"][name] for name in names), strict=True)
    values = [x["values"][name] for name in names]
    found = days_to_liquidate(shares, volumes, values, participation=x["participation"], names=names)
    assert dict(zip(found.names, found.days.tolist(), strict=True)) == pytest.approx(expected["days"])
    assert found.liquid_within(7) == pytest.approx(expected["liquid_7d"], rel=1e-6)
    # The slice moves at the pace of the slowest: 7 of 10 days.
    assert found.liquid_within(7, style="slice") == pytest.approx(0.7)
    assert found.buckets({"highly liquid": 3, "moderately liquid": 7}) == {
        "highly liquid": 0.5, "moderately liquid": 0.0, "beyond": 0.5
    }  # fmt: skip
    assert found.table().rows()[0]["days"] == 1.25


@given(st.lists(st.tuples(st.floats(0.01, 50.0), st.floats(1.0, 100.0)), min_size=1, max_size=6), st.floats(0.01, 1.0))
def test_days_for_a_share_are_those_within_which_it_is_liquid(
    positions: list[tuple[float, float]], share: float
) -> None:
    found = days_to_liquidate([0.2 * d for d, _ in positions], [1.0] * len(positions), [v for _, v in positions])
    for style in ("waterfall", "slice"):
        days = found.days_for(share, style=style)
        assert found.liquid_within(days, style=style) == pytest.approx(share, rel=1e-6)
    assert found.days_for(share) <= found.days_for(share, style="slice") + 1e-9


def test_bangia_by_hand() -> None:
    found = liquidity_adjusted_risk(
        10.0, [100.0, -200.0], spread=[0.01, 0.02], spread_deviation=[0.005, 0.0], multiple=2.0
    )
    assert found.cost.tolist() == pytest.approx([1.0, 2.0])
    assert found.liquidity_adjusted == pytest.approx(13.0)
    with pytest.raises(InvalidInput, match="negative"):
        liquidity_adjusted_risk(10.0, [1.0], spread=[-0.01], spread_deviation=[0.0])


def test_bad_liquidity() -> None:
    with pytest.raises(InvalidInput, match="B is not traded"):
        days_to_liquidate([1.0, 1.0], [1.0, 0.0], [1.0, 1.0], names=["A", "B"])
    with pytest.raises(InvalidInput, match="participation"):
        days_to_liquidate([1.0], [1.0], [1.0], participation=20)
    found = days_to_liquidate([1.0], [1.0], [1.0])
    with pytest.raises(InvalidInput, match="share"):
        found.days_for(50)
    with pytest.raises(InvalidInput, match="style"):
        found.liquid_within(1, style="all")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="do not rise"):
        found.buckets({"a": 7, "b": 3})
    with pytest.raises(InvalidInput, match="values"):
        days_to_liquidate([1.0], [1.0], [0.0])
