"""Fits of GARCH, GJR and EGARCH models by maximum likelihood, many series at once.

Small work runs in the plain twin, which needs no JIT to load; :mod:`argosy.kernels.reference.garch` has the models.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import garch as plain
from argosy.kernels.reference.garch import CONSTANT, CONVERGED, EGARCH, GARCH, GJR, NONSTATIONARY, UNSETTLED

__all__ = [
    "CONSTANT", "CONVERGED", "EGARCH", "GARCH", "GJR", "NONSTATIONARY", "UNSETTLED", "Engine", "cost", "fits",
    "starting_square", "variances",
]  # fmt: skip

Float64 = npt.NDArray[np.float64]
Engine = Literal["auto", "kernel", "reference"]


def _module(engine: Engine) -> Any:
    """The compiled form unless the twin is asked for: a choice by what was loaded before would change the last bits."""
    if engine == "reference":
        return plain
    from argosy.kernels import garch_jit

    return garch_jit


def fits(series: Float64, *, kind: int, student: bool, engine: Engine = "auto") -> Float64:
    """Fits of each row of ``series`` (N, T).

    Returns
    -------
    (N, 9): mean, omega, alpha, gamma, beta, degrees of freedom, log-likelihood, status, evaluations.
    """
    rows = np.ascontiguousarray(series, dtype=np.float64)
    # A trial point far out overflows, is found worse, and is left.
    with np.errstate(all="ignore"):
        found: Float64 = _module(engine).fit_all(rows, kind, int(student))
    return found


def variances(series: Float64, parameters: Float64, *, kind: int, engine: Engine = "auto") -> Float64:
    """Conditional variances (T + 1,) of one series; the last is that of the period after it."""
    y = np.ascontiguousarray(series, dtype=np.float64)
    out = np.empty(y.size + 1)
    module = _module(engine)
    module.variances(y, parameters, kind, module.starting_square(y), out)
    return out


def cost(
    series: Float64, parameters: Float64, *, kind: int, student: bool, before: float | None = None,
    engine: Engine = "auto",
) -> tuple[float, Float64]:  # fmt: skip
    """Negative log-likelihood and its gradient (6,) by natural parameter."""
    y = np.ascontiguousarray(series, dtype=np.float64)
    module = _module(engine)
    start = module.starting_square(y) if before is None else before
    gradient = np.zeros(6)
    return float(module.cost(y, parameters, kind, int(student), start, gradient)), gradient


def starting_square(series: Float64) -> float:
    """Fading mean square of the first deviations, from which the recursion starts."""
    return float(plain.starting_square(series))
