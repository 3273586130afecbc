"""The compiled form of ``kernels.reference.garch``: the same lines; series are shared between threads."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from argosy.kernels.compiling import compiled
from argosy.kernels.reference import garch as twin

Float64 = npt.NDArray[np.float64]

digamma = compiled(twin.digamma)
starting_square = compiled(twin.starting_square)
variances = compiled(twin.variances)
cost = compiled(twin.cost, digamma=digamma)
natural = compiled(twin.natural)
slope_at = compiled(twin.slope_at, natural=natural, cost=cost)
search = compiled(twin.search, natural=natural, slope_at=slope_at)
fit_one = compiled(twin.fit_one, starting_square=starting_square, slope_at=slope_at, search=search)


@numba.njit(cache=True, nogil=True, parallel=True)
def fit_all(series: Float64, kind: int, student: int) -> Float64:
    """Fits (N, WIDTH) of series (N, T)."""
    out = np.zeros((series.shape[0], 9))
    for i in numba.prange(series.shape[0]):
        fit_one(series[i], kind, student, out[i])
    return out
