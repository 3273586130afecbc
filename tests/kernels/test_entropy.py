"""Probabilities of least relative entropy: a known answer, a modeling language, and what cannot be met."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.kernels.entropy import can_meet, tilt


def test_a_loaded_die() -> None:
    # Jaynes (1963): a die whose mean is 4.5 instead of 3.5.
    found = tilt(np.full(6, 1 / 6), np.arange(1.0, 7.0)[None, :], np.array([4.5]), np.array([True]))
    np.testing.assert_allclose(
        found.probabilities, [0.05435, 0.07877, 0.11416, 0.16545, 0.23977, 0.34749], atol=5e-6
    )  # fmt: skip
    assert found.settled


@given(st.integers(0, 500), st.integers(1, 4))
@settings(max_examples=20)
def test_as_a_modeling_language_finds_it(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    prior = rng.uniform(0.2, 1.0, 80)
    prior /= prior.sum()
    rows = rng.normal(size=(count, 80))
    right = rows @ prior + rng.uniform(-0.4, 0.4, count)
    equal = rng.uniform(size=count) < 0.5
    ours = tilt(prior, rows, right, equal)
    p = cp.Variable(80)
    rules = [cp.sum(p) == 1]
    rules += [rows[j] @ p == right[j] if equal[j] else rows[j] @ p <= right[j] for j in range(count)]
    problem = cp.Problem(cp.Minimize(cp.sum(cp.kl_div(p, prior))), rules)
    problem.solve(solver=cp.CLARABEL)
    assert ours.settled
    assert ours.entropy == pytest.approx(float(problem.value), abs=1e-7)
    np.testing.assert_allclose(ours.probabilities, p.value, atol=2e-5)
    assert (ours.multipliers[~equal] >= 0.0).all()


def test_what_cannot_be_met_does_not_settle() -> None:
    rows, right, equal = np.array([[0.0, 1.0, 2.0]]), np.array([2.5]), np.array([True])
    assert not tilt(np.full(3, 1 / 3), rows, right, equal).settled
    assert not can_meet(rows, right, equal)
    assert can_meet(rows, np.array([2.0]), equal)
    twice = np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])
    both = tilt(np.full(3, 1 / 3), twice, np.array([1.5, 1.5]), np.array([True, True]))
    assert both.settled
    assert not tilt(np.full(3, 1 / 3), twice, np.array([1.5, 1.2]), np.array([True, True])).settled
