"""The arithmetic of a row: gross from quantity and price, net from its parts, and whether what is given foots."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.base.money import Quote, div_half_even, fit_int64, to_decimal
from argosy.record.reference import Instrument


def scaled_product(quantity: int, quantity_scale: int, price: Quote, factor: Quote, scale: int) -> tuple[int, int]:
    """``quantity * price * factor`` at ``scale`` as an exact fraction: numerator and denominator."""
    mantissa = quantity * price.mantissa * factor.mantissa
    power = price.exponent + factor.exponent - quantity_scale + scale
    return (mantissa * 10**power, 1) if power >= 0 else (mantissa, 10**-power)


def gross_of(
    quantity: int, instrument: Instrument, price: Quote, *, money_scale: int, minor_units: int, rounding: str
) -> int | None:
    """The gross amount of a trade at the money scale, rounded as asked; None when "exact" does not fit.

    Examples
    --------
    >>> from argosy.base.money import parse_quote
    >>> share = Instrument(1, "X", "X", "equity", "USD", 0, "USD", Quote(1, 0))
    >>> gross_of(5369, share, parse_quote("83.800003"), money_scale=4, minor_units=2, rounding="minor")
    4499222200
    """
    digits = min(minor_units, money_scale) if rounding == "minor" else money_scale
    numerator, denominator = scaled_product(quantity, instrument.quantity_scale, price, instrument.factor, digits)
    if rounding == "exact" and numerator % denominator:
        return None
    return fit_int64(div_half_even(numerator, denominator) * 10 ** (money_scale - digits), field="gross")


def inverse_gross_of(quantity: int, instrument: Instrument, price: Quote, *, money_scale: int) -> int:
    """The gross of a trade in an instrument quoted inversely, ``quantity * factor / price``, at the money scale.

    Examples
    --------
    >>> swap = Instrument(1, "XBTUSD", "", "future", "BTC", 0, "USD", Quote(1, 0), inverse=True)
    >>> inverse_gross_of(100000, swap, Quote(10500, 0), money_scale=8)
    952380952
    """
    power = instrument.factor.exponent - price.exponent - instrument.quantity_scale + money_scale
    numerator, denominator = quantity * instrument.factor.mantissa, price.mantissa
    if power >= 0:
        numerator *= 10**power
    else:
        denominator *= 10**-power
    return fit_int64(div_half_even(numerator, denominator), field="gross")


def price_agrees(gross: int, quantity: int, instrument: Instrument, price: Quote, *, money_scale: int) -> bool:
    """Whether a given gross can come from quantity and price.

    Prices are written rounded, sources round differently, so the test is wide: within 2%, or within one unit of the
    price's last digit per unit of quantity, or within one unit of the currency. It is there for pence taken for pounds.
    """
    numerator, denominator = scaled_product(
        abs(quantity), instrument.quantity_scale, price, instrument.factor, money_scale
    )
    last_digit = Quote(1, price.exponent)
    slack, slack_denominator = scaled_product(
        abs(quantity), instrument.quantity_scale, last_digit, instrument.factor, money_scale
    )
    difference = abs(abs(gross) * denominator - abs(numerator))
    return (
        50 * difference <= abs(numerator)
        or difference * slack_denominator <= abs(slack) * denominator
        or difference <= 10**money_scale * denominator
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The amounts of a trade or payment as given, None where the file says nothing."""

    gross: int | None
    fee: int | None
    tax: int | None
    accrued: int | None
    net: int | None


@dataclass(frozen=True, slots=True)
class Footed:
    """The amounts of a row once they foot: ``net`` signed, fee and tax as charged (negative = refunded)."""

    gross: int
    fee: int
    tax: int
    accrued: int
    net: int


def foot(parts: Parts, sign: int, scale: int) -> Footed | str:
    """Work out the missing amount, or say why what is given does not foot.

    ``sign`` is -1 where money is paid (net = -(gross + fee + tax + accrued)) and 1 where it is received
    (net = gross + accrued - fee - tax). Unsigned files are understood: fee, tax and net may be written without a sign.

    Examples
    --------
    >>> foot(Parts(gross=1000, fee=10, tax=None, accrued=None, net=None), -1, 2)
    Footed(gross=1000, fee=10, tax=0, accrued=0, net=-1010)
    >>> foot(Parts(gross=1000, fee=10, tax=0, accrued=None, net=1000), 1, 2)
    'amounts do not foot: gross 10.00 - fee 0.10 = 9.90, but net is 10.00'
    """
    fee, tax, accrued = parts.fee or 0, parts.tax or 0, parts.accrued or 0
    if parts.gross is None and parts.net is None:
        return "neither gross nor net is given"
    if parts.net is None:
        assert parts.gross is not None
        if fee < 0 or tax < 0:
            return "a negative fee or tax is a refund only if gross and net are given and say so"
        return Footed(parts.gross, fee, tax, accrued, _net(parts.gross, fee, tax, accrued, sign))
    if parts.gross is None:
        net = parts.net if parts.net * sign >= 0 else -parts.net
        if parts.net * sign < 0 and sign > 0:
            # Received less than nothing: only when the costs are larger, which gross has to show.
            return "net is negative where money is received; give gross, fee and tax to show why"
        fee, tax = abs(fee), abs(tax)
        gross = -net - fee - tax - accrued if sign < 0 else net + fee + tax - accrued
        return Footed(gross, fee, tax, accrued, net)
    for one_fee, one_tax in ((fee, tax), (abs(fee), abs(tax))):
        expected = _net(parts.gross, one_fee, one_tax, accrued, sign)
        if parts.net in (expected, -expected) and (parts.net == expected or parts.net > 0):
            return Footed(parts.gross, one_fee, one_tax, accrued, expected)
    return _does_not_foot(parts.gross, abs(fee), abs(tax), accrued, parts.net, sign, scale)


def _net(gross: int, fee: int, tax: int, accrued: int, sign: int) -> int:
    return -(gross + fee + tax + accrued) if sign < 0 else gross + accrued - fee - tax


def _does_not_foot(gross: int, fee: int, tax: int, accrued: int, net: int, sign: int, scale: int) -> str:
    costs = "+" if sign < 0 else "-"
    shown = f"gross {money_text(gross, scale)}"
    for name, value, mark in (("fee", fee, costs), ("tax", tax, costs), ("accrued", accrued, "+")):
        if value:
            shown += f" {mark} {name} {money_text(value, scale)}"
    expected = abs(_net(gross, fee, tax, accrued, sign))
    if abs(net) == expected:
        return f"the sign of net contradicts the type: {money_text(net, scale)}"
    return f"amounts do not foot: {shown} = {money_text(expected, scale)}, but net is {money_text(net, scale)}"


def money_text(value: int, scale: int) -> str:
    """An amount for a message: two decimals at least, no trailing zeros beyond."""
    text = f"{to_decimal(value, scale):f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals.ljust(2, '0')}" if scale else whole
