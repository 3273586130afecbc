from __future__ import annotations

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure
from argosy.measures.performance import catalogue as c
from argosy.measures.performance.assess import assess
from argosy.measures.performance.frequency import at_frequency, group_numbers
from argosy.measures.performance.linking import link
from argosy.measures.performance.returns import ReturnSeries, daily_returns


def weekdays(first: str, last: str) -> np.ndarray:
    days = np.arange(parse_date(first), parse_date(last) + 1)
    return days[(days + 3) % 7 < 5]


def series(first: str, last: str, seed: int = 1) -> ReturnSeries:
    days = weekdays(first, last)
    nav = 100.0 * np.cumprod(1.0 + np.random.default_rng(seed).normal(0.0005, 0.01, days.size))
    return daily_returns(days, nav, np.zeros(days.size))


def test_months_link_to_the_whole() -> None:
    daily = series("2020-01-15", "2021-12-31")
    for frequency in ("weekly", "monthly", "quarterly", "yearly"):
        found = at_frequency(daily, frequency)
        assert link(found.series.values) == pytest.approx(daily.linked().number())
        assert not found.whole[0]
        assert found.whole[1:].all()
        assert len(found.complete) == len(found.series) - 1
    monthly = at_frequency(daily, "monthly")
    assert len(monthly.series) == 24
    assert int(monthly.series.days[0]) == parse_date("2020-01-31")
    assert int(monthly.series.before[1]) == parse_date("2020-01-31")


def test_a_last_period_is_whole_when_no_session_is_left() -> None:
    daily = series("2020-12-31", "2021-12-30")
    assert not at_frequency(daily, "monthly").whole[-1]
    closed = weekdays("2020-12-31", "2021-12-30")
    found = at_frequency(daily, "monthly", sessions=closed)
    assert found.whole.all()
    assert len(found.series) == 12


def test_daily_and_empty_are_left_as_they_are() -> None:
    daily = series("2021-01-04", "2021-01-29")
    assert at_frequency(daily, "daily").series is daily
    nothing = daily.between(0, 1)
    assert len(at_frequency(nothing, "monthly").series) == 0
    with pytest.raises(InvalidInput, match="fortnightly"):
        group_numbers(daily.days, "fortnightly")


def test_measures_by_month_beside_a_benchmark() -> None:
    mine, market = series("2019-12-31", "2021-12-31"), series("2020-02-28", "2022-03-31", 2)
    found = assess(mine, frequency="monthly", benchmark=market, names=["beta", "annual_return"])
    left, right = at_frequency(mine, "monthly").complete, at_frequency(market, "monthly").complete
    assert len(found.days) == 22
    expected = c.beta(left.values[2:], periods_per_year=12, benchmark=right.values[:22])
    assert found.measures.value("beta") == expected
    assert found.periods_per_year == 12
    assert found.table().rows()[0]["measure"] == "Beta"


def test_mismatches_are_told() -> None:
    mine = series("2019-12-31", "2021-12-15")
    market = series("2019-12-31", "2021-12-31", 2)
    hole = np.ones(len(market), np.bool_)
    hole[30:80] = False
    gap = ReturnSeries(
        market.days[hole], market.before[hole], market.values[hole], market.defined[hole], market.base[hole]
    )
    daily = assess(mine, periods_per_year=260, benchmark=gap, names=["beta"])
    assert "50 periods of the portfolio have no counterpart" in daily.notes[0]
    monthly = assess(mine, frequency="monthly", benchmark=gap, names=["beta"])
    # February loses its end, March is missing, and so is the start of April.
    assert monthly.notes == (
        "1 periods of the portfolio are covered in part and left out",
        "2 periods of the benchmark are covered in part and left out",
        "3 periods of the portfolio have no counterpart and are left out",
    )
    back = assess(gap, frequency="monthly", benchmark=mine, names=["beta"])
    assert back.notes[-1] == "3 periods of the benchmark have no counterpart and are left out"


def test_what_cannot_be_assessed() -> None:
    daily = series("2021-01-04", "2021-01-29")
    with pytest.raises(InvalidInput, match="252, 260 or 365"):
        assess(daily)
    with pytest.raises(MissingData, match="no whole period at the monthly"):
        assess(daily, frequency="monthly")
    with pytest.raises(MissingData, match="no day in common"):
        assess(daily, periods_per_year=252, benchmark=series("2021-02-01", "2021-02-26"))
    broken = daily_returns([0, 1, 2], [0.0, 100.0, 101.0], [0.0, 100.0, 0.0])
    with pytest.raises(UndefinedMeasure, match="1970-01-02"):
        assess(broken, periods_per_year=252)
    assert not at_frequency(broken, "yearly").series.defined[0]
