"""Tests of the tail: cells, shortfall, and comparisons of models."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy import stats

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.measures.risk.validation.backtest import backtest_value_at_risk
from argosy.measures.risk.validation.comparison import diebold_mariano, joint_loss, long_run_variance, tick_loss
from argosy.measures.risk.validation.multinomial import cells_test, multinomial_test, tail_levels
from argosy.measures.risk.validation.shortfall import (
    acerbi_szekely,
    shortfall_after_exceptions,
    shortfall_and_exceptions,
)
from argosy.models.moments.observations import InsufficientData


def mean_with_hac(series: np.ndarray, lags: int) -> Any:
    with warnings.catch_warnings():
        # statsmodels decorates with something that pandas will take away.
        warnings.simplefilter("ignore")
        from statsmodels.regression.linear_model import OLS
    settings = {"maxlags": lags, "use_correction": False}
    return OLS(series, np.ones(series.size)).fit(cov_type="HAC", cov_kwds=settings)


def normal(generator: np.random.Generator, paths: int) -> np.ndarray:
    return generator.standard_normal((paths, 250))


def test_cells_by_scipys_power_divergence() -> None:
    counts, chances = [975, 4, 9, 5, 7], [0.975, 0.00625, 0.00625, 0.00625, 0.00625]
    found = cells_test(counts, chances, levels=tail_levels(0.975, 4))
    expected = 1000 * np.array(chances)
    for verdict, family in ((found.pearson, "pearson"), (found.likelihood_ratio, "log-likelihood")):
        second = stats.power_divergence(counts, expected, lambda_=family)
        assert verdict.statistic == pytest.approx(second.statistic, rel=1e-10)
        assert verdict.p_value == pytest.approx(second.pvalue, rel=1e-10)


def test_nass_has_the_moments_of_pearson() -> None:
    # The scaled chi-square has mean N and the exact variance of Pearson's statistic, here by simulation.
    chances = np.array([0.975, 0.0125, 0.0125])
    found = cells_test([244, 3, 3], chances, levels=(0.975, 0.9875))
    drawn = np.random.default_rng(4).multinomial(250, chances, size=200_000)
    pearson = ((drawn - 250 * chances) ** 2 / (250 * chances)).sum(axis=1)
    scale = found.nass.statistic / found.pearson.statistic
    assert found.nass.degrees / scale == pytest.approx(2.0, rel=1e-12)
    spread = pearson.var()
    error = np.sqrt(((pearson - pearson.mean()) ** 2).var() / pearson.size)
    assert 2.0 * found.nass.degrees / scale**2 == pytest.approx(spread, abs=4 * error)


def test_nass_keeps_its_size() -> None:
    # 2,000 samples of a right model: 5% rejected, within four standard errors of the simulation.
    levels = tail_levels(0.975, 4)
    chances = np.diff([0.0, *levels, 1.0])
    samples = np.random.default_rng(13).multinomial(500, chances, size=2_000)
    rejected = np.mean([not cells_test(row, chances, levels=levels).nass.passes() for row in samples])
    assert rejected == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))


def test_cells_of_forecasts() -> None:
    generator = np.random.default_rng(8)
    losses = generator.standard_normal(1_000)
    levels = tail_levels(0.975, 4)
    right = np.tile(stats.norm.ppf(levels), (1_000, 1))
    found = multinomial_test(losses, right, levels=levels, generator=generator, draws=1_999)
    assert found.counts.sum() == 1_000
    assert found.counts[1:].sum() == (losses > right[:, 0]).sum()
    assert all(v.passes() and v.passes(exact=True) for v in (found.pearson, found.nass, found.likelihood_ratio))
    heavy = multinomial_test(generator.standard_t(3, 1_000), right, levels=levels, generator=generator, draws=1_999)
    assert not heavy.pearson.passes(exact=True)
    assert not heavy.nass.passes()


def test_bad_cells() -> None:
    with pytest.raises(InvalidInput, match="rise"):
        multinomial_test([0.1], [[0.1, 0.2]], levels=(0.99, 0.975))
    with pytest.raises(InvalidInput, match="falls with the confidence on day 1"):
        multinomial_test([0.1, 0.1], [[0.1, 0.2], [0.2, 0.1]], levels=(0.95, 0.99))
    with pytest.raises(InvalidInput, match="levels is 99"):
        multinomial_test([0.1], [[0.1]], levels=(99,))
    with pytest.raises(InvalidInput, match="sum to 1"):
        cells_test([1, 2], [0.5, 0.6], levels=(0.6,))
    with pytest.raises(InsufficientData):
        cells_test([0, 0], [0.5, 0.5], levels=(0.6,))
    with pytest.raises(InvalidInput, match="levels"):
        tail_levels(0.975, 0)


def test_shortfall_statistics_by_hand() -> None:
    # Losses 3 and 5 are beyond 2; over shortfall 4 they are 0.75 and 1.25.
    lost, var, es = [1.0, 3.0, 5.0, 0.0], [2.0] * 4, [4.0] * 4
    assert shortfall_after_exceptions(lost, var, es) == pytest.approx(0.0, abs=1e-15)
    assert shortfall_and_exceptions(lost, var, es, confidence=0.75) == pytest.approx(1.0 - 2.0 / 1.0, abs=1e-12)


def test_critical_values_are_the_published_ones() -> None:
    # Acerbi and Szekely (2014), table 3: at 2.5% and T = 250 the 5% critical value of Z2 is
    # about -0.7 for normal losses.
    p = 0.025
    var = stats.norm.isf(p)
    es = stats.norm.pdf(var) / p
    losses = normal(np.random.default_rng(1), 40_000)
    sums = np.where(losses > var, losses / es, 0.0).sum(axis=1)
    published = np.quantile(1.0 - sums / (250 * p), 0.05)
    assert published == pytest.approx(-0.7, abs=0.03)
    # A sample with exactly that statistic has a probability of about 5%.
    days = np.zeros(250)
    beyond = 1.7 * 250 * p * es / 4
    days[:4] = beyond
    first, second = acerbi_szekely(days, np.full(250, var), np.full(250, es), confidence=1 - p, simulate=normal,
                                   generator=np.random.default_rng(2), draws=5_000)  # fmt: skip
    assert second.statistic == pytest.approx(-0.7, abs=1e-9)
    assert second.p_value == pytest.approx(0.05, abs=0.015)
    assert second.standard_error == pytest.approx(np.sqrt(second.p_value * (1 - second.p_value) / 5_000))
    assert first.exceptions == 4
    assert not first.passes()


def test_a_right_model_passes_and_a_thin_tail_does_not() -> None:
    generator = np.random.default_rng(9)
    var, es = np.full(250, stats.norm.isf(0.025)), np.full(250, stats.norm.pdf(stats.norm.isf(0.025)) / 0.025)
    right = acerbi_szekely(generator.standard_normal(250), var, es, confidence=0.975, simulate=normal,
                           generator=generator, draws=999)  # fmt: skip
    assert all(one.passes() for one in right)
    calm = acerbi_szekely(np.zeros(250), var, es, confidence=0.975, simulate=normal, generator=generator, draws=99)
    assert calm[0].statistic == 0.0
    assert 0.2 < calm[0].p_value < 0.8
    assert calm[1].p_value == 1.0
    assert calm[1].statistic == 1.0
    with pytest.raises(InvalidInput, match="level"):
        right[0].passes(5)


def test_shortfall_refuses_what_is_no_forecast() -> None:
    with pytest.raises(UndefinedMeasure):
        shortfall_after_exceptions([0.0, 0.0], [1.0, 1.0], [2.0, 2.0])
    with pytest.raises(InvalidInput, match="Expected Shortfall on day 1"):
        shortfall_and_exceptions([0.0, 0.0], [1.0, 1.0], [2.0, 0.5], confidence=0.95)
    with pytest.raises(InvalidInput, match="draws"):
        acerbi_szekely(
            [0.0], [1.0], [2.0], confidence=0.95, simulate=normal, generator=np.random.default_rng(0), draws=5
        )
    with pytest.raises(InvalidInput, match="simulate has shape"):
        acerbi_szekely(
            [0.0], [1.0], [2.0], confidence=0.95, simulate=normal, generator=np.random.default_rng(0), draws=99
        )


def test_scores_are_least_at_the_truth() -> None:
    losses = np.random.default_rng(3).standard_normal(200_000)
    p = 0.05
    q = stats.norm.isf(p)
    e = stats.norm.pdf(q) / p
    n = losses.size
    tick = {k: tick_loss(losses, np.full(n, k * q), confidence=1 - p).mean() for k in (0.9, 1.0, 1.1)}
    assert min(tick, key=tick.get) == 1.0  # type: ignore[arg-type]
    joint = {
        (a, b): joint_loss(losses, np.full(n, a * q), np.full(n, b * e), confidence=1 - p).mean()
        for a in (0.9, 1.0, 1.1) for b in (0.85, 1.0, 1.15) if b * e >= a * q
    }  # fmt: skip
    assert min(joint, key=joint.get) == (1.0, 1.0)  # type: ignore[arg-type]


def test_joint_score_in_the_words_of_the_paper() -> None:
    # Patton, Ziegel and Chen (2019), eq. 6, with returns, v and e negative.
    y, v, e, p = -0.03, -0.02, -0.025, 0.05
    paper = -1.0 / (p * e) * (y <= v) * (v - y) + v / e + np.log(-e) - 1.0
    assert joint_loss([-y], [-v], [-e], confidence=1 - p)[0] == pytest.approx(paper, rel=1e-12)
    with pytest.raises(InvalidInput, match="Expected Shortfall on day 0"):
        joint_loss([0.1], [0.1], [0.0], confidence=0.95)


def test_long_run_variance_is_that_of_statsmodels() -> None:
    series = np.random.default_rng(5).normal(size=300).cumsum() * 0.1
    for lags in (0, 3, 8):
        fit = mean_with_hac(series, lags)
        assert long_run_variance(series, lags=lags) / 300 == pytest.approx(float(fit.bse[0]) ** 2, rel=1e-10)


def test_diebold_mariano_with_the_small_sample_factor() -> None:
    generator = np.random.default_rng(7)
    one, two = generator.normal(1.0, 1.0, 60), generator.normal(1.3, 1.0, 60)
    found = diebold_mariano(one, two, horizon=3, lags=2)
    apart = one - two
    fit = mean_with_hac(apart, 2)
    factor = np.sqrt((60 + 1 - 2 * 3 + 3 * 2 / 60) / 60)
    assert found.statistic == pytest.approx(float(fit.tvalues[0]) * factor, rel=1e-10)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.statistic), 59), rel=1e-10)
    assert found.first_better == pytest.approx(stats.t.cdf(found.statistic, 59), rel=1e-10)
    mirrored = diebold_mariano(two, one, horizon=3, lags=2)
    assert mirrored.statistic == pytest.approx(-found.statistic, rel=1e-12)
    assert diebold_mariano(one, two).lags == 3


def test_comparison_refuses() -> None:
    same = np.arange(20.0)
    with pytest.raises(UndefinedMeasure, match="constant"):
        diebold_mariano(same, same + 1.0)
    with pytest.raises(InsufficientData):
        diebold_mariano(same[:5], same[:5])
    with pytest.raises(InvalidInput, match="horizon"):
        diebold_mariano(same, same**2, horizon=15)
    with pytest.raises(InvalidInput, match="lags"):
        long_run_variance(same, lags=20)


def test_one_answer_of_all_tests() -> None:
    generator = np.random.default_rng(10)
    found = backtest_value_at_risk(
        generator.standard_normal(2_000), np.full(2_000, stats.norm.isf(0.01)), confidence=0.99
    )
    assert found.expected == pytest.approx(20.0)
    assert found.coverage == 1.0 - found.exceptions / 2_000
    assert found.passes()
    assert found.passes(exact=True)
    assert len(found.verdicts) == 5
    table = found.table()
    assert table.rows()[0]["test"] == "Kupiec proportion of failures"
    assert table.rows()[3]["exact_p_value"] is None
    quiet = backtest_value_at_risk(np.zeros(100), np.ones(100), confidence=0.95)
    assert len(quiet.verdicts) == 3
    assert not quiet.passes()
