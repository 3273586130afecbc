"""Maximum drawdown: the deepest fall below the highest point so far (Chekhlov, Uryasev and Zabarankin 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, Lifted
from argosy.measures.risk.convex import path
from argosy.measures.risk.convex.shares import capped

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MaximumDrawdown:
    """Deepest drawdown of the whole span.

    Examples
    --------
    >>> MaximumDrawdown(np.array([[0.02], [-0.03], [0.01], [-0.04]])).number(np.ones(1)).__round__(12)
    0.06
    """

    scenarios: Float64

    def number(self, x: Float64) -> float:
        """The maximum drawdown of weights x."""
        return float(path.falls(self.scenarios @ x).max())

    def lifted(self) -> Lifted:
        """Least a that no fall passes."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        tops = [(place, 1 + place, np.ones(t)), (place, np.zeros(t, dtype=np.int64), np.full(t, -1.0))]
        return path.lifted(self.scenarios, 1, np.zeros(t), [1.0], tops, ((NONNEGATIVE, t),))

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Falls under weights that sum to one."""
        t = self.scenarios.shape[0]
        return path.slope(self.scenarios, duals, capped(duals[2 * t : 3 * t], 2.0)), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
