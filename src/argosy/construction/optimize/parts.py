"""Smaller problems inside a problem: some of its assets, or mixes of them taken as assets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from argosy.base.limits import Limit
from argosy.construction.optimize.problem import Problem
from argosy.measures.limits.compiling import compile_limits
from argosy.measures.limits.universe import Universe
from argosy.models.moments.covariance import DenseCovariance

Float64 = npt.NDArray[np.float64]

LONG = Limit("weight", "each", low=0.0)
INVESTED = Limit("net", "", 1.0, 1.0)


def is_long_only(problem: Problem) -> bool:
    """True when no weight may be negative."""
    return bool((problem.compiled.low >= 0.0).all())


def some_assets(problem: Problem, places: npt.NDArray[np.intp]) -> Problem:
    """The same beliefs for some of the assets, fully invested among them and long only where the whole is."""
    n = int(places.size)
    universe = Universe(tuple(problem.universe.names[i] for i in places.tolist()))
    limits = (LONG, INVESTED) if is_long_only(problem) else (INVESTED,)
    belief = None if problem.belief is None else problem.belief.take(places)
    scenarios = None if problem.scenarios is None else np.ascontiguousarray(problem.scenarios[:, places])
    return Problem(
        universe, limits, compile_limits(limits, universe, belief, scenarios),
        None if problem.expected is None else problem.expected[places], belief, scenarios, np.zeros(n), np.zeros(n),
        problem.risk_free, problem.seconds,
    )  # fmt: skip


def mixes(
    problem: Problem, columns: Float64, names: Sequence[str], *, scenarios: Float64 | None = None,
) -> Problem:  # fmt: skip
    """Portfolios (N, M) taken as assets, long only and fully invested in them.

    ``scenarios`` (T, M) are their returns where they are not those of the weights given (out of sample).
    """
    m = columns.shape[1]
    universe = Universe(tuple(names))
    limits = (LONG, INVESTED)
    belief, expected, seen = None, None, scenarios
    if problem.belief is not None:
        pulled = columns.T @ np.column_stack([problem.belief.times(column) for column in columns.T])
        belief = DenseCovariance(0.5 * (pulled + pulled.T))
    if problem.expected is not None:
        expected = columns.T @ problem.expected
    if seen is None and problem.scenarios is not None:
        seen = problem.scenarios @ columns
    return Problem(
        universe, limits, compile_limits(limits, universe, belief, seen), expected, belief, seen, np.zeros(m),
        np.zeros(m), problem.risk_free, problem.seconds,
    )  # fmt: skip


def keeping_proportions(problem: Problem, label: npt.NDArray[np.int64], within: Float64) -> Problem:
    """The same problem with further limits: each asset keeps its share of its cluster's weight.

    Stated as limits of the grammar, so that a clash names them.
    """
    attributes = dict(problem.universe.attributes)
    limits = list(problem.limits)
    for i, name in enumerate(problem.universe.names):
        mine = label == label[i]
        if int(mine.sum()) == 1:
            continue
        column = -within[i] * mine
        column[i] += 1.0
        attribute = f"{name} beyond its share of cluster {int(label[i]) + 1}"
        attributes[attribute] = column
        limits.append(Limit("exposure", attribute, 0.0, 0.0))
    universe = replace(problem.universe, attributes=attributes)
    kept = tuple(limits)
    return replace(
        problem, universe=universe, limits=kept,
        compiled=compile_limits(kept, universe, problem.belief, problem.scenarios),
    )  # fmt: skip
