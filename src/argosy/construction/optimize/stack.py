"""Several optimizers together: a model over the portfolios of others, or a fixed mix of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import ArgosyError, InvalidInput, MissingData
from argosy.base.table import Table
from argosy.construction.optimize.allocation import by_rule
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Model, Run
from argosy.construction.optimize.parts import mixes
from argosy.construction.optimize.problem import Problem
from argosy.measures.limits.compiling import compile_limits
from argosy.models.moments.covariance import Covariance, DenseCovariance
from argosy.models.moments.means import historical_mean
from argosy.models.moments.shrinkage import sample_covariance

Float64 = npt.NDArray[np.float64]
Estimate = Callable[[Float64], tuple[Float64, Covariance]]


def sample_moments(returns: Float64) -> tuple[Float64, Covariance]:
    """Mean and covariance of a sample: what folds are answered with unless another estimate is given."""
    return historical_mean(returns), sample_covariance(returns)


@dataclass(frozen=True)
class Stack:
    """``outer`` over the portfolios of ``inner`` models (stacking, Wolpert 1992).

    With returns the outer model sees each portfolio out of sample: returns are cut into ``folds`` runs of periods, each
    earned with weights from the others (``past_only``: from those before it alone, the first run being left out).
    ``estimate`` gives the moments of what a fold is answered with. The inner portfolios themselves come from the
    problem's moments, or from all returns where it has none. Without returns the outer model takes the problem's
    moments, in sample, and a note says so. Inner portfolios keep the limits; where these are convex so does the mix.
    """

    inner: Sequence[str | Model] = ("minimum variance", "risk parity", "hierarchical risk parity")
    outer: str | Model = "minimum variance"
    folds: int = 5
    past_only: bool = False
    estimate: Estimate = sample_moments

    @property
    def name(self) -> str:
        """What the result is called."""
        return "stack"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, with a report of what each model got and earned."""
        if not self.inner:
            raise InvalidInput("a stack needs models", field="inner")
        alone = replace(asked, budgets=None)
        whole = problem
        if problem.belief is None and problem.scenarios is not None:
            whole = _answered_with(problem, problem.scenarios, self.estimate)
        columns = _columns(self.inner, whole, alone, run)
        labels = _labels(self.inner)
        notes: tuple[str, ...] = ()
        if problem.scenarios is None:
            top = mixes(problem, columns, labels)
            notes = ("the stack's weights are in sample: give returns= to weigh models out of sample",)
        else:
            earned = self._out_of_sample(problem, alone, run)
            top = replace(
                mixes(problem, columns, labels, scenarios=earned), expected=earned.mean(axis=0),
                belief=DenseCovariance(np.atleast_2d(np.cov(earned, rowvar=False))),
            )  # fmt: skip
        shares = run(self.outer, top, alone).solved.answer.weights
        found = by_rule(problem, columns @ shares)
        return replace(found, notes=found.notes + notes, reports=(_report(labels, shares, top),))

    def _out_of_sample(self, problem: Problem, asked: Asked, run: Run) -> Float64:
        periods = problem.returns.shape[0]
        if not 2 <= self.folds <= periods // 2:
            raise InvalidInput(f"{self.folds} folds of {periods} periods", field="folds",
                               expected=f"2 to {periods // 2}")  # fmt: skip
        pieces = np.array_split(np.arange(periods), self.folds)
        earned = []
        for piece in pieces[1:] if self.past_only else pieces:
            seen = np.arange(piece[0]) if self.past_only else np.setdiff1d(np.arange(periods), piece)
            fold = _answered_with(problem, problem.returns[seen], self.estimate)
            try:
                earned.append(problem.returns[piece] @ _columns(self.inner, fold, asked, run))
            except ArgosyError as error:
                error.add_note(f"in the fold of periods {int(piece[0]) + 1} to {int(piece[-1]) + 1}")
                raise
        return np.vstack(earned)


@dataclass(frozen=True)
class Blend:
    """A fixed mix of models: pairs of a model and its share; shares sum to one."""

    parts: Sequence[tuple[str | Model, float]] = ()

    @property
    def name(self) -> str:
        """What the result is called."""
        return "blend"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, with a report of the shares."""
        shares = np.array([float(share) for _, share in self.parts])
        if not shares.size:
            raise MissingData("a blend needs models and their shares", field="parts",
                              next_step="give Blend([('minimum variance', 0.6), ('risk parity', 0.4)])")  # fmt: skip
        if not np.isfinite(shares).all() or abs(float(shares.sum()) - 1.0) > 1e-9:
            raise InvalidInput(f"shares of a blend sum to {float(shares.sum()):.6g}", field="parts", expected="1")
        models = [model for model, _ in self.parts]
        columns = _columns(models, problem, asked, run)
        found = by_rule(problem, columns @ shares)
        return replace(found, reports=(_report(_labels(models), shares, None),))


def _columns(models: Sequence[str | Model], problem: Problem, asked: Asked, run: Run) -> Float64:
    return np.column_stack([run(model, problem, asked).solved.answer.weights for model in models])


def _labels(models: Sequence[str | Model]) -> list[str]:
    """Names of the models, told apart by their place."""
    return [f"{i}. {model if isinstance(model, str) else model.name}" for i, model in enumerate(models, 1)]


def _answered_with(problem: Problem, returns: Float64, estimate: Estimate) -> Problem:
    """The problem with the moments and scenarios of some returns; its limits are measured by them too."""
    mean, belief = estimate(returns)
    seen = np.ascontiguousarray(returns)
    return replace(
        problem, expected=mean, belief=belief, scenarios=seen,
        compiled=compile_limits(problem.limits, problem.universe, belief, seen),
    )  # fmt: skip


def _report(labels: list[str], shares: Float64, top: Problem | None) -> Table:
    columns = [Column("model", "text", labels), Column("share", "ratio", shares, unit="%")]
    if top is not None and top.expected is not None:
        columns.append(Column("mean_return", "ratio", top.expected, unit="%"))
    if top is not None and top.belief is not None:
        columns.append(Column("volatility", "ratio", np.sqrt(top.belief.diagonal()), unit="%"))
    return Table("models of the stack", tuple(columns))
