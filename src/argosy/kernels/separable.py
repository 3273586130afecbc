"""Portfolios under a factor-structured covariance: quadratic risk, linear return and cost, rows, turnover, active risk.

Answers: which weights minimize ``x'(F F' + diag d)x / 2 - c'x + sum k |x - x0| + sum h |x - x0|^1.5`` under linear
rows, a box, a limit on ``sum |x - x0|`` and a limit on ``(x - b)'S(x - b)``. With the factors lifted (y = F'x) the
problem is separable by asset, so its dual has only K + rows + 2 dimensions and semismooth Newton ends in a handful of
steps of O(n (K + m)^2).
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.separable import solve as plain

Float64 = npt.NDArray[np.float64]
Engine = Literal["auto", "kernel", "reference"]

SMALL = 1500
"""Up to this many assets the plain twin answers before a compiled kernel is loaded."""

TOLERANCE = 1e-11
MOST_STEPS = 120


@dataclass(frozen=True, eq=False)
class Separable:
    """One problem in arrays; absent parts are given by their neutral values.

    ``rows`` (N, M) holds one constraint per column; ``turnover`` and ``risk`` are NaN where there is no limit; ``risk``
    limits the square root of ``(x - bench)'S(x - bench)``.
    """

    factors: Float64
    specific: Float64
    linear: Float64
    low: Float64
    high: Float64
    rows: Float64
    row_low: Float64
    row_high: Float64
    start: Float64
    cost: Float64
    bench: Float64
    turnover: float = float("nan")
    risk: float = float("nan")
    # Multipliers of a problem like this one: where the search starts.
    warm: Float64 | None = field(default=None)
    # Coefficients (N,) of ``|x - start|^1.5``, where trades move prices.
    impact: Float64 | None = field(default=None)


@dataclass(frozen=True, eq=False)
class SeparableSolution:
    """Weights, and the multipliers that prove them: rows (positive at the lower bound), turnover, active risk."""

    weights: Float64
    row_prices: Float64
    turnover_price: float
    risk_price: float
    multipliers: Float64
    steps: int
    residual: float

    @property
    def settled(self) -> bool:
        """True when the search ended at its tolerance."""
        return self.residual < 1e-8


def load() -> None:
    """Load the compiled kernel now, for work that is worth its start: later solves of any size take it."""
    importlib.import_module("argosy.kernels.separable_jit")


def nonnegative(factors: Float64, specific: Float64, linear: Float64, *, engine: Engine = "auto") -> SeparableSolution:
    """Minimize ``x'(F F' + diag d)x / 2 - c'x`` over x >= 0: minimum variance and maximum Sharpe up to scale.

    Examples
    --------
    >>> found = nonnegative(np.array([[0.1], [0.1]]), np.array([0.01, 0.04]), np.ones(2), engine="reference")
    >>> (found.weights / found.weights.sum()).round(12).tolist()
    [0.8, 0.2]
    """
    n = specific.size
    zero = np.zeros(n)
    none = np.zeros((n, 0))
    empty = np.zeros(0)
    return solve(
        Separable(factors, specific, linear, zero, np.full(n, np.inf), none, empty, empty, zero, zero, zero),
        engine=engine,
    )


def solve(problem: Separable, *, engine: Engine = "auto") -> SeparableSolution:
    """Solve one problem.

    Parameters
    ----------
    problem : arrays as in :class:`Separable`; ``specific`` must be positive
    engine : "kernel" compiled, "reference" plain numpy, "auto" the plain twin while the compiled one is not loaded and
        the problem is small

    Returns
    -------
    :class:`SeparableSolution`. An infeasible problem does not settle: its residual stays large.

    Examples
    --------
    >>> two = Separable(np.zeros((2, 0)), np.array([1.0, 1.0]), np.zeros(2), np.zeros(2), np.ones(2), np.ones((2, 1)),
    ...                 np.ones(1), np.ones(1), np.zeros(2), np.zeros(2), np.zeros(2))
    >>> solve(two, engine="reference").weights.tolist()
    [0.5, 0.5]
    """
    n, count = problem.factors.shape
    size = count + problem.rows.shape[1] + 2
    rows = np.ascontiguousarray(np.hstack([problem.factors, problem.rows]) if problem.rows.size else problem.factors)
    z = np.zeros(size)
    if problem.warm is not None and problem.warm.size == size:
        z[:] = problem.warm
    target = problem.factors.T @ problem.bench
    impact = problem.impact if problem.impact is not None else np.zeros(n)
    cap = float("nan")
    if not np.isnan(problem.risk):
        cap = 0.5 * float(target @ target + problem.bench @ (problem.specific * problem.bench) - problem.risk**2)
    loaded = "argosy.kernels.separable_jit" in sys.modules
    run = plain
    if engine == "kernel" or (engine == "auto" and (loaded or n > SMALL)):
        from argosy.kernels.separable_jit import solve as compiled

        run = compiled
    x, _, steps, residual = run(
        rows, count, problem.linear, problem.specific, problem.row_low, problem.row_high, problem.start, problem.bench,
        target, problem.cost, impact, problem.turnover, cap, problem.low, problem.high, z, MOST_STEPS, TOLERANCE,
    )  # fmt: skip
    return SeparableSolution(
        x, z[count : size - 2].copy(), float(z[size - 2]), float(z[size - 1]), z, int(steps), float(residual)
    )
