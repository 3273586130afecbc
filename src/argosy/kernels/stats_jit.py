"""Compiled sums of many series at once. Imported only for large work: loading it loads the JIT.

One series fits the processor's first cache, so each group of sums is its own short loop over it; sums may be reordered
(that makes them vector instructions), comparisons and products of the wealth path may not.
Results repeat bit for bit in one build on one class of processor, whatever the number of threads.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from argosy.kernels.reference import stats as twin

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

TARGET, PATH, EPISODES, GROWTH, TAIL = twin.TARGET, twin.PATH, twin.EPISODES, twin.GROWTH, twin.TAIL
RELATIVE, SIDES, SERIAL, WHOLE, STEADY = twin.RELATIVE, twin.SIDES, twin.SERIAL, twin.WHOLE, twin.STEADY
WIDTH = twin.WIDTH
LEAST, LARGEST = twin.LEAST_PRODUCT, twin.LARGEST_PRODUCT
_P = twin.PLACE
EXCESS_AT, BELOW_AT, DRAWDOWN_AT, EPISODE_AT = _P["excess_mean"], _P["below1"], _P["max_drawdown"], _P["episode_count"]
GROWTH_AT, TAIL_AT, BENCH_AT, SIDES_AT = (
    _P["growth_r2"],
    _P["quantile_low"],
    _P["benchmark_mean"],
    _P["up_excess_count"],
)
COV_AT, UP_AT, DOWN_AT, SERIAL_AT = _P["covariance"], _P["up_count"], _P["down_count"], _P["autocovariance"]
RELATIVE_EXCESS_AT = _P["excess_covariance"]

# Sums may be regrouped; NaN and infinity keep their meaning.
REGROUP = {"reassoc", "contract", "nsz", "arcp"}


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _total(x: Float64) -> float:
    total = 0.0
    for i in range(x.size):
        total += x[i]
    return total


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _product(x: Float64) -> float:
    product = 1.0
    for i in range(x.size):
        product *= 1.0 + x[i]
    return product


@njit(cache=True, nogil=True)
def _log_sum(x: Float64, b: Float64, side: int) -> float:
    """Slow and safe sum of log(1 + x) where b has the sign ``side`` (0: everywhere)."""
    total = 0.0
    for i in range(x.size):
        if side == 0 or b[i] * side > 0.0:
            if x[i] < -1.0:
                return math.nan
            total += math.log1p(x[i]) if x[i] > -1.0 else -math.inf
    return total


@njit(cache=True, nogil=True)
def _log_of(product: float, least: float, x: Float64, b: Float64, side: int) -> float:
    if least > -1.0 and LEAST < product < LARGEST:
        return math.log(product)
    return _log_sum(x, b, side)


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _moments(x: Float64, mean: float, out: Float64) -> None:
    m2 = m3 = m4 = gains = losses = 0.0
    risen = fallen = 0.0
    for i in range(x.size):
        v = x[i]
        d = v - mean
        square = d * d
        m2 += square
        m3 += square * d
        m4 += square * square
        gains += v if v > 0.0 else 0.0
        losses -= v if v < 0.0 else 0.0
        risen += 1.0 if v > 0.0 else 0.0
        fallen += 1.0 if v < 0.0 else 0.0
    out[2], out[3], out[4] = m2, m3, m4
    out[7], out[8], out[9], out[10] = gains, losses, risen, fallen


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})
def _extremes(x: Float64) -> tuple[float, float]:
    least = largest = x[0]
    for i in range(x.size):
        least = min(least, x[i])
        largest = max(largest, x[i])
    return least, largest


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _excess(x: Float64, mean: float, rate: Float64, out: Float64) -> None:
    rate_mean = _total(rate) / x.size
    m2 = 0.0
    for i in range(x.size):
        d = (x[i] - mean) - (rate[i] - rate_mean)
        m2 += d * d
    out[EXCESS_AT] = mean - rate_mean
    out[EXCESS_AT + 1] = m2


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _target(x: Float64, target: Float64, out: Float64) -> None:
    one = two = three = above = count = over = 0.0
    for i in range(x.size):
        gap = x[i] - target[i]
        under = -gap if gap < 0.0 else 0.0
        one += under
        square = under * under
        two += square
        three += square * under
        above += gap if gap > 0.0 else 0.0
        count += 1.0 if gap < 0.0 else 0.0
        over += gap
    out[BELOW_AT], out[BELOW_AT + 1], out[BELOW_AT + 2] = one, two, three
    out[BELOW_AT + 3], out[BELOW_AT + 4], out[BELOW_AT + 5] = above, count, over / x.size


@njit(cache=True, nogil=True)
def _path(x: Float64, buffer: Float64) -> None:
    """Fill the buffer with wealth over its peak; the products are taken in order."""
    wealth = peak = 1.0
    for i in range(x.size):
        wealth *= 1.0 + x[i]
        peak = max(peak, wealth)
        buffer[i] = wealth / peak


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _drawdowns(ratio: Float64, out: Float64) -> None:
    total = squares = 0.0
    for i in range(ratio.size):
        drawdown = 1.0 - ratio[i]
        total += drawdown
        squares += drawdown * drawdown
    out[DRAWDOWN_AT + 1], out[DRAWDOWN_AT + 2] = total, squares


@njit(cache=True, nogil=True)
def _episodes(x: Float64, out: Float64) -> None:
    wealth = peak = run = 1.0
    depth = squares = runs = 0.0
    count = under = longest = 0
    for i in range(x.size):
        wealth *= 1.0 + x[i]
        if wealth >= peak:
            if depth > 0.0:
                count += 1
                squares += depth * depth
            peak = wealth
            depth = 0.0
            under = 0
        else:
            under += 1
            longest = max(longest, under)
            depth = max(depth, 1.0 - wealth / peak)
        if x[i] < 0.0:
            run *= 1.0 + x[i]
        elif run != 1.0:
            runs += (1.0 - run) * (1.0 - run)
            run = 1.0
    if depth > 0.0:
        count += 1
        squares += depth * depth
    runs += (1.0 - run) * (1.0 - run)
    out[EPISODE_AT], out[EPISODE_AT + 1], out[EPISODE_AT + 2], out[EPISODE_AT + 3] = count, squares, runs, longest


@njit(cache=True, nogil=True)
def _levels(x: Float64, buffer: Float64) -> None:
    level = 0.0
    for i in range(x.size):
        level += math.log1p(x[i])
        buffer[i] = level


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _fit(level: Float64) -> float:
    count = level.size
    mean = _total(level) / count
    middle = (count - 1) / 2.0
    total = slope = 0.0
    for i in range(count):
        d = level[i] - mean
        total += d * d
        slope += d * (i - middle)
    low, high = _extremes(level)
    scale = max(1.0, max(-low, high))
    if total <= 1e-24 * count * scale * scale:
        return math.nan
    times = count * (count * float(count) - 1.0) / 12.0
    return slope * slope / (times * total)


@njit(cache=True, nogil=True)
def _select(a: Float64, low: int, high: int, k: int) -> None:
    """Reorder a[low..high] so that a[k] is in its sorted place, smaller before it, larger behind it (Hoare)."""
    while low < high:
        pivot = a[(low + high) >> 1]
        i, j = low, high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            return


@njit(cache=True, nogil=True)
def _largest_last(a: Float64, last: int) -> None:
    """Swap the largest of a[0..last] to the end of that range."""
    place = last
    for i in range(last):
        if a[i] > a[place]:
            place = i
    a[place], a[last] = a[last], a[place]


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _below(x: Float64, level: float) -> float:
    total = count = 0.0
    for i in range(x.size):
        total += x[i] if x[i] <= level else 0.0
        count += 1.0 if x[i] <= level else 0.0
    return total / count


@njit(cache=True, nogil=True)
def _tail(x: Float64, a: Float64, share: float, out: Float64) -> None:
    count = x.size
    for i in range(count):
        a[i] = x[i]
    mass = count * share
    if abs(mass - round(mass)) < 1e-9:
        mass = float(round(mass))
    low, high = (count - 1) * share, (count - 1) * (1.0 - share)
    order, whole = max(math.ceil(mass) - 1, 0), math.floor(mass)
    k_low, k_high = int(low), int(high)
    last = min(max(k_low + 1, max(order, whole)), count - 1)
    if k_high <= last + 1:
        a[:count].sort()
    else:
        _select(a, 0, count - 1, last)
        # The places asked for are at most two before `last`.
        for back in range(1, 4):
            if last - back > 0:
                _largest_last(a, last - back)
        _select(a, last + 1, count - 1, k_high)
        if k_high + 1 < count:
            place = k_high + 1
            for i in range(k_high + 2, count):
                if a[i] < a[place]:
                    place = i
            a[place], a[k_high + 1] = a[k_high + 1], a[place]
    q_low = a[k_low] + (low - k_low) * (a[min(k_low + 1, count - 1)] - a[k_low])
    total = 0.0
    for i in range(whole):
        total += a[i]
    if whole < count:
        total += (mass - whole) * a[whole]
    out[TAIL_AT] = q_low
    out[TAIL_AT + 1] = a[k_high] + (high - k_high) * (a[min(k_high + 1, count - 1)] - a[k_high])
    out[TAIL_AT + 2] = a[order]
    out[TAIL_AT + 3] = total / mass
    out[TAIL_AT + 4] = _below(x, q_low)


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _bench_sides(x: Float64, b: Float64, found: Float64) -> None:
    """Counts, products and sums of x where b rises and falls: up product, up sum, down product, down sum, counts."""
    up = down = 1.0
    up_sum = down_sum = up_count = down_count = 0.0
    for i in range(x.size):
        v = x[i]
        up *= 1.0 + v if b[i] > 0.0 else 1.0
        down *= 1.0 + v if b[i] < 0.0 else 1.0
        up_sum += v if b[i] > 0.0 else 0.0
        down_sum += v if b[i] < 0.0 else 0.0
        up_count += 1.0 if b[i] > 0.0 else 0.0
        down_count += 1.0 if b[i] < 0.0 else 0.0
    found[0], found[1], found[2], found[3], found[4], found[5] = up, up_sum, down, down_sum, up_count, down_count


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _benchmark_sums(b: Float64, found: Float64) -> float:
    mean = _total(b) / b.size
    m2 = 0.0
    for i in range(b.size):
        d = b[i] - mean
        m2 += d * d
    found[0], found[1] = mean, m2
    return mean


@njit(cache=True, nogil=True)
def _benchmark(b: Float64, out: Float64) -> None:
    """The part of the row that is about the benchmark alone."""
    found = np.empty(6)
    _benchmark_sums(b, found)
    out[BENCH_AT], out[BENCH_AT + 1] = found[0], found[1]
    least, largest = _extremes(b)
    out[BENCH_AT + 2] = max(abs(least), abs(largest))
    out[BENCH_AT + 3] = _log_of(_product(b), least, b, b, 0)
    _bench_sides(b, b, found)
    out[UP_AT], out[DOWN_AT] = found[4], found[5]
    out[UP_AT + 3], out[UP_AT + 4] = _log_of(found[0], least, b, b, 1), found[1]
    out[DOWN_AT + 3], out[DOWN_AT + 4] = _log_of(found[2], least, b, b, -1), found[3]


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _relative_sums(x: Float64, b: Float64, mean: float, b_mean: float, out: Float64) -> None:
    cov = active = 0.0
    for i in range(x.size):
        d = x[i] - mean
        e = b[i] - b_mean
        cov += d * e
        active += (d - e) * (d - e)
    out[COV_AT], out[COV_AT + 1], out[COV_AT + 2] = cov, mean - b_mean, active


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _relative_excess(x: Float64, b: Float64, rate: Float64, mean: float, b_mean: float, out: Float64) -> None:
    rate_mean = _total(rate) / x.size
    cov = m2 = 0.0
    for i in range(x.size):
        r = rate[i] - rate_mean
        e = b[i] - b_mean - r
        cov += (x[i] - mean - r) * e
        m2 += e * e
    at = RELATIVE_EXCESS_AT
    out[at], out[at + 1], out[at + 2] = cov, b_mean - rate_mean, m2


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _sides(x: Float64, b: Float64, rate: Float64, mean: float, b_mean: float, out: Float64) -> None:
    for side in range(2):
        sign = 1.0 - 2.0 * side
        n = sx = sb = sxb = sbb = 0.0
        for i in range(x.size):
            market = b[i] - rate[i]
            w = 1.0 if market * sign > 0.0 else 0.0
            d = (x[i] - rate[i] - mean) * w
            e = (market - b_mean) * w
            n += w
            sx += d
            sb += e
            sxb += d * e
            sbb += e * e
        at = SIDES_AT + 3 * side
        out[at] = n
        out[at + 1] = sxb - sx * sb / n if n > 0.0 else 0.0
        out[at + 2] = sbb - sb * sb / n if n > 0.0 else 0.0


@njit(cache=True, nogil=True, fastmath=REGROUP)
def _serial(x: Float64, mean: float) -> float:
    total = 0.0
    for i in range(x.size - 1):
        total += (x[i] - mean) * (x[i + 1] - mean)
    return total


@njit(cache=True, nogil=True)
def _one(x: Float64, b: Float64, rate: Float64, target: Float64, groups: int, share: float, buffer: Float64,
         out: Float64) -> None:  # fmt: skip
    """Fill one row; the benchmark's own part is there already where ``WHOLE``."""
    count = x.size
    total = _total(x)
    if not math.isfinite(total):
        out[0] = -1.0
        return
    mean = total / count
    out[0], out[1] = count, mean
    _moments(x, mean, out)
    least, largest = _extremes(x)
    out[5], out[6] = least, largest
    product = _product(x)
    out[12] = _log_of(product, least, x, x, 0)
    if least == -1.0:
        product, out[12] = 0.0, -math.inf
    elif least > -1.0 and not LEAST < product < LARGEST:
        product = math.exp(out[12]) if out[12] < 709.0 else math.inf
    out[11] = product
    if groups & STEADY:
        out[EXCESS_AT], out[EXCESS_AT + 1] = mean - rate[0], out[2]
        out[EXCESS_AT + 2] = count * math.log1p(rate[0]) if rate[0] > -1.0 else math.nan
    else:
        _excess(x, mean, rate, out)
        out[EXCESS_AT + 2] = _log_sum(rate, rate, 0)
    if groups & TARGET:
        _target(x, target, out)
    if groups & PATH:
        _path(x, buffer)
        _drawdowns(buffer[:count], out)
        out[DRAWDOWN_AT] = max(1.0 - _extremes(buffer[:count])[0], 0.0)
    if groups & EPISODES:
        _episodes(x, out)
    if groups & GROWTH:
        out[GROWTH_AT] = math.nan
        if count > 1 and least > -1.0:
            _levels(x, buffer)
            out[GROWTH_AT] = _fit(buffer[:count])
    if groups & TAIL:
        _tail(x, buffer, share, out)
    if groups & (RELATIVE | SIDES):
        if not groups & WHOLE:
            _benchmark(b, out)
        b_mean = out[BENCH_AT]
        _relative_sums(x, b, mean, b_mean, out)
        found = np.empty(6)
        _bench_sides(x, b, found)
        out[UP_AT + 1], out[UP_AT + 2] = _log_of(found[0], least, x, b, 1), found[1]
        out[DOWN_AT + 1], out[DOWN_AT + 2] = _log_of(found[2], least, x, b, -1), found[3]
        if groups & STEADY:
            at = RELATIVE_EXCESS_AT
            out[at], out[at + 1], out[at + 2] = out[COV_AT], b_mean - rate[0], out[BENCH_AT + 1]
        else:
            _relative_excess(x, b, rate, mean, b_mean, out)
        if groups & SIDES:
            _sides(x, b, rate, out[EXCESS_AT], out[RELATIVE_EXCESS_AT + 1], out)
    if groups & SERIAL:
        out[SERIAL_AT] = _serial(x, mean)


@njit(cache=True, nogil=True, parallel=True)
def block_kernel(returns: Float64, benchmark: Float64, rate: Float64, target: Float64, spans: Int64, groups: int,
                 share: float) -> Float64:  # fmt: skip
    """Rows of sums for each series; where all are ``WHOLE``, one benchmark's own part serves all."""
    count, length = returns.shape
    out = np.full((count, WIDTH), np.nan)
    relative = groups & (RELATIVE | SIDES)
    if relative and groups & WHOLE and benchmark.shape[0] == 1:
        _benchmark(benchmark[0], out[0])
    else:
        groups &= ~WHOLE
    common = out[0].copy() if count else np.empty(0)
    blocks = min(count, 64)
    for block in prange(blocks):
        buffer = np.empty(length)
        for s in range(block * count // blocks, (block + 1) * count // blocks):
            first, last = spans[s, 0], spans[s, 1]
            if groups & WHOLE:
                out[s, :] = common
            _one(
                returns[s, first:last],
                benchmark[s if benchmark.shape[0] > 1 else 0, first:last],
                rate[s if rate.shape[0] > 1 else 0, first:last],
                target[s if target.shape[0] > 1 else 0, first:last],
                groups, share, buffer, out[s],
            )  # fmt: skip
    return out
