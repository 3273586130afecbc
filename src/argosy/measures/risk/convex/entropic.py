"""Entropic value at risk: the tightest exponential bound on value at risk (Ahmadi-Javid 2012, def. 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import EXPONENTIAL, NONNEGATIVE, ZERO, Lifted
from argosy.measures.risk.convex.shares import entropy, within_entropy

Float64 = npt.NDArray[np.float64]


def entropic(losses: Float64, level: float) -> float:
    """Least over z of ``z log(mean exp(loss / z) / (1 - level))``, found where its weights have the entropy allowed.

    Examples
    --------
    >>> round(entropic(np.array([0.0, 1.0]), 0.05), 6), float(entropic(np.array([0.0, 1.0]), 0.5))
    (0.658761, 1.0)
    """
    most = -float(np.log1p(-level))
    top, spread = float(losses.max()), float(losses.max() - losses.min())
    if spread == 0.0:
        return top
    apart = (losses - top) / spread
    if -np.log(np.count_nonzero(apart == 0.0) / losses.size) <= most + 1e-15:
        return top

    def tilted(rate: float) -> Float64:
        p = np.exp(rate * apart)
        return p / float(p.sum())

    low, high = 0.0, 1.0
    while entropy(tilted(high)) < most:
        low, high = high, 2.0 * high
    for _ in range(200):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if entropy(tilted(middle)) < most:
            low = middle
        else:
            high = middle
    # The minimum is flat in z, so the value is exact far beyond the rate.
    return top + spread / high * (float(np.log(np.exp(high * apart).mean())) + most)


@dataclass(frozen=True, eq=False)
class Entropic:
    """Entropic value at risk of scenarios beyond a confidence level; never below the shortfall at the same level."""

    scenarios: Float64
    level: float

    def number(self, x: Float64) -> float:
        """The entropic value at risk of weights x, as a positive loss."""
        return entropic(-self.scenarios @ x, self.level)

    def lifted(self) -> Lifted:
        """Least ``a + z log(1 / ((1 - level) T))`` with ``sum u <= z`` and ``z exp((loss - a) / z) <= u``."""
        t = self.scenarios.shape[0]
        place = np.arange(t)
        # Unknowns: a, z, losses (T), u (T). Rows: losses, the sum, then three for each scenario.
        block = t + 1 + 3 * place
        rows = np.concatenate([place, [t], np.full(t, t), block, block, block + 1, block + 2])
        columns = np.concatenate([
            2 + place, [1], 2 + t + place, 2 + place, np.zeros(t, dtype=np.int64), np.ones(t, dtype=np.int64),
            2 + t + place,
        ])  # fmt: skip
        minus, one = np.full(t, -1.0), np.ones(t)
        values = np.concatenate([minus, [-1.0], one, minus, one, minus, minus])
        cost = np.zeros(2 + 2 * t)
        cost[:2] = 1.0, -np.log((1.0 - self.level) * t)
        return Lifted(
            -self.scenarios, rows, columns, values, np.zeros(4 * t + 1), cost,
            ((ZERO, t), (NONNEGATIVE, 1), *((EXPONENTIAL, 3),) * t),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """The mean loss under weights whose entropy is allowed."""
        p = within_entropy(duals[: self.scenarios.shape[0]], float(-np.log1p(-self.level)))
        return -(self.scenarios.T @ p), 0.0

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
