"""The arithmetic of :mod:`argosy.record.booking.amounts` for whole columns, where 64 bits are enough.

Rows that would need more are answered with "not proven", never with a wrong number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import Int64

Mask = npt.NDArray[np.bool_]
_SAFE = 1 << 62
_POWERS = np.array([10**power for power in range(19)], np.int64)


@dataclass(frozen=True)
class Amounts:
    """Amounts per row at their money scale, 0 where not given. All but ``net`` and ``accrued`` are not negative."""

    gross: Int64
    fee: Int64
    tax: Int64
    accrued: Int64
    net: Int64


@dataclass(frozen=True)
class FootedColumns:
    """Gross and signed net per row where ``good``."""

    gross: Int64
    net: Int64
    good: Mask


def foot_columns(given: Amounts, has_gross: Mask, has_net: Mask, sign: Int64) -> FootedColumns:
    """The missing amount worked out, or the given ones held together, as ``foot`` does row by row."""
    paid = sign < 0
    costs = given.fee + given.tax
    from_gross = np.where(paid, -(given.gross + costs + given.accrued), given.gross + given.accrued - costs)
    unsigned = np.where(paid, -np.abs(given.net), given.net)
    from_net = np.where(paid, -unsigned - costs - given.accrued, unsigned + costs - given.accrued)
    agrees = (given.net == from_gross) | ((given.net == -from_gross) & (given.net > 0))
    good = np.where(has_gross, ~has_net | agrees, has_net & (paid | (given.net >= 0)))
    return FootedColumns(
        np.where(has_gross, given.gross, from_net), np.where(has_gross, from_gross, unsigned), good.astype(np.bool_)
    )


def gross_columns(
    quantity: Int64, price: Int64, exponent: Int64, factors: tuple[Int64, Int64, Int64], scale: Int64, shown: Int64,
    rounding: str,
) -> tuple[Int64, Mask]:  # fmt: skip
    """Gross at the money scale, rounded as asked, and where it is proven. ``quantity`` is not negative."""
    factor, factor_exponent, quantity_scale = factors
    quantity, quantity_scale = _without_zeros(quantity, quantity_scale)
    digits = np.minimum(shown, scale) if rounding == "minor" else scale
    mantissa, fits = _product(quantity, price)
    mantissa, fits_too = _product(mantissa, factor)
    power = exponent + factor_exponent - quantity_scale + digits
    fits &= fits_too & (power <= 18) & (power >= -18)
    up = _POWERS[np.clip(power, 0, 18)]
    down = _POWERS[np.clip(-power, 0, 18)]
    raised, fits_up = _product(mantissa, up)
    value = _half_even(raised, down)
    fits &= fits_up
    if rounding == "exact":
        fits &= raised % down == 0
    result, fits_last = _product(value, _POWERS[np.clip(scale - digits, 0, 18)])
    return np.where(fits & fits_last, result, 0), fits & fits_last


def price_agrees_columns(
    gross: Int64, quantity: Int64, price: Int64, exponent: Int64, factors: tuple[Int64, Int64, Int64], scale: Int64
) -> Mask:
    """Where gross is within 1.9% of quantity times price, told with room for the error of floating point."""
    factor, factor_exponent, quantity_scale = factors
    power = (exponent + factor_exponent - quantity_scale + scale).astype(np.longdouble)
    expected = np.abs(quantity * np.abs(price).astype(np.longdouble) * factor) * np.longdouble(10) ** power
    return np.asarray(np.abs(np.abs(gross) - expected) <= expected * np.longdouble(19) / 1000)


def _product(left: Int64, right: Int64) -> tuple[Int64, Mask]:
    """Products, and where 64 bits surely hold them (checked with a float, with room to spare)."""
    size = np.abs(left.astype(np.longdouble)) * np.abs(right.astype(np.longdouble))
    fits = size < _SAFE
    return np.where(fits, left, 0) * np.where(fits, right, 0), np.asarray(fits)


def _without_zeros(quantity: Int64, scale: Int64) -> tuple[Int64, Int64]:
    """The same quantities at smaller scales: whole units need no decimals, and products fit more often."""
    for step in (8, 4, 2, 1):
        divisor = 10**step
        droppable = (scale >= step) & (quantity % divisor == 0)
        quantity = np.where(droppable, quantity // divisor, quantity)
        scale = np.where(droppable, scale - step, scale)
    return quantity, scale


def _half_even(numerator: Int64, denominator: Int64) -> Int64:
    quotient, rest = np.divmod(numerator, denominator)
    # 2 * rest could pass 64 bits; compare rest with what is missing instead.
    missing = denominator - rest
    up = (rest > missing) | ((rest == missing) & (quotient % 2 == 1))
    return np.asarray(quotient + up, np.int64)
