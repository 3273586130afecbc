"""Dates and instants as integers: days since 1970-01-01, and microseconds since then in UTC.

Text is ISO 8601 both ways. A date that two people could read differently (03/04/2021) is refused, never guessed.
"""

from __future__ import annotations

import datetime
import re

from argosy.base.errors import InvalidInput

EPOCH = datetime.date(1970, 1, 1).toordinal()
DAY_US = 86_400_000_000
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_EPOCH_INSTANT = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def to_date(day: int) -> datetime.date:
    """The calendar date of an epoch day.

    Examples
    --------
    >>> to_date(18993)
    datetime.date(2022, 1, 1)
    """
    return datetime.date.fromordinal(int(day) + EPOCH)


def from_date(date: datetime.date) -> int:
    """The epoch day of a calendar date.

    Examples
    --------
    >>> from_date(datetime.date(2022, 1, 1))
    18993
    """
    return date.toordinal() - EPOCH


def parse_date(text: str, *, field: str = "date") -> int:
    """Read an ISO date as an epoch day.

    Examples
    --------
    >>> parse_date("2022-01-01")
    18993
    >>> parse_date("01/02/2022", field="as-of")
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: as-of '01/02/2022' is not a date. Next: write it year-month-day, as in 2022-12-30
    """
    stripped = text.strip()
    if not _DATE.match(stripped) or not stripped.isascii():
        raise InvalidInput(
            f"{field} {text!r} is not a date",
            field=field,
            found=text,
            expected="year-month-day",
            next_step="write it year-month-day, as in 2022-12-30",
        )
    try:
        return from_date(datetime.date.fromisoformat(stripped))
    except ValueError:
        raise InvalidInput(
            f"{field} {text!r} is not in the calendar",
            field=field,
            found=text,
            expected="a day that exists",
            next_step="check month and day; February has 28 days, 29 in a leap year",
        ) from None


def format_date(day: int) -> str:
    """An epoch day as ISO text.

    Examples
    --------
    >>> format_date(18993)
    '2022-01-01'
    """
    return to_date(day).isoformat()


def parse_instant(text: str, *, field: str = "known-at") -> int:
    """Read an instant as microseconds since 1970 in UTC; a bare date means the end of that day in UTC.

    Examples
    --------
    >>> parse_instant("1970-01-01T00:00:01+00:00"), parse_instant("1970-01-01T01:00:00.000001+01:00")
    (1000000, 1)
    >>> parse_instant("1970-01-01") == 86_400_000_000 - 1
    True
    """
    stripped = text.strip()
    if _DATE.match(stripped):
        return (parse_date(stripped, field=field) + 1) * DAY_US - 1
    try:
        moment = datetime.datetime.fromisoformat(stripped)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            f"{field} {text!r} is not a moment with a time zone" if moment else f"{field} {text!r} is not a moment",
            field=field,
            found=text,
            expected="a date, or a date and time with zone",
            next_step="write 2022-12-30 or 2022-12-30T16:00:00Z",
        )
    return (moment - _EPOCH_INSTANT) // datetime.timedelta(microseconds=1)


def format_instant(us: int) -> str:
    """Microseconds since 1970 as ISO text in UTC, with as many decimals as it has.

    Examples
    --------
    >>> format_instant(1000000), format_instant(1500000)
    ('1970-01-01T00:00:01Z', '1970-01-01T00:00:01.500000Z')
    """
    return (_EPOCH_INSTANT + datetime.timedelta(microseconds=int(us))).isoformat().replace("+00:00", "Z")
