"""Seeded inputs of the risk benches, of the sizes promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def returns(scenarios: int, assets: int, *, seed: int = 31) -> np.ndarray:
    """Fat-tailed returns (S, N) with ten factors."""
    rng = np.random.default_rng(seed)
    market = 0.008 * rng.standard_t(5, (scenarios, 10))
    return market @ rng.normal(0.3, 0.3, (10, assets)) + 0.012 * rng.standard_t(5, (scenarios, assets))


def long_only(portfolios: int, assets: int, *, seed: int = 32) -> np.ndarray:
    """Weights (P, N), three in ten assets held."""
    rng = np.random.default_rng(seed)
    w = rng.random((portfolios, assets)) * (rng.random((portfolios, assets)) < 0.3)
    return w / w.sum(axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Copula:
    loadings: np.ndarray
    own: np.ndarray
    weights: np.ndarray
    nu: float
    degrees: np.ndarray
    volatility: np.ndarray


def copula(assets: int, factors: int, *, seed: int = 33) -> Copula:
    """A t copula whose margins have degrees of freedom of their own."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(0.0, 1.0, (assets, factors)) * np.linspace(1.0, 0.2, factors)
    shared = rng.uniform(0.3, 0.7, assets)
    loadings *= np.sqrt(shared / (loadings**2).sum(axis=1))[:, None]
    weights = rng.random(assets)
    return Copula(
        loadings, np.sqrt(1.0 - shared), weights / weights.sum(), 5.0, rng.choice([3.0, 4.0, 6.0, 8.0, 12.0], assets),
        rng.uniform(0.008, 0.03, assets),
    )  # fmt: skip


def garch(series: int, periods: int, *, seed: int = 34) -> np.ndarray:
    """Returns in percent (N, T) from GARCH(1,1)."""
    rng = np.random.default_rng(seed)
    alpha, beta = rng.uniform(0.03, 0.12, series), rng.uniform(0.80, 0.86, series)
    omega, mean = rng.uniform(0.01, 0.05, series), rng.normal(0.03, 0.03, series)
    out = np.empty((series, periods))
    h = omega / (1.0 - alpha - beta)
    for t in range(periods):
        e = np.sqrt(h) * rng.standard_normal(series)
        out[:, t] = mean + e
        h = omega + alpha * e * e + beta * h
    return out
