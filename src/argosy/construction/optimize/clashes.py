"""Why limits cannot be met: a smallest set of them that clashes, and by how much each would have to give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from argosy.base.limits import Limit
from argosy.construction.optimize.outcomes import Clash, Infeasible
from argosy.kernels import conic
from argosy.kernels.convex import Form

FARTHEST = 1e4
"""A limit that has not given enough by then does not help."""

TOO_LITTLE = 1e-7
"""Slack below this is rounding of the solver, not a clash."""


def explain(
    limits: tuple[Limit, ...], build: Callable[[tuple[Limit, ...]], Form], *, seconds: float = 0.0,
    meets: Callable[[tuple[Limit, ...]], bool] | None = None,
) -> Infeasible:  # fmt: skip
    """Find a smallest clashing set by leaving out one limit after another (deletion filter; Chinneck 2008, ch. 6).

    ``build`` gives the form of some of the limits. A hard limit with its slack stays convex, so each question is one
    solve; limits that need no slack when all may give are asked first. Where limits choose names and the others can be
    met without them, ``meets`` says whether a set can be met, and how much each must give is found by halving.
    """
    hard = tuple(limit for limit in limits if limit.soft is None and not limit.chooses)
    if meets is not None and len(hard) < len(limits) and not _clashes(hard, build, seconds):
        return _chosen(tuple(limit for limit in limits if limit.soft is None), meets)
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


def _chosen(limits: tuple[Limit, ...], meets: Callable[[tuple[Limit, ...]], bool]) -> Infeasible:
    needed = limits
    # Limits that choose are left out last: they are what the answer is about.
    for limit in sorted(limits, key=lambda item: item.chooses):
        rest = tuple(item for item in needed if item is not limit)
        if not meets(rest):
            needed = rest
    found = []
    for limit in needed:
        others = tuple(item for item in needed if item is not limit)
        found.append(Clash(limit, _halved(limit, others, meets)))
    return Infeasible(tuple(found))


def _halved(limit: Limit, others: tuple[Limit, ...], meets: Callable[[tuple[Limit, ...]], bool]) -> float:
    """The least amount by which a limit has to give, with the others as they are."""
    counts = limit.measure in ("names", "trades", "lots")
    enough = 1.0 if counts else 1e-3
    while not meets(_eased(limit, enough, others)):
        enough *= 2.0
        if enough > FARTHEST:
            return float("nan")
    less = 0.0 if enough in (1.0, 1e-3) else enough / 2.0
    while enough - less > (1.0 if counts else 1e-7 * max(1.0, enough)):
        middle = (less + enough) / 2.0
        middle = float(int(middle)) if counts else middle
        if meets(_eased(limit, middle, others)):
            enough = middle
        else:
            less = middle
    return enough


def _eased(limit: Limit, by: float, others: tuple[Limit, ...]) -> tuple[Limit, ...]:
    low = None if limit.low is None else limit.low - by
    high = None if limit.high is None else limit.high + by
    if low is not None and low <= 0.0 and (limit.chooses and limit.measure != "trades"):
        # No smallest size, no fewest names: nothing is left of that side.
        low = None
    return others if low is None and high is None else (*others, replace(limit, low=low, high=high))
