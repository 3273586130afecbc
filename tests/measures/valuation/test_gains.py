from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.measures.valuation.gains import gains, income_received, realized
from argosy.measures.valuation.split import split_gain
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.record.ledger.events import Kind
from tests.measures.valuation.book import Book, day


def half_sold(mandate: str = "") -> Book:
    """EUR 1m of assets bought at 1.10 dollars, price +4%; half sold at 1.15, the rest marked at 1.12."""
    book = Book()
    book.portfolio("A", "USD", mandate)
    book.instrument("X", "EUR")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "EUR", "1000000")
    book.event(Kind.BUY, "2024-01-02", "A", "EUR", "-1000000", instrument="X", quantity="10000")
    book.event(Kind.SELL, "2024-02-01", "A", "EUR", "520000", instrument="X", quantity="-5000")
    book.price("X", "2024-01-02", "104")
    for on, rate in (("2024-01-02", "1.10"), ("2024-02-01", "1.15"), ("2024-02-02", "1.12")):
        book.rate("EUR", "USD", on, rate)
    return book


def all_gains(book: Book, on: str):  # type: ignore[no-untyped-def]
    reference, market, state = book.reference, book.market, book.state(on)
    subjects = portfolio_subjects(reference, reference.portfolios)
    found = value(state, reference, market, subjects=subjects, day=day(on))
    return gains(state, reference, market, portfolios=list(reference.portfolios), valuation=found)


def test_the_worked_case_of_price_and_currency() -> None:
    (line,) = [line for line in all_gains(half_sold(), "2024-02-02").lines if line.instrument]
    assert (line.realized_price, line.realized_fx) == (22_000_0000, 26_000_0000)
    assert (line.unrealized_price, line.unrealized_fx) == (22_000_0000, 10_400_0000)
    assert line.total == 80_400_0000


def test_the_cross_term_goes_to_price_where_the_mandate_says_so() -> None:
    (line,) = [
        line for line in all_gains(half_sold('[gains]\ncross = "price"\n'), "2024-02-02").lines if line.instrument
    ]
    assert (line.realized_price, line.realized_fx) == (23_000_0000, 25_000_0000)
    assert (line.unrealized_price, line.unrealized_fx) == (22_400_0000, 10_000_0000)
    assert line.total == 80_400_0000


def test_average_cost_uses_the_pooled_base_cost() -> None:
    book = Book()
    book.portfolio("A", "USD", '[lots]\nmethod = "AVERAGE"\n')
    book.instrument("X", "EUR")
    for on, rate in (("2024-01-02", "1.00"), ("2024-01-03", "1.20"), ("2024-01-04", "1.30")):
        book.rate("EUR", "USD", on, rate)
    book.event(Kind.BUY, "2024-01-02", "A", "EUR", "-100", instrument="X", quantity="10")
    book.event(Kind.BUY, "2024-01-03", "A", "EUR", "-300", instrument="X", quantity="10")
    book.event(Kind.SELL, "2024-01-04", "A", "EUR", "250", instrument="X", quantity="-10")
    found = realized(book.state(), book.reference, portfolios=[1])
    # pooled: EUR 400 and USD 460 for 20 units; opening rate 1.15
    assert (sum(found.reliefs.cost), sum(found.reliefs.cost_base)) == (200_0000, 230_0000)
    assert (sum(found.gain), sum(found.gain_base)) == (50_0000, 95_0000)
    assert (sum(found.price_gain), sum(found.fx_gain)) == (57_5000, 37_5000)


def test_income_is_converted_at_its_date_and_a_missing_rate_is_named() -> None:
    book = half_sold()
    book.event(Kind.DIVIDEND, "2024-02-02", "A", "EUR", "85", instrument="X", tax="15")
    book.event(Kind.INTEREST, "2024-02-02", "A", "GBP", "10")
    found = income_received(book.state(), book.reference, book.market, portfolios=[1])
    assert found.gross_base.tolist()[0] == 112_0000
    assert found.tax_base.tolist()[0] == 16_8000
    assert found.net_base.tolist()[0] == 95_2000
    assert [gap.text() for gap in found.gaps] == ["no exchange rate GBP/USD on 2024-02-02 (A)"]


@given(st.lists(st.integers(-(10**6), 10**6), min_size=4, max_size=4), st.sampled_from(["fx", "price"]))
def test_price_and_currency_always_add_up(amounts: list[int], cross: str) -> None:
    v, c, vb, cb = map(Fraction, amounts)
    assert sum(split_gain(v, c, vb, cb, cross=cross)) == vb - cb


def test_gains_explain_the_change_of_nav() -> None:
    book = half_sold()
    book.event(Kind.DIVIDEND, "2024-02-02", "A", "EUR", "85", instrument="X", tax="15")
    found = all_gains(book, "2024-02-02")
    # What cash did in currency is not a gain of an instrument: here EUR 520,000 fell from 1.15 to 1.12.
    cash = -520_000_0000 * 3 // 100
    nav = found.unrealized.subjects[0].nav
    assert sum(line.total for line in found.lines) + cash == pytest.approx(nav - 1_100_000_0000, abs=100)
