"""Sums of quantity times price in 128 bits, and their conversion with one rounding, compiled.

A sum is a pair of int64: ``hi * 2**64 + (lo as unsigned)``. Conversion multiplies by exact rationals: double-double
arithmetic decides almost every rounding; where the result is too near a tie to be sure, the row is reported and the
caller asks the exact twin. So the integers are those of :mod:`argosy.kernels.reference.products`, bit for bit.

Importing this module loads the JIT: import it inside the function that needs it, when the work is large.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# The double-double result is trusted to 2**-92 of the sum of absolute terms: 2**10 above the error of its operations.
_RELATIVE = 2.0**-92
# Remainders of exact parts are compared as doubles; nearer than this the exact twin decides.
_CLOSE = 1e-13
_LARGEST = 4.0e18


def _mul_add_code(typing_context: Any, hi: Any, lo: Any, a: Any, b: Any) -> Any:
    pair: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)
        high, low, x, y = arguments
        total = builder.or_(builder.shl(builder.sext(high, wide), ir.Constant(wide, 64)), builder.zext(low, wide))
        total = builder.add(total, builder.mul(builder.sext(x, wide), builder.sext(y, wide)))
        upper = builder.trunc(builder.ashr(total, ir.Constant(wide, 64)), word)
        return context.make_tuple(builder, signature.return_type, (upper, builder.trunc(total, word)))

    return pair(types.int64, types.int64, types.int64, types.int64), build


_mul_add: Any = intrinsic(_mul_add_code)
"""(hi, lo) + a * b in 128 bits, as (hi, lo)."""


@njit(cache=True)
def _two_sum(a: float, b: float) -> tuple[float, float]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@njit(cache=True)
def _two_product(a: float, b: float) -> tuple[float, float]:
    # Veltkamp's split instead of a fused multiply-add, which the JIT does not offer.
    p = a * b
    x = 134217729.0 * a
    a1 = x - (x - a)
    a2 = a - a1
    y = 134217729.0 * b
    b1 = y - (y - b)
    b2 = b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@njit(cache=True)
def _add(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    s, e = _two_sum(ah, bh)
    t, f = _two_sum(al, bl)
    s, e = _two_sum(s, e + t)
    return _two_sum(s, e + f)


@njit(cache=True)
def _multiply(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    p, e = _two_product(ah, bh)
    return _two_sum(p, e + (ah * bl + al * bh))


@njit(cache=True)
def _wide_to_double_double(hi: int, lo: int) -> tuple[float, float]:
    # Four 32-bit pieces are exact doubles; the top one keeps the sign.
    a = float(hi >> 32) * 7.922816251426434e28  # 2**96
    b = float(hi & 0xFFFFFFFF) * 1.8446744073709552e19  # 2**64
    c = float((lo >> 32) & 0xFFFFFFFF) * 4294967296.0
    d = float(lo & 0xFFFFFFFF)
    s, e = _two_sum(a, b)
    s, e = _add(s, e, c, 0.0)
    return _add(s, e, d, 0.0)


@njit(cache=True)
def _floor_divide(hi: int, lo: int, divisor: int) -> tuple[int, int, bool]:
    """Floor and remainder of a wide integer by a positive int64; False where the quotient needs more than 62 bits."""
    if (hi == 0 and lo >= 0) or (hi == -1 and lo < 0):
        return lo // divisor, lo % divisor, True
    h, _ = _wide_to_double_double(hi, lo)
    if abs(h) / float(divisor) > _LARGEST:
        return 0, 0, False
    total = 0
    rest_hi, rest_lo = hi, lo
    for _ in range(8):
        if (rest_hi == 0 and rest_lo >= 0) or (rest_hi == -1 and rest_lo < 0):
            break
        h, _ = _wide_to_double_double(rest_hi, rest_lo)
        guess = int(h / float(divisor))
        total += guess
        rest_hi, rest_lo = _mul_add(rest_hi, rest_lo, -guess, divisor)
    return total + rest_lo // divisor, rest_lo % divisor, True


@njit(cache=True)
def _step(
    group: Int64, item: Int64, first: Int64, stop: Int64, quantity: Int64, prices: Int64, hi: Int64, lo: Int64
) -> None:
    for r in range(len(group)):
        g, i, q = group[r], item[r], quantity[r]
        for t in range(first[r], stop[r]):
            hi[g, t], lo[g, t] = _mul_add(hi[g, t], lo[g, t], q, prices[i, t])


@njit(cache=True)
def _rows(first_row: Int64, item: Int64, quantity: Int64, price: Int64, slot: Int64, hi: Int64, lo: Int64) -> None:
    for p in range(len(first_row) - 1):
        for r in range(first_row[p], first_row[p + 1]):
            i = item[r]
            c = slot[i]
            hi[p, c], lo[p, c] = _mul_add(hi[p, c], lo[p, c], quantity[r], price[i])


@njit(cache=True)
def _largest(group: Int64, item: Int64, first: Int64, stop: Int64, values: Int64, out: Int64) -> None:
    for r in range(len(group)):
        row, line = out[group[r]], values[item[r]]
        for t in range(first[r], stop[r]):
            row[t] = max(row[t], line[t])


@njit(cache=True)
def _convert(
    first_group: Int64,
    weight: Int64,
    divisor: Int64,
    hi: Int64,
    lo: Int64,
    w_hi: Float64,
    w_lo: Float64,
    out: Int64,
    unsure: Flags,
) -> None:
    parts, _, days = hi.shape
    floors = np.zeros(parts, np.int64)
    rest = np.zeros(parts, np.float64)
    exact_rest = np.zeros(parts, np.int64)
    exact = np.zeros(parts, np.bool_)
    taken = np.zeros(parts, np.bool_)
    for p in range(len(first_group) - 1):
        a, b = first_group[p], first_group[p + 1]
        for t in range(days):
            fine = True
            all_exact = True
            common: Any = np.int64(1)
            total: Any = np.int64(0)
            short: Any = np.int64(0)
            total_h, total_l, size = 0.0, 0.0, 0.0
            for k in range(parts):
                exact[k] = True
                single: Any = np.int64(-1)
                for g in range(a, b):
                    if hi[k, g, t] != 0 or lo[k, g, t] != 0:
                        if divisor[g] > 0:
                            single = g
                        else:
                            exact[k] = False
                floors[k], rest[k], exact_rest[k] = 0, 0.0, 0
                if exact[k]:
                    if single >= 0:
                        common = divisor[single]
                        floors[k], exact_rest[k], held = _floor_divide(hi[k, single, t], lo[k, single, t], common)
                        fine = fine and held
                        rest[k] = float(exact_rest[k]) / float(common)
                else:
                    all_exact = False
            if all_exact:
                whole: Any = np.int64(0)
                over: Any = np.int64(0)
                for k in range(parts):
                    whole += floors[k]
                    over += exact_rest[k]  # at most five remainders below 10**18
                more = over // common
                left = over - more * common
                if 2 * left > common or (2 * left == common and ((whole + more) & 1) == 1):
                    more += 1
                total = whole + more
                short = more
            else:
                whole = np.int64(0)
                for k in range(parts):
                    h, low, part_size = 0.0, 0.0, 0.0
                    for g in range(a, b):
                        if hi[k, g, t] != 0 or lo[k, g, t] != 0:
                            x, y = _wide_to_double_double(hi[k, g, t], lo[k, g, t])
                            x, y = _multiply(x, y, w_hi[weight[g] + t], w_lo[weight[g] + t])
                            h, low = _add(h, low, x, y)
                            part_size += abs(x)
                    total_h, total_l = _add(total_h, total_l, h, low)
                    size += part_size
                    if part_size > _LARGEST:
                        fine = False
                    elif not exact[k]:
                        base = np.floor(h)
                        part = (h - base) + low
                        floors[k] = np.int64(base)
                        if part < 0.0:
                            part += 1.0
                            floors[k] -= 1
                        rest[k] = part
                        slack = part_size * _RELATIVE + 1e-25
                        if part <= slack or part >= 1.0 - slack:
                            fine = False
                    whole += floors[k]
                if size > _LARGEST:
                    fine = False
                if fine:
                    base = np.floor(total_h)
                    part = (total_h - base) + total_l
                    total = np.int64(base)
                    if part < 0.0:
                        part += 1.0
                        total -= 1
                    if abs(part - 0.5) <= size * _RELATIVE + 1e-25:
                        fine = False
                    if part > 0.5:
                        total += 1
                    short = total - whole
                    if short < 0 or short > parts:
                        fine = False
            if not fine:
                unsure[p, t] = True
                continue
            for k in range(parts):
                taken[k] = False
            for _ in range(short):
                best: Any = np.int64(-1)
                for k in range(parts):
                    if not taken[k]:
                        if best < 0:
                            best = k
                        elif exact[k] and exact[best]:
                            if exact_rest[k] > exact_rest[best]:
                                best = k
                        elif rest[k] > rest[best]:
                            best = k
                taken[best] = True
                floors[best] += 1
            if not all_exact:
                for k in range(parts):
                    for m in range(parts):
                        undecided = taken[k] and not taken[m] and not (exact[k] and exact[m])
                        if undecided and abs(rest[k] - rest[m]) <= _CLOSE:
                            fine = False
                if not fine:
                    unsure[p, t] = True
                    continue
            out[0, p, t] = total
            for k in range(parts):
                out[k + 1, p, t] = floors[k]


def step_products(
    group: Int64, item: Int64, first: Int64, stop: Int64, quantity: Int64, prices: Int64, groups: int
) -> tuple[Int64, Int64]:
    """Sum, for each group and day, quantity held times price of the day: wide sums of shape (groups, days).

    Row r holds ``quantity[r]`` of row ``item[r]`` of ``prices`` (items x days) from day ``first[r]`` up to ``stop[r]``.
    The caller makes sure that no sum needs more than 127 bits.
    """
    shape = (groups, prices.shape[1])
    hi, lo = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    _step(group, item, first, stop, quantity, prices, hi, lo)
    return hi, lo


def row_products(
    first_row: Int64, item: Int64, quantity: Int64, price: Int64, slot: Int64, slots: int
) -> tuple[Int64, Int64]:
    """Sum quantity times price by portfolio and slot (currency) of the item: wide sums of shape (portfolios, slots).

    Rows ``first_row[p]`` to ``first_row[p + 1]`` belong to portfolio p; ``price`` and ``slot`` are by item.
    """
    shape = (len(first_row) - 1, slots)
    hi, lo = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    _rows(first_row, item, quantity, price, slot, hi, lo)
    return hi, lo


def step_largest(
    group: Int64, item: Int64, first: Int64, stop: Int64, values: Int64, groups: int, *, empty: int = -1
) -> Int64:
    """Give the largest value of the day among what each group holds (``empty`` where it holds nothing).

    Rows as in :func:`step_products`; shape (groups, days).
    """
    out = np.full((groups, values.shape[1]), empty, np.int64)
    _largest(group, item, first, stop, values, out)
    return out


def convert_and_foot(
    first_group: Int64, weight: Int64, divisor: Int64, hi: Int64, lo: Int64, w_hi: Float64, w_lo: Float64
) -> tuple[Int64, Flags]:
    """Convert wide sums of shape (parts, groups, days) and round each portfolio's total once, its parts footing to it.

    Groups ``first_group[p]`` to ``first_group[p + 1]`` belong to portfolio p. Group g is converted with the
    double-double at ``weight[g] + day``; ``divisor[g] > 0`` (below 10**18) says it is in the reporting currency and
    exactly that many units are one minor unit (one such group a portfolio at most). Gives whole minor units of shape
    (1 + parts, portfolios, days), the total first, and flags of the rows left undecided (0 there): ask the exact twin.
    """
    rows = len(first_group) - 1
    out = np.zeros((1 + hi.shape[0], rows, hi.shape[2]), np.int64)
    unsure = np.zeros((rows, hi.shape[2]), np.bool_)
    _convert(first_group, weight, divisor, hi, lo, w_hi, w_lo, out, unsure)
    return out, unsure
