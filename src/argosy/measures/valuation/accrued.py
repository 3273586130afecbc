"""Accrued interest of a bond: how much of the running coupon belongs to the holder at the end of a day.

The schedule runs back from maturity in steps of 12 / frequency months (day clipped to the month's end); the first
period may be short or long. Accrual starts at the issue date, is 0 on a coupon date and ends at maturity. The accrued
fraction of face value is exact; :func:`accrued_factor` rounds it half to even to 12 decimals, the one rounding before
valuation.
"""

from __future__ import annotations

import calendar
import datetime
from fractions import Fraction

from argosy.base.dates import from_date, to_date
from argosy.base.errors import InvalidInput
from argosy.base.money import div_half_even
from argosy.record.reference import BondTerms

ACCRUED_SCALE = 12
"""Decimals of the accrued fraction of face value."""

DAY_COUNTS = ("30/360", "30E/360", "ACT/ACT ICMA", "ACT/365F", "ACT/360")


def accrued_fraction(terms: BondTerms, day: int) -> Fraction:
    """Accrued interest at the end of ``day`` (epoch day) as an exact fraction of face value.

    Examples
    --------
    A 6% half-yearly bond, 61 days of 30/360 after its coupon date:

    >>> from argosy.base.dates import parse_date
    >>> from argosy.base.money import Quote
    >>> issue, first, end = map(parse_date, ("2020-01-15", "2020-07-15", "2030-01-15"))
    >>> bond = BondTerms(Quote(6, -2), 2, "30/360", issue, first, end)
    >>> accrued_fraction(bond, parse_date("2021-09-16"))
    Fraction(61, 6000)
    """
    if terms.frequency == 0 or not terms.issue < day < terms.maturity:
        return Fraction(0)
    coupon = Fraction(terms.coupon.mantissa) * Fraction(10) ** terms.coupon.exponent
    if day < terms.first_coupon:
        return coupon * _first_period(terms, day)
    start, stop = _period(terms, day)
    return coupon * year_fraction(terms, start, day, start, stop)


def accrued_factor(terms: BondTerms, day: int) -> int:
    """Accrued fraction of face value as an integer at scale 12, rounded half to even.

    Examples
    --------
    >>> from argosy.base.money import Quote
    >>> accrued_factor(BondTerms(Quote(5, -2), 1, "ACT/365F", 0, 365, 730), 100)
    13698630137
    """
    fraction = accrued_fraction(terms, day)
    return div_half_even(fraction.numerator * 10**ACCRUED_SCALE, fraction.denominator)


def coupon_period(terms: BondTerms, day: int) -> tuple[int, int]:
    """The regular coupon period (start, end) that contains ``day``: start <= day < end, as epoch days.

    Examples
    --------
    >>> from argosy.base.dates import parse_date, format_date
    >>> from argosy.base.money import Quote
    >>> issue, first, end = map(parse_date, ("2020-01-31", "2020-07-31", "2030-01-31"))
    >>> bond = BondTerms(Quote(6, -2), 2, "30/360", issue, first, end)
    >>> [format_date(d) for d in coupon_period(bond, parse_date("2021-09-16"))]
    ['2021-07-31', '2022-01-31']
    """
    return _period(terms, day)


def _months_before(end: datetime.date, months: int) -> datetime.date:
    index = end.year * 12 + end.month - 1 - months
    year, month = divmod(index, 12)
    return datetime.date(year, month + 1, min(end.day, calendar.monthrange(year, month + 1)[1]))


def _period(terms: BondTerms, day: int) -> tuple[int, int]:
    end = to_date(terms.maturity)
    step = 12 // terms.frequency
    at = to_date(day)
    k = ((end.year - at.year) * 12 + end.month - at.month) // step + 1
    start = from_date(_months_before(end, k * step))
    while start > day:
        k += 1
        start = from_date(_months_before(end, k * step))
    stop = from_date(_months_before(end, (k - 1) * step))
    while stop <= day:
        k -= 1
        start, stop = stop, from_date(_months_before(end, (k - 1) * step))
    return start, stop


def _first_period(terms: BondTerms, day: int) -> Fraction:
    if terms.day_count != "ACT/ACT ICMA":
        return year_fraction(terms, terms.issue, day, terms.issue, terms.first_coupon)
    # ICMA rule 251 for an odd first period: each notional regular period counts for itself.
    total = Fraction(0)
    start, stop = _period(terms, terms.issue)
    begin = terms.issue
    while True:
        until = min(day, stop)
        total += Fraction(until - begin, terms.frequency * (stop - start))
        if day <= stop:
            return total
        begin = stop
        start, stop = _period(terms, stop)


def coupon_dates(terms: BondTerms, day: int) -> list[int]:
    """Days after ``day`` on which a coupon is paid, maturity last; empty for a bond that pays none.

    Examples
    --------
    >>> from argosy.base.dates import parse_date, format_date
    >>> from argosy.base.money import Quote
    >>> issue, first, end = map(parse_date, ("2020-01-31", "2020-07-31", "2022-01-31"))
    >>> bond = BondTerms(Quote(6, -2), 2, "30/360", issue, first, end)
    >>> [format_date(d) for d in coupon_dates(bond, parse_date("2021-01-31"))]
    ['2021-07-31', '2022-01-31']
    """
    if terms.frequency == 0:
        return []
    end, step = to_date(terms.maturity), 12 // terms.frequency
    found = [terms.maturity]
    while found[-1] > max(day, terms.first_coupon - 1):
        found.append(from_date(_months_before(end, len(found) * step)))
    return sorted(found[:-1])


def year_fraction(terms: BondTerms, first: int, last: int, start: int, stop: int) -> Fraction:
    """Years from ``first`` to ``last`` by the bond's day count, inside the coupon period (``start``, ``stop``)."""
    match terms.day_count:
        case "ACT/365F":
            return Fraction(last - first, 365)
        case "ACT/360":
            return Fraction(last - first, 360)
        case "ACT/ACT ICMA":
            return Fraction(last - first, terms.frequency * (stop - start))
        case "30/360" | "30E/360":
            a, b = to_date(first), to_date(last)
            d1, d2 = min(a.day, 30), b.day
            # 30/360 is the bond basis (ISDA 2006, 4.16(f)): the last day is cut only after a first day of 30 or 31.
            if d2 == 31 and (terms.day_count == "30E/360" or d1 == 30):
                d2 = 30
            return Fraction(360 * (b.year - a.year) + 30 * (b.month - a.month) + d2 - d1, 360)
        case _:
            raise InvalidInput(
                f"{terms.day_count!r} is not a day count",
                field="day_count",
                found=terms.day_count,
                expected=" or ".join(DAY_COUNTS),
            )
