"""Yield, duration and convexity of a bond from its price: what fixed-income attribution judges price changes by.

Street convention: the yield is compounded as often as the coupon is paid, a broken first period counts by the bond's
day count. Yearly effective figures stand beside it, so that bonds of any frequency compare with one curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date, to_date
from argosy.base.errors import InvalidInput
from argosy.measures.attribution.inputs import UndefinedEffect
from argosy.measures.valuation.accrued import coupon_dates, coupon_period, year_fraction
from argosy.record.reference import BondTerms

Float64 = npt.NDArray[np.float64]
YEAR = 365.0
ROUNDS = 60
CLOSE = 1e-13
"""Relative distance of the repriced bond from its price at which the yield is found."""


@dataclass(frozen=True, eq=False)
class BondFigures:
    """By day (T,): ``street`` yield at the coupon's frequency, ``effective`` a year, durations in years, ``convexity``.

    ``modified`` is -dP/dy/P for the street yield, ``duration`` the same for the effective one, which attribution uses.
    """

    days: npt.NDArray[np.int64]
    street: Float64
    effective: Float64
    macaulay: Float64
    modified: Float64
    duration: Float64
    convexity: Float64
    years: Float64


def _schedule(terms: BondTerms, day: int) -> tuple[Float64, Float64]:
    """Periods from ``day`` to each payment left, and the payments for a face value of 1."""
    if terms.frequency == 0:
        return np.array([(terms.maturity - day) / YEAR], np.float64), np.ones(1)
    start, stop = coupon_period(terms, day)
    step = 12 // terms.frequency
    paid = coupon_dates(terms, day)
    # A long first coupon leaves out the dates before it.
    skipped = (_months(paid[0]) - _months(stop)) // step
    first = 1.0 - float(year_fraction(terms, start, day, start, stop)) * terms.frequency + skipped
    amounts: Float64 = np.full(len(paid), terms.coupon.mantissa * 10.0**terms.coupon.exponent / terms.frequency)
    amounts[-1] += 1.0
    return np.asarray(first + np.arange(len(paid)), np.float64), amounts


def _months(day: int) -> int:
    at = to_date(day)
    return at.year * 12 + at.month


def bond_figures(terms: BondTerms, days: npt.ArrayLike, dirty: npt.ArrayLike) -> BondFigures:
    """Solve for the yield of a bond on many days.

    Answers: what yield does the price mean, and how far does the price move with it?

    Parameters
    ----------
    terms : coupon, frequency, day count, dates
    days : (T,) epoch days before maturity
    dirty : (T,) price with accrued interest for a face value of 1, above zero

    Raises
    ------
    InvalidInput       a day on or after maturity, a price that is not above zero.
    UndefinedEffect    no yield between -99% and 10,000% a period gives the price.

    Notes
    -----
    price = sum c_k (1 + y/f)^-(w + k); Newton in log(1 + y/f). Cost: T times the payments left times about six rounds.
    Source: Fabozzi, Bond Markets, Analysis and Strategies, ch. 3-4; the payments of an odd first coupon are those of
    regular ones.

    Examples
    --------
    >>> from argosy.base.money import Quote
    >>> from argosy.base.dates import parse_date
    >>> a, b, c = map(parse_date, ("2020-01-15", "2020-07-15", "2025-01-15"))
    >>> found = bond_figures(BondTerms(Quote(9, -2), 2, "30/360", a, b, c), [a], [1.0])
    >>> found.street.round(9).tolist(), found.macaulay.round(2).tolist(), found.modified.round(2).tolist()
    ([0.09], [4.13], [3.96])
    """
    at, price = np.array(days, np.int64, ndmin=1), np.array(dirty, np.float64, ndmin=1)
    if at.shape != price.shape:
        raise InvalidInput(f"there are {at.size} days and {price.size} prices", field="dirty")
    for wrong, what in ((at >= terms.maturity, "the bond has matured"), (~(price > 0.0), "the price is not above zero"),
                        (~np.isfinite(price), "the price is no number")):  # fmt: skip
        if wrong.any():
            day = int(at[int(np.argmax(wrong))])
            raise InvalidInput(f"{what} on {format_date(day)}", field="price", found=day,
                               next_step="end the analysis before that day or import its price")  # fmt: skip
    frequency = float(max(terms.frequency, 1))
    listed = [_schedule(terms, day) for day in at.tolist()]
    width = max(len(when) for when, _ in listed)
    when, paid = np.zeros((len(at), width)), np.zeros((len(at), width))
    for row, (periods, amounts) in enumerate(listed):
        when[row, : len(periods)], paid[row, : len(periods)] = periods, amounts
    x = np.full(len(at), np.log1p(0.04 / frequency))
    for _ in range(ROUNDS):
        worth = paid * np.exp(-x[:, None] * when)
        value, slope = worth.sum(axis=1), (worth * when).sum(axis=1)
        # Newton on log price: convex and almost straight in x, so that it never leaves the price's side for long.
        step = np.log(value / price) * value / slope
        x = x + np.clip(step, -1.0, 1.0)
        if bool((np.abs(step * slope / value) < CLOSE).all()):
            break
    else:
        raise UndefinedEffect("no yield gives the price", field="price", next_step="look at the price and the terms")
    worth = paid * np.exp(-x[:, None] * when)
    value = worth.sum(axis=1)
    macaulay = (worth * when).sum(axis=1) / value / frequency
    street = np.expm1(x) * frequency
    bent = (worth * when * (when + 1.0)).sum(axis=1) / value * np.exp(-2.0 * x) / frequency**2
    effective = np.expm1(x * frequency)
    return BondFigures(
        at, street, effective, macaulay, macaulay / (1.0 + street / frequency), macaulay / (1.0 + effective), bent,
        (terms.maturity - at) / YEAR,
    )  # fmt: skip
