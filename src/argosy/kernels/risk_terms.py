"""How a convex risk of scenarios stands in a portfolio form: its number, its cones, and lines that lie below it.

The risks themselves live above (``measures.risk.convex``); solver and proof only need what :class:`Risk` promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
ZERO, NONNEGATIVE, SECOND_ORDER, EXPONENTIAL = "zero", "non-negative", "second order", "exponential"


def mixed(scenarios: Float64, x: Float64) -> Float64:
    """Returns (T,) of weights x; names that are not held cost nothing."""
    held = np.flatnonzero(x)
    found: Float64 = scenarios[:, held] @ x[held] if 3 * held.size < x.size else scenarios @ x
    return found


def averaged(scenarios: Float64, weights: Float64) -> Float64:
    """Sum of scenarios by weights (T,): what each asset (N,) returns in them; scenarios without weight cost nothing."""
    used = np.flatnonzero(weights)
    found: Float64 = weights[used] @ scenarios[used] if 3 * used.size < weights.size else weights @ scenarios
    return found


@dataclass(frozen=True, eq=False)
class Lifted:
    """The risk of x as the least ``cost . z`` over z for which ``right - on_x @ x - on_z @ z`` lies in the cones.

    ``on_x`` (P, N) covers the first P rows, the others do not touch x; ``on_z`` comes as (row, column, value). Cones
    are (kind, height) from the first row to the last; an exponential cone has three rows: y exp(x / y) <= z.
    """

    on_x: Float64
    rows: Int64
    columns: Int64
    values: Float64
    right: Float64
    cost: Float64
    cones: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Excess:
    """The risk as ``a + cap * sum max(-scenarios @ x - a, 0)``, least over a, or at the a given in ``at``.

    Where ``at`` is given, ``a`` itself is not counted. The fast kernel takes risks of this shape.
    """

    scenarios: Float64
    cap: float
    at: float | None = None


class Risk(Protocol):
    """A convex risk of portfolio weights under scenarios."""

    @property
    def scenarios(self) -> Float64:
        """Returns (T, N)."""

    def number(self, x: Float64) -> float:
        """The risk of weights x (N,)."""

    def lifted(self) -> Lifted:
        """The same for a conic solver."""

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Slope (N,) and constant of a line that nowhere lies above the risk, from multipliers of the lifted rows.

        Multipliers come from a solver and are right up to rounding; the line is right without that.
        """

    def excess(self) -> Excess | None:
        """The shape the fast kernel takes, where the risk has it."""


@dataclass(frozen=True, eq=False)
class RiskTerm:
    """A risk in a form: weighed in the objective, or at most ``bound``, or both.

    ``price`` is infinite for a hard bound, else what a unit of excess costs in the objective.
    """

    risk: Risk
    weight: float = 0.0
    bound: float = np.inf
    owner: int = -1
    price: float = np.inf

    @property
    def hard(self) -> bool:
        """True when the bound must not be broken."""
        return bool(np.isfinite(self.bound)) and not np.isfinite(self.price)

    @property
    def unit(self) -> float:
        """Size of an ordinary scenario: what is small beside it is rounding."""
        return float(np.abs(self.risk.scenarios).mean()) or 1.0


@dataclass(frozen=True, eq=False)
class Pull:
    """A term's multiplier (weight in the objective plus price of its bound) and the line that holds the answer."""

    price: float
    slope: Float64
    constant: float = 0.0

    @classmethod
    def none(cls, size: int) -> Pull:
        """A term that does not pull."""
        return cls(0.0, np.zeros(size))
