"""A gain in base currency split into what the price did and what the exchange rate did.

IAS 21 style: the price gain is the local gain at the opening rate, the rest is currency (so the cross term goes to
currency, the default), or the price gain is the local gain at the closing rate (cross term to price). Formula page:
``docs/formulas/gains.md``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

Cross = Literal["fx", "price"]


def split_gain(
    value: Fraction, cost: Fraction, value_base: Fraction, cost_base: Fraction, *, cross: str = "fx"
) -> tuple[Fraction, Fraction]:
    """(price gain, currency gain) in base currency; they add up to ``value_base - cost_base`` exactly.

    ``value`` and ``cost`` are in local currency. The opening rate is cost_base / cost, the closing rate
    value_base / value; where one does not exist (cost or value 0) the other serves.

    Examples
    --------
    EUR 1m at 1.10, price +4%, half sold at 1.15:

    >>> half = [Fraction(x) for x in (520_000, 500_000, 598_000, 550_000)]
    >>> [int(part) for part in split_gain(*half)], [int(part) for part in split_gain(*half, cross="price")]
    ([22000, 26000], [23000, 25000])
    """
    opening = cost_base / cost if cost else None
    closing = value_base / value if value else None
    rate = (opening or closing) if cross == "fx" else (closing or opening)
    price = (value - cost) * rate if rate is not None else Fraction(0)
    return price, value_base - cost_base - price
