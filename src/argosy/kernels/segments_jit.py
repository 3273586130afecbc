"""Compiled twin of ``kernels.reference.segments`` (same order of additions, so the same bits)."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True)
def sums(w_port, w_bench, r_port, r_bench, codes, count):  # type: ignore[no-untyped-def]
    """One pass, rows as they lie in memory."""
    periods, securities = w_port.shape
    out = np.zeros((4, periods, count))
    for t in range(periods):
        for n in range(securities):
            s = codes[n]
            out[0, t, s] += w_port[t, n]
            out[1, t, s] += w_bench[t, n]
            out[2, t, s] += w_port[t, n] * r_port[t, n]
            out[3, t, s] += w_bench[t, n] * r_bench[t, n]
    return out[0], out[1], out[2], out[3]


@numba.njit(cache=True)
def effects(w_port, w_bench, r_port, r_bench, codes, count, base):  # type: ignore[no-untyped-def]
    """Sums of one period at a time, finished while they lie in registers and the nearest cache."""
    periods, securities = w_port.shape
    out = np.empty((3, periods, count))
    totals = np.zeros((4, periods))
    sums = np.empty((4, count))
    for t in range(periods):
        sums[:] = 0.0
        for n in range(securities):
            s = codes[n]
            sums[0, s] += w_port[t, n]
            sums[1, s] += w_bench[t, n]
            sums[2, s] += w_port[t, n] * r_port[t, n]
            sums[3, s] += w_bench[t, n] * r_bench[t, n]
        for s in range(count):
            for part in range(4):
                totals[part, t] += sums[part, s]
        benchmark = totals[3, t]
        for s in range(count):
            held, known = sums[0, s], sums[1, s]
            earned = sums[3, s] / known if known != 0.0 else benchmark
            rest = 0.0 if known != 0.0 else known * earned - sums[3, s]
            both = sums[2, s] - held * earned + rest
            selection = known * both / held if known != 0.0 and held != 0.0 else both
            out[0, t, s] = (held - known) * (earned - base * benchmark)
            out[1, t, s] = selection
            out[2, t, s] = both - selection
    return out, totals
