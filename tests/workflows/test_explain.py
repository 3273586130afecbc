"""Explanations: of what was taken back, of several portfolios, of a group over two base currencies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.dates import format_instant
from argosy.base.errors import InvalidInput, UnknownName

TRADES = b"""date,type,portfolio,instrument,quantity,price,net,currency
2024-01-02,deposit,P,,,,1000,EUR
2024-01-02,buy,P,A,10,10,,EUR
2024-01-02,deposit,Q,,,,110,USD
"""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    made = argosy.create(str(tmp_path / "book.db"))
    made.create_portfolio("P", currency="EUR")
    made.create_portfolio("Q", currency="USD")
    made.create_group("BOTH", members=["P", "Q"])
    made.import_instruments(b"code,name,type,currency\nA,A,equity,EUR\n", name="i.csv")
    assert made.import_prices(b"date,instrument,price\n2024-01-02,A,10\n", name="p.csv").written
    assert made.import_fx(b"date,base,quote,rate\n2024-01-02,EUR,USD,1.10\n", name="fx.csv").written
    assert made.import_transactions(TRADES, name="t.csv").written
    yield made
    made.close()


def purchase(book: argosy.Book) -> int:
    return next(int(str(row["event"])) for row in book.transactions().table().rows() if row["type"] == "buy")


def test_an_event_that_counts_says_nothing_of_a_void(book: argosy.Book) -> None:
    assert "taken back" not in book.explain("event", str(purchase(book))).text()


def test_a_voided_event_says_by_which_event_when_and_why(book: argosy.Book) -> None:
    event, before = purchase(book), book.watermark.known_at
    made = book.void_event(event, reason="never happened")
    assert made.batch is not None
    text = book.explain("event", str(event)).text()
    void = made.batch.first_seq
    assert "does not count any more" in text
    assert f"taken back by event {void}" in text
    assert f"batch {made.batch.batch}" in text
    assert format_instant(made.batch.known_at) in text
    assert "never happened" in text
    assert f"takes back event {event}" in book.explain("event", str(void)).text()
    assert "taken back" not in book.explain("event", str(event), known_at=before).text()


def test_an_event_of_a_voided_batch_says_so(book: argosy.Book) -> None:
    event = purchase(book)
    brought = next(one for one in book.store.batches() if one.first_seq <= event <= one.last_seq)
    made = book.void_batch(brought.batch, reason="wrong file")
    assert made.batch is not None
    text = book.explain("event", str(event)).text()
    assert f"taken back with batch {brought.batch}" in text
    assert format_instant(made.batch.known_at) in text
    assert "wrong file" in text
    assert f"[batch {made.batch.batch}]" in text


def test_a_void_that_was_taken_back_takes_nothing_back(book: argosy.Book) -> None:
    event = purchase(book)
    made = book.void_event(event)
    assert made.batch is not None
    assert book.void_batch(made.batch.batch).written
    assert "does not count" not in book.explain("event", str(event)).text()


def test_a_corrected_event_leads_to_what_replaced_it(book: argosy.Book) -> None:
    event = purchase(book)
    made = book.correct({event: {"quantity": "9"}}, reason="broker amended")
    assert made.batch is not None
    text = book.explain("event", str(event)).text()
    assert f"replaced by event {purchase(book)}" in text
    assert "broker amended" in text


def test_without_a_name_every_portfolio_asked_is_explained(book: argosy.Book) -> None:
    text = book.explain("nav").text()
    assert "net asset value of P on 2024-01-02  1,000 EUR" in text
    assert "net asset value of Q on 2024-01-02  110 USD" in text
    assert text == book.explain("value").text()
    assert "of Q" not in book.explain("nav", portfolio="P").text()
    assert book.explain("nav", "Q").text().startswith("net asset value of Q")


def test_a_group_over_two_base_currencies_needs_one(book: argosy.Book) -> None:
    with pytest.raises(InvalidInput, match="currency"):
        book.explain("value", group="BOTH")
    text = book.explain("value", group="BOTH", currency="EUR").text()
    assert "net asset value of BOTH on 2024-01-02  1,100 EUR" in text
    assert text == book.explain("value", "BOTH", currency="EUR").text()


def test_what_cannot_be_explained_is_refused(book: argosy.Book) -> None:
    with pytest.raises(InvalidInput, match="reporting currency"):
        book.explain("price", "A", currency="EUR")
    with pytest.raises(UnknownName):
        book.explain("value", "R")
    with pytest.raises(UnknownName):
        book.explain("worth")


def test_the_named_portfolio_decides_the_versions(book: argosy.Book) -> None:
    book.set_mandate("P", '[lots]\nmethod = "HIFO"\n', name="p.toml")
    told = [book.explain("value", name).provenance for name in ("P", "Q")]
    assert [one is not None and one.mandate_version > 0 for one in told] == [True, False]
