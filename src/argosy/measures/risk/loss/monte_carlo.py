"""Value at risk and expected shortfall by Monte Carlo, with standard errors, an error target and contributions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.kernels.distributions import t_quantile
from argosy.measures.risk.loss.tail import TailLoss
from argosy.models.scenarios.shards import SCENARIOS, AssetShards, Linear, LossShards

Float64 = npt.NDArray[np.float64]
Run = Callable[[Callable[[int], Any], Iterable[int]], Iterable[Any]]
"""Runs shards and gives their results in the order of their numbers: ``map``, or one of the compute adapters."""

FEW = 30
FIRST_ROUND = 4
"""Shards of the first round; each further round doubles what has been drawn."""

NEAR = 0.25
"""The density at the quantile is read off the losses between tail masses p (1 - NEAR) and p (1 + NEAR)."""

BAND = 0.1
"""Contributions to the value at risk are read off the losses between tail masses p (1 - BAND) and p (1 + BAND)."""


@dataclass(frozen=True)
class Simulated:
    """A tail by Monte Carlo: the estimate, how many scenarios it took, and whether the error target was met.

    ``units`` are the draws that are independent of each other: scenarios, antithetic pairs, or scrambled blocks.
    ``near`` are two losses around the value at risk, with tail masses a tenth more and a tenth less than its own.
    """

    tail: TailLoss
    scenarios: int
    shards: int
    relative_error: float
    target_met: bool | None
    units: int
    near: tuple[float, float]

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Interval of the value at risk: its standard error times Student's quantile with ``units - 1`` degrees.

        Sobol blocks are few, so the normal quantile would promise too much for them.
        """
        level = confidence_level(confidence)
        reach = -float(t_quantile(0.5 * (1.0 - level), self.units - 1.0)) * (self.tail.value_at_risk_error or 0.0)
        return self.tail.value_at_risk - reach, self.tail.value_at_risk + reach


def monte_carlo(
    shards: LossShards,
    *,
    confidence: float,
    scenarios: int | None = None,
    error_target: float | None = None,
    most_scenarios: int = 5_000_000,
    run: Run = map,
) -> Simulated:
    """Value at risk and shortfall over scenarios of ``shards``.

    Parameters
    ----------
    shards : model, position, seed and sampling (:class:`argosy.models.scenarios.shards.LossShards`)
    scenarios : how many, rounded up to whole shards of 32,768; or
    error_target : stop when the standard error of the value at risk is this share of it (0.01 for one percent), after
        rounds that double; ``most_scenarios`` ends it
    run : who works on shards; the bits are the same for all

    Notes
    -----
    Standard errors: ``sqrt(p (1 - p) / n) / f(q)`` and the spread of the excesses, over what is drawn independently:
    scenarios, pairs (antithetic) or scrambled blocks (Sobol); likelihood ratios enter as weights (Glynn 1996).

    Examples
    --------
    >>> from argosy.models.moments.covariance import FactorCovariance
    >>> from argosy.models.scenarios.models import FactorScenarios
    >>> model = FactorScenarios(FactorCovariance(np.array([[0.01]]), np.array([0.0])))
    >>> found = monte_carlo(LossShards(model, Linear(np.array([1.0])), seed=1), confidence=0.99, scenarios=30_000)
    >>> abs(found.tail.value_at_risk - 0.0232635) < 4.0 * found.tail.value_at_risk_error
    True
    """
    level = confidence_level(confidence)
    if (scenarios is None) == (error_target is None):
        raise InvalidInput("give either a number of scenarios or an error target", field="scenarios")
    if scenarios is not None and scenarios < 1:
        raise InvalidInput(f"scenarios is {scenarios}", field="scenarios", found=scenarios, expected="1 or more")
    if error_target is not None and not 0.0 < error_target < 1.0:
        raise InvalidInput(f"error_target is {error_target}", field="error_target", found=error_target,
                           expected="above 0, below 1, such as 0.01")  # fmt: skip
    goal = FIRST_ROUND if scenarios is None else -(-scenarios // SCENARIOS)
    most = max(most_scenarios // SCENARIOS, FIRST_ROUND)
    parts: list[tuple[Float64, Float64]] = []
    while True:
        parts += list(run(shards, range(len(parts), goal)))
        losses = np.concatenate([part[0] for part in parts])
        ratios = np.concatenate([part[1] for part in parts])
        tail, near = _tail(shards, losses, ratios, level)
        size = abs(tail.value_at_risk)
        relative = (tail.value_at_risk_error or 0.0) / size if size > 0.0 else math.inf
        if error_target is None or relative <= error_target or goal >= most:
            break
        goal = min(2 * goal, most)
    met = None if error_target is None else relative <= error_target
    if met is False:
        note = f"the error target of {error_target:g} was not met: {relative:.2g} after {losses.size} scenarios"
        tail = TailLoss(**{**tail.__dict__, "warnings": (*tail.warnings, note)})
    return Simulated(tail, losses.size, goal, relative, met, losses.size // shards.unit, near)


def _tail(shards: LossShards, losses: Float64, ratios: Float64, level: float) -> tuple[TailLoss, tuple[float, float]]:
    if not np.isfinite(losses).all():
        raise UndefinedMeasure("some scenario's loss is not a finite number", field="profit",
                               next_step="look at the positions that cannot be valued in it")  # fmt: skip
    n, mass = losses.size, 1.0 - level
    order = np.argsort(-losses, kind="stable")
    ranked, weighed = losses[order], ratios[order] / n
    reached = np.cumsum(weighed)

    def place(p: float) -> int:
        return min(int(np.searchsorted(reached, p - 1e-9 / n)), n - 1)

    k = place(mass)
    edge = float(ranked[k])
    before = float(reached[k - 1]) if k else 0.0
    shortfall = (float(weighed[:k] @ ranked[:k]) + (mass - before) * edge) / mass
    # Slope of the quantile in the tail mass around p.
    low, high = place(mass * (1.0 - NEAR)), place(min(mass * (1.0 + NEAR), 0.5 * (1.0 + mass)))
    slope = float(ranked[low] - ranked[high]) / max(float(reached[high] - reached[low]), 1e-300)
    beyond = (losses >= edge) * ratios
    excess = np.maximum(losses - edge, 0.0) * ratios
    warnings = []
    # What a plain sample would have to be to have as many losses in its tail.
    counted = float(beyond.sum()) ** 2 / float((beyond * beyond).sum())
    if counted < FEW:
        warnings.append(f"{counted:.0f} scenarios in the tail: fewer than {FEW}")
    units = n // shards.unit
    if units < 2 * 8:
        warnings.append(f"{units} independent blocks: their standard errors are rough")
    error = max(_spread(beyond, shards.unit) * slope, _block_error(losses, shards.unit, mass))
    tail = TailLoss(
        edge, shortfall, error, _spread(excess, shards.unit) / mass, level,
        f"Monte Carlo, {shards.model.name}, {shards.sampling} sampling",
        "order statistic ceil(n (1 - c)); shortfall the exact tail mean", n, tuple(warnings), shards.seed,
        horizon_rule="simulated",
    )  # fmt: skip
    return tail, (float(ranked[place(mass * (1.0 + BAND))]), float(ranked[place(mass * (1.0 - BAND))]))


def _block_error(losses: Float64, unit: int, mass: float) -> float:
    """Standard error from the quantiles of scrambled blocks (Asmussen and Glynn 2007, section III.5).

    Points so even that every block has as many in the tail would otherwise be said to have no error at all.
    """
    if unit < FEW:
        return 0.0
    rank = math.ceil(unit * mass - 1e-9)
    quantiles = np.partition(losses.reshape(-1, unit), unit - rank, axis=1)[:, unit - rank]
    return float(quantiles.std(ddof=1)) / math.sqrt(quantiles.size)


def _spread(values: Float64, unit: int) -> float:
    """Standard error of the mean over units that are drawn independently."""
    means = values.reshape(-1, unit).mean(axis=1)
    return float(means.std(ddof=1)) / math.sqrt(means.size)


def simulated_value_at_risk_contributions(shards: LossShards, found: Simulated, *, run: Run = map) -> Float64:
    """What each position adds to the value at risk of a linear portfolio (N,), by a second pass; it sums.

    The mean loss of each position over the scenarios whose loss lies near the value at risk (within a tenth of its tail
    mass on either side), scaled to sum to it (Tasche 1999; Hallerbach 2003). Wider would be steadier and less exact.
    """
    low, high = found.near
    total = _second_pass(shards, AssetShards(shards, low, high), found, run)
    whole = float(total.sum())
    if whole == 0.0 or found.tail.value_at_risk == 0.0:
        raise UndefinedMeasure("no scenario lies around the value at risk, so nothing can be shared", field="scenarios",
                               next_step="draw more scenarios")  # fmt: skip
    return np.asarray(total * (found.tail.value_at_risk / whole))


def _second_pass(shards: LossShards, task: AssetShards, found: Simulated, run: Run) -> Float64:
    if not isinstance(shards.profit, Linear):
        raise InvalidInput("contributions need a portfolio that is linear in returns", field="profit",
                           next_step="use the risk without each position instead")  # fmt: skip
    total = np.zeros(shards.model.size)
    for part in run(task, range(found.shards)):
        total += part
    return total


def simulated_shortfall_contributions(shards: LossShards, found: Simulated, *, run: Run = map) -> Float64:
    """What each position adds to the expected shortfall of a linear portfolio (N,), by a second pass; it sums.

    The scenarios are drawn again from their numbers, so nothing of the first pass had to be kept.
    """
    mass = 1.0 - found.tail.confidence
    total = _second_pass(shards, AssetShards(shards, found.tail.value_at_risk), found, run)
    inside = total / (found.scenarios * mass)
    # What is left of the tail mass lies at its edge; positions share it as they share the tail beyond.
    whole = float(inside.sum())
    if whole == 0.0:
        raise UndefinedMeasure("no scenario lies beyond the value at risk, so nothing can be shared", field="scenarios",
                               next_step="draw more scenarios")  # fmt: skip
    return np.asarray(inside * (found.tail.expected_shortfall / whole))
