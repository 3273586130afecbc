"""Late corrections: the answer of today and the answer of then both stay what they are."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

import argosy
from argosy.base.errors import UnknownName


def answers(book: argosy.Book, *, as_of: str, known_at: int | None = None) -> list[list[dict[str, object]]]:
    """Everything a look at the state, its gains and its value shows."""
    asked = (book.positions, book.lots, book.cash, book.income, book.transactions, book.gains, book.history, book.value)
    return [table.rows() for ask in asked for table in ask(as_of=as_of, known_at=known_at).tables]


def event(book: argosy.Book, reference: str) -> int:
    rows = book.transactions(as_of="2024-12-31").table().rows()
    return int(next(row["event"] for row in rows if row["reference"] == reference))


def holding(book: argosy.Book, *, as_of: str, known_at: int | None = None) -> dict[str, Decimal]:
    rows = book.positions(as_of=as_of, known_at=known_at).table().rows()
    return {str(row["instrument"]): row["quantity"] for row in rows}


def test_effective_dates_cut_the_state(growth: argosy.Book) -> None:
    assert holding(growth, as_of="2024-01-02") == {}
    assert holding(growth, as_of="2024-01-03") == {"ACME": 100}
    assert holding(growth, as_of="2024-01-04") == {"ACME": 30}
    assert holding(growth, as_of="2024-01-05") == {"ACME": 30, "BOLT": 10}


def test_a_late_correction_leaves_the_earlier_answer(growth: argosy.Book) -> None:
    known = growth.watermark.known_at
    before = answers(growth, as_of="2024-01-05")
    growth.correct({event(growth, "T2"): {"quantity": "110"}}, reason="broker amended")
    after = answers(growth, as_of="2024-01-05")
    assert after != before
    assert holding(growth, as_of="2024-01-05") == {"ACME": 40, "BOLT": 10}
    assert answers(growth, as_of="2024-01-05", known_at=known) == before
    growth.correct({event(growth, "T2"): {"quantity": "130"}}, reason="amended again")
    assert answers(growth, as_of="2024-01-05", known_at=known) == before
    assert holding(growth, as_of="2024-01-05") == {"ACME": 60, "BOLT": 10}
    assert holding(growth, as_of="2024-01-03") == {"ACME": 130}


def test_a_corrected_event_keeps_its_place_in_the_day(growth: argosy.Book) -> None:
    # T3 buys before T4 sells on the same day: the sale of 150 needs the corrected purchase to stand before it.
    growth.correct({event(growth, "T3"): {"quantity": "60"}})
    growth.correct({event(growth, "T4"): {"quantity": "155"}})
    assert holding(growth, as_of="2024-01-04") == {"ACME": 5}
    lots = growth.lots(as_of="2024-01-04").table().rows()
    assert [(row["acquired"], row["quantity"], row["cost"]) for row in lots] == [
        (datetime.date(2024, 1, 4), Decimal("5"), Decimal("120.0000"))
    ]


def test_voiding_a_whole_import_empties_the_book_and_not_the_past(growth: argosy.Book) -> None:
    known = growth.watermark.known_at
    before = answers(growth, as_of="2024-01-05")
    growth.void_batch(growth.watermark.batch, reason="wrong file")
    assert not holding(growth, as_of="2024-01-05")
    assert not growth.cash(as_of="2024-01-05").table().rows()
    assert not growth.transactions(as_of="2024-01-05").table().rows()
    assert answers(growth, as_of="2024-01-05", known_at=known) == before


def test_a_close_restates_only_what_a_correction_changed(growth: argosy.Book) -> None:
    assert growth.run_close().written == 4
    assert growth.run_close().written == 0
    stored = answers(growth, as_of="2024-01-05")
    known = growth.watermark.known_at
    growth.correct({event(growth, "T5"): {"quantity": "12"}})
    report = growth.run_close()
    assert report.written == 1  # January 5 alone
    assert report.complete
    assert answers(growth, as_of="2024-01-05", known_at=known) == stored
    assert growth.verify().ok


def test_a_late_price_changes_the_value_and_not_the_past(growth: argosy.Book) -> None:
    known = growth.watermark.known_at
    before = growth.value(as_of="2024-01-05").table().rows()
    assert growth.import_prices(b"date,instrument,price\n2024-01-05,BOLT,110.00\n", name="late.csv").superseding == 1
    after = growth.value(as_of="2024-01-05").table().rows()
    assert after[0]["nav"] - before[0]["nav"] == Decimal(100)
    assert growth.value(as_of="2024-01-05", known_at=known).table().rows() == before


def test_known_at_never_goes_back(growth: argosy.Book) -> None:
    moments = [row["known_at"] for row in growth.batches().rows()]
    assert moments == sorted(set(moments))


def test_a_moment_before_the_first_portfolio_is_told(growth: argosy.Book) -> None:
    with pytest.raises(UnknownName, match="the book knew no portfolio on 2001-01-01") as refused:
        growth.returns(portfolio="GROWTH", known_at="2001-01-01")
    assert "argosy batches" in refused.value.next_step
