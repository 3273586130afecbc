"""What a model is asked with, checked once: names, beliefs, holdings, limits, costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.limits import Limit, Limits, parse_limits
from argosy.kernels.convex import Form
from argosy.kernels.risk_terms import RiskTerm
from argosy.measures.limits.compiling import Compiled, compile_limits
from argosy.measures.limits.universe import Universe
from argosy.models.costs.trading import Costs, Priced
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]
Weights = npt.ArrayLike | Mapping[str, float]

STANDARD = (Limit("weight", "each", low=0.0), Limit("net", "", 1.0, 1.0))
"""What holds where no limits are given: long only and fully invested."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked model: everything is there, finite, and of one length."""

    universe: Universe
    limits: tuple[Limit, ...]
    compiled: Compiled
    expected: Float64 | None
    belief: Covariance | None
    scenarios: Float64 | None
    start: Float64
    cost: Float64
    risk_free: float
    seconds: float
    clock: Callable[[], float] | None = None
    priced: Priced | None = None

    def spent(self, x: Float64) -> float:
        """Cost of trading to weights x, all parts, in units of portfolio value."""
        return self.priced.total(x) if self.priced is not None else float(self.cost @ np.abs(x - self.start))

    @property
    def size(self) -> int:
        """Number of assets."""
        return self.universe.size

    @property
    def mu(self) -> Float64:
        """Expected returns, or the refusal that says they are missing."""
        if self.expected is None:
            raise MissingData("this model needs expected returns", field="expected_returns",
                              next_step="give expected_returns= or choose a model of risk alone")  # fmt: skip
        return self.expected

    @property
    def covariance(self) -> Covariance:
        """The covariance, or the refusal that says it is missing."""
        if self.belief is None:
            raise MissingData("this model needs a covariance", field="covariance", next_step="give covariance=")
        return self.belief

    @property
    def returns(self) -> Float64:
        """Scenarios of returns (T, N), or the refusal that says they are missing."""
        if self.scenarios is None:
            raise MissingData("this model needs returns", field="returns", next_step="give returns= (T, N)")
        return self.scenarios

    def form(self, *, aversion: float, linear: Float64, risks: tuple[RiskTerm, ...] = (), cost: float = 1.0) -> Form:
        """The convex model of an objective under the limits; costs are weighed by ``cost``."""
        found = self.compiled.form(
            self.covariance if self.belief is not None else _none(self.size), aversion=aversion, linear=linear,
            start=self.start, cost=self.cost * cost, risks=risks,
        )  # fmt: skip
        charges = self.priced.charges() if self.priced is not None and cost > 0.0 else None
        return found if charges is None else replace(found, charges=charges.scaled(cost))

    def form_of(self, limits: tuple[Limit, ...]) -> Form:
        """The same without an objective, under some of the limits."""
        compiled = compile_limits(limits, self.universe, self.belief, self.scenarios)
        return compiled.form(
            self.covariance if self.belief is not None else _none(self.size), aversion=0.0,
            linear=np.zeros(self.size), start=self.start, cost=np.zeros(self.size),
        )  # fmt: skip


def _none(size: int) -> Covariance:
    """Stands in where a model has no risk of second order: its parts are never weighed."""
    from argosy.models.moments.covariance import FactorCovariance

    return FactorCovariance(np.zeros((size, 0)), np.zeros(size))


def as_weights(given: Weights | None, names: tuple[str, ...], what: str) -> Float64 | None:
    """Weights by place or by name; names that are not given weigh nothing.

    Examples
    --------
    >>> as_weights({"B": 1.0}, ("A", "B"), "holdings").tolist()
    [0.0, 1.0]
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        for name in given:
            if name not in names:
                raise unknown("asset", str(name), names, place=what)
        given = [float(given.get(name, 0.0)) for name in names]
    return vector(given, len(names), what)


def vector(given: npt.ArrayLike, size: int, what: str) -> Float64:
    """A finite vector of the right length."""
    found = np.asarray(given, dtype=np.float64)
    if found.shape != (size,):
        raise InvalidInput(f"{what} has shape {found.shape} for {size} assets", field=what, expected=f"({size},)")
    if not np.isfinite(found).all():
        place = int(np.flatnonzero(~np.isfinite(found))[0])
        raise InvalidInput(f"{what} has no finite number at place {place}", field=what, found=float(found[place]))
    return found


def pose(
    *,
    names: Sequence[str] | None,
    expected_returns: Weights | None,
    covariance: Covariance | npt.ArrayLike | None,
    returns: npt.ArrayLike | None,
    limits: Limits,
    long_only: bool,
    holdings: Weights | None,
    benchmark: Weights | None,
    attributes: Mapping[str, Sequence[object]],
    costs: npt.ArrayLike | float | Costs,
    risk_free: float,
    seconds: float,
) -> Problem:
    """Check all inputs together.

    Raises
    ------
    InvalidInput, MissingData, UnknownName, LimitError, NotPSD
        Each says what was given and what is needed.
    """
    scenarios = None
    if returns is not None:
        scenarios = np.ascontiguousarray(returns, dtype=np.float64)
        if scenarios.ndim != 2 or min(scenarios.shape) == 0:
            raise InvalidInput(f"returns have shape {scenarios.shape}", field="returns", expected="(T, N)")
        if not np.isfinite(scenarios).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(scenarios))[0])
            raise MissingData(f"returns have no finite number in row {at[0]}, column {at[1]}", field="returns",
                              next_step="leave out the asset or the period")  # fmt: skip
    belief = None if covariance is None else as_covariance(covariance)
    size = _size(names, expected_returns, belief, scenarios)
    labels = tuple(str(name) for name in names) if names is not None else _numbered(size)
    for what, length in (("covariance", belief.size if belief is not None else size),
                         ("returns", scenarios.shape[1] if scenarios is not None else size)):  # fmt: skip
        if length != len(labels):
            raise InvalidInput(f"{what} is for {length} assets, names for {len(labels)}", field=what)
    held = as_weights(holdings, labels, "holdings")
    universe = Universe(labels, dict(attributes), held, as_weights(benchmark, labels, "benchmark"))
    asked = parse_limits(limits)
    standard = long_only and not asked
    if standard:
        asked = STANDARD
    elif not any(limit.measure in ("net", "cash") for limit in asked):
        asked = (Limit("net", "", 1.0, 1.0), *asked)
    if long_only and not standard:
        asked = (Limit("weight", "each", low=0.0), *asked)
    cost, priced = _priced(costs, universe)
    compiled = _standard(size) if standard else compile_limits(asked, universe, belief, scenarios)
    if priced is not None and any(compiled.low[place] < 0.0 for place in priced.taxes):
        raise InvalidInput("a name with tax lots must not be sold short", field="limits",
                           next_step="add 'weight of NAME >= 0%'")  # fmt: skip
    if not np.isfinite(risk_free):
        raise InvalidInput(f"the risk-free rate {risk_free!r} is not a number", field="risk_free")
    return Problem(
        universe, asked, compiled,
        as_weights(expected_returns, labels, "expected_returns"), belief, scenarios,
        held if held is not None else np.zeros(size), cost, risk_free, seconds, priced=priced,
    )  # fmt: skip


@lru_cache(maxsize=32)
def _numbered(size: int) -> tuple[str, ...]:
    return tuple(f"A{i + 1}" for i in range(size))


@lru_cache(maxsize=32)
def _standard(size: int) -> Compiled:
    """What :data:`STANDARD` comes to: the same arrays for every problem of a size, which nobody writes to."""
    return compile_limits(STANDARD, Universe(_numbered(size)), None)


def _priced(costs: npt.ArrayLike | float | Costs, universe: Universe) -> tuple[Float64, Priced | None]:
    """Cost per unit traded (N,), and all parts of it where it has some."""
    size = universe.size
    if isinstance(costs, Costs):
        priced = costs.priced(universe.names, universe.held("a cost of trading"))
        return priced.proportional, priced
    if isinstance(costs, float) and costs == 0.0:
        return np.zeros(size), None
    cost = np.asarray(costs, dtype=np.float64)
    cost = np.full(size, float(cost)) if cost.ndim == 0 else vector(cost, size, "costs")
    if not np.isfinite(cost).all() or (cost < 0.0).any():
        raise InvalidInput("costs must be finite and not negative", field="costs")
    if cost.any():
        universe.held("a cost of trading")
    return cost, None


def _size(
    names: Sequence[str] | None, expected: Weights | None, belief: Covariance | None, scenarios: Float64 | None
) -> int:
    if names is not None:
        if not names:
            raise InvalidInput("there are no assets", field="names")
        return len(names)
    if belief is not None:
        return belief.size
    if scenarios is not None:
        return int(scenarios.shape[1])
    if expected is not None and not isinstance(expected, Mapping):
        return int(np.size(np.asarray(expected)))
    raise MissingData("nothing says which assets there are", field="names",
                      next_step="give names=, covariance= or returns=")  # fmt: skip
