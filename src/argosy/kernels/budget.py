"""Weights with given shares of the portfolio's variance, for factor-structured and dense covariances."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.budget import dense_newton
from argosy.kernels.reference.budget import factor_newton as plain
from argosy.kernels.separable import Engine

Float64 = npt.NDArray[np.float64]

SMALL = 1500
"""Up to this many assets the plain twin answers before a compiled kernel is loaded."""


@dataclass(frozen=True, eq=False)
class Budgeted:
    """Weights that sum to one, and the largest relative break of a budget."""

    weights: Float64
    steps: int
    residual: float


def risk_budgets(
    root: Float64, rest: Float64, budgets: Float64, *, matrix: Float64 | None = None, engine: Engine = "auto"
) -> Budgeted:
    """Weights whose shares of the variance of ``S = R R' + diag(rest)`` are the budgets (positive, summing to one).

    Examples
    --------
    >>> equal = risk_budgets(np.zeros((2, 0)), np.array([0.04, 0.01]), np.array([0.5, 0.5]), engine="reference")
    >>> equal.weights.round(12).tolist()
    [0.333333333333, 0.666666666667]
    """
    if matrix is None and (rest > 0.0).all():
        unit = float((np.einsum("ij,ij->i", root, root) + rest).mean())
        compiled = engine == "kernel" or (
            engine == "auto" and ("argosy.kernels.budget_jit" in sys.modules or rest.size > SMALL)
        )
        run = plain
        if compiled:
            from argosy.kernels.budget_jit import factor_newton

            run = factor_newton
        factors = np.ascontiguousarray(root / np.sqrt(unit))
        x, steps, _ = run(factors, rest / unit, budgets, 1e-12, 60)
        shares = x * (factors @ (factors.T @ x) + rest / unit * x)
    else:
        dense = root @ root.T + np.diag(rest) if matrix is None else matrix
        dense = dense / float(dense.diagonal().mean())
        x, steps, _ = dense_newton(dense, budgets, 1e-12, 200)
        shares = x * (dense @ x)
    residual = float(np.abs(shares / shares.sum() / budgets - 1.0).max())
    return Budgeted(x / x.sum(), int(steps), residual)
