"""Exact decimal arithmetic on integers at a declared scale.

An amount is an ``int`` ``v`` at a scale ``s``: it means ``v / 10**s``. A quote is a mantissa and an exponent,
as received.
Nothing here rounds silently; the one rounding rule is half to even and it is always in the function's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from argosy.base.errors import DigitsError, InvalidInput, OverflowDigits

INT64_MAX = 2**63 - 1
_NUMBER = re.compile(r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$")
_QUOTE = re.compile(r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$")

MINOR_UNITS = {
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "CLF": 4, "UYW": 4,
}  # fmt: skip
"""ISO 4217 minor units that are not 2."""

CRYPTO = frozenset({"BTC", "ETH", "USDT", "USDC", "SOL", "XRP", "ADA", "DOT", "LTC", "BCH", "BNB"})


def money_scale(currency: str) -> int:
    """Default decimal scale of a currency's amounts: ISO minor units + 2, crypto 8.

    Examples
    --------
    >>> money_scale("USD"), money_scale("JPY"), money_scale("BTC")
    (4, 2, 8)
    """
    return 8 if currency in CRYPTO else MINOR_UNITS.get(currency, 2) + 2


def minor_units(currency: str) -> int:
    """Decimals in which amounts of a currency are shown to people.

    Examples
    --------
    >>> minor_units("USD"), minor_units("JPY"), minor_units("BTC")
    (2, 0, 8)
    """
    return 8 if currency in CRYPTO else MINOR_UNITS.get(currency, 2)


def currency_code(currency: str) -> int:
    """A currency as an integer that needs no registry: its ASCII letters, big-endian.

    Examples
    --------
    >>> currency_code("USD"), currency_name(currency_code("USD"))
    (5591876, 'USD')
    """
    if (
        not (1 <= len(currency) <= 7)
        or not currency.isascii()
        or not currency.isalnum()
        or currency != currency.upper()
    ):
        raise InvalidInput(
            f"{currency!r} is not a currency code",
            field="currency",
            found=currency,
            expected="3 upper-case letters as in ISO 4217 (up to 7 for crypto)",
            next_step="write it as in USD, EUR or BTC",
        )
    return int.from_bytes(currency.encode("ascii"), "big")


def currency_name(code: int) -> str:
    """The letters of a currency code made by :func:`currency_code` (empty for 0)."""
    return code.to_bytes((code.bit_length() + 7) // 8, "big").decode("ascii") if code else ""


def parse_scaled(text: str, scale: int, *, field: str = "amount") -> int:
    """Read a plain decimal as an integer at ``scale``; refuse digits that do not fit.

    Examples
    --------
    >>> parse_scaled("-12.5", 4)
    -125000
    >>> parse_scaled("0.12345", 4)
    Traceback (most recent call last):
    ...
    argosy.base.errors.DigitsError: amount 0.12345 has 5 decimals, the scale holds 4. Next: use scale 5 or round it
    """
    stripped = text.strip()
    if not _NUMBER.match(stripped):
        raise InvalidInput(
            f"{field} {text!r} is not a number", field=field, found=text, expected="a plain decimal such as 1234.50"
        )
    whole, _, fraction = stripped.lstrip("+-").partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > scale:
        raise DigitsError(
            f"{field} {stripped} has {len(fraction)} decimals, the scale holds {scale}",
            field=field,
            found=text,
            expected=f"at most {scale} decimals",
            next_step=f"use scale {len(fraction)} or round it",
        )
    value = int((whole or "0") + fraction.ljust(scale, "0"))
    return fit_int64(-value if stripped.startswith("-") else value, field=field)


def fit_int64(value: int, *, field: str = "amount") -> int:
    """Return the value if 64 signed bits hold it, else raise :class:`OverflowDigits`."""
    if not -INT64_MAX <= value <= INT64_MAX:
        raise OverflowDigits(
            f"{field} {value} does not fit 64 bits at its scale",
            field=field,
            found=value,
            next_step="use a smaller scale",
        )
    return value


def to_decimal(value: int, scale: int) -> Decimal:
    """What people see: the exact decimal of an integer at a scale.

    Examples
    --------
    >>> to_decimal(-125000, 4)
    Decimal('-12.5000')
    """
    sign, digits = (1, -value) if value < 0 else (0, value)
    return Decimal((sign, tuple(int(d) for d in str(digits)), -scale))


def div_half_even(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded half to even, exactly, for integers of any size.

    Examples
    --------
    >>> [div_half_even(n, 2) for n in (1, 3, 5, -1, -3)]
    [0, 2, 2, 0, -2]
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient & 1):
        quotient += 1
    return quotient


def rescale_half_even(value: int, from_scale: int, to_scale: int) -> int:
    """Move an amount to another scale, rounding half to even when digits are dropped.

    Examples
    --------
    >>> rescale_half_even(125, 2, 1), rescale_half_even(12, 1, 3)
    (12, 1200)
    """
    if to_scale >= from_scale:
        return int(value * 10 ** (to_scale - from_scale))
    return div_half_even(value, 10 ** (from_scale - to_scale))


@dataclass(frozen=True, slots=True)
class Quote:
    """A price, rate or ratio as received: ``mantissa * 10**exponent``.

    Examples
    --------
    >>> parse_quote("83.800003").decimal()
    Decimal('83.800003')
    """

    mantissa: int
    exponent: int

    def decimal(self) -> Decimal:
        """The exact value for people."""
        return Decimal(self.mantissa).scaleb(self.exponent)


def parse_quote(text: str, *, field: str = "price") -> Quote:
    """Read a decimal (exponent notation allowed) keeping each digit as received.

    Examples
    --------
    >>> parse_quote("1.0500"), parse_quote("2e-3")
    (Quote(mantissa=10500, exponent=-4), Quote(mantissa=2, exponent=-3))
    """
    if not _QUOTE.match(text.strip()):
        raise InvalidInput(f"{field} {text!r} is not a number", field=field, found=text, expected="a decimal number")
    number = Decimal(text.strip())
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or not -18 <= exponent <= 18 or len(digits) > 18:
        raise DigitsError(
            f"{field} {text!r} has more digits than a quote holds",
            field=field,
            found=text,
            expected="at most 18 digits and an exponent from -18 to 18",
        )
    mantissa = int("".join(map(str, digits)))
    return Quote(-mantissa if sign else mantissa, exponent)
