from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.dates import from_date, parse_date, to_date
from argosy.base.errors import InvalidInput
from argosy.base.money import Quote
from argosy.measures.valuation.accrued import DAY_COUNTS, accrued_factor, accrued_fraction
from argosy.record.reference import BondTerms


def to_quantlib(day: int) -> QuantLib.Date:
    date = to_date(day)
    return QuantLib.Date(date.day, date.month, date.year)


def months_after(date: datetime.date, months: int) -> datetime.date:
    index = date.year * 12 + date.month - 1 + months
    return datetime.date(index // 12, index % 12 + 1, date.day)


def quantlib_accrued(terms: BondTerms, day: int) -> float:
    schedule = QuantLib.Schedule(
        to_quantlib(terms.issue), to_quantlib(terms.maturity), QuantLib.Period(12 // terms.frequency, QuantLib.Months),
        QuantLib.NullCalendar(), QuantLib.Unadjusted, QuantLib.Unadjusted, QuantLib.DateGeneration.Backward, False,
        to_quantlib(terms.first_coupon) if terms.first_coupon < terms.maturity else QuantLib.Date(),
    )  # fmt: skip
    counts = {
        "30/360": lambda: QuantLib.Thirty360(QuantLib.Thirty360.BondBasis),
        "30E/360": lambda: QuantLib.Thirty360(QuantLib.Thirty360.EurobondBasis),
        "ACT/ACT ICMA": lambda: QuantLib.ActualActual(QuantLib.ActualActual.ISMA, schedule),
        "ACT/365F": QuantLib.Actual365Fixed,
        "ACT/360": QuantLib.Actual360,
    }
    coupon = terms.coupon.mantissa * 10.0**terms.coupon.exponent
    bond = QuantLib.FixedRateBond(0, 1.0, schedule, [coupon], counts[terms.day_count]())
    QuantLib.Settings.instance().evaluationDate = to_quantlib(day)
    return bond.accruedAmount(to_quantlib(day)) / 100.0


@st.composite
def bonds(draw: st.DrawFn) -> tuple[BondTerms, int]:
    frequency = draw(st.sampled_from([1, 2, 4, 12]))
    issue = datetime.date(draw(st.integers(1995, 2015)), draw(st.integers(1, 12)), draw(st.integers(1, 28)))
    periods = draw(st.integers(2, 24))
    maturity = months_after(issue, periods * 12 // frequency)
    first = months_after(issue, 12 // frequency)
    terms = BondTerms(
        Quote(draw(st.integers(0, 90_000)), -6), frequency, draw(st.sampled_from(DAY_COUNTS)), from_date(issue),
        from_date(first), from_date(maturity),
    )  # fmt: skip
    return terms, draw(st.integers(terms.issue, terms.maturity - 1))


@given(bonds())
def test_regular_bonds_accrue_as_in_quantlib(drawn: tuple[BondTerms, int]) -> None:
    terms, day = drawn
    assert float(accrued_fraction(terms, day)) == pytest.approx(quantlib_accrued(terms, day), abs=1e-12)


@st.composite
def odd_bonds(draw: st.DrawFn) -> tuple[BondTerms, int]:
    terms, _ = draw(bonds())
    length = 365 // terms.frequency
    issue = terms.issue - draw(st.integers(1, length - 1)) if draw(st.booleans()) else terms.issue + length // 3
    terms = BondTerms(terms.coupon, terms.frequency, terms.day_count, issue, terms.first_coupon, terms.maturity)
    return terms, draw(st.integers(issue, terms.first_coupon))


@given(odd_bonds())
def test_odd_first_periods_accrue_as_in_quantlib(drawn: tuple[BondTerms, int]) -> None:
    terms, day = drawn
    assert float(accrued_fraction(terms, day)) == pytest.approx(quantlib_accrued(terms, day), abs=1e-12)


@given(bonds())
def test_a_period_accrues_from_nothing_to_its_coupon(drawn: tuple[BondTerms, int]) -> None:
    terms, _ = drawn
    assert accrued_fraction(terms, terms.issue) == 0
    assert accrued_fraction(terms, terms.first_coupon) == 0
    assert accrued_fraction(terms, terms.maturity) == 0
    if terms.day_count == "ACT/ACT ICMA":
        coupon = Fraction(terms.coupon.mantissa, 10**6) / terms.frequency
        gap = coupon - accrued_fraction(terms, terms.first_coupon - 1)
        assert gap == coupon / (terms.first_coupon - terms.issue)


def test_zero_coupon_and_days_outside_the_life_accrue_nothing() -> None:
    zero = BondTerms(Quote(0, 0), 0, "30/360", 0, 0, 1000)
    assert accrued_factor(zero, 500) == 0
    live = BondTerms(Quote(5, -2), 1, "ACT/360", 1000, 1365, 2000)
    assert [accrued_factor(live, day) for day in (900, 1000, 2000, 2500)] == [0, 0, 0, 0]


def test_month_end_bonds_keep_their_day() -> None:
    terms = BondTerms(
        Quote(6, -2), 2, "30/360", parse_date("2019-08-31"), parse_date("2020-02-29"), parse_date("2024-08-31")
    )
    assert accrued_fraction(terms, parse_date("2020-08-30")) > accrued_fraction(terms, parse_date("2020-08-31")) == 0


def test_an_unknown_day_count_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a day count"):
        accrued_fraction(BondTerms(Quote(5, -2), 1, "ACT/364", 0, 365, 730), 100)
