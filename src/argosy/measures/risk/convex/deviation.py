"""Mean absolute deviation of returns from their mean (Konno and Yamazaki 1991)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, Excess, Lifted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Deviation:
    """Mean of ``|return - mean return|``.

    Examples
    --------
    >>> Deviation(np.array([[-0.03], [0.01]])).number(np.ones(1)).__round__(12)
    0.02
    """

    scenarios: Float64

    @cached_property
    def apart(self) -> Float64:
        """Scenarios less their means."""
        found: Float64 = self.scenarios - self.scenarios.mean(axis=0)
        return found

    def number(self, x: Float64) -> float:
        """The mean absolute deviation of weights x."""
        return float(np.abs(self.apart @ x).mean())

    def lifted(self) -> Lifted:
        """Twice the mean of what lies below the mean: deviations above and below sum to the same."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        return Lifted(
            -self.apart, np.concatenate([place, t + place]), np.concatenate([place, place]), np.full(2 * t, -1.0),
            np.zeros(2 * t), np.full(t, 2.0 / t), ((NONNEGATIVE, 2 * t),),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Deviations weighed by at most 2 / T each."""
        t = self.scenarios.shape[0]
        return -(self.apart.T @ np.clip(duals[:t], 0.0, 2.0 / t)), 0.0

    def excess(self) -> Excess:
        """The shape of the fast kernel, at the mean."""
        return Excess(self.apart, 2.0 / self.scenarios.shape[0], 0.0)
