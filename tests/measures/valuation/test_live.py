from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import DigitsError, InvalidInput
from argosy.measures.valuation.live import price_board
from argosy.measures.valuation.subjects import firm_subject, portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.record.ledger.events import Kind
from tests.measures.valuation.book import Book, day

ON = "2024-01-05"


def book() -> Book:
    made = Book()
    made.portfolio("A", "EUR")
    made.portfolio("B", "USD", '[cash]\nview = "settled"\n')
    made.instrument("X", "USD")
    made.instrument("Y", "EUR", factor=[1, -2])
    made.rate("EUR", "USD", "2024-01-02", "1.0923")
    made.price("X", "2024-01-02", "10.25")
    made.price("Y", "2024-01-02", "99.5")
    for owner, code, currency, net, quantity in (
        ("A", "X", "USD", "-100", "10.5"), ("A", "Y", "EUR", "-995", "1000"), ("B", "X", "USD", "-77", "7"),
    ):  # fmt: skip
        made.event(
            Kind.BUY, "2024-01-03", owner, currency, net, instrument=code, quantity=quantity, settle="2024-01-09"
        )
    made.event(Kind.DEPOSIT, "2024-01-03", "A", "EUR", "5000.01")
    return made


@settings(max_examples=30)
@given(st.integers(1, 10**7), st.integers(-4, 0), st.integers(1, 10**6))
def test_new_prices_give_the_values_of_a_valuation_with_them(x: int, exponent: int, y: int) -> None:
    made = book()
    reference = made.reference
    subjects = [*portfolio_subjects(reference, reference.portfolios), firm_subject(reference, [1, 2], currency="EUR")]
    board = price_board(made.state(ON), reference, made.market, subjects=subjects, day=day(ON))
    before = value(made.state(ON), reference, made.market, subjects=subjects, day=day(ON))
    assert board.nav().tolist() == [one.nav for one in before.subjects]
    found = board.nav([made.ids["X"], made.ids["Y"], 999], [x, y, 5], [exponent, -2, 0])
    made.price("X", ON, f"{x}e{exponent}")
    made.price("Y", ON, f"{y}e-2")
    after = value(made.state(ON), reference, made.market, subjects=subjects, day=day(ON))
    assert found.tolist() == [one.nav for one in after.subjects]


def test_a_price_too_fine_for_the_board_and_uneven_columns_are_refused() -> None:
    made = book()
    reference = made.reference
    board = price_board(
        made.state(ON), reference, made.market, subjects=portfolio_subjects(reference, [1]), day=day(ON)
    )
    with pytest.raises(DigitsError, match="price of X"):
        board.nav([made.ids["X"]], [1], [-15])
    with pytest.raises(InvalidInput):
        board.nav([made.ids["X"]], np.array([1, 2]), [0])
