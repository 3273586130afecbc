"""Risk budgets by Newton: weights whose shares of the variance are given.

The weights minimize ``x'Sx / 2 - sum b log x`` up to scale (Maillard, Roncalli and Teiletche 2010; Spinu 2013).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def factor_newton(
    factors: Float64, specific: Float64, budgets: Float64, tolerance: float, most_steps: int
) -> tuple[Float64, int, float]:
    """Newton in the K factor dimensions: with y = F'x given, each x_i is the root of a quadratic.

    Returns x before scaling, steps, and the largest break of y = F'x. Written so that it also compiles.
    """
    n, count = factors.shape
    x = np.sqrt(budgets / specific)
    y = factors.T @ x
    y = y / np.sqrt((y * y).sum() + (specific * x * x).sum())
    residual = np.inf
    steps = 0
    for step in range(most_steps):
        steps = step
        pull = factors @ y
        root = np.sqrt(pull * pull + 4.0 * specific * budgets)
        # Of the two forms of the positive root, the one without cancellation.
        x = np.where(pull < 0.0, (root - pull) / (2.0 * specific), 2.0 * budgets / (root + pull))
        gradient = y - factors.T @ x
        residual = np.abs(gradient).max() if count > 0 else 0.0
        if residual < tolerance:
            break
        value = 0.5 * (y * y).sum() + (budgets * np.log(x) - pull * x - 0.5 * specific * x * x).sum()
        scaled = factors * np.sqrt(x / root).reshape(n, 1)
        hessian = scaled.T @ scaled + np.eye(count)
        direction = -np.linalg.solve(hessian, gradient)
        slope = (gradient * direction).sum()
        length = 1.0
        for _ in range(50):
            moved = y + length * direction
            pull = factors @ moved
            root = np.sqrt(pull * pull + 4.0 * specific * budgets)
            x = np.where(pull < 0.0, (root - pull) / (2.0 * specific), 2.0 * budgets / (root + pull))
            there = 0.5 * (moved * moved).sum() + (budgets * np.log(x) - pull * x - 0.5 * specific * x * x).sum()
            if there <= value + 1e-4 * length * slope + 1e-14 * (1.0 + abs(value)):
                break
            length *= 0.5
        y = y + length * direction
    return x, steps, residual


def dense_newton(matrix: Float64, budgets: Float64, tolerance: float, most_steps: int) -> tuple[Float64, int, float]:
    """Damped Newton on all weights: the merit is self-concordant, so it never leaves the positive weights."""
    x = np.sqrt(budgets / matrix.diagonal())
    x = x / np.sqrt(float(x @ matrix @ x))
    residual, steps = np.inf, 0
    for steps in range(most_steps):  # noqa: B007
        held = matrix @ x
        residual = float(np.abs(x * held / budgets - 1.0).max())
        if residual < tolerance:
            break
        gradient = held - budgets / x
        direction = -np.linalg.solve(matrix + np.diag(budgets / x**2), gradient)
        decrement = float(np.sqrt(max(-float(gradient @ direction), 0.0) / float(budgets.min())))
        x = x + direction * (1.0 if decrement < 0.25 else 1.0 / (1.0 + decrement))
    return x, steps, residual
