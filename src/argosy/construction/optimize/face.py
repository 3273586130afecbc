"""The door of the optimizer: one function for every model, one for the frontier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput, unknown
from argosy.base.limits import Limits
from argosy.construction.optimize import allocation, mean_variance, scenario_risk
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Model
from argosy.construction.optimize.problem import Problem, Weights, as_weights, pose
from argosy.construction.optimize.result import Basis, Evidence, Frontier, Optimized
from argosy.construction.optimize.rounding import in_whole_lots
from argosy.construction.optimize.settable import ALSO_CALLED, SETTABLE
from argosy.construction.optimize.shadow import bindings
from argosy.kernels.critical_line import at_returns
from argosy.models.costs.trading import Costs
from argosy.models.moments.covariance import Covariance

Float64 = npt.NDArray[np.float64]

MODELS = (
    "equal", "inverse volatility", "market cap", "minimum variance", "maximum sharpe", "utility", "maximum return",
    "target return", "target risk", "maximum diversification", "maximum decorrelation", "minimum tracking error",
    "enhanced index", "risk parity", "hierarchical risk parity", "minimum cvar", "minimum risk",
    "maximum ratio", *SETTABLE,
)  # fmt: skip
_ALIASES = {
    "equal weight": "equal", "inverse vol": "inverse volatility", "min variance": "minimum variance",
    "max sharpe": "maximum sharpe", "max return": "maximum return", "max diversification": "maximum diversification",
    "max decorrelation": "maximum decorrelation", "tracking error": "minimum tracking error", "hrp":
    "hierarchical risk parity", "min cvar": "minimum cvar", "minimum shortfall": "minimum cvar",
    "min risk": "minimum risk", "max ratio": "maximum ratio",
    "risk budget": "risk parity", "minimum volatility": "minimum variance", "mean variance": "utility",
    **ALSO_CALLED,
}  # fmt: skip


def optimize(
    model: str | Model = "minimum variance",
    *,
    expected_returns: Weights | None = None,
    covariance: Covariance | npt.ArrayLike | None = None,
    returns: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    limits: Limits = (),
    long_only: bool = True,
    holdings: Weights | None = None,
    benchmark: Weights | None = None,
    attributes: Mapping[str, Sequence[object]] | None = None,
    costs: npt.ArrayLike | float | Costs = 0.0,
    risk_free: float = 0.0,
    risk_aversion: float | None = None,
    target: float | None = None,
    budgets: Weights | None = None,
    level: float = 0.95,
    risk: str | None = None,
    generator: Generator | None = None,
    time_limit: float = 0.0,
    clock: Callable[[], float] | None = None,
) -> Optimized:
    """Answer which portfolio is best for a model, under limits and costs, and prove it.

    Parameters
    ----------
    model : one of :data:`MODELS`, or a model with settings of its own
    expected_returns : (N,) per period, by place or by name
    covariance : (N, N) per period, or a :class:`FactorCovariance`
    returns : (T, N) scenarios of one period, for models and limits of tail risk
    names : N names; A1, A2, ... when not given
    limits : lines of the grammar of :mod:`argosy.base.limits`; fully invested unless they say otherwise
    long_only : adds ``weight of each >= 0%``
    holdings, benchmark : weights by place or name; needed by turnover, trades, costs; by tracking error, active weights
    attributes : text (sector) or numbers (duration) by name of the attribute, N values each
    costs : cost of trading one unit of weight, a number or (N,); :class:`Costs` for impact, duties, fees, tax lots
    risk_free, risk_aversion, target, budgets, level, generator : what single models need
    risk : a convex risk of the scenarios, as ``cdar of 95%`` or ``ulcer index``, for the models of
        :data:`argosy.construction.optimize.scenario_risk.RISKED`; also asked for by name, as ``minimum cdar``
    time_limit : seconds after which a choice of names and the cone solver end; 0 for never. Newton's method and
        interior points take milliseconds and are not stopped
    clock : gives seconds; without it the evidence has no time

    Raises
    ------
    Infeasible, Unbounded, NoExcessReturn, NotConverged, TimeLimitReached
        The model has no answer, or none was proven; nothing unproven is handed out.
    InvalidInput, MissingData, UnknownName, LimitError, NotPSD
        The inputs do not fit; each says what was found and what is needed.

    Examples
    --------
    >>> best = optimize("minimum variance", covariance=[[0.04, 0.01], [0.01, 0.09]], names=["BND", "EQ"])
    >>> best.as_dict()["BND"].__round__(9), best.evidence.relative_gap < 1e-9
    (0.727272727, True)
    >>> held = optimize("maximum return", expected_returns=[0.04, 0.08, 0.07], limits=["weight of each <= 40%"])
    >>> print(held.binding[0].text())
    weight of each <= 40% (A2, A3) is at its upper bound: one more percentage point is worth 7 bp of return
    """
    least = scenario_risk.named_least(model) if isinstance(model, str) and _called(model) not in MODELS else None
    if least is not None and risk is None:
        model, risk = "minimum risk", least
    asked_for = named(model) if isinstance(model, str) else model
    if risk is not None and not isinstance(asked_for, str):
        raise InvalidInput(f"the model {asked_for.name!r} takes no risk=", field="risk")
    name = asked_for if isinstance(asked_for, str) else asked_for.name
    name = f"minimum {least}" if least is not None else name
    started = clock() if clock else 0.0
    problem = pose(
        names=names, expected_returns=expected_returns, covariance=covariance, returns=returns, limits=limits,
        long_only=long_only, holdings=holdings, benchmark=benchmark, attributes=attributes or {}, costs=costs,
        risk_free=risk_free, seconds=time_limit,
    )  # fmt: skip
    problem = replace(problem, clock=clock)
    asked = Asked(risk_aversion, target, as_weights(budgets, problem.universe.names, "budgets"), level, generator, risk)
    outcome = _run(asked_for, problem, asked)
    result = _result(name, problem, outcome, clock() - started if clock else 0.0)
    return in_whole_lots(result) if any(limit.measure == "lots" for limit in problem.limits) else result


def _called(model: str) -> str:
    bare = model.strip().lower()
    return _ALIASES.get(bare, bare)


def named(model: str) -> str | Model:
    """A model by its name: one with settings of its own as it stands, else the name itself."""
    name = _called(model)
    if name not in MODELS:
        raise unknown("model", model, MODELS)
    return SETTABLE.get(name, name)


def _run(model: str | Model, problem: Problem, asked: Asked) -> Outcome:
    name = named(model) if isinstance(model, str) else model
    if not isinstance(name, str):
        return name.outcome(problem, asked, _run)
    if name == "minimum cvar" and asked.risk is None:
        name, asked = "minimum risk", replace(asked, risk="shortfall")
    if asked.risk is not None or name in ("minimum risk", "maximum ratio"):
        return scenario_risk.answer(name, problem, asked)
    simple: dict[str, Callable[[Problem], Outcome]] = {
        "equal": allocation.equal,
        "inverse volatility": allocation.inverse_volatility,
        "market cap": allocation.market_capitalization,
        "minimum variance": mean_variance.minimum_variance,
        "maximum sharpe": mean_variance.maximum_sharpe,
        "maximum return": mean_variance.maximum_return,
        "maximum diversification": mean_variance.maximum_diversification,
        "maximum decorrelation": mean_variance.maximum_decorrelation,
        "minimum tracking error": mean_variance.minimum_tracking_error,
        "hierarchical risk parity": allocation.hierarchical,
    }
    if name in simple:
        return simple[name](problem)
    if name == "risk parity":
        return allocation.risk_parity(problem, budgets=asked.budgets)
    if name == "utility":
        return mean_variance.utility(problem, risk_aversion=asked.aversion(name))
    if name == "enhanced index":
        return mean_variance.enhanced_index(problem, risk_aversion=asked.aversion(name))
    if name == "target return":
        return mean_variance.target_return(problem, target=asked.aim(name))
    return mean_variance.target_risk(problem, target=asked.aim(name))


def _result(name: str, problem: Problem, outcome: Outcome, seconds: float) -> Optimized:
    solved = outcome.solved
    # What lies below the proof's own precision is not a holding.
    x = np.where(np.abs(solved.answer.weights) < 1e-12, 0.0, solved.answer.weights)
    risk, shares = float("nan"), np.full(problem.size, np.nan)
    if problem.belief is not None:
        pulled = x * problem.covariance.times(x)
        variance = float(pulled.sum())
        risk = float(np.sqrt(max(variance, 0.0)))
        shares = pulled / variance if variance > 0.0 else np.zeros(problem.size)
    traded = np.abs(x - problem.start)
    known = problem.universe.holdings is not None
    proof = solved.proof
    ruled = solved.answer.engine == "closed form"
    return Optimized(
        name, problem.universe.names, x, outcome.objective,
        float(problem.expected @ x) if problem.expected is not None else float("nan"), risk, shares,
        float(traded.sum()) if known else float("nan"), problem.spent(x),
        () if ruled else bindings(outcome.posed or problem, solved, outcome.worth),
        Evidence(solved.answer.engine, solved.answer.steps, proof.gap, proof.relative_gap, proof.violation, seconds),
        outcome.notes, outcome.reports, problem.priced.parts(x) if problem.priced is not None else {},
        Basis(replace(outcome.posed or problem, clock=None), solved.whole or solved.form, solved.answer),
        outcome.risk,
    )  # fmt: skip


def frontier(
    *,
    expected_returns: Weights,
    covariance: Covariance | npt.ArrayLike,
    names: Sequence[str] | None = None,
    limits: Limits = (),
    long_only: bool = True,
    targets: Sequence[float] | npt.ArrayLike | None = None,
    points: int | None = 20,
    holdings: Weights | None = None,
    benchmark: Weights | None = None,
    attributes: Mapping[str, Sequence[object]] | None = None,
) -> Frontier:
    """Efficient portfolios at given target returns, or at ``points`` equal steps from least risk to highest return.

    Without limits beyond ``weight of each >= 0%`` the whole line is found exactly, corner by corner (Markowitz 1956);
    points are mixed from its corners; ``points=None`` gives the corners themselves. Under other limits each point is
    solved and proven by itself, started from its neighbor. Targets that no allowed portfolio reaches are left out and
    listed.

    Examples
    --------
    >>> line = frontier(expected_returns=[0.04, 0.08], covariance=[[0.01, 0.0], [0.0, 0.04]], points=3)
    >>> line.expected_returns.round(6).tolist(), line.volatilities.round(6).tolist()
    ([0.048, 0.064, 0.08], [0.089443, 0.126491, 0.2])
    """
    problem = pose(
        names=names, expected_returns=expected_returns, covariance=covariance, returns=None, limits=limits,
        long_only=long_only, holdings=holdings, benchmark=benchmark, attributes=attributes or {}, costs=0.0,
        risk_free=0.0, seconds=0.0,
    )  # fmt: skip
    if points is not None and points < 2:
        raise InvalidInput(f"a frontier of {points} points is no line", field="points", expected="at least 2")
    corners = mean_variance.corners(problem)
    if points is None and targets is None:
        if corners is None:
            raise InvalidInput("corner portfolios are known for long-only weights without further limits only",
                               field="limits", next_step="give points= or targets=")  # fmt: skip
        return _line(problem, corners, exact=True)
    ends = corners if corners is not None else np.array([
        mean_variance.minimum_variance(problem).solved.answer.weights,
        mean_variance.maximum_return(problem).solved.answer.weights,
    ])  # fmt: skip
    low, high = float(problem.mu @ ends[0]), float(problem.mu @ ends[-1])
    wanted = np.linspace(low, high, points or 0) if targets is None else np.asarray(targets, dtype=np.float64)
    out = tuple(wanted[wanted > high + 1e-9 * max(1.0, abs(high))].tolist())
    wanted = wanted[wanted <= high + 1e-9 * max(1.0, abs(high))]
    if corners is not None:
        return _line(problem, at_returns(corners, problem.mu, wanted), left_out=out)
    rows, warm = [], None
    limited = mean_variance.with_return(problem, low)
    base = limited.form(aversion=1.0, linear=np.zeros(problem.size))
    for target in wanted.tolist():
        # At the very end only the best assets are left; a hair below, the line has an inside to walk on.
        bound = min(target, high - 1e-12 * max(1.0, abs(high)))
        edges = base.rows.low.copy()
        edges[-1] = bound
        solved = mean_variance.solve(limited, replace(base, rows=replace(base.rows, low=edges)), warm=warm)
        warm = solved.warm
        rows.append(solved.answer.weights)
    return _line(problem, np.array(rows).reshape(len(rows), problem.size), left_out=out)


def _line(problem: Problem, weights: Float64, *, exact: bool = False, left_out: tuple[float, ...] = ()) -> Frontier:
    root, rest = problem.covariance.root, problem.covariance.rest
    lifted = weights @ root
    risks = np.sqrt(np.einsum("ij,ij->i", lifted, lifted) + (weights * weights) @ rest)
    return Frontier(problem.universe.names, weights, weights @ problem.mu, risks, exact, left_out)
