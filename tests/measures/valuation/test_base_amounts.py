from __future__ import annotations

from argosy.measures.valuation.base_amounts import base_amounts
from argosy.measures.valuation.gains import realized
from argosy.record.ledger.events import Kind
from tests.measures.valuation.book import Book


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
