"""Moments of returns with gaps: pairs against pandas, highest likelihood against the likelihood and a closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.models.moments.missing import em_moments, pairwise_moments
from argosy.models.moments.observations import InsufficientData


def gapped(seed: int, periods: int = 60, size: int = 4, share: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(size, size))
    returns = rng.normal(0.001, 0.01, (periods, size)) @ mixed
    returns[rng.random(returns.shape) < share] = np.nan
    return returns


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_pandas(seed: int) -> None:
    returns = gapped(seed)
    found = pairwise_moments(returns)
    frame = pd.DataFrame(returns)
    np.testing.assert_allclose(found.covariance, frame.cov().to_numpy(), rtol=1e-10, atol=1e-16)
    np.testing.assert_allclose(found.mean, frame.mean().to_numpy(), rtol=1e-12)
    here = (~np.isnan(returns)).astype(int)
    assert found.fewest == (here.T @ here).min()


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_without_gaps_both_are_the_sample(seed: int) -> None:
    returns = gapped(seed, share=0.0)
    for found in (pairwise_moments(returns), em_moments(returns)):
        np.testing.assert_allclose(found.covariance, np.cov(returns, rowvar=False), rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(found.mean, returns.mean(axis=0), rtol=1e-9, atol=1e-14)


def likelihood(returns: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> float:
    total = 0.0
    for row in returns:
        seen = ~np.isnan(row)
        part, apart = covariance[np.ix_(seen, seen)], (row - mean)[seen]
        total -= 0.5 * (np.linalg.slogdet(part)[1] + apart @ np.linalg.solve(part, apart))
    return total


@pytest.mark.parametrize("seed", range(3))
def test_no_step_away_from_em_is_more_likely(seed: int) -> None:
    returns = gapped(seed)
    returns = returns[~np.isnan(returns).all(axis=1)]
    found = em_moments(returns, tolerance=1e-10)
    periods = returns.shape[0]
    covariance = found.covariance * (periods - 1.0) / periods
    best = likelihood(returns, found.mean, covariance)
    rng = np.random.default_rng(seed)
    for size in (1e-3, 1e-2):
        for _ in range(10):
            turn = rng.normal(size=covariance.shape)
            moved = covariance + size * np.trace(covariance) / 4 * (turn + turn.T) / 2
            if np.linalg.eigvalsh(moved)[0] > 0.0:
                assert likelihood(returns, found.mean, moved) < best
            assert likelihood(returns, found.mean + size * 0.01 * rng.normal(size=4), covariance) < best


def test_a_short_history_is_completed_by_regression() -> None:
    # Monotone gaps have a closed form: regress the short history on the long one (Anderson 1957; Stambaugh 1997).
    rng = np.random.default_rng(4)
    long = rng.normal(0.01, 0.05, 80)
    short = 0.002 + 0.7 * long + rng.normal(0.0, 0.01, 80)
    short[:30] = np.nan
    found = em_moments(np.column_stack([long, short]), tolerance=1e-12)
    both = ~np.isnan(short)
    slope, cut = np.polyfit(long[both], short[both], 1)
    mean = cut + slope * long.mean()
    residual = ((short - cut - slope * long)[both] ** 2).mean()
    variance = residual + slope**2 * long.var()
    np.testing.assert_allclose(found.mean, [long.mean(), mean], rtol=1e-7)
    expected = np.array([[long.var(), slope * long.var()], [slope * long.var(), variance]]) * 80 / 79
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-6)


def test_what_cannot_be_estimated_is_refused() -> None:
    nan = float("nan")
    with pytest.raises(InsufficientData, match="asset 2 has 1 observations"):
        em_moments([[0.1, 0.2], [0.2, nan]])
    with pytest.raises(InsufficientData, match="assets 1 and 2 have 1 periods in common"):
        pairwise_moments([[0.1, nan], [0.2, 0.1], [nan, 0.2]])
    with pytest.raises(InvalidInput, match="infinite"):
        pairwise_moments([[np.inf], [0.0]])
    with pytest.raises(InvalidInput, match="shape"):
        em_moments([0.1, 0.2])
    with pytest.raises(InsufficientData, match="did not settle in 2 steps"):
        em_moments(gapped(1), tolerance=1e-14, most=2)
    assert em_moments([[0.0, 0.0], [0.0, 0.0]]).covariance.tolist() == [[0.0, 0.0], [0.0, 0.0]]
