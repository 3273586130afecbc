"""What the close stored is what --stored answers from: values, lines, and days that have none any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.errors import StaleData
from argosy.workflows import keep_lines

DAY = "2024-01-05"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path / "book.db")) as book:
        book.create_portfolio("P", currency="EUR")
        book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,EUR\n", name="i.csv")
        book.import_transactions(
            b"date,type,portfolio,instrument,quantity,price,net,currency\n2024-01-02,deposit,P,,,,1000,EUR\n"
            b"2024-01-02,buy,P,ACME,10,50,,\n2024-01-04,deposit,P,,,,200,EUR\n", name="t.csv",
        )  # fmt: skip
        book.import_prices(b"date,instrument,price\n2024-01-02,ACME,50\n2024-01-03,ACME,52\n", name="p.csv")
        book.import_prices(b"date,instrument,price\n2024-01-04,ACME,53\n2024-01-05,ACME,54\n", name="q.csv")
        yield book


def test_stored_money_is_what_was_stored(book: argosy.Book) -> None:
    book.run_close(last=DAY)
    book.import_prices(b"date,instrument,price\n2024-01-03,ACME,40\n2024-01-05,ACME,60\n", name="late.csv")
    span = "2024-01-04..2024-01-05"
    kept = book.performance(as_of=DAY, periods=span, stored=True).periods[0]
    now = book.performance(as_of=DAY, periods=span).periods[0]
    assert (kept.start, kept.flows, kept.end) == (1020.0, 200.0, 1240.0)
    assert (now.start, now.flows, now.end) == (900.0, 200.0, 1300.0)
    assert kept.start + kept.flows + kept.gains == pytest.approx(kept.end, abs=1e-9)
    assert kept.time_weighted.value == pytest.approx(1030 / 1020 * 1240 / 1230 - 1, abs=1e-12)
    # Modified Dietz: the 200 came at the end of the first of two days.
    assert kept.dietz.value == pytest.approx((1240 - 1020 - 200) / (1020 + 200 * 0.5), abs=1e-12)
    table = book.returns(as_of=DAY, periods=span, stored=True).table()
    assert table.rows()[0]["portfolio"] == pytest.approx(kept.time_weighted.value, abs=1e-14)


def test_a_day_that_lost_its_value_is_withdrawn(book: argosy.Book, tmp_path: Path) -> None:
    book.run_close(last=DAY)
    known = book.watermark.known_at
    text = '[portfolio]\nbase_currency = "EUR"\n[prices]\nmax_age_days = 1\n'
    (tmp_path / "m.toml").write_text(text)
    book.set_mandate("P", str(tmp_path / "m.toml"), effective="2024-01-01")
    batch = next(one.batch for one in book.store.batches() if one.source == "q.csv" or one.file_name == "q.csv")
    book.void_batch(batch)
    with pytest.raises(StaleData):
        book.performance(as_of=DAY, periods="ITD")
    done = book.run_close(last=DAY)
    assert [(one.date, one.columns) for one in done.restatements][-1][1] == ("missing data",)
    kept = book.performance(as_of=DAY, periods="ITD", stored=True).periods[0]
    assert kept.end == 1220.0  # of the fourth, at the price of the third
    earlier = book.performance(as_of=DAY, known_at=known, periods="ITD", stored=True).periods[0]
    assert earlier.end == 1240.0
    again = book.run_close(last=DAY)
    assert (again.written, again.restatements) == (0, ())
    book.import_prices(b"date,instrument,price\n2024-01-05,ACME,55\n", name="back.csv")
    book.run_close(last=DAY)
    assert book.performance(as_of=DAY, periods="ITD", stored=True).periods[0].end == 1250.0


def test_nothing_is_computed_twice(book: argosy.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.run_close(last=DAY)
    made: list[object] = []
    fresh = keep_lines._fresh
    monkeypatch.setattr(keep_lines, "_fresh", lambda *given: made.append(given) or fresh(*given))
    assert book.run_close(last=DAY).written == 0
    assert made == []
    book.import_prices(b"date,instrument,price\n2024-01-05,ACME,55\n", name="late.csv")
    assert book.run_close(last=DAY).written == 1
    assert len(made) == 1
    book.run_close(last="2024-01-04")
    assert len(made) == 2  # another day is another question


def test_a_withdrawn_day_passes_verification(book: argosy.Book, tmp_path: Path) -> None:
    book.run_close(last=DAY)
    batch = next(one.batch for one in book.store.batches() if one.file_name == "p.csv")
    book.void_batch(batch)
    done = book.run_close(last=DAY)
    lost = [one for one in done.restatements if one.columns == ("missing data",)]
    assert [one.new_nav for one in lost] == [0, 0]
    report = book.verify()
    assert report.problems == (), str(report.table())
