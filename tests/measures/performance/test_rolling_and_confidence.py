from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.measures.performance import catalogue as c
from argosy.measures.performance import rolling
from argosy.measures.performance.confidence import (
    bootstrap_intervals,
    deflated_sharpe,
    expected_best_sharpe,
    least_track_record,
    probabilistic_sharpe,
    sharpe_interval,
    stationary_bootstrap,
)
from argosy.measures.performance.holdings import active_share, autocorrelations
from argosy.measures.performance.reasons import Reason, UndefinedMeasure
from argosy.measures.performance.rolling import rolling_measures

T = np.arange(120.0)
MINE = 0.004 + 0.03 * np.sin(1.7 * T) + 0.02 * np.cos(0.31 * T * T)
MARKET = 0.003 + 0.025 * np.sin(1.7 * T + 0.4) + 0.01 * np.sin(0.17 * T * T)


def test_each_window_is_measured_as_if_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "BLOCK", 24 * 7)
    names = ["sharpe_ratio", "beta", "max_drawdown", "sortino_ratio"]
    rate = 0.001 + 0.0005 * np.sin(T)
    found = rolling_measures(
        MINE, 24, names, periods_per_year=12, benchmark=MARKET, risk_free=rate, target=0.001, step=5
    )
    assert found.ends.tolist() == list(range(23, 120, 5))
    for place, end in enumerate(found.ends.tolist()):
        inside = slice(end - 23, end + 1)
        for name in names:
            alone = c.find_measure(name)(
                MINE[inside], periods_per_year=12, benchmark=MARKET[inside], risk_free=rate[inside], target=0.001
            )
            assert found.measures.value(name, place) == pytest.approx(alone, rel=1e-12)


def test_a_window_without_a_value_says_why() -> None:
    series = np.concatenate([np.full(5, 0.01), MINE[:5]])
    found = rolling_measures(series, 5, ["sharpe_ratio"], periods_per_year=12)
    assert Reason(int(found.of("sharpe_ratio").reasons[0])) == Reason.NO_DISPERSION
    assert found.table().rows()[0]["sharpe_ratio"] is None


def test_rolling_refuses() -> None:
    for window, step in ((0, 1), (11, 1), (2, 0)):
        with pytest.raises(InvalidInput, match="window"):
            rolling_measures(MINE[:10], window, ["beta"], periods_per_year=12, step=step)
    with pytest.raises(UnknownName):
        rolling_measures(MINE, 10, ["betta"], periods_per_year=12)


def test_sharpe_intervals() -> None:
    n = MINE.size
    sharpe = MINE.mean() / MINE.std(ddof=1)
    normal = sharpe_interval(MINE, periods_per_year=12, errors="normal")
    assert normal.estimate == pytest.approx(c.sharpe_ratio(MINE, periods_per_year=12))
    assert normal.error == pytest.approx(((1 + sharpe**2 / 2) / n * 12) ** 0.5)
    assert normal.high - normal.estimate == pytest.approx(1.959963984540054 * normal.error)
    moments = sharpe_interval(MINE, periods_per_year=12, errors="moments")
    skew, excess = 0.012561347586046412, -0.8939962334923175
    expected = (1 - skew * sharpe + (excess + 2) / 4 * sharpe**2) / n
    assert moments.error == pytest.approx((expected * 12) ** 0.5, rel=1e-10)
    # Without lags the general case is the one with the sample's moments, but for n - 1 in the estimate.
    general = sharpe_interval(MINE, periods_per_year=12, lags=0)
    assert general.error == pytest.approx(moments.error, rel=1e-2)
    assert sharpe_interval(MINE, periods_per_year=12, risk_free=0.001).estimate < normal.estimate


def test_positive_autocorrelation_widens_the_interval() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(0.0, 0.02, 3_000)
    smooth = 0.003 + np.convolve(noise, [0.5, 0.3, 0.2], "valid")
    plain = sharpe_interval(smooth, periods_per_year=12, errors="moments")
    assert sharpe_interval(smooth, periods_per_year=12).error > 1.2 * plain.error


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    truth, covered, boot = 0.2, 0, 0
    for _ in range(200):
        series = rng.normal(0.2, 1.0, 240) * 0.01
        found = sharpe_interval(series, periods_per_year=1, errors="normal", confidence=0.9)
        covered += found.low <= truth <= found.high
    for _ in range(60):
        series = rng.normal(0.2, 1.0, 120) * 0.01
        drawn = bootstrap_intervals(
            ["sharpe_ratio"], series, rng, periods_per_year=1, draws=200, mean_block=1.0, confidence=0.9
        )
        boot += drawn["sharpe_ratio"].low <= truth <= drawn["sharpe_ratio"].high
    assert 0.84 <= covered / 200 <= 0.96
    assert 0.78 <= boot / 60 <= 0.99


def test_sharpe_intervals_refuse() -> None:
    with pytest.raises(UndefinedMeasure, match="do not vary"):
        sharpe_interval([0.01] * 12, periods_per_year=12)
    with pytest.raises(InvalidInput, match="errors is"):
        sharpe_interval(MINE, periods_per_year=12, errors="robust")
    with pytest.raises(InvalidInput, match="lags is 120"):
        sharpe_interval(MINE, periods_per_year=12, lags=120)
    with pytest.raises(InvalidInput, match="confidence is 95"):
        sharpe_interval(MINE, periods_per_year=12, confidence=95)


def test_probabilities_of_a_sharpe_ratio() -> None:
    whole = c.probabilistic_sharpe_ratio(MINE, periods_per_year=12)
    sharpe = float(MINE.mean() / MINE.std(ddof=1))
    apart = probabilistic_sharpe(
        sharpe, 120, skewness=0.012561347586046412, kurtosis=3 - 0.8939962334923175
    )  # fmt: skip
    assert whole == pytest.approx(apart, rel=1e-10)
    needed = least_track_record(0.15, skewness=-0.5, kurtosis=5.0)
    assert probabilistic_sharpe(0.15, round(needed), skewness=-0.5, kurtosis=5.0) == pytest.approx(0.95, abs=1e-4)
    assert expected_best_sharpe(10, 0.01) < expected_best_sharpe(1000, 0.01)
    assert deflated_sharpe(0.1, 500, trials=50, variance=0.001) < probabilistic_sharpe(0.1, 500)
    with pytest.raises(UndefinedMeasure):
        least_track_record(0.1, reference=0.1)
    with pytest.raises(UndefinedMeasure):
        probabilistic_sharpe(0.1, 1)
    with pytest.raises(InvalidInput, match="not its excess"):
        probabilistic_sharpe(0.1, 10, kurtosis=0.2)
    with pytest.raises(InvalidInput, match="two trials"):
        expected_best_sharpe(1, 0.1)


def test_resampling_keeps_blocks() -> None:
    place = stationary_bootstrap(np.random.default_rng(3), 500, 40, mean_block=10.0)
    follows = (np.diff(place, axis=1) % 500 == 1).mean()
    assert follows == pytest.approx(0.9, abs=0.01)
    assert np.bincount(place.ravel(), minlength=500).min() > 0
    again = stationary_bootstrap(np.random.default_rng(3), 500, 40, mean_block=10.0)
    np.testing.assert_array_equal(place, again)
    whole = stationary_bootstrap(np.random.default_rng(3), 5, 3, mean_block=1e12)
    assert (np.diff(whole, axis=1) % 5 == 1).all()
    with pytest.raises(InvalidInput):
        stationary_bootstrap(np.random.default_rng(3), 5, 3, mean_block=0.5)


def test_bootstrap_of_measures_beside_a_benchmark() -> None:
    found = bootstrap_intervals(
        ["beta", "tracking_error"], MINE, np.random.default_rng(2), periods_per_year=12, benchmark=MARKET, draws=300
    )
    assert found["beta"].low < found["beta"].estimate < found["beta"].high
    assert "300 draws" in found["beta"].method


def test_bootstrap_says_what_was_lost() -> None:
    series = np.array([0.01, 0.02, 0.01, -0.01, 0.03, 0.02, 0.01, 0.02])
    market = np.full(30, -0.01)
    market[[3, 20]] = 0.01, 0.02
    with pytest.raises(UndefinedMeasure, match="most resampled"):
        bootstrap_intervals(
            ["up_beta"], MINE[:30], np.random.default_rng(1), periods_per_year=1, mean_block=1.0, draws=200,
            benchmark=market,
        )  # fmt: skip
    found = bootstrap_intervals(["omega_ratio"], series, np.random.default_rng(1), periods_per_year=1, draws=200)
    assert "undefined" in found["omega_ratio"].method


def test_holdings_and_dependence() -> None:
    assert active_share([1.0, 0.0], [0.0, 1.0]) == 1.0
    assert active_share([1.3, -0.3], [0.5, 0.5]) == pytest.approx(0.8)
    with pytest.raises(InvalidInput, match=r"weights sum to 0\.9"):
        active_share([0.9], [1.0])
    found = autocorrelations(MINE, 5)
    # statsmodels 0.15.0, acf and acorr_ljungbox
    peer = [-0.09999825648549861, -0.6134663301454616, 0.2408624189846596, 0.5671777234185573, -0.37465591675860627]
    assert found.values == pytest.approx(peer, rel=1e-10)
    assert found.statistic == pytest.approx(113.650181, rel=1e-8)
    with pytest.raises(UndefinedMeasure):
        autocorrelations([0.1] * 5, 1)
    with pytest.raises(InvalidInput, match="lags is 5"):
        autocorrelations(MINE[:5], 5)
