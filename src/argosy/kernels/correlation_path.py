"""Dynamic conditional correlations: the path, its likelihood, and the two parameters of greatest likelihood."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

Float64 = npt.NDArray[np.float64]

EDGE = 0.9999
"""Largest sum of the two parameters."""


def correlations(z: Float64, target: Float64, a: float, b: float) -> Float64:
    """Correlations (T + 1, N, N) of each period as known before it, and of the period after the last."""
    out = np.empty((z.shape[0] + 1, z.shape[1], z.shape[1]))
    level = (1.0 - a - b) * target
    q = target.copy()
    out[0] = q
    for t in range(z.shape[0]):
        q = level + a * np.outer(z[t], z[t]) + b * q
        out[t + 1] = q
    root = np.sqrt(np.diagonal(out, axis1=1, axis2=2))
    out /= root[:, :, None] * root[:, None, :]
    return out


def log_likelihood(z: Float64, path: Float64) -> float:
    """Normal log-likelihood of standardized returns (T, N) under their correlations, without its constant."""
    _, logs = np.linalg.slogdet(path)
    inside = np.einsum("ti,ti->t", z, np.linalg.solve(path, z[:, :, None])[:, :, 0])
    return -0.5 * float((logs + inside).sum())


def fit(z: Float64, target: Float64) -> tuple[float, float, float, bool]:
    """Reaction, memory, log-likelihood, and whether the search (Nelder and Mead) settled."""

    def natural(u: Float64) -> tuple[float, float]:
        whole = EDGE / (1.0 + np.exp(-u[0]))
        share = 1.0 / (1.0 + np.exp(-u[1]))
        return float(whole * share), float(whole * (1.0 - share))

    def cost(u: Float64) -> float:
        a, b = natural(np.clip(u, -40.0, 40.0))
        return -log_likelihood(z, correlations(z, target, a, b)[:-1])

    starts = [np.array([np.log(w / (1.0 - w)), np.log(s / (1.0 - s))]) for w in (0.5, 0.95) for s in (0.03, 0.1)]
    best = min(starts, key=cost)
    found = optimize.minimize(cost, best, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 400})
    a, b = natural(np.clip(found.x, -40.0, 40.0))
    return a, b, -float(found.fun), bool(found.success)
