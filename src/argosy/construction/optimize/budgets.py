"""Given shares of any risk that grows in step with the weights, with or without limits.

Shares b are those of the weights that minimize ``log risk(w) - sum b log w`` (Maillard, Roncalli and Teiletche 2010 for
volatility; Mausser and Romanko 2018 for shortfall). Without limits that is convex once scaled; under limits (Richard
and Roncalli 2019) the logarithms are weighed by the risk itself, which is found by iteration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, NotConverged
from argosy.construction.optimize.engine import Solved, solve_form
from argosy.construction.optimize.mean_variance import is_plain, solve
from argosy.construction.optimize.outcomes import Unbounded, unproven
from argosy.construction.optimize.problem import Problem
from argosy.kernels.convex import Certificate
from argosy.kernels.risk_terms import Pull, Risk, RiskTerm

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Budgeted:
    """Weights with their proof, the line of the risk that gives contributions, and what could not be kept."""

    solved: Solved
    pull: Pull
    notes: tuple[str, ...] = ()


def checked_budgets(given: Float64 | None, size: int) -> Float64:
    """Budgets that are positive and sum to one; equal ones when none are given."""
    if given is None:
        return np.full(size, 1.0 / size)
    if (given <= 0.0).any():
        raise InvalidInput("risk budgets must be positive", field="budgets", next_step="leave out assets without risk")
    if abs(float(given.sum()) - 1.0) > 1e-9:
        raise InvalidInput(f"risk budgets sum to {float(given.sum()):.6g}", field="budgets", expected="1")
    return given


SHARED = 1e-5
"""Largest distance of a share of the risk from its budget, in units of the budget."""


def risk_budgets(problem: Problem, risk: Risk, budgets: Float64 | None) -> Budgeted:
    """Weights whose shares of a risk are the budgets, or come nearest under limits in the sense of the merit above."""
    shares = checked_budgets(budgets, problem.size)
    term = RiskTerm(risk, weight=1.0)
    idle = np.flatnonzero(np.abs(risk.scenarios).max(axis=0) == 0.0)
    if idle.size:
        name = problem.universe.names[int(idle[0])]
        raise InvalidInput(f"{name} has no return in any scenario, so it cannot carry a share of the risk",
                           field="returns")  # fmt: skip
    free = _free(problem, risk, term, shares)
    if is_plain(problem):
        return free
    form = problem.form(aversion=0.0, linear=np.zeros(problem.size), risks=(term,))
    shut = np.flatnonzero(form.high <= 0.0)
    if shut.size:
        raise InvalidInput(f"{problem.universe.names[int(shut[0])]} may hold nothing, so it cannot carry a share",
                           field="limits", next_step="leave it out")  # fmt: skip
    weight = risk.number(free.solved.answer.weights)
    found = solve(problem, replace(form, barrier=weight * shares))
    last: tuple[float, float] | None = None
    for _ in range(60):
        here = risk.number(found.answer.weights)
        apart = here - weight
        # The merit is flat in that weight: what is left of it counts squared.
        if abs(apart) <= 1e-6 * here:
            return _limited(problem, found, shares)
        following = here
        if last is not None and apart != last[1]:
            secant = weight - apart * (weight - last[0]) / (apart - last[1])
            # The risk grows more slowly than its weight: a secant that leaves the bracket is not trusted.
            following = secant if 0.25 * here < secant < 4.0 * here else here
        last, weight = (weight, apart), following
        found = solve(problem, replace(form, barrier=weight * shares))
    raise unproven(gap=abs(apart) / here, violation=found.proof.violation, steps=found.answer.steps)


def _free(problem: Problem, risk: Risk, term: RiskTerm, shares: Float64) -> Budgeted:
    """Without limits: one convex problem, then divided by its sum."""
    posed = problem.form(aversion=0.0, linear=np.zeros(problem.size))
    none = np.zeros(0)
    rows = replace(posed.rows, columns=np.zeros((problem.size, 0)), low=none, high=none,
                   owner=np.zeros(0, dtype=np.int64), price=none)  # fmt: skip
    # The height of the barrier only scales the answer, but not every scale lets a cone solver end where proofs ask.
    even = risk.number(np.full(problem.size, 1.0 / problem.size))
    tried = (even, 0.1 * even, 3.0 * even, 0.3 * even, 10.0 * even, 0.03 * even)
    heights = [term.unit, *(height for height in tried if height > 0.0)]
    found, apart = None, np.inf
    for height in heights:
        bare = replace(
            posed, low=np.zeros(problem.size), high=np.full(problem.size, np.inf), rows=rows,
            cost=np.zeros(problem.size), absolutes=(), quadratics=(), risks=(term,), charges=None,
            barrier=height * shares,
        )  # fmt: skip
        try:
            found = solve_form(bare, seconds=problem.seconds)
        except Unbounded:
            raise InvalidInput(
                "some mix of these assets has no risk, or less than none, in these scenarios, so there is nothing to "
                "share", field="returns", next_step="take a deviation or a drawdown as risk, or more scenarios",
            ) from None  # fmt: skip
        except NotConverged:
            if found is None and height == heights[-1]:
                raise
            continue
        y, pull = found.answer.weights, found.answer.risks[0]
        held = y * pull.slope
        apart = float(np.abs(held / held.sum() / shares - 1.0).max())
        if apart <= SHARED:
            break
    assert found is not None
    if apart > SHARED:
        raise unproven(gap=apart, violation=0.0, steps=found.answer.steps)
    total = float(y.sum())
    form = problem.form(aversion=0.0, linear=np.zeros(problem.size))
    answer = replace(
        found.answer, weights=y / total, rows=np.zeros(form.rows.low.size), absolutes=np.zeros(len(form.absolutes)),
        quadratics=np.zeros(len(form.quadratics)), risks=tuple(Pull.none(problem.size) for _ in form.risks),
    )  # fmt: skip
    proof = Certificate(risk.number(y / total), found.proof.gap / total, 0.0, found.proof.scale / total)
    return Budgeted(Solved(form, answer, proof), pull)


def _limited(problem: Problem, found: Solved, shares: Float64) -> Budgeted:
    """Say how far limits push shares from their budgets."""
    pull = next(p for t, p in zip(found.form.risks, found.answer.risks, strict=True) if t.weight > 0.0)
    held = found.answer.weights * pull.slope
    apart = held / float(held.sum()) - shares
    worst = int(np.argmax(np.abs(apart)))
    notes: tuple[str, ...] = ()
    if abs(float(apart[worst])) > 1e-6:
        notes = (
            f"limits push shares from their budgets, most {problem.universe.names[worst]}: "
            f"{float(shares[worst] + apart[worst]):.2%} of the risk for a budget of {float(shares[worst]):.2%}",
        )
    return Budgeted(found, pull, notes)
