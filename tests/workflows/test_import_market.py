from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from argosy.adapters.files.calendars import exchange_sessions
from argosy.adapters.files.market_files import LocalMarketFiles
from argosy.adapters.files.tabular import read_rows
from argosy.base.dates import format_date, parse_date
from argosy.base.errors import InvalidInput, MissingPrice, StorageFailure, TamperedBook, UnknownName
from argosy.record.facts import FactDraft, FactKind
from argosy.record.market.benchmarks import benchmark_levels
from argosy.workflows.import_market import (
    import_benchmark,
    import_calendar,
    import_exchange,
    import_fx,
    import_prices,
)
from argosy.workflows.market_setup import define_benchmark, set_source_precedence
from argosy.workflows.market_view import load_tables, open_market
from argosy.workflows.ports import BatchDraft, BookStore
from argosy.workflows.profile import parse_profile
from tests.workflows.market_book import add_instruments, make_book

PRICES = b"date,instrument,price\n2024-01-02,AAPL,185.64\n2024-01-03,AAPL,184.25\n2024-01-02,SHEL.L,2575\n"
DAY = parse_date("2024-01-03")

Book = tuple[BookStore, LocalMarketFiles]


@pytest.fixture
def book(book_url: str, tmp_path: Path) -> Iterator[Book]:
    store, files = make_book(book_url, tmp_path)
    yield store, files
    store.close()


@pytest.fixture
def small(sqlite_book_url: str, tmp_path: Path) -> Iterator[Book]:
    store, files = make_book(sqlite_book_url, tmp_path)
    yield store, files
    store.close()


def load(book: Book, content: bytes = PRICES, name: str = "p.csv", **options: object):  # type: ignore[no-untyped-def]
    return import_prices(*book, read_rows, content=content, name=name, **options)  # type: ignore[arg-type]


def batches(book: Book) -> int:
    return len(book[0].batches())


def test_prices_come_in_once(book: Book) -> None:
    first = load(book, source="EX")
    assert first.summary() == "p.csv: 3 rows of prices: 3 inserted, 0 known, 0 conflicting, 0 refused (batch 2)"
    assert first.ok
    market = open_market(*book)
    point = market.price(1, DAY)
    assert (point.decimal, point.source, point.row) == (Decimal("184.25"), "EX", 3)
    assert market.version == first.seq == point.load_seq
    assert book[0].raw_file(first.sha256) == PRICES
    written, files = batches(book), book[1].names()

    again = load(book, source="EX")
    assert (again.inserted, again.known, again.written) == (0, 3, False)
    assert "nothing new" in again.summary()
    assert [(note.status, note.line, note.earlier_batch, note.earlier_line) for note in again.notes] == [
        ("known", 2, 2, 2)
    ]
    assert again.notes[0].message == "lines 2 to 4 are in the book already"
    assert (batches(book), book[1].names()) == (written, files)


def test_only_what_is_new_is_written(small: Book) -> None:
    load(small)
    report = load(small, PRICES + b"2024-01-04,AAPL,181.91\n2024-01-03,AAPL,184.250\n")
    assert (report.rows, report.inserted, report.known) == (5, 1, 4)
    assert [(note.line, note.message) for note in report.notes] == [
        (6, "AAPL 2024-01-03: repeats line 3"), (2, "lines 2 to 4 are in the book already"),
    ]  # fmt: skip
    assert [each.rows for each in reference_loads(small)] == [3, 1]


def reference_loads(book: Book):  # type: ignore[no-untyped-def]
    from argosy.record.reference_fold import Reference

    return Reference.from_facts(book[0].facts()).market_loads


def test_a_newer_load_replaces_and_the_older_answer_stays(book: Book) -> None:
    load(book)
    before = book[0].watermark()
    report = load(book, b"date,instrument,price\n2024-01-03,AAPL,184.30\n", "fix.csv")
    assert (report.inserted, report.superseding) == (1, 1)
    assert report.notes[0].message == "AAPL 2024-01-03: 184.30 replaces 184.25"
    assert (report.notes[0].status, report.notes[0].earlier_batch) == ("supersedes", 2)
    assert "1 inserted (1 of them replacing an earlier value)" in report.summary()
    assert open_market(*book).price(1, DAY).decimal == Decimal("184.30")
    old = open_market(*book, watermark=before)
    assert old.price(1, DAY).decimal == Decimal("184.25")
    assert old.version < open_market(*book).version


def test_a_voided_load_vanishes_and_may_come_again(small: Book) -> None:
    report = load(small)
    with small[0].writer() as writer:
        writer.append(BatchDraft("void", "test", [FactDraft(FactKind.BATCH_VOID, 0, 0, {"batch": report.batch})]))
    market = open_market(*small)
    assert market.version > report.seq
    with pytest.raises(MissingPrice, match="no price for AAPL"):
        market.price(1, DAY)
    assert load(small).inserted == 3
    assert open_market(*small).price(1, DAY).decimal == Decimal("184.25")


BAD = b"""date,instrument,price,currency,quote_unit
2024-01-02,AAPL,185.64,USD,USD
2024-01-32,AAPL,185,USD,USD
2024-01-04,APPL,185,USD,USD
2024-01-05,AAPL,1.2.3,USD,USD
2024-01-06,AAPL,,USD,USD
2024-01-07,SHEL.L,26,GBP,GBP
2024-01-08,SHEL.L,2600,GBp,GBp
2024-01-09,AAPL,5,EUR,USD
2024-01-10,AAPL,5
2024-01-11,,5,USD,
"""


def test_every_bad_row_is_named_and_nothing_is_written(small: Book) -> None:
    before = batches(small)
    report = load(small, BAD)
    assert (report.rows, report.inserted, report.refused, report.written) == (10, 2, 8, False)
    assert batches(small) == before
    assert small[1].names() == []
    assert [(p.line, p.field, p.message) for p in report.problems] == [
        (3, "date", "'2024-01-32' is not a date"),
        (4, "instrument", "unknown instrument 'APPL'"),
        (5, "price", "'1.2.3' is not a number"),
        (6, "price", "nothing there"),
        (7, "quote_unit", "the price is in 'GBP', SHEL.L is quoted in GBp"),
        (9, "currency", "the price is in 'EUR', AAPL is quoted in USD"),
        (10, "", "3 cells where the header has 5"),
        (11, "instrument", "nothing there"),
    ]
    assert report.problems[1].next_step == "did you mean 'AAPL'?"
    assert report.problems[1].record["price"] == "185"
    assert not report.ok
    assert [row["status"] for row in report.table().rows()] == ["refused"] * 8


def test_good_rows_alone_when_asked(small: Book) -> None:
    report = load(small, BAD, accept_good=True)
    assert (report.inserted, report.refused, report.written) == (2, 8, True)
    assert len(open_market(*small).prices) == 2


def test_two_values_for_one_key_in_a_file_are_a_conflict(small: Book) -> None:
    content = PRICES + b"2024-01-02,US0378331005,185.65\n2024-01-03,AAPL,184.250\n"
    report = load(small, content)
    assert (report.inserted, report.known, report.conflicting, report.written) == (2, 1, 2, False)
    assert [(p.line, p.message, p.code) for p in report.problems] == [
        (2, "AAPL 2024-01-02: 185.64 here, 185.65 on line 5", "conflict"),
        (5, "AAPL 2024-01-02: 185.65 here, 185.64 on line 2", "conflict"),
    ]
    assert [row["status"] for row in report.table().rows()] == ["conflicting", "conflicting", "known"]
    assert load(small, content, accept_good=True).inserted == 2


def test_a_dry_run_previews_and_writes_nothing(book: Book) -> None:
    before = batches(book)
    report = load(book, dry_run=True)
    assert (report.inserted, report.written, report.dry_run) == (3, False, True)
    assert report.preview[0] == {"date": "2024-01-02", "instrument": "AAPL", "price": "185.64"}
    assert (batches(book), book[1].names()) == (before, [])


def test_profiles_map_columns_dates_and_numbers(small: Book) -> None:
    profile = parse_profile(
        """
        [profile]
        name = "bank"
        reads = "prices"
        [columns]
        date = "Tag"
        instrument = "Titel"
        price = "Kurs"
        [values.instrument]
        "Apple Inc." = "AAPL"
        [format]
        date = "%d.%m.%Y"
        decimal = ","
        thousands = "."
        delimiter = ";"
        encoding = "cp1252"
        """
    )
    content = "Tag;Titel;Kurs;Börse\n03.01.2024;Apple Inc.;1.184,25;Düsseldorf\n".encode("cp1252")
    assert load(small, content, profile=profile).inserted == 1
    point = open_market(*small).price(1, DAY)
    assert (point.decimal, point.source) == (Decimal("1184.25"), "bank")
    with pytest.raises(InvalidInput, match="reads prices, not fx"):
        import_fx(*small, read_rows, content=content, name="x", profile=profile)


def test_wide_prices(small: Book) -> None:
    profile = parse_profile('[options]\nlayout = "wide"\nsource = "matrix"')
    report = load(small, b"Date,AAPL,SHEL.L,\n2024-01-02,1.5,,\n2024-01-03,N/A,2500,\n", profile=profile)
    assert (report.rows, report.inserted) == (2, 2)
    assert open_market(*small).price(2, DAY).row == 3
    assert open_market(*small).price(2, DAY).source == "matrix"
    bad = load(small, b"Date,AAPL,SHELL.L\n2024-01-02,1.5,7\n", profile=profile)
    assert bad.problems[0].next_step == "did you mean 'SHEL.L'?"
    with pytest.raises(UnknownName, match="unknown column 'date'"):
        load(small, b"Dat,AAPL\n2024-01-02,1.5\n", profile=profile)


def test_basis_is_kept_apart(small: Book) -> None:
    load(small)
    assert load(small, basis="total_return").inserted == 3
    assert open_market(*small).price(1, DAY).basis == "traded"
    with pytest.raises(UnknownName, match="did you mean 'total_return'"):
        load(small, basis="total return")


def test_files_without_the_columns_or_content(small: Book) -> None:
    report = load(small, b"date,ticker,close\n2024-01-02,AAPL,1\n")
    assert [p.message for p in report.problems] == ["there is no column 'instrument'", "there is no column 'price'"]
    assert (report.rows, report.refused, report.written) == (1, 1, False)
    empty = load(small, b"")
    assert [p.code for p in empty.problems][:1] == ["empty_file"]
    assert not empty.written
    assert load(small, b"date,instrument,price\n").summary().endswith("(nothing new, nothing written)")


ECB = """Date,USD,JPY,CYP,GBP,
2024-01-03,1.0919,155.96,N/A,0.86348,
2024-01-02,1.0956,155.55,N/A,N/A,
"""


def test_the_ecbs_file(book: Book) -> None:
    report = import_fx(*book, read_rows, content=ECB.encode(), name="eurofxref-hist.csv", layout="ecb")
    assert (report.rows, report.inserted, report.problems) == (5, 5, ())
    market = open_market(*book)
    assert market.rate("USD", "JPY", DAY).fraction == Fraction("155.96") / Fraction("1.0919")
    leg = market.rate("EUR", "GBP", DAY + 5).legs[0]
    assert (leg.source, leg.row, str(leg.decimal)) == ("ECB", 2, "0.86348")
    assert not import_fx(*book, read_rows, content=ECB.encode(), name="again.csv", layout="ecb").written
    bad = import_fx(*book, read_rows, content=ECB.replace("GBP", "GPB").encode(), name="x.csv", layout="ecb")
    assert bad.problems[0].message == "unknown currency 'GPB'"
    assert "'GBP'" in bad.problems[0].next_step


def test_rates_row_by_row(small: Book) -> None:
    content = b"""date,base,quote,rate
2024-01-02,EUR,USD,1.0956
2024-01-02,USD,USD,1
2024-01-02,EUR,GBP,0
2024-01-02,EUR,JPY,-3
2024-01-02,EURO,JPY,155
2024-01-02,,JPY,155
"""
    report = import_fx(*small, read_rows, content=content, name="fx.csv", accept_good=True)
    assert (report.inserted, report.refused) == (1, 5)
    assert [(p.line, p.field) for p in report.problems] == [
        (3, "quote"), (4, "rate"), (5, "rate"), (6, "base"), (7, "base"),
    ]  # fmt: skip
    fixed = import_fx(*small, read_rows, content=b"date,base,quote,rate\n2024-01-02,EUR,USD,1.1\n", name="fx2.csv")
    assert fixed.notes[0].message == "EUR/USD 2024-01-02: 1.1 replaces 1.0956"
    with pytest.raises(UnknownName, match="unknown layout 'ebc'"):
        import_fx(*small, read_rows, content=content, name="fx.csv", layout="ebc")


def test_benchmarks_are_created_and_continued(small: Book) -> None:
    content = b"code,date,return\nIDX,2024-01-31,0.01\nIDX,2024-02-29,-0.02\nOTHER,2024-01-31,0.5\nIDX,2024-03-31,-1\n"
    report = import_benchmark(*small, read_rows, content=content, name="b.csv", currency="USD", accept_good=True)
    assert (report.inserted, report.refused) == (3, 1)
    levels = benchmark_levels(open_market(*small), "IDX")
    assert [format_date(int(day)) for day in levels.days] == ["2023-12-31", "2024-01-31", "2024-02-29"]
    more = import_benchmark(*small, read_rows, content=b"date,return\n2024-03-31,0.03\n", name="b2.csv", code="IDX")
    assert more.inserted == 1
    assert len(benchmark_levels(open_market(*small), "IDX").levels) == 4
    assert len(benchmark_levels(open_market(*small), "OTHER").levels) == 2
    wrong = import_benchmark(*small, read_rows, content=b"date,level\n2024-03-31,7\n", name="b3.csv", code="IDX")
    assert wrong.problems[0].message == "benchmark IDX is made of returns, the file has levels"
    new = import_benchmark(
        *small, read_rows, content=b"date,level\n2024-03-31,7\n2024-04-01,0\n", name="b4.csv", code="Z"
    )
    assert new.problems[0].message == "benchmark Z is new"
    assert not new.written


def test_benchmarks_of_instruments_and_precedence(small: Book) -> None:
    load(small, source="A")
    load(small, b"date,instrument,price\n2024-01-03,AAPL,200\n", source="B")
    assert open_market(*small).price(1, DAY).decimal == 200
    set_source_precedence(small[0], data="prices", sources=["A", "B"], dry_run=True)
    assert open_market(*small).price(1, DAY).decimal == 200
    told = set_source_precedence(small[0], data="prices", sources=["A", "C"])
    assert told.notes == ("nothing has been loaded from 'C' yet",)
    assert open_market(*small).price(1, DAY).decimal == Decimal("184.25")
    define_benchmark(small[0], code="EQ", currency="USD", instruments=["AAPL"], rebalance="daily")
    levels = benchmark_levels(open_market(*small), "EQ")
    assert levels.levels == pytest.approx([100, 100 * 184.25 / 185.64])
    made = define_benchmark(
        small[0], code="EQ", currency="USD", instruments=["AAPL", "BMW.DE"], weights={"AAPL": "0.75", "BMW.DE": "0.25"}
    )
    assert made.drafts[0].payload["weights"] == [[75, -2], [25, -2]]
    for wrong, said in (
        ({"weights": {"AAPL": "0.75"}}, "sum to 0.75"), ({"weights": {"X": "1"}}, "unknown instrument of"),
        ({"rebalance": "weekly"}, "unknown rebalancing"), ({"instruments": []}, "at least one"),
        ({"instruments": ["AAPL", "US0378331005"]}, "stands twice"), ({"instruments": ["APPL"]}, "did you mean 'AAPL'"),
    ):  # fmt: skip
        options = {"code": "E2", "currency": "USD", "instruments": ["AAPL", "BMW.DE"]} | wrong
        with pytest.raises((InvalidInput, UnknownName), match=said):
            define_benchmark(small[0], **options)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="name each source once"):
        set_source_precedence(small[0], data="fx", sources=["A", "A"])
    with pytest.raises(UnknownName, match="kind of data"):
        set_source_precedence(small[0], data="price", sources=["A"])


def test_calendars_from_a_file(small: Book) -> None:
    content = b"date\n2024-01-02\n2024-01-03\n2024-01-06\n2024-01-03\n"
    report = import_calendar(small[0], read_rows, content=content, name="c.csv", calendar="MINE")
    assert (report.rows, report.inserted, report.known, report.written) == (4, 3, 1, True)
    market = open_market(*small)
    found = market.sessions("MINE", DAY - 1, DAY + 3)
    assert [format_date(int(day)) for day in found] == ["2024-01-02", "2024-01-03", "2024-01-06"]
    again = import_calendar(small[0], read_rows, content=content, name="c.csv", calendar="MINE")
    assert (again.inserted, again.known, again.written) == (0, 4, False)
    bad = import_calendar(small[0], read_rows, content=b"date\nx\n", name="c.csv", calendar="MINE")
    assert bad.problems[0].line == 2
    empty = import_calendar(small[0], read_rows, content=b"date\n", name="c.csv", calendar="MINE")
    assert empty.problems[0].message == "the file has no session"
    with pytest.raises(UnknownName, match="did you mean 'MINE'"):
        market.sessions("MIN", DAY, DAY)


def test_calendars_of_exchanges(small: Book) -> None:
    first, last = parse_date("2022-01-01"), parse_date("2022-12-31")
    report = import_exchange(small[0], exchange_sessions, exchange="XNYS", first=first, last=last)
    assert report.inserted == 251  # NYSE's sessions of 2022
    market = open_market(*small)
    assert len(market.sessions("XNYS", first, last)) == 251
    assert not market.calendar("XNYS").is_session(parse_date("2022-06-20"))  # Juneteenth, observed
    assert not import_exchange(small[0], exchange_sessions, exchange="XNYS", first=first, last=last).written
    with pytest.raises(UnknownName, match="did you mean 'XNYS'"):
        exchange_sessions("XNYSE", first, last)
    with pytest.raises(InvalidInput, match="before the first"):
        exchange_sessions("XNYS", last, first)


def test_damaged_and_missing_files_are_told(small: Book) -> None:
    load(small)
    (name,) = small[1].names()
    path = small[1].folder / name
    whole = path.read_bytes()
    assert open_market(*small).price(1, DAY)  # from the cache
    for cache in small[1].cache_folder.iterdir():
        cache.write_bytes(cache.read_bytes()[:-1] + b"\1")
    assert open_market(*small).price(1, DAY)  # the damaged cache was not believed
    for cache in small[1].cache_folder.iterdir():
        cache.unlink()
    path.write_bytes(whole[:-8] + b"\0" * 8)
    with pytest.raises(TamperedBook, match="has SHA-256"):
        open_market(*small)
    path.unlink()
    with pytest.raises(StorageFailure, match="is missing"):
        open_market(*small)


def test_a_disk_that_refuses_leaves_no_load(small: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    before = batches(small)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StorageFailure, match="No space left"):
        load(small)
    monkeypatch.undo()
    assert batches(small) == before
    assert load(small).written


def test_caches_are_built_upon(small: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from argosy.record.reference_fold import Reference

    load(small)
    read: list[str] = []
    real = small[1].read
    monkeypatch.setattr(small[1], "read", lambda name: read.append(name) or real(name))  # type: ignore[func-returns-value]
    load(small, b"date,instrument,price\n2024-01-04,AAPL,181.91\n")
    assert len(read) == 1
    reference = Reference.from_facts(small[0].facts())
    cached = load_tables(small[1], reference)
    assert len(read) == 1
    for cache in small[1].cache_folder.iterdir():
        cache.unlink()
    fresh = load_tables(small[1], reference)
    assert {k: v.tolist() for k, v in fresh.arrays().items()} == {k: v.tolist() for k, v in cached.arrays().items()}


@pytest.mark.shared_data
def test_the_demo_books_market(sqlite_book_url: str, tmp_path: Path, shared_data: Path) -> None:
    store, files = make_book(sqlite_book_url, tmp_path)
    folder = shared_data / "demo_book"
    with open(folder / "instruments.csv") as file:
        listed = [(r["instrument_id"], r["currency"], r["quote_unit"]) for r in csv.DictReader(file)]
    held = {"AAPL", "SHEL.L", "BMW.DE"}
    add_instruments(store, [each for each in listed if each[0] not in held])
    columns = parse_profile('[columns]\ninstrument = "instrument_id"\nprice = "close"')
    report = import_prices(store, files, read_rows, content=(folder / "prices.csv.gz").read_bytes(),
                           name="prices.csv.gz", profile=columns)  # fmt: skip
    assert (report.inserted, report.problems) == (99_294, ())
    pairs = parse_profile('[columns]\nbase = "base_currency"\nquote = "quote_currency"')
    fx = import_fx(store, files, read_rows, content=(folder / "fx_rates.csv.gz").read_bytes(), name="fx.csv.gz",
                   source="ECB", profile=pairs)  # fmt: skip
    assert (fx.inserted, fx.problems) == (22_390, ())
    market = open_market(store, files)
    ids = {name: number for number, name in market.names.items()}
    with gzip.open(folder / "prices.csv.gz", "rt") as file:
        for place, row in enumerate(csv.DictReader(file)):
            if place % 97 == 0:
                point = market.price(ids[row["instrument_id"]], parse_date(row["date"]))
                assert (point.decimal, point.age_days, point.row) == (Decimal(row["close"]), 0, place + 2)
    store.close()


def test_an_identifier_means_who_bore_it_then(small: Book) -> None:
    """A ticker moves from one instrument to another in 2020: each price goes to the bearer of its day."""
    turn = parse_date("2020-06-01")
    alias = {"kind": "instrument", "scheme": "ticker", "value": "FB"}
    with small[0].writer() as writer:
        writer.append(BatchDraft("alias", "test", [
            FactDraft(FactKind.ALIAS, 1, 0, alias | {"until": turn - 1}), FactDraft(FactKind.ALIAS, 3, turn, alias),
        ]))  # fmt: skip
    report = load(small, b"date,instrument,price\n2020-05-29,FB,10\n2020-06-01,FB,20\n2020-06-02,AAPL,30\n")
    assert report.inserted == 3
    market = open_market(*small)
    assert (market.price(1, turn - 1).mantissa, market.price(3, turn).mantissa) == (10, 20)
    with pytest.raises(MissingPrice):
        market.price(3, turn - 1)


def test_prices_from_parquet_keep_their_digits(small: Book) -> None:
    import datetime
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table({
        "date": [datetime.date(2024, 1, 2), datetime.date(2024, 1, 3)], "instrument": ["AAPL", "AAPL"],
        "price": pa.array([Decimal("185.640000000000001"), None], pa.decimal128(30, 15)),
    }), sink)  # fmt: skip
    report = load(small, sink.getvalue(), "p.parquet", accept_good=True)
    assert (report.inserted, report.refused) == (1, 1)
    assert [(p.line, p.message) for p in report.problems] == [(2, "nothing there")]
    assert open_market(*small).price(1, DAY).decimal == Decimal("185.640000000000001")


def test_odd_prices_are_warned_of_and_taken(small: Book) -> None:
    report = load(small, b"date,instrument,price\n2024-01-02,AAPL,185\n2024-01-03,AAPL,1.85\n2024-01-04,AAPL,0\n")
    assert (report.inserted, report.written) == (3, True)
    assert [(w.line, w.code) for w in report.warnings] == [(3, "odd_unit"), (4, "odd_nonpositive")]
    assert [row["status"] for row in report.table().rows()] == ["warning", "warning"]
