"""Robust portfolios: best under the worst means and covariances that an uncertainty set allows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.table import Table
from argosy.construction.optimize.mean_variance import Outcome, solve, volatility
from argosy.construction.optimize.model import Asked, Run
from argosy.construction.optimize.parts import is_long_only
from argosy.construction.optimize.problem import Problem
from argosy.construction.optimize.shadow import return_words, volatility_words
from argosy.construction.optimize.uncertainty import (
    CovarianceBox,
    LoadingBalls,
    MeanBox,
    MeanEllipsoid,
    MeanSet,
    RiskSet,
)
from argosy.kernels.convex import Absolute
from argosy.kernels.risk_terms import RiskTerm
from argosy.measures.risk.convex.worst_mean import WorstMean
from argosy.measures.risk.convex.worst_variance import WorstVariance
from argosy.models.moments.covariance import DenseCovariance, NotPSD

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Robust:
    """Largest worst-case ``m'w - risk_aversion / 2 * w'Vw - cost`` over uncertain means m and covariances V.

    ``mean`` is "ellipsoid", "box", a set of its own, or None for means taken as sure; ``risk`` is "box", "loadings", a
    set, or None. Sets asked for by name get their radius from ``confidence`` and ``observations`` (the rows of returns
    when not given). With no expected returns and sure means it is the least worst-case variance. Limits on volatility
    and tracking error are kept for the covariance given.

    Raises
    ------
    InvalidInput
        A box of covariances with short positions, where the worst case has no such form; a box whose sum is no
        covariance; loadings without a factor model.
    """

    mean: str | MeanSet | None = "ellipsoid"
    risk: str | RiskSet | None = None
    confidence: float = 0.95
    observations: int | None = None

    @property
    def name(self) -> str:
        """What the result is called."""
        return "robust"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, proven best, with reports of the worst case and of what the uncertainty changed."""
        means = self._means(problem)
        worst = _worst_variance(self._risks(problem), problem)
        bare = means is None and problem.expected is None
        aversion = 1.0 if bare else asked.aversion(self.name)
        if not 0.0 < aversion < np.inf:
            raise InvalidInput(f"risk aversion {aversion!r} must be positive", field="risk_aversion")
        linear = np.zeros(problem.size) if bare else problem.mu
        terms: list[RiskTerm] = [] if worst is None else [RiskTerm(worst, weight=0.5 * aversion)]
        absolutes: tuple[Absolute, ...] = ()
        if isinstance(means, MeanEllipsoid):
            terms.append(RiskTerm(WorstMean(means.shape.root, means.shape.rest, means.radius), weight=1.0))
        elif isinstance(means, MeanBox) and is_long_only(problem):
            linear = linear - means.radius
        elif isinstance(means, MeanBox):
            zero = np.zeros(problem.size)
            absolutes = (Absolute(means.radius, zero, zero, 0.0, price=1.0),)
        form = problem.form(aversion=aversion if worst is None else 0.0, linear=linear, risks=tuple(terms))
        solved = solve(problem, replace(form, absolutes=form.absolutes + absolutes))
        x = solved.answer.weights
        plain = run("minimum variance" if bare else "utility", problem, asked).solved.answer.weights
        reports = (_effect(problem, plain, x), _case(problem, means, worst, plain, x))
        if bare:
            value = worst.number(x) if worst is not None else volatility(problem, x) ** 2
            return Outcome(solved, value, volatility_words(float(np.sqrt(value))), reports=reports)
        return Outcome(solved, -solved.proof.value, return_words, reports=reports)

    def _observations(self, problem: Problem) -> int:
        if self.observations is not None:
            return self.observations
        if problem.scenarios is None:
            raise MissingData("a radius from a confidence needs the number of observations", field="observations",
                              next_step="give observations=, returns=, or the radius itself")  # fmt: skip
        return int(problem.scenarios.shape[0])

    def _means(self, problem: Problem) -> MeanSet | None:
        if not isinstance(self.mean, str):
            if isinstance(self.mean, MeanBox) and (
                self.mean.radius.shape != (problem.size,) or not (self.mean.radius >= 0.0).all()
            ):
                raise InvalidInput(f"a box of means needs {problem.size} radii, none negative", field="mean")
            if isinstance(self.mean, MeanEllipsoid) and (
                self.mean.shape.size != problem.size or not 0.0 <= self.mean.radius < np.inf
            ):
                raise InvalidInput(f"an ellipsoid of means needs a covariance of {problem.size} and a radius",
                                   field="mean")  # fmt: skip
            return self.mean
        kinds: dict[str, type[MeanEllipsoid] | type[MeanBox]] = {"ellipsoid": MeanEllipsoid, "box": MeanBox}
        if self.mean not in kinds:
            raise unknown("set of means", self.mean, kinds)
        return kinds[self.mean].of(
            problem.covariance, observations=self._observations(problem), confidence=self.confidence
        )

    def _risks(self, problem: Problem) -> RiskSet | None:
        if not isinstance(self.risk, str):
            return self.risk
        kinds: dict[str, type[CovarianceBox] | type[LoadingBalls]] = {"box": CovarianceBox, "loadings": LoadingBalls}
        if self.risk not in kinds:
            raise unknown("set of covariances", self.risk, kinds)
        return kinds[self.risk].of(
            problem.covariance, observations=self._observations(problem), confidence=self.confidence
        )


def _worst_variance(given: RiskSet | None, problem: Problem) -> WorstVariance | None:
    if given is None:
        return None
    n = problem.size
    covariance = problem.covariance
    if isinstance(given, LoadingBalls):
        specific = covariance.rest if given.specific is None else given.specific
        if given.radius.shape != (n,) or specific.shape != (n,) or not (given.radius >= 0.0).all():
            raise InvalidInput(f"uncertain loadings need {n} radii, none negative", field="risk")
        return WorstVariance(covariance.root, given.radius, specific)
    if not is_long_only(problem):
        raise InvalidInput(
            "the worst covariance of a box is known for long-only weights only", field="risk",
            next_step='use risk="loadings" with a factor model, or forbid short positions',
        )  # fmt: skip
    if given.spread.shape != (n, n) or not (given.spread >= 0.0).all():
        raise InvalidInput(f"a box of covariances needs a spread of ({n}, {n}), nowhere negative", field="risk")
    try:
        upper = DenseCovariance(covariance.dense() + given.spread)
    except NotPSD:
        raise InvalidInput(
            "the upper corner of the box of covariances is no covariance, so the worst case lies elsewhere",
            field="risk", next_step="use a smaller spread, or uncertain loadings",
        ) from None  # fmt: skip
    return WorstVariance(upper.root, np.zeros(n), upper.rest)


def _effect(problem: Problem, plain: Float64, robust: Float64) -> Table:
    order = np.argsort(-np.abs(robust - plain), kind="stable")
    order = order[(np.abs(plain[order]) > 1e-9) | (np.abs(robust[order]) > 1e-9)]
    return Table(
        "effect of uncertainty",
        (
            Column("asset", "text", [problem.universe.names[i] for i in order.tolist()]),
            Column("nominal_weight", "ratio", plain[order], unit="%"),
            Column("robust_weight", "ratio", robust[order], unit="%"),
            Column("change", "ratio", robust[order] - plain[order], unit="%"),
        ),
    )


def _case(
    problem: Problem, means: MeanSet | None, worst: WorstVariance | None, plain: Float64, robust: Float64
) -> Table:
    """Expected and worst return and volatility of the nominal and of the robust weights."""

    def loss(x: Float64) -> float:
        if isinstance(means, MeanEllipsoid):
            return WorstMean(means.shape.root, means.shape.rest, means.radius).number(x)
        return 0.0 if means is None else float(means.radius @ np.abs(x))

    def numbers(x: Float64) -> list[float]:
        earned = [] if problem.expected is None else [float(problem.mu @ x), float(problem.mu @ x) - loss(x)]
        risk = volatility(problem, x)
        return [*earned, risk, risk if worst is None else float(np.sqrt(worst.number(x)))]

    labels = [] if problem.expected is None else ["expected_return", "worst_return"]
    return Table(
        "worst case",
        (
            Column("measure", "text", [*labels, "volatility", "worst_volatility"]),
            Column("nominal_weights", "ratio", np.array(numbers(plain)), unit="%"),
            Column("robust_weights", "ratio", np.array(numbers(robust)), unit="%"),
        ),
    )
