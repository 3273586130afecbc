"""What one unit of an instrument is worth, as an exact decimal: price, accrued interest, inverse contracts.

Every unit value is an integer at a power of ten, so that quantity times unit value sums in integers. Two figures that
are no decimals get one rounding of their own, half to even, far below money: accrued interest at 12 decimals of face
value, the reciprocal price of an inverse contract at 18 decimals.
"""

from __future__ import annotations

from argosy.base.errors import UnsupportedInstrument
from argosy.base.money import div_half_even
from argosy.measures.valuation.accrued import ACCRUED_SCALE, accrued_factor
from argosy.record.reference import Instrument

INVERSE_SCALE = 18
Decimal10 = tuple[int, int]
"""(mantissa, exponent): mantissa * 10**exponent."""


def unit_value(instrument: Instrument, mantissa: int, exponent: int) -> Decimal10:
    """Value of one unit of quantity at a price, in the instrument's currency.

    Examples
    --------
    >>> from argosy.base.money import Quote
    >>> pence = Instrument(1, "SHEL", "", "equity", "GBP", 8, "GBp", Quote(1, -2))
    >>> unit_value(pence, 2345, 0)
    (2345, -2)
    """
    if not instrument.inverse:
        return mantissa * instrument.factor.mantissa, exponent + instrument.factor.exponent
    if mantissa <= 0:
        raise UnsupportedInstrument(
            f"{instrument.code} is an inverse contract and its price is not above zero",
            field="price",
            found=mantissa,
            expected="a price above zero",
        )
    # value = -quantity * factor / price
    power = INVERSE_SCALE + instrument.factor.exponent - exponent
    top = instrument.factor.mantissa * 10 ** max(power, 0)
    return -div_half_even(top, mantissa * 10 ** max(-power, 0)), -INVERSE_SCALE


def is_percent(instrument: Instrument) -> bool:
    """Whether an instrument is quoted in percent of face value."""
    return instrument.quote_unit.lower() in ("%", "percent", "pct", "percent of par")


def unit_accrued(instrument: Instrument, day: int) -> Decimal10:
    """Accrued interest of one unit of quantity at the end of a day (zero but for bonds).

    Face value of a unit is the instrument's factor without the percent of the quote.

    Examples
    --------
    >>> from argosy.base.money import Quote
    >>> from argosy.record.reference import BondTerms
    >>> terms = BondTerms(Quote(5, -2), 1, "ACT/360", 0, 365, 730)
    >>> unit_accrued(Instrument(1, "B", "", "bond", "USD", 2, "percent", Quote(1, -2), bond=terms), 36)
    (5000000000, -12)
    """
    if instrument.bond is None:
        return 0, 0
    face = instrument.factor.exponent + (2 if is_percent(instrument) else 0)
    return accrued_factor(instrument.bond, day) * instrument.factor.mantissa, face - ACCRUED_SCALE
