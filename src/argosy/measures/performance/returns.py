"""Daily returns of a value series with external flows, and how they link.

Definitions (``docs/formulas/returns.md``), V a day's value with its flows inside, F the net external flow of the day:
flows at end of day: r = (V - F) / V_before - 1; flows at start of day: r = V / (V_before + F) - 1.
A return on a base of zero or less does not exist: the day is marked and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.table import Column, Table

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Timing = Literal["end", "start", "mixed"]
"""When flows count: at the end of the day, at its start, or what comes in at the start and what goes out at the end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure of a period, or why there is none. ``value`` is 0.0 where ``reason`` is given: ask :meth:`number`.

    Examples
    --------
    >>> Outcome(0.05).number()
    0.05
    """

    value: float
    reason: str = ""

    @property
    def defined(self) -> bool:
        """Whether there is a figure."""
        return not self.reason

    def number(self) -> float:
        """The figure; :class:`UndefinedMeasure` where there is none."""
        if self.reason:
            raise UndefinedMeasure(self.reason)
        return self.value


@dataclass(frozen=True, eq=False)
class ReturnSeries:
    """Returns by day: the return of ``days[i]`` runs from ``before[i]`` (end of day) to the end of ``days[i]``.

    ``values`` is 0.0 where ``defined`` is False; ``base`` is what the return is measured on (in money, as a float).
    """

    days: Int64
    before: Int64
    values: Float64
    defined: Flags
    base: Float64
    timing: Timing = "end"

    def __len__(self) -> int:
        return len(self.days)

    @property
    def inception(self) -> int | None:
        """End of the day from which returns exist without a gap at the start, or None where there is none."""
        good = np.flatnonzero(self.defined)
        return int(self.before[good[0]]) if len(good) else None

    def between(self, after: int, last: int) -> ReturnSeries:
        """The returns of days after ``after`` up to and with ``last``."""
        keep = (self.days > after) & (self.days <= last)
        return ReturnSeries(
            self.days[keep], self.before[keep], self.values[keep], self.defined[keep], self.base[keep], self.timing
        )

    def since(self, first: int) -> ReturnSeries:
        """The returns of days from ``first`` on."""
        return self.between(first - 1, int(self.days[-1])) if len(self) else self

    def existing(self) -> ReturnSeries:
        """The returns that exist."""
        keep = self.defined
        return ReturnSeries(
            self.days[keep], self.before[keep], self.values[keep], keep[keep], self.base[keep], self.timing
        )

    def linked(self) -> Outcome:
        """All returns compounded: the time-weighted return of the whole series.

        Examples
        --------
        >>> round(daily_returns([1, 2, 3], [100, 110, 99], [0, 0, 0]).linked().number(), 12)
        -0.01
        """
        if not len(self.days):
            return Outcome(0.0, "there is no return in this period")
        if not self.defined.all():
            day = int(self.days[int(np.argmin(self.defined))])
            return Outcome(0.0, f"the return of {format_date(day)} does not exist: its base is zero or less")
        return Outcome(float(np.prod(1.0 + self.values)) - 1.0)

    def table(self, name: str = "returns") -> Table:
        """Date and return of each day."""
        return Table(
            name,
            (
                Column("date", "date", self.days.tolist()),
                Column("return", "ratio", self.values, missing=~self.defined),
            ),
            notes=(f"time-weighted, {timing_text(self.timing)}",),
        )


def timing_text(timing: str) -> str:
    """When flows count, in words.

    Examples
    --------
    >>> timing_text("end"), timing_text("mixed")
    ('flows at end of day', 'flows in at start and out at end of day')
    """
    return "flows in at start and out at end of day" if timing == "mixed" else f"flows at {timing} of day"


def _columns(
    days: npt.ArrayLike, nav: npt.ArrayLike, flow: npt.ArrayLike
) -> tuple[Int64, Float64, Float64]:  # fmt: skip
    day, value, moved = np.asarray(days, np.int64), np.asarray(nav, np.float64), np.asarray(flow, np.float64)
    if not len(day) == len(value) == len(moved):
        raise InvalidInput(
            f"there are {len(day)} days, {len(value)} values and {len(moved)} flows",
            expected="one value and flow a day",
        )
    if len(day) > 1 and bool((np.diff(day) <= 0).any()):
        raise InvalidInput("days are not in order", field="days", expected="each day once, ascending")
    if not (np.isfinite(value).all() and np.isfinite(moved).all()):
        raise InvalidInput("a value or flow is not a number", field="nav")
    return day, value, moved


def daily_returns(
    days: npt.ArrayLike,
    nav: npt.ArrayLike,
    flow: npt.ArrayLike,
    *,
    timing: Timing = "end",
    opening: tuple[int, float] | None = None,
) -> ReturnSeries:
    """Give the return of each day from the one before it.

    ``days`` (T,) ascending epoch days, ``nav`` (T,) value at the end of each day, ``flow`` (T,) net external flow since
    the day before, in any one unit. ``opening`` is (day, value) before the first day; without it the first day is the
    base.

    Examples
    --------
    >>> daily_returns([1, 2, 3], [100, 160, 176], [0, 50, 0]).values.round(4).tolist()
    [0.1, 0.1]
    >>> daily_returns([1, 2], [100, 165], [0, 50], timing="start").values.round(4).tolist()
    [0.1]
    >>> daily_returns([1, 2, 3], [100, 165, 100], [0, 50, -65], timing="mixed").values.round(4).tolist()
    [0.1, 0.0]
    """
    day, value, moved = _columns(days, nav, flow)
    if opening is not None:
        day = np.concatenate([[opening[0]], day])
        value = np.concatenate([[float(opening[1])], value])
        moved = np.concatenate([[0.0], moved])
    start, end, inside = value[:-1], value[1:], moved[1:]
    early = np.maximum(inside, 0.0) if timing == "mixed" else inside if timing == "start" else np.zeros(len(inside))
    base = start + early
    defined = base > 0.0
    safe = np.where(defined, base, 1.0)
    gained = (end - (inside - early)) / safe - 1.0
    return ReturnSeries(day[1:], day[:-1], np.where(defined, gained, 0.0), defined, base, timing)


def simple_return(start: float, end: float, flow: float = 0.0, *, timing: Timing = "end") -> Outcome:
    """Return of one period on its starting value, flows taken as if at its end (or its start).

    Examples
    --------
    >>> round(simple_return(100.0, 125.0, 20.0).number(), 12)
    0.05
    >>> simple_return(0.0, 125.0).reason
    'the return does not exist: its base is zero or less'
    """
    base = start + flow if timing == "start" else start
    if not base > 0.0:
        return Outcome(0.0, "the return does not exist: its base is zero or less")
    return Outcome((end if timing == "start" else end - flow) / base - 1.0)
