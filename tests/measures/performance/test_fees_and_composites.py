from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.measures.performance.composites import carve_out_returns, composite_returns, dispersion
from argosy.measures.performance.fees import (
    accrued_fees,
    gross_from_amounts,
    gross_returns,
    net_returns,
    performance_fee,
)
from argosy.measures.performance.linking import link
from argosy.measures.performance.reasons import Reason, UndefinedMeasure

returns = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=24)


@given(returns, st.floats(0.0, 0.1))
def test_gross_and_net_undo_each_other(values, fee) -> None:
    assert gross_returns(net_returns(values, fee), fee) == pytest.approx(values, abs=1e-12)
    assert link(net_returns(values, fee)) <= link(values) + 1e-12


def test_fees_in_money() -> None:
    fees = accrued_fees([1000.0, 1000.0], [0, 365], 0.01)
    assert fees.tolist() == [10.0]
    assert gross_from_amounts([1000.0], [0.04], fees).tolist() == [0.05]
    with pytest.raises(UndefinedMeasure, match="start_values"):
        gross_from_amounts([0.0], [0.1], [1.0])
    with pytest.raises(InvalidInput, match=r"annual_fee is 1\.5"):
        accrued_fees([1.0, 1.0], [0, 1], 1.5)
    with pytest.raises(InvalidInput, match=r"fee is -0\.1"):
        net_returns([0.1, 0.1], [0.0, -0.1])


def test_a_performance_fee_waits_for_the_mark() -> None:
    found = performance_fee([-0.1, 0.05, 0.1], 0.2, [True, True, True])
    assert found.net[:2].tolist() == pytest.approx([-0.1, 0.05])
    gross = 0.9 * 1.05 * 1.1
    assert found.accrued[2] == pytest.approx(0.2 * (gross - 1.0))
    assert found.high_water_mark == pytest.approx(gross - found.accrued[2])


def test_a_fee_accrues_before_it_is_paid_and_goes_with_the_gain() -> None:
    found = performance_fee([0.1, -1 / 11], 0.2, [False, True])
    assert found.accrued.tolist() == pytest.approx([0.02, 0.0])
    assert link(found.net) == pytest.approx(0.0, abs=1e-12)


def test_a_hurdle_raises_the_mark() -> None:
    assert performance_fee([0.05], 0.2, [True], hurdle=0.05).net.tolist() == pytest.approx([0.05])
    assert performance_fee([0.1], 0.2, [True], hurdle=[0.05]).net.tolist() == pytest.approx([0.09])


def test_performance_fees_refuse() -> None:
    with pytest.raises(UndefinedMeasure, match=r"returns\[1\]"):
        performance_fee([-1.0, 0.1], 0.2, [True, True])
    with pytest.raises(UndefinedMeasure):
        performance_fee([-1.5], 0.2, [True])
    with pytest.raises(InvalidInput, match="rate"):
        performance_fee([0.1], 20.0, [True])
    with pytest.raises(InvalidInput, match="lengths"):
        performance_fee([0.1], 0.2, [True, True])


def test_composites_read_members_only() -> None:
    found = composite_returns(
        [[0.1, math.nan, 0.3], [0.2, 0.1, math.inf]], [[1.0, 5.0, 1.0], [3.0, 1.0, 0.0]],
        [[True, False, True], [False, True, False]],
    )  # fmt: skip
    assert found.returns.values.tolist() == pytest.approx([0.2, 0.1])
    assert found.members.tolist() == [2, 1]
    assert found.capital.tolist() == [2.0, 1.0]
    empty = composite_returns([[0.1]], [[1.0]], [[False]])
    assert Reason(int(empty.returns.reasons[0])) == Reason.NO_CAPITAL
    assert empty.table().rows()[0]["return"] is None
    with pytest.raises(InvalidInput, match="portfolio 1 is a member in period 0"):
        composite_returns([[0.1, math.nan]], [[1.0, 1.0]])
    with pytest.raises(InvalidInput, match="shape"):
        composite_returns([0.1], [1.0])


def test_dispersion_of_members() -> None:
    annual = [0.01, 0.02, 0.03, 0.04, 0.05, 0.09]
    assert dispersion(annual) == pytest.approx(float(np.std(annual, ddof=1)))
    assert dispersion(annual, kind="quartiles") == pytest.approx(0.0475 - 0.0225)
    assert dispersion(annual, [1.0] * 6, kind="asset") == pytest.approx(float(np.std(annual)))
    weighted = dispersion(annual, [1.0, 1.0, 1.0, 1.0, 1.0, 5.0], kind="asset")
    w = np.array([1, 1, 1, 1, 1, 5]) / 10
    assert weighted == pytest.approx(float(np.sqrt(w @ (np.array(annual) - w @ annual) ** 2)))
    with pytest.raises(UndefinedMeasure, match="5 portfolios"):
        dispersion(annual[:5])
    with pytest.raises(InvalidInput, match="needs capital"):
        dispersion(annual, kind="asset")
    with pytest.raises(UndefinedMeasure, match=r"capital\[0\]"):
        dispersion(annual, [0.0, 1.0, 1.0, 1.0, 1.0, 1.0], kind="asset")


def test_a_carve_out_of_everything_is_the_portfolio() -> None:
    found = carve_out_returns([[0.5, 0.4]], [[0.1, 0.05]], [0.1], [0.001])
    assert found.tolist() == pytest.approx([0.05 + 0.02 + 0.0001])
    with pytest.raises(UndefinedMeasure, match="period 0"):
        carve_out_returns([[0.0]], [[0.1]], [0.0], [0.0])
    with pytest.raises(InvalidInput, match="shape"):
        carve_out_returns([[0.5]], [[0.1, 0.1]], [0.1], [0.0])
    with pytest.raises(InvalidInput, match="is nan"):
        carve_out_returns([[0.5]], [[math.nan]], [0.1], [0.0])
