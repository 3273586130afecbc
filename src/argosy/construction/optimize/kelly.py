"""Growth of wealth: the Kelly portfolio of scenarios, and fractions of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Table
from argosy.construction.optimize.engine import VIOLATION
from argosy.construction.optimize.mean_variance import Outcome, solve
from argosy.construction.optimize.model import Asked, Run
from argosy.construction.optimize.problem import Problem
from argosy.construction.optimize.shadow import return_words
from argosy.kernels.convex import Answer, Certificate, violation
from argosy.kernels.risk_terms import Pull, RiskTerm
from argosy.measures.risk.convex.growth import LostGrowth

Float64 = npt.NDArray[np.float64]

KINDS = ("utility", "cash")


@dataclass(frozen=True, eq=False)
class Kelly:
    """Largest expected logarithm of wealth over scenarios (Kelly 1956; Thorp 2006), or a fraction of it.

    ``fraction`` in (0, 1]. By "utility" it is the power utility of relative risk aversion ``1 / fraction``, which is
    fractional Kelly under lognormal returns (MacLean, Ziemba and Blazenko 1992) and keeps any limits. By "cash" it is
    that share of the Kelly portfolio, the rest held in cash at the risk-free rate: limits have to leave room for cash.
    ``probabilities`` (T,) of the scenarios; equal when not given.
    """

    fraction: float = 1.0
    kind: str = "utility"
    probabilities: npt.ArrayLike | None = None

    @property
    def name(self) -> str:
        """What the result is called."""
        return "kelly"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, proven best; the objective is the growth rate (log return per period) expected of them."""
        if not 0.0 < self.fraction <= 1.0:
            raise InvalidInput(f"a fraction of {self.fraction!r} of Kelly", field="fraction",
                               expected="above 0, at most 1")  # fmt: skip
        if self.kind not in KINDS:
            raise unknown("kind of fraction", self.kind, KINDS)
        r = problem.returns
        p = self._weights(r.shape[0])
        aversion = 1.0 / self.fraction if self.kind == "utility" else 1.0
        lost = LostGrowth(r, p, aversion, problem.risk_free)
        form = problem.form(aversion=0.0, linear=np.zeros(problem.size), risks=(RiskTerm(lost, weight=1.0),))
        solved = solve(problem, form)
        notes: tuple[str, ...] = ()
        if self.kind == "cash" and self.fraction < 1.0:
            x = self.fraction * solved.answer.weights
            if violation(form, x) > VIOLATION:
                raise InvalidInput(
                    f"{self.fraction:.0%} of the Kelly portfolio with the rest in cash breaks a limit", field="limits",
                    next_step='leave room for cash, as in "cash between 0% and 100%", or use kind="utility"',
                )  # fmt: skip
            idle = tuple(Pull.none(problem.size) for _ in form.risks)
            answer = Answer(x, np.zeros(form.rows.low.size), np.zeros(len(form.absolutes)),
                            np.zeros(len(form.quadratics)), idle, "closed form", solved.answer.steps)  # fmt: skip
            solved = replace(solved, answer=answer, proof=Certificate(0.0, 0.0, violation(form, x), 1.0))
            notes = (f"{self.fraction:.0%} of the Kelly portfolio, the rest in cash",)
        x = solved.answer.weights
        growth = -LostGrowth(r, p, 1.0, problem.risk_free).number(x)
        return Outcome(solved, growth, return_words, notes, reports=(_report(lost, p, x, growth),))

    def _weights(self, size: int) -> Float64:
        if self.probabilities is None:
            return np.full(size, 1.0 / size)
        p = np.asarray(self.probabilities, dtype=np.float64)
        if p.shape != (size,) or not np.isfinite(p).all() or (p <= 0.0).any() or abs(float(p.sum()) - 1.0) > 1e-9:
            raise InvalidInput(f"probabilities of shape {p.shape} for {size} scenarios", field="probabilities",
                               expected=f"({size},), all positive, summing to 1")  # fmt: skip
        return p / float(p.sum())


def _report(lost: LostGrowth, p: Float64, x: Float64, growth: float) -> Table:
    wealth = lost.wealth(x)
    return Table(
        "growth",
        (
            Column("measure", "text", ["growth_rate_log", "mean_return", "worst_return"]),
            Column("value", "ratio", [growth, float(p @ wealth) - 1.0, float(wealth.min()) - 1.0], unit="%"),
        ),
    )
