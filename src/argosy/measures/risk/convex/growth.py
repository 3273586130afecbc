"""Lost growth: minus the expected utility of wealth, logarithmic or of a constant relative risk aversion above one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import EXPONENTIAL, Lifted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LostGrowth:
    """``-E u(1 + rate + (scenarios - rate) x)``: u is the logarithm, or ``(w^(1-a) - 1) / (1 - a)`` at ``aversion`` a.

    What is not invested earns ``rate``. ``probabilities`` (T,) sum to one. Infinite where some scenario ruins.

    Examples
    --------
    >>> coin = LostGrowth(np.array([[1.0], [-1.0]]), np.array([0.6, 0.4]))
    >>> round(-coin.number(np.array([0.2])), 6)
    0.020136
    """

    scenarios: Float64
    probabilities: Float64
    aversion: float = 1.0
    rate: float = 0.0

    @property
    def excess_returns(self) -> Float64:
        """Returns above the rate (T, N)."""
        found: Float64 = self.scenarios - self.rate
        return found

    def wealth(self, x: Float64) -> Float64:
        """Wealth (T,) after one period from one."""
        found: Float64 = 1.0 + self.rate + self.excess_returns @ x
        return found

    def number(self, x: Float64) -> float:
        """Minus the expected utility of weights x."""
        w = self.wealth(x)
        if (w <= 0.0).any():
            return float("inf")
        k = self.aversion - 1.0
        gained = np.log(w) if k == 0.0 else -np.expm1(-k * np.log(w)) / k
        return -float(self.probabilities @ gained)

    def lifted(self) -> Lifted:
        """Logarithms by ``exp(v) <= wealth``; powers by ``exp(-k v) <= t`` on top, where utility is ``(1 - t) / k``."""
        count = self.probabilities.size
        place = np.arange(count)
        k = self.aversion - 1.0
        # Three rows a scenario: v, one, wealth.
        on_x = np.zeros((3 * count, self.scenarios.shape[1]))
        on_x[2::3] = -self.excess_returns
        right = np.zeros(3 * count)
        right[1::3], right[2::3] = 1.0, 1.0 + self.rate
        if k == 0.0:
            return Lifted(on_x, 3 * place, place, np.full(count, -1.0), right, -self.probabilities,
                          ((EXPONENTIAL, 3),) * count)  # fmt: skip
        # The second cone holds t = 1 + k s, so that s is of the size of a return: exp(-k v) <= 1 + k s.
        more = np.zeros(3 * count)
        more[1::3], more[2::3] = 1.0, 1.0
        rows = np.concatenate([3 * place, 3 * count + 3 * place, 3 * count + 3 * place + 2])
        columns = np.concatenate([place, place, count + place])
        values = np.concatenate([np.full(count, -1.0), np.full(count, k), np.full(count, -k)])
        cost = np.concatenate([np.zeros(count), self.probabilities])
        return Lifted(
            np.vstack([on_x, np.zeros_like(on_x)]), rows, columns, values, np.concatenate([right, more]), cost,
            ((EXPONENTIAL, 3),) * (2 * count),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """The tangent at the wealth where marginal utility is what the multipliers say."""
        count = self.probabilities.size
        price = np.maximum(duals[2 : 3 * count : 3], 1e-300) / self.probabilities
        w = price ** (-1.0 / self.aversion)
        k = self.aversion - 1.0
        gained = np.log(w) if k == 0.0 else -np.expm1(-k * np.log(w)) / k
        pull = self.probabilities * w**-self.aversion
        slope: Float64 = -(self.excess_returns.T @ pull)
        return slope, -float(self.probabilities @ gained) - float(pull @ (1.0 + self.rate - w))

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
