"""Hierarchical risk parity of a covariance: order by single linkage, weights by recursive bisection."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import cluster as plain
from argosy.kernels.separable import Engine

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

SMALL = 120
"""Up to this many assets the plain twin answers before a compiled kernel is loaded."""


def hierarchical_risk_parity(
    covariance: Float64, *, nearness: Float64 | None = None, engine: Engine = "auto"
) -> tuple[Float64, Int64]:
    """Weights (N,) and leaf order (N,) of hierarchical risk parity (Lopez de Prado 2016).

    Distance is ``sqrt((1 - correlation) / 2)``; a pair is linked by its own distance, not by the distance of distances,
    unless ``nearness`` (N, N), between -1 and 1, says how near pairs are.

    Examples
    --------
    >>> w, order = hierarchical_risk_parity(np.diag([0.01, 0.04, 0.04]), engine="reference")
    >>> w.round(6).tolist()
    [0.666667, 0.166667, 0.166667]
    """
    n = covariance.shape[0]
    if n == 1:
        return np.ones(1), np.zeros(1, dtype=np.int64)
    run: Any = plain
    if engine == "kernel" or (engine == "auto" and ("argosy.kernels.cluster_jit" in sys.modules or n > SMALL)):
        from argosy.kernels import cluster_jit

        run = cluster_jit
    if nearness is None:
        inverse = 1.0 / np.sqrt(covariance.diagonal())
        nearness = covariance * inverse[:, None] * inverse[None, :]
    leaves = run.leaf_order(*run.spanning_tree(nearness))
    return run.bisect(covariance, leaves), leaves
