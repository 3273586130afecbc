"""Worst realization: the largest loss of any scenario (Young 1998)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, Excess, Lifted, averaged, mixed
from argosy.measures.risk.convex.shares import capped

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Worst:
    """Largest loss of any scenario.

    Examples
    --------
    >>> Worst(np.array([[-0.03], [0.02]])).number(np.ones(1))
    0.03
    """

    scenarios: Float64

    def number(self, x: Float64) -> float:
        """The worst loss of weights x."""
        return float((-mixed(self.scenarios, x)).max())

    def lifted(self) -> Lifted:
        """Least a with ``a >= loss`` in every scenario."""
        t = self.scenarios.shape[0]
        return Lifted(
            -self.scenarios, np.arange(t), np.zeros(t, dtype=np.int64), np.full(t, -1.0), np.zeros(t), np.ones(1),
            ((NONNEGATIVE, t),),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """The mean loss under weights that sum to one."""
        return -averaged(self.scenarios, capped(duals, 2.0)), 0.0

    def excess(self) -> Excess:
        """A shortfall that may put all weight on one scenario."""
        return Excess(self.scenarios, 1.0)
