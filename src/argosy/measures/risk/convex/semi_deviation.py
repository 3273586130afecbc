"""Semi-deviation and semi-variance: the spread of returns below their mean (Markowitz 1959, ch. 9)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels.risk_terms import NONNEGATIVE, SECOND_ORDER, Lifted
from argosy.measures.risk.convex.shares import within_norm

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SemiDeviation:
    """Root of ``sum max(mean - return, 0)^2 / (T - 1)``; the semi-variance is its square and has the same minimum.

    Examples
    --------
    >>> SemiDeviation(np.array([[-0.03], [0.01], [0.02]])).number(np.ones(1)).__round__(12)
    0.021213203436
    """

    scenarios: Float64

    def __post_init__(self) -> None:
        if self.scenarios.shape[0] < 2:
            raise InvalidInput("a deviation needs at least two scenarios", field="returns")

    @cached_property
    def apart(self) -> Float64:
        """Scenarios less their means."""
        found: Float64 = self.scenarios - self.scenarios.mean(axis=0)
        return found

    def number(self, x: Float64) -> float:
        """The semi-deviation of weights x."""
        below = np.maximum(-(self.apart @ x), 0.0)
        return float(np.sqrt(float(below @ below) / (below.size - 1)))

    def lifted(self) -> Lifted:
        """Least length of u, with ``u >= mean - return`` and ``u >= 0``."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        # Unknowns: the length, u. Rows: shortfalls below the mean, signs, and the cone of the length.
        return Lifted(
            -self.apart, np.concatenate([place, t + place, [2 * t], 2 * t + 1 + place]),
            np.concatenate([1 + place, 1 + place, [0], 1 + place]), np.full(3 * t + 1, -1.0), np.zeros(3 * t + 1),
            np.concatenate([[1.0 / np.sqrt(t - 1)], np.zeros(t)]), ((NONNEGATIVE, 2 * t), (SECOND_ORDER, t + 1)),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Returns below the mean, weighed by a vector that is short enough."""
        t = self.scenarios.shape[0]
        return -(self.apart.T @ within_norm(duals[:t], 1.0 / float(np.sqrt(t - 1)))), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
