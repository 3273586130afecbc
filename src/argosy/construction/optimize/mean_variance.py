"""Models of mean and variance: least risk, best ratio, utility, targets, closeness to a benchmark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, NotConverged
from argosy.base.limits import Limit
from argosy.base.table import Table
from argosy.construction.optimize.choosing import choose, meets
from argosy.construction.optimize.clashes import explain
from argosy.construction.optimize.engine import GAP, NoPoint, Solved, good, solve_form
from argosy.construction.optimize.measured import Measured
from argosy.construction.optimize.outcomes import NoExcessReturn
from argosy.construction.optimize.problem import STANDARD, Problem
from argosy.construction.optimize.shadow import Worth, return_words, sharpe_words, volatility_words
from argosy.kernels.active_set import nonnegative_dense
from argosy.kernels.convex import Answer, Certificate, Form
from argosy.kernels.critical_line import corner_portfolios
from argosy.kernels.separable import nonnegative
from argosy.measures.limits.compiling import compile_limits
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance

Float64 = npt.NDArray[np.float64]
PLAIN = frozenset({"weight of each >= 0%", "net = 100%"})


@dataclass(frozen=True, eq=False)
class Outcome:
    """A solved model, the number it was after, and how a gain of its objective is put in words."""

    solved: Solved
    objective: float
    worth: Worth
    notes: tuple[str, ...] = ()
    # The problem with limits of the model's own, where it added some.
    posed: Problem | None = None
    # What the model has to tell beside its weights: clusters, contributions by factor, effects of its settings.
    reports: tuple[Table, ...] = ()
    # The convex risk of scenarios that the model was asked with.
    risk: Measured | None = None


def solve(problem: Problem, form: Form, *, warm: Float64 | None = None) -> Solved:
    """Solve a form of a problem; limits that clash come back as the smallest set that does."""
    try:
        if problem.compiled.chooses or (form.charges is not None and form.charges.chooses):
            return choose(problem, form)
        return solve_form(form, seconds=problem.seconds, warm=warm)
    except NoPoint:
        raise explain(problem.limits, problem.form_of, seconds=problem.seconds, meets=partial(meets, problem)) from None
    except NotConverged:
        found = explain(problem.limits, problem.form_of, seconds=problem.seconds)
        if len(found.clash) > 0 and max(item.give for item in found.clash) > 1e-6:
            raise found from None
        raise


def is_plain(problem: Problem) -> bool:
    """True when weights only have to be non-negative and sum to one: the model is then solved up to scale."""
    if problem.limits is not STANDARD and {limit.text() for limit in problem.limits} != PLAIN:
        return False
    return not problem.cost.any() and problem.priced is None


def _up_to_scale(problem: Problem, linear: Float64, form: Form, *, ratio: bool) -> Solved | None:
    """Minimum variance and maximum ratio without further limits: one non-negative problem, then divided by its sum."""
    covariance = problem.covariance
    unit = float(covariance.diagonal().mean())
    size = float(np.abs(linear).max())
    if size == 0.0 or unit == 0.0:
        return None
    if isinstance(covariance, DenseCovariance):
        x, steps, settled = nonnegative_dense(covariance.matrix / unit, linear / size)
        engine = "active set"
    elif (covariance.rest > 0.0).all():
        found = nonnegative(covariance.root / np.sqrt(unit), covariance.rest / unit, linear / size)
        x, steps, settled = found.weights, found.steps, found.settled
        engine = "dual Newton"
    else:
        return None
    total = float(x.sum())
    if not settled or total <= 0.0:
        return None
    weights = x / total
    pulled = covariance.times(weights)
    variance = float(weights @ pulled)
    # The sum of weights has no price at the best ratio, and the variance as its price at least risk.
    rows = np.zeros(form.rows.low.size) if ratio else np.full(form.rows.low.size, variance)
    if ratio:
        form = replace(form, aversion=float(linear @ weights) / variance, linear=linear)
    none = np.zeros(0)
    answer = Answer(weights, rows, none, none, engine=engine, steps=steps)
    proof = _over_mixes(form, weights, pulled, unit)
    return Solved(form, answer, proof) if good(proof) else None


def _over_mixes(form: Form, weights: Float64, pulled: Float64, unit: float) -> Certificate:
    """The proof where weights are only non-negative and sum to one: a convex objective lies above its tangent, and
    the tangent is least at a single asset (Frank and Wolfe 1956)."""
    slope = form.aversion * pulled - form.linear
    risk, earned = 0.5 * form.aversion * float(weights @ pulled), float(form.linear @ weights)
    parts = (risk, abs(earned), 1e-3 * form.aversion * unit, 1e-3 * float(np.abs(form.linear).max()), 1e-30)
    gap = float(weights @ slope) - float(slope.min())
    broken = max(abs(float(weights.sum()) - 1.0), -float(weights.min()))
    return Certificate(risk - earned, max(gap, 0.0), max(broken, 0.0), max(parts))


def corners(problem: Problem) -> Float64 | None:
    """Corner portfolios from least variance to highest return, where the model is one the critical line answers."""
    covariance = problem.covariance
    if not is_plain(problem) or not (covariance.rest > 0.0).all():
        return None
    found, gap = corner_portfolios(covariance.root, covariance.rest, problem.mu)
    return found if gap < GAP else None


def volatility(problem: Problem, weights: Float64) -> float:
    """Volatility of weights."""
    return float(np.sqrt(max(float(weights @ problem.covariance.times(weights)), 0.0)))


def minimum_variance(problem: Problem) -> Outcome:
    """Weights of least variance; trading costs are weighed against it when given."""
    if not problem.covariance.diagonal().any():
        raise InvalidInput("no asset varies, so every allowed portfolio has the least risk", field="covariance")
    form = problem.form(aversion=1.0, linear=np.zeros(problem.size))
    found = _up_to_scale(problem, np.ones(problem.size), form, ratio=False) if is_plain(problem) else None
    solved = found if found is not None else solve(problem, form)
    risk = volatility(problem, solved.answer.weights)
    return Outcome(solved, risk * risk, volatility_words(risk))


def utility(problem: Problem, *, risk_aversion: float) -> Outcome:
    """Largest ``mu'w - risk_aversion / 2 * variance - cost``."""
    if not 0.0 < risk_aversion < np.inf:
        raise InvalidInput(f"risk aversion {risk_aversion!r} must be positive", field="risk_aversion")
    solved = solve(problem, problem.form(aversion=risk_aversion, linear=problem.mu))
    return Outcome(solved, -solved.proof.value, return_words)


def maximum_return(problem: Problem) -> Outcome:
    """Largest expected return net of cost."""
    solved = solve(problem, problem.form(aversion=0.0, linear=problem.mu))
    return Outcome(solved, -solved.proof.value, return_words)


def target_return(problem: Problem, *, target: float) -> Outcome:
    """Least variance with at least a given expected return."""
    wanted = with_return(problem, target)
    form = wanted.form(aversion=1.0, linear=np.zeros(problem.size))
    solved = solve(wanted, form)
    risk = volatility(problem, solved.answer.weights)
    return Outcome(solved, risk * risk, volatility_words(risk), posed=wanted)


def with_return(problem: Problem, target: float) -> Problem:
    """The same problem with a further limit: expected return at least the target."""
    if not np.isfinite(target):
        raise InvalidInput(f"the target return {target!r} is not a number", field="target_return")
    universe = replace(problem.universe, attributes={**problem.universe.attributes, "expected return": problem.mu})
    return with_limit(replace(problem, universe=universe), Limit("exposure", "expected return", low=target))


def with_limit(problem: Problem, limit: Limit) -> Problem:
    """The same problem with one limit more."""
    limits = (*problem.limits, limit)
    compiled = compile_limits(limits, problem.universe, problem.belief, problem.scenarios)
    return replace(problem, limits=limits, compiled=compiled)


def target_risk(problem: Problem, *, target: float) -> Outcome:
    """Largest expected return with at most a given volatility."""
    if not 0.0 < target < np.inf:
        raise InvalidInput(f"the target volatility {target!r} must be positive", field="target_risk")
    limited = with_limit(problem, Limit("volatility", "", high=target))
    return replace(maximum_return(limited), posed=limited)


def minimum_tracking_error(problem: Problem) -> Outcome:
    """Least volatility of the return above the benchmark."""
    bench = problem.universe.against("the least tracking error")
    solved = solve(problem, problem.form(aversion=1.0, linear=problem.covariance.times(bench)))
    risk = volatility(problem, solved.answer.weights - bench)
    return Outcome(solved, risk, volatility_words(risk))


def enhanced_index(problem: Problem, *, risk_aversion: float) -> Outcome:
    """Largest ``mu'w - risk_aversion / 2 * tracking error squared - cost``."""
    if not 0.0 < risk_aversion < np.inf:
        raise InvalidInput(f"risk aversion {risk_aversion!r} must be positive", field="risk_aversion")
    bench = problem.universe.against("an enhanced index")
    pulled = problem.covariance.times(bench)
    solved = solve(problem, problem.form(aversion=risk_aversion, linear=problem.mu + risk_aversion * pulled))
    value = -solved.proof.value - 0.5 * risk_aversion * float(bench @ pulled)
    return Outcome(solved, value, return_words)


def maximum_sharpe(problem: Problem) -> Outcome:
    """Largest ``(mu'w - cost - risk_free) / volatility``; what is not invested earns the risk-free rate."""
    return best_ratio(problem, problem.mu - problem.risk_free)


def maximum_diversification(problem: Problem) -> Outcome:
    """Largest ratio of the average volatility to the portfolio's (Choueifaty and Coignard 2008)."""
    return best_ratio(problem, np.sqrt(problem.covariance.diagonal()))


def maximum_decorrelation(problem: Problem) -> Outcome:
    """Least variance when every asset is given the same volatility (Christoffersen et al. 2012)."""
    sigma = np.sqrt(problem.covariance.diagonal())
    if (sigma == 0.0).any():
        name = problem.universe.names[int(np.argmin(sigma))]
        raise InvalidInput(f"{name} does not vary, so it has no correlation", field="covariance")
    belief = problem.covariance
    if isinstance(belief, FactorCovariance):
        scaled: FactorCovariance | DenseCovariance = FactorCovariance(
            belief.factors / sigma[:, None], belief.specific / sigma**2
        )
    else:
        scaled = DenseCovariance(belief.matrix / np.outer(sigma, sigma))
    return minimum_variance(replace(problem, belief=scaled))


def best_ratio(problem: Problem, reward: Float64) -> Outcome:
    """Largest ``(reward'w - cost) / volatility`` under any limits.

    The best ratio is the answer of ``reward'w - g/2 variance`` at the one g that equals its own reward over variance.
    In d = 1/g that condition is linear between changes of the active set, so a bracketed secant ends in a few solves.
    """
    if is_plain(problem):
        if float(reward.max()) <= 0.0:
            raise no_excess(problem)
        found = _up_to_scale(problem, reward, problem.form(aversion=1.0, linear=reward), ratio=True)
        if found is not None:
            return _ratio(problem, reward, found)
    if problem.compiled.chooses or (problem.priced is not None and problem.priced.chooses):
        return _ratio(problem, reward, _climbed(problem, reward))
    low = _at(problem, reward, 0.0, None)
    if low.variance <= 1e-9 * float(problem.covariance.diagonal().mean()) and low.excess > 0.0:
        raise InvalidInput("some allowed portfolio has no risk at all, so its ratio has no limit", field="covariance")
    if low.excess <= 0.0:
        best = solve(problem, problem.form(aversion=0.0, linear=reward))
        if -best.proof.value <= 1e-14:
            raise no_excess(problem)
        guess = float(best.answer.weights @ problem.covariance.times(best.answer.weights)) / -best.proof.value
    else:
        guess = low.variance / low.excess
    high = _at(problem, reward, max(guess, 1e-300), low.solved.warm)
    for _ in range(200):
        if high.psi <= 0.0:
            break
        low, high = high, _at(problem, reward, 4.0 * high.step, high.solved.warm)
    return _ratio(problem, reward, _between(problem, reward, low, high).solved)


@dataclass(frozen=True, eq=False)
class _Point:
    step: float
    solved: Solved
    variance: float
    excess: float

    @property
    def psi(self) -> float:
        return self.variance - self.step * self.excess


def _at(problem: Problem, reward: Float64, step: float, warm: Float64 | None) -> _Point:
    solved = solve(problem, problem.form(aversion=1.0, linear=step * reward, cost=step), warm=warm)
    x = solved.answer.weights
    excess = float(reward @ x) - problem.spent(x)
    return _Point(step, solved, float(x @ problem.covariance.times(x)), excess)


def _climbed(problem: Problem, reward: Float64) -> Solved:
    """Best ratio where names are chosen: utility at the aversion of the ratio so far, until it no longer improves.

    For any set of weights, ``r'w - (s/2v) w'Sw <= s v / 2`` when no ratio exceeds s (v: the volatility where it is
    reached), so a portfolio of better ratio always has more utility: each step climbs, and the last is proven best.
    """
    best = solve(problem, problem.form(aversion=0.0, linear=reward))
    if -best.proof.value <= 1e-14:
        raise no_excess(problem)
    ratio = 0.0
    for _ in range(100):
        x = best.answer.weights
        variance = float(x @ problem.covariance.times(x))
        excess = float(reward @ x) - problem.spent(x)
        if variance <= 1e-9 * float(problem.covariance.diagonal().mean()) and excess > 0.0:
            raise InvalidInput("some allowed portfolio has no risk at all, so its ratio has no limit",
                               field="covariance")  # fmt: skip
        if excess / np.sqrt(variance) <= ratio * (1.0 + 1e-9):
            break
        ratio = excess / float(np.sqrt(variance))
        best = solve(problem, problem.form(aversion=1.0, linear=reward * variance / excess, cost=variance / excess))
    return best


def _between(problem: Problem, reward: Float64, low: _Point, high: _Point) -> _Point:
    """Root of psi between two points (Illinois rule), ended where psi is rounding."""
    left, right = low.psi, high.psi
    best = high
    for _ in range(80):
        if abs(best.psi) <= 1e-12 * best.variance or right == left:
            break
        middle = (low.step * right - high.step * left) / (right - left)
        if not low.step < middle < high.step:
            break
        best = _at(problem, reward, middle, best.solved.warm)
        if best.psi > 0.0:
            low, left, right = best, best.psi, 0.5 * right
        else:
            high, right, left = best, best.psi, 0.5 * left
        if high.step - low.step <= 1e-14 * high.step:
            break
    return best


def _ratio(problem: Problem, reward: Float64, solved: Solved) -> Outcome:
    x = solved.answer.weights
    risk = volatility(problem, x)
    excess = float(reward @ x) - problem.spent(x)
    # The model solved last weighs variance by its own ratio; its objective is brought to units of return.
    scale = excess / risk**2 / solved.form.aversion if solved.form.aversion else 1.0
    words = sharpe_words(risk)
    return Outcome(solved, excess / risk, lambda gain: words(gain * scale))


def no_excess(problem: Problem) -> NoExcessReturn:
    """The refusal where nothing allowed earns more than the risk-free rate."""
    rate = f" (risk-free rate {problem.risk_free:.4g})" if problem.risk_free else ""
    return NoExcessReturn(
        f"no allowed portfolio is expected to earn more than the risk-free rate{rate}", field="expected_returns",
        next_step="use minimum variance, or look at the expected returns",
    )  # fmt: skip
