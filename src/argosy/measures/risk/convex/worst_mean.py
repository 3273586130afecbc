"""The return that may be lost because means are uncertain: the worst over an ellipsoid of means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import SECOND_ORDER, Lifted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WorstMean:
    """``radius * sqrt(x'Mx)`` with ``M = root root' + diag(rest)``: the most that ``(mu - m)'x`` is over the ellipsoid.

    The ellipsoid is ``(m - mu)' M^-1 (m - mu) <= radius^2`` (Ben-Tal and Nemirovski 1998; Ceria and Stubbs 2006).

    Examples
    --------
    >>> WorstMean(np.array([[0.3], [0.0]]), np.array([0.0, 0.16]), 2.0).number(np.array([1.0, 1.0]))
    1.0
    """

    root: Float64
    rest: Float64
    radius: float

    @property
    def scenarios(self) -> Float64:
        """What says how large an ordinary value is."""
        found: Float64 = self.radius * self._columns
        return found

    @property
    def _columns(self) -> Float64:
        held = self.rest > 0.0
        extra = np.zeros((self.rest.size, int(held.sum())))
        extra[held, np.arange(extra.shape[1])] = np.sqrt(self.rest[held])
        return np.ascontiguousarray(np.column_stack([self.root, extra]).T)

    def number(self, x: Float64) -> float:
        """The return that may be lost."""
        return self.radius * float(np.linalg.norm(self._columns @ x))

    def lifted(self) -> Lifted:
        """One second-order cone."""
        below = self.radius * self._columns
        height = below.shape[0] + 1
        return Lifted(
            np.vstack([np.zeros((1, below.shape[1])), -below]), np.zeros(1, dtype=np.int64),
            np.zeros(1, dtype=np.int64), np.full(1, -1.0), np.zeros(height), np.ones(1), ((SECOND_ORDER, height),),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """A direction of length at most one."""
        u = duals[1 : self._columns.shape[0] + 1]
        u = u / max(1.0, float(np.linalg.norm(u)))
        return -self.radius * (self._columns.T @ u), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
