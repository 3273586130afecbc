"""Holdings and balances over time as runs: from which day to which day how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """``level[r]`` of ``key[r]`` holds from day index ``first[r]`` up to (not with) ``stop[r]``; no level is 0."""

    key: Int64
    first: Int64
    stop: Int64
    level: Int64

    def __len__(self) -> int:
        return len(self.key)

    def take(self, keep: npt.NDArray[np.bool_] | slice) -> Runs:
        """Runs by mask or slice."""
        return Runs(self.key[keep], self.first[keep], self.stop[keep], self.level[keep])


def runs_from_changes(key: Int64, day: Int64, change: Int64, days: int) -> Runs:
    """Add up changes per key and day index; changes at or after ``days`` are left out.

    Examples
    --------
    >>> runs = runs_from_changes(np.array([7, 7, 7]), np.array([0, 2, 3]), np.array([5, -5, 4]), 5)
    >>> list(zip(runs.first.tolist(), runs.stop.tolist(), runs.level.tolist()))
    [(0, 2, 5), (3, 5, 4)]
    """
    inside = day < days
    key, day, change = key[inside], day[inside], change[inside]
    if not len(key):
        return Runs(*(np.zeros(0, np.int64) for _ in range(4)))
    order = np.lexsort((day, key))
    key, day, change = key[order], day[order], change[order]
    fresh = np.ones(len(key), np.bool_)
    fresh[1:] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(fresh)
    key, day, change = key[starts], day[starts], np.add.reduceat(change, starts)
    first_of_key = np.ones(len(key), np.bool_)
    first_of_key[1:] = key[1:] != key[:-1]
    # Wrapping sums over all keys are right again once the sum before each key is taken off.
    total = np.cumsum(change)
    heads = np.flatnonzero(first_of_key)
    before = (total - change)[heads]
    level = total - np.repeat(before, np.diff(np.append(heads, len(key))))
    stop = np.full(len(key), days, np.int64)
    stop[:-1][~first_of_key[1:]] = day[1:][~first_of_key[1:]]
    keep = (level != 0) & (stop > day)
    return Runs(key[keep], day[keep], stop[keep], level[keep])


def trailing_zeros(values: Int64, most: int = 18) -> int:
    """How many decimal zeros all values end in (``most`` where all are 0).

    Examples
    --------
    >>> trailing_zeros(np.array([1200, 50, 0]))
    1
    """
    left = values[values != 0]
    if not len(left):
        return most
    count = 0
    while count < most and not (left % 10).any():
        left = left // 10
        count += 1
    return count
