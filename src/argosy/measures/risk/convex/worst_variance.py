"""Variance when the factor loadings and the specific risks are uncertain: the worst over what they may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, SECOND_ORDER, Lifted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WorstVariance:
    """``(|F'x| + radius'|x|)^2 + x'diag(specific) x``: the most that the variance is over uncertain loadings.

    Factors F (N, K) are scaled by the factors' risk; those of asset i may be any within ``radius[i]`` of them in length
    (Goldfarb and Iyengar 2003, eq. 22). With no radius it is the variance itself.

    Examples
    --------
    >>> WorstVariance(np.array([[0.3]]), np.array([0.1]), np.array([0.09])).number(np.ones(1)).__round__(12)
    0.25
    """

    factors: Float64
    radius: Float64
    specific: Float64

    @property
    def scenarios(self) -> Float64:
        """What says how large an ordinary value is: variances."""
        found: Float64 = np.einsum("ij,ij->i", self.factors, self.factors)[None, :] + self.specific
        return found

    def number(self, x: Float64) -> float:
        """The worst variance of weights x."""
        common = float(np.linalg.norm(self.factors.T @ x)) + float(self.radius @ np.abs(x))
        return common**2 + float(self.specific @ (x * x))

    def lifted(self) -> Lifted:
        """Least z with ``z >= (t + radius'a)^2 + |D x|^2``, ``t >= |F'x|``, ``a >= |x|``."""
        n, k = self.factors.shape
        # Unknowns: z, t, a (N). Rows: a - x, a + x, (t, F'x), (1 + z, 1 - z, 2 (t + radius'a), 2 D x).
        on_x = np.vstack([
            np.eye(n), -np.eye(n), np.zeros((1, n)), -self.factors.T, np.zeros((3, n)),
            -2.0 * np.diag(np.sqrt(self.specific)),
        ])  # fmt: skip
        place = np.arange(n)
        t_row, z_row = 2 * n, 2 * n + 1 + k
        rows = np.concatenate([place, n + place, [t_row, z_row, z_row + 1, z_row + 2], np.full(n, z_row + 2)])
        columns = np.concatenate([2 + place, 2 + place, [1, 0, 0, 1], 2 + place])
        values = np.concatenate([np.full(2 * n, -1.0), [-1.0, -1.0, 1.0, -2.0], -2.0 * self.radius])
        right = np.zeros(on_x.shape[0])
        right[z_row : z_row + 2] = 1.0
        cost = np.zeros(2 + n)
        cost[0] = 1.0
        return Lifted(on_x, rows, columns, values, right, cost,
                      ((NONNEGATIVE, 2 * n), (SECOND_ORDER, 1 + k), (SECOND_ORDER, 3 + n)))  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Squares lie above their tangents; a norm above any direction no longer than one."""
        n, k = self.factors.shape
        z_row = 2 * n + 1 + k
        steep = max(-2.0 * float(duals[z_row + 2]), 0.0)
        along = duals[2 * n + 1 : z_row]
        along = along * min(1.0, steep / max(float(np.linalg.norm(along)), 1e-300))
        sides = np.clip(duals[:n] - duals[n : 2 * n], -steep * self.radius, steep * self.radius)
        own = -2.0 * duals[z_row + 3 :]
        slope: Float64 = -(self.factors @ along) + sides + np.sqrt(self.specific) * own
        return slope, -0.25 * (steep**2 + float(own @ own))

    def excess(self) -> None:
        """Not of the fast kernel's shape."""
