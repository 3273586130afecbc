"""Seeded universes for the optimization bench: 20 factors, 11 sectors, holdings near a benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argosy.models.moments.covariance import FactorCovariance

SECTORS = 11
FACTORS = 20


@dataclass(frozen=True, eq=False)
class Universe:
    mu: np.ndarray
    covariance: FactorCovariance
    sectors: np.ndarray
    holdings: np.ndarray
    benchmark: np.ndarray
    tracking_error: float
    returns: np.ndarray

    @property
    def dense(self) -> np.ndarray:
        return self.covariance.dense()


def universe(n: int, *, periods: int = 1260) -> Universe:
    """A market, sector and style model in annual units; daily returns with fat tails for models of scenarios."""
    rng = np.random.default_rng(41_000 + n)
    sectors = rng.integers(0, SECTORS, n)
    loadings = np.zeros((n, FACTORS))
    loadings[:, 0] = rng.normal(1.0, 0.25, n)
    loadings[np.arange(n), 1 + sectors] = rng.normal(1.0, 0.2, n)
    styles = FACTORS - 1 - SECTORS
    loadings[:, 1 + SECTORS :] = rng.normal(0.0, 1.0, (n, styles))
    risk = np.concatenate([[0.16], rng.uniform(0.06, 0.14, SECTORS), rng.uniform(0.01, 0.04, styles)])
    factors = loadings * risk
    specific = np.exp(rng.normal(np.log(0.25), 0.35, n)) ** 2
    covariance = FactorCovariance(factors, specific)
    premium = np.concatenate([[0.05], rng.normal(0.0, 0.02, SECTORS), rng.normal(0.0, 0.006, styles)])
    mu = loadings @ premium + rng.normal(0.0, 0.02, n)
    common = rng.standard_t(5, (periods, FACTORS)) / np.sqrt(5 / 3 * 252)
    alone = rng.standard_t(4, (periods, n)) * np.sqrt(specific / 2 / 252)
    benchmark = rng.pareto(1.2, n) + 0.3
    benchmark /= benchmark.sum()
    active = benchmark * rng.normal(0.0, 1.0, n)
    for sector in range(SECTORS):
        mine = sectors == sector
        active[mine] -= benchmark[mine] * active[mine].sum() / max(benchmark[mine].sum(), 1e-300)
    risk_now = float(np.sqrt(active @ covariance.times(active)))
    size = min(0.029 / risk_now, 0.95 / float(np.max(-active / benchmark)), 0.019 / float(active.max()))
    return Universe(
        mu, covariance, sectors, benchmark + size * active, benchmark, 1.15 * size * risk_now,
        common @ factors.T + alone + mu / 252,
    )  # fmt: skip
