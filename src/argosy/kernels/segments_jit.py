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
