"""Maximum likelihood of GARCH(1,1), GJR(1,1,1) and EGARCH(1,1,1): likelihood, its gradient, and a quasi-Newton search.

Natural parameters are (mean, omega, alpha, gamma, beta, degrees of freedom), e_t = y_t - mean, z = e / sqrt(h):

    GARCH, GJR   h_t = omega + (alpha + gamma [e_(t-1) < 0]) e_(t-1)^2 + beta h_(t-1)
    EGARCH       log h_t = omega + alpha (|z_(t-1)| - sqrt(2 / pi)) + gamma z_(t-1) + beta log h_(t-1)

The recursion starts from ``before``, the fading mean square of the first 75 deviations (weights 0.94^i).
The search runs in coordinates in which every point is a stationary model. The compiler takes these lines as they are.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

GARCH, GJR, EGARCH = 0, 1, 2
"""Kinds of models; ``student`` is 1 for t errors, 0 for normal ones."""

CONVERGED, UNSETTLED, NONSTATIONARY, CONSTANT = 0, 1, 2, 3
"""Outcomes of a fit."""

WIDTH = 9
"""Columns of a fit: six natural parameters, log-likelihood, status, evaluations."""

EDGE = 0.9999
"""A persistence above this is the edge of the stationary models: nothing in the data holds the fit inside."""

LEAST_NU, MOST_NU = 2.05, 500.0
prange = range
"""Series are fitted one after the other here, and by several threads in the compiled form."""

LOG_2PI = math.log(2.0 * math.pi)
MEAN_ABSOLUTE = math.sqrt(2.0 / math.pi)
MOST_LOG = 200.0

NEARLY = 3.0
"""A start whose likelihood comes this near the best one is searched from, too."""


def digamma(x: float) -> float:
    """Derivative of the logarithm of the gamma function, x > 0 (recurrence, then the asymptotic series)."""
    total = 0.0
    while x < 8.0:
        total -= 1.0 / x
        x += 1.0
    r = 1.0 / (x * x)
    series = r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r / 132.0))))
    return total + math.log(x) - 0.5 / x - series


def starting_square(y: Float64) -> float:
    """Fading mean square of the first deviations from the mean, from which the recursion starts."""
    mean = 0.0
    for i in range(y.size):
        mean += y[i]
    mean /= y.size
    total = 0.0
    weights = 0.0
    weight = 1.0
    for i in range(min(75, y.size)):
        total += weight * (y[i] - mean) ** 2
        weights += weight
        weight *= 0.94
    return total / weights


def variances(y: Float64, th: Float64, kind: int, before: float, out: Float64) -> None:
    """Conditional variances (T + 1,): of each period before it is seen, and of the period after the last."""
    mu, omega, alpha, gamma, beta = th[0], th[1], th[2], th[3], th[4]
    if kind == 2:
        level = omega + beta * math.log(before)
        for i in range(y.size):
            h = math.exp(max(min(level, MOST_LOG), -MOST_LOG))
            out[i] = h
            z = (y[i] - mu) / math.sqrt(h)
            level = omega + alpha * (abs(z) - MEAN_ABSOLUTE) + gamma * z + beta * math.log(h)
        out[y.size] = math.exp(max(min(level, MOST_LOG), -MOST_LOG))
        return
    h = omega + (alpha + 0.5 * gamma + beta) * before
    for i in range(y.size):
        out[i] = h
        e = y[i] - mu
        h = omega + (alpha + gamma * (e < 0.0)) * e * e + beta * h
    out[y.size] = h


def cost(y: Float64, th: Float64, kind: int, student: int, before: float, g: Float64) -> float:
    """Negative log-likelihood, and its gradient by natural parameter in ``g`` (6,)."""
    mu, omega, alpha, gamma, beta, nu = th[0], th[1], th[2], th[3], th[4], th[5]
    n = y.size
    half = 0.5 * (nu + 1.0)
    logs = 0.0
    # Logarithms are taken of products of several terms at once.
    product = 1.0
    spread = 0.0
    spread_product = 1.0
    squares = 0.0
    g0 = g1 = g2 = g3 = g4 = 0.0
    shares = 0.0
    d0 = 0.0
    if kind == 2:
        start = math.log(before)
        level = omega + beta * start
        d1, d2, d3, d4 = 1.0, 0.0, 0.0, start
        for i in range(n):
            level = max(min(level, MOST_LOG), -MOST_LOG)
            e = y[i] - mu
            root = math.exp(-0.5 * level)
            z = e * root
            logs += level
            if student:
                q = z * z / (nu - 2.0)
                spread_product *= 1.0 + q
                if spread_product > 1e200:
                    spread += math.log(spread_product)
                    spread_product = 1.0
                share = q / (1.0 + q)
                shares += share
                by_level = 0.5 - half * share
                by_e = 2.0 * half * z * root / ((nu - 2.0) * (1.0 + q))
            else:
                squares += z * z
                by_level = 0.5 - 0.5 * z * z
                by_e = z * root
            g0 += by_level * d0 - by_e
            g1 += by_level * d1
            g2 += by_level * d2
            g3 += by_level * d3
            g4 += by_level * d4
            slope = gamma + (alpha if z >= 0.0 else -alpha)
            carry = beta - 0.5 * slope * z
            d0 = carry * d0 - slope * root
            d1 = carry * d1 + 1.0
            d2 = carry * d2 + abs(z) - MEAN_ABSOLUTE
            d3 = carry * d3 + z
            d4 = carry * d4 + level
            level = omega + alpha * (abs(z) - MEAN_ABSOLUTE) + gamma * z + beta * level
    else:
        h = omega + (alpha + 0.5 * gamma + beta) * before
        d1, d2, d3, d4 = 1.0, before, 0.5 * before, before
        for i in range(n):
            e = y[i] - mu
            r = 1.0 / h
            product *= h
            if product > 1e200 or product < 1e-200:
                logs += math.log(product)
                product = 1.0
            if student:
                q = e * e * r / (nu - 2.0)
                spread_product *= 1.0 + q
                if spread_product > 1e200:
                    spread += math.log(spread_product)
                    spread_product = 1.0
                share = q / (1.0 + q)
                shares += share
                by_h = (0.5 - half * share) * r
                by_e = 2.0 * half * e * r / ((nu - 2.0) * (1.0 + q))
            else:
                z = e * e * r
                squares += z
                by_h = 0.5 * (1.0 - z) * r
                by_e = e * r
            g0 += by_h * d0 - by_e
            g1 += by_h * d1
            g2 += by_h * d2
            g4 += by_h * d4
            down = e < 0.0
            reaction = alpha + gamma * down
            if kind == 1:
                g3 += by_h * d3
                d3 = e * e * down + beta * d3
            d0 = beta * d0 - 2.0 * reaction * e
            d1 = beta * d1 + 1.0
            d2 = beta * d2 + e * e
            d4 = beta * d4 + h
            h = omega + reaction * e * e + beta * h
    logs += math.log(product)
    g[0], g[1], g[2], g[3], g[4], g[5] = g0, g1, g2, g3, g4, 0.0
    if not student:
        return 0.5 * (n * LOG_2PI + logs + squares)
    spread += math.log(spread_product)
    constant = math.lgamma(half) - math.lgamma(0.5 * nu) - 0.5 * math.log(math.pi * (nu - 2.0))
    by_constant = 0.5 * (digamma(half) - digamma(0.5 * nu) - 1.0 / (nu - 2.0))
    g[5] = 0.5 * spread - half * shares / (nu - 2.0) - n * by_constant
    total: float = 0.5 * logs + half * spread - n * constant
    return total


def natural(u: Float64, kind: int, student: int, th: Float64) -> None:
    """Natural parameters of a point of the search."""
    th[0] = u[0]
    th[5] = min(LEAST_NU + math.exp(min(u[5], 20.0)), MOST_NU) if student else 0.0
    if kind == 2:
        th[1], th[2], th[3], th[4] = u[1], u[2], u[3], math.tanh(u[4])
        return
    th[1] = math.exp(u[1])
    whole = 1.0 / (1.0 + math.exp(-u[2]))
    if kind == 1:
        top = max(u[3], u[4], 0.0)
        a, b, c = math.exp(u[3] - top), math.exp(u[4] - top), math.exp(-top)
        total = a + b + c
        th[2] = 2.0 * whole * a / total
        th[3] = 2.0 * whole * b / total - th[2]
        th[4] = whole * c / total
        return
    share = 1.0 / (1.0 + math.exp(-u[3]))
    th[2], th[3], th[4] = whole * share, 0.0, whole * (1.0 - share)


def slope_at(
    u: Float64, y: Float64, kind: int, student: int, before: float, th: Float64, g: Float64, out: Float64
) -> float:
    """Negative log-likelihood at a point of the search, and its gradient in these coordinates in ``out``."""
    natural(u, kind, student, th)
    value = cost(y, th, kind, student, before, g)
    out[0] = g[0]
    out[5] = g[5] * (th[5] - LEAST_NU) if student and th[5] < MOST_NU else 0.0
    if kind == 2:
        out[1], out[2], out[3], out[4] = g[1], g[2], g[3], g[4] * (1.0 - th[4] * th[4])
        return value
    out[1] = g[1] * th[1]
    if kind == 1:
        # With p = 2 alpha-share etc.: alpha = 2 w a, alpha + gamma = 2 w b, beta = w c, a + b + c = 1.
        by_a, by_b, by_c = 2.0 * (g[2] - g[3]), 2.0 * g[3], g[4]
        whole = 0.5 * th[2] + 0.5 * (th[2] + th[3]) + th[4]
        a, b, c = 0.5 * th[2] / whole, 0.5 * (th[2] + th[3]) / whole, th[4] / whole
        mean = by_a * a + by_b * b + by_c * c
        out[2] = mean * whole * (1.0 - whole)
        out[3] = whole * a * (by_a - mean)
        out[4] = whole * b * (by_b - mean)
        return value
    whole = th[2] + th[4]
    share = th[2] / whole
    out[2] = (g[2] * share + g[4] * (1.0 - share)) * whole * (1.0 - whole)
    out[3] = (g[2] - g[4]) * whole * share * (1.0 - share)
    out[4] = 0.0
    return value


def search(y: Float64, kind: int, student: int, before: float, u: Float64, th: Float64) -> tuple[float, int, int]:
    """Quasi-Newton (BFGS) from ``u``, which ends at the best point: value, evaluations, status."""
    size = 6
    g = np.zeros(size)
    slope = np.zeros(size)
    trial_slope = np.zeros(size)
    trial = np.zeros(size)
    step = np.zeros(size)
    moved = np.zeros(size)
    product = np.zeros(size)
    inverse = np.zeros((size, size))
    n = y.size
    value = slope_at(u, y, kind, student, before, th, g, slope)
    evaluations = 1
    fresh = True
    still = 0
    status = 1
    for _ in range(200):
        steepest = 0.0
        for i in range(size):
            steepest = max(steepest, abs(slope[i]))
        if steepest < 1e-7 * n:
            status = 0
            break
        if fresh:
            for i in range(size):
                for j in range(size):
                    inverse[i, j] = 0.0
                inverse[i, i] = 4.0 / n
            inverse[0, 0] = 1.0 / n
        falling = 0.0
        largest = 0.0
        for i in range(size):
            total = 0.0
            for j in range(size):
                total -= inverse[i, j] * slope[j]
            step[i] = total
            falling += total * slope[i]
            largest = max(largest, abs(total))
        if falling >= 0.0:
            if fresh:
                break
            fresh = True
            continue
        length = min(1.0, 2.0 / largest)
        accepted = False
        trial_value = value
        for _ in range(30):
            for i in range(size):
                trial[i] = u[i] + length * step[i]
            trial_value = slope_at(trial, y, kind, student, before, th, g, trial_slope)
            evaluations += 1
            if trial_value <= value + 1e-4 * length * falling:
                accepted = True
                break
            # The parabola through value, slope and the trial; kept between a tenth and a half.
            bend = trial_value - value - length * falling
            shorter = -0.5 * falling * length * length / bend if bend > 0.0 and bend < 1e300 else 0.1 * length
            length = min(max(shorter, 0.1 * length), 0.5 * length)
        if not accepted:
            # No lower point along the steepest descent either: the least value to the last digit.
            if fresh:
                status = 0 if steepest < 1e-4 * n else 1
                break
            fresh = True
            continue
        curvature = 0.0
        for i in range(size):
            moved[i] = trial[i] - u[i]
            curvature += moved[i] * (trial_slope[i] - slope[i])
        if curvature > 1e-12:
            bent = 0.0
            for i in range(size):
                total = 0.0
                for j in range(size):
                    total += inverse[i, j] * (trial_slope[j] - slope[j])
                product[i] = total
                bent += total * (trial_slope[i] - slope[i])
            share = (curvature + bent) / (curvature * curvature)
            for i in range(size):
                for j in range(size):
                    inverse[i, j] += share * moved[i] * moved[j]
                    inverse[i, j] -= (product[i] * moved[j] + moved[i] * product[j]) / curvature
        fresh = False
        gained = value - trial_value
        value = trial_value
        for i in range(size):
            u[i] = trial[i]
            slope[i] = trial_slope[i]
        still = still + 1 if gained < 1e-9 * (1.0 + abs(value)) else 0
        if still == 2:
            status = 0
            break
    natural(u, kind, student, th)
    return value, evaluations, status


def start_from(kind: int, whole: float, share: float, u: Float64) -> None:
    """Point of the search with persistence ``whole``, of which ``share`` reacts to shocks."""
    for i in range(6):
        u[i] = 0.0
    u[5] = math.log(6.0)
    if kind == 2:
        u[2], u[4] = 2.0 * share, math.atanh(whole)
        return
    u[1] = math.log(1.0 - whole)
    u[2] = math.log(whole / (1.0 - whole))
    if kind == 1:
        u[3] = u[4] = math.log(0.5 * share / (whole - share))
    else:
        u[3] = math.log(share / (whole - share))


def fit_one(series: Float64, kind: int, student: int, out: Float64) -> None:
    """One fit into ``out`` (WIDTH,); the search works on the series in units of its own deviation."""
    n = series.size
    mean = 0.0
    for i in range(n):
        mean += series[i]
    mean /= n
    total = 0.0
    largest = 0.0
    for i in range(n):
        total += (series[i] - mean) ** 2
        largest = max(largest, abs(series[i]))
    deviation = math.sqrt(total / n)
    if deviation <= 1e-12 * largest or deviation == 0.0:
        out[7] = 3.0
        return
    y = (series - mean) / deviation
    before = starting_square(y)
    th = np.zeros(6)
    u = np.zeros(6)
    trial = np.zeros(6)
    g = np.zeros(6)
    slope = np.zeros(6)
    best = 1e300
    evaluations = 0
    for first in range(3):
        whole = 0.8 + 0.09 * first if first < 2 else 0.98
        for second in range(2):
            start_from(kind, whole, 0.05 + 0.07 * second, trial)
            value = slope_at(trial, y, kind, student, before, th, g, slope)
            evaluations += 1
            if value < best:
                best = value
                for i in range(6):
                    u[i] = trial[i]
    value, more, status = search(y, kind, student, before, u, th)
    evaluations += more + 1
    # Where volatility hardly moves there can be a second hill, of shocks that are forgotten at once.
    start_from(kind, 0.1, 0.08, trial)
    trial[5] = u[5]
    if slope_at(trial, y, kind, student, before, g.copy(), g, slope) < value + NEARLY:
        other = np.zeros(6)
        found, more, settled = search(y, kind, student, before, trial, other)
        evaluations += more
        if kind != 2 and other[4] < 0.05:
            # Its top may lie on the edge, beta 0, which the coordinates only come near.
            trial[3] += 30.0
            trial[4] += 30.0 * kind
            found, more, settled = search(y, kind, student, before, trial, other)
            evaluations += more
        if settled == 0 and (found < value or status != 0):
            value, status = found, settled
            for i in range(6):
                th[i] = other[i]
    persistence = th[4] if kind == 2 else th[2] + 0.5 * th[3] + th[4]
    if status == 0 and (abs(persistence) > EDGE):
        status = 2
    scale = deviation * deviation
    out[0] = mean + deviation * th[0]
    out[1] = th[1] + (1.0 - th[4]) * math.log(scale) if kind == 2 else th[1] * scale
    out[2], out[3], out[4], out[5] = th[2], th[3], th[4], th[5]
    out[6] = -value - n * math.log(deviation)
    out[7] = status
    out[8] = evaluations


def fit_all(series: Float64, kind: int, student: int) -> Float64:
    """Fits (N, WIDTH) of series (N, T)."""
    out = np.zeros((series.shape[0], 9))
    for i in prange(series.shape[0]):
        fit_one(series[i], kind, student, out[i])
    return out
