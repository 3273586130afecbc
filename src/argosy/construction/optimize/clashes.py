"""Why limits cannot be met: a smallest set of them that clashes, and by how much each would have to give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from argosy.base.limits import Limit
from argosy.construction.optimize.outcomes import Clash, Infeasible
from argosy.kernels import conic
from argosy.kernels.convex import Form

TOO_LITTLE = 1e-7
"""Slack below this is rounding of the solver, not a clash."""


def explain(
    limits: tuple[Limit, ...], build: Callable[[tuple[Limit, ...]], Form], *, seconds: float = 0.0
) -> Infeasible:
    """Find a smallest clashing set by leaving out one limit after another (deletion filter; Chinneck 2008, ch. 6).

    ``build`` gives the form of some of the limits. A hard limit with its slack stays convex, so each question is one
    solve; limits that need no slack when all may give are asked first.
    """
    hard = tuple(limit for limit in limits if limit.soft is None and limit.measure not in ("names", "position"))
    needed = hard
    for limit in hard:
        rest = tuple(item for item in needed if item is not limit)
        if _clashes(rest, build, seconds):
            needed = rest
    return Infeasible(tuple(Clash(limit, _give(limit, needed, build, seconds)) for limit in needed))


def _clashes(limits: tuple[Limit, ...], build: Callable[[tuple[Limit, ...]], Form], seconds: float) -> bool:
    if not limits:
        return False
    found = conic.solve(build(limits), elastic=tuple(range(len(limits))), seconds=seconds)
    return found.status != conic.SOLVED or float(found.slacks.sum()) > TOO_LITTLE


def _give(limit: Limit, limits: tuple[Limit, ...], build: Callable[[tuple[Limit, ...]], Form], seconds: float) -> float:
    found = conic.solve(build(limits), elastic=(limits.index(limit),), seconds=seconds)
    return float(np.max(found.slacks)) if found.status == conic.SOLVED else float("nan")
