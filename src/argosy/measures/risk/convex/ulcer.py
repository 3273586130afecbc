"""Ulcer index: the root mean square of the drawdowns (Martin and McCann 1989)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import SECOND_ORDER, Lifted
from argosy.measures.risk.convex import path
from argosy.measures.risk.convex.shares import within_norm

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ulcer:
    """Root of the mean squared drawdown.

    Examples
    --------
    >>> Ulcer(np.array([[0.02], [-0.03], [0.01], [-0.04]])).number(np.ones(1)).__round__(12)
    0.035
    """

    scenarios: Float64

    def number(self, x: Float64) -> float:
        """The ulcer index of weights x."""
        deep = path.falls(self.scenarios @ x)
        return float(np.sqrt(float(deep @ deep) / deep.size))

    def lifted(self) -> Lifted:
        """Least length of the falls."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        tops = [
            (np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.full(1, -1.0)),
            (1 + place, 1 + place, np.full(t, -1.0)),
        ]  # fmt: skip
        return path.lifted(self.scenarios, 1, np.zeros(t), [1.0 / np.sqrt(t)], tops, ((SECOND_ORDER, t + 1),))

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Falls weighed by a vector that is short enough."""
        t = self.scenarios.shape[0]
        weights = within_norm(-duals[2 * t + 1 : 3 * t + 1], 1.0 / float(np.sqrt(t)))
        return path.slope(self.scenarios, duals, weights), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
