"""Tail index and tail dependence through time, against the models' own functions."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.measures.risk.monitoring.tails import tail_dependence_path, tail_index_path
from argosy.models.moments.observations import InsufficientData
from argosy.models.tails.dependence import tail_dependence
from argosy.models.tails.hill import hill


def test_each_window_is_hills_own() -> None:
    r = np.random.default_rng(3).standard_t(4, 1_200)
    found = tail_index_path(r, window=400, step=100)
    assert found.ends.tolist() == list(range(399, 1_200, 100))
    own = hill(-r[300:700], k=20)
    assert (found.xi[3], found.standard_error[3]) == (own.xi, own.standard_error)
    # Later days change no earlier window.
    other = r.copy()
    other[700:] *= 3.0
    assert np.array_equal(tail_index_path(other, window=400, step=100).xi[:4], found.xi[:4])


def test_a_growing_tail_is_told() -> None:
    g = np.random.default_rng(4)
    r = np.concatenate([g.normal(size=2_000), g.standard_t(2, 2_000)])
    assert tail_index_path(r, window=2_000, step=2_000).rose()
    assert not tail_index_path(r[:2_000], window=1_000, step=1_000).rose()


def test_dependence_by_window() -> None:
    r = np.random.default_rng(5).normal(size=(900, 3))
    found = tail_dependence_path(r, window=400, step=250)
    own = tail_dependence(r[250:650]).coefficients
    assert found.average[1] == pytest.approx((own.sum() - 3.0) / 6.0, rel=1e-12)
    assert found.share == 0.05


def test_refusals() -> None:
    r = np.random.default_rng(5).normal(size=(900, 2))
    with pytest.raises(InsufficientData, match="days in the tail"):
        tail_index_path(r[:, 0], window=100)
    with pytest.raises(InsufficientData, match="do not fill"):
        tail_index_path(r[:, 0], window=1_000)
    with pytest.raises(InvalidInput, match="share"):
        tail_index_path(r[:, 0], window=400, share=5)
    with pytest.raises(InvalidInput, match="window is 1"):
        tail_index_path(r[:, 0], window=1)
    with pytest.raises(InvalidInput, match="no other"):
        tail_dependence_path(r[:, :1], window=400)
