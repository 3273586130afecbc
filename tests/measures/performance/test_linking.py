from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.measures.performance.annualize import annualize, annualize_days, annualize_periods, period_rate
from argosy.measures.performance.linking import (
    carino_coefficients,
    from_log_returns,
    holding_period_return,
    link,
    link_groups,
    linked_path,
    log_returns,
    simple_returns,
)
from argosy.measures.performance.reasons import UndefinedMeasure
from argosy.measures.performance.series import ascending, beside, block, day_numbers, same_length, vector

returns = st.lists(st.floats(-0.9, 2.0), min_size=1, max_size=30)


@given(returns)
def test_log_and_simple_returns_are_one_thing(values) -> None:
    assert from_log_returns(log_returns(values)) == pytest.approx(values, rel=1e-12, abs=1e-12)
    assert link(values) == pytest.approx(math.expm1(float(log_returns(values).sum())), rel=1e-9, abs=1e-12)
    wealth = linked_path(values)
    assert simple_returns(wealth) == pytest.approx(values, rel=1e-9, abs=1e-9)


@given(returns, st.integers(0, 30))
def test_a_period_may_be_split_anywhere(values, cut) -> None:
    parts = [link(values[:cut]), link(values[cut:])]
    assert link(parts) == pytest.approx(link(values), rel=1e-9, abs=1e-12)


@given(returns)
def test_coefficients_carry_returns_to_the_linked_one(values) -> None:
    r = np.array(values)
    assert float(carino_coefficients(r) @ r) == pytest.approx(link(r), rel=1e-9, abs=1e-12)


def test_coefficients_at_zero() -> None:
    assert carino_coefficients([0.0, 0.0]).tolist() == [1.0, 1.0]
    # Small total: 1 / (1 + r) up to the mean, no cancellation.
    assert carino_coefficients([1e-9, -1e-9]) == pytest.approx([1.0, 1.0], abs=1e-8)


def test_linking_refuses_what_cannot_be_compounded() -> None:
    with pytest.raises(UndefinedMeasure, match=r"returns\[1\] is -1.5"):
        link([0.1, -1.5])
    with pytest.raises(UndefinedMeasure, match=r"returns\[1\]"):
        log_returns([0.1, -1.0])
    with pytest.raises(UndefinedMeasure, match="lost"):
        carino_coefficients([-1.0])
    with pytest.raises(InvalidInput, match=r"returns\[0\] is inf"):
        link([math.inf])
    with pytest.raises(InvalidInput, match=r"prices\[1\] is 0.0"):
        simple_returns([1.0, 0.0])
    with pytest.raises(InvalidInput, match="at least 2 are"):
        simple_returns([1.0])
    with pytest.raises(UndefinedMeasure):
        holding_period_return(0.0, 1.0)
    with pytest.raises(InvalidInput, match="in order"):
        link_groups([0.1, 0.1], [2, 1])
    assert link([]) == 0.0
    assert link([-1.0, 0.5]) == -1.0


def test_annual_rates() -> None:
    assert annualize_periods(0.21, 504, periods_per_year=252) == pytest.approx(0.1)
    assert annualize(0.05, 1.0) == pytest.approx(0.05)
    assert annualize(-1.0, 2.0) == -1.0
    assert annualize_days(0.1, 73, under_a_year=True) == pytest.approx(1.1**5 - 1)
    with pytest.raises(UndefinedMeasure, match="shorter than a year"):
        annualize_days(0.1, 364)
    with pytest.raises(UndefinedMeasure, match="below -100%"):
        annualize(-1.5, 2.0)
    with pytest.raises(UndefinedMeasure, match="too large"):
        annualize(10.0, 1e-3, under_a_year=True)
    for total, years in ((math.nan, 1.0), (0.1, 0.0), (0.1, math.inf)):
        with pytest.raises(InvalidInput):
            annualize(total, years)
    assert (1 + period_rate(0.1, periods_per_year=12)) ** 12 == pytest.approx(1.1)
    with pytest.raises(InvalidInput):
        period_rate(-1.0, periods_per_year=12)


def test_series_are_what_they_are_said_to_be() -> None:
    assert block([0.1, 0.2], "x").shape == (1, 2)
    assert beside(0.1, (3, 2), "x").tolist() == [[0.1, 0.1]]
    assert beside(np.zeros((3, 2)), (3, 2), "x").shape == (3, 2)
    with pytest.raises(InvalidInput, match="2 dimensions"):
        vector([[0.1]], "x")
    with pytest.raises(InvalidInput, match="at least 1 is"):
        vector([], "x")
    with pytest.raises(InvalidInput, match="shape"):
        block(np.zeros((2, 2, 2)), "x")
    with pytest.raises(InvalidInput, match="a has 1, b has 2"):
        same_length(a=np.zeros(1), b=np.zeros(2))


def test_days_in_every_form() -> None:
    dates = [datetime.date(1970, 1, 2), datetime.date(1970, 1, 4)]
    for form in (dates, ["1970-01-02", "1970-01-04"], [1, 3], np.array(dates, dtype="datetime64[D]"), np.array([1, 3])):
        assert day_numbers(form).tolist() == [1, 3]
    assert day_numbers([]).tolist() == []
    with pytest.raises(InvalidInput, match=r"days\[1\]"):
        day_numbers(["1970-01-02", 3.5])
    with pytest.raises(InvalidInput, match=r"days\[0\]"):
        day_numbers(["02/01/1970"])
    with pytest.raises(InvalidInput, match="not a date"):
        day_numbers(np.array(["NaT"], dtype="datetime64[D]"))
    with pytest.raises(InvalidInput, match="dimensions"):
        day_numbers(np.zeros((2, 2), dtype=np.int64))
    with pytest.raises(InvalidInput, match=r"days\[2\]"):
        ascending(np.array([1, 2, 2]))
