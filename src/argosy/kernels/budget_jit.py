"""The compiled form of ``kernels.reference.budget``: the same lines, without numpy's temporary arrays between calls."""

from __future__ import annotations

import numba

from argosy.kernels.reference import budget

factor_newton = numba.njit(cache=True)(budget.factor_newton)
