"""Intervals of measures as a table: against the functions behind them, arch, and what is said where there is none."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.measures.performance.confidence import sharpe_interval
from argosy.measures.performance.intervals import USUAL, measure_intervals, usual

SERIES = np.random.default_rng(11).normal(0.006, 0.03, 240)


def test_lo_is_of_the_sharpe_ratio() -> None:
    found = measure_intervals(SERIES, ["sharpe_ratio", "volatility"], method="lo", periods_per_year=12)
    assert found.found["sharpe_ratio"] == sharpe_interval(SERIES, periods_per_year=12)
    assert "ask for the bootstrap" in found.reasons["volatility"]
    assert [row["reason"] == "" for row in found.table().rows()] == [True, False]
    flat = measure_intervals([0.01] * 12, method="lo", periods_per_year=12)
    assert "vary" in flat.reasons["sharpe_ratio"]


def test_the_bootstrap_agrees_with_an_independent_one() -> None:
    ours = measure_intervals(SERIES, ["volatility"], method="bootstrap", periods_per_year=1, seed=3, draws=4000)
    with warnings.catch_warnings():
        # What arch imports decorates with something that pandas will take away.
        warnings.simplefilter("ignore")
        from arch.bootstrap import StationaryBootstrap
    theirs = StationaryBootstrap(240 ** (1 / 3), SERIES, seed=5)
    low, high = theirs.conf_int(lambda x: np.std(x, ddof=1), reps=4000, method="percentile", size=0.95)[:, 0]
    mine = ours.found["volatility"]
    # Two Monte Carlo estimates of one quantile: 4,000 draws leave about 2% of the width.
    assert (mine.low, mine.high) == pytest.approx((low, high), abs=0.06 * (high - low))


def test_same_seed_same_bits_and_undefined_says_so() -> None:
    one, two = (measure_intervals(SERIES, method="bootstrap", periods_per_year=12, seed=1, draws=50) for _ in range(2))
    assert one == two
    assert tuple(one.found) == USUAL
    flat = measure_intervals([0.0] * 12, method="bootstrap", periods_per_year=12, seed=1, draws=20)
    assert "sharpe_ratio" in flat.reasons
    assert usual((), relative=True)[-1] == "beta"
    assert (
        "beta"
        in measure_intervals(
            SERIES, method="bootstrap", periods_per_year=12, seed=1, draws=20, benchmark=SERIES[::-1]
        ).found
    )


def test_what_is_refused() -> None:
    with pytest.raises(InvalidInput, match="seed"):
        measure_intervals(SERIES, method="bootstrap", periods_per_year=12)
    with pytest.raises(UnknownName, match="interval"):
        measure_intervals(SERIES, method="jackknife", periods_per_year=12)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"0\.95"):
        measure_intervals(SERIES, method="lo", periods_per_year=12, confidence=95)
