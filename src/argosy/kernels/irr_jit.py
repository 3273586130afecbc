"""Compiled internal rates of return of many streams. Imported only for large work: loading it loads the JIT.

The unknown is the log ``x`` of one plus the rate, found on ``log(present value of what came back) - log(present value
of what was paid)``: nearly a straight line in ``x``, so third-order steps settle in two or three evaluations. A rate
that cannot be shown to be the only one is left to the plain twin, which finds all.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from argosy.kernels.reference import irr as twin

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Status = npt.NDArray[np.int8]

FOUND, ONE_SIGN, NOT_FINITE, UNSETTLED = twin.FOUND, twin.ONE_SIGN, twin.NOT_FINITE, twin.UNSETTLED
# Third-order steps: a step of 1e-5 leaves an error near 1e-15.
CLOSE = 1e-5
FARTHEST = 20.0


@njit(cache=True, nogil=True)
def _only(flows: Float64, days: Int64, x: float, per_day: float) -> bool:
    """Say whether balances, added up over time from either end, never change sign: then there is no other rate either.

    Beside ``x``, ``f(x + u) / u`` is the transform of the balance over time; for rates above, its zeros are no more
    than the changes of sign of the balance added up from the start, for rates below from the end.
    """
    n = flows.size
    running = area = size = 0.0
    least, largest = math.inf, -math.inf
    for i in range(n - 1):
        running += flows[i] * math.exp(-x * (days[i] - days[0]) * per_day)
        span = (days[i + 1] - days[i]) * per_day
        if span > 0.0:
            area += running * span
            size += abs(running) * span
            least = min(least, area)
            largest = max(largest, area)
    slack = 1e-10 * size
    if not (largest < -slack or least > slack):
        return False
    whole = area
    running = area = 0.0
    least, largest = math.inf, -math.inf
    for i in range(n - 1):
        running += flows[i] * math.exp(-x * (days[i] - days[0]) * per_day)
        span = (days[i + 1] - days[i]) * per_day
        if span > 0.0:
            least = min(least, whole - area)
            largest = max(largest, whole - area)
            area += running * span
    return largest < -slack or least > slack


@njit(cache=True, nogil=True)
def _rate(flows: Float64, days: Int64, year: float) -> tuple[float, int]:
    n = flows.size
    total = paid = back = money_time = 0.0
    ordered = True
    for i in range(n):
        c = flows[i]
        total += c
        paid -= c if c < 0.0 else 0.0
        back += c if c > 0.0 else 0.0
        money_time += c * (days[n - 1] - days[i])
        ordered &= i == 0 or days[i] >= days[i - 1]
    if not math.isfinite(total + paid + back):
        return math.nan, NOT_FINITE
    if paid == 0.0 or back == 0.0:
        return math.nan, UNSETTLED if paid == back else ONE_SIGN
    if not ordered or days[0] == days[n - 1] or not math.isfinite(money_time):
        return math.nan, UNSETTLED
    x = -total * year / money_time if money_time != 0.0 else 0.0
    x = min(max(x, -0.5), 0.5)
    per_day = 1.0 / year
    for _ in range(40):
        p0 = p1 = p2 = q0 = q1 = q2 = running = 0.0
        least, largest = math.inf, -math.inf
        for i in range(n):
            t = (days[i] - days[0]) * per_day
            v = flows[i] * math.exp(-x * t)
            tv = t * v
            if v > 0.0:
                p0 += v
                p1 += tv
                p2 += t * tv
            else:
                q0 -= v
                q1 -= tv
                q2 -= t * tv
            running += v
            if i + 1 < n and days[i + 1] != days[i]:
                least = min(least, running)
                largest = max(largest, running)
        if not (p0 > 0.0 and q0 > 0.0):
            return math.nan, UNSETTLED
        p1 /= p0
        q1 /= q0
        value = math.log(p0 / q0)
        slope = q1 - p1
        curve = (p2 / p0 - p1 * p1) - (q2 / q0 - q1 * q1)
        bottom = 2.0 * slope * slope - value * curve
        if slope == 0.0:
            return math.nan, UNSETTLED
        step = -2.0 * value * slope / bottom if bottom > slope * slope else -value / slope
        step = min(max(step, -1.0), 1.0)
        x += step
        if abs(x) > FARTHEST:
            return math.nan, UNSETTLED
        if abs(step) <= CLOSE * min(1.0, 1.0 / (days[n - 1] - days[0]) / per_day + 1e-2):
            # Balances of one sign, by more than the last step and rounding can move them: the only rate.
            slack = (p0 + q0) * (1e-12 + 4.0 * abs(step) * (days[n - 1] - days[0]) * per_day)
            if largest < -slack or least > slack:
                return math.expm1(x), FOUND
            if abs(step) <= 1e-12:
                return math.expm1(x), FOUND if _only(flows, days, x, per_day) else UNSETTLED
    return math.nan, UNSETTLED


@njit(cache=True, nogil=True, parallel=True)
def rates_kernel(flows: Float64, days: Int64, offsets: Int64, year: float) -> tuple[Float64, Status]:
    """Rate and status of each stream; ``UNSETTLED`` where the twin has to decide."""
    count = offsets.size - 1
    rates = np.empty(count)
    statuses = np.empty(count, dtype=np.int8)
    blocks = min(count, 256)
    for block in prange(blocks):
        for row in range(block * count // blocks, (block + 1) * count // blocks):
            first, last = offsets[row], offsets[row + 1]
            rate, status = _rate(flows[first:last], days[first:last], year)
            rates[row] = rate
            statuses[row] = status
    return rates, statuses
