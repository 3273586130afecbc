"""Dense non-negative problems: optimality by hand, against the factor method, on singular matrices."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels.active_set import nonnegative_dense
from argosy.kernels.separable import nonnegative
from tests.kernels.universes import universe


@given(st.integers(1, 60), st.integers(0, 300))
def test_no_weight_can_be_moved_to_advantage(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    r = rng.normal(size=(2 * n + 5, n)) * rng.uniform(0.5, 3.0, n) + rng.normal(size=(2 * n + 5, 1))
    s = r.T @ r / r.shape[0]
    c = rng.normal(size=n)
    x, _, done = nonnegative_dense(s, c)
    slope = s @ x - c
    assert done
    assert (x >= 0.0).all()
    assert slope.min() >= -1e-9
    assert abs(float(x @ slope)) < 1e-9


def test_as_the_factor_method() -> None:
    u = universe(200)
    x, _, done = nonnegative_dense(u.covariance, np.ones(200))
    assert done
    np.testing.assert_allclose(x, nonnegative(u.factors, u.specific, np.ones(200)).weights, atol=1e-9)


def test_singular_matrices_end_with_a_word() -> None:
    twice = np.kron(np.eye(3), np.ones((2, 2)))
    x, _, done = nonnegative_dense(twice, np.ones(6))
    assert not done or np.allclose(twice @ x, 1.0)
    assert nonnegative_dense(np.eye(2), np.zeros(2))[2]
    assert nonnegative_dense(np.eye(3), np.ones(3), most_rounds=0)[2] is False
