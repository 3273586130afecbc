from __future__ import annotations

import math

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingData
from argosy.measures.performance.dietz import (
    day_weights,
    flow_returns,
    modified_dietz,
    revalued_return,
    simple_dietz,
)
from argosy.measures.performance.irr import (
    irr,
    modified_irr,
    money_weighted_return,
    rates_of_return,
    xirr,
    xirr_all,
)
from argosy.measures.performance.linking import link
from argosy.measures.performance.reasons import AmbiguousMeasure, Reason, UndefinedMeasure
from argosy.measures.performance.returns import daily_returns


def test_weights_by_timing() -> None:
    assert day_weights([1, 30], 0, 30).tolist() == [29 / 30, 0.0]
    assert day_weights([1, 30], 0, 30, timing="start").tolist() == [1.0, 1 / 30]
    assert day_weights([15], 0, 30, timing="middle").tolist() == [15.5 / 30]
    for days in ([0], [31]):
        with pytest.raises(InvalidInput, match="outside the period"):
            day_weights(days, 0, 30)
    with pytest.raises(InvalidInput, match="ends before"):
        day_weights([1], 5, 5)


def test_capital_of_zero_or_less() -> None:
    with pytest.raises(UndefinedMeasure, match="capital"):
        modified_dietz(0.0, 10.0)
    with pytest.raises(UndefinedMeasure, match="-50"):
        modified_dietz(100.0, 10.0, [-300.0], [0.5])
    with pytest.raises(InvalidInput, match="lengths differ"):
        modified_dietz(100.0, 10.0, [1.0], [])
    with pytest.raises(InvalidInput, match=r"values\[1\] is nan"):
        simple_dietz(1.0, math.nan)


values = st.lists(st.floats(50.0, 200.0), min_size=3, max_size=12)


@given(values, st.data())
def test_one_day_periods_are_daily_returns(nav, data) -> None:
    flows = data.draw(st.lists(st.floats(-20.0, 20.0), min_size=len(nav), max_size=len(nav)))
    flow = np.array(flows[1:])
    for timing in ("end", "start"):
        series = daily_returns(range(len(nav)), nav, flows, timing=timing)
        found = flow_returns(nav[:-1], nav[1:], np.maximum(flow, 0), np.maximum(-flow, 0), timing=timing)
        assert found == pytest.approx(series.values, rel=1e-9, abs=1e-12)
        each = [
            modified_dietz(nav[k], nav[k + 1], [flow[k]], day_weights([k + 1], k, k + 1, timing=timing))
            for k in range(len(flow))
        ]
        assert each == pytest.approx(list(series.values), rel=1e-9, abs=1e-12)


def test_flow_returns_refuse() -> None:
    with pytest.raises(InvalidInput, match="timing is 'noon'"):
        flow_returns([1.0], [1.0], [0.0], [0.0], timing="noon")
    with pytest.raises(InvalidInput, match=r"outflows\[0\] is negative"):
        flow_returns([1.0], [1.0], [0.0], [-1.0])
    with pytest.raises(UndefinedMeasure, match="period 1"):
        flow_returns([1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0])
    assert flow_returns([100.0], [171.0], [50.0], [0.0], timing="middle").tolist() == [21.0 / 125.0]


def test_small_flows_leave_one_period() -> None:
    found = revalued_return(100.0, 108.0, 0, 30, flows=[5.0], days=[10], valued_days=[], values=[])
    assert found.returns.tolist() == [modified_dietz(100.0, 108.0, [5.0], [20 / 30])]
    assert found.days.tolist() == [30]
    assert found.large.tolist() == []


def test_large_flows_cut_the_period_where_values_are_known() -> None:
    found = revalued_return(
        100.0, 160.0, 0, 30, flows=[1.0, 30.0, 20.0, -0.5], days=[5, 10, 10, 20], valued_days=[9, 10],
        values=[0.0, 153.0],
    )  # fmt: skip
    first = modified_dietz(100.0, 103.0, [1.0], [0.5])
    second = modified_dietz(153.0, 160.0, [-0.5], [0.5])
    assert found.returns.tolist() == pytest.approx([first, second])
    assert found.value == pytest.approx(link([first, second]))
    assert found.large.tolist() == [1, 2]
    with pytest.raises(MissingData, match="1970-01-11, 1970-01-21"):
        revalued_return(100.0, 160.0, 0, 30, flows=[50.0, 50.0], days=[10, 20], valued_days=[], values=[])


def test_every_day_cut_is_the_true_time_weighted_return() -> None:
    nav, flow = [100.0, 130.0, 90.0, 95.0], [0.0, 20.0, -50.0, 0.0]
    found = revalued_return(
        nav[0], nav[3], 0, 3, flows=flow[1:], days=[1, 2, 3], valued_days=[1, 2], values=nav[1:3], large=0.0
    )
    assert found.value == pytest.approx(daily_returns(range(4), nav, flow).linked().number())


def test_a_flow_that_offsets_itself_is_no_flow() -> None:
    found = revalued_return(100.0, 110.0, 0, 30, flows=[50.0, -50.0], days=[10, 10], valued_days=[], values=[])
    assert found.value == pytest.approx(0.1)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 3000), st.floats(-1000, -1)), min_size=1, max_size=8), st.floats(0.3, 3.0))
def test_xirr_agrees_with_pyxirr(stream, multiple) -> None:
    days = [day for day, _ in stream] + [max(day for day, _ in stream) + 400]
    flows = [flow for _, flow in stream] + [-sum(flow for _, flow in stream) * multiple]
    peer = pyxirr.xirr(np.array(days, dtype="datetime64[D]"), np.array(flows))
    assume(peer is not None)
    assert xirr(flows, days) == pytest.approx(peer, abs=1e-7, rel=1e-7)


def test_no_rate_and_several() -> None:
    with pytest.raises(UndefinedMeasure, match="one sign"):
        irr([-1.0, -2.0])
    with pytest.raises(UndefinedMeasure, match="one day"):
        xirr([-1.0, 2.0], [5, 5])
    with pytest.raises(UndefinedMeasure, match="no rate"):
        irr([-100.0, 200.0, -150.0])
    with pytest.raises(UndefinedMeasure, match="every rate"):
        irr([0.0, 0.0])
    with pytest.raises(UndefinedMeasure, match="too large"):
        xirr([-1.0, 10.0], [0, 1])
    with pytest.raises(AmbiguousMeasure, match=r"25\.0000.*30\.0000") as caught:
        irr([-1000.0, 2550.0, -1625.0])
    assert caught.value.candidates == pytest.approx((0.25, 0.3))
    with pytest.raises(InvalidInput, match=r"flows\[0\] is nan"):
        irr([math.nan, 1.0])
    with pytest.raises(InvalidInput, match="year"):
        xirr([-1.0, 1.0], [0, 1], year=0.0)
    assert rates_of_return([-1.0, 1.0], [0, 365]).rates == (0.0,)


def test_rates_of_many_streams() -> None:
    flows = [[-100.0, 0.0, 121.0], [-1000.0, 2550.0, -1625.0], [-1.0, -1.0, 0.0]]
    found = xirr_all(flows, [0, 365, 730])
    assert found.values[0] == pytest.approx(0.1)
    assert [Reason(int(code)).name for code in found.reasons] == ["DEFINED", "SEVERAL_ROOTS", "ONE_SIGN"]
    assert found.several[1] == pytest.approx((0.25, 0.3))
    assert found.measured.value("rate") == found.values[0]
    dates = np.array([["2020-01-01", "2020-12-31", "2021-12-31"]] * 3, dtype="datetime64[D]")
    assert xirr_all(flows, dates, engine="kernel").values[0] == pytest.approx(0.1)
    ragged = xirr_all([-1.0, 1.5, -1.0, 0.0, 2.0], [0, 365, 0, 1, 730], offsets=[0, 2, 5])
    assert ragged.values == pytest.approx([0.5, 2**0.5 - 1])


@pytest.mark.parametrize(
    ("flows", "days", "options", "words"),
    [
        ([-1.0, 1.0], [0, 1], {}, "shape"),
        ([[-1.0, 1.0]], [0, 1, 2], {}, "shape"),
        ([-1.0, 1.0], [0, 1], {"offsets": [0, 1]}, "cut"),
        ([-1.0, 1.0], [0, 1], {"offsets": [0, 0, 2]}, "cut"),
        ([[-1.0, math.inf]], [0, 1], {}, r"flows\[0, 1\] is inf"),
        ([[-1e308, 1e308, 1e308]], [0, 1, 2], {"engine": "kernel"}, "too large"),
    ],
)
def test_bulk_rates_refuse(flows, days, options, words) -> None:
    with pytest.raises(InvalidInput, match=words):
        xirr_all(flows, days, **options)


def test_money_weighted_return_of_a_period() -> None:
    short = money_weighted_return(100.0, 103.0, 0, 73)
    assert short.period == pytest.approx(0.03)
    with pytest.raises(UndefinedMeasure, match=r"0\.2000 years"):
        _ = short.annual
    assert money_weighted_return(100.0, 121.0, 0, 730).annual == pytest.approx(0.1)
    assert money_weighted_return(0.0, 110.0, 0, 365, flows=[100.0], days=[0]).annual == pytest.approx(0.1)
    with pytest.raises(InvalidInput, match="outside"):
        money_weighted_return(100.0, 121.0, 0, 730, flows=[1.0], days=[731])


def test_modified_rate_refuses() -> None:
    with pytest.raises(UndefinedMeasure):
        modified_irr([1.0, 2.0], finance_rate=0.1, reinvest_rate=0.1)
    with pytest.raises(InvalidInput):
        modified_irr([-1.0, 2.0], finance_rate=-1.0, reinvest_rate=0.1)


@given(st.floats(-0.5, 1.0), st.integers(400, 3000))
def test_one_payment_has_the_compound_rate(total, days) -> None:
    assume(abs(total) > 1e-6)
    assert xirr([-100.0, 100.0 * (1 + total)], [0, days]) == pytest.approx((1 + total) ** (365 / days) - 1, abs=1e-12)
