"""Tails of many portfolios: kernel against twin, dense against sparse, ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels.tails import dense_tails, sparse_tails, tail_rank


@given(st.integers(0, 1000), st.sampled_from([0.01, 0.05, 0.073, 0.5]))
def test_kernel_and_twin(seed: int, mass: float) -> None:
    rng = np.random.default_rng(seed)
    # Rounded returns and weights make ties.
    r, w = rng.standard_normal((120, 6)).round(1), rng.integers(-2, 3, (5, 6)).astype(float)
    fast, slow = (dense_tails(r, w, mass, engine=e) for e in ("kernel", "reference"))
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(fast[3].sum(axis=1), fast[0], atol=1e-12)
    np.testing.assert_allclose(fast[4].sum(axis=1), fast[1], atol=1e-12)


def test_sparse_is_dense_with_zeros() -> None:
    rng = np.random.default_rng(2)
    r = rng.standard_t(4, (700, 40)) * 0.01
    counts = rng.integers(0, 9, 30)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    assets = np.concatenate([rng.choice(40, n, replace=False) for n in counts])
    exposures = rng.normal(0.0, 1e6, assets.size)
    dense = np.zeros((30, 40))
    for p in range(30):
        dense[p, assets[offsets[p] : offsets[p + 1]]] = exposures[offsets[p] : offsets[p + 1]]
    whole = dense_tails(r, dense, 0.01)
    for engine in ("kernel", "reference"):
        found = sparse_tails(r, offsets, assets, exposures, 0.01, engine=engine)
        gross = np.abs(dense).sum(axis=1) * np.abs(r).max()
        # Single precision ranks scenarios: a few 1e-7 of the gross amounts.
        assert (np.abs(found[0] - whole[0]) <= 1e-6 * gross).all()
        assert (np.abs(found[1] - whole[1]) <= 1e-6 * gross).all()
        for p in range(30):
            held = slice(offsets[p], offsets[p + 1])
            assert found[3][held].sum() == pytest.approx(found[0][p], abs=1e-6)
            assert found[4][held].sum() == pytest.approx(found[1][p], abs=1e-6)


@pytest.mark.parametrize(("count", "mass", "rank"), [
    (1000, 1 - 0.95, 50), (250, 1 - 0.99, 3), (20, 1 - 0.99, 1), (2520, 0.05, 126), (100, 1 - 0.9, 10),
])  # fmt: skip
def test_ranks(count: int, mass: float, rank: int) -> None:
    assert tail_rank(count, mass)[0] == rank
