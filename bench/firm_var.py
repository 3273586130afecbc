"""The whole firm: historical value at risk, shortfall and contributions of every portfolio in bounded memory."""

from __future__ import annotations

import resource

import numpy as np

from argosy.measures.risk.loss.many import historical_positions
from bench.harness import Promise, once, take_turns
from bench.risk_data import returns

PROMISE = "100,000 portfolios x 50 positions x 2,520 scenarios under 60 s on two processors, in 2 GiB."


def positions(portfolios: int, held: int, assets: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(41)
    # A stride that has no divisor in common with the number of assets visits each at most once.
    start, stride = rng.integers(0, assets, (portfolios, 1)), 7919
    columns = (start + stride * np.arange(held)) % assets
    return np.arange(portfolios + 1) * held, columns.ravel(), rng.lognormal(10.0, 1.0, portfolios * held)


def run(size: str) -> list[Promise]:
    count, held, assets, scenarios = (100_000, 50, 3_000, 2_520) if size == "full" else (300, 20, 200, 300)
    r = returns(scenarios, assets)
    offsets, columns, exposures = positions(count, held, assets)
    few = slice(0, min(1_000, count))
    sample = columns.reshape(count, held)[few], exposures.reshape(count, held)[few]

    def plain() -> None:
        for place, money in zip(*sample, strict=True):
            profits = r[:, place] @ money
            worst = np.argpartition(profits, scenarios // 100)[: scenarios // 100 + 1]
            assert (r[worst][:, place] * money).mean(axis=0).size == held

    historical_positions(offsets[:3], columns[: 2 * held], exposures[: 2 * held], r, confidence=0.99)
    seconds = {
        "argosy": once(lambda: historical_positions(offsets, columns, exposures, r, confidence=0.99)),
        "numpy, portfolio by portfolio (scaled up)": take_turns({"n": plain}, rounds=1)["n"] * count / len(sample[0]),
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    limits: tuple[tuple[str, float, float], ...] = ()
    if size == "full":
        limits = (("seconds", seconds["argosy"], 60.0), ("GiB at most", memory, 2.0))
    return [Promise(f"the firm, {count} portfolios of {held} positions", seconds, limits)]
