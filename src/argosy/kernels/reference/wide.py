"""128-bit arithmetic in plain Python integers: twin of ``argosy.kernels.wide``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
LIMIT = 2**63 - 1


def mul_div(a: int, b: int, c: int) -> int:
    """``a * b / c`` rounded half to even, exactly; ``c`` is not 0.

    Examples
    --------
    >>> mul_div(10, 1, 4), mul_div(10, 3, 4), mul_div(-10, 1, 4), mul_div(2**62, 2**62, 2**62) == 2**62
    (2, 8, -2, True)
    """
    numerator = a * b
    if c < 0:
        numerator, c = -numerator, -c
    quotient, remainder = divmod(numerator, c)
    twice = 2 * remainder
    if twice > c or (twice == c and quotient & 1):
        quotient += 1
    return quotient


def mul_div_fits(a: int, b: int, c: int) -> bool:
    """Whether :func:`mul_div` of the same arguments lies in -(2**63 - 1) .. 2**63 - 1."""
    return abs(mul_div(a, b, c)) <= LIMIT


def compare_ratios(a: int, b: int, c: int, d: int) -> int:
    """Sign of ``a/b - c/d`` for positive ``b`` and ``d``, by 128-bit cross products.

    Examples
    --------
    >>> compare_ratios(1, 3, 333333333, 1000000000), compare_ratios(-1, 2, 1, 2), compare_ratios(2, 4, 1, 2)
    (1, -1, 0)
    """
    left, right = a * d, c * b
    return (left > right) - (left < right)


def wide_sum(values: Sequence[int] | Int64) -> int:
    """The exact sum, however large."""
    return sum(int(value) for value in values)


def group_sums(groups: Int64, values: Int64, count: int) -> tuple[Int64, Int64]:
    """Exact sums by group as (high, low): sum = high * 2**32 + low, both int64.

    Examples
    --------
    >>> high, low = group_sums(np.array([0, 1, 0]), np.array([2**62, 5, 2**62]), 2)
    >>> [int(h) * 2**32 + int(l) for h, l in zip(high, low)] == [2**63, 5]
    True
    """
    high, low = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(high, groups, values >> 32)
    np.add.at(low, groups, values & 0xFFFFFFFF)
    return high, low
