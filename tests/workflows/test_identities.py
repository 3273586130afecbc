"""Identifiers borne for a time, and instruments found to be one."""

from __future__ import annotations

import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.workflows.identities import add_identifier, merge_instruments
from argosy.workflows.ports import BookStore
from argosy.workflows.void import void_batch
from tests.workflows.books import csv, holdings, imported, reference_of, small_book

BUY = {"type": "buy", "instrument": "ACME", "quantity": "10", "price": "100"}


@pytest.fixture
def book(book_url: str) -> BookStore:
    return small_book(book_url)


def test_a_ticker_passes_to_another_company(book: BookStore) -> None:
    add_identifier(book, instrument="ACME", scheme="ticker", value="T", effective=10_000)
    add_identifier(book, instrument="FUND", scheme="ticker", value="T", effective=18_000)
    add_identifier(book, instrument="SHEL", scheme="isin", value="GB00BP6MXD84", until=19_000)
    assert imported(book, csv({**BUY, "instrument": "T", "date": "2019-04-13"}, {**BUY, "instrument": "T"})).written
    assert book.events()["instrument"].tolist() == [
        reference_of(book).instrument("ACME").id, reference_of(book).instrument("FUND").id,
    ]  # fmt: skip
    with pytest.raises(UnknownName):
        reference_of(book).instrument("GB00BP6MXD84", 19_001)
    with pytest.raises(InvalidInput, match="expected 4"):
        add_identifier(book, instrument="SHEL", scheme="isin", value="GB00BP6MXD85")
    with pytest.raises(InvalidInput, match="ends before it begins"):
        add_identifier(book, instrument="SHEL", scheme="ticker", value="S", effective=5, until=4)
    assert not add_identifier(book, instrument="SHEL", scheme="ticker", value="S", dry_run=True).written


def test_two_instruments_become_one_and_can_be_parted(book: BookStore) -> None:
    imported(book, csv(BUY, {**BUY, "instrument": "FUND", "quantity": "5"}))
    before = book.watermark()
    assert not merge_instruments(book, source="FUND", into="ACME", dry_run=True).written
    assert book.watermark() == before
    merged = merge_instruments(book, source="FUND", into="ACME", reason="renamed")
    assert holdings(book) == {("GROWTH", "MAIN", "ACME"): "15"}
    assert imported(
        book, csv({**BUY, "type": "sell", "instrument": "FUND", "quantity": "12", "date": "2020-02-03"})
    ).written
    assert holdings(book) == {("GROWTH", "MAIN", "ACME"): "3"}
    with pytest.raises(InvalidInput, match="one instrument already"):
        merge_instruments(book, source="ACME", into="FUND")
    assert merged.batch is not None
    void_batch(book, batch=book.batches()[-1].batch)
    void_batch(book, batch=merged.batch.batch)
    assert holdings(book) == {("GROWTH", "MAIN", "ACME"): "10", ("GROWTH", "MAIN", "FUND"): "5"}


def test_numbers_must_mean_the_same(book: BookStore) -> None:
    for other, name in (("SHEL", "currency"), ("WHOLE", "quantity_scale")):
        with pytest.raises(InvalidInput, match=f"differ in {name}"):
            merge_instruments(book, source="ACME", into=other)
    with pytest.raises(UnknownName, match="'ACME'"):
        merge_instruments(book, source="ACMEE", into="FUND")
