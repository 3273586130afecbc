"""The close keeps what each line made; a late event restates it, says what changed, and the old answer stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.base.errors import InvalidInput, MissingData
from argosy.interfaces.book import restore_book
from argosy.record.facts import FactKind
from tests.flows.analysis_books import EVENTS, world_book
from tests.flows.books import Rows

DAY = "2024-01-09"
LATE = EVENTS.splitlines(keepends=True)[0] + b"2024-01-05,dividend,WORLD,BOLT,,,90,,,90,USD,,,,,,,LATE\n"


@pytest.fixture
def book(tmp_path: Path) -> argosy.Book:
    return world_book(f"sqlite:///{tmp_path / 'book.db'}", tmp_path, view="settled")


def stored(book: argosy.Book, **asked: object) -> Rows:
    return book.contribution(portfolio="WORLD", as_of=DAY, stored=True, **asked).table().rows()  # type: ignore[arg-type]


def test_what_is_stored_is_what_is_computed(book: argosy.Book) -> None:
    with book:
        done = book.run_close(last=DAY)
        assert done.head.startswith(str(book.watermark.seq))
        for portfolio in ("WORLD", "LOCAL"):
            fresh = book.contribution(portfolio=portfolio, as_of=DAY).contributions[0]
            kept = book.contribution(portfolio=portfolio, as_of=DAY, stored=True).contributions[0]
            assert kept.total == pytest.approx(fresh.total, abs=1e-12)
            assert float(kept.contribution.sum()) == pytest.approx(kept.total, abs=1e-13)
            for place, label in enumerate(fresh.labels):
                if label in kept.labels:
                    assert np.abs(kept.parts[:, kept.labels.index(label)] - fresh.parts[:, place]).max() < 1e-7
            assert "as stored by the close" in kept.notes


def test_a_second_close_writes_nothing(book: argosy.Book) -> None:
    with book:
        first = book.run_close(last=DAY)
        assert book.run_close(last=DAY).head == first.head
        assert book.run_close(last=DAY, dry_run=True).head == first.head


def test_a_late_event_restates_and_says_what_changed(book: argosy.Book) -> None:
    with book:
        book.run_close(last=DAY)
        before, known = stored(book), book.watermark.known_at
        assert book.import_transactions(LATE, name="late.csv").written
        done = book.run_close(last=DAY)
        report = done.statement().tables[-1]
        assert report.name == "Restated attribution"
        rows = report.rows()
        assert {row["portfolio"] for row in rows} == {"WORLD"}
        assert str(rows[0]["date"]) == "2024-01-05"
        assert "BOLT" in str(rows[0]["lines"]) or "cash USD" in str(rows[0]["lines"])
        assert float(str(rows[0]["new_return"])) > float(str(rows[0]["old_return"]))
        after = stored(book)
        assert after != before
        assert stored(book, known_at=known) == before
        assert book.verify().ok
        facts = [one for one in book._store.facts() if one.kind == FactKind.ATTRIBUTION]
        assert len(facts) == 2
        assert int(str(facts[1].payload["rows"])) < int(str(facts[0].payload["rows"]))


def test_a_backup_takes_the_stored_lines_along(book: argosy.Book, tmp_path: Path) -> None:
    with book:
        book.run_close(last=DAY)
        before = stored(book)
        book.backup(str(tmp_path / "book.argosy"))
    with restore_book(str(tmp_path / "book.argosy"), str(tmp_path / "again.db")) as again:
        assert stored(again) == before
        assert again.verify().ok


def test_a_lost_or_changed_file_is_found(book: argosy.Book, tmp_path: Path) -> None:
    with book:
        book.run_close(last=DAY)
        (path,) = (tmp_path / "book.market").glob("lines-*.parquet")
        content = path.read_bytes()
        path.write_bytes(content[:-1] + b"x")
        assert any("lines-" in one and "SHA-256" in one for one in book.verify().problems)
        path.unlink()
        assert any("is gone (stored attribution)" in one for one in book.verify().problems)


def test_nothing_stored_and_questions_that_need_more(book: argosy.Book) -> None:
    with book:
        with pytest.raises(MissingData, match="nothing is stored"):
            stored(book)
        book.run_close(last=DAY, attribution=False)
        with pytest.raises(MissingData, match="nothing is stored"):
            stored(book)
        book.run_close(last=DAY)
        with pytest.raises(InvalidInput, match="single portfolios"):
            book.contribution(group="BOTH", currency="USD", as_of=DAY, stored=True)


@pytest.mark.parametrize("by", ["lot", "transaction"])
def test_what_was_not_stored_is_not_made_up(book: argosy.Book, by: str) -> None:
    with book, pytest.raises(InvalidInput, match=f"not what each {by} made"):
        stored(book, by=by)


def test_a_restatement_names_the_lines_that_changed_and_no_others(tmp_path: Path) -> None:
    """A purchase learned late: its security and cash changed; what only has another base to be measured on did not."""
    with argosy.create(str(tmp_path / "late.db")) as book:
        book.create_portfolio("P", currency="EUR")
        names = b"code,name,type,currency\nA,A,equity,EUR\nB,B,equity,EUR\n"
        assert book.import_instruments(names, name="i.csv").written
        prices = "date,instrument,price\n" + "".join(
            f"2024-01-0{day},A,{100 + day}\n2024-01-0{day},B,{50 - day}\n" for day in (2, 3, 4)
        )
        assert book.import_prices(prices.encode(), name="p.csv").written
        head = "date,type,portfolio,instrument,quantity,price,net,currency\n"
        events = head + "2024-01-02,deposit,P,,,,9000,EUR\n2024-01-02,buy,P,A,10,102,,\n2024-01-02,buy,P,B,10,48,,\n"
        assert book.import_transactions(events.encode(), name="t.csv").written
        book.run_close()
        then = book.batches().rows()[-1]["known_at"]
        before = book.contribution(stored=True).table().totals
        assert book.import_transactions((head + "2024-01-03,buy,P,A,5,100,,\n").encode(), name="late.csv").written
        done = book.run_close()
        rows = {str(row["date"]): str(row["lines"]) for row in done.attached[0].rows()}
        assert rows == {"2024-01-03": "A", "2024-01-04": "A, cash EUR"}
        assert book.contribution(stored=True, known_at=then).table().totals == before
        assert book.contribution(stored=True).table().totals != before
        again = book.run_close()
        assert [one.written for one in again.portfolios] == [0]
