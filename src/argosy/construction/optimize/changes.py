"""Absolute changes between parts of one long vector of weights: what trading from period to period costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, Excess, Lifted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Changes:
    """``cost . |moves @ x - reference|``: moves (M, P) take differences of x (P,), cost and reference are (M,).

    Examples
    --------
    >>> two = Changes(np.array([[-1.0, 1.0]]), np.zeros(1), np.array([0.01]))
    >>> two.number(np.array([0.2, 0.5])).__round__(12)
    0.003
    """

    moves: Float64
    reference: Float64
    cost: Float64

    @property
    def scenarios(self) -> Float64:
        """The unit: a change of the whole portfolio."""
        return np.ones((1, 1))

    def number(self, x: Float64) -> float:
        """The sum of changes, each at its cost."""
        return float(self.cost @ np.abs(self.moves @ x - self.reference))

    def lifted(self) -> Lifted:
        """Least ``cost . z`` with z at least each change in either direction."""
        count = self.reference.size
        places = np.arange(count, dtype=np.int64)
        return Lifted(
            np.concatenate([self.moves, -self.moves]), np.arange(2 * count, dtype=np.int64),
            np.concatenate([places, places]), np.full(2 * count, -1.0),
            np.concatenate([self.reference, -self.reference]), self.cost, ((NONNEGATIVE, 2 * count),),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Each change weighed by a number between minus and plus its cost lies below its absolute value."""
        count = self.reference.size
        pull = np.clip(duals[:count] - duals[count:], -self.cost, self.cost)
        return self.moves.T @ pull, -float(pull @ self.reference)

    def excess(self) -> Excess | None:
        """It has no such shape."""
        return None
