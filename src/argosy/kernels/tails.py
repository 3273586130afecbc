"""Value at risk and shortfall of many portfolios over one set of scenarios, with what each position contributes.

One matrix product, then the tail is selected, never sorted. Small work runs in the plain twin.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import tails as plain

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Tails = tuple[Float64, Float64, Int64, Float64, Float64]
Engine = Literal["auto", "kernel", "reference"]

SMALL = 2_000_000
"""Scenario results (portfolios x scenarios) up to which the plain twin answers before a compiled kernel is loaded."""

SLACK = 1e-9


def tail_rank(scenarios: int, mass: float) -> tuple[int, float]:
    """Rank of the scenario at risk and the number of scenarios in the tail, rounding of ``mass`` taken out.

    Examples
    --------
    >>> tail_rank(1000, 1.0 - 0.95)
    (50, 50.0)
    """
    size = scenarios * mass
    whole = round(size)
    size = float(whole) if abs(size - whole) < SLACK * max(scenarios, 1) ** 0.5 and whole else size
    return max(math.ceil(size), 1), size


def _module(size: int, engine: Engine) -> Any:
    if engine == "kernel" or (engine == "auto" and size > SMALL):
        from argosy.kernels import tails_jit

        return tails_jit
    return plain


def dense_tails(returns: Float64, weights: Float64, mass: float, *, engine: Engine = "auto") -> Tails:
    """Tails of portfolios ``weights`` (P, N) over scenarios ``returns`` (S, N), ``mass`` in the tail.

    Returns
    -------
    Value at risk, shortfall, scenario at risk (P,), and contributions to the two (P, N), which sum to them.

    Examples
    --------
    >>> found = dense_tails(np.array([[-0.1, 0.0], [0.2, -0.3], [0.1, 0.1], [0.0, 0.1]]), np.array([[0.5, 0.5]]), 0.5)
    >>> found[0].round(12).tolist(), found[1].round(12).tolist(), found[4].round(12).tolist()
    ([0.05], [0.05], [[-0.025, 0.075]])
    """
    rank, size = tail_rank(returns.shape[0], mass)
    r, w = np.ascontiguousarray(returns), np.ascontiguousarray(weights)
    found: Tails = _module(r.shape[0] * w.shape[0], engine).dense_tails(w @ r.T, r, w, rank, size)
    return found


def sparse_tails(
    returns: Float64, offsets: Int64, assets: Int64, exposures: Float64, mass: float, *, engine: Engine = "auto"
) -> Tails:
    """Tails of many portfolios of few positions: portfolio p holds ``assets[offsets[p]:offsets[p + 1]]``.

    The tail's scenarios are chosen by profits added in single precision, so a scenario may be exchanged for another
    whose profit differs by less than about 1e-6 of the gross exposure times the largest return; all that is given is
    added in double precision. Memory: the scenarios once in single precision, and one row per thread.

    Returns
    -------
    As :func:`dense_tails`, contributions by position (M,).
    """
    rank, size = tail_rank(returns.shape[0], mass)
    exact = np.ascontiguousarray(returns.T)
    module = _module(returns.shape[0] * (offsets.size - 1), engine)
    found: Tails = module.sparse_tails(exact.astype(np.float32), exact, offsets, assets, exposures, rank, size)
    return found
