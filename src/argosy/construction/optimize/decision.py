"""A mandate's objective over candidates: beliefs, limits and costs put together, solved, set beside what is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.base.limits import Limit
from argosy.base.panel import Panel
from argosy.construction.optimize.candidates import INDEX, Candidates
from argosy.construction.optimize.face import frontier, optimize
from argosy.construction.optimize.multi_objective import worded
from argosy.construction.optimize.result import Frontier, Optimized
from argosy.construction.optimize.trading import costs_of, liquid_attributes
from argosy.models.moments.beliefs import EQUILIBRIUM, Belief, Estimators, believe
from argosy.models.moments.black_litterman import View
from argosy.record.mandate_policy import InvestmentPolicy

Float64 = npt.NDArray[np.float64]
Randomness = Callable[[int], Generator]
"""From a seed to what draws; passed in from where it is allowed to be made."""


@dataclass(frozen=True, eq=False)
class Decision:
    """What a policy says to hold: the optimized portfolio, the beliefs behind it, and what it is compared with.

    Figures are per year. ``against`` is the benchmark's expected return and volatility and the tracking error to
    it; None without a benchmark.
    """

    policy: InvestmentPolicy
    candidates: Candidates
    belief: Belief
    result: Optimized
    against: tuple[float, float, float] | None
    notes: tuple[str, ...]

    @property
    def held(self) -> Float64 | None:
        """Weights now (N,)."""
        return self.candidates.vector(self.candidates.holdings)

    @property
    def benchmark(self) -> Float64 | None:
        """Weights of the benchmark (N,), None where only its returns are known or there is none."""
        known = self.candidates.benchmark
        return None if known is None or INDEX in known else self.candidates.vector(known)

    @property
    def paid(self) -> dict[str, float]:
        """What the trades cost, by part, as parts of the value: not spread over the horizon."""
        years = self.policy.costs.horizon_years
        return {part: amount * years for part, amount in self.result.cost_parts.items()}

    def risk_and_return(self, weights: Float64) -> tuple[float, float]:
        """Expected return and volatility of weights under the beliefs."""
        return _figures(self.belief, weights)


def _figures(belief: Belief, weights: Float64) -> tuple[float, float]:
    variance = float(weights @ belief.covariance.times(weights))
    return float(belief.mean @ weights), float(np.sqrt(max(variance, 0.0)))


def estimators(policy: InvestmentPolicy) -> Estimators:
    """A policy's beliefs as estimates take them."""
    rules = policy.beliefs
    return Estimators(
        rules.mean, rules.covariance, float(rules.half_life), rules.factors, rules.missing, nearest=rules.nearest
    )


@dataclass(frozen=True, eq=False)
class _Setting:
    """Candidates as the optimizer takes them: alone, or with what only the benchmark has beside them."""

    belief: Belief
    limits: tuple[Limit, ...]
    holdings: Float64 | None
    benchmark: Float64 | None
    attributes: Mapping[str, tuple[str, ...]]


def _settings(
    candidates: Candidates, policy: InvestmentPolicy, views: Sequence[View]
) -> tuple[_Setting, _Setting | None]:
    """The candidates alone, and, where the benchmark reaches beyond them, with the rest of it as names not held.

    Models that follow a rule (equal weights, risk parity) must not see names that cannot be held, so the wider setting
    serves only what needs a benchmark.
    """
    how, rate = estimators(policy), policy.objective.risk_free
    limits = limits_of(candidates, policy)
    attributes = liquid_attributes(candidates.names, candidates.attributes, candidates.trading, limits)
    held, beside = candidates.vector(candidates.holdings), candidates.beside
    if beside is None:
        bench = candidates.vector(candidates.benchmark)
        belief = believe(candidates.sample, how, market=bench, views=views, risk_free=rate)
        return _Setting(belief, limits, held, bench, attributes), None
    known = candidates.benchmark or {}
    names = (*candidates.names, *beside.names)
    whole = np.array([known.get(name, 0.0) for name in names])
    panel = candidates.sample.panel
    wide = replace(
        candidates.sample, panel=Panel(panel.days, names, np.column_stack([panel.values, beside.values]))
    )  # fmt: skip
    more = believe(wide, how, market=None if INDEX in known else whole, risk_free=rate)
    if how.mean == EQUILIBRIUM:
        prior = more.mean[: len(candidates.names)]
        alone = believe(candidates.sample, how, prior=prior, views=views, risk_free=rate)
    else:
        alone = believe(candidates.sample, how, views=views, risk_free=rate)
    size = len(beside.names)
    return _Setting(alone, limits, held, None, attributes), _Setting(
        replace(more, mean=np.concatenate([alone.mean, more.mean[-size:]])),
        (*limits, *(Limit("weight", name, 0.0, 0.0, source="only in the benchmark") for name in beside.names)),
        None if held is None else np.concatenate([held, np.zeros(size)]),
        whole,
        {label: (*values, *[_neutral(values)] * size) for label, values in attributes.items()},
    )  # fmt: skip


Answer = TypeVar("Answer")


def _asked(
    candidates: Candidates, policy: InvestmentPolicy, alone: _Setting, wide: _Setting | None,
    ask: Callable[[_Setting], Answer],
) -> Answer:  # fmt: skip
    """The answer for the candidates alone; with the rest of the benchmark where the question needs a benchmark."""
    try:
        return ask(alone)
    except UnknownName as error:
        if error.field != "attribute" or candidates.attributes:
            raise
        raise MissingData(f"nothing is known of the assets, {error.found!r} neither", field="assets",
                          next_step="give a sheet of assets with such a column: --assets FILE") from None  # fmt: skip
    except MissingData as lacking:
        if lacking.field != "benchmark" or wide is None:
            raise _in_words(lacking) from None
    if INDEX in (candidates.benchmark or {}):
        for limit in policy.limits.rules:
            if limit.measure.startswith("active"):
                raise MissingData(f"{limit.text()!r} needs the weights inside the benchmark", field="benchmark",
                                  next_step="name a benchmark made of instruments")  # fmt: skip
    return ask(wide)


NEXT_STEPS = {
    "benchmark": "name one in the mandate, or give a column benchmark in a sheet of assets",
    "holdings": "optimize a portfolio, or give a column holding in a sheet of assets",
    "risk_aversion": "say what risk costs: --risk-aversion, or risk_aversion in [objective]",
    "target": "say what is aimed at: --target, or target in [objective]",
    "generator": "give a seed: --seed 1",
}
"""What to do about what a model lacks, for those who write mandates and commands and not arrays."""


def _in_words(lacking: MissingData) -> MissingData:
    step = NEXT_STEPS.get(lacking.field)
    if step is None:
        return lacking
    said = lacking.message.replace("risk_aversion=", "a risk aversion").replace("target=", "a target")
    return MissingData(said.replace("generator=", "a seed"), field=lacking.field, next_step=step)


def decide(
    candidates: Candidates,
    policy: InvestmentPolicy,
    *,
    views: Sequence[View] = (),
    generator: Generator | None = None,
    time_limit: float = 0.0,
    clock: Callable[[], float] | None = None,
) -> Decision:
    """The best portfolio under a policy.

    Costs of trading, all parts of the policy's, are paid once and weighed against returns of a year, spread over its
    horizon. Weights held outside the universe stay. A benchmark that reaches beyond the candidates, or of which only
    returns are known, serves tracking error and beta.

    Raises
    ------
    Infeasible, Unbounded, NoExcessReturn, NotConverged, TimeLimitReached
        There is no answer, or none was proven.
    MissingData, InvalidInput, UnknownName, LimitError
        The policy asks for what the candidates do not have.
    """
    objective, size = policy.objective, len(candidates.names)
    if not 0.0 < objective.confidence < 1.0:
        raise InvalidInput(f"the confidence level is {objective.confidence:g}", field="confidence",
                           expected="between 0 and 1", next_step="write it as 0.95 or 95%")  # fmt: skip
    alone, wide = _settings(candidates, policy, views)
    # What only the benchmark has is never traded, so that its volume need not be known.
    still = {*policy.universe.exclude, *(() if candidates.beside is None else candidates.beside.names)}

    def ask(setting: _Setting) -> Optimized:
        belief, held = setting.belief, setting.holdings
        volatility = np.sqrt(np.maximum(belief.covariance.diagonal(), 0.0))
        cost = costs_of(belief.names, policy.costs, candidates.trading, volatility, still=still)
        if cost != 0.0 and held is None:
            held = np.zeros(len(belief.names))  # a new portfolio buys everything
        return optimize(
            worded(objective.model) or objective.model,
            expected_returns=belief.mean, covariance=belief.covariance, returns=belief.scenarios,
            names=belief.names, limits=setting.limits, long_only=policy.limits.long_only, holdings=held,
            benchmark=setting.benchmark, attributes=setting.attributes, costs=cost, risk_free=objective.risk_free,
            risk_aversion=objective.risk_aversion, target=objective.target, level=objective.confidence,
            generator=generator, time_limit=time_limit, clock=clock,
        )  # fmt: skip

    result = _asked(candidates, policy, alone, wide, ask)
    result = replace(
        result, names=candidates.names, weights=result.weights[:size], contributions=result.contributions[:size]
    )
    against = None
    known = wide or alone
    if known.benchmark is not None:
        apart = np.concatenate([result.weights, np.zeros(len(known.belief.names) - size)]) - known.benchmark
        against = (*_figures(known.belief, known.benchmark), _figures(known.belief, apart)[1])
    return Decision(policy, candidates, alone.belief, result, against, (*candidates.notes, *alone.belief.notes))


def _neutral(values: tuple[str, ...]) -> str:
    """An attribute for the benchmark itself: nothing where the attribute is a number, a group of its own elsewhere."""
    try:
        [float(value) for value in values]
    except ValueError:
        return INDEX
    return "0"


def limits_of(candidates: Candidates, policy: InvestmentPolicy) -> tuple[Limit, ...]:
    """The policy's limits as they are for the candidates: what stays aside is counted, excluded names are not traded.

    Raises
    ------
    InvalidInput
        A limit on the gross, long or short weight while something stays aside would have two meanings.
    """
    aside = sum((candidates.aside or {}).values())
    found: list[Limit] = []
    for limit in policy.limits.rules:
        if aside and limit.measure == "net":
            limit = _moved(limit, -aside)
        elif aside and limit.measure == "cash":
            limit = _moved(limit, aside)
        elif aside and limit.measure in ("gross", "long", "short"):
            raise InvalidInput(
                f"{limit.text()!r} counts what stays outside the universe, which is not optimized", field="limits",
                next_step="widen the universe to all that is held",
            )  # fmt: skip
        found.append(limit)
    if aside and not any(limit.measure in ("net", "cash") for limit in found):
        found.insert(0, Limit("net", "", 1.0 - aside, 1.0 - aside, source="what stays aside"))
    held = candidates.holdings or {}
    for name in policy.universe.exclude:
        if name in candidates.names:
            now = held.get(name, 0.0)
            found.append(Limit("weight", name, now, now, source="excluded"))
    return tuple(found)


def _moved(limit: Limit, by: float) -> Limit:
    return replace(
        limit, low=None if limit.low is None else limit.low + by, high=None if limit.high is None else limit.high + by
    )


@dataclass(frozen=True, eq=False)
class FrontierLine:
    """A frontier per year, with the beliefs behind it."""

    policy: InvestmentPolicy
    candidates: Candidates
    belief: Belief
    frontier: Frontier
    notes: tuple[str, ...]


def line(candidates: Candidates, policy: InvestmentPolicy, *, points: int, views: Sequence[View] = ()) -> FrontierLine:
    """The efficient frontier of candidates under a policy's limits."""
    alone, wide = _settings(candidates, policy, views)

    def ask(setting: _Setting) -> Frontier:
        return frontier(
            expected_returns=setting.belief.mean, covariance=setting.belief.covariance, names=setting.belief.names,
            limits=setting.limits, long_only=policy.limits.long_only, points=points, holdings=setting.holdings,
            benchmark=setting.benchmark, attributes=setting.attributes,
        )  # fmt: skip

    found = _asked(candidates, policy, alone, wide, ask)
    found = replace(found, names=candidates.names, weights=found.weights[:, : len(candidates.names)])
    return FrontierLine(policy, candidates, alone.belief, found, (*candidates.notes, *alone.belief.notes))
