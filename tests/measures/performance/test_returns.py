from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure, UnknownName
from argosy.measures.performance.benchmark import compare, level_returns
from argosy.measures.performance.periods import (
    PERIODS,
    Period,
    PeriodReturn,
    drawdowns,
    period,
    period_return,
    period_table,
)  # fmt: skip
from argosy.measures.performance.returns import Outcome, daily_returns, simple_return


def test_flows_at_the_end_and_at_the_start_of_the_day() -> None:
    # Deposit of 50 on day 2; value 165 with it inside.
    end = daily_returns([1, 2], [100, 165], [0, 50])
    start = daily_returns([1, 2], [100, 165], [0, 50], timing="start")
    assert end.values[0] == pytest.approx(0.15)
    assert start.values[0] == pytest.approx(0.10)


@given(
    st.lists(st.tuples(st.floats(-0.5, 1.0), st.floats(-0.4, 1.0)), min_size=1, max_size=30),
    st.sampled_from(["end", "start"]),
)
def test_the_return_is_that_of_the_assets_whatever_flows(moves: list[tuple[float, float]], timing: str) -> None:
    value, nav, flow = 1000.0, [1000.0], [0.0]
    for gained, share in moves:
        moved = value * share
        value = (value + moved) * (1 + gained) if timing == "start" else value * (1 + gained) + moved
        if value <= 1.0:
            return
        nav.append(value)
        flow.append(moved)
    series = daily_returns(np.arange(len(nav)), nav, flow, timing=timing)  # type: ignore[arg-type]
    assert series.values == pytest.approx([gained for gained, _ in moves], abs=1e-9)
    assert series.linked().number() == pytest.approx(np.prod([1 + gained for gained, _ in moves]) - 1, abs=1e-9)


def test_a_base_of_zero_or_less_has_no_return_and_says_so() -> None:
    series = daily_returns([1, 2, 3, 4], [100, 0, 50, 60], [0, -100, 50, 0])
    assert series.defined.tolist() == [True, False, True]
    assert np.isfinite(series.values).all()
    assert "1970-01-04" in series.linked().reason
    with pytest.raises(UndefinedMeasure):
        series.linked().number()
    assert not simple_return(-5.0, 3.0).defined
    assert simple_return(100.0, 132.0, 20.0, timing="start").number() == pytest.approx(0.1)


def test_an_opening_value_gives_the_first_day_a_return() -> None:
    series = daily_returns([2, 3], [110, 121], [0, 0], opening=(1, 100))
    assert series.values == pytest.approx([0.1, 0.1])
    funded = daily_returns([2, 3], [110, 121], [100, 0], opening=(1, 0), timing="start")
    assert funded.values == pytest.approx([0.1, 0.1])
    assert funded.inception == 1


@pytest.mark.parametrize("bad", [([1, 1], [1, 2], [0, 0]), ([1, 2], [1], [0, 0]), ([1, 2], [1, np.nan], [0, 0])])
def test_bad_series_are_refused(bad: tuple[list[int], list[float], list[float]]) -> None:
    with pytest.raises(InvalidInput):
        daily_returns(*bad)


@pytest.mark.parametrize(
    ("name", "last", "after"),
    [
        ("MTD", "2022-05-17", "2022-04-30"),
        ("QTD", "2022-05-17", "2022-03-31"),
        ("QTD", "2022-01-03", "2021-12-31"),
        ("YTD", "2022-05-17", "2021-12-31"),
        ("1y", "2022-05-17", "2021-05-17"),
        ("1Y", "2024-02-29", "2023-02-28"),
        ("2021-02-01..2021-03-31", "2022-05-17", "2021-01-31"),
    ],
)
def test_periods_begin_where_people_expect(name: str, last: str, after: str) -> None:
    assert period(name, parse_date(last), inception=0).after == parse_date(after)


def test_unknown_and_reversed_periods_are_refused() -> None:
    with pytest.raises(UnknownName, match="YTD"):
        period("YDT", 100, inception=0)
    with pytest.raises(InvalidInput, match=r"ends before.*2021-01-01\.\.2021-02-01"):
        period("2021-02-01..2021-01-01", 100, inception=0)
    assert period("ITD", 100, inception=7) == Period("ITD", 7, 100)


def test_a_period_table_names_what_does_not_exist() -> None:
    series = daily_returns([10, 11, 12], [100, 110, 121], [0, 0, 0])
    asked = [period(name, 12, inception=10) for name in PERIODS]
    rows = [PeriodReturn(p, period_return(series, p), Outcome(0.05)) for p in asked]
    table = period_table(rows)
    shown = {row["period"]: row for row in table.rows()}
    assert shown["ITD"]["portfolio"] == pytest.approx(0.21)
    assert shown["ITD"]["excess"] == pytest.approx(0.16)
    assert shown["1Y"]["portfolio"] is None
    assert any("1Y" in note and "begins on 1970-01-11" in note for note in table.notes)
    assert period_return(series, Period("late", 12, 20)).reason.endswith("runs from 1970-01-11 to 1970-01-13")
    nothing = period_return(daily_returns([], [], []), Period("late", 12, 20))
    assert nothing.reason == "there is no return from 1970-01-13 to 1970-01-21"


def test_a_weekend_before_the_period_is_bridged() -> None:
    friday, monday, tuesday = (parse_date(d) for d in ("2022-04-29", "2022-05-02", "2022-05-03"))
    series = daily_returns([friday - 1, friday, monday, tuesday], [90, 100, 110, 121], [0, 0, 0, 0])
    assert period_return(series, period("MTD", tuesday, inception=0)).number() == pytest.approx(0.21)


def test_drawdowns_start_afresh_after_a_day_without_return() -> None:
    series = daily_returns([1, 2, 3, 4, 5], [100, 50, 0, 40, 30], [0, 0, -50, 40, 0])
    found = drawdowns(series)
    assert found.days.tolist() == [4, 5]
    assert found.worst == (pytest.approx(0.25), 4, 5)
    assert drawdowns(daily_returns([1], [1], [0])).worst == (0.0, 0, 0)
    assert len(found.table()) == 2


def test_a_benchmark_is_matched_by_date() -> None:
    mine = daily_returns([1, 2, 4, 5], [100, 110, 99, 198], [0, 0, 0, 0])
    found = compare(mine, np.array([0, 1, 3, 4, 5]), np.array([9.0, 10.0, 11.0, 12.0, 12.0]))
    assert found.portfolio.days.tolist() == [4, 5]
    assert found.portfolio.values == pytest.approx([-0.01, 1.0])
    assert found.benchmark.values == pytest.approx([0.2, 0.0])
    assert found.only_portfolio.tolist() == [2]
    assert found.only_benchmark.tolist() == [3]
    assert len(found.notes) == 2
    assert found.table()["excess"].values == pytest.approx([-0.21, 1.0])
    with pytest.raises(MissingData):
        compare(mine, np.array([7, 8]), np.array([1.0, 2.0]))
    with pytest.raises(InvalidInput):
        level_returns(np.array([1, 2]), np.array([1.0, 0.0]))


def test_linking_over_an_undefined_day_stays_undefined() -> None:
    mine = daily_returns([1, 2, 3, 4], [100, 0, 50, 60], [0, -100, 50, 0])
    found = compare(mine, np.array([1, 2, 4]), np.array([10.0, 11.0, 12.0]))
    assert found.portfolio.defined.tolist() == [True, False]
    assert len(mine.table()) == 3
