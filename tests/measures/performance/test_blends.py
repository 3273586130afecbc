from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingData
from argosy.measures.performance.blends import (
    blend_returns,
    currency_returns,
    hedged_returns,
    matching_returns,
    rebalances,
    spliced_returns,
    weighted_returns,
)
from argosy.measures.performance.linking import link
from argosy.measures.performance.reasons import UndefinedMeasure


def test_rebalancing_days() -> None:
    days = ["2020-12-30", "2020-12-31", "2021-01-29", "2021-03-31", "2021-04-01"]
    assert rebalances(days, "monthly").tolist() == [False, True, True, True, True]
    assert rebalances(days, "quarterly").tolist() == [False, True, False, True, True]
    assert rebalances(days, "yearly").tolist() == [False, True, False, False, True]
    assert rebalances(days, "each").all()
    assert not rebalances(days, "never").any()
    assert rebalances([-40, -10, 5], "monthly").tolist() == [True, True, True]
    with pytest.raises(InvalidInput, match="weekly"):
        rebalances(days, "weekly")


@given(st.integers(0, 1000))
def test_a_blend_that_never_rebalances_is_the_sum_of_its_parts(seed) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.1, (12, 3)).clip(-0.5, 0.5)
    weights = rng.dirichlet(np.ones(3))
    held = blend_returns(returns, weights, np.zeros(12, bool))
    assert link(held.returns) == pytest.approx(float(weights @ (np.prod(1 + returns, axis=0) - 1)), abs=1e-12)
    each = blend_returns(returns, weights, np.ones(12, bool))
    assert each.returns == pytest.approx(returns @ weights, abs=1e-15)
    assert held.weights.sum(axis=1) == pytest.approx(np.ones(12))


def test_targets_may_change() -> None:
    targets = np.array([[0.5, 0.5], [0.2, 0.8], [0.2, 0.8]])
    found = blend_returns([[0.1, 0.0], [0.0, 0.1], [0.1, 0.0]], targets, [False, True, True])
    assert found.weights[2].tolist() == [0.2, 0.8]


def test_blends_refuse() -> None:
    with pytest.raises(InvalidInput, match=r"sum to 0\.9"):
        blend_returns([[0.1, 0.1]], [0.5, 0.4], [True])
    with pytest.raises(InvalidInput, match="weights has shape"):
        blend_returns([[0.1, 0.1]], [0.5, 0.4, 0.1], [True])
    with pytest.raises(InvalidInput, match="shape"):
        blend_returns([0.1], [1.0], [True])
    with pytest.raises(InvalidInput, match="lengths"):
        blend_returns([[0.1]], [1.0], [True, False])
    with pytest.raises(UndefinedMeasure, match="period 0"):
        blend_returns([[-1.0]], [1.0], [True])
    with pytest.raises(InvalidInput, match="sum to"):
        weighted_returns([[0.5, 0.4]], [[0.1, 0.1]])
    with pytest.raises(InvalidInput, match="shape"):
        weighted_returns([[1.0]], [[0.1, 0.1]])


def test_hedging() -> None:
    assert hedged_returns([0.1], [-0.1], [0.0], hedge_ratio=0.0) == pytest.approx(currency_returns([0.1], [-0.1]))
    # What the index loses on the currency the forward pays back, but for the part on the gain itself.
    full = hedged_returns([0.1], [-0.1], [0.0])
    assert full.tolist() == pytest.approx([0.1 - 0.1 * 0.1])


def test_a_benchmark_that_changes() -> None:
    pieces = [[0.1, 0.2, math.nan], [math.nan, math.nan, 0.3]]
    assert spliced_returns([10, 11, 12], pieces, [10, 12]).tolist() == [0.1, 0.2, 0.3]
    with pytest.raises(MissingData, match="before the first start"):
        spliced_returns([9, 11, 12], pieces, [10, 12])
    with pytest.raises(MissingData, match="1970-01-12"):
        spliced_returns([10, 11, 12], pieces, [10, 11])
    with pytest.raises(InvalidInput, match="lengths"):
        spliced_returns([10, 11], pieces, [10, 12])


def test_matching_reports_what_it_leaves_out() -> None:
    found = matching_returns([1, 2, 3, 9], [0.1, 0.2, 0.3, 0.4], [0, 1, 3, 4, 9], [0.0, 0.1, 0.3, 0.4, 0.9])
    assert found.days.tolist() == [1, 3, 9]
    assert found.only_mine.tolist() == [2]
    assert found.only_theirs.tolist() == [4]
    assert found.notes == (
        "1 periods of the portfolio have no counterpart and are left out: 1970-01-03",
        "1 periods of the benchmark have no counterpart and are left out: 1970-01-05",
    )
    many = matching_returns(range(9), [0.0] * 9, [0, 8], [0.0, 0.0])
    assert many.notes[0].endswith("...")
    assert matching_returns([1], [0.1], [1], [0.2]).notes == ()
    with pytest.raises(MissingData, match="no day in common"):
        matching_returns([1], [0.1], [2], [0.1])
