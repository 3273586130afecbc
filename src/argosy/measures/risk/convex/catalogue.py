"""Every convex risk of scenarios by name: what it is called, what it is asked with, and what makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown
from argosy.base.limits import number
from argosy.kernels.risk_terms import Risk
from argosy.measures.risk.convex.average_drawdown import AverageDrawdown
from argosy.measures.risk.convex.deviation import Deviation
from argosy.measures.risk.convex.drawdown_shortfall import DrawdownShortfall
from argosy.measures.risk.convex.entropic import Entropic
from argosy.measures.risk.convex.gini import Gini
from argosy.measures.risk.convex.maximum_drawdown import MaximumDrawdown
from argosy.measures.risk.convex.partial_moment import PartialMoment
from argosy.measures.risk.convex.range_ import Range
from argosy.measures.risk.convex.semi_deviation import SemiDeviation
from argosy.measures.risk.convex.shortfall import Shortfall
from argosy.measures.risk.convex.ulcer import Ulcer
from argosy.measures.risk.convex.worst import Worst

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Kind:
    """One convex risk: words for people, what ``of ...`` gives it ("", "level", "return"), and how it is made.

    ``homogeneous`` says that twice the weights have twice the risk, so that shares of it sum to the whole. What people
    call the measure is the risk to the ``power``.
    """

    name: str
    words: str
    scope: str
    make: Callable[[Float64, float], Risk]
    homogeneous: bool = True
    power: int = 1


CONVEX: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("shortfall", "expected shortfall", "level", Shortfall),
        Kind("evar", "entropic value at risk", "level", Entropic),
        Kind("worst realization", "loss in the worst scenario", "", lambda r, _: Worst(r)),
        Kind("mean absolute deviation", "mean absolute deviation", "", lambda r, _: Deviation(r)),
        Kind("semi-deviation", "deviation below the mean", "", lambda r, _: SemiDeviation(r)),
        Kind("semi-variance", "variance below the mean", "", lambda r, _: SemiDeviation(r), power=2),
        Kind("first lower partial moment", "mean shortfall below a return", "return", PartialMoment, homogeneous=False),
        Kind("cdar", "conditional drawdown at risk", "level", DrawdownShortfall),
        Kind("average drawdown", "average drawdown", "", lambda r, _: AverageDrawdown(r)),
        Kind("maximum drawdown", "maximum drawdown", "", lambda r, _: MaximumDrawdown(r)),
        Kind("ulcer index", "ulcer index", "", lambda r, _: Ulcer(r)),
        Kind("gini mean difference", "Gini mean difference", "", lambda r, _: Gini(r)),
        Kind("range", "best less worst scenario", "", lambda r, _: Range(r)),
    )
}


def convex_risk(name: str, scope: str, scenarios: Float64) -> Risk:
    """A risk of the catalogue on scenarios (T, N); ``scope`` is a level as ``95%`` or a return as ``0.1%``.

    Raises
    ------
    UnknownName
        There is no such risk.
    InvalidInput
        The level does not lie between 0 and 1, or what was given is no number.

    Examples
    --------
    >>> convex_risk("shortfall", "50%", np.array([[-0.02], [0.01]])).number(np.ones(1))
    0.02
    """
    kind = CONVEX.get(name)
    if kind is None:
        raise unknown("risk", name, CONVEX)
    return kind.make(scenarios, _scope(kind, scope))


def level_of(scope: str) -> float:
    """A confidence level written as 95% or 0.95.

    Examples
    --------
    >>> level_of("95%")
    0.95
    """
    try:
        level = number(scope)
    except ValueError:
        level = float("nan")
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"{scope!r} is not a confidence level", field="limits", expected="between 0 and 1, as 95%")
    return level


def _scope(kind: Kind, scope: str) -> float:
    if kind.scope == "level":
        return level_of(scope)
    if not kind.scope:
        return 0.0
    try:
        found = number(scope)
    except ValueError:
        found = float("nan")
    if not np.isfinite(found):
        raise InvalidInput(f"{scope!r} is not a return", field="limits", expected="a return per period, as 0.1%")
    return found
