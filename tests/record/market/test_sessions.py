from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingData
from argosy.record.facts import Fact, FactKind
from argosy.record.market.sessions import (
    calendar_payload,
    calendars_of,
    compare_sessions,
    read_session_calendar,
    weekdays,
)


def fact(payload: dict[str, object], seq: int = 1) -> Fact:
    return Fact(seq, 1, FactKind.CALENDAR, 1, 0, payload)


@given(st.integers(-5000, 25_000), st.integers(0, 40))
def test_weekdays_against_numpy(first: int, length: int) -> None:
    days = np.arange(first, first + length + 1)
    expected = days[np.is_busday(days.astype("datetime64[D]"))]
    assert weekdays().between(first, first + length).tolist() == expected.tolist()


@given(st.sets(st.integers(100, 160), min_size=1))
def test_sessions_survive_the_payload(days: set[int]) -> None:
    payload = calendar_payload("X", days, first=95, last=165, source="test")
    calendar = read_session_calendar(fact(payload))
    assert calendar.between(95, 165).tolist() == sorted(days)
    assert [calendar.is_session(day) for day in range(95, 166)] == [day in days for day in range(95, 166)]
    assert compare_sessions(calendar, [*sorted(days), max(days)]) == (0, len(days), 1)
    assert compare_sessions(None, [1, 2]) == (2, 0, 0)


def test_bounds_are_not_left_silently() -> None:
    calendar = read_session_calendar(fact(calendar_payload("X", [100, 103], first=99, last=104, source="t")))
    assert calendar.previous(104) == 103
    assert calendar.previous(103, inclusive=False) == 100
    for first, last in ((98, 100), (100, 105)):
        with pytest.raises(MissingData, match="calendar 'X' covers 1970-04-10 to 1970-04-15"):
            calendar.between(first, last)
    with pytest.raises(MissingData):
        calendar.previous(99)


def test_listed_sessions_bound_themselves() -> None:
    calendar = read_session_calendar(fact({"name": "X", "sessions": [5, 3, 9]}))
    assert calendar.between(3, 9).tolist() == [3, 5, 9]
    assert (calendar.first, calendar.last) == (3, 9)


def test_the_newest_of_a_name_rules() -> None:
    facts = [fact({"name": "X", "sessions": [3]}, 1), fact({"name": "X", "sessions": [4]}, 2)]
    found = calendars_of(facts)
    assert found["X"].seq == 2
    assert set(found) == {"X", "weekdays"}


@pytest.mark.parametrize(
    ("name", "days", "said"),
    [("weekdays", [100], "cannot name"), ("X", [], "has no session"), ("X", [90], "outside its bounds")],
)
def test_calendars_that_cannot_be(name: str, days: list[int], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        calendar_payload(name, days, first=99, last=104, source="t")
