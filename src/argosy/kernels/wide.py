"""128-bit arithmetic on pairs of 64-bit words, compiled. Twin: ``argosy.kernels.reference.wide``.

A product of two int64 always fits 128 bits, so nothing here is approximate. Word arithmetic is unsigned throughout:
mixing signed and unsigned 64-bit integers would make the compiler fall back to floating point.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Int64 = npt.NDArray[np.int64]
Whole = int | np.int64
"""What compiled code knows as one int64, and plain Python may hand in as an int."""

_ZERO, _ONE, _HALF, _ALL = np.uint64(0), np.uint64(1), np.uint64(32), np.uint64(64)
_LOW = np.uint64(0xFFFFFFFF)
_BASE = np.uint64(1 << 32)
_TOP = np.uint64(1 << 63)
_MOST = np.uint64(2**63 - 1)
LIMIT = np.int64(2**63 - 1)


@njit(cache=True)
def magnitude(value: Whole) -> np.uint64:
    """Absolute value as an unsigned word, right for the smallest int64 too."""
    return np.uint64(-value) if value < 0 else np.uint64(value)


@njit(cache=True)
def too_big(left: Whole, right: Whole) -> bool:
    """Whether the absolute values together exceed 2**63 - 1."""
    return bool(magnitude(left) + magnitude(right) > _MOST)


@njit(cache=True)
def multiply(x: np.uint64, y: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The 128-bit product as (high word, low word), by four 32-bit products."""
    x0, x1, y0, y1 = x & _LOW, x >> _HALF, y & _LOW, y >> _HALF
    low = x0 * y0
    middle = x1 * y0 + (low >> _HALF)
    other = x0 * y1 + (middle & _LOW)
    high = x1 * y1 + (middle >> _HALF) + (other >> _HALF)
    return high, (other << _HALF) | (low & _LOW)


@njit(cache=True)
def divide(high: np.uint64, low: np.uint64, divisor: np.uint64) -> tuple[np.uint64, np.uint64]:
    """(quotient, remainder) of a 128-bit number by a word, where high < divisor.

    Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D, with 32-bit digits.
    """
    if high == _ZERO:
        quotient = low // divisor
        return quotient, low - quotient * divisor
    shift = _ZERO
    while divisor < _TOP:
        divisor <<= _ONE
        shift += _ONE
    d1, d0 = divisor >> _HALF, divisor & _LOW
    if shift > _ZERO:
        high = (high << shift) | (low >> (_ALL - shift))
        low <<= shift
    n1, n0 = low >> _HALF, low & _LOW
    q1 = high // d1
    rest = high - q1 * d1
    while q1 >= _BASE or q1 * d0 > ((rest << _HALF) | n1):
        q1 -= _ONE
        rest += d1
        if rest >= _BASE:
            break
    middle = (high << _HALF) + n1 - q1 * divisor
    q0 = middle // d1
    rest = middle - q0 * d1
    while q0 >= _BASE or q0 * d0 > ((rest << _HALF) | n0):
        q0 -= _ONE
        rest += d1
        if rest >= _BASE:
            break
    remainder = ((middle << _HALF) + n0 - q0 * divisor) >> shift
    return (q1 << _HALF) + q0, remainder


@njit(cache=True)
def _rounded(a: Whole, b: Whole, c: Whole) -> tuple[np.uint64, bool]:
    """Absolute value of a * b / c rounded half to even, and whether it stays within 2**63 - 1."""
    divisor = magnitude(c)
    high, low = multiply(magnitude(a), magnitude(b))
    if high >= divisor:
        return _MOST, False
    quotient, remainder = divide(high, low, divisor)
    if remainder > divisor - remainder or (remainder == divisor - remainder and (quotient & _ONE) == _ONE):
        if quotient >= _MOST:
            return _MOST, False
        quotient += _ONE
    return quotient, bool(quotient <= _MOST)


@njit(cache=True)
def mul_div(a: Whole, b: Whole, c: Whole) -> Whole:
    """``a * b / c`` rounded half to even, exactly; where it does not fit (see ``mul_div_fits``) the largest number."""
    if a == 0:
        return np.int64(0)
    quotient, fits = _rounded(a, b, c)
    result = np.int64(quotient) if fits else LIMIT
    return -result if ((a < 0) != (b < 0)) != (c < 0) else result


@njit(cache=True)
def mul_div_fits(a: Whole, b: Whole, c: Whole) -> bool:
    """Whether ``a * b / c``, rounded half to even, lies in -(2**63 - 1) .. 2**63 - 1."""
    return _rounded(a, b, c)[1]


@njit(cache=True)
def compare_ratios(a: Whole, b: Whole, c: Whole, d: Whole) -> Whole:
    """Sign of ``a/b - c/d`` for positive ``b`` and ``d``, by 128-bit cross products."""
    left_high, left_low = multiply(magnitude(a), magnitude(d))
    right_high, right_low = multiply(magnitude(c), magnitude(b))
    left_sign = np.int64(0) if a == 0 else np.int64(-1) if a < 0 else np.int64(1)
    right_sign = np.int64(0) if c == 0 else np.int64(-1) if c < 0 else np.int64(1)
    if left_sign != right_sign:
        return np.int64(1) if left_sign > right_sign else np.int64(-1)
    if left_high == right_high and left_low == right_low:
        return np.int64(0)
    bigger = left_high > right_high or (left_high == right_high and left_low > right_low)
    return left_sign if bigger else -left_sign


@njit(cache=True)
def _sum_words(values: Int64) -> tuple[Whole, Whole]:
    high, low = np.int64(0), np.int64(0)
    for value in values:
        high += value >> 32
        low += value & 0xFFFFFFFF
    return high, low


def wide_sum(values: Int64) -> int:
    """The exact sum, however large (up to 2**31 values)."""
    high, low = _sum_words(values)
    return (int(high) << 32) + int(low)
