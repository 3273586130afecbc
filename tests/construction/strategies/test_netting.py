"""Netting: the worked case, and what must hold for any orders and permissions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InsufficientPosition, InvalidInput
from argosy.construction.strategies.netting import (
    Permission,
    net,
    permission_table,
    pro_rata,
    savings,
    share_fills,
)


def test_the_worked_case() -> None:
    found = net([[1000], [-600], [-100]])
    assert (found.crossed_total.tolist(), found.external_net.tolist()) == ([700], [300])
    saved = savings(found, [50.0], 0.001)
    assert (saved.alone.sum(), saved.netted.sum(), saved.saved.sum()) == (85.0, 15.0, 70.0)


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5), st.booleans())
def test_netting_changes_no_position_and_makes_nobody_worse(seed: int, size: int, names: int, all_may: bool) -> None:
    rng = np.random.default_rng(seed)
    orders = rng.integers(-50, 50, (size, names))
    may = np.ones((size, size), np.bool_) if all_may else rng.random((size, size)) < 0.5
    may |= may.T
    found = net(orders, permitted=may)
    # Every strategy gets what it asked for, inside or outside, never against its own direction.
    np.testing.assert_array_equal(found.crossed + found.external, orders)
    assert (found.crossed * orders >= 0).all()
    assert (found.external * orders >= 0).all()
    assert (np.abs(found.crossed) <= np.abs(orders)).all()
    # What is crossed is bought by somebody and sold by somebody else; the market sees the net.
    np.testing.assert_array_equal(found.crossed.sum(axis=0), 0)
    np.testing.assert_array_equal(found.external_net, orders.sum(axis=0))
    assert (found.restricted >= 0).all()
    # Nothing that could still cross is left.
    for one in range(size):
        for other in range(one + 1, size):
            if may[one, other]:
                assert (found.external[one] * found.external[other] >= 0).all()
    if all_may:
        np.testing.assert_array_equal(np.abs(found.external).sum(axis=0), np.abs(orders.sum(axis=0)))
        assert not found.restricted.any()
    saved = savings(found, rng.uniform(1.0, 9.0, names), rng.uniform(0.0, 0.01, names))
    assert saved.none_worse
    # Fills of the net order are shared in full, and never beyond what was sent.
    if all_may:
        filled = np.trunc(found.external_net * rng.random(names)).astype(np.int64)
        shared = share_fills(filled, found.external)
        np.testing.assert_array_equal(shared.sum(axis=0), filled)
        assert (np.abs(shared) <= np.abs(found.external)).all()


def test_a_pair_that_may_not_cross_goes_to_the_market() -> None:
    may = np.array([[1, 0], [0, 1]], dtype=bool)
    found = net([[100], [-60]], permitted=may)
    assert (found.external.ravel().tolist(), found.restricted.tolist()) == ([100, -60], [60])
    part = net([[100], [-60], [-30]], permitted=[[1, 0, 1], [0, 1, 1], [1, 1, 1]])
    assert (part.crossed.ravel().tolist(), part.restricted.tolist()) == ([30, 0, -30], [60])


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=6), st.integers(0, 10**18))
def test_shares_are_whole_exact_and_never_above_a_claim(claims: list[int], amount: int) -> None:
    held = np.array(claims, dtype=np.int64)[:, None]
    given_ = min(amount, sum(claims))
    if sum(claims) >= 2**63:
        return
    shared = pro_rata(np.array([given_]), held)
    assert int(shared.sum()) == given_
    assert (shared <= held).all()
    for part, claim in zip(shared.ravel().tolist(), claims, strict=True):
        fair = given_ * claim // max(sum(claims), 1)
        assert fair <= part <= fair + 1


def test_equal_claims_are_settled_by_position() -> None:
    assert pro_rata(np.array([4, 0]), np.array([[3, 1], [3, 1], [3, 0]])).tolist() == [[2, 0], [1, 0], [1, 0]]


def test_permissions() -> None:
    names, kinds = ["A", "B", "C", "P"], ["sleeve", "sleeve", "registered fund", "erisa plan"]
    may, told = permission_table(names, kinds, [Permission("A", "C", True, "board approved 17a-7 procedures")])
    assert may.tolist() == [
        [True, True, True, False], [True, True, False, False], [True, False, True, False], [False, False, False, True],
    ]  # fmt: skip
    rules = {(one.first, one.second): one.rule for one in told}
    assert rules["A", "B"] == "one owner"
    assert rules["B", "C"] == "1940 Act rule 17a-7"
    assert rules["B", "P"] == "ERISA s.406(b)(2)"
    assert rules["A", "C"] == "board approved 17a-7 procedures"
    with pytest.raises(InvalidInput, match="no strategy is called 'X'"):
        permission_table(names, kinds, [Permission("A", "X", True, "")])
    with pytest.raises(InvalidInput, match="4 names, 1 kinds"):
        permission_table(names, ["sleeve"])


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="integers"):
        net([[1.5]])
    with pytest.raises(InvalidInput, match="symmetric"):
        net([[1], [2]], permitted=[[1, 1], [0, 1]])
    with pytest.raises(InvalidInput, match="finite"):
        savings(net([[1]]), [np.nan], 0.1)
    with pytest.raises(InsufficientPosition, match="31 units of name 0 were filled and 30 were sent"):
        share_fills([31], np.array([[20], [10]]))
    with pytest.raises(InvalidInput, match="bought and sold in the market"):
        share_fills([5], np.array([[20], [-10]]))
    with pytest.raises(InvalidInput, match="filled has shape"):
        share_fills([5, 5], np.array([[20], [10]]))
