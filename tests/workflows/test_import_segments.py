"""Segments and classifications: each bad row is named, what is known is not written again, newer rows replace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.record.reference_fold import Reference
from argosy.record.segments import classification, period_start, schemes, stored_segments

HEAD = "benchmark,date,segment,weight,return,currency\n"
GOOD = HEAD + "MIX,2024-01-31,A,0.6,0.01,USD\nMIX,2024-01-31,B,0.4,-0.02,USD\nMIX,2024-02-29,A,1,0.03,USD\n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path / "book.db")) as opened:
        assert opened.import_instruments(
            b"code,name,type,currency\nACME,Acme,equity,USD\nBOLT,Bolt,equity,USD\n", name="i.csv"
        ).written
        opened.create_portfolio("P", currency="USD")
        yield opened


def reference(book: argosy.Book) -> Reference:
    return Reference.from_facts(book._store.facts())


def test_segments_come_in_once(book: argosy.Book) -> None:
    report = book.import_segments(GOOD.encode(), name="s.csv")
    assert (report.written, report.inserted) == (True, 3)
    found = stored_segments(reference(book), "MIX")
    assert found.names == ("A", "B")
    assert found.weights.tolist() == [[0.6, 0.4], [1.0, 0.0]]
    assert found.returns[0].tolist() == [0.01, -0.02]
    again = book.import_segments(GOOD.encode(), name="s.csv")
    assert (again.written, again.known) == (False, 3)
    changed = book.import_segments(GOOD.replace("-0.02", "-0.025").encode(), name="s.csv")
    assert (changed.written, changed.inserted, changed.superseding, changed.known) == (True, 1, 1, 2)
    assert stored_segments(reference(book), "MIX").returns[0].tolist() == [0.01, -0.025]


def test_a_dry_run_writes_nothing(book: argosy.Book) -> None:
    report = book.import_segments(GOOD.encode(), name="s.csv", dry_run=True)
    assert (report.written, report.inserted, report.dry_run) == (False, 3, True)
    assert "MIX" not in reference(book).benchmarks


@pytest.mark.parametrize(("old", "new", "said"), [
    ("0.6,0.01", "60%,0.01", "60% is in percent"), ("0.6,0.01", "0.6,1%", "is in percent"),
    ("0.6,0.01", "0.7,0.01", "sum to 1.1"), ("0.6,0.01", ",0.01", "nothing there"), ("0.6,0.01", "0.6,x", "is not"),
    ("MIX,2024-01-31,B", "MIX,2024-01-31,A", "stands twice"), ("2024-02-29", "2024-02-31", "not a date"),
    ("MIX,2024-02-29,A", "MIX,2024-02-29,", "nothing there"), ("MIX,2024-02-29", ",2024-02-29", "nothing there"),
    ("MIX,2024-02-29,A,1,0.03,USD", "MOX,2024-02-29,A,1,0.03,XXQ", "currency"),
])  # fmt: skip
def test_a_bad_row_is_named(book: argosy.Book, old: str, new: str, said: str) -> None:
    assert old in GOOD
    report = book.import_segments(GOOD.replace(old, new).encode(), name="s.csv")
    assert not report.written
    assert any(said in one.message for one in report.problems), report.problems
    kept = book.import_segments(GOOD.replace(old, new).encode(), name="s.csv", accept_good=True)
    assert kept.written == (kept.inserted > 0)


def test_a_file_without_its_columns(book: argosy.Book) -> None:
    report = book.import_segments(b"date,segment,weight\n2024-01-31,A,1\n", name="s.csv", code="MIX", currency="USD")
    assert "no column 'return'" in report.problems[0].message
    assert report.refused == 1
    named = book.import_segments(
        b"date,segment,weight,return\n2024-01-31,A,1,0.1\n", name="s.csv", code="ONE", currency="USD"
    )
    assert named.written


def test_names_that_clash(book: argosy.Book) -> None:
    book.define_benchmark("PAIR", currency="USD", instruments=["ACME", "BOLT"])
    report = book.import_segments(GOOD.replace("MIX", "PAIR").encode(), name="s.csv")
    assert any("made of equal_weight" in one.message for one in report.problems)
    assert book.import_segments(GOOD.encode(), name="s.csv").written
    with pytest.raises(InvalidInput, match="are monthly, not daily"):
        book.import_segments(GOOD.replace("0.03", "0.04").encode(), name="s.csv", frequency="daily")
    with pytest.raises(UnknownName):
        book.import_segments(GOOD.encode(), name="s.csv", frequency="hourly")


def test_a_profile_of_another_kind_is_refused(book: argosy.Book, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[profile]\nreads = "prices"\n')
    with pytest.raises(InvalidInput, match="reads prices"):
        book.import_segments(GOOD.encode(), name="s.csv", profile=str(path))


def test_classification_by_portfolio_goes_first(book: argosy.Book) -> None:
    report = book.import_classification(
        b"portfolio,instrument,segment\n,ACME,Tech\n,BOLT,Tools\nP,BOLT,Special\n", name="c.csv", scheme="house"
    )
    assert (report.written, report.inserted) == (True, 3)
    assert schemes(reference(book)) == ("house",)
    ids = {name: reference(book).instrument(name).id for name in ("ACME", "BOLT")}
    assert classification(reference(book), "house") == {ids["ACME"]: "Tech", ids["BOLT"]: "Tools"}
    assert classification(reference(book), "house", 1)[ids["BOLT"]] == "Special"
    again = book.import_classification(b"instrument,segment\nACME,Tech\n", name="c.csv", scheme="house")
    assert (again.written, again.known) == (False, 1)
    moved = book.import_classification(b"instrument,segment\nACME,Other\n", name="c.csv", scheme="house")
    assert (moved.written, moved.superseding) == (True, 1)


@pytest.mark.parametrize(("row", "said"), [
    (",NONE,Tech", "instrument"), ("X,ACME,Tech", "portfolio"), (",ACME,", "nothing there"),
])  # fmt: skip
def test_a_bad_classification_is_named(book: argosy.Book, row: str, said: str) -> None:
    report = book.import_classification(f"portfolio,instrument,segment\n{row}\n".encode(), name="c.csv")
    assert not report.written
    assert said in report.problems[0].message


def test_one_instrument_in_two_segments(book: argosy.Book) -> None:
    report = book.import_classification(b"instrument,segment\nACME,A\nACME,B\n", name="c.csv")
    assert "another segment above" in report.problems[0].message


def test_what_is_not_there_says_so(book: argosy.Book) -> None:
    with pytest.raises(UnknownName, match="classification"):
        classification(reference(book), "house")
    book.define_benchmark("PAIR", currency="USD", instruments=["ACME", "BOLT"])
    with pytest.raises(MissingData, match="no segments yet"):
        stored_segments(reference(book), "PAIR")


@pytest.mark.parametrize(("frequency", "day", "before"), [
    ("daily", "2024-01-08", "2024-01-05"), ("daily", "2024-01-09", "2024-01-08"),
    ("weekly", "2024-01-12", "2024-01-05"), ("monthly", "2024-03-31", "2024-02-29"),
    ("quarterly", "2024-06-30", "2024-03-31"), ("yearly", "2024-12-31", "2023-12-31"),
])  # fmt: skip
def test_where_a_period_begins(frequency: str, day: str, before: str) -> None:
    from argosy.base.dates import format_date, parse_date
    from argosy.base.errors import BookError

    assert format_date(period_start(parse_date(day), frequency)) == before
    with pytest.raises(BookError):
        period_start(0, "hourly")
