"""Probabilities nearest to given ones in relative entropy under linear conditions, by Newton on the dual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tilted:
    """Probabilities (T,), multipliers (V,), the relative entropy, steps, and the largest break of a condition.

    The break is in standard deviations of the condition's row under the prior; ``settled`` says it is rounding.
    """

    probabilities: Float64
    multipliers: Float64
    entropy: float
    steps: int
    residual: float

    @property
    def settled(self) -> bool:
        """True when all conditions hold to 1e-9 standard deviations."""
        return self.residual <= 1e-9


def tilt(prior: Float64, rows: Float64, right: Float64, equal: Bool, *, most_steps: int = 300) -> Tilted:
    """Minimize ``sum p log(p / prior)`` with ``rows @ p = right`` where ``equal``, else ``<=``, and p summing to one.

    The dual is smooth in as many unknowns as there are conditions: ``p ~ prior exp(-rows' z)`` (Meucci 2008, eq. 19 to
    22). Inequalities have multipliers that are not negative, kept by projection (Bertsekas 1982). O(V^2 T) a step.

    Examples
    --------
    >>> found = tilt(np.full(2, 0.5), np.array([[0.0, 1.0]]), np.array([0.8]), np.array([True]))
    >>> found.probabilities.round(9).tolist(), round(found.entropy, 9)
    ([0.2, 0.8], 0.192744757)
    """
    count = right.size
    apart = rows - right[:, None]
    mean = apart @ prior
    spread = np.sqrt(np.maximum((apart - mean[:, None]) ** 2 @ prior, 0.0))
    unit = np.where(spread > 0.0, spread, np.maximum(np.abs(mean), 1e-300))
    apart = apart / unit[:, None]
    log_prior = np.log(np.maximum(prior, 1e-300))
    z = np.zeros(count)
    value, p = _dual(log_prior, apart, z)
    steps, residual = 0, np.inf
    for steps in range(most_steps):  # noqa: B007
        slack = apart @ p
        gradient = -slack
        pinned = ~equal & (z <= 0.0) & (gradient >= 0.0)
        residual = float(np.where(equal, np.abs(slack), np.maximum(slack, 0.0)).max(initial=0.0))
        idle = float(np.abs(gradient[~pinned]).max(initial=0.0))
        if max(residual, idle) <= 1e-13:
            break
        free = np.flatnonzero(~pinned)
        centered = apart[free] - slack[free, None]
        hessian = (centered * p) @ centered.T
        # Conditions that repeat each other, or whose scenarios have no weight left, leave the system singular.
        hessian[np.diag_indices(free.size)] += 1e-14 * max(float(hessian.trace()), 1e-300) + 1e-18
        direction = np.zeros(count)
        direction[free] = -np.linalg.solve(hessian, gradient[free])
        # Far out the dual grows like a line: steps of one unit there keep exponents within range.
        direction *= min(1.0, 30.0 / max(float(np.abs(direction).max()), 1e-300))
        moved = False
        length = 1.0
        for _ in range(50):
            there = np.where(equal, z + length * direction, np.maximum(z + length * direction, 0.0))
            reached, q = _dual(log_prior, apart, there)
            if reached <= value + 1e-4 * float(gradient @ (there - z)):
                moved = bool((there != z).any())
                break
            length *= 0.5
        if not moved:
            break
        z, value, p = there, reached, q
    entropy = float(p @ (np.log(np.maximum(p, 1e-300)) - log_prior))
    return Tilted(p, z / unit, max(entropy, 0.0), steps, residual)


def _dual(log_prior: Float64, apart: Float64, z: Float64) -> tuple[float, Float64]:
    exponent = log_prior - z @ apart
    top = float(exponent.max())
    weight = np.exp(exponent - top)
    total = float(weight.sum())
    return top + float(np.log(total)), weight / total


def can_meet(rows: Float64, right: Float64, equal: Bool) -> bool:
    """Say whether any probabilities meet the conditions, by linear programming (HiGHS)."""
    from scipy.optimize import linprog

    size = rows.shape[1]
    scale = np.maximum(np.abs(rows - right[:, None]).max(axis=1, initial=0.0), 1e-300)
    scaled = (rows - right[:, None]) / scale[:, None]
    found = linprog(
        np.zeros(size),
        A_ub=scaled[~equal] if (~equal).any() else None, b_ub=np.zeros(int((~equal).sum())) if (~equal).any() else None,
        A_eq=np.vstack([np.ones(size), scaled[equal]]), b_eq=np.concatenate([[1.0], np.zeros(int(equal.sum()))]),
        bounds=(0.0, 1.0), method="highs",
    )  # fmt: skip
    return bool(found.status == 0)
