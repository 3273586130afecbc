"""Daily returns at another frequency: weeks, months, quarters, years, each period named by its last day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from argosy.measures.performance.reasons import Flags
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.performance.series import Int64, refusal

Frequency = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
PERIODS_PER_YEAR: dict[Frequency, float] = {"weekly": 52.0, "monthly": 12.0, "quarterly": 4.0, "yearly": 1.0}
"""Periods of a year; for daily returns the caller says how many days count (252, 260, 365)."""
_MONTHS: dict[Frequency, int] = {"monthly": 1, "quarterly": 3, "yearly": 12}


def group_numbers(days: Int64, frequency: Frequency) -> Int64:
    """Number of the week (Monday to Sunday), month, quarter or year each epoch day lies in; daily, the day itself.

    Examples
    --------
    >>> group_numbers(np.array([0, 3, 4]), "weekly").tolist(), group_numbers(np.array([0, 31]), "monthly").tolist()
    ([0, 0, 1], [0, 1])
    """
    if frequency not in get_args(Frequency):
        raise refusal(
            f"frequency is {frequency!r}", field="frequency", found=frequency, expected=", ".join(get_args(Frequency))
        )
    if frequency == "daily":
        return days
    if frequency == "weekly":
        return np.asarray((days + 3) // 7)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // _MONTHS[frequency])


@dataclass(frozen=True, eq=False)
class Regrouped:
    """Returns at a frequency; ``whole`` is False for a period that the history covers in part."""

    series: ReturnSeries
    whole: Flags

    @property
    def complete(self) -> ReturnSeries:
        """Whole periods only."""
        s, keep = self.series, self.whole
        return ReturnSeries(s.days[keep], s.before[keep], s.values[keep], s.defined[keep], s.base[keep], s.timing)


def at_frequency(series: ReturnSeries, frequency: Frequency, *, sessions: Int64 | None = None) -> Regrouped:
    """Link daily returns within each week, month, quarter or year.

    A period with an undefined day is undefined. The first period is whole when the history begins in an earlier one,
    the last when no weekday of it is left (or no session, where the calendar's ``sessions`` are given).

    Examples
    --------
    >>> from argosy.measures.performance.returns import daily_returns
    >>> daily = daily_returns([29, 30, 31, 58, 59], [100, 110, 110, 121, 121], [0] * 5)
    >>> monthly = at_frequency(daily, "monthly")
    >>> monthly.series.values.round(6).tolist(), monthly.whole.tolist()
    ([0.1, 0.1, 0.0], [False, True, False])
    """
    if frequency == "daily" or not len(series):
        group_numbers(series.days, frequency)
        return Regrouped(series, np.ones(len(series), np.bool_))
    group = group_numbers(series.days, frequency)
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    ends = np.concatenate([starts[1:], [len(series)]]) - 1
    linked = np.multiply.reduceat(1.0 + series.values, starts) - 1.0
    defined = np.logical_and.reduceat(series.defined, starts)
    whole = np.ones(len(starts), np.bool_)
    whole[0] = int(group_numbers(series.before[:1], frequency)[0]) < int(group[0])
    last = int(series.days[-1])
    # At most a year lies between a day and the end of its period.
    ahead = np.arange(last + 1, last + 367, dtype=np.int64)
    ahead = ahead[group_numbers(ahead, frequency) == group[-1]]
    left = (ahead + 3) % 7 < 5 if sessions is None else np.isin(ahead, sessions)
    whole[-1] &= not left.any()
    # Where returns do not follow on each other, time is lost on both sides of the gap.
    gaps = np.flatnonzero(series.before[1:] != series.days[:-1])
    torn = np.concatenate([group[gaps], group[gaps + 1]])
    whole &= ~np.isin(group[starts], torn)
    regrouped = ReturnSeries(
        series.days[ends], series.before[starts], np.where(defined, linked, 0.0), defined, series.base[starts],
        series.timing,
    )  # fmt: skip
    return Regrouped(regrouped, whole)
