"""Average drawdown: the mean fall below the highest point so far (Chekhlov, Uryasev and Zabarankin 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import Lifted
from argosy.measures.risk.convex import path

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AverageDrawdown:
    """Mean of the drawdowns over all periods.

    Examples
    --------
    >>> AverageDrawdown(np.array([[0.02], [-0.03], [0.01], [-0.04]])).number(np.ones(1)).__round__(12)
    0.0275
    """

    scenarios: Float64

    def number(self, x: Float64) -> float:
        """The average drawdown of weights x."""
        return float(path.falls(self.scenarios @ x).mean())

    def lifted(self) -> Lifted:
        """Least mean of the falls."""
        t = self.scenarios.shape[0]
        return path.lifted(self.scenarios, 0, np.full(t, 1.0 / t), [])

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Falls weighed equally."""
        t = self.scenarios.shape[0]
        return path.slope(self.scenarios, duals, np.full(t, 1.0 / t)), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
