"""Waits between exceptions: scipy's censored Weibull fit, orthonormal polynomials, sizes and power."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from argosy.base.errors import InvalidInput
from argosy.measures.risk.validation.durations import (
    duration_moments_test,
    duration_test,
    durations,
    geometric_polynomials,
    monte_carlo_p,
)
from argosy.models.moments.observations import InsufficientData


@given(st.lists(st.booleans(), min_size=2, max_size=80))
def test_waits_cover_the_days(hits: list[bool]) -> None:
    found = durations(hits)
    assert found.lengths.sum() == len(hits)
    assert (found.lengths >= 1).all()


def test_edges_of_waits() -> None:
    first = durations([1, 0, 0, 1])
    assert (first.lengths.tolist(), first.ended.tolist()) == ([1.0, 3.0], [True, True])
    none = durations([0, 0, 0])
    assert (none.lengths.tolist(), none.ended.tolist()) == ([3.0], [False])


def test_the_ratio_is_that_of_scipys_censored_fit() -> None:
    hits = np.random.default_rng(8).random(1_500) < 0.03
    waits = durations(hits)
    data = stats.CensoredData.right_censored(waits.lengths, ~waits.ended)

    def likelihood(shape: float, scale: float) -> float:
        law = stats.weibull_min(shape, scale=scale)
        return float(law.logpdf(waits.lengths[waits.ended]).sum() + law.logsf(waits.lengths[~waits.ended]).sum())

    shape, _, scale = stats.weibull_min.fit(data, floc=0)
    rate = optimize.minimize_scalar(lambda s: -likelihood(1.0, s), bounds=(1.0, 1000.0), method="bounded",
                                    options={"xatol": 1e-9})  # fmt: skip
    second = 2.0 * (likelihood(shape, scale) + rate.fun)
    # scipy's simplex search ends within 1e-6 of the maximum.
    assert duration_test(hits).statistic == pytest.approx(second, abs=1e-5)


def test_polynomials_are_orthonormal_under_the_geometric_law() -> None:
    waits = np.arange(1.0, 3_000.0)
    law = 0.05 * 0.95 ** (waits - 1.0)
    rows = geometric_polynomials(waits, 0.05, 5)
    assert np.allclose((rows * law) @ rows.T, np.eye(5), atol=1e-8)
    assert np.allclose(rows @ law, 0.0, atol=1e-10)


def test_first_moment_is_the_score_of_the_chance() -> None:
    # Candelon et al. (2011), eq. 12: M1 = (1 - beta d) / sqrt(1 - beta).
    waits = np.array([1.0, 4.0, 30.0])
    assert np.allclose(geometric_polynomials(waits, 0.2, 1)[0], (1 - 0.2 * waits) / np.sqrt(0.8), rtol=1e-14)


def test_clusters_are_rejected_and_chance_is_not() -> None:
    generator = np.random.default_rng(3)
    clustered = np.repeat(generator.random(200) < 0.06, 5) & (generator.random(1_000) < 0.8)
    calm = generator.random(1_000) < 0.05
    for test in (duration_test, duration_moments_test):
        assert test(clustered, generator=generator, draws=199).passes(0.02, exact=True) is False
        assert test(calm, generator=generator, draws=199).passes(exact=True)
    assert not duration_moments_test(calm, confidence=0.99, generator=generator, draws=199).passes(exact=True)
    assert duration_moments_test(calm, confidence=0.95).degrees == 5
    assert duration_moments_test(calm).degrees == 4


def test_same_seed_same_probability() -> None:
    hits = np.random.default_rng(3).random(400) < 0.05
    one, two = (duration_test(hits, generator=np.random.default_rng(1), draws=99) for _ in range(2))
    assert one == two


def test_simulated_probabilities_have_their_size() -> None:
    generator = np.random.default_rng(12)
    draws = [monte_carlo_p(generator.normal(), generator.normal(size=99), 99, generator) for _ in range(2_000)]
    assert np.mean(np.array(draws) <= 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))
    ties = [monte_carlo_p(0.0, np.zeros(99), 99, generator) for _ in range(2_000)]
    assert np.mean(np.array(ties) <= 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))


def test_perfectly_regular_waits_stay_finite() -> None:
    assert np.isfinite(duration_test(([0] * 9 + [1]) * 5).statistic)
    assert np.isfinite(duration_test([1, 0, 1, 0, 1, 0, 1]).statistic)


def test_too_few_exceptions() -> None:
    with pytest.raises(InsufficientData, match="waits between exceptions"):
        duration_test([0] * 50 + [1] + [0] * 50)
    with pytest.raises(InsufficientData, match="1 exceptions"):
        duration_moments_test([0] * 50 + [1] + [0] * 50)
    with pytest.raises(InvalidInput, match="moments"):
        duration_moments_test([0, 1, 0, 1], moments=1)
    with pytest.raises(InvalidInput, match="draws"):
        duration_test([0, 1, 0, 1, 0, 1], generator=np.random.default_rng(0), draws=10)
    # Exceptions on every day: the chance is certain, and no wait can be longer.
    with pytest.raises(InsufficientData):
        duration_moments_test([1, 1, 1, 1])


def test_simulated_samples_with_too_few_waits_count_as_calm() -> None:
    # Two exceptions, the first on the first day: shuffled, most samples have only one wait that ended.
    found = duration_test([1, 0, 0, 0, 0, 0, 0, 1, 0, 0], generator=np.random.default_rng(1), draws=199)
    assert found.exact_p_value is not None
    assert 0.0 < found.exact_p_value <= 1.0
