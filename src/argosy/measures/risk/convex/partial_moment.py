"""First lower partial moment: the mean of what falls short of a required return (Bawa and Lindenberg 1977)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, Excess, Lifted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PartialMoment:
    """Mean of ``max(required - return, 0)``.

    Examples
    --------
    >>> PartialMoment(np.array([[-0.03], [0.01]]), 0.0).number(np.ones(1))
    0.015
    """

    scenarios: Float64
    required: float = 0.0

    def number(self, x: Float64) -> float:
        """The first lower partial moment of weights x."""
        return float(np.maximum(self.required - self.scenarios @ x, 0.0).mean())

    def lifted(self) -> Lifted:
        """Least mean of u, with ``u >= required - return`` and ``u >= 0``."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        return Lifted(
            -self.scenarios, np.concatenate([place, t + place]), np.concatenate([place, place]), np.full(2 * t, -1.0),
            np.concatenate([np.full(t, -self.required), np.zeros(t)]), np.full(t, 1.0 / t), ((NONNEGATIVE, 2 * t),),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Shortfalls weighed by at most 1 / T each."""
        t = self.scenarios.shape[0]
        p = np.clip(duals[:t], 0.0, 1.0 / t)
        return -(self.scenarios.T @ p), self.required * float(p.sum())

    def excess(self) -> Excess:
        """The shape of the fast kernel, at the required return."""
        return Excess(self.scenarios, 1.0 / self.scenarios.shape[0], -self.required)
