"""A position on margin that is closed: what it gained becomes cash, so that NAV does not notice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import argosy

HEAD = "date,type,portfolio,instrument,quantity,price,fee,net,reference\n"
OPEN = "2024-01-02,deposit,P,,,,,100000,D\n2024-01-02,buy,P,FUT,3,4000,6,,O\n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path / "book.db")) as opened:
        opened.import_instruments(
            b"code,name,type,currency,quantity_scale,multiplier,margined\nFUT,Future,future,USD,0,50,yes\n",
            name="instruments.csv",
        )
        opened.create_portfolio("P", currency="USD")
        prices = b"date,instrument,price\n2024-01-02,FUT,4000\n2024-01-03,FUT,4010\n2024-01-04,FUT,4025\n"
        opened.import_prices(prices, name="prices.csv")
        assert opened.import_transactions((HEAD + OPEN).encode(), name="open.csv").written  # needs its fee only
        yield opened


def nav(book: argosy.Book) -> Decimal:
    return Decimal(str(book.value(as_of="2024-01-04").table().rows()[0]["nav"]))


@pytest.mark.parametrize(("quantity", "net"), [(2, "2496.00"), (3, "3746.00"), (5, "3746.00")])
def test_nav_is_continuous_over_the_close(book: argosy.Book, quantity: int, net: str) -> None:
    if quantity > 3:  # the rest opens a short position
        book.set_mandate("P", '[lots]\noversell = "short"')
    before = nav(book)
    assert before == 100_000 - 6 + 3 * 50 * 25
    row = f"2024-01-04,sell,P,FUT,{quantity},4025,4,{{}},C\n"
    refused = book.import_transactions((HEAD + row.format("")).encode(), name="close.csv")
    (problem,) = refused.problems
    assert (problem.line, problem.field, problem.code) == (2, "net", "unsettled")
    assert f"{net} USD by the lots of the book" in problem.next_step
    assert book.import_transactions((HEAD + row.format(net)).encode(), name="close.csv").written
    assert nav(book) == before - 4


def test_a_correction_asks_for_what_it_settles(book: argosy.Book) -> None:
    close = "2024-01-04,sell,P,FUT,2,4025,4,2496,C\n"
    assert book.import_transactions((HEAD + close).encode(), name="close.csv").written
    seq = int(book.transactions().table()["event"].values[-1])
    with pytest.raises(argosy.ArgosyError, match=r"give net, 1246\.00 USD"):
        book.correct({seq: {"quantity": "1"}})
    book.correct({seq: {"quantity": "1", "net": "1246"}})
    assert nav(book) == 100_000 - 6 - 4 + 3 * 50 * 25
