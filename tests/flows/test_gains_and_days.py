"""Gains of a book in another currency, with and without the rates they need; the day a question is about by default."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import argosy
from argosy.interfaces.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A dollar portfolio that buys 100 shares for 1,000 pounds and sells half of them for 600."""
    with argosy.create(str(tmp_path / "b.db")) as book:
        book.create_portfolio("P", currency="USD")
        book.import_instruments(b"code,type,currency\nS,equity,GBP\n", name="i.csv")
        book.import_prices(b"date,instrument,price\n2024-01-02,S,10\n2024-01-20,S,12\n", name="p.csv")
        book.import_fx(b"date,base,quote,rate\n2024-01-20,GBP,USD,1.30\n", name="f.csv")
        trades = b"""date,type,portfolio,instrument,quantity,price,net,currency
2024-01-02,deposit,P,,,,10000,GBP
2024-01-02,buy,P,S,100,10,,
2024-01-20,sell,P,S,50,12,,
"""
        assert book.import_transactions(trades, name="t.csv").ok
        yield book


def test_realized_gains_are_split_in_base_currency(book: Book) -> None:
    book.import_fx(b"date,base,quote,rate\n2024-01-02,GBP,USD,1.25\n", name="g.csv")
    (row,) = book.gains(kind="realized").table().rows()
    # 600 pounds at 1.30 less 500 pounds at 1.25; price 100 pounds at 1.25, currency the rest
    assert (row["gain"], row["gain_base"]) == (Decimal(100), Decimal(155))
    assert (row["price_gain"], row["fx_gain"], row["base"]) == (Decimal(125), Decimal(30), "USD")


def test_a_gain_whose_rate_is_missing_is_not_shown_and_the_rate_is_named(book: Book) -> None:
    for kind in ("realized", "unrealized"):
        table = book.gains(kind=kind).table()
        (row,) = table.rows()
        assert row["fx_gain"] is None
        assert row["price_gain"] is None
        assert table.provenance is not None
        assert table.provenance.warnings == ("no exchange rate GBP/USD on 2024-01-02 (P)",)
    (row,) = book.gains(kind="realized").table().rows()
    assert row["gain"] == Decimal(100)  # in pounds it needs no rate


def test_the_default_day_is_the_last_of_prices_and_events(book: Book) -> None:
    assert book.positions().table().provenance.as_of == _day("2024-01-20")  # type: ignore[union-attr]
    before = book.watermark.known_at
    late = b"date,type,portfolio,instrument,quantity,price\n2024-01-25,buy,P,S,7,12\n"
    batch = book.import_transactions(late, name="late.csv").batch
    assert [row["quantity"] for row in book.positions().table().rows()] == [Decimal(57)]
    assert book.positions().table().provenance.as_of == _day("2024-01-25")  # type: ignore[union-attr]
    assert [row["quantity"] for row in book.positions(known_at=before).table().rows()] == [Decimal(50)]
    assert batch is not None
    book.void_batch(batch, reason="a slip")
    assert book.positions().table().provenance.as_of == _day("2024-01-20")  # type: ignore[union-attr]


def _day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days
