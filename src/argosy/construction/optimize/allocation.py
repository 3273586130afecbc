"""Models that allocate risk or capital by rule, and the model of tail risk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.optimize.engine import VIOLATION, Solved
from argosy.construction.optimize.mean_variance import Outcome, solve
from argosy.construction.optimize.outcomes import unproven
from argosy.construction.optimize.problem import Problem
from argosy.construction.optimize.shadow import return_words
from argosy.kernels.budget import risk_budgets
from argosy.kernels.cluster import hierarchical_risk_parity
from argosy.kernels.convex import Answer, Certificate, violation
from argosy.kernels.risk_terms import Pull
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance

Float64 = npt.NDArray[np.float64]


def by_rule(problem: Problem, wanted: Float64, *, steps: int = 0, residual: float = 0.0) -> Outcome:
    """Weights of a rule; where they break a limit, the nearest weights that do not, and a note that says how far."""
    form = problem.form(aversion=0.0, linear=np.zeros(problem.size))
    broken = violation(form, wanted)
    if broken <= VIOLATION and not problem.compiled.chooses:
        answer = Answer(
            wanted, np.zeros(form.rows.low.size), np.zeros(len(form.absolutes)), np.zeros(len(form.quadratics)),
            tuple(Pull.none(problem.size) for _ in form.risks), "closed form", steps,
        )  # fmt: skip
        return Outcome(Solved(form, answer, Certificate(0.0, residual, broken, 1.0)), 0.0, return_words)
    if form.quadratics or form.risks:
        raise InvalidInput(
            "a rule whose weights break a limit cannot be brought to one on risk", field="limits",
            next_step="use a model that minimizes risk under these limits",
        )  # fmt: skip
    # The nearest weights in the sense of squared distance: a problem of its own, with the same limits.
    alike = FactorCovariance(np.zeros((problem.size, 0)), np.ones(problem.size))
    unit = replace(problem, belief=alike, cost=0.0 * problem.cost, priced=None)
    moved = solve(unit, unit.form(aversion=1.0, linear=wanted))
    apart = float(np.abs(moved.answer.weights - wanted).sum())
    answer = replace(moved.answer, engine="closed form")
    return Outcome(
        Solved(form, answer, Certificate(0.0, residual, moved.proof.violation, 1.0)), 0.0, return_words,
        (f"moved by {apart:.2%} (buys plus sells) from the rule's weights to meet the limits",),
    )  # fmt: skip


def equal(problem: Problem) -> Outcome:
    """The same weight for every asset."""
    return by_rule(problem, np.full(problem.size, 1.0 / problem.size))


def inverse_volatility(problem: Problem) -> Outcome:
    """Weights in proportion to one over volatility."""
    sigma = np.sqrt(problem.covariance.diagonal())
    if (sigma == 0.0).any():
        raise InvalidInput(
            f"{problem.universe.names[int(np.argmin(sigma))]} does not vary, so it would take all", field="covariance"
        )
    return by_rule(problem, (1.0 / sigma) / float((1.0 / sigma).sum()))


def market_capitalization(problem: Problem) -> Outcome:
    """Weights in proportion to the attribute ``market_cap``."""
    caps = problem.universe.numbers("market_cap")
    if (caps < 0.0).any() or caps.sum() <= 0.0:
        raise InvalidInput("market capitalizations must not be negative, and some must be positive", field="attributes")
    return by_rule(problem, caps / float(caps.sum()))


def risk_parity(problem: Problem, *, budgets: Float64 | None) -> Outcome:
    """Shares of the variance as budgeted; equal when no budgets are given."""
    n = problem.size
    shares = np.full(n, 1.0 / n) if budgets is None else budgets
    if (shares <= 0.0).any():
        raise InvalidInput("risk budgets must be positive", field="budgets", next_step="leave out assets without risk")
    if abs(float(shares.sum()) - 1.0) > 1e-9:
        raise InvalidInput(f"risk budgets sum to {float(shares.sum()):.6g}", field="budgets", expected="1")
    covariance = problem.covariance
    if (covariance.diagonal() <= 0.0).any():
        name = problem.universe.names[int(np.argmin(covariance.diagonal()))]
        raise InvalidInput(f"{name} does not vary, so it cannot carry a share of the risk", field="covariance")
    matrix = covariance.matrix if isinstance(covariance, DenseCovariance) else None
    found = risk_budgets(covariance.root, covariance.rest, shares, matrix=matrix)
    if found.residual > 1e-8:
        raise unproven(gap=found.residual, violation=0.0, steps=found.steps)
    return by_rule(problem, found.weights, steps=found.steps, residual=found.residual)


def hierarchical(problem: Problem) -> Outcome:
    """Hierarchical risk parity on the covariance given."""
    variances = problem.covariance.diagonal()
    if (variances <= 0.0).any():
        name = problem.universe.names[int(np.argmin(variances))]
        raise InvalidInput(f"{name} does not vary, so it has no correlation", field="covariance")
    weights, _ = hierarchical_risk_parity(problem.covariance.dense())
    return by_rule(problem, weights)
