"""Sums of return series: the compiled kernel against its plain twin, and the twin against figures worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.kernels import stats

NOT_TAIL = stats.EVERYTHING & ~stats.TAIL


def both(returns, **options) -> tuple[np.ndarray, np.ndarray]:
    count = returns.shape[1]
    options.setdefault("rate", np.zeros((1, count)))
    options.setdefault("target", np.zeros((1, count)))
    return (
        stats.sums(returns, engine="kernel", **options),
        stats.sums(returns, engine="reference", **options),
    )


def agree(left: np.ndarray, right: np.ndarray, scale: float = 1.0) -> None:
    np.testing.assert_array_equal(np.isnan(left), np.isnan(right))
    np.testing.assert_allclose(left, right, rtol=1e-10, atol=1e-12 * scale)


def column(rows: np.ndarray, name: str) -> float:
    return float(rows[0, stats.PLACE[name]])


def block(seed: int, series: int, periods: int, spread: float = 0.05) -> np.ndarray:
    return np.clip(np.random.default_rng(seed).normal(0.003, spread, (series, periods)), -0.9, 0.9)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    periods=st.integers(1, 200),
    series=st.integers(1, 3),
    share=st.sampled_from([0.01, 0.025, 0.05, 0.1, 0.25, 0.4]),
    shared=st.booleans(),
    steady=st.booleans(),
)
def test_kernel_and_twin_agree(seed: int, periods: int, series: int, share: float, shared: bool, steady: bool) -> None:
    returns = block(seed, series, periods)
    market = block(seed + 1, 1 if shared else series, periods, 0.03)
    rate = np.full((1, periods), 0.001) if steady else block(seed + 2, 1, periods, 0.001)
    left, right = both(returns, benchmark=market, rate=rate, target=np.full((1, periods), 0.002), share=share)
    agree(left, right)


def test_agreement_on_ties_and_few_values() -> None:
    rng = np.random.default_rng(3)
    returns = rng.choice([-0.02, 0.0, 0.01], (20, 97))
    agree(*both(returns, share=0.05))
    agree(*both(returns, share=0.3))


def test_spans_leave_the_rest_unread() -> None:
    returns = block(5, 3, 40)
    market = block(6, 1, 40)
    spans = np.array([[0, 40], [5, 30], [39, 40]])
    holed = returns.copy()
    holed[1, :5] = np.nan
    holed[1, 30:] = np.inf
    left, right = both(holed, benchmark=market, spans=spans)
    agree(left, right)
    alone = stats.sums(
        np.ascontiguousarray(returns[1:2, 5:30]), benchmark=market[:, 5:30], rate=np.zeros((1, 25)),
        target=np.zeros((1, 25)), engine="reference",
    )  # fmt: skip
    agree(left[1:2], alone)


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_a_series_that_is_not_finite_is_marked(engine: stats.Engine) -> None:
    returns = np.array([[0.1, np.nan], [0.1, np.inf], [0.1, 0.2]])
    zero = np.zeros((1, 2))
    found = stats.sums(returns, rate=zero, target=zero, engine=engine)
    assert found[:, 0].tolist() == [-1.0, -1.0, 2.0]


@pytest.mark.parametrize("engine", ["kernel", "reference"])
@pytest.mark.parametrize(
    ("returns", "growth", "log"),
    [
        ([-1.0, 0.5], 0.0, -math.inf),
        ([0.25, -1.5], -0.625, math.nan),
        ([1.0] * 2000, math.inf, 2000 * math.log(2.0)),
        ([-0.5] * 2000, 0.0, 2000 * math.log(0.5)),
        ([1.0] * 900, 2.0**900, 900 * math.log(2.0)),
        ([-0.99] * 200 + [99.0] * 200, 1.0, 0.0),
    ],
)
def test_growth_beyond_the_range_of_numbers(engine, returns, growth, log) -> None:
    zero = np.zeros((1, len(returns)))
    found = stats.sums(np.array([returns]), rate=zero, target=zero, groups=stats.MOMENTS | stats.GROWTH, engine=engine)
    assert column(found, "growth") == pytest.approx(growth, rel=1e-9, nan_ok=True)
    assert column(found, "log_growth") == pytest.approx(log, rel=1e-12, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_a_total_loss_beside_a_benchmark(engine) -> None:
    zero = np.zeros((1, 3))
    found = stats.sums(
        np.array([[-1.0, 0.1, -2.0]]), benchmark=np.array([[0.1, 0.1, -0.1]]), rate=zero, target=zero, engine=engine
    )
    assert column(found, "up_log") == -math.inf
    assert math.isnan(column(found, "down_log"))
    assert column(found, "benchmark_up_log") == pytest.approx(2 * math.log(1.1))


def test_figures_by_hand() -> None:
    # wealth 1.1, 0.88, 1.056, 0.9504; peak 1.1
    returns = np.array([[0.1, -0.2, 0.2, -0.1]])
    zero = np.zeros((1, 4))
    found = stats.sums(returns, benchmark=np.array([[0.2, -0.1, 0.1, 0.0]]), rate=zero, target=zero, share=0.3)
    expected = {
        "count": 4, "mean": 0.0, "m2": 0.1, "m3": 0.0, "m4": 0.0034, "smallest": -0.2, "largest": 0.2, "gains": 0.3,
        "losses": 0.3, "gain_count": 2, "loss_count": 2, "growth": 0.9504, "log_growth": math.log(0.9504),
        "below1": 0.3, "below2": 0.05, "below3": 0.009, "above1": 0.3, "below_count": 2,
        "max_drawdown": 0.2, "drawdown_sum": 0.2 + 0.04 + 0.136, "drawdown_square_sum": 0.04 + 0.0016 + 0.136**2,
        "episode_count": 1, "episode_square_sum": 0.04, "run_square_sum": 0.05, "longest_drawdown": 3,
        # 4 x 0.3 = 1.2 observations: one whole, a fifth of the next
        "order_low": -0.1, "tail_integral": (-0.2 + 0.2 * -0.1) / 1.2, "quantile_low": -0.11,
        "benchmark_mean": 0.05, "up_count": 2, "up_sum": 0.3, "down_count": 1, "down_sum": -0.2,
        "benchmark_up_sum": 0.3, "benchmark_down_sum": -0.1, "autocovariance": -0.02 - 0.04 - 0.02,
    }  # fmt: skip
    for name, value in expected.items():
        assert column(found, name) == pytest.approx(value, abs=1e-15), name


def test_without_a_benchmark_nothing_beside_one() -> None:
    zero = np.zeros((1, 5))
    found = stats.sums(block(1, 1, 5), rate=zero, target=zero)
    assert math.isnan(column(found, "covariance"))
    assert not math.isnan(column(found, "excess_mean"))


def test_only_the_sums_that_are_asked_for() -> None:
    for group in (stats.TARGET, stats.PATH, stats.EPISODES, stats.GROWTH, stats.TAIL, stats.SERIAL):
        left, right = both(block(2, 2, 30), groups=stats.MOMENTS | group)
        agree(left, right)


def test_the_same_bits_whatever_the_neighbors() -> None:
    returns = block(9, 130, 60)
    zero = np.zeros((1, 60))
    whole = stats.sums(returns, rate=zero, target=zero, engine="kernel")
    alone = stats.sums(np.ascontiguousarray(returns[77:78]), rate=zero, target=zero, engine="kernel")
    np.testing.assert_array_equal(whole[77], alone[0])


def test_the_size_alone_decides_which_form_answers() -> None:
    """A kernel that was loaded before changes no bit of a small question."""
    zero = np.zeros((1, 2_000))
    for series, engine in ((60, "reference"), (stats.KERNEL_RETURNS // 2_000, "kernel")):
        returns = block(4, series, 2_000)
        stats.sums(returns, rate=zero, target=zero, engine="kernel")
        np.testing.assert_array_equal(
            stats.sums(returns, rate=zero, target=zero), stats.sums(returns, rate=zero, target=zero, engine=engine)
        )
