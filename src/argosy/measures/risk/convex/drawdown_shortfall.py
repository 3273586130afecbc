"""Conditional drawdown at risk: the mean of the worst ``1 - level`` of the drawdowns (Chekhlov et al. 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.convex import shortfall
from argosy.kernels.risk_terms import NONNEGATIVE, Lifted
from argosy.measures.risk.convex import path
from argosy.measures.risk.convex.shares import capped

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawdownShortfall:
    """Mean of the drawdowns beyond a confidence level; scenarios are consecutive periods.

    Examples
    --------
    >>> DrawdownShortfall(np.array([[0.02], [-0.03], [0.01], [-0.04]]), 0.5).number(np.ones(1)).__round__(12)
    0.045
    """

    scenarios: Float64
    level: float

    @property
    def cap(self) -> float:
        """Largest weight of one drawdown."""
        return 1.0 / ((1.0 - self.level) * float(self.scenarios.shape[0]))

    def number(self, x: Float64) -> float:
        """The conditional drawdown at risk of weights x."""
        return shortfall(path.falls(self.scenarios @ x), self.level)

    def lifted(self) -> Lifted:
        """The rows of a shortfall over the falls."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        # Unknowns: a, u (T), falls (T). Rows added: u >= fall - a, u >= 0.
        tops = [
            (place, 1 + t + place, np.ones(t)), (place, np.zeros(t, dtype=np.int64), np.full(t, -1.0)),
            (place, 1 + place, np.full(t, -1.0)), (t + place, 1 + place, np.full(t, -1.0)),
        ]  # fmt: skip
        cost = np.concatenate([[1.0], np.full(t, self.cap)])
        return path.lifted(self.scenarios, 1 + t, np.zeros(t), cost, tops, ((NONNEGATIVE, 2 * t),))

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """The mean drawdown under weights that a shortfall allows."""
        t = self.scenarios.shape[0]
        return path.slope(self.scenarios, duals, capped(duals[2 * t : 3 * t], self.cap)), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
