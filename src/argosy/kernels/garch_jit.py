"""The compiled form of ``kernels.reference.garch``: the same lines; series are shared between threads."""

from __future__ import annotations

import numba

from argosy.kernels.compiling import compiled
from argosy.kernels.reference import garch as twin

digamma = compiled(twin.digamma)
starting_square = compiled(twin.starting_square)
variances = compiled(twin.variances)
cost = compiled(twin.cost, digamma=digamma)
natural = compiled(twin.natural)
slope_at = compiled(twin.slope_at, natural=natural, cost=cost)
search = compiled(twin.search, natural=natural, slope_at=slope_at)
start_from = compiled(twin.start_from)
fit_one = compiled(
    twin.fit_one, starting_square=starting_square, start_from=start_from, slope_at=slope_at, search=search
)

fit_all = compiled(twin.fit_all, parallel=True, fit_one=fit_one, prange=numba.prange)
