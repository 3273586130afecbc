"""Portfolios built by factors: exposures aimed at, factors kept out, risk budgets for factors instead of assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import Limit
from argosy.base.table import Table
from argosy.construction.optimize.allocation import by_rule
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Model, Run
from argosy.construction.optimize.outcomes import unproven
from argosy.construction.optimize.problem import Problem
from argosy.kernels.budget import risk_budgets
from argosy.measures.limits.compiling import compile_limits
from argosy.models.moments.covariance import Covariance, FactorCovariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FactorTarget:
    """``inner`` with exposures pinned: ``targets`` gives the weighted sum of each numeric attribute named.

    Exposures that the limits cannot reach come back as a clash that names them.
    """

    targets: Mapping[str, float] = field(default_factory=dict)
    inner: str | Model = "minimum variance"

    @property
    def name(self) -> str:
        """What the result is called."""
        return "factor target"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, with a report of exposures and contributions by factor."""
        factors = _named(self.targets, self.name)
        pinned = [Limit("exposure", factor, self.targets[factor], self.targets[factor]) for factor in factors]
        return _inside(problem, pinned, factors, self.inner, asked, run)


@dataclass(frozen=True)
class FactorNeutral:
    """``inner`` without exposure to ``factors``: none beyond the benchmark's where there is one, else none at all."""

    factors: Sequence[str] = ()
    inner: str | Model = "minimum variance"

    @property
    def name(self) -> str:
        """What the result is called."""
        return "factor neutral"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, with a report of exposures and contributions by factor."""
        factors = _named(self.factors, self.name)
        measure = "exposure" if problem.universe.benchmark is None else "active exposure"
        pinned = [Limit(measure, factor, 0.0, 0.0) for factor in factors]
        return _inside(problem, pinned, factors, self.inner, asked, run)


@dataclass(frozen=True)
class FactorBudget:
    """Shares of the variance given to factors (Roncalli and Weisang 2016; Meucci 2007), none left to the rest.

    Exposures are numeric attributes A (N, K). With ``y = A'x`` the share of factor j is ``y_j (A+ S x)_j / x'Sx``. The
    weights ``x = S^-1 A M^-1 y``, ``M = A'S^-1 A``, have the least variance of all with exposures y and leave no share
    to anything else, so y has to carry the budgets under the covariance ``M^-1``: risk budgets in K dimensions.
    Exposures are positive but for factors in ``short``. Weights are scaled to sum to one; where they break a limit,
    the nearest that do not are taken and the report says which shares are left.
    """

    budgets: Mapping[str, float] = field(default_factory=dict)
    short: Sequence[str] = ()

    @property
    def name(self) -> str:
        """What the result is called."""
        return "factor risk budget"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, with a report of exposures and contributions by factor."""
        factors = _named(self.budgets, self.name)
        shares = np.array([float(self.budgets[factor]) for factor in factors])
        if not (shares > 0.0).all() or abs(float(shares.sum()) - 1.0) > 1e-9:
            raise InvalidInput(f"factor budgets {shares.tolist()} must be positive and sum to 1", field="budgets")
        for factor in self.short:
            if factor not in factors:
                raise InvalidInput(f"{factor!r} is short but has no budget", field="short")
        signs = np.array([-1.0 if factor in self.short else 1.0 for factor in factors])
        loadings = _loadings(problem, factors) * signs
        mimicking = _solved(problem.covariance, loadings)
        try:
            least = np.linalg.inv(loadings.T @ mimicking)
        except np.linalg.LinAlgError:
            raise InvalidInput("the factors repeat each other", field="budgets",
                               next_step="leave one of them out") from None  # fmt: skip
        least = 0.5 * (least + least.T)
        found = risk_budgets(np.zeros((shares.size, 0)), np.zeros(shares.size), shares, matrix=least)
        if found.residual > 1e-8:
            raise unproven(gap=found.residual, violation=0.0, steps=found.steps)
        x = mimicking @ (least @ found.weights)
        total = float(x.sum())
        if total <= 1e-9 * float(np.abs(x).sum()):
            raise InvalidInput(
                f"the portfolio of these factor budgets is not net long (its weights sum to {total:.3g})",
                field="budgets", next_step="say which factors are held short, or add a market factor",
            )  # fmt: skip
        outcome = by_rule(problem, x / total, steps=found.steps, residual=found.residual)
        return replace(outcome, reports=(factor_report(problem, factors, outcome.solved.answer.weights),))


def factor_shares(covariance: Covariance, loadings: Float64, weights: Float64) -> tuple[Float64, Float64]:
    """Exposures (K,) and shares of the variance (K,) by factor; what they lack to one is not of these factors.

    Examples
    --------
    >>> s = FactorCovariance(np.array([[0.2], [0.1]]), np.array([1e-12, 1e-12]))
    >>> y, share = factor_shares(s, np.array([[1.0], [0.5]]), np.array([0.5, 0.5]))
    >>> y.tolist(), share.round(6).tolist()
    ([0.75], [1.0])
    """
    exposures = loadings.T @ weights
    pulled = covariance.times(weights)
    variance = float(weights @ pulled)
    along = np.linalg.lstsq(loadings, pulled, rcond=None)[0]
    return exposures, exposures * along / variance if variance > 0.0 else np.zeros(exposures.size)


def factor_report(problem: Problem, factors: Sequence[str], weights: Float64) -> Table:
    """Exposure and share of the variance by factor, with what is left to all else."""
    exposures, shares = factor_shares(problem.covariance, _loadings(problem, factors), weights)
    return Table(
        "contributions by factor",
        (
            Column("factor", "text", [*factors, "other"]),
            Column("exposure", "ratio", np.append(exposures, 0.0), unit="x", missing=[False] * len(factors) + [True]),
            Column("risk_share", "ratio", np.append(shares, 1.0 - float(shares.sum())), unit="%"),
        ),
    )


def _named(factors: Sequence[str] | Mapping[str, float], model: str) -> tuple[str, ...]:
    if not factors:
        raise MissingData(f"the model {model!r} needs to know which factors", field="factors",
                          next_step="name numeric attributes, as in FactorNeutral(['value'])")  # fmt: skip
    return tuple(factors)


def _loadings(problem: Problem, factors: Sequence[str]) -> Float64:
    return np.column_stack([problem.universe.numbers(factor) for factor in factors])


def _inside(
    problem: Problem, pinned: list[Limit], factors: tuple[str, ...], inner: str | Model, asked: Asked, run: Run
) -> Outcome:
    limits = (*problem.limits, *pinned)
    posed = replace(
        problem, limits=limits, compiled=compile_limits(limits, problem.universe, problem.belief, problem.scenarios)
    )
    found = run(inner, posed, asked)
    report = factor_report(problem, factors, found.solved.answer.weights)
    return replace(found, posed=found.posed or posed, reports=(report, *found.reports))


def _solved(covariance: Covariance, columns: Float64) -> Float64:
    """``S^-1 columns``, by factors where the specific variances allow."""
    if isinstance(covariance, FactorCovariance) and (covariance.specific > 0.0).all():
        f, d = covariance.factors, covariance.specific[:, None]
        inner = np.eye(f.shape[1]) + f.T @ (f / d)
        found: Float64 = columns / d - (f / d) @ np.linalg.solve(inner, f.T @ (columns / d))
        return found
    dense = covariance.dense()
    values = np.linalg.eigvalsh(dense)
    if values[0] <= 1e-12 * float(values[-1]):
        raise InvalidInput("the covariance is singular, so factor portfolios are not unique", field="covariance",
                           next_step="use a factor model or a shrunk covariance")  # fmt: skip
    return np.asarray(np.linalg.solve(dense, columns), dtype=np.float64)
