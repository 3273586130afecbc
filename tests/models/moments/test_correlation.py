"""The nearest correlation matrix: Higham's own numbers, optimality, and what is refused."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, NotConverged, UndefinedMeasure
from argosy.models.moments.correlation import correlation_of, nearest_correlation
from argosy.models.moments.covariance import DenseCovariance


def test_highams_examples() -> None:
    # Higham (2002), section 4: the distances and entries that the paper prints.
    small = nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    assert small.distance == pytest.approx(0.5278, abs=5e-5)
    assert small.matrix.round(4).tolist() == [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    tridiagonal = nearest_correlation(2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1))
    assert tridiagonal.distance == pytest.approx(2.13, abs=5e-3)
    assert tridiagonal.matrix[0].round(4).tolist() == [1.0, -0.8084, 0.1916, 0.1068]


def test_a_general_solver_finds_no_nearer_one() -> None:
    given = np.eye(6)
    above = np.triu_indices(6, 1)
    given[above] = np.random.default_rng(3).uniform(-1.0, 1.0, 15)
    given = given + given.T - np.eye(6)
    x = cp.Variable((6, 6), PSD=True)
    problem = cp.Problem(cp.Minimize(cp.norm(x - given, "fro")), [cp.diag(x) == 1])
    problem.solve(solver="CLARABEL")
    found = nearest_correlation(given)
    # An interior-point solver stops within about 1e-8 of the optimum.
    assert found.distance == pytest.approx(problem.value, rel=1e-6)
    assert found.matrix == pytest.approx(x.value, abs=1e-4)


@given(st.integers(0, 10_000), st.integers(2, 7))
def test_no_correlation_is_nearer(seed: int, size: int) -> None:
    g = np.random.default_rng(seed)
    given = g.uniform(-1.0, 1.0, (size, size))
    given = 0.5 * (given + given.T)
    np.fill_diagonal(given, 1.0)
    found = nearest_correlation(given)
    assert np.linalg.eigvalsh(found.matrix)[0] > -1e-9
    assert np.array_equal(found.matrix.diagonal(), np.ones(size))
    for _ in range(20):
        root = g.normal(size=(size, size))
        other = root @ root.T
        other /= np.sqrt(np.outer(other.diagonal(), other.diagonal()))
        # Also between it and ours, where anything nearer would have to lie.
        for share in (1.0, 0.1, 0.01):
            assert np.linalg.norm(given - ((1 - share) * found.matrix + share * other)) >= found.distance - 1e-7


def test_a_correlation_comes_back_as_it_is() -> None:
    given = np.array([[1.0, 0.5], [0.5, 1.0]])
    found = nearest_correlation(given)
    assert found.iterations == 0
    assert np.array_equal(found.matrix, given)
    lifted = nearest_correlation(np.ones((3, 3)), floor=0.1)
    assert np.linalg.eigvalsh(lifted.matrix)[0] == pytest.approx(0.1, abs=1e-6)


def test_refusals() -> None:
    for bad in ([[1.0, 0.5]], [[1.0, np.nan], [np.nan, 1.0]]):
        with pytest.raises(InvalidInput, match="shape"):
            nearest_correlation(bad)
    with pytest.raises(InvalidInput, match="symmetric"):
        nearest_correlation([[1.0, 0.5], [0.1, 1.0]])
    with pytest.raises(InvalidInput, match="floor"):
        nearest_correlation([[1.0]], floor=1.0)
    with pytest.raises(NotConverged, match="after 2 steps"):
        nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]], steps=2)
    with pytest.raises(UndefinedMeasure, match="asset 0"):
        correlation_of(DenseCovariance(np.diag([0.0, 1.0])))


def test_deviations_and_correlations_make_the_covariance_again() -> None:
    given = np.array([[0.04, 0.01], [0.01, 0.09]])
    deviations, matrix = correlation_of(DenseCovariance(given))
    np.testing.assert_allclose(deviations, [0.2, 0.3])
    np.testing.assert_allclose(matrix * np.outer(deviations, deviations), given)
    assert matrix.diagonal().tolist() == [1.0, 1.0]
