"""Seeded universes for tests of optimization: factors, sectors, holdings, benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Universe:
    mu: np.ndarray
    factors: np.ndarray
    specific: np.ndarray
    sectors: np.ndarray
    holdings: np.ndarray
    benchmark: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        return self.factors @ self.factors.T + np.diag(self.specific)


def universe(n: int, *, factors: int = 4, sectors: int = 3, seed: int = 7) -> Universe:
    rng = np.random.default_rng(seed * 1000 + n)
    group = np.arange(n) % sectors
    loadings = rng.normal(0.0, 0.06, (n, factors))
    loadings[:, 0] = rng.normal(0.16, 0.03, n)
    specific = rng.uniform(0.1, 0.35, n) ** 2
    mu = 0.3 * loadings[:, 0] + rng.normal(0.0, 0.02, n)
    benchmark = rng.uniform(0.2, 2.0, n)
    benchmark /= benchmark.sum()
    holdings = np.abs(benchmark * (1.0 + 0.3 * rng.normal(size=n)))
    return Universe(mu, loadings, specific, group, holdings / holdings.sum(), benchmark)
