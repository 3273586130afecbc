"""Yields and durations: published examples, QuantLib as a second opinion, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name everybody gives it

from argosy.base.dates import parse_date, to_date
from argosy.base.errors import InvalidInput
from argosy.base.money import Quote
from argosy.measures.attribution.bond_yields import bond_figures
from argosy.measures.attribution.inputs import UndefinedEffect
from argosy.measures.valuation.accrued import accrued_fraction, coupon_dates
from argosy.record.reference import BondTerms


def bond(
    coupon: Quote, issue: str, first: str, maturity: str, *, frequency: int = 2, count: str = "30/360"
) -> BondTerms:
    return BondTerms(coupon, frequency, count, parse_date(issue), parse_date(first), parse_date(maturity))


@pytest.mark.parametrize(("name", "terms"), [
    ("bond-fabozzi-9-5y", bond(Quote(9, -2), "2020-01-15", "2020-07-15", "2025-01-15")),
    ("bond-fabozzi-6-25y", bond(Quote(6, -2), "2000-01-15", "2000-07-15", "2025-01-15")),
])  # fmt: skip
def test_fabozzi(shared_cases: Path, name: str, terms: BondTerms) -> None:
    case = next(c for c in json.loads((shared_cases / "analytics.json").read_text())["cases"] if c["id"] == name)
    want = case["expected"]
    found = bond_figures(terms, [terms.issue], [want["price"] / 100])
    # The price is printed with three digits, so that the yield is known to half of its last one over the duration.
    assert found.street[0] == pytest.approx(case["inputs"]["yield"], abs=1e-6)
    for figure, printed in (("macaulay", 2), ("modified", 2), ("convexity", 2)):
        assert getattr(found, figure)[0] == pytest.approx(want[figure], rel=case["tolerance"]), printed


def test_excel_yield(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "analytics.json").read_text())["cases"]
    case = next(c for c in cases if c["id"] == "bond-excel-yield")
    terms = bond(Quote(575, -4), "2000-11-15", "2001-05-15", "2016-11-15")
    day = parse_date(case["inputs"]["settle"])
    dirty = case["inputs"]["price"] / 100 + float(accrued_fraction(terms, day))
    assert bond_figures(terms, [day], [dirty]).street[0] == pytest.approx(
        case["expected"]["yield"], abs=case["tolerance"]
    )


@pytest.mark.parametrize("frequency", [1, 2, 4])
@pytest.mark.parametrize("clean", [62.0, 99.5, 131.0])
def test_quantlib_agrees(frequency: int, clean: float) -> None:
    terms = bond(Quote(425, -4), "2019-03-15", "2020-03-15" if frequency == 1 else "2019-09-15" if frequency == 2 else
                 "2019-06-15", "2031-03-15", frequency=frequency)  # fmt: skip
    day = parse_date("2024-07-02")

    def date(epoch: int) -> ql.Date:
        at = to_date(epoch)
        return ql.Date(at.day, at.month, at.year)

    ql.Settings.instance().evaluationDate = date(day)
    schedule = ql.Schedule(
        date(terms.issue), date(terms.maturity), ql.Period(12 // frequency, ql.Months), ql.NullCalendar(),
        ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Backward, False,
    )  # fmt: skip
    count = ql.Thirty360(ql.Thirty360.BondBasis)
    peer = ql.FixedRateBond(0, 100.0, schedule, [0.0425], count)
    every = {1: ql.Annual, 2: ql.Semiannual, 4: ql.Quarterly}[frequency]
    price = ql.BondPrice(clean, ql.BondPrice.Clean)
    rate = peer.bondYield(price, count, ql.Compounded, every, date(day), 1e-14, 1000, 0.05)
    found = bond_figures(terms, [day], [clean / 100 + float(accrued_fraction(terms, day))])
    assert found.street[0] == pytest.approx(rate, abs=1e-10)
    with_rate = ql.InterestRate(rate, count, ql.Compounded, every)
    for kind, figure in ((ql.Duration.Macaulay, found.macaulay), (ql.Duration.Modified, found.modified)):
        assert figure[0] == pytest.approx(ql.BondFunctions.duration(peer, with_rate, kind, date(day)), abs=1e-9)
    assert found.convexity[0] == pytest.approx(ql.BondFunctions.convexity(peer, with_rate, date(day)), rel=1e-9)


def test_a_bond_without_coupons() -> None:
    terms = bond(Quote(0, 0), "2020-01-01", "2030-01-01", "2030-01-01", frequency=0, count="ACT/365F")
    day = parse_date("2025-01-01")
    years = (terms.maturity - day) / 365
    found = bond_figures(terms, [day], [0.8])
    assert coupon_dates(terms, day) == []
    assert found.effective[0] == pytest.approx(0.8 ** (-1 / years) - 1, abs=1e-14)
    assert found.duration[0] == pytest.approx(years / (1 + found.effective[0]), rel=1e-12)


def test_a_long_first_coupon_is_waited_for() -> None:
    regular = bond(Quote(6, -2), "2020-01-15", "2020-07-15", "2025-01-15")
    long = bond(Quote(6, -2), "2020-01-15", "2021-01-15", "2025-01-15")
    day = parse_date("2020-02-15")
    assert len(coupon_dates(long, day)) == len(coupon_dates(regular, day)) - 1
    # One payment less for the same price is a lower yield.
    assert bond_figures(long, [day], [1.0]).street[0] < bond_figures(regular, [day], [1.0]).street[0]


def test_repriced_by_its_own_yield() -> None:
    terms = bond(Quote(3, -2), "2020-01-15", "2021-01-15", "2040-01-15", frequency=1, count="ACT/ACT ICMA")
    days = np.arange(parse_date("2024-01-01"), parse_date("2024-03-01"), 7)
    dirty = np.linspace(0.7, 1.4, len(days))
    found = bond_figures(terms, days, dirty)
    for day, price, rate in zip(days.tolist(), dirty.tolist(), found.effective.tolist(), strict=True):
        paid = coupon_dates(terms, day)
        start = parse_date(f"{to_date(paid[0]).year - 1}-01-15")
        first = (paid[0] - day) / (paid[0] - start)
        again = sum(
            (0.03 + (one == terms.maturity)) / (1 + rate) ** (first + number) for number, one in enumerate(paid)
        )
        assert again == pytest.approx(price, rel=1e-12)


@pytest.mark.parametrize(("days", "dirty", "error", "said"), [
    (["2025-01-15"], [1.0], InvalidInput, "matured"), (["2024-01-15"], [0.0], InvalidInput, "above zero"),
    (["2024-01-15"], [float("inf")], InvalidInput, "no number"), (["2024-01-15"], [1.0, 1.0], InvalidInput, "1 days"),
    (["2025-01-14"], [1e-300], UndefinedEffect, "no yield"),
])  # fmt: skip
def test_refused(days: list[str], dirty: list[float], error: type[Exception], said: str) -> None:
    terms = bond(Quote(6, -2), "2000-01-15", "2000-07-15", "2025-01-15")
    with pytest.raises(error, match=said):
        bond_figures(terms, [parse_date(day) for day in days], dirty)
