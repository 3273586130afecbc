"""Dates and instants: round trips, refusals, the ends of days."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.dates import (
    format_date,
    format_instant,
    from_date,
    parse_date,
    parse_instant,
    to_date,
)
from argosy.base.errors import InvalidInput


@given(st.dates())
def test_a_date_survives_every_form(date: datetime.date) -> None:
    day = from_date(date)
    assert to_date(day) == date
    assert parse_date(format_date(day)) == day
    assert format_date(day) == date.isoformat()


@given(st.datetimes(min_value=datetime.datetime(1, 1, 2), max_value=datetime.datetime(9999, 12, 30),
                    timezones=st.timezones()))  # fmt: skip
def test_an_instant_is_the_same_in_each_zone(moment: datetime.datetime) -> None:
    us = parse_instant(moment.astimezone(datetime.UTC).isoformat())
    assert parse_instant(format_instant(us)) == us
    assert us == (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2022-1-1",
        "01/02/2022",
        "20220101",
        "2022-02-29",
        "2022-13-01",
        "today",
        "２０２２-01-01",
        "2022-01-01T00:00",
    ],
)
def test_a_doubtful_date_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="Next: ") as found:
        parse_date(text, field="as-of")
    assert found.value.field == "as-of"


@pytest.mark.parametrize("text", ["2022-01-01T10:00", "10:00", "yesterday", "2022-01-01T25:00Z"])
def test_a_moment_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="2022-12-30T16:00:00Z"):
        parse_instant(text)


def test_a_bare_date_is_the_last_microsecond_of_the_day() -> None:
    assert parse_instant("2022-01-01") + 1 == parse_instant("2022-01-02T00:00:00Z")
    assert parse_instant("2022-01-01T00:00:00+02:00") == parse_instant("2021-12-31T22:00:00Z")
