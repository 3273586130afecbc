"""Compiled dual Newton method for factor-structured portfolio problems; the public face is ``kernels.separable``.

The primal is separable once y = F'x is lifted, so for multipliers z the best weight of each asset is a closed form
(a soft threshold clipped to its box). The dual is smooth piecewise quadratic in few dimensions: K factors, m rows, one
multiplier for turnover, one for tracking error. Semismooth Newton ends in a handful of steps of O(n (K + m)^2).
"""

from __future__ import annotations

import numba
import numpy as np

# Layout of the dual vector z: [v (K), nu (m), tau, lam]


@numba.njit(cache=True, fastmath={"reassoc", "contract"})
def _row_sum(rows, i, z, width):  # type: ignore[no-untyped-def]
    """Row i times z; the order of additions is the compiler's, so that it fills the vector unit."""
    total = 0.0
    for j in range(width):
        total += rows[i, j] * z[j]
    return total


@numba.njit(cache=True, fastmath={"contract"})
def _column_sums(rows, x, out):  # type: ignore[no-untyped-def]
    """Give rows' x in one thread: at these widths, starting BLAS threads costs more than the product."""
    out[:] = 0.0
    for i in range(rows.shape[0]):
        weight = x[i]
        if weight != 0.0:
            for j in range(rows.shape[1]):
                out[j] += rows[i, j] * weight


@numba.njit(cache=True, fastmath={"contract"})
def _gram(work, used, out):  # type: ignore[no-untyped-def]
    """Give work[:used]' work[:used] in one thread, four rows at a time; ``work`` holds zeros up to the next four."""
    size = work.shape[1]
    out[:, :] = 0.0
    for i in range(0, used, 4):
        for j in range(size):
            a, b, c, d = work[i, j], work[i + 1, j], work[i + 2, j], work[i + 3, j]
            for k in range(j, size):
                out[j, k] += a * work[i, k] + b * work[i + 1, k] + c * work[i + 2, k] + d * work[i + 3, k]
    for j in range(size):
        for k in range(j):
            out[j, k] = out[k, j]


@numba.njit(cache=True)
def best_weights(  # type: ignore[no-untyped-def]
    z, dims, rows, linear, spec, start, bench, cost, impact, low, high, x, move, curve
):
    """Fill x with each asset's best weight for multipliers z; move is +1/-1 for free buys/sells, 0 where pinned.

    ``curve`` is the second derivative in each free asset; with impact it falls from infinity at the weight held.

    Returns the asset part of the dual value.
    """
    factors, count = dims[0], dims[1]
    n = x.shape[0]
    tau = z[factors + count]
    lam = z[factors + count + 1]
    scale = 1.0 + lam
    value = 0.0
    for i in range(n):
        s = linear[i] + lam * spec[i] * bench[i] + _row_sum(rows, i, z, factors + count)
        weight = scale * spec[i]
        kappa = cost[i] + tau
        pull = s - weight * start[i]
        bend = weight
        power = impact[i]
        if power > 0.0:
            # weight u + 1.5 power sqrt(u) = |pull| - kappa is a quadratic in sqrt(u).
            side = 1.0 if pull >= 0.0 else -1.0
            rest = abs(pull) - kappa
            if rest > 0.0:
                half = 1.5 * power
                root = 2.0 * rest / (half + np.sqrt(half * half + 4.0 * weight * rest))
                best = start[i] + side * root * root
                bend = weight + 0.5 * half / root if root > 0.0 else np.inf
            else:
                best = start[i]
                side = 0.0
        elif kappa > 0.0:
            if pull > kappa:
                best = start[i] + (pull - kappa) / weight
                side = 1.0
            elif pull < -kappa:
                best = start[i] + (pull + kappa) / weight
                side = -1.0
            else:
                best = start[i]
                side = 0.0
        else:
            best = s / weight
            side = 1.0 if best >= start[i] else -1.0
        if best <= low[i]:
            best = low[i]
            side = 0.0
        elif best >= high[i]:
            best = high[i]
            side = 0.0
        x[i] = best
        move[i] = side
        curve[i] = bend
        moved = abs(best - start[i])
        value += (0.5 * weight * best - s) * best + (kappa + power * np.sqrt(moved)) * moved
    return value


@numba.njit(cache=True)
def dual_value(z, dims, target, low_row, high_row, turnover, risk_cap, asset_part, y):  # type: ignore[no-untyped-def]
    """Negative dual (to be minimized), given the asset part; fills y with the lifted factors' best value."""
    factors, count = dims[0], dims[1]
    tau = z[factors + count]
    lam = z[factors + count + 1]
    scale = 1.0 + lam
    value = asset_part
    for k in range(factors):
        y[k] = (lam * target[k] - z[k]) / scale
        value += 0.5 * scale * y[k] * y[k] - lam * target[k] * y[k] + z[k] * y[k]
    for j in range(count):
        nu = z[factors + j]
        value += low_row[j] * nu if nu > 0.0 else high_row[j] * nu
    value -= tau * turnover
    value += lam * risk_cap
    return -value


@numba.njit(cache=True)
def _curvature(rows, move, curve, spec, x, bench, y, target, dims, scale, hessian, work):  # type: ignore[no-untyped-def]
    """Minus the dual's second derivative: sum of r r'/curve over free assets, plus the factors' own part."""
    factors, count = dims[0], dims[1]
    width = factors + count
    size = width + 2
    used = 0
    for i in range(x.shape[0]):
        if move[i] != 0.0:
            root = 1.0 / np.sqrt(curve[i])
            for j in range(width):
                work[used, j] = rows[i, j] * root
            work[used, width] = -move[i] * root
            work[used, width + 1] = spec[i] * (bench[i] - x[i]) * root
            used += 1
    work[used : used + 3] = 0.0
    _gram(work, used, hessian)
    for k in range(factors):
        gap = target[k] - y[k]
        hessian[k, k] += 1.0 / scale
        hessian[k, size - 1] -= gap / scale
        hessian[size - 1, k] -= gap / scale
        hessian[size - 1, size - 1] += gap * gap / scale


@numba.njit(cache=True)
def solve(  # type: ignore[no-untyped-def]
    rows, factors, linear, spec, low_row, high_row, start, bench, target, cost, impact, turnover, risk_cap, low, high,
    z, max_steps, tolerance,
):  # fmt: skip
    """Minimize -dual by projected semismooth Newton; z is the start and becomes the result.

    rows is (n, K + m): F, then the constraint rows. ``risk_cap`` = (bench' S bench - te^2) / 2, or NaN for no limit on
    tracking error; ``turnover`` NaN for no limit. Returns (x, y, steps, residual).
    """
    n = rows.shape[0]
    count = rows.shape[1] - factors
    size = factors + count + 2
    dims = (factors, count)
    has_turnover = not np.isnan(turnover)
    has_risk = not np.isnan(risk_cap)
    budget = turnover if has_turnover else 0.0
    cap = risk_cap if has_risk else 0.0
    if not has_turnover:
        z[size - 2] = 0.0
    if not has_risk:
        z[size - 1] = 0.0
    x, x2 = np.empty(n), np.empty(n)
    move, move2 = np.empty(n), np.empty(n)
    curve, curve2 = np.empty(n), np.empty(n)
    y, y2 = np.empty(factors), np.empty(factors)
    hessian = np.empty((size, size))
    work = np.empty((n + 3, size))
    gradient = np.empty(size)
    held = np.empty(rows.shape[1])
    free = np.empty(size, np.bool_)
    # A row with two different bounds has a kink at a multiplier of zero; the last two multipliers end there.
    kinked = np.zeros(size, np.bool_)
    for j in range(count):
        kinked[factors + j] = low_row[j] < high_row[j]
    value = dual_value(
        z, dims, target, low_row, high_row, budget, cap,
        best_weights(z, dims, rows, linear, spec, start, bench, cost, impact, low, high, x, move, curve), y,
    )  # fmt: skip
    inverse = 0.0
    for i in range(n):
        inverse += 1.0 / spec[i]
    residual = np.inf
    steps = 0
    for step in range(max_steps):
        steps = step
        _column_sums(rows, x, held)
        for k in range(factors):
            gradient[k] = held[k] - y[k]
        for j in range(count):
            nu = z[factors + j]
            a = held[factors + j]
            if nu > 0.0:
                gradient[factors + j] = a - low_row[j]
            elif nu < 0.0:
                gradient[factors + j] = a - high_row[j]
            elif a < low_row[j]:
                gradient[factors + j] = a - low_row[j]
            elif a > high_row[j]:
                gradient[factors + j] = a - high_row[j]
            else:
                gradient[factors + j] = 0.0
        traded = 0.0
        apart = 0.0
        for i in range(n):
            traded += abs(x[i] - start[i])
            apart += spec[i] * (0.5 * x[i] - bench[i]) * x[i]
        for k in range(factors):
            apart += (0.5 * y[k] - target[k]) * y[k]
        gradient[size - 2] = -(traded - budget) if has_turnover else 0.0
        gradient[size - 1] = -(apart + cap) if has_risk else 0.0
        residual = 0.0
        for j in range(size):
            free[j] = True
            ended = j >= size - 2 and z[j] <= 0.0 and gradient[j] >= 0.0
            if ended or (kinked[j] and z[j] == 0.0 and gradient[j] == 0.0):
                free[j] = False
            if free[j]:
                residual = max(residual, abs(gradient[j]))
        if not has_turnover:
            free[size - 2] = False
        if not has_risk:
            free[size - 1] = False
        if residual < tolerance:
            break
        _curvature(rows, move, curve, spec, x, bench, y, target, dims, 1.0 + z[size - 1], hessian, work)
        ridge = (min(1e-4, 1e-2 * residual * residual) + 1e-15) * inverse
        for j in range(factors, size - 1):
            hessian[j, j] += ridge
        hessian[size - 1, size - 1] += 1e-14 * (1.0 + hessian[size - 1, size - 1])
        direction = np.zeros(size)
        for _ in range(size):
            system = hessian.copy()
            right = -gradient
            for j in range(size):
                if not free[j]:
                    system[j, :] = 0.0
                    system[:, j] = 0.0
                    system[j, j] = 1.0
                    right[j] = 0.0
            direction = np.linalg.solve(system, right)
            blocked = False
            for j in range(factors, size):
                if free[j] and z[j] == 0.0:
                    backward = j >= size - 2 and direction[j] < 0.0
                    if backward or (kinked[j] and direction[j] * gradient[j] > 0.0):
                        free[j] = False
                        blocked = True
            if not blocked:
                break
        slope = 0.0
        for j in range(size):
            slope += gradient[j] * direction[j]
        length = 1.0
        accepted = False
        z2 = z.copy()
        for _ in range(60):
            moved = 0.0
            for j in range(size):
                z2[j] = z[j] + length * direction[j]
                if (j >= size - 2 and z2[j] < 0.0) or (kinked[j] and z[j] * z2[j] < 0.0):
                    z2[j] = 0.0
                moved += gradient[j] * (z2[j] - z[j])
            part = best_weights(z2, dims, rows, linear, spec, start, bench, cost, impact, low, high, x2, move2, curve2)
            value2 = dual_value(z2, dims, target, low_row, high_row, budget, cap, part, y2)
            if value2 <= value + 1e-4 * min(moved, 0.0) + 1e-15 * (1.0 + abs(value)):
                accepted = True
                break
            length *= 0.5
        if not accepted:
            break
        value = value2
        z[:] = z2
        x, x2 = x2, x
        move, move2 = move2, move
        curve, curve2 = curve2, curve
        y, y2 = y2, y
        steps = step + 1
    return x, y, steps, residual
