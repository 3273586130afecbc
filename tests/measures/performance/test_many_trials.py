"""Corrections for many tries: Holm against statsmodels, superior ability against arch, and what chance alone gives."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

with warnings.catch_warnings():
    # The oracle's own imports warn of what will change in pandas; that says nothing about what is tested.
    warnings.simplefilter("ignore")
    from arch.bootstrap import SPA
    from statsmodels.stats.multitest import multipletests

from argosy.base.errors import InvalidInput
from argosy.measures.performance.many_trials import _long_run_variance, holm, superior_ability


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_that_of_statsmodels(seed: int) -> None:
    p = np.random.default_rng(seed).uniform(0.0, 0.2, 7)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)


def test_holm_leaves_what_is_not_known_and_refuses_what_is_no_probability() -> None:
    found = holm([np.nan, 0.02, 0.01])
    assert np.isnan(found[0])
    assert found[1:].tolist() == [0.02, 0.02]
    with pytest.raises(InvalidInput, match="outside 0 to 1"):
        holm([1.2])


def series(lead: float, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.normal(0.0, 0.01, (301, 4))
    return noise[1:] + 0.3 * noise[:-1] + np.array([0.0, lead, -0.001, -0.004])


@pytest.mark.parametrize("lead", [0.0, 0.001, 0.002])
def test_superior_ability_is_that_of_arch(lead: float) -> None:
    d = series(lead)
    mine = superior_ability(d, np.random.default_rng(1), draws=4000, mean_block=7.0)
    # arch takes losses; the benchmark loses nothing here and each model loses its excess with the sign turned. It does
    # not studentize the largest mean as Hansen does, so it gets series that are of one scale already.
    scaled = d / np.sqrt(_long_run_variance(d - d.mean(axis=0), 7.0))
    peer = SPA(np.zeros(d.shape[0]), -scaled, block_size=7, reps=4000, bootstrap="stationary", seed=2)
    peer.compute()
    theirs = peer.pvalues
    # Two sets of 4000 draws differ by up to four standard errors of a probability.
    for name in ("lower", "consistent", "upper"):
        p = float(theirs[name])
        assert abs(getattr(mine, name) - p) < 4.0 * np.sqrt(2.0 * max(p * (1 - p), 0.002) / 4000)
    assert mine.lower <= mine.consistent <= mine.upper


def test_the_variance_is_that_of_the_resampled_mean() -> None:
    d = series(0.0)
    d = d - d.mean(axis=0)
    from argosy.measures.performance.confidence import stationary_bootstrap

    places = stationary_bootstrap(np.random.default_rng(5), d.shape[0], 6000, mean_block=6.0)
    drawn = d[places].mean(axis=1) * np.sqrt(d.shape[0])
    np.testing.assert_allclose(_long_run_variance(d, 6.0), drawn.var(axis=0), rtol=0.08)


def test_a_clear_lead_is_found_and_a_copy_of_the_benchmark_is_left_out() -> None:
    d = np.column_stack([np.zeros(300), series(0.004)])
    found = superior_ability(d, np.random.default_rng(1), draws=500)
    assert found.best == 2
    assert found.consistent < 0.01


@pytest.mark.parametrize(
    ("excess", "says"),
    [(np.zeros((300, 2)), "no series differs"), (np.zeros((5, 2)), "shape"), (np.full((20, 1), np.nan), "missing")],
)
def test_what_cannot_be_tested_is_refused(excess: np.ndarray, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        superior_ability(excess, np.random.default_rng(1))
