"""The compiled form of ``kernels.reference.cluster``: the same lines."""

from __future__ import annotations

import numba

from argosy.kernels.reference import cluster

spanning_tree = numba.njit(cache=True)(cluster.spanning_tree)
leaf_order = numba.njit(cache=True)(cluster.leaf_order)
bisect = numba.njit(cache=True)(cluster.bisect)
