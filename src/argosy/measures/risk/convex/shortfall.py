"""Conditional value at risk: the mean of the worst ``1 - level`` of losses (Rockafellar and Uryasev 2002, eq. 17)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.convex import shortfall
from argosy.kernels.risk_terms import NONNEGATIVE, Excess, Lifted, averaged, mixed
from argosy.measures.risk.convex.shares import capped

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shortfall:
    """Mean loss beyond a confidence level, the boundary scenario counted in part.

    Examples
    --------
    >>> Shortfall(np.array([[-0.03], [-0.01], [0.02], [0.04]]), 0.5).number(np.ones(1))
    0.02
    """

    scenarios: Float64
    level: float

    @property
    def cap(self) -> float:
        """Largest weight of one scenario."""
        return 1.0 / ((1.0 - self.level) * float(self.scenarios.shape[0]))

    def number(self, x: Float64) -> float:
        """The shortfall of weights x, as a positive loss."""
        return shortfall(-mixed(self.scenarios, x), self.level)

    def lifted(self) -> Lifted:
        """Least ``a + cap sum u`` with ``u >= loss - a`` and ``u >= 0`` (Rockafellar and Uryasev)."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        return Lifted(
            -self.scenarios, np.concatenate([place, place, t + place]),
            np.concatenate([np.zeros(t, dtype=np.int64), 1 + place, 1 + place]), np.full(3 * t, -1.0), np.zeros(2 * t),
            np.concatenate([[1.0], np.full(t, self.cap)]), ((NONNEGATIVE, 2 * t),),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """The mean loss under scenario weights that a shortfall allows."""
        return -averaged(self.scenarios, capped(duals[: self.scenarios.shape[0]], self.cap)), 0.0

    def excess(self) -> Excess:
        """The shape of the fast kernel."""
        return Excess(self.scenarios, self.cap)
