"""Trees of assets: the same merges as a general library, cuts, and the number of clusters by its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from argosy.kernels.linkage import METHODS, grow, suggested_clusters


def distances(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    r = rng.normal(size=(60, n)) + rng.normal(size=(60, 3)) @ rng.normal(size=(3, n))
    return np.sqrt(np.clip((1.0 - np.corrcoef(r, rowvar=False)) / 2.0, 0.0, 1.0))


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=12)
@given(n=st.integers(2, 30), seed=st.integers(0, 1000))
def test_the_tree_is_that_of_scipy(method: str, n: int, seed: int) -> None:
    apart = distances(n, seed)
    tree = grow(apart, method=method)
    theirs = hierarchy.linkage(squareform(apart, checks=False), method=method)
    np.testing.assert_allclose(tree.heights, theirs[:, 2], rtol=1e-10)
    np.testing.assert_array_equal(tree.merges, np.sort(theirs[:, :2].astype(int), axis=1))
    for k in range(1, n + 1):
        ours, other = tree.cut(k), hierarchy.cut_tree(theirs, k).ravel()
        assert len(set(zip(ours.tolist(), other.tolist(), strict=True))) == k
        assert ours[0] == 0
    assert sorted(tree.leaves(2 * n - 2)) == list(range(n))


def test_number_of_clusters_by_its_definition() -> None:
    apart = distances(20, 3)
    tree = grow(apart, method="ward")
    w = []
    for k in range(1, 10):
        label = tree.cut(k)
        total = 0.0
        for c in range(k):
            mine = np.flatnonzero(label == c)
            total += sum(apart[i, j] for i in mine for j in mine) / (2 * len(mine))
        w.append(total)
    gains = [w[k - 2] - 2 * w[k - 1] + w[k] for k in range(2, 9)]
    assert suggested_clusters(apart, tree) == 2 + int(np.argmax(gains))
    assert suggested_clusters(apart, tree, most=2) == 2
    assert suggested_clusters(apart, tree, most=1) == 2


def test_planted_clusters_are_found() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(4), 5)
    r = rng.normal(size=(2000, 4))[:, group] + 0.3 * rng.normal(size=(2000, 20))
    apart = np.sqrt(np.clip((1.0 - np.corrcoef(r, rowvar=False)) / 2.0, 0.0, 1.0))
    tree = grow(apart, method="ward")
    assert suggested_clusters(apart, tree) == 4
    np.testing.assert_array_equal(tree.cut(4), group)


def test_one_and_two_assets() -> None:
    assert suggested_clusters(np.zeros((1, 1)), grow(np.zeros((1, 1)), method="single")) == 1
    two = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert suggested_clusters(two, grow(two, method="ward")) == 2
