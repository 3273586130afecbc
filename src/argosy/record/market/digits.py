"""Powers of ten over arrays of mantissas, without ever losing a digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import Int64
from argosy.record.market.points import Flags

POWERS = 10 ** np.arange(19, dtype=np.int64)
_MAX = 2**63 - 1


def without_zeros(mantissa: Int64, exponent: Int64) -> tuple[Int64, Int64]:
    """The same values with no trailing zero in the mantissa; zero is 0 with exponent 0.

    Examples
    --------
    >>> [part.tolist() for part in without_zeros(np.array([1500, 7, 0]), np.array([-3, 0, -2]))]
    [[15, 7, 0], [-1, 0, 0]]
    """
    mantissa, exponent = mantissa.copy(), exponent.copy()
    for step in (16, 8, 4, 2, 1):
        divisible = mantissa % POWERS[step] == 0
        mantissa = np.where(divisible, mantissa // POWERS[step], mantissa)
        exponent = np.where(divisible, exponent + step, exponent)
    return mantissa, np.where(mantissa == 0, 0, exponent)


def at_one_exponent(mantissa: Int64, exponent: Int64, missing: Flags) -> tuple[npt.NDArray[Any], int]:
    """The same values at the smallest exponent among them: int64, or Python integers where 64 bits do not hold them.

    Examples
    --------
    >>> values, power = at_one_exponent(np.array([15, 2]), np.array([-1, 0]), np.array([False, False]))
    >>> values.tolist(), power
    ([15, 20], -1)
    """
    present = exponent[~missing]
    if not len(present):
        return np.zeros(len(mantissa), np.int64), 0
    low = int(present.min())
    if low == int(present.max()):
        return np.where(missing, 0, mantissa), low
    for _ in range(2):
        shift = np.where(missing, 0, exponent - low)
        if int(shift.max()) <= 18:
            factor = POWERS[shift]
            if not np.any(np.abs(mantissa) > _MAX // factor):
                return np.where(missing, 0, mantissa * factor), low
        # Zeros at the end may be what does not fit.
        mantissa, exponent = without_zeros(mantissa, exponent)
        low = int(exponent[~missing].min())
    shift = np.where(missing, 0, exponent - low)
    wide = [0 if gone else int(m) * 10 ** int(s) for m, s, gone in zip(mantissa, shift, missing, strict=True)]
    return np.array(wide, dtype=object), low
