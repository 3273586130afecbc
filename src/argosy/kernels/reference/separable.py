"""Dual semismooth Newton for factor-structured problems, plain numpy: the slow twin of ``kernels.separable_jit``.

Dual vector z = [v (K), nu (M), tau, lam]: factors, rows (positive at the lower bound), turnover, active risk. For given
z each asset's best weight is a soft threshold clipped to its box; the negative dual is convex and piecewise smooth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Data:
    rows: Float64
    factors: int
    linear: Float64
    spec: Float64
    low_row: Float64
    high_row: Float64
    start: Float64
    bench: Float64
    target: Float64
    cost: Float64
    impact: Float64
    turnover: float
    risk_cap: float
    low: Float64
    high: Float64


@dataclass(frozen=True, eq=False)
class _Point:
    z: Float64
    x: Float64
    move: Float64
    curve: Float64
    y: Float64
    value: float


def _point(data: _Data, z: Float64) -> _Point:
    """Best weights for multipliers z and the negative dual there."""
    count = data.factors
    tau, lam = z[-2], z[-1]
    scale = 1.0 + lam
    s = data.linear + lam * data.spec * data.bench + data.rows @ z[:-2]
    weight = scale * data.spec
    kappa = data.cost + tau
    pull = s - weight * data.start
    rest = np.maximum(np.abs(pull) - kappa, 0.0)
    # weight u + 1.5 impact sqrt(u) = |pull| - kappa is a quadratic in sqrt(u).
    half = 1.5 * data.impact
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(rest > 0.0, 2.0 * rest / (half + np.sqrt(half * half + 4.0 * weight * rest)), 0.0)
        curve = weight + np.where(half > 0.0, 0.5 * half / root, 0.0)
    best = data.start + np.sign(pull) * np.where(half > 0.0, root * root, rest / weight)
    move = np.where(np.abs(pull) > kappa, np.sign(pull), 0.0)
    move[(kappa <= 0.0) & (half <= 0.0) & (move == 0.0)] = 1.0
    outside = (best <= data.low) | (best >= data.high)
    x = np.clip(best, data.low, data.high)
    move[outside] = 0.0
    moved = np.abs(x - data.start)
    value = float(((0.5 * weight * x - s) * x + (kappa + data.impact * np.sqrt(moved)) * moved).sum())
    v, nu = z[:count], z[count:-2]
    y = (lam * data.target - v) / scale
    value += float(((0.5 * scale * y - lam * data.target + v) * y).sum())
    edge = np.where(nu > 0.0, data.low_row, np.where(nu < 0.0, data.high_row, 0.0))
    value += float((edge * nu).sum())
    value += lam * data.risk_cap - tau * data.turnover
    return _Point(z, x, move, curve, y, -value)


def _gradient(data: _Data, at: _Point, *, has_turnover: bool, has_risk: bool) -> Float64:
    count = data.factors
    held = data.rows.T @ at.x
    nu, a = at.z[count:-2], held[count:]
    # At a multiplier of zero the dual has a kink: the row pulls only when it is broken.
    below, above = a - data.low_row, a - data.high_row
    pulled = np.where(nu > 0.0, below, np.where(nu < 0.0, above, np.minimum(below, 0.0) + np.maximum(above, 0.0)))
    traded = float(np.abs(at.x - data.start).sum()) - data.turnover
    apart = float((data.spec * (0.5 * at.x - data.bench) * at.x).sum() + ((0.5 * at.y - data.target) * at.y).sum())
    ends = [-traded if has_turnover else 0.0, -(apart + data.risk_cap) if has_risk else 0.0]
    return np.concatenate([held[:count] - at.y, pulled, ends])


def _hessian(data: _Data, at: _Point) -> Float64:
    count, scale = data.factors, 1.0 + at.z[-1]
    free = at.move != 0.0
    root = 1.0 / np.sqrt(at.curve[free])
    work = np.column_stack([
        data.rows[free] * root[:, None], -at.move[free] * root,
        data.spec[free] * (data.bench[free] - at.x[free]) * root,
    ])  # fmt: skip
    hessian: Float64 = work.T @ work
    gap = data.target - at.y
    k = np.arange(count)
    hessian[k, k] += 1.0 / scale
    hessian[k, -1] -= gap / scale
    hessian[-1, k] -= gap / scale
    hessian[-1, -1] += float(gap @ gap) / scale
    return hessian


def _direction(hessian: Float64, gradient: Float64, z: Float64, free: npt.NDArray[np.bool_], signs: Float64) -> Float64:
    """Newton step over the free multipliers; one that stands at zero and would leave on the wrong side stays.

    ``signs`` is +1 for multipliers that must not be negative, 2 for rows with a lower and an upper bound, 0 elsewhere.
    """
    size = z.size
    direction = np.zeros(size)
    for _ in range(size):
        at = np.flatnonzero(free)
        direction = np.zeros(size)
        direction[at] = np.linalg.solve(hessian[np.ix_(at, at)], -gradient[at])
        wrong = free & (z == 0.0) & (
            ((signs == 1.0) & (direction < 0.0)) | ((signs == 2.0) & (direction * gradient > 0.0))
        )  # fmt: skip
        if not wrong.any():
            break
        free[wrong] = False
    return direction


def solve(
    rows: Float64, factors: int, linear: Float64, spec: Float64, low_row: Float64, high_row: Float64, start: Float64,
    bench: Float64, target: Float64, cost: Float64, impact: Float64, turnover: float, risk_cap: float, low: Float64,
    high: Float64, z: Float64, max_steps: int, tolerance: float,
) -> tuple[Float64, Float64, int, float]:  # fmt: skip
    """Minimize the negative dual by projected semismooth Newton; z is the start and becomes the result.

    Returns weights, factors' values, steps, residual. NaN for ``turnover`` or ``risk_cap`` means no such limit.
    """
    has_turnover, has_risk = not np.isnan(turnover), not np.isnan(risk_cap)
    data = _Data(
        rows, factors, linear, spec, low_row, high_row, start, bench, target, cost, impact,
        turnover if has_turnover else 0.0, risk_cap if has_risk else 0.0, low, high,
    )  # fmt: skip
    if not has_turnover:
        z[-2] = 0.0
    if not has_risk:
        z[-1] = 0.0
    signs = np.concatenate([np.zeros(factors), np.where(low_row < high_row, 2.0, 0.0), [1.0, 1.0]])
    inverse = float((1.0 / spec).sum())
    at = _point(data, z.copy())
    residual, steps = np.inf, 0
    for steps in range(max_steps):  # noqa: B007
        gradient = _gradient(data, at, has_turnover=has_turnover, has_risk=has_risk)
        idle = ((signs == 1.0) & (at.z <= 0.0) & (gradient >= 0.0)) | (
            (signs == 2.0) & (at.z == 0.0) & (gradient == 0.0)
        )
        free = ~idle
        free[-2] &= has_turnover
        free[-1] &= has_risk
        residual = float(np.abs(gradient[free]).max(initial=0.0))
        if residual < tolerance:
            break
        hessian = _hessian(data, at)
        ridge = (min(1e-4, 1e-2 * residual**2) + 1e-15) * inverse
        middle = np.arange(factors, z.size - 1)
        hessian[middle, middle] += ridge
        hessian[-1, -1] += 1e-14 * (1.0 + hessian[-1, -1])
        direction = _direction(hessian, gradient, at.z, free, signs)
        length, found = 1.0, None
        for _ in range(60):
            moved = at.z + length * direction
            moved[-2:] = np.maximum(moved[-2:], 0.0)
            moved[(signs == 2.0) & (at.z * moved < 0.0)] = 0.0
            there = _point(data, moved)
            slope = min(float(gradient @ (moved - at.z)), 0.0)
            if there.value <= at.value + 1e-4 * slope + 1e-15 * (1.0 + abs(at.value)):
                found = there
                break
            length *= 0.5
        if found is None:
            break
        at = found
        z[:] = at.z
    return at.x, at.y, steps, residual
