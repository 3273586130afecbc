"""A mandate's objective over candidates: beliefs, limits and costs put together, solved, set beside what is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import Limit
from argosy.construction.optimize.candidates import INDEX, Candidates
from argosy.construction.optimize.face import frontier, optimize
from argosy.construction.optimize.result import Frontier, Optimized
from argosy.models.moments.beliefs import Belief, Estimators, believe
from argosy.models.moments.black_litterman import View
from argosy.record.mandate_policy import InvestmentPolicy

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Decision:
    """What a policy says to hold: the optimized portfolio, the beliefs behind it, and what it is compared with.

    All figures are per year. ``tracking_error`` is NaN without a benchmark.
    """

    policy: InvestmentPolicy
    candidates: Candidates
    belief: Belief
    result: Optimized
    tracking_error: float
    notes: tuple[str, ...]

    @property
    def held(self) -> Float64 | None:
        """Weights now (N,)."""
        return self.candidates.vector(self.candidates.holdings)

    @property
    def benchmark(self) -> Float64 | None:
        """Weights of the benchmark (N,), None where only its returns are known or there is none."""
        return self.candidates.vector(self.candidates.benchmark)

    def risk_and_return(self, weights: Float64) -> tuple[float, float]:
        """Expected return and volatility of weights under the beliefs."""
        variance = float(weights @ self.belief.covariance.times(weights))
        return float(self.belief.mean @ weights), float(np.sqrt(max(variance, 0.0)))


def estimators(policy: InvestmentPolicy) -> Estimators:
    """A policy's beliefs as estimates take them."""
    rules = policy.beliefs
    return Estimators(rules.mean, rules.covariance, float(rules.half_life), rules.factors, rules.missing, rules.nearest)


def beliefs(candidates: Candidates, policy: InvestmentPolicy, views: Sequence[View] = ()) -> Belief:
    """Beliefs about candidates as a policy wants them estimated."""
    return believe(
        candidates.sample, estimators(policy), market=candidates.vector(candidates.benchmark), views=views,
        risk_free=policy.objective.risk_free,
    )  # fmt: skip


def decide(
    candidates: Candidates,
    policy: InvestmentPolicy,
    *,
    views: Sequence[View] = (),
    seed: int | None = None,
    time_limit: float = 0.0,
    clock: Callable[[], float] | None = None,
) -> Decision:
    """The best portfolio under a policy.

    Costs of trading are paid once and weighed against returns of a year, spread over the policy's horizon. Weights held
    outside the universe stay. A benchmark known by its returns alone serves tracking error and beta.

    Raises
    ------
    Infeasible, Unbounded, NoExcessReturn, NotConverged, TimeLimitReached
        There is no answer, or none was proven.
    MissingData, InvalidInput, UnknownName, LimitError
        The policy asks for what the candidates do not have.
    """
    belief = beliefs(candidates, policy, views)
    generator = None if seed is None else np.random.default_rng(seed)
    ask = _Question(candidates, policy, belief, generator, time_limit, clock)
    try:
        result, error = ask.with_weights()
    except MissingData as lacking:
        if lacking.field != "benchmark" or candidates.index is None:
            raise
        result, error = ask.with_index()
    return Decision(policy, candidates, belief, result, error, (*candidates.notes, *belief.notes))


@dataclass(frozen=True, eq=False)
class _Question:
    candidates: Candidates
    policy: InvestmentPolicy
    belief: Belief
    generator: Generator | None
    time_limit: float
    clock: Callable[[], float] | None

    def with_weights(self) -> tuple[Optimized, float]:
        """Ask with the benchmark's weights, or with none."""
        bench = self.candidates.vector(self.candidates.benchmark)
        found = self._ask(self.belief, dict(self.candidates.attributes), bench, ())
        if bench is None:
            return found, float("nan")
        apart = found.weights - bench
        return found, float(np.sqrt(max(float(apart @ self.belief.covariance.times(apart)), 0.0)))

    def with_index(self) -> tuple[Optimized, float]:
        """Ask with the benchmark's returns as one more asset that weighs nothing and is the benchmark."""
        for limit in self.policy.limits.rules:
            if limit.measure.startswith("active"):
                raise MissingData(f"{limit.text()!r} needs the weights inside the benchmark", field="benchmark",
                                  next_step="name a benchmark made of instruments")  # fmt: skip
        given, size = self.candidates, len(self.candidates.names)
        assert given.index is not None
        panel = given.sample.panel
        wide = replace(panel, names=(*panel.names, INDEX), values=np.column_stack([panel.values, given.index]))
        belief = beliefs(replace(given, sample=replace(given.sample, panel=wide), benchmark=None), self.policy)
        belief = replace(belief, mean=np.append(self.belief.mean, belief.mean[-1]))
        attributes = {label: (*values, _neutral(values)) for label, values in given.attributes.items()}
        bench = np.zeros(size + 1)
        bench[-1] = 1.0
        found = self._ask(belief, attributes, bench, (Limit("weight", INDEX, 0.0, 0.0, source="benchmark"),))
        apart = found.weights - bench
        error = float(np.sqrt(max(float(apart @ belief.covariance.times(apart)), 0.0)))
        return replace(
            found, names=given.names, weights=found.weights[:-1], contributions=found.contributions[:-1]
        ), error

    def _ask(
        self, belief: Belief, attributes: dict[str, tuple[str, ...]], bench: Float64 | None, more: tuple[Limit, ...]
    ) -> Optimized:
        policy, objective = self.policy, self.policy.objective
        held = self.candidates.vector(self.candidates.holdings)
        if held is not None and len(belief.names) > held.size:
            held = np.append(held, 0.0)
        cost = policy.costs.trading / policy.costs.horizon_years
        if cost and held is None:
            # A new portfolio buys everything.
            held = np.zeros(len(belief.names))
        return optimize(
            objective.model, expected_returns=belief.mean, covariance=belief.covariance, returns=belief.scenarios,
            names=belief.names, limits=(*limits_of(self.candidates, policy), *more),
            long_only=policy.limits.long_only, holdings=held, benchmark=bench, attributes=attributes, costs=cost,
            risk_free=objective.risk_free, risk_aversion=objective.risk_aversion, target=objective.target,
            level=objective.confidence, generator=self.generator, time_limit=self.time_limit, clock=self.clock,
        )  # fmt: skip


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


def line(candidates: Candidates, policy: InvestmentPolicy, *, points: int, views: Sequence[View] = ()) -> FrontierLine:
    """The efficient frontier of candidates under a policy's limits, with what is held and the benchmark beside it."""
    belief = beliefs(candidates, policy, views)
    found = frontier(
        expected_returns=belief.mean, covariance=belief.covariance, names=belief.names,
        limits=limits_of(candidates, policy), long_only=policy.limits.long_only, points=points,
        holdings=candidates.vector(candidates.holdings), benchmark=candidates.vector(candidates.benchmark),
        attributes=candidates.attributes,
    )  # fmt: skip
    return FrontierLine(policy, candidates, belief, found, (*candidates.notes, *belief.notes))


@dataclass(frozen=True, eq=False)
class FrontierLine:
    """A frontier per year, with the beliefs behind it."""

    policy: InvestmentPolicy
    candidates: Candidates
    belief: Belief
    frontier: Frontier
    notes: tuple[str, ...]
