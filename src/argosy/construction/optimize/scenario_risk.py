"""Models of any convex risk of scenarios: least risk, most return for a risk, best ratio of the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.limits import Limit, measure_called
from argosy.construction.optimize.budgets import risk_budgets
from argosy.construction.optimize.engine import Solved
from argosy.construction.optimize.mean_variance import (
    Outcome,
    maximum_return,
    no_excess,
    solve,
    with_limit,
    with_return,
)
from argosy.construction.optimize.measured import Measured, measured
from argosy.construction.optimize.model import Asked
from argosy.construction.optimize.outcomes import unproven
from argosy.construction.optimize.problem import Problem
from argosy.construction.optimize.shadow import Worth, return_words
from argosy.kernels.risk_terms import RiskTerm
from argosy.measures.risk.convex.catalogue import CONVEX, convex_risk
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]

LEAST = "minimum "


def asked_risk(text: str, *, level: float) -> tuple[str, str]:
    """A risk as people write it, ``cdar of 90%``: its measure and what follows ``of``.

    Without ``of`` a measure of a tail is taken at ``level``, the first lower partial moment below a return of zero.

    Examples
    --------
    >>> asked_risk("CVaR", level=0.9), asked_risk("cdar of 99%", level=0.9), asked_risk("ulcer", level=0.9)
    (('shortfall', '0.9'), ('cdar', '99%'), ('ulcer index', ''))
    """
    name, _, scope = text.partition(" of ")
    measure = measure_called(name)
    kind = CONVEX.get(measure)
    if kind is None:
        raise unknown("risk", text, CONVEX)
    if not scope.strip():
        scope = {"level": f"{level:.12g}", "return": "0%"}.get(kind.scope, "")
    elif not kind.scope:
        raise InvalidInput(f"{measure!r} is one number and takes no 'of {scope.strip()}'", field="risk")
    return measure, scope.strip()


def named_least(model: str) -> str | None:
    """The risk of a model called ``minimum cdar`` or ``min ulcer index``; None where the name is no such model.

    Examples
    --------
    >>> named_least("min cdar"), named_least("minimum ulcer index of 1"), named_least("minimum variance")
    ('cdar', 'ulcer index of 1', None)
    """
    name = model.strip().lower().replace("min ", LEAST, 1)
    rest = name.removeprefix(LEAST)
    if rest == name or measure_called(rest.partition(" of ")[0]) not in CONVEX:
        return None
    return rest


def answer(model: str, problem: Problem, asked: Asked) -> Outcome:
    """A model of :data:`RISKED` on the risk asked for.

    Raises
    ------
    InvalidInput
        The model knows no risk but its own.
    """
    if model not in RISKED:
        raise InvalidInput(
            f"the model {model!r} knows its own risk and takes no risk=", field="risk",
            expected="one of: " + ", ".join(RISKED),
        )  # fmt: skip
    if asked.risk is None:
        raise MissingData(f"the model {model!r} needs risk=", field="risk", next_step="give risk='cvar' or another of: "
                          + ", ".join(CONVEX))  # fmt: skip
    if not 0.0 < asked.level < 1.0:
        raise InvalidInput(f"the confidence level {asked.level!r} must lie between 0 and 1", field="level",
                           next_step="write 0.95 for 95%")  # fmt: skip
    measure, scope = asked_risk(asked.risk, level=asked.level)
    return RISKED[model](problem, asked, _Sought(problem, measure, scope))


class _Sought:
    """The risk of a model on its problem's scenarios."""

    def __init__(self, problem: Problem, measure: str, scope: str) -> None:
        self.measure, self.scope, self.kind = measure, scope, CONVEX[measure]
        if problem.returns.shape[0] < 2:
            raise InsufficientData("one scenario says nothing of a risk", field="returns", found=1,
                                   expected="at least 2 periods", next_step="give a longer history")  # fmt: skip
        self.risk = convex_risk(measure, scope, problem.returns)
        self.text = f"{measure} of {scope}" if scope else measure
        self.notes: tuple[str, ...] = ()
        count = problem.returns.shape[0]
        if self.kind.scope == "level" and (1.0 - float(getattr(self.risk, "level", 0.0))) * count < 1.0:
            self.notes = ("fewer than one scenario lies beyond the level: the worst one alone decides",)

    def term(self, weight: float) -> RiskTerm:
        return RiskTerm(self.risk, weight=weight)

    def words(self, gain: float) -> str:
        return f"lowers the {self.kind.words} by {gain * 1e4:.3g} bp"

    def seen(self, solved: Solved) -> Measured:
        """The measure at an answer, and where it comes from."""
        pulls = [p for t, p in zip(solved.form.risks, solved.answer.risks, strict=True) if t.risk is self.risk]
        return measured(self.text, self.kind, self.risk, solved.answer.weights, pulls[0] if pulls else None)

    def outcome(self, solved: Solved, value: float | None, worth: Worth, posed: Problem | None = None) -> Outcome:
        seen = self.seen(solved)
        return Outcome(solved, seen.value if value is None else value, worth, self.notes, posed, risk=seen)


def least(problem: Problem, asked: Asked, sought: _Sought) -> Outcome:
    """Least risk; trading costs are weighed against it when given."""
    form = problem.form(aversion=0.0, linear=np.zeros(problem.size), risks=(sought.term(1.0),))
    return sought.outcome(solve(problem, form), None, sought.words)


def at_return(problem: Problem, asked: Asked, sought: _Sought) -> Outcome:
    """Least risk with at least a given expected return."""
    wanted = with_return(problem, asked.aim("target return"))
    form = wanted.form(aversion=0.0, linear=np.zeros(problem.size), risks=(sought.term(1.0),))
    return sought.outcome(solve(wanted, form), None, sought.words, wanted)


def at_risk(problem: Problem, asked: Asked, sought: _Sought) -> Outcome:
    """Largest expected return with at most a given risk."""
    target = asked.aim("target risk")
    if not 0.0 < target < np.inf:
        raise InvalidInput(f"the target risk {target!r} must be positive", field="target")
    limited = with_limit(problem, Limit(sought.measure, sought.scope, high=target))
    found = maximum_return(limited)
    # The limit's own term carries the price; it is the last one.
    term, pull = found.solved.form.risks[-1], found.solved.answer.risks[-1]
    seen = measured(sought.text, sought.kind, term.risk, found.solved.answer.weights, pull)
    return replace(found, notes=sought.notes, posed=limited, risk=seen)


def weighed(problem: Problem, asked: Asked, sought: _Sought) -> Outcome:
    """Largest ``mu'w - risk_aversion * risk - cost``."""
    aversion = asked.aversion("utility")
    if not 0.0 < aversion < np.inf:
        raise InvalidInput(f"risk aversion {aversion!r} must be positive", field="risk_aversion")
    form = problem.form(aversion=0.0, linear=problem.mu, risks=(sought.term(aversion),))
    solved = solve(problem, form)
    return sought.outcome(solved, -solved.proof.value, return_words)


def best_ratio(problem: Problem, asked: Asked, sought: _Sought) -> Outcome:
    """Largest ``(mu'w - cost - risk_free) / risk`` under any limits (Dinkelbach 1967).

    For a ratio reached, the model ``reward - ratio * risk`` says whether a better one exists and gives it; the ratio
    then grows until nothing is left, which its certificate proves.
    """
    reward = problem.mu - problem.risk_free

    def earned(x: Float64) -> float:
        return float(reward @ x) - problem.spent(x)

    first = solve(problem, problem.form(aversion=0.0, linear=reward))
    x = first.answer.weights
    if earned(x) <= 1e-14:
        raise no_excess(problem)
    ratio = _ratio(earned(x), sought.risk.number(x))
    for _ in range(60):
        solved = solve(problem, problem.form(aversion=0.0, linear=reward, risks=(sought.term(ratio),)))
        x = solved.answer.weights
        risk = sought.risk.number(x)
        gain = earned(x) - ratio * risk
        if gain <= 1e-10 * abs(earned(x)) + solved.proof.gap:
            return sought.outcome(solved, _ratio(earned(x), risk), _ratio_words(risk))
        ratio = _ratio(earned(x), risk)
    raise unproven(gap=gain / abs(earned(x)), violation=0.0, steps=60)


def _ratio_words(risk: float) -> Worth:
    return lambda gain: f"raises the ratio by {gain / max(risk, 1e-300):.3g}"


def _ratio(reward: float, risk: float) -> float:
    if risk <= 0.0:
        raise InvalidInput(
            "some allowed portfolio earns more than the risk-free rate without any risk in these scenarios, so its "
            "ratio has no limit", field="returns", next_step="give more scenarios, or another risk",
        )  # fmt: skip
    return reward / risk


def parity(problem: Problem, asked: Asked, sought: _Sought) -> Outcome:
    """Given shares of the risk, equal when no budgets are given."""
    if not sought.kind.homogeneous or sought.kind.power != 1:
        raise InvalidInput(
            f"the {sought.kind.words} does not grow in step with the weights, so it has no shares", field="risk",
            next_step="take semi-deviation, cvar, or another risk that doubles when all weights double",
        )  # fmt: skip
    found = risk_budgets(problem, sought.risk, asked.budgets)
    seen = measured(sought.text, sought.kind, sought.risk, found.solved.answer.weights, found.pull)
    return Outcome(found.solved, seen.value, sought.words, sought.notes + found.notes, risk=seen)


RISKED: dict[str, Callable[[Problem, Asked, _Sought], Outcome]] = {
    "minimum risk": least,
    "target return": at_return,
    "target risk": at_risk,
    "utility": weighed,
    "maximum ratio": best_ratio,
    "risk parity": parity,
}
"""Models that take a risk of scenarios instead of the variance."""
