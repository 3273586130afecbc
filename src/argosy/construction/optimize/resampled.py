"""Resampled portfolios: a model answered for many samples that might have been, and the average of its answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, MissingData
from argosy.base.table import Table
from argosy.construction.optimize.allocation import by_rule
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Model, Run
from argosy.construction.optimize.outcomes import NoExcessReturn
from argosy.construction.optimize.problem import Problem
from argosy.models.moments.covariance import Covariance, DenseCovariance
from argosy.models.moments.spectrum import block_bootstrap

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Resampled:
    """The average of ``inner``'s weights over samples of ``periods`` observations (Michaud and Michaud 2008).

    Samples are normal with the means and covariance given; with ``block`` they are circular blocks of the returns
    given. ``periods`` is the number of rows of returns when not given. Weights of all samples keep the limits, and
    where the limits are convex so does their average; limits on volatility and tracking error are measured by each
    sample, and an average that breaks them by the covariance given is refused. Draws come from
    ``optimize(generator=...)`` alone.
    """

    inner: str | Model = "utility"
    draws: int = 200
    periods: int | None = None
    block: int | None = None

    @property
    def name(self) -> str:
        """What the result is called."""
        return "resampled"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """The average, with a report of how far weights spread over the samples."""
        if self.draws < 2:
            raise InvalidInput(f"{self.draws} draws spread over nothing", field="draws", expected="at least 2")
        generator = asked.draws(self.name)
        quiet = replace(asked, generator=None)
        rows, without = [], 0
        for sample in self._samples(problem, generator):
            try:
                rows.append(run(self.inner, seen_as(problem, sample), quiet).solved.answer.weights)
            except NoExcessReturn:
                without += 1
        if not rows:
            raise NoExcessReturn("no sample has an expected return above the risk-free rate", field="expected_returns")
        weights = np.array(rows)
        notes: tuple[str, ...] = (f"average of {len(rows)} samples",)
        if without:
            notes += (f"{without} samples had no expected return above the risk-free rate and are left out",)
        found = by_rule(problem, weights.mean(axis=0))
        plain = run(self.inner, problem, quiet).solved.answer.weights
        return replace(found, notes=notes + found.notes, reports=(_spread(problem, weights, plain),))

    def _samples(self, problem: Problem, generator: Generator) -> list[Float64]:
        if self.block is not None:
            sets = block_bootstrap(problem.returns, draws=self.draws, block=self.block, generator=generator)
            return list(sets)
        periods = self.periods
        if periods is None:
            if problem.scenarios is None:
                raise MissingData("resampling needs the number of observations behind the means", field="periods",
                                  next_step="give returns=, or Resampled(periods=...)")  # fmt: skip
            periods = int(problem.scenarios.shape[0])
        mean = problem.expected if problem.expected is not None else np.zeros(problem.size)
        return [normal_sample(mean, problem.covariance, periods, generator) for _ in range(self.draws)]


def normal_sample(mean: Float64, covariance: Covariance, periods: int, generator: Generator) -> Float64:
    """Normal returns (periods, N) with given moments, drawn by factor and then by asset."""
    if periods < 2:
        raise InvalidInput(f"samples of {periods} observations have no covariance", field="periods")
    root, rest = covariance.root, covariance.rest
    common = generator.standard_normal((periods, root.shape[1])) @ root.T
    own = generator.standard_normal((periods, rest.size)) * np.sqrt(rest)
    found: Float64 = mean + common + own
    return found


def seen_as(problem: Problem, sample: Float64) -> Problem:
    """The problem as one sample shows it: its mean and covariance; its returns too where the problem has returns."""
    return replace(
        problem, expected=None if problem.expected is None else sample.mean(axis=0),
        belief=None if problem.belief is None else DenseCovariance(np.atleast_2d(np.cov(sample, rowvar=False))),
        scenarios=None if problem.scenarios is None else np.ascontiguousarray(sample),
    )  # fmt: skip


def _spread(problem: Problem, weights: Float64, plain: Float64) -> Table:
    low, high = np.quantile(weights, [0.05, 0.95], axis=0)
    mean = weights.mean(axis=0)
    order = np.argsort(-np.abs(mean), kind="stable")
    return Table(
        "spread of weights over samples",
        (
            Column("asset", "text", [problem.universe.names[i] for i in order.tolist()]),
            Column("mean", "ratio", mean[order], unit="%"),
            Column("standard_deviation", "ratio", weights.std(axis=0, ddof=1)[order], unit="%"),
            Column("lower_5", "ratio", low[order], unit="%"),
            Column("upper_95", "ratio", high[order], unit="%"),
            Column("nominal_weight", "ratio", plain[order], unit="%"),
        ),
    )
