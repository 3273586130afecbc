"""Series whose volatility moves as a GARCH model says, seeded."""

from __future__ import annotations

import warnings

import numpy as np

with warnings.catch_warnings():
    # Importing the oracle touches what the newest pandas calls deprecated.
    warnings.simplefilter("ignore")
    from arch import arch_model as arch_model


def garch_series(
    count: int, *, seed: int = 5, omega: float = 0.02, alpha: float = 0.08, gamma: float = 0.0, beta: float = 0.9
) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal(count)
    h = omega / (1.0 - alpha - 0.5 * gamma - beta)
    out = np.empty(count)
    for i in range(count):
        e = np.sqrt(h) * z[i]
        out[i] = 0.03 + e
        h = omega + (alpha + gamma * (e < 0.0)) * e * e + beta * h
    return out
