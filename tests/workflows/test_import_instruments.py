"""Importing instruments: identifiers, quote units, bonds, newer versions, what may not change."""

from __future__ import annotations

import pytest

from argosy.adapters.files.tabular import read_rows
from argosy.base.money import Quote
from argosy.record.facts import FactKind
from argosy.record.reference import Instrument
from argosy.workflows.import_instruments import import_instruments
from argosy.workflows.import_report import ImportReport
from argosy.workflows.ports import BookStore
from argosy.workflows.profile import parse_profile
from tests.workflows.books import csv, empty_book, imported, reference_of, small_book


@pytest.fixture
def book(book_url: str) -> BookStore:
    return empty_book(book_url)


def load(store: BookStore, text: str, **options: object) -> ImportReport:
    return import_instruments(store, read_rows, content=text.encode(), name="i.csv", **options)  # type: ignore[arg-type]


def one(store: BookStore, text: str) -> Instrument:
    report = load(store, text)
    assert report.written, [problem.text() for problem in report.problems]
    return reference_of(store).instrument("X")


QUOTED = [
    ("code,currency\nX,USD", "USD", "USD", Quote(1, 0)),
    ("code,quote_unit\nX,GBp", "GBP", "GBp", Quote(1, -2)),
    ("code,currency,quote_unit\nX,GBP,GBX", "GBP", "GBX", Quote(1, -2)),
    ("code,currency\nX,ZAc", "ZAR", "ZAc", Quote(1, -2)),
    ("code,currency,quote_unit\nX,ILS,ILA", "ILS", "ILA", Quote(1, -2)),
    ("code,type,currency\nX,bond,USD", "USD", "percent", Quote(1, -2)),
    ("code,type,currency,quote_unit\nX,bond,USD,USD", "USD", "USD", Quote(1, 0)),
    ("code,type,currency,multiplier\nX,future,USD,50", "USD", "USD", Quote(5, 1)),
    ("code,currency,quote_unit,multiplier\nX,USD,USX,0.5", "USD", "USX", Quote(5, -3)),
]


@pytest.mark.parametrize(("text", "currency", "unit", "factor"), QUOTED, ids=[row[0] for row in QUOTED])
def test_quote_units_become_a_factor(sqlite_book_url: str, text: str, currency: str, unit: str, factor: Quote) -> None:
    found = one(empty_book(sqlite_book_url), text)
    assert (found.currency, found.quote_unit, found.factor) == (currency, unit, factor)


def test_all_terms(book: BookStore) -> None:
    found = one(book, (
        "code,name,type,currency,quantity_scale,isin,cusip,sedol,figi,ticker,lei,inverse,margined,coupon,frequency,"
        "day_count,issue_date,first_coupon,maturity,Sector\n"
        "X,Name,bond,USD,2,us0378331005,037833100,2046251,BBG000B9XRY4,AAPL,HWUPKR0MPOU8FGXBT394,no,yes,0.0425,"
        "semiannual,30E/360,2015-01-15,2015-07-15,2030-01-15,Tech\n"
    ))  # fmt: skip
    assert found.identifiers == {
        "isin": "US0378331005", "cusip": "037833100", "sedol": "2046251", "figi": "BBG000B9XRY4", "ticker": "AAPL",
    }  # fmt: skip
    assert found.attributes == {"sector": "Tech", "lei": "HWUPKR0MPOU8FGXBT394"}
    assert (found.quantity_scale, found.inverse, found.margined) == (2, False, True)
    assert found.bond is not None
    assert (found.bond.coupon, found.bond.frequency, found.bond.day_count) == (Quote(425, -4), 2, "30E/360")
    assert (found.bond.issue, found.bond.first_coupon, found.bond.maturity) == (16450, 16631, 21929)
    assert reference_of(book).instrument("figi:BBG000B9XRY4").code == "X"


BAD = [
    ("code,currency,isin\nX,USD,US0378331006", "isin", "expected 5", "US0378331005 is valid"),
    ("code,currency,cusip\nX,USD,037833109", "cusip", "expected 0", "037833100"),
    ("code,currency,lei\nX,USD,5493001KJTIIGC8Y1R99", "lei", "expected 12", ""),
    ("code,currency\n,USD", "code", "cannot be a code", ""),
    ("code,type,currency\nX,equty,USD", "type", "'equty'", "'equity'"),
    ("code,currency\nX,USS", "currency", "'USS'", "did you mean"),
    ("code\nX", "currency", "nothing there", "in which it trades"),
    ("code,currency,quote_unit\nX,USD,GBp", "quote_unit", "GBp is a part of GBP, the currency is USD", "agree"),
    ("code,currency,quote_unit\nX,USD,GPp", "quote_unit", "'GPp'", "'GBp'"),
    ("code,currency,quantity_scale\nX,USD,19", "quantity_scale", "not from 0 to 18", "8 decimals"),
    ("code,currency,multiplier\nX,USD,0", "multiplier", "more than 0", ""),
    ("code,currency,inverse\nX,USD,maybe", "inverse", "neither yes nor no", ""),
    ("code,type,currency,coupon,maturity\nX,bond,USD,4.25,2030-01-01", "coupon", "as a fraction", "0.0425"),
    ("code,type,currency,coupon\nX,bond,USD,0.05", "maturity", "nothing there", "repaid"),
    ("code,type,currency,maturity,day_count\nX,bond,USD,2030-01-01,30/361", "day_count", "'30/361'", "'30/360'"),
    ("code,type,currency,maturity,frequency\nX,bond,USD,2030-01-01,3", "frequency", "number of coupons", ""),
    ("code,type,currency,maturity,issue_date\nX,bond,USD,2030-01-01,2031-01-01", "maturity", "not in order", ""),
    ("code,type,currency,maturity,coupon,frequency\nX,bond,USD,2030-01-01,0.05,2", "first_coupon", "issue date", ""),
    ("name,currency\nX,USD", "code", "there is no column 'code'", "name, currency"),
    ("code,currency\nX,USD\nX,EUR", "code", "stands on line 2 already", "keep one"),
]


@pytest.mark.parametrize(("text", "field", "message", "step"), BAD, ids=[row[0].partition("\n")[2] for row in BAD])
def test_a_bad_row_says_where_what_and_what_next(
    sqlite_book_url: str, text: str, field: str, message: str, step: str
) -> None:
    store = empty_book(sqlite_book_url)
    report = load(store, text)
    assert not report.written
    told = [problem for problem in report.problems if problem.field == field]
    assert told, [problem.text() for problem in report.problems]
    assert message in told[0].message
    assert step in told[0].next_step
    assert told[0].line == text.count("\n") + (0 if field == "code" and "column" in message else 1)
    assert not store.batches()


def test_importing_again_adds_nothing_and_changes_are_newer_versions(book: BookStore) -> None:
    text = "code,name,currency,ticker,sector\nX,Old,USD,T,Tech\nY,Why,EUR,,\n"
    assert load(book, text).inserted == 2
    again = load(book, text)
    assert (again.inserted, again.known, again.written) == (0, 2, False)
    # a column that the file does not have keeps what the book knows; one that is empty clears it
    report = load(book, "code,name,currency,sector\nX,New,USD,\n")
    assert (report.inserted, report.superseding) == (1, 1)
    held = reference_of(book)
    assert (held.instrument("X").name, held.instrument("X").identifiers) == ("New", {"ticker": "T"})
    assert held.instrument("X").attributes == {}
    assert [fact.payload["name"] for fact in held.history(FactKind.INSTRUMENT, 1)] == ["Old", "New"]
    dated = load(book, "code,name,currency\nX,Newer,USD\n", effective=18_000)
    assert dated.written
    held = reference_of(book)
    assert [held.instrument_at(1, day).name for day in (17_999, 18_000)] == ["New", "Newer"]


def test_one_bad_row_stops_all_unless_good_ones_are_asked_for(book: BookStore) -> None:
    text = "code,currency\nX,USD\nY,USS\n"
    assert not load(book, text).written
    assert not load(book, text, accept_good=True, dry_run=True).written
    report = load(book, text, accept_good=True)
    assert (report.inserted, report.refused, report.written) == (1, 1, True)
    assert [found.code for found in reference_of(book).instruments.values()] == ["X"]


def test_an_identifier_belongs_to_one_instrument(book: BookStore) -> None:
    report = load(book, "code,currency,isin,ticker\nX,USD,US0378331005,T\nY,USD,US0378331005,\nZ,USD,,T\n")
    (problem,) = report.problems
    assert (problem.line, problem.code) == (3, "conflict")
    assert problem.message == "ISIN US0378331005 belongs to X"  # tickers may repeat on other exchanges


def test_scale_and_currency_are_fixed_by_the_first_event(book_url: str) -> None:
    store = small_book(book_url)
    assert load(store, "code,currency,quantity_scale\nACME,USD,4\n").written
    imported(store, csv({"type": "opening", "instrument": "ACME", "quantity": "0.0001", "value": "1"}))
    for text, name in (
        ("code,currency,quantity_scale\nACME,USD,8\n", "quantity_scale"),
        ("code,currency\nACME,EUR\n", "currency"),
    ):
        (problem,) = load(store, text).problems
        assert (problem.field, problem.code) == (name, "conflict")
        assert "has events with" in problem.message


def test_a_profile_renames_columns(book: BookStore) -> None:
    profile = parse_profile(
        '[profile]\nname = "v"\n[columns]\ncode = "Id"\ntype = "Class"\n[values.type]\n"Stock" = "equity"\n'
        '[constants]\ncurrency = "USD"'
    )
    assert load(book, "Id,Class\nX,Stock\n", profile=profile).written
    assert reference_of(book).instrument("X").type == "equity"
