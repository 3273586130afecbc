"""Sessions of exchanges from the exchange_calendars package, always with explicit bounds, loaded only when asked."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence

from argosy.base.dates import format_date, from_date
from argosy.base.errors import InvalidInput, MissingExtra, unknown


def exchange_sessions(exchange: str, first: int, last: int) -> Sequence[int]:
    """Sessions of an exchange (ISO 10383 code such as XNYS) between two epoch days, both included.

    Raises :class:`MissingExtra` without the package, :class:`UnknownName` for an exchange it does not know and
    :class:`InvalidInput` for bounds it cannot serve.
    """
    try:
        calendars = importlib.import_module("exchange_calendars")
    except ImportError:
        raise MissingExtra(
            "calendars of exchanges need the package exchange_calendars",
            field="exchange",
            next_step="install argosy[calendars], or import the sessions from a file",
        ) from None
    names = calendars.get_calendar_names(include_aliases=True)
    if exchange not in names:
        raise unknown("exchange", exchange, names)
    if last < first:
        raise InvalidInput("the last day is before the first", field="last", found=format_date(last))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the package asks of pandas is between the two of them
            # Without bounds the package answers for a window around today, silently.
            found = calendars.get_calendar(exchange, start=format_date(first), end=format_date(last))
    except (calendars.errors.CalendarError, ValueError) as error:
        raise InvalidInput(
            f"{exchange} cannot be had from {format_date(first)} to {format_date(last)}: {error}",
            field="exchange",
            next_step="choose bounds inside the exchange's history",
        ) from None
    return [from_date(session.date()) for session in found.sessions]
