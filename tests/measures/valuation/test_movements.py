from __future__ import annotations

import pytest

from argosy.base.errors import MissingPrice
from argosy.measures.valuation.history import history
from argosy.measures.valuation.stored import changes, first_stored, standing
from argosy.measures.valuation.subjects import firm_subject, portfolio_subjects
from argosy.record.ledger.events import Kind
from tests.measures.valuation.book import Book, day, days


def moved_book(*, priced: bool = True) -> Book:
    """10 X bought in A, 4 of them moved to B; 3 more delivered into B from outside."""
    book = Book()
    book.portfolio("A", "USD", "[flows]\nfees_external = true\n")
    book.portfolio("B", "EUR")
    book.instrument("X", "USD")
    if priced:
        book.price("X", "2024-01-02", "12.50")
    book.rate("EUR", "USD", "2024-01-02", "1.25")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "USD", "1000")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-100", instrument="X", quantity="10")
    out = book.event(Kind.TRANSFER_OUT, "2024-01-03", "A", instrument="X", quantity="-4", link=3)
    book.event(Kind.TRANSFER_IN, "2024-01-03", "B", instrument="X", quantity="4", link=out)
    book.event(Kind.DELIVERY_IN, "2024-01-04", "B", "USD", instrument="X", quantity="3", payload={"value": 30_0000})
    book.event(Kind.FEE, "2024-01-04", "A", "USD", "-7", fee="7")
    return book


def test_units_that_move_are_flows_in_kind_at_price_or_at_the_value_told() -> None:
    book = moved_book()
    reference, market, state = book.reference, book.market, book.state()
    assert not state.problems
    subjects = [*portfolio_subjects(reference, [1, 2]), firm_subject(reference, [1, 2], currency="USD")]
    found = history(state, reference, market, subjects=subjects, days=days("2024-01-02", "2024-01-03", "2024-01-04"))
    a, b, both = (number for number in range(3))
    assert found["flow_in_kind"][a].tolist() == [0, -50_0000, 0]
    # The mandate of A counts its own fee as money taken out.
    assert found["flow"][a].tolist() == [1000_0000, -50_0000, -7_0000]
    assert found["flow_in_kind"][b].tolist() == [0, 40_0000, 24_0000]
    assert found["flow"][both].tolist() == [1000_0000, 0, 23_0000]
    assert found["nav"][b].tolist() == [0, 40_0000, 70_0000]
    later = history(state, reference, market, subjects=subjects, days=days("2024-01-04"), after=day("2024-01-03"))
    assert later["fees"][a].tolist() == [7_0000]


def test_a_move_without_a_price_is_a_gap() -> None:
    book = moved_book(priced=False)
    found = history(
        book.state(), book.reference, book.market, subjects=portfolio_subjects(book.reference, [2]),
        days=days("2024-01-02", "2024-01-03"),
    )  # fmt: skip
    assert found.ok.tolist() == [[True, False]]
    with pytest.raises(MissingPrice):
        found.complete()


def test_rows_stored_by_somebody_else_meanwhile_are_not_stored_twice() -> None:
    book = moved_book()
    fresh = history(
        book.state(), book.reference, book.market, subjects=portfolio_subjects(book.reference, [1]),
        days=days("2024-01-02", "2024-01-03"),
    )  # fmt: skip
    nothing = {name: values[:0] for name, values in fresh.columns().items()} | {"seq": days()}
    assert first_stored(nothing) is None
    found = changes(fresh, nothing, book_seq=5, code_version="1")
    assert (len(found), found.new.tolist(), found.per_portfolio()) == (2, [True, True], ({1: 2}, {}))
    stored = found.part(0, 1) | {"seq": days(11)}
    assert found.without_known(found.columns, stored, after=10)["date"].tolist() == [int(fresh.days[1])]
    assert len(found.without_known(found.columns, stored, after=11)["date"]) == 2
    twice = {name: [*values.tolist(), *values.tolist()] for name, values in stored.items()}
    twice["seq"] = [11, 12]
    kept = standing({name: days(*values) for name, values in twice.items()})
    assert kept["seq"].tolist() == [12]
