from __future__ import annotations

import numpy as np

from argosy.measures.valuation.base_amounts import base_amounts, unknown_costs
from argosy.measures.valuation.gains import realized
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.record.ledger.events import Kind
from tests.measures.valuation.book import Book, day


def moved(rate: str = "1.25") -> Book:
    """Ten shares bought for 1,000 dollars by a dollar portfolio, four of them moved to a euro portfolio."""
    book = Book()
    book.portfolio("A", "USD")
    book.portfolio("B", "EUR")
    book.instrument("X", "USD")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-1000", instrument="X", quantity="10")
    out = len(book.rows) + 1
    book.event(Kind.TRANSFER_OUT, "2024-02-01", "A", instrument="X", quantity="-4", link=out)
    book.event(Kind.TRANSFER_IN, "2024-02-01", "B", instrument="X", quantity="4", link=out)
    if rate:
        book.rate("EUR", "USD", "2024-02-01", rate)
    return book


def test_lots_that_change_base_currency_bring_their_cost_at_the_rate_of_the_move() -> None:
    state = moved().state()
    assert state.lots.cost.tolist() == [600_0000, 400_0000]
    assert state.lots.cost_base.tolist() == [600_0000, 320_0000]  # 400 dollars at 1.25 dollars a euro


def test_gains_after_the_move_are_against_the_cost_in_the_new_base() -> None:
    book = moved()
    book.rate("EUR", "USD", "2024-03-01", "1.00")
    book.event(Kind.SELL, "2024-03-01", "B", "USD", "400", instrument="X", quantity="-4")
    found = realized(book.state(), book.reference, portfolios=[2])
    assert found.gain.tolist() == [0]
    assert (found.gain_base.tolist(), found.price_gain.tolist(), found.fx_gain.tolist()) == (
        [80_0000], [0], [80_0000],
    )  # fmt: skip


def test_there_and_back_differs_by_no_more_than_the_rounding_of_each_move() -> None:
    book = moved("1.0956")
    out = len(book.rows) + 1
    book.event(Kind.TRANSFER_OUT, "2024-02-02", "B", instrument="X", quantity="-4", link=out)
    book.event(Kind.TRANSFER_IN, "2024-02-02", "A", instrument="X", quantity="4", link=out)
    assert abs(sum(book.state().lots.cost_base.tolist()) - 1000_0000) <= 1  # a step of 0.0001 dollars


def test_a_rate_of_many_digits_still_fits() -> None:
    lots = moved("1.2345678901234567").state().lots
    assert lots.cost_base.tolist()[1] == 324_0000  # 400 / 1.2345678901234567 = 324.0000029...


def test_a_rate_that_is_missing_for_the_move_is_named() -> None:
    book = moved(rate="")
    _, gaps = base_amounts(book.events, book.reference, book.market, policies=book.policies())
    assert [gap.text() for gap in gaps] == ["no exchange rate USD/EUR on 2024-02-01 (B)"]


def test_costs_that_lack_a_rate_are_known_to_be_unknown_wherever_the_lots_went() -> None:
    book = Book()
    book.portfolio("A", "EUR")
    book.portfolio("B", "EUR")
    book.instrument("X", "USD")
    book.instrument("Y", "USD")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-100", instrument="X", quantity="10")  # no rate yet
    book.rate("EUR", "USD", "2024-01-03", "1.25")
    book.event(Kind.BUY, "2024-01-04", "A", "USD", "-100", instrument="Y", quantity="10")
    out = len(book.rows) + 1
    book.event(Kind.TRANSFER_OUT, "2024-01-05", "A", instrument="X", quantity="-4", link=out)
    book.event(Kind.TRANSFER_IN, "2024-01-05", "B", instrument="X", quantity="4", link=out)
    policies, events, reference = book.policies(), book.events, book.reference
    amounts, gaps = base_amounts(events, reference, book.market, policies=policies)
    assert [gap.text() for gap in gaps] == ["no exchange rate USD/EUR on 2024-01-02 (A)"]
    found = unknown_costs(events, np.arange(len(events)), reference, amounts, policies=policies)
    assert found == {(1, book.ids["X"]), (2, book.ids["X"])}
    book.price("X", "2024-01-05", "11")
    book.price("Y", "2024-01-05", "11")
    valued = value(
        book.state("2024-01-05"), reference, book.market, subjects=portfolio_subjects(reference, reference.portfolios),
        day=day("2024-01-05"), unknown_costs=found,
    )  # fmt: skip
    gains = {(row.portfolio, row.instrument): row.gain for one in valued.subjects for row in one.rows if row.instrument}
    assert gains == {(1, book.ids["X"]): None, (1, book.ids["Y"]): 8_0000, (2, book.ids["X"]): None}


def test_a_margined_gain_meets_only_the_rate_of_its_day() -> None:
    book = Book()
    book.portfolio("A", "USD")
    book.instrument("F", "GBP", margined=True)
    book.rate("GBP", "USD", "2024-01-02", "1.25")
    book.rate("GBP", "USD", "2024-01-05", "1.30")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "USD", "1000")
    notional = {"notional": -9400_0000}
    book.event(Kind.BUY, "2024-01-02", "A", "GBP", "0", instrument="F", quantity="2", payload=notional)
    book.price("F", "2024-01-05", "4800")
    reference, state = book.reference, book.state("2024-01-05")
    valued = value(
        state, reference, book.market, subjects=portfolio_subjects(reference, [1]), day=day("2024-01-05")
    )  # fmt: skip
    (row,) = [row for row in valued.subjects[0].rows if row.instrument]
    assert (row.value, row.gain, row.fx_gain) == (260_0000, 260_0000, 0)  # 2 x 100 pounds at 1.30
    sold = {"notional": 9600_0000}
    book.event(Kind.SELL, "2024-01-05", "A", "GBP", "200", instrument="F", quantity="-2", payload=sold)
    found = realized(book.state(), reference, portfolios=[1])
    assert (found.gain.tolist(), found.gain_base.tolist(), found.fx_gain.tolist()) == ([200_0000], [260_0000], [0])
