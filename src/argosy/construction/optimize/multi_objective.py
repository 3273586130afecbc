"""Several objectives at once: weighed, one after another, one under bounds on the others, all of them as a surface."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, NotConverged
from argosy.base.limits import show
from argosy.base.table import Table
from argosy.construction.optimize.criteria import Criterion, best
from argosy.construction.optimize.engine import Solved
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Run
from argosy.construction.optimize.outcomes import Infeasible
from argosy.construction.optimize.problem import Problem
from argosy.construction.optimize.shadow import return_words

Float64 = npt.NDArray[np.float64]
SAME = 1e-6
"""Points closer than this part of a criterion's range are one point."""


def criteria_of(given: Sequence[str | Criterion], *, least: int = 1) -> tuple[Criterion, ...]:
    """Criteria from texts or as they are, each once."""
    found = tuple(Criterion.parse(one) if isinstance(one, str) else one for one in given)
    if len(found) < least or len({one.text() for one in found}) != len(found):
        raise InvalidInput(f"objectives are named each once, {least} at least", field="criteria",
                           found=", ".join(one.text() for one in found))  # fmt: skip
    return found


def worded(text: str) -> Weighted | Lexicographic | None:
    """Objectives in words: joined by "and" they are weighed, by "then" they are taken in order; else None.

    Examples
    --------
    >>> worded("least volatility weight 4 and most expected return")
    Weighted(criteria=('least volatility weight 4', 'most expected return'))
    >>> worded("least volatility give 5% then most exposure of esg").name
    'objectives in order'
    """
    plain = " ".join(text.split())
    if not plain.lower().startswith(("least ", "most ")):
        return None
    if re.search(r"\sthen\s", plain, re.I):
        return Lexicographic(tuple(re.split(r"\s+then\s+", plain, flags=re.I)))
    return Weighted(tuple(re.split(r"\s+and\s+(?=least\s|most\s)", plain, flags=re.I)))


@dataclass(frozen=True)
class Weighted:
    """The least weighted sum: ``Weighted(("least volatility weight 4", "most expected return"))``.

    Volatility and tracking error enter as half their squares.
    """

    criteria: Sequence[str | Criterion]

    @property
    def name(self) -> str:
        """What the result is called."""
        return "weighted objectives"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """One convex model."""
        criteria = criteria_of(self.criteria)
        solved = best(problem, criteria)
        return _outcome(problem, solved, criteria)


@dataclass(frozen=True)
class Lexicographic:
    """Each criterion at its best, in order, later ones only within what earlier ones give.

    ``Lexicographic(("least volatility give 5%", "most exposure of esg"))`` first finds the least volatility, then the
    highest score among portfolios with at most 5% more of it.
    """

    criteria: Sequence[str | Criterion]

    @property
    def name(self) -> str:
        """What the result is called."""
        return "objectives in order"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """One convex model per criterion."""
        criteria, posed = criteria_of(self.criteria), problem
        notes = []
        for place, one in enumerate(criteria):
            solved = best(posed, (one,))
            reached = one.value(posed, solved.answer.weights)
            notes.append(f"{one.text()}: {show(float(f'{reached:.6g}'), one.unit)} at its turn")
            last = posed
            if place + 1 < len(criteria):
                posed = one.bounded(posed, reached, give=max(one.give, SAME))
        return _outcome(last, solved, criteria, notes=tuple(notes))


@dataclass(frozen=True)
class UnderBounds:
    """One criterion at its best while others keep a value (the epsilon-constraint method; Haimes et al. 1971).

    ``bounds`` are the least acceptable values: ``UnderBounds("most expected return", {"least volatility": 0.1})``.
    """

    first: str | Criterion
    bounds: tuple[tuple[str | Criterion, float], ...]

    @property
    def name(self) -> str:
        """What the result is called."""
        return "one objective under bounds"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """One convex model."""
        criteria, posed = criteria_of((self.first, *(one for one, _ in self.bounds))), problem
        for one, (_, value) in zip(criteria[1:], self.bounds, strict=True):
            posed = one.bounded(posed, value, give=0.0)
        return _outcome(posed, best(posed, criteria[:1]), criteria)


def _outcome(
    problem: Problem, solved: Solved, criteria: Sequence[Criterion], *, notes: tuple[str, ...] = ()
) -> Outcome:
    weights = solved.answer.weights
    values = [one.value(problem, weights) for one in criteria]
    reached = Table(
        "Objectives",
        (
            Column("objective", "text", [one.text() for one in criteria]),
            Column("value", "text", [show(float(f"{value:.8g}"), one.unit)
                                     for one, value in zip(criteria, values, strict=True)]),
        ),
    )  # fmt: skip
    return Outcome(solved, values[0], return_words, notes, posed=problem, reports=(reached,))


@dataclass(frozen=True, eq=False)
class ParetoSurface:
    """Portfolios of which none is at least as good as another in every criterion and better in one.

    ``values`` (P, K) and ``weights`` (P, N), in order of the first criterion, best first. Of ``tried`` bounds
    ``impossible`` had no portfolio, ``dominated`` gave one that another beats or repeats, and of ``unproven`` no answer
    could be proven: they leave holes.
    """

    criteria: tuple[Criterion, ...]
    names: tuple[str, ...]
    values: Float64
    weights: Float64
    tried: int
    impossible: int
    dominated: int
    unproven: int

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def table(self) -> Table:
        """One row per portfolio."""
        return Table(
            "Pareto surface",
            (
                Column("portfolio", "integer", np.arange(1, len(self) + 1)),
                *(Column(one.text().replace(" ", "_"), "ratio", self.values[:, place], unit=one.unit or "x",
                         title=one.text()) for place, one in enumerate(self.criteria)),
                Column("names", "integer", (np.abs(self.weights) > 1e-9).sum(axis=1)),
            ),
            notes=(f"{self.tried} bounds tried: {self.impossible} impossible, {self.dominated} repeated or dominated, "
                   f"{self.unproven} without a proven answer",),
        )  # fmt: skip


def pareto_surface(problem: Problem, given: Sequence[str | Criterion], *, points: int) -> ParetoSurface:
    """The surface of two, three or more criteria, on a grid of ``points`` bounds for each but the first.

    Each criterion runs from its best value to the worst it has where another is at its best (the payoff table); for
    every pair of bounds the first criterion is brought to its best (epsilon-constraint), then dominated and repeated
    portfolios are left out (Mavrotas 2009). Each point is a proven optimum of its own model.

    Raises
    ------
    InvalidInput
        Fewer than two criteria or two points.
    Infeasible
        The problem's own limits clash.
    """
    criteria = criteria_of(given, least=2)
    if points < 2:
        raise InvalidInput(f"{points} points are no surface", field="points", expected="at least 2")
    ends = np.array([_corner(problem, criteria, place) for place in range(len(criteria))])
    payoff = np.array([[one.value(problem, x) for one in criteria] for x in ends])
    signs = np.array([-1.0 if one.most else 1.0 for one in criteria])
    losses = payoff * signs
    spans = [np.linspace(losses[:, k].min(), losses[:, k].max(), points) for k in range(1, len(criteria))]
    found, impossible, unproven = list(ends), 0, 0
    for bounds in product(*(span.tolist() for span in spans)):
        posed = problem
        for one, sign, bound in zip(criteria[1:], signs[1:].tolist(), bounds, strict=True):
            posed = one.bounded(posed, sign * bound, give=SAME)
        try:
            found.append(best(posed, criteria[:1]).answer.weights)
        except Infeasible:
            impossible += 1
        except NotConverged:
            unproven += 1
    weights = np.array(found)
    values = np.array([[one.value(problem, x) for one in criteria] for x in weights])
    kept = non_dominated(values * signs)
    kept = kept[np.argsort((values * signs)[kept, 0], kind="stable")]
    tried = int(points ** (len(criteria) - 1))
    return ParetoSurface(
        criteria, problem.universe.names, values[kept], weights[kept], tried, impossible,
        tried + len(criteria) - impossible - unproven - kept.size, unproven,
    )  # fmt: skip


def _corner(problem: Problem, criteria: Sequence[Criterion], place: int) -> Float64:
    """Best in one criterion, and among those in the others in turn, so that it is not dominated."""
    order = (criteria[place], *(one for k, one in enumerate(criteria) if k != place))
    solved = best(problem, order[:1])
    posed = order[0].bounded(problem, order[0].value(problem, solved.answer.weights), give=SAME)
    for one in order[1:]:
        try:
            solved = best(posed, (one,))
        except NotConverged:
            break  # hardly any room is left: the corner stands as it is, and dominated points are left out anyway
        posed = one.bounded(posed, one.value(posed, solved.answer.weights), give=SAME)
    return solved.answer.weights


def non_dominated(losses: Float64) -> npt.NDArray[np.intp]:
    """Places of rows (P, K) that no other row beats or repeats; less is better in every column.

    Examples
    --------
    >>> non_dominated(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])).tolist()
    [0, 1]
    """
    span = np.ptp(losses, axis=0)
    same = SAME * np.where(span > 0.0, span, 1.0) * 10.0
    kept: list[int] = []
    order = np.lexsort(losses.T[::-1])
    for row in order.tolist():
        mine = losses[row]
        if not any((losses[other] <= mine + same).all() for other in kept):
            kept.append(row)
    return np.array(sorted(kept), dtype=np.intp)
