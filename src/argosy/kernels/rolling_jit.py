"""Compiled twin of ``kernels.reference.rolling``: sums move with the window and are made anew every ANCHOR windows."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

ANCHOR = 384
"""Windows between fresh sums; what rounding adds up in so many steps is a few 1e-14 of the sums."""

FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(cache=True, nogil=True)
def moments(x, window):  # type: ignore[no-untyped-def]
    """See the twin."""
    count, size = x.shape[0] - window + 1, x.shape[1]
    out = np.empty((count, size, size))
    for i in range(count):
        for a in range(size):
            for b in range(a + 1):
                if i % ANCHOR == 0:
                    total = 0.0
                    for t in range(i, i + window):
                        total += x[t, a] * x[t, b]
                else:
                    total = out[i - 1, a, b] + x[i + window - 1, a] * x[i + window - 1, b] - x[i - 1, a] * x[i - 1, b]
                out[i, a, b] = total
                out[i, b, a] = total
    return out


@njit(cache=True, nogil=True, fastmath=FAST)
def _add(row, values, share):  # type: ignore[no-untyped-def]
    for n in range(row.size):
        row[n] += share * values[n]


@njit(cache=True, nogil=True, fastmath=FAST)
def _move(row, new, share, old, back):  # type: ignore[no-untyped-def]
    for n in range(row.size):
        row[n] += share * new[n] - back * old[n]


@njit(cache=True, nogil=True, fastmath=FAST)
def _add_squares(row, values):  # type: ignore[no-untyped-def]
    for n in range(row.size):
        row[n] += values[n] * values[n]


@njit(cache=True, nogil=True, fastmath=FAST)
def _move_squares(row, new, old):  # type: ignore[no-untyped-def]
    for n in range(row.size):
        row[n] += (new[n] - old[n]) * (new[n] + old[n])


@njit(cache=True, nogil=True, fastmath=FAST)
def _less(row, one, other):  # type: ignore[no-untyped-def]
    for n in range(row.size):
        row[n] -= one[n] * other[n]


@njit(cache=True, nogil=True, parallel=True)
def solutions(x, y, inverses, window):  # type: ignore[no-untyped-def]
    """See the twin."""
    count, size = inverses.shape[0], x.shape[1]
    series = y.shape[1]
    out = np.zeros((count, size, series))
    rest = np.empty((count, series))
    for block in prange((count + ANCHOR - 1) // ANCHOR):
        first = block * ANCHOR
        beside = np.zeros((size, series))
        squares = np.zeros(series)
        for t in range(first, first + window):
            for a in range(size):
                _add(beside[a], y[t], x[t, a])
            _add_squares(squares, y[t])
        for i in range(first, min(first + ANCHOR, count)):
            if i > first:
                for a in range(size):
                    _move(beside[a], y[i + window - 1], x[i + window - 1, a], y[i - 1], x[i - 1, a])
                _move_squares(squares, y[i + window - 1], y[i - 1])
            rest[i] = squares
            for a in range(size):
                for b in range(size):
                    _add(out[i, a], beside[b], inverses[i, a, b])
                _less(rest[i], beside[a], out[i, a])
            for n in range(series):
                if rest[i, n] < 0.0:
                    rest[i, n] = 0.0
    return out, rest
