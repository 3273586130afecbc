"""Scenarios in shards that can be drawn anywhere: one shard is a fixed run of blocks, made from its number alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels import quasi
from argosy.kernels.copula import BLOCK
from argosy.kernels.distributions import chi_square_quantile
from argosy.kernels.streams import MIXING, stream
from argosy.models.moments.observations import floats, whole
from argosy.models.scenarios.models import CopulaScenarios, ScenarioModel

Float64 = npt.NDArray[np.float64]
Sampling = Literal["plain", "antithetic", "sobol", "importance"]

SAMPLINGS = ("plain", "antithetic", "sobol", "importance")
SHARD = 8
"""Blocks of a shard: it depends on the problem, never on who works on it."""

SCENARIOS = SHARD * BLOCK
"""Scenarios of a shard."""


@dataclass(frozen=True, eq=False)
class Linear:
    """Profit of a portfolio that is linear in returns: ``weights' r``, weights (N,) or exposures in money."""

    weights: Float64

    def __post_init__(self) -> None:
        weights = floats(self.weights, "weights")
        if weights.ndim != 1 or not np.isfinite(weights).all():
            raise InvalidInput(f"weights have shape {weights.shape}", field="weights", expected="(N,), finite")
        object.__setattr__(self, "weights", weights)

    def __call__(self, returns: Float64) -> Float64:
        """Profits (B,) in scenarios (B, N)."""
        return np.asarray(returns @ self.weights)


@dataclass(frozen=True, eq=False)
class LossShards:
    """Losses shard by shard: ``shards(number)`` gives losses (SCENARIOS,) and likelihood ratios (SCENARIOS,).

    Picklable, without state: any process that calls it with a number gets the same bits. ``profit`` maps scenarios of
    returns (B, N) to profits (B,) and must be picklable too where shards travel.
    """

    model: ScenarioModel
    profit: Callable[[Float64], Float64]
    seed: int
    sampling: Sampling = "plain"
    shift: Float64 | None = None

    def __post_init__(self) -> None:
        if self.sampling not in SAMPLINGS:
            raise InvalidInput(f"there is no sampling {self.sampling!r}", field="sampling", found=self.sampling,
                               expected=", ".join(SAMPLINGS))  # fmt: skip
        whole(self.seed, "seed", least=0, most=2**63 - 1)
        if (self.sampling == "importance") != (self.shift is not None):
            raise InvalidInput("importance sampling, and it alone, takes a shift", field="shift")
        if isinstance(self.profit, Linear) and self.profit.weights.size != self.model.size:
            raise InvalidInput(
                f"{self.profit.weights.size} weights for a model of {self.model.size} assets", field="weights",
                found=self.profit.weights.size, expected=f"({self.model.size},)",
            )  # fmt: skip

    @property
    def unit(self) -> int:
        """Scenarios that are drawn together: 1, a pair of 2, or a scrambled block."""
        return {"antithetic": 2, "sobol": BLOCK}.get(self.sampling, 1)

    def __call__(self, number: int) -> tuple[Float64, Float64]:
        """Losses and likelihood ratios of one shard."""
        if isinstance(self.profit, Linear) and isinstance(self.model, CopulaScenarios) and self.sampling == "plain":
            losses, _ = self.model.linear_losses(self.profit.weights, seed=self.seed, first=number * SHARD, count=SHARD)
            return losses, np.ones(SCENARIOS)
        losses, ratios = np.empty(SCENARIOS), np.ones(SCENARIOS)
        for place in range(SHARD):
            part = slice(place * BLOCK, (place + 1) * BLOCK)
            scenarios, weight = self.block(number * SHARD + place)
            losses[part] = -self.profit(scenarios)
            ratios[part] = weight
        return losses, ratios

    def block(self, number: int) -> tuple[Float64, Float64 | float]:
        """Scenarios (BLOCK, N) of one block and their likelihood ratios."""
        model, seed = self.model, self.seed
        chi_square = None
        ratio: Float64 | float = 1.0
        if self.sampling == "sobol":
            normals, uniform = quasi.quasi(seed, number, BLOCK, model.dimension, model.factors)
            if model.nu is not None:
                chi_square = chi_square_quantile(uniform, model.nu)
            return model.returns(normals, chi_square), ratio
        if self.sampling == "antithetic":
            normals = quasi.mirrored(seed, number, BLOCK, model.dimension)
        else:
            normals = quasi.pseudo(seed, number, BLOCK, model.dimension)
        if self.sampling == "importance" and self.shift is not None:
            normals += self.shift
            ratio = np.exp(0.5 * float(self.shift @ self.shift) - normals @ self.shift)
        if model.nu is not None:
            draws = BLOCK // 2 if self.sampling == "antithetic" else BLOCK
            chi_square = stream(seed, MIXING, number).chisquare(model.nu, draws)
            if self.sampling == "antithetic":
                chi_square = np.repeat(chi_square, 2)
        return model.returns(normals, chi_square), ratio


@dataclass(frozen=True, eq=False)
class AssetShards:
    """Second pass over the same shards: sums (N,) of ``-w_i r_i`` over scenarios with losses above ``edge``.

    Losses above ``most`` are left out, so that a band around a quantile can be asked for.
    """

    shards: LossShards
    edge: float
    most: float = math.inf

    def __call__(self, number: int) -> Float64:
        """Sums of one shard, weighted by likelihood ratio; scenarios exactly at the edge are left to the caller."""
        profit = self.shards.profit
        if not isinstance(profit, Linear):
            raise InvalidInput("contributions need a portfolio that is linear in returns", field="profit")
        model = self.shards.model
        if isinstance(model, CopulaScenarios) and self.shards.sampling == "plain":
            first, seed = number * SHARD, self.shards.seed
            losses, _ = model.linear_losses(profit.weights, seed=seed, first=first, count=SHARD)
            chosen = ((losses > self.edge) & (losses <= self.most)).astype(np.float64)
            return model.linear_losses(profit.weights, seed=seed, first=first, count=SHARD, chosen=chosen)[1]
        total = np.zeros(model.size)
        for place in range(SHARD):
            scenarios, ratio = self.shards.block(number * SHARD + place)
            losses = -profit(scenarios)
            beyond = ((losses > self.edge) & (losses <= self.most)) * ratio
            total -= profit.weights * (beyond @ scenarios)
        return total


def toward_losses(model: ScenarioModel, weights: npt.ArrayLike, *, deviations: float) -> Float64:
    """Shift (K + N,) of importance sampling: the mean of the normals moved towards a portfolio's losses.

    With the normal quantile of the confidence as ``deviations``, half of the scenarios of a normal model lie beyond its
    value at risk (Glasserman, Heidelberger and Shahabuddin 2000, the first order of their change of measure). For
    options give their deltas as weights.
    """
    w = floats(weights, "weights")
    if w.shape != (model.size,) or not np.isfinite(w).all():
        raise InvalidInput(f"weights have shape {w.shape}", field="weights", expected=f"({model.size},), finite")
    if not 0.0 < deviations < math.inf:
        raise InvalidInput(f"deviations is {deviations}", field="deviations", found=deviations, expected="above 0")
    return np.asarray(deviations * model.direction(w))
