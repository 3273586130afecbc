"""Several periods planned at once: trading now is weighed against trading later, and only the first step is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput
from argosy.base.table import Table
from argosy.construction.optimize.changes import Changes
from argosy.construction.optimize.clashes import explain
from argosy.construction.optimize.engine import NoPoint, Solved, solve_form
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Run
from argosy.construction.optimize.problem import Problem, Weights, as_weights
from argosy.construction.optimize.shadow import return_words
from argosy.kernels.convex import Absolute, Answer, Certificate, Form, Rows
from argosy.kernels.risk_terms import RiskTerm
from argosy.measures.limits.compiling import Compiled

Float64 = npt.NDArray[np.float64]

PER_PERIOD = frozenset({
    "weight", "active weight", "net", "cash", "gross", "long", "short", "beta", "exposure", "active exposure",
    "turnover",
})  # fmt: skip
"""Measures that can be limited in every period of a plan."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Weights (H, N) at the end of each period's trading, with turnover (H,) and cost (H,) of getting there."""

    weights: Float64
    turnover: Float64
    costs: Float64
    proof: Certificate
    solved: Solved


@dataclass(frozen=True, eq=False)
class MultiPeriod:
    """Largest sum over ``horizon`` periods of return less half the risk aversion times variance less trading costs.

    ``forecasts`` (H, N) are expected returns of each period (the problem's for all without them), ``discount`` weighs
    a period by so much of the one before. ``terminal`` are weights to end at: each unit of distance from them costs
    ``terminal_price``. Limits hold in every period; those on turnover, between periods. The answer is the first step
    (receding horizon; Boyd et al. 2017, section 5); the whole plan is in the reports.
    """

    horizon: int = 5
    forecasts: npt.ArrayLike | None = None
    discount: float = 1.0
    terminal: Weights | None = None
    terminal_price: float = 0.0

    @property
    def name(self) -> str:
        """What the result is called."""
        return "multi period"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """The first step of the plan, proven by the proof of the whole."""
        aversion = asked.aversion(self.name)
        found = self.plan(problem, risk_aversion=aversion)
        first = _first_step(problem, found, aversion, self._means(problem)[0])
        table = _plan_table(problem, found)
        return Outcome(Solved(first[0], first[1], found.proof), -found.proof.value, return_words, reports=(table,))

    def plan(self, problem: Problem, *, risk_aversion: float) -> Plan:
        """Weights of every period.

        Raises
        ------
        InvalidInput
            A horizon below one, a limit that cannot be kept period by period, costs other than proportional.
        Infeasible, Unbounded, NotConverged
            As for one period.
        """
        self._check(problem, risk_aversion)
        means = self._means(problem)
        form = self._stacked(problem, means, risk_aversion)
        try:
            solved = solve_form(form, seconds=problem.seconds)
        except NoPoint:
            raise explain(problem.limits, problem.form_of, seconds=problem.seconds) from None
        weights = solved.answer.weights.reshape(self.horizon, problem.size)
        moves = np.abs(np.diff(np.vstack([problem.start, weights]), axis=0))
        return Plan(weights, moves.sum(axis=1), moves @ problem.cost, solved.proof, solved)

    def _check(self, problem: Problem, risk_aversion: float) -> None:
        if self.horizon < 1:
            raise InvalidInput(f"a horizon of {self.horizon} periods", field="horizon", expected="at least 1")
        if not 0.0 < self.discount <= 1.0:
            raise InvalidInput(f"a discount of {self.discount}", field="discount", expected="above 0, at most 1")
        if not 0.0 <= self.terminal_price < np.inf or (self.terminal is None) != (self.terminal_price == 0.0):
            raise InvalidInput("terminal weights and their price go together", field="terminal_price",
                               found=self.terminal_price, expected="a positive price beside weights")  # fmt: skip
        if not 0.0 < risk_aversion < np.inf:
            raise InvalidInput(f"risk aversion {risk_aversion!r} must be positive", field="risk_aversion")
        if problem.priced is not None:
            raise InvalidInput("a plan over several periods knows proportional costs only", field="costs",
                               next_step="give costs as a number or one per asset")  # fmt: skip
        for limit in problem.limits:
            if limit.measure not in PER_PERIOD or (limit.soft is not None and limit.measure == "turnover"):
                raise InvalidInput(f"{limit.text()!r} cannot be kept in a plan over several periods", field="limits",
                                   expected=", ".join(sorted(PER_PERIOD)))  # fmt: skip

    def _means(self, problem: Problem) -> Float64:
        if self.forecasts is None:
            return np.tile(problem.mu, (self.horizon, 1))
        found = np.asarray(self.forecasts, dtype=np.float64)
        if found.shape != (self.horizon, problem.size) or not np.isfinite(found).all():
            raise InvalidInput(f"forecasts have shape {found.shape}", field="forecasts",
                               expected=f"({self.horizon}, {problem.size}), finite")  # fmt: skip
        return found

    def _stacked(self, problem: Problem, means: Float64, aversion: float) -> Form:
        """One form over all periods: blocks of limits and risks, and changes between neighbors."""
        h, n = self.horizon, problem.size
        worth = self.discount ** np.arange(h)
        root, rest = problem.covariance.root, problem.covariance.rest
        wide = np.zeros((h * n, h * root.shape[1]))
        for t in range(h):
            wide[t * n : (t + 1) * n, t * root.shape[1] : (t + 1) * root.shape[1]] = np.sqrt(worth[t]) * root
        under = problem.compiled
        differences = np.eye((h - 1) * n, h * n, n) - np.eye((h - 1) * n, h * n)
        risks = []
        later = np.repeat(worth[1:], n)
        if h > 1:
            risks.append(RiskTerm(
                Changes(differences, np.zeros((h - 1) * n), later * np.tile(problem.cost, h - 1)), weight=1.0
            ))  # fmt: skip
            for t in range(1, h):
                block = Changes(differences[(t - 1) * n : t * n], np.zeros(n), np.ones(n))
                risks += [
                    RiskTerm(block, bound=absolute.bound, owner=absolute.owner)
                    for absolute in under.absolutes
                    if under.limits[absolute.owner].measure == "turnover"
                ]
        if self.terminal is not None:
            goal = as_weights(self.terminal, problem.universe.names, "terminal")
            assert goal is not None
            last = np.eye(n, h * n, (h - 1) * n)
            risks.append(RiskTerm(Changes(last, goal, np.full(n, worth[-1] * self.terminal_price)), weight=1.0))
        nothing = np.zeros((h - 1) * n)
        return Form(
            wide, np.concatenate([w * rest for w in worth]), aversion, (means * worth[:, None]).ravel(),
            np.tile(under.low, h), np.tile(under.high, h), np.tile(under.low_owner, h), np.tile(under.high_owner, h),
            _every_row(under, h, n), np.concatenate([problem.start, nothing]),
            np.concatenate([problem.cost, nothing]), _every_absolute(under, h, n), risks=tuple(risks),
        )  # fmt: skip


def _every_row(under: Compiled, h: int, n: int) -> Rows:
    rows = under.rows
    count = rows.low.size
    columns = np.zeros((h * n, h * count))
    for t in range(h):
        columns[t * n : (t + 1) * n, t * count : (t + 1) * count] = rows.columns
    return Rows(columns, np.tile(rows.low, h), np.tile(rows.high, h), np.tile(rows.owner, h), np.tile(rows.price, h))


def _every_absolute(under: Compiled, h: int, n: int) -> tuple[Absolute, ...]:
    """Gross, long and short weight in each period; turnover of the first, from what is held."""
    found = []
    for limit in under.absolutes:
        periods = range(1) if under.limits[limit.owner].measure == "turnover" else range(h)
        for t in periods:
            place = slice(t * n, (t + 1) * n)
            weights, reference, linear = np.zeros(h * n), np.zeros(h * n), np.zeros(h * n)
            weights[place], reference[place], linear[place] = limit.weights, limit.reference, limit.linear
            found.append(Absolute(weights, reference, linear, limit.bound, limit.owner, limit.price))
    return tuple(found)


def _first_step(problem: Problem, found: Plan, aversion: float, mean: Float64) -> tuple[Form, Answer]:
    """The first period as a model of its own: what it means for later ones stands in its linear part."""
    n, under = problem.size, problem.compiled
    answer = found.solved.answer
    later = np.zeros(n)
    for pull in answer.risks:
        later += pull.price * pull.slope[:n]
    form = problem.form(aversion=aversion, linear=mean - later)
    absolutes, place = [], 0
    for limit in under.absolutes:
        absolutes.append(float(answer.absolutes[place]))
        measure = under.limits[limit.owner].measure
        place += 1 if measure == "turnover" else found.weights.shape[0]
    return form, replace(
        answer, weights=found.weights[0], rows=answer.rows[: under.rows.low.size], absolutes=np.array(absolutes),
        quadratics=np.zeros(0), risks=(),
    )  # fmt: skip


def _plan_table(problem: Problem, found: Plan) -> Table:
    variances = np.array([float(x @ problem.covariance.times(x)) for x in found.weights])
    return Table(
        "The plan",
        (
            Column("period", "integer", np.arange(1, found.turnover.size + 1)),
            Column("volatility", "ratio", np.sqrt(np.maximum(variances, 0.0)), unit="%"),
            Column("turnover", "ratio", found.turnover, unit="%"),
            Column("cost", "ratio", found.costs, unit="%"),
            Column("names", "integer", (np.abs(found.weights) > 1e-9).sum(axis=1)),
        ),
        notes=("only the first period is traded now; the rest is planned anew when its time comes",),
    )
