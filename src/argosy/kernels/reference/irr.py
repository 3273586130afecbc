"""Plain twin of :mod:`argosy.kernels.irr`: every internal rate of return of a stream of flows, or why there is none.

With ``x`` the log of one plus the rate, present value is ``f(x) = sum c_i exp(-x t_i)``. Two facts make the search
complete (Laguerre 1883). Multiplied by ``exp(x t*)``, with ``t*`` between two flows of opposite sign, its derivative
has one change of sign less, so between the zeros of that derivative there is at most one rate. And a rate is the only
one when the balances ``A_k = sum_{i<=k} c_i exp(-x t_i)`` at that rate never change sign, as ``f(x + u) / u`` is then
a transform of one sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

FOUND, ONE_SIGN, SAME_DAY, ALL_ZERO, NO_ROOT, SEVERAL, TOO_LARGE, NOT_FINITE, UNSETTLED = range(9)

LARGEST_LOG = 700.0
# A stationary value this small beside the sum of absolute terms touches zero.
TOUCHES = 1e-13
MOST_STEPS = 400


def net_by_time(flows: Sequence[float], times: Sequence[float]) -> tuple[list[float], list[float]]:
    """Flows in order of time, those of one time added up, zeros left out.

    Examples
    --------
    >>> net_by_time([5.0, -1.0, 2.0, -2.0], [1.0, 0.0, 1.0, 3.0])
    ([-1.0, 7.0, -2.0], [0.0, 1.0, 3.0])
    """
    together: dict[float, list[float]] = {}
    for flow, time in zip(flows, times, strict=True):
        together.setdefault(float(time), []).append(float(flow))
    kept = [(time, total) for time in sorted(together) if (total := math.fsum(together[time])) != 0.0]
    return [total for _, total in kept], [time for time, _ in kept]


def scaled_value(c: Sequence[float], t: Sequence[float], x: float) -> float:
    """``f(x)`` divided by its largest exponential: within the sum of absolute flows, so it never overflows."""
    largest = max(-x * time for time in t)
    return math.fsum(flow * math.exp(-x * time - largest) for flow, time in zip(c, t, strict=True))


def _touch(c: Sequence[float], t: Sequence[float], x: float) -> bool:
    largest = max(-x * time for time in t)
    terms = [flow * math.exp(-x * time - largest) for flow, time in zip(c, t, strict=True)]
    return abs(math.fsum(terms)) <= TOUCHES * math.fsum(abs(term) for term in terms)


def _between(c: Sequence[float], t: Sequence[float], low: float, high: float) -> float:
    """The zero between two places of opposite signs (Anderson and Bjoerck 1973, halving where that is slow)."""
    f_low, f_high = scaled_value(c, t, low), scaled_value(c, t, high)
    best, f_best = (low, f_low) if abs(f_low) < abs(f_high) else (high, f_high)
    for step in range(MOST_STEPS):
        if f_best == 0.0 or high - low <= 2.0**-51 * max(abs(low), abs(high), 1e-3):
            break
        middle = (low * f_high - high * f_low) / (f_high - f_low) if step % 8 < 6 else 0.5 * (low + high)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = scaled_value(c, t, middle)
        if abs(value) < abs(f_best):
            best, f_best = middle, value
        if (value > 0.0) == (f_low > 0.0):
            shrink = 1.0 - value / f_low
            low, f_low = middle, value
            f_high *= shrink if shrink > 0.0 else 0.5
        else:
            shrink = 1.0 - value / f_high
            high, f_high = middle, value
            f_low *= shrink if shrink > 0.0 else 0.5
    return best


def _outwards(c: Sequence[float], t: Sequence[float], start: float, *, up: bool) -> float | None:
    """A zero beyond ``start``, where the first (up) or last flow decides the sign in the end; None if there is none."""
    final = c[0] if up else c[-1]
    value = scaled_value(c, t, start)
    if value == 0.0 or (value > 0.0) == (final > 0.0):
        return None
    step, near = 0.5, start
    while True:
        far = near + step if up else near - step
        if (scaled_value(c, t, far) > 0.0) == (final > 0.0):
            return _between(c, t, min(near, far), max(near, far))
        near, step = far, 2.0 * step


def log_rates(c: Sequence[float], t: Sequence[float]) -> list[float]:
    """All zeros of ``f``, ascending, for flows that are netted, ordered and not zero."""
    changes = [k for k in range(len(c) - 1) if (c[k] > 0.0) != (c[k + 1] > 0.0)]
    if not changes:
        return []
    k = changes[len(changes) // 2]
    pivot = 0.5 * (t[k] + t[k + 1])
    still = log_rates([flow * (pivot - time) for flow, time in zip(c, t, strict=True)], t)
    if not still:
        still = [0.0]  # monotone: one outward search from anywhere finds the only zero
    touched = [_touch(c, t, x) for x in still]
    found = [x for x, touches in zip(still, touched, strict=True) if touches]
    # From a place that touches zero the value only moves away from it, so there is nothing to find beyond.
    below = None if touched[0] else _outwards(c, t, still[0], up=False)
    above = None if touched[-1] else _outwards(c, t, still[-1], up=True)
    found += [x for x in (below, above) if x is not None]
    for left, right, at_left, at_right in zip(still, still[1:], touched, touched[1:], strict=False):
        f_left, f_right = scaled_value(c, t, left), scaled_value(c, t, right)
        if not at_left and not at_right and (f_left > 0.0) != (f_right > 0.0):
            found.append(_between(c, t, left, right))
    return sorted(_merged(found))


def _merged(found: list[float]) -> list[float]:
    kept: list[float] = []
    for x in sorted(found):
        if not kept or x - kept[-1] > 1e-7 * max(1.0, abs(x)):
            kept.append(x)
    return kept


def all_rates(flows: Sequence[float], times: Sequence[float]) -> tuple[int, list[float]]:
    """Status and all rates of return above -1, ascending, of flows at times in years.

    Examples
    --------
    >>> status, rates = all_rates([-1000, 2550, -1625], [0, 1, 2])
    >>> status == SEVERAL, [round(rate, 12) for rate in rates]
    (True, [0.25, 0.3])
    >>> all_rates([-100, 200, -150], [0, 1, 2]) == (NO_ROOT, [])
    True
    """
    if not all(math.isfinite(value) for value in (*flows, *times)):
        return NOT_FINITE, []
    c, t = net_by_time(flows, times)
    if not c:
        return ALL_ZERO, []
    if len(c) == 1:
        alone = len({time for flow, time in zip(flows, times, strict=True) if flow != 0.0}) == 1
        both_ways = any(flow > 0.0 for flow in flows) and any(flow < 0.0 for flow in flows)
        return (SAME_DAY if alone and both_ways else ONE_SIGN), []
    if all(flow > 0.0 for flow in c) or all(flow < 0.0 for flow in c):
        return ONE_SIGN, []
    scale = max(abs(flow) for flow in c)
    start = t[0]
    logs = log_rates([flow / scale for flow in c], [time - start for time in t])
    if not logs:
        return NO_ROOT, []
    if logs[-1] > LARGEST_LOG:
        return TOO_LARGE, []
    rates = [math.expm1(x) for x in logs]
    return (FOUND if len(rates) == 1 else SEVERAL), rates


def block_rates(
    flows: Sequence[float], times: Sequence[float], offsets: Sequence[int]
) -> tuple[list[float], list[int], dict[int, list[float]]]:
    """Rate and status of each stream ``flows[offsets[i]:offsets[i+1]]``, and all rates of those that have several."""
    rates: list[float] = []
    statuses: list[int] = []
    several: dict[int, list[float]] = {}
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        status, found = all_rates(flows[first:last], times[first:last])
        if status == SEVERAL:
            several[row] = found
        rates.append(found[0] if status == FOUND else math.nan)
        statuses.append(status)
    return rates, statuses, several
