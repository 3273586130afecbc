"""Sums of quantity times price in 128 bits, and their conversion with one rounding, compiled.

A sum is a pair of int64: ``hi * 2**64 + (lo as unsigned)``. Conversion multiplies by a weight in 62-bit fixed point and
keeps a bound of the error: it decides almost every rounding. Where the result is too near a tie to be sure, the row is
reported and the caller asks the exact twin. So the integers are those of :mod:`argosy.kernels.reference.products`.

Importing this module loads the JIT: import it inside the function that needs it, when the work is large.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ONE = 2**62
"""One minor unit, as fractions are counted."""
_HALF = 2**61
_MASK = 2**62 - 1
# An exact remainder is compared with an inexact one as a double: nearer than this the exact twin decides.
_CLOSE = 2**14
_LARGEST = 2**61
MOST_SHIFT = 126


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


def _mul_shift_code(typing_context: Any, a: Any, b: Any, shift: Any) -> Any:
    pair: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)
        x, y, count = arguments
        product = builder.mul(builder.sext(x, wide), builder.sext(y, wide))
        by = builder.zext(count, wide)
        whole = builder.trunc(builder.ashr(product, by), word)
        rest = builder.ashr(product, builder.sub(by, ir.Constant(wide, 62)))
        rest = builder.and_(builder.trunc(rest, word), ir.Constant(word, _MASK))
        return context.make_tuple(builder, signature.return_type, (whole, rest))

    return pair(types.int64, types.int64, types.int64), build


def _shift_right_code(typing_context: Any, hi: Any, lo: Any, shift: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)
        high, low, count = arguments
        total = builder.or_(builder.shl(builder.sext(high, wide), ir.Constant(wide, 64)), builder.zext(low, wide))
        return builder.trunc(builder.ashr(total, builder.zext(count, wide)), word)

    return types.int64(types.int64, types.int64, types.int64), build


_mul_add: Any = intrinsic(_mul_add_code)
"""(hi, lo) + a * b in 128 bits, as (hi, lo)."""
_mul_shift: Any = intrinsic(_mul_shift_code)
"""a * b / 2**shift for shifts from 62 to 126: whole part (floor) and fraction in units of 2**-62."""
_shift_right: Any = intrinsic(_shift_right_code)
"""(hi, lo) / 2**shift (floor) as int64; the caller knows that it fits."""


@njit(cache=True)
def _as_float(hi: int, lo: int) -> float:
    return (
        float(hi) * 1.8446744073709552e19
        + float(lo >> 32) * 4294967296.0
        + (float(lo & 0xFFFFFFFF) + (1.8446744073709552e19 if lo < 0 else 0.0))
    )


@njit(cache=True)
def _floor_divide(hi: int, lo: int, divisor: int) -> tuple[int, int, bool]:
    """Floor and remainder of a wide integer by a positive int64; False where the quotient needs more than 61 bits."""
    if hi == lo >> 63:
        return lo // divisor, lo % divisor, True
    if abs(_as_float(hi, lo)) / float(divisor) > float(_LARGEST):
        return 0, 0, False
    total = 0
    rest_hi, rest_lo = hi, lo
    # Each guess takes some fifty bits off; what is left at the end fits 64 bits.
    for _ in range(8):
        if rest_hi == rest_lo >> 63:
            break
        guess = int(_as_float(rest_hi, rest_lo) / float(divisor))
        total += guess
        rest_hi, rest_lo = _mul_add(rest_hi, rest_lo, -guess, divisor)
    return total + rest_lo // divisor, rest_lo % divisor, True


@njit(cache=True)
def _weighted(hi: int, lo: int, weight: int, shift: int) -> tuple[int, int, int]:
    """Sum times weight / 2**shift: whole part, fraction and error bound in units of 2**-62 (-1: does not fit)."""
    amount, extra = lo, 0
    if hi != lo >> 63:
        _, bits = math.frexp(_as_float(hi, lo))
        cut = bits - 61
        amount = _shift_right(hi, lo, cut)
        shift -= cut
        if shift < 62:
            return 0, 0, -1
        extra = (weight >> (shift - 62)) + 1
    if shift < 62:
        return 0, 0, -1
    size = abs(float(amount)) * float(weight) / 2.0**shift
    if size > float(_LARGEST):
        return 0, 0, -1
    whole, part = _mul_shift(amount, weight, shift)
    return whole, part, (abs(amount) >> (shift - 62)) + extra + 2


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
    weight_at: Int64,
    divisor: Int64,
    hi: Int64,
    lo: Int64,
    weight: Int64,
    shift: Int64,
    out: Int64,
    unsure: Flags,
) -> None:
    parts, _, days = hi.shape
    floors = np.zeros(parts, np.int64)
    rest = np.zeros(parts, np.int64)
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
            whole: Any = np.int64(0)
            for k in range(parts):
                exact[k] = True
                single: Any = np.int64(-1)
                for g in range(a, b):
                    if hi[k, g, t] != 0 or lo[k, g, t] != 0:
                        if divisor[g] > 0:
                            single = g
                        else:
                            exact[k] = False
                            all_exact = False
                floors[k], rest[k], exact_rest[k] = 0, 0, 0
                if exact[k] and single >= 0:
                    common = divisor[single]
                    floors[k], exact_rest[k], held = _floor_divide(hi[k, single, t], lo[k, single, t], common)
                    fine = fine and held
            if all_exact:
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
                sum_rest: Any = np.int64(0)
                sum_slack: Any = np.int64(0)
                for k in range(parts):
                    if exact[k]:
                        rest[k] = int(float(exact_rest[k]) / float(common) * float(ONE))
                        sum_slack += 1024
                    else:
                        slack: Any = np.int64(0)
                        for g in range(a, b):
                            if hi[k, g, t] != 0 or lo[k, g, t] != 0:
                                at = weight_at[g] + t
                                x, y, error = _weighted(hi[k, g, t], lo[k, g, t], weight[at], shift[at])
                                if error < 0 or error > _HALF >> 8 or abs(floors[k]) > _LARGEST:
                                    fine = False
                                    break
                                floors[k] += x + ((rest[k] + y) >> 62)
                                rest[k] = (rest[k] + y) & _MASK
                                slack += error
                        if rest[k] <= slack or rest[k] >= ONE - slack:
                            fine = False
                        sum_slack += slack
                    if abs(floors[k]) > _LARGEST or abs(whole) > _LARGEST:
                        fine = False
                    whole += floors[k] + ((sum_rest + rest[k]) >> 62)
                    sum_rest = (sum_rest + rest[k]) & _MASK
                if abs(sum_rest - _HALF) <= sum_slack:
                    fine = False
                total = whole + (1 if sum_rest > _HALF else 0)
                short = total
                for k in range(parts):
                    short -= floors[k]
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
                        if undecided and abs(rest[k] - rest[m]) <= _CLOSE + 2 * sum_slack:
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


def fixed_point(num: int, den: int) -> tuple[int, int]:
    """A positive rational as (weight, shift): weight / 2**shift, cut below; 61 or 62 bits unless very small.

    Examples
    --------
    >>> weight, shift = fixed_point(1, 3)
    >>> weight.bit_length(), abs(weight / 2**shift - 1 / 3) < 1e-15
    (61, True)
    """
    shift = min(61 - num.bit_length() + den.bit_length(), MOST_SHIFT)
    weight = (num << shift) // den if shift >= 0 else num // (den << -shift)
    if weight >= 2**62:
        weight, shift = weight >> 1, shift - 1
    return weight, shift


def convert_and_foot(
    first_group: Int64, weight_at: Int64, divisor: Int64, hi: Int64, lo: Int64, weight: Int64, shift: Int64
) -> tuple[Int64, Flags]:
    """Convert wide sums of shape (parts, groups, days) and round each portfolio's total once, its parts footing to it.

    Groups ``first_group[p]`` to ``first_group[p + 1]`` belong to portfolio p. Group g is converted with the fixed-point
    number (see :func:`fixed_point`) at ``weight_at[g] + day``; ``divisor[g] > 0`` (below 10**18) says it is in the
    reporting currency and exactly that many units are one minor unit (one such group a portfolio at most). Gives whole
    minor units of shape (1 + parts, portfolios, days), the total first, and flags of the rows left undecided (0 there):
    ask the exact twin.
    """
    rows = len(first_group) - 1
    out = np.zeros((1 + hi.shape[0], rows, hi.shape[2]), np.int64)
    unsure = np.zeros((rows, hi.shape[2]), np.bool_)
    _convert(first_group, weight_at, divisor, hi, lo, weight, shift, out, unsure)
    return out, unsure
