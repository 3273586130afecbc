from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.measures.performance.contribution import contributions, contributions_of_gains, linked_contributions
from argosy.measures.performance.reasons import UndefinedMeasure


@given(st.integers(0, 1000), st.integers(1, 40), st.integers(1, 8))
def test_contributions_sum_to_the_whole(seed, periods, items) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(items), periods)
    found = contributions(weights, rng.normal(0.01, 0.1, (periods, items)).clip(-0.9, 0.9))
    assert found.per_period.sum(axis=1) == pytest.approx(found.returns, abs=1e-15)
    assert abs(found.linked.sum() - found.total) <= 1e-10
    labels = [f"g{k % 3}" for k in range(items)]
    grouped = found.grouped(labels)
    assert abs(grouped.linked.sum() - found.total) <= 1e-10
    order = rng.permutation(items)
    mixed = contributions(weights[:, order], (found.per_period / weights)[:, order])
    assert mixed.linked == pytest.approx(found.linked[order], abs=1e-10)


def test_gains_in_money() -> None:
    found = contributions_of_gains([[5.0, -1.0], [2.0, 2.0]], [100.0, 208.0], items=["bond", "share"])
    assert found.returns.tolist() == pytest.approx([0.04, 4 / 208])
    rows = found.table().rows()
    assert [row["item"] for row in rows] == ["bond", "share"]
    assert found.items == ("bond", "share")


def test_refusals() -> None:
    with pytest.raises(UndefinedMeasure, match=r"capital\[0\]"):
        contributions_of_gains([[1.0]], [0.0])
    with pytest.raises(UndefinedMeasure):
        linked_contributions([[-1.0]])
    with pytest.raises(InvalidInput, match="weights has shape"):
        contributions([[0.5]], [[0.1, 0.2]])
    with pytest.raises(InvalidInput, match="names for 2 items"):
        linked_contributions([[0.1, 0.2]], items=["a"])
    with pytest.raises(InvalidInput, match="group labels"):
        linked_contributions([[0.1, 0.2]]).grouped(["a"])
    with pytest.raises(InvalidInput, match="shape"):
        linked_contributions([0.1])
    with pytest.raises(InvalidInput, match=r"per_period\[0, 1\] is nan"):
        linked_contributions([[0.1, float("nan")]])
