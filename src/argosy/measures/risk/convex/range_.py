"""Range: the best scenario less the worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, ZERO, Lifted
from argosy.measures.risk.convex.shares import capped

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Range:
    """Largest return of any scenario less the smallest.

    Examples
    --------
    >>> Range(np.array([[-0.03], [0.02]])).number(np.ones(1))
    0.05
    """

    scenarios: Float64

    def number(self, x: Float64) -> float:
        """The range of weights x."""
        held = self.scenarios @ x
        return float(held.max() - held.min())

    def lifted(self) -> Lifted:
        """Least ``top + bottom`` with ``top >= return`` and ``bottom >= -return`` in every scenario."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        # Unknowns: top, bottom, losses (T).
        return Lifted(
            -self.scenarios,
            np.concatenate([place, t + place, t + place, 2 * t + place, 2 * t + place]),
            np.concatenate([2 + place, 2 + place, np.zeros(t, dtype=np.int64), 2 + place, np.ones(t, dtype=np.int64)]),
            np.repeat([-1.0, -1.0, -1.0, 1.0, -1.0], t), np.zeros(3 * t),
            np.concatenate([[1.0, 1.0], np.zeros(t)]), ((ZERO, t), (NONNEGATIVE, 2 * t)),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """The mean loss under one set of weights less that under another."""
        t = self.scenarios.shape[0]
        gains, losses = capped(duals[t : 2 * t], 2.0), capped(duals[2 * t : 3 * t], 2.0)
        return -(self.scenarios.T @ (losses - gains)), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
