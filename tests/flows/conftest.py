"""Small files that several flows read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import argosy
from tests.flows.books import new_book

INSTRUMENTS = b"code,name,type,currency\nACME,Acme Corp,equity,USD\nBOLT,Bolt Inc,equity,USD\n"
TRADES = b"""date,type,portfolio,instrument,quantity,price,net,reference
2024-01-02,deposit,GROWTH,,,,10000.00,T1
2024-01-03,buy,GROWTH,ACME,100,20.00,,T2
2024-01-04,buy,GROWTH,ACME,50,24.00,,T3
2024-01-04,sell,GROWTH,ACME,120,25.00,,T4
2024-01-05,buy,GROWTH,BOLT,10,99.50,,T5
"""
PRICES = b"""date,instrument,price
2024-01-03,ACME,20.00
2024-01-04,ACME,25.00
2024-01-05,ACME,26.00
2024-01-05,BOLT,100.00
"""


@pytest.fixture
def growth(book_url: str, tmp_path: Path) -> Iterator[argosy.Book]:
    """A small book on SQLite and on PostgreSQL: one portfolio, five events, four prices."""
    with new_book(book_url, tmp_path / "market") as book:
        _fill(book)
        yield book


def _fill(book: argosy.Book) -> None:
    book.create_portfolio("GROWTH", currency="USD")
    assert book.import_instruments(INSTRUMENTS, name="instruments.csv").written
    assert book.import_prices(PRICES, name="prices.csv").written
    assert book.import_transactions(TRADES, name="trades.csv").written
