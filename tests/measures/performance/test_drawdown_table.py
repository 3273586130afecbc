from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.measures.performance.catalogue import burke_ratio, max_drawdown
from argosy.measures.performance.conventions import Convention
from argosy.measures.performance.drawdown_table import drawdown_path, drawdown_table, drawdowns_of


def test_two_drawdowns_one_open() -> None:
    found = drawdowns_of([-0.1, 0.2, -0.3, 0.1, -0.1])
    deepest, first = found
    assert (deepest.peak, deepest.trough, deepest.recovery) == (2, 5, None)
    assert deepest.depth == pytest.approx(1 - 0.7 * 1.1 * 0.9)
    assert (deepest.length, deepest.to_trough, deepest.to_recovery) == (3, 3, None)
    assert (first.peak, first.trough, first.recovery, first.to_recovery) == (0, 1, 2, 1)
    assert first.length == 2


def test_uncompounded_falls_are_in_points_of_the_start() -> None:
    assert drawdown_path([0.5, -0.3, -0.3], compounded=False).tolist() == pytest.approx([0.0, 0.3, 0.6])
    assert drawdowns_of([0.5, -0.3], compounded=False)[0].depth == pytest.approx(0.3)


def test_the_table_has_dates_or_places() -> None:
    rows = drawdown_table([-0.1, 0.2, -0.3]).rows()
    assert [row["trough"] for row in rows] == [3, 1]
    assert rows[0]["recovery"] is None
    dated = drawdown_table([-0.1, 0.2, -0.3], days=[0, 31, 59, 90])
    assert dated.rows()[1]["recovery"] == datetime.date(1970, 3, 1)
    assert dated.notes == ("1 not recovered yet",)
    assert len(drawdown_table([-0.1, 0.2, -0.3], most=1)) == 1
    assert len(drawdown_table([0.1])) == 0
    with pytest.raises(InvalidInput, match="one more than returns"):
        drawdown_table([0.1, 0.2], days=[0, 1])


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=40))
def test_the_table_agrees_with_the_measures(values) -> None:
    found = drawdowns_of(values)
    depths = [one.depth for one in found]
    assert depths == sorted(depths, reverse=True)
    assert max(depths, default=0.0) == pytest.approx(max_drawdown(values, periods_per_year=12), abs=1e-12)
    assert max(drawdown_path(values)) == pytest.approx(max(depths, default=0.0), abs=1e-12)
    if depths and max(depths) > 1e-6:
        annual = Convention("x", "", under_a_year=True)
        growth = float(np.prod(1 + np.array(values))) ** (12 / len(values)) - 1
        found_ratio = burke_ratio(values, periods_per_year=12, convention=annual)
        assert found_ratio == pytest.approx(growth / sum(depth**2 for depth in depths) ** 0.5, rel=1e-6, abs=1e-9)
