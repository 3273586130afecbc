"""Monte Carlo under a t copula with margins of their own, beside plain numpy and the random numbers alone."""

from __future__ import annotations

import numpy as np

from argosy.kernels.copula import BLOCK
from argosy.kernels.distributions import t_cdf, t_quantile
from argosy.measures.risk.loss.monte_carlo import monte_carlo
from argosy.models.scenarios.margins import StudentMargin
from argosy.models.scenarios.models import CopulaScenarios
from argosy.models.scenarios.shards import Linear, LossShards
from bench.harness import Promise, once
from bench.risk_data import Copula, copula

PROMISE = "1,000,000 scenarios x 500 assets x 20 factors at least three times as fast as plain numpy."


def numpy_way(c: Copula, scenarios: int) -> tuple[float, float]:
    """Chunks of normals, a matrix product, and one table of the margin by asset."""
    rng = np.random.default_rng(5)
    assets, factors = c.loadings.shape
    count = 4096
    reach = float(np.arcsinh(-t_quantile(1e-12, c.nu)))
    grid = np.linspace(-reach, reach, count)
    low = t_cdf(-np.abs(np.sinh(grid)), c.nu)
    table = np.empty((assets, count))
    for degrees in np.unique(c.degrees):
        held = c.degrees == degrees
        scale = c.volatility[held] * np.sqrt((degrees - 2.0) / degrees)
        table[held] = scale[:, None] * (-np.sign(grid) * t_quantile(low, degrees))
    flat, base = table.ravel(), np.arange(assets) * count
    found = []
    for start in range(0, scenarios, 10_000):
        part = min(10_000, scenarios - start)
        x = rng.standard_normal((part, factors)) @ c.loadings.T
        x += rng.standard_normal((part, assets)) * c.own
        x *= np.sqrt(c.nu / rng.chisquare(c.nu, part))[:, None]
        np.arcsinh(x, out=x)
        np.clip(x, -reach + 1e-9, reach - 1e-9, out=x)
        x = (x + reach) * ((count - 1) / (2.0 * reach))
        place = x.astype(np.int64)
        x -= place
        place += base
        below = flat[place]
        found.append((below + x * (flat[place + 1] - below)) @ c.weights)
    losses = -np.concatenate(found)
    rank = int(np.ceil(0.01 * scenarios)) - 1
    worst = -np.partition(-losses, rank)[: rank + 1]
    return float(worst.min()), float(worst.mean())


def numbers_alone(count: int) -> None:
    """As many normals in single precision, by numpy's fastest generator, kept in cache."""
    rng = np.random.Generator(np.random.SFC64(1))
    room = np.empty(2**16, dtype=np.float32)
    for _ in range(-(-count // room.size)):
        rng.standard_normal(dtype=np.float32, out=room)


def run(size: str) -> list[Promise]:
    scenarios, assets, factors = (1_000_000, 500, 20) if size == "full" else (40_000, 30, 5)
    c = copula(assets, factors)
    margins = tuple(StudentMargin(float(d), float(v)) for d, v in zip(c.degrees, c.volatility, strict=True))
    model = CopulaScenarios(c.loadings, margins, c.nu)
    shards = LossShards(model, Linear(c.weights), seed=7)
    cold = once(lambda: monte_carlo(shards, confidence=0.99, scenarios=BLOCK))
    found: dict[str, float] = {}

    def ours() -> None:
        tail = monte_carlo(shards, confidence=0.99, scenarios=scenarios).tail
        found["ours"], found["error"] = tail.value_at_risk, tail.value_at_risk_error or 1.0

    def theirs() -> None:
        found["theirs"], _ = numpy_way(c, scenarios)

    # One warm run each: they take long enough for the clock, and the first call has loaded what is compiled.
    seconds = {
        "argosy": once(ours), "plain numpy": once(theirs),
        "random numbers alone, one thread": once(lambda: numbers_alone(scenarios * (assets + factors))),
    }  # fmt: skip
    apart = abs(found["ours"] - found["theirs"]) / found["error"]
    limits = [("standard errors between the two", apart, 6.0)]
    if size == "full":
        limits.append(("share of plain numpy's time", seconds["argosy"] / seconds["plain numpy"], 1.0 / 3.0))
    floor = seconds["argosy"] / seconds["random numbers alone, one thread"]
    notes = (f"{floor:.2f} times the random numbers alone",)
    return [
        Promise(
            f"t copula, {scenarios} scenarios x {assets} assets", seconds, tuple(limits), {"first call": cold}, notes
        )
    ]
