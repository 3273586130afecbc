"""What a portfolio can be wanted least or most of: one criterion, as an objective, as a bound, and as a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.limits import MEASURES, Limit, number
from argosy.construction.optimize.engine import VIOLATION, Solved
from argosy.construction.optimize.mean_variance import solve
from argosy.construction.optimize.problem import Problem
from argosy.kernels.convex import Answer, Certificate, violation
from argosy.kernels.risk_terms import RiskTerm
from argosy.measures.limits.compiling import compile_limits, measured
from argosy.measures.risk.convex.catalogue import CONVEX, convex_risk

Float64 = npt.NDArray[np.float64]

EXPECTED = "expected return"
LINEAR = frozenset({EXPECTED, "exposure", "beta"})
SECOND_ORDER = frozenset({"volatility", "tracking error"})
_TEXT = re.compile(
    r"^(?P<goal>least|most)\s+(?P<measure>.+?)(?:\s+of\s+(?P<scope>.+?))?"
    r"(?:\s+weight\s+(?P<weight>\S+))?(?:\s+give\s+(?P<give>\S+))?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """Least or most of expected return, volatility, tracking error, exposure of an attribute, beta, turnover, or any
    convex risk of scenarios.

    ``weight`` counts in weighted sums, where volatility and tracking error enter as half their squares, so that a
    weight is a risk aversion. ``give`` is how much of its best value may be given up for later criteria, as a part of
    that value. Only what stays convex is taken: the most of a risk is refused.

    Examples
    --------
    >>> Criterion.parse("most exposure of esg give 5%")
    Criterion(measure='exposure', scope='esg', most=True, weight=1.0, give=0.05)
    """

    measure: str
    scope: str = ""
    most: bool = False
    weight: float = 1.0
    give: float = 0.0

    def __post_init__(self) -> None:
        if self.measure not in LINEAR | SECOND_ORDER | {"turnover"} | CONVEX.keys():
            raise InvalidInput(
                f"{self.measure!r} cannot be wanted least or most of", field="criteria",
                expected=", ".join(sorted(LINEAR | SECOND_ORDER | {"turnover"} | CONVEX.keys())),
            )  # fmt: skip
        if self.most and self.measure not in LINEAR:
            raise InvalidInput(f"the most {self.measure} is no convex problem", field="criteria",
                               next_step="want the least of it, or bound it by a limit")  # fmt: skip
        if not (0.0 < self.weight < np.inf and 0.0 <= self.give < 1.0):
            raise InvalidInput(f"weight {self.weight}, give {self.give}", field="criteria",
                               expected="a weight above 0, a give from 0 to below 1")  # fmt: skip

    @classmethod
    def parse(cls, text: str) -> Criterion:
        """Read ``least volatility``, ``most expected return weight 2``, ``least cvar of 95% give 10%``."""
        found = _TEXT.match(" ".join(text.split()))
        if found is None:
            raise InvalidInput(f"cannot read the criterion {text!r}", field="criteria",
                               next_step="write 'least volatility' or 'most exposure of esg'")  # fmt: skip
        try:
            weight, give = number(found["weight"] or "1"), number(found["give"] or "0")
        except ValueError:
            raise InvalidInput(f"cannot read a number of {text!r}", field="criteria") from None
        measure = found["measure"].lower()
        measure = {"cvar": "shortfall", "te": "tracking error", "return": EXPECTED}.get(measure, measure)
        return cls(measure, found["scope"] or "", found["goal"].lower() == "most", weight, give)

    def text(self) -> str:
        """The criterion in words."""
        return f"{'most' if self.most else 'least'} {self.measure}" + (f" of {self.scope}" if self.scope else "")

    @property
    def unit(self) -> str:
        """ "%" or nothing."""
        return "%" if self.measure == EXPECTED else MEASURES[self.measure].unit

    def _limit(self, bound: float) -> Limit:
        measure, scope = ("exposure", EXPECTED) if self.measure == EXPECTED else (self.measure, self.scope)
        return Limit(measure, scope, low=bound, source="criterion") if self.most else Limit(
            measure, scope, high=bound, source="criterion"
        )  # fmt: skip

    def value(self, problem: Problem, weights: Float64) -> float:
        """The measure's number."""
        if self.measure == EXPECTED:
            return float(problem.mu @ weights)
        limit = self._limit(1.0)
        return measured(limit, weights, problem.universe, problem.belief, problem.scenarios)[0][1]

    def bounded(self, problem: Problem, value: float, *, give: float) -> Problem:
        """The problem with this criterion at least as good as a value, less a part ``give`` of it."""
        room = max(give * abs(value), 1e-9)
        bound = value - room if self.most else value + room
        universe = problem.universe
        if self.measure == EXPECTED:
            universe = replace(universe, attributes={**universe.attributes, EXPECTED: problem.mu})
        limits = (*problem.limits, self._limit(bound))
        compiled = compile_limits(limits, universe, problem.belief, problem.scenarios)
        return replace(problem, universe=universe, limits=limits, compiled=compiled)


def best(problem: Problem, criteria: Sequence[Criterion]) -> Solved:
    """Weights with the least weighted sum of criteria; costs of trading count beside it."""
    aversion, linear = 0.0, np.zeros(problem.size)
    traded, risks = 0.0, []
    for one in criteria:
        sign = one.weight if one.most else -one.weight
        match one.measure:
            case "volatility" | "tracking error":
                aversion += one.weight
                if one.measure == "tracking error":
                    linear = linear + one.weight * problem.covariance.times(problem.universe.against(one.text()))
            case "turnover":
                problem.universe.held(one.text())
                traded += one.weight
            case measure if measure in CONVEX:
                risk = convex_risk(measure, one.scope, problem.returns)
                risks.append(RiskTerm(risk, weight=one.weight))
            case "expected return":
                linear = linear + sign * problem.mu
            case _:
                row = compile_limits(
                    (one._limit(0.0),), problem.universe, problem.belief, problem.scenarios
                ).rows.columns[:, 0]  # fmt: skip
                linear = linear + sign * row
    form = problem.form(aversion=aversion, linear=linear, risks=tuple(risks))
    form = replace(form, cost=form.cost + traded)
    if traded and not aversion and not linear.any() and not risks and violation(form, problem.start) <= VIOLATION:
        # Doing nothing is the least of trading; its value, zero, gives no size to measure a gap in.
        none = np.zeros(0)
        still = Answer(problem.start, np.zeros(form.rows.low.size), none, none, engine="nothing traded")
        return Solved(form, still, Certificate(0.0, 0.0, violation(form, problem.start), 1.0))
    return solve(problem, form)
