"""Calendars as stored facts: which days are sessions. What lies outside a calendar's bounds is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import Int64
from argosy.record.payload import integer, integers, text

WEEKDAYS = "weekdays"


@dataclass(frozen=True)
class SessionCalendar:
    """A calendar: listed sessions, or a week mask (Monday first) less holidays plus extra sessions.

    ``first`` and ``last`` are the days it speaks about (inclusive; 0 and 0 = every day).
    """

    name: str
    sessions: Int64 | None
    weekmask: str = "1111100"
    holidays: frozenset[int] = frozenset()
    extra: frozenset[int] = frozenset()
    first: int = 0
    last: int = 0
    source: str = ""
    seq: int = 0

    def between(self, first: int, last: int) -> Int64:
        """Sessions from ``first`` to ``last``, both included, as epoch days in order.

        Raises :class:`MissingData` when the range leaves the calendar's bounds.

        Examples
        --------
        >>> from argosy.base.dates import parse_date, format_date
        >>> week = weekdays().between(parse_date("2024-01-05"), parse_date("2024-01-09"))
        >>> [format_date(int(day)) for day in week]
        ['2024-01-05', '2024-01-08', '2024-01-09']
        """
        if (self.first or self.last) and first <= last and (first < self.first or last > self.last):
            raise MissingData(
                f"calendar {self.name!r} covers {format_date(self.first)} to {format_date(self.last)}, "
                f"asked for {format_date(first)} to {format_date(last)}",
                field="calendar",
                next_step="import the calendar with wider bounds",
            )
        if self.sessions is not None:
            low, high = np.searchsorted(self.sessions, [first, last + 1])
            return np.asarray(self.sessions[low:high], np.int64)
        days = np.arange(first, last + 1, dtype=np.int64)
        mask = np.array([mark == "1" for mark in self.weekmask])
        open_days = mask[(days + 3) % 7]  # 1970-01-01 was a Thursday
        for listed, state in ((self.holidays, False), (self.extra, True)):
            inside = np.array([day for day in listed if first <= day <= last], np.int64)
            open_days[inside - first] = state
        return np.asarray(days[open_days], np.int64)

    def is_session(self, day: int) -> bool:
        """Whether a day is a session."""
        return bool(len(self.between(day, day)))

    def previous(self, day: int, *, inclusive: bool = True) -> int:
        """The last session on or before a day (before it, when not inclusive)."""
        end = day if inclusive else day - 1
        for reach in (10, 40, 400):
            found = self.between(max(end - reach, self.first) if self.first else end - reach, end)
            if len(found):
                return int(found[-1])
        raise MissingData(f"calendar {self.name!r} has no session in the 400 days to {format_date(end)}")


def weekdays() -> SessionCalendar:
    """Monday to Friday, on any day there is."""
    return SessionCalendar(WEEKDAYS, None, source="built in")


def read_session_calendar(fact: Fact) -> SessionCalendar:
    """A CALENDAR fact as a calendar."""
    payload = fact.payload
    listed = integers(payload, "sessions")
    first, last = integer(payload, "from"), integer(payload, "to")
    if listed and not (first or last):
        first, last = min(listed), max(listed)
    return SessionCalendar(
        text(payload, "name"),
        np.unique(np.array(listed, np.int64)) if listed else None,
        text(payload, "weekmask", "1111100"),
        frozenset(integers(payload, "holidays")),
        frozenset(integers(payload, "extra")),
        first,
        last,
        text(payload, "source"),
        fact.seq,
    )


def calendars_of(facts: Iterable[Fact]) -> dict[str, SessionCalendar]:
    """Calendars by name from standing facts in order of arrival; the newest of a name rules, ``weekdays`` exists."""
    found = {WEEKDAYS: weekdays()}
    found.update({text(fact.payload, "name"): read_session_calendar(fact)
                  for fact in facts if fact.kind == FactKind.CALENDAR})  # fmt: skip
    return found


def calendar_payload(name: str, sessions: Iterable[int], *, first: int, last: int, source: str) -> dict[str, object]:
    """Sessions between two days as the payload of a CALENDAR fact: weekdays less holidays plus extra sessions.

    Raises :class:`InvalidInput` for sessions outside the bounds or a name that is taken by the built-in calendar.
    """
    listed = sorted({int(day) for day in sessions})
    if name == WEEKDAYS or not name:
        raise InvalidInput(f"{name!r} cannot name a stored calendar", field="calendar", next_step="choose another name")
    if not listed:
        raise InvalidInput(f"calendar {name!r} has no session", field="calendar", next_step="give at least one day")
    if listed[0] < first or listed[-1] > last:
        raise InvalidInput(
            f"calendar {name!r} has sessions from {format_date(listed[0])} to {format_date(listed[-1])}, outside its "
            f"bounds {format_date(first)} to {format_date(last)}",
            field="calendar",
        )
    regular = set(weekdays().between(first, last).tolist())
    return {
        "name": name,
        "weekmask": "1111100",
        "holidays": sorted(regular - set(listed)),
        "extra": sorted(set(listed) - regular),
        "from": first,
        "to": last,
        "source": source,
    }


def compare_sessions(old: SessionCalendar | None, given: Sequence[int]) -> tuple[int, int, int]:
    """How many of the sessions given are new, known from the old calendar of that name, and given twice."""
    days = {int(day) for day in given}
    held: set[int] = set()
    if old is not None and old.last:
        held = set(old.between(old.first, old.last).tolist())
    return len(days - held), len(days & held), len(given) - len(days)
