"""Asset location: by hand, and against every vertex of small problems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, UnknownName
from argosy.construction.rebalance.location import ACCOUNT_TYPES, AssetYield, NoLocation, locate, tax_drag

DRAG = [[0.004, 0.0], [0.02, 0.0]]


def test_bonds_go_where_interest_is_not_taxed() -> None:
    bonds, stocks = AssetYield(income=0.05), AssetYield(dividends=0.015, gains=0.002)
    accounts = [ACCOUNT_TYPES["taxable"], ACCOUNT_TYPES["deferred"]]
    drag = [[tax_drag(asset, account) for account in accounts] for asset in (stocks, bonds)]
    found = locate(["stocks", "bonds"], [0.6, 0.4], ["taxable", "ira"], [700.0, 300.0], drag)
    np.testing.assert_allclose(found.amounts, [[600.0, 0.0], [100.0, 300.0]])
    assert found.tax == pytest.approx(600 * (0.017 * 0.238) + 100 * 0.05 * 0.408)
    assert found.pro_rata == pytest.approx(700 * (0.6 * 0.017 * 0.238 + 0.4 * 0.05 * 0.408))
    assert found.saving > 0.0
    # One more unit of room in the deferred account takes a bond out of the taxable one.
    assert found.room_price[1] == pytest.approx(0.05 * 0.408)


@given(st.integers(0, 2**32))
def test_two_by_two_is_the_better_of_its_two_corners(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mix, room, drag = rng.dirichlet([1.0, 1.0]), rng.uniform(1.0, 9.0, 2), rng.uniform(0.0, 0.03, (2, 2))
    supply = mix * room.sum()
    corners = []
    for first in (max(0.0, room[0] - supply[1]), min(supply[0], room[0])):
        amounts = np.array([[first, supply[0] - first], [room[0] - first, supply[1] - room[0] + first]])
        corners.append(float((amounts * drag).sum()))
    found = locate(["a", "b"], mix, ["x", "y"], room, drag)
    assert found.tax == pytest.approx(min(corners), abs=1e-9)
    assert found.tax <= found.pro_rata + 1e-12


def test_forbidden_pairs_are_kept_or_refused() -> None:
    found = locate(["stocks", "bonds"], [0.6, 0.4], ["taxable", "ira"], [30.0, 70.0], DRAG,
                   forbidden=[("stocks", "taxable")])  # fmt: skip
    assert found.amounts.tolist() == [[0.0, 60.0], [30.0, 10.0]]
    with pytest.raises(NoLocation, match="do not fit"):
        locate(["stocks", "bonds"], [0.6, 0.4], ["taxable", "ira"], [80.0, 20.0], DRAG,
               forbidden=[("stocks", "taxable")])  # fmt: skip
    with pytest.raises(UnknownName, match="ira"):
        locate(["a"], [1.0], ["ira"], [1.0], [[0.0]], forbidden=[("a", "irs")])
    with pytest.raises(UnknownName, match="asset"):
        locate(["a"], [1.0], ["ira"], [1.0], [[0.0]], forbidden=[("b", "ira")])
    with pytest.raises(InvalidInput, match="drag has shape"):
        locate(["a"], [1.0], ["ira"], [1.0], [[0.0, 1.0]])
    with pytest.raises(InvalidInput, match="finite"):
        locate(["a"], [1.0], ["ira"], [1.0], [[np.nan]])
