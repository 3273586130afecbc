"""Importing transactions: each bad row with its place and next step, once and only once, all or nothing."""

from __future__ import annotations

import hashlib

import pytest

from argosy.base.problems import Problem
from argosy.workflows.ports import BookStore
from argosy.workflows.profile import Profile, TextFormat, parse_profile
from argosy.workflows.setup import set_mandate
from tests.workflows.books import cash, csv, holdings, imported, small_book, state_of

DEPOSIT = {"type": "deposit", "net": "10000", "reference": "D1"}
BUY = {"type": "buy", "instrument": "ACME", "quantity": "10", "price": "100", "fee": "1", "reference": "B1"}


@pytest.fixture
def book(sqlite_book_url: str) -> BookStore:
    return small_book(sqlite_book_url)


@pytest.fixture
def any_book(book_url: str) -> BookStore:
    """The same on SQLite and on PostgreSQL."""
    return small_book(book_url)


def events(store: BookStore) -> int:
    return len(store.events())


# (row, field, part of the message, part of the next step, code)
BAD: list[tuple[dict[str, str], str, str, str, str]] = [
    ({"type": "by"}, "type", "unknown type 'by'", "'buy'", "unknown_name"),
    ({"type": ""}, "type", "nothing there", "deposit, withdrawal", "invalid_input"),
    ({"type": "deposit", "net": "1", "portfolio": "GROWHT"}, "portfolio", "'GROWHT'", "'GROWTH'", "unknown_name"),
    ({"type": "deposit", "net": "1", "portfolio": ""}, "portfolio", "nothing there", "portfolio", "invalid_input"),
    ({"type": "deposit", "net": "1", "account": "SECND"}, "account", "'SECND'", "'SECOND'", "unknown_name"),
    ({"type": "deposit", "net": "1", "sleeve": "CORR"}, "sleeve", "'CORR'", "'CORE'", "unknown_name"),
    ({**BUY, "instrument": "ACMEE"}, "instrument", "'ACMEE'", "'ACME'", "unknown_name"),
    ({**BUY, "instrument": ""}, "instrument", "a buy needs an instrument", "code or identifier", "invalid_input"),
    ({"type": "deposit", "net": "1", "currency": "USF"}, "currency", "'USF'", "did you mean", "unknown_name"),
    ({"type": "deposit", "net": "1", "currency": "usd"}, "currency", "'usd'", "'USD'", "unknown_name"),
    ({"type": "deposit", "net": "1.00001"}, "net", "5 decimals, the scale holds 4", "scale 5", "too_many_digits"),
    ({**BUY, "quantity": "0.000000001"}, "quantity", "9 decimals", "ACME quantity_scale 9", "too_many_digits"),
    ({**BUY, "instrument": "WHOLE", "quantity": "1.5"}, "quantity", "1 decimal, the scale holds 0",
     "WHOLE quantity_scale 1", "too_many_digits"),
    ({"type": "deposit", "net": "99999999999999999999"}, "net", "does not fit 64 bits", "smaller scale", "overflow"),
    ({**BUY, "quantity": "90000000000", "price": "99999999"}, "gross", "does not fit 64 bits", "", "overflow"),
    ({"type": "deposit", "net": "1,000"}, "net", "'1,000' is not a number", "1234.50", "invalid_input"),
    ({"type": "deposit", "net": "1e3"}, "net", "not a number", "", "invalid_input"),
    ({"type": "deposit", "net": "NaN"}, "net", "not a number", "", "invalid_input"),
    ({"type": "deposit", "net": "1", "date": "2020-02-30"}, "date", "'2020-02-30' is not a date", "a day that exists",
     "invalid_input"),
    ({"type": "deposit", "net": "1", "date": "02/01/2020"}, "date", "not a date", "year-month-day", "invalid_input"),
    ({"type": "deposit", "net": "1", "date": "0202-01-01"}, "date", "not between 1800 and 2200", "year",
     "invalid_input"),
    ({"type": "deposit", "net": "1", "date": ""}, "date", "nothing there", "trade date", "invalid_input"),
    ({**BUY, "settle_date": "2019-12-30"}, "settle_date", "settles 3 days before", "both dates", "invalid_input"),
    ({**BUY, "quantity": "-10"}, "quantity", "negative on a buy", "type and sign", "contradiction"),
    ({**BUY, "quantity": "0"}, "quantity", "is zero", "leave the row out", "invalid_input"),
    ({**BUY, "quantity": ""}, "quantity", "needs a quantity", "number of units", "invalid_input"),
    ({**BUY, "price": ""}, "price", "neither price nor gross nor net", "give one", "invalid_input"),
    ({"type": "deposit", "net": "-5"}, "net", "net is negative where money is received", "check gross",
     "does_not_foot"),
    ({"type": "deposit"}, "net", "neither gross nor net", "give net", "invalid_input"),
    ({"type": "deposit", "gross": "5", "net": "-5"}, "net", "the sign of net contradicts the type: -5.00", "",
     "does_not_foot"),
    ({**BUY, "gross": "1000", "net": "1002"}, "net", "gross 1000.00 + fee 1.00 = 1001.00, but net is 1002.00", "check",
     "does_not_foot"),
    ({**BUY, "type": "sell", "gross": "1000", "tax": "2", "net": "999"}, "net",
     "gross 1000.00 - fee 1.00 - tax 2.00 = 997.00, but net is 999.00", "", "does_not_foot"),
    ({**BUY, "type": "sell", "gross": "-1000"}, "gross", "negative on a sell", "", "contradiction"),
    ({**BUY, "fee": "-1", "price": "100"}, "net", "a negative fee or tax is a refund only if", "", "does_not_foot"),
    ({**BUY, "instrument": "SHEL", "gross": "1000"}, "price", "far from gross 1000.00 GBP", "quoted in GBp",
     "does_not_foot"),
    ({**BUY, "currency": "EUR"}, "currency", "ACME trades in USD, the row is in EUR", "fx row", "contradiction"),
    ({**BUY, "ratio": "2:1"}, "ratio", "a buy has no ratio", "leave it empty", "contradiction"),
    ({**BUY, "to_account": "SECOND"}, "to_account", "a buy has no to_account", "only a transfer", "contradiction"),
    ({"type": "deposit", "net": "5", "fee": "1"}, "fee", "a deposit has no fee", "leave it empty", "contradiction"),
    ({"type": "fx", "net": "-5", "currency": "USD"}, "counter_currency", "nothing there", "bought", "invalid_input"),
    ({"type": "fx", "net": "-5", "currency": "USD", "counter_currency": "EUR"}, "counter_amount", "nothing there",
     "bought", "invalid_input"),
    ({"type": "fx", "net": "-5", "currency": "USD", "counter_currency": "EUR", "counter_amount": "-4"},
     "counter_amount", "leg that is received", "swap the legs", "contradiction"),
    ({"type": "fx", "net": "-5", "currency": "USD", "counter_currency": "USD", "counter_amount": "4"},
     "counter_currency", "both legs are in USD", "two currencies", "contradiction"),
    ({"type": "fx", "net": "0", "currency": "USD", "counter_currency": "EUR", "counter_amount": "4"}, "net", "is zero",
     "sold", "invalid_input"),
    ({"type": "fx_forward_settlement"}, "net", "neither gross nor net", "with its sign", "invalid_input"),
    ({"type": "split", "instrument": "ACME"}, "ratio", "needs a ratio new:old", "2:1", "invalid_input"),
    ({"type": "split", "instrument": "ACME", "ratio": "2"}, "ratio", "'2' is not a split ratio", "new:old",
     "invalid_input"),
    ({"type": "split", "instrument": "ACME", "ratio": "1:1"}, "ratio", "not a split ratio", "", "invalid_input"),
    ({"type": "split", "instrument": "ACME", "ratio": "1:2", "net": "-5"}, "net", "cash for fractions is received", "",
     "contradiction"),
    ({"type": "transfer", "net": "5"}, "to_account", "needs where it goes", "to_account, to_portfolio",
     "invalid_input"),
    ({"type": "transfer", "net": "5", "to_account": "MAIN"}, "to_account", "both sides are the same", "",
     "contradiction"),
    ({"type": "transfer", "net": "5", "to_account": "SECND"}, "to_account", "'SECND'", "'SECOND'", "unknown_name"),
    ({"type": "transfer", "net": "5", "to_portfolio": "INCOM"}, "to_portfolio", "'INCOM'", "'INCOME'", "unknown_name"),
    ({"type": "transfer", "to_account": "SECOND"}, "net", "needs net (cash) or an instrument", "", "invalid_input"),
    ({"type": "transfer", "instrument": "ACME", "quantity": "1", "net": "5", "to_account": "SECOND"}, "net",
     "in kind moves no cash", "row of its own", "contradiction"),
    ({"type": "opening", "instrument": "ACME", "quantity": "5"}, "value", "the cost of the lot is not given", "value",
     "invalid_input"),
    ({"type": "opening", "instrument": "ACME", "value": "5"}, "quantity", "needs a quantity", "", "invalid_input"),
    ({"type": "opening", "instrument": "ACME", "quantity": "5", "value": "5", "acquired": "2021-01-01"}, "acquired",
     "after the date of the row", "", "contradiction"),
    ({"type": "delivery_in", "instrument": "ACME", "quantity": "5"}, "value", "is not given", "", "invalid_input"),
    ({"type": "opening_cash"}, "net", "neither gross nor net", "", "invalid_input"),
    ({"type": "fee"}, "net", "no amount is given", "net or fee", "invalid_input"),
    ({"type": "fee", "fee": "5", "net": "-6"}, "net", "net -6.00, fee 5.00", "not two that differ", "does_not_foot"),
    ({"type": "fee_refund", "net": "-5"}, "net", "negative on a fee_refund", "", "contradiction"),
    ({"type": "distribution", "instrument": "FUND", "net": "100", "income": "70", "return_of_capital": "40"}, "income",
     "income 70.00 and return of capital 40.00 do not add up to 100.00", "", "does_not_foot"),
    ({"type": "return_of_capital", "instrument": "FUND", "net": "-5"}, "net", "is received", "", "contradiction"),
    ({**BUY, "type": "sell", "lots": "B1"}, "lots", "'B1' does not name a lot", "reference:quantity", "invalid_input"),
    ({**BUY, "type": "sell", "lots": "B1:x"}, "lots", "'x' is not a quantity", "", "invalid_input"),
    ({"type": "deposit", "net": "1", "reference": "a\x01b"}, "reference", "control characters", "remove",
     "invalid_input"),
    ({"type": "deposit", "net": "1", "note": "x" * 5000}, "note", "5000 characters are more than 4096", "", "too_long"),
    ({"type": "deposit", "net": "1", "order": "-1"}, "order", "is negative", "from 1", "invalid_input"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "field", "message", "step", "code"), BAD, ids=[f"{n}-{r[1]}" for n, r in enumerate(BAD)]
)
def test_a_bad_row_says_where_what_and_what_next(
    book: BookStore, row: dict[str, str], field: str, message: str, step: str, code: str
) -> None:
    before = events(book)
    report = imported(book, csv(DEPOSIT, row))
    assert not report.written
    assert (report.inserted, report.refused) == (1, 1)
    told = [problem for problem in report.problems if problem.field == field]
    assert told, [problem.text() for problem in report.problems]
    assert (told[0].source, told[0].line, told[0].code) == ("trades.csv", 3, code)
    assert message in told[0].message
    assert step in told[0].next_step
    assert events(book) == before
    assert len(book.batches()) == 5


def test_every_problem_of_every_row_is_told(book: BookStore) -> None:
    report = imported(
        book, csv({"type": "buy", "portfolio": "X", "date": "x"}, DEPOSIT, {**BUY, "fee": "a", "tax": "b"})
    )
    assert [(problem.line, problem.field) for problem in report.problems] == [
        (2, "date"), (2, "portfolio"), (4, "fee"), (4, "tax"),
    ]  # fmt: skip
    assert report.refused == 2
    assert report.problems[0].record == {"date": "x", "portfolio": "X", "type": "buy"}
    assert "trades.csv line 2: date: 'x' is not a date" in report.problems[0].text()


# What each good row books: (row, columns of its event; amounts in ten-thousandths, quantities in hundred-millionths).
GOOD: list[tuple[dict[str, str], dict[str, int]]] = [
    ({"type": "deposit", "net": "100"}, {"kind": 1, "net": 1_000_000}),
    ({"type": "withdrawal", "net": "100"}, {"kind": 2, "net": -1_000_000}),
    ({"type": "withdrawal", "net": "-100"}, {"kind": 2, "net": -1_000_000}),
    ({"type": "opening_cash", "net": "-1505"}, {"kind": 5, "net": -15_050_000}),
    (BUY, {"kind": 10, "quantity": 10**9, "net": -10_010_000, "fee": 10_000, "price": 100, "price_exp": 0}),
    ({**BUY, "net": "1001"}, {"kind": 10, "net": -10_010_000}),
    ({**BUY, "gross": "-1000", "net": "-1001"}, {"kind": 10, "net": -10_010_000}),
    ({**BUY, "gross": "1000", "fee": "-1", "net": "-999"}, {"kind": 10, "net": -9_990_000, "fee": -10_000}),
    ({**BUY, "gross": "1000", "fee": "-1", "net": "-1001"}, {"kind": 10, "net": -10_010_000, "fee": 10_000}),
    ({**BUY, "quantity": "3", "price": "33.335"}, {"net": -1_010_000}),  # 100.005 rounds half to even: 100.00
    ({**BUY, "quantity": "3", "price": "33.345"}, {"net": -1_010_400}),  # 100.035 rounds to 100.04
    ({**BUY, "instrument": "BOND", "quantity": "1000", "price": "99.5", "accrued": "12.34"},
     {"quantity": 100_000, "net": -10_083_400, "accrued": 123_400}),
    ({"type": "short", "instrument": "ACME", "quantity": "5", "price": "10", "fee": "1"},
     {"kind": 12, "quantity": -500_000_000, "net": 490_000}),
    ({"type": "dividend", "instrument": "ACME", "gross": "10", "tax": "1.5", "quantity": "7", "price": "2"},
     {"kind": 30, "net": 85_000, "tax": 15_000, "quantity": 0, "price": 0}),
    ({"type": "dividend", "instrument": "ACME", "net": "-10"}, {"kind": 30, "net": -100_000}),
    ({"type": "interest", "net": "42.50", "tax": "7.50"}, {"kind": 31, "net": 425_000, "tax": 75_000}),
    ({"type": "interest", "net": "-3"}, {"kind": 31, "net": -30_000}),
    ({"type": "fee", "net": "49"}, {"kind": 40, "net": -490_000, "fee": 490_000}),
    ({"type": "fee", "fee": "49"}, {"kind": 40, "net": -490_000, "fee": 490_000}),
    ({"type": "fee_refund", "net": "49"}, {"kind": 40, "net": 490_000, "fee": -490_000}),
    ({"type": "tax", "net": "-49"}, {"kind": 41, "net": -490_000, "tax": 490_000}),
    ({"type": "fx", "currency": "USD", "net": "100", "counter_currency": "JPY", "counter_amount": "9000"},
     {"kind": 50, "net": -1_000_000, "net2": 900_000}),
    ({"type": "fx_forward_settlement", "net": "-34.5", "currency": "EUR"}, {"kind": 51, "net": -345_000}),
    ({"type": "capital_call", "instrument": "FUND", "net": "500", "note": "first"}, {"kind": 34, "net": -5_000_000}),
    ({"type": "opening", "instrument": "ACME", "quantity": "10", "value": "1500", "acquired": "2019-05-01"},
     {"kind": 20, "quantity": 10**9, "net": 0, "acquired": 18_017}),
    ({"type": "delivery_in", "instrument": "ACME", "quantity": "1", "value": "100", "fee": "10", "tax": "10"},
     {"kind": 21, "net": 0, "fee": 100_000, "tax": 100_000}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "expected"), GOOD, ids=[f"{n}-{r[0]['type']}" for n, r in enumerate(GOOD)])
def test_a_good_row_books_its_event(book: BookStore, row: dict[str, str], expected: dict[str, int]) -> None:
    report = imported(book, csv(row))
    assert report.written, [problem.text() for problem in report.problems]
    event = book.events().row(0)
    assert {name: event[name] for name in expected} == expected
    assert (event["line"], event["anchor"], event["batch"]) == (2, event["seq"], report.batch)


def test_payloads_say_the_rest(book: BookStore) -> None:
    imported(book, csv(
        {"type": "opening", "instrument": "ACME", "quantity": "-10", "value": "1500", "reference": "O"},
        {"type": "delivery_in", "instrument": "FUND", "quantity": "1", "value": "100"},
        {"type": "distribution", "instrument": "FUND", "gross": "12", "tax": "2", "income": "5", "note": "Q1"},
        {"type": "split", "instrument": "FUND", "ratio": "1:3", "net": "4"},
    ))  # fmt: skip
    assert [dict(book.events().payload[at]) for at in range(4)] == [
        {"cost": -15_000_000, "ref": "O"}, {"value": 1_000_000},
        {"income": 50_000, "return_of_capital": 70_000, "note": "Q1"}, {"whole_shares": "1"},
    ]  # fmt: skip


def test_a_transfer_is_two_linked_events(any_book: BookStore) -> None:
    rows = (
        {**DEPOSIT}, {**BUY},
        {"type": "transfer", "instrument": "ACME", "quantity": "4", "to_account": "SECOND", "reference": "T1"},
        {"type": "transfer", "net": "500", "to_portfolio": "INCOME", "reference": "T2"},
    )  # fmt: skip
    assert imported(any_book, csv(*rows)).inserted == 4
    stored = any_book.events()
    assert stored["kind"].tolist() == [1, 10, 23, 24, 3, 4]
    assert stored["link"].tolist()[2:] == [stored["seq"][2]] * 2 + [stored["seq"][4]] * 2
    assert holdings(any_book) == {("GROWTH", "MAIN", "ACME"): "6", ("GROWTH", "SECOND", "ACME"): "4"}
    assert cash(any_book) == {("GROWTH", "MAIN", "USD"): 84_990_000, ("INCOME", "MAIN", "USD"): 5_000_000}
    again = imported(any_book, csv(*rows))
    assert (again.inserted, again.known, again.written) == (0, 4, False)


def test_importing_twice_is_importing_once_and_true_twins_survive(any_book: BookStore) -> None:
    twin = {"type": "deposit", "net": "5"}
    content = csv(DEPOSIT, twin, twin, BUY)
    first = imported(any_book, content)
    assert (first.inserted, first.written) == (4, True)
    again = imported(any_book, content, name="again.csv")
    assert (again.inserted, again.known, again.written) == (0, 4, False)
    assert again.summary().startswith("again.csv: 4 rows of transactions: 0")
    by_content = [note for note in again.notes if "known by content only" in note.message]
    assert [(note.line, note.earlier_batch, note.earlier_line) for note in by_content] == [
        (3, first.batch, 3), (4, first.batch, 4),
    ]  # fmt: skip
    longer = imported(any_book, csv(DEPOSIT, twin, twin, twin, BUY))
    assert (longer.inserted, longer.known) == (1, 4)
    assert events(any_book) == 5


def test_as_new_admits_what_is_known_by_content_only(any_book: BookStore) -> None:
    content = csv(DEPOSIT, {"type": "deposit", "net": "5"})
    imported(any_book, content)
    for count in (3, 4):
        report = imported(any_book, content, as_new=True)
        assert (report.inserted, report.known) == (1, 1)
        assert events(any_book) == count
    assert imported(any_book, content).inserted == 0


def test_the_same_reference_with_other_content_conflicts(any_book: BookStore) -> None:
    imported(any_book, csv(DEPOSIT))
    content = csv({**DEPOSIT, "net": "9999"}, BUY)
    report = imported(any_book, content)
    assert (report.conflicting, report.inserted, report.written) == (1, 1, False)
    (problem,) = report.problems
    assert (problem.line, problem.found, problem.code) == (2, "D1", "conflict")
    assert "in the book with other content, as event" in problem.message
    assert "line 2" in problem.message
    assert imported(any_book, content, accept_good=True).written
    assert events(any_book) == 2


def test_references_belong_to_a_source_and_an_account(book: BookStore) -> None:
    imported(book, csv(DEPOSIT), source="one")
    assert imported(book, csv(DEPOSIT), source="two").inserted == 1
    assert imported(book, csv({**DEPOSIT, "account": "SECOND"}), source="one").inserted == 1
    assert imported(book, csv(DEPOSIT), source="one").known == 1


def test_a_repeated_reference_within_a_file(book: BookStore) -> None:
    report = imported(book, csv(DEPOSIT, DEPOSIT, {**DEPOSIT, "net": "1"}))
    assert (report.inserted, report.known, report.conflicting) == (1, 1, 1)
    assert report.notes[0].message == "reference D1 stands on line 2 of this file, with the same content"
    assert report.problems[0].message == "reference D1 stands on line 2 of this file with other content"


def test_notes_and_lines_are_not_content(book: BookStore) -> None:
    imported(book, csv({**DEPOSIT, "note": "x"}))
    assert imported(book, csv(BUY, {**DEPOSIT, "note": "y", "net": "10000.0"})).known == 1


def test_overselling_is_refused_with_the_line_and_what_is_held(any_book: BookStore) -> None:
    rows = (DEPOSIT, BUY, {**BUY, "type": "sell", "quantity": "30", "reference": "S1"})
    report = imported(any_book, csv(*rows))
    (problem,) = report.problems
    assert problem.text().startswith("trades.csv line 4: sells 30, holds 10 (check the quantity")
    assert (problem.code, report.written, report.inserted, report.refused) == ("oversold", False, 2, 1)
    assert imported(any_book, csv(*rows), accept_good=True).inserted == 2
    assert holdings(any_book) == {("GROWTH", "MAIN", "ACME"): "10"}
    # a day earlier there was nothing to sell, and the accounts of a portfolio are not pooled
    for wrong in ({"date": "2020-01-01"}, {"account": "SECOND"}):
        refused = imported(any_book, csv({**BUY, "type": "sell", "quantity": "1", "reference": "S2", **wrong}))
        assert "sells 1, holds 0" in refused.problems[0].message


def test_the_mandate_may_allow_short_positions(book: BookStore) -> None:
    set_mandate(book, portfolio="GROWTH", text='[lots]\noversell = "short"')
    assert imported(book, csv({**BUY, "type": "sell"})).written
    assert holdings(book) == {("GROWTH", "MAIN", "ACME"): "-10"}


def test_what_depends_on_a_refused_row_stays_out_too(any_book: BookStore) -> None:
    rows = (
        DEPOSIT, {**BUY, "date": "x"}, {**BUY, "type": "sell", "quantity": "4", "reference": "S1"},
        {**BUY, "instrument": "FUND", "reference": "B2"},
        {"type": "transfer", "instrument": "FUND", "quantity": "11", "to_account": "SECOND", "reference": "T"},
        {"type": "sell", "account": "SECOND", "instrument": "FUND", "quantity": "2", "price": "1", "reference": "S2"},
    )  # fmt: skip
    report = imported(any_book, csv(*rows), accept_good=True)
    assert report.written
    assert [problem.line for problem in report.problems] == [3, 4, 6, 7]
    assert (report.inserted, report.refused) == (2, 4)
    assert holdings(any_book) == {("GROWTH", "MAIN", "FUND"): "10"}


def test_a_backdated_sale_that_breaks_a_later_one_is_refused(any_book: BookStore) -> None:
    imported(any_book, csv(DEPOSIT, BUY, {**BUY, "type": "sell", "date": "2020-03-02", "reference": "S1"}))
    report = imported(any_book, csv({**BUY, "type": "sell", "date": "2020-02-03", "quantity": "1", "reference": "S2"}))
    (problem,) = report.problems
    assert problem.line == 2
    assert "of the book would no longer be possible: sells 10, holds 9" in problem.message
    assert not report.written


def test_dry_run_shows_and_writes_nothing(any_book: BookStore) -> None:
    head = any_book.watermark()
    report = imported(any_book, csv(DEPOSIT, BUY), dry_run=True)
    assert (report.inserted, report.written, report.dry_run) == (2, False, True)
    assert [row["line"] for row in report.preview] == ["2", "3"]
    assert report.preview[1]["instrument"] == "ACME"
    assert any_book.watermark() == head
    assert imported(any_book, csv(DEPOSIT, BUY)).inserted == 2


def test_file_hash_and_reader_are_kept(any_book: BookStore) -> None:
    content = csv(DEPOSIT, {**BUY, "quantity": "x"})
    report = imported(any_book, content, accept_good=True, source="custodian")
    (info,) = [batch for batch in any_book.batches() if batch.kind == "import transactions"]
    assert info.file_sha256 == report.sha256 == hashlib.sha256(content).hexdigest()
    assert any_book.raw_file(report.sha256) == content
    assert (info.file_name, info.source, info.batch, info.last_seq) == (
        "trades.csv",
        "custodian",
        report.batch,
        report.seq,
    )
    assert info.reader.startswith("argosy-transactions 1; argosy-csv ")


def test_lots_are_named_by_reference_or_seq(book: BookStore) -> None:
    set_mandate(book, portfolio="GROWTH", text='[lots]\nmethod = "SPECIFIC"')
    dear = {**BUY, "price": "200", "reference": "B2"}
    imported(book, csv(DEPOSIT, BUY, dear))
    second = int(book.events()["seq"][2])
    sale = {"type": "sell", "instrument": "ACME", "price": "150", "date": "2020-02-03"}
    report = imported(book, csv(
        {**sale, "quantity": "4", "lots": "B2:3; B1:1", "reference": "S1"},
        {**sale, "quantity": "2", "lots": f"#{second}:2", "reference": "S2"},
        {**BUY, "date": "2020-02-03", "reference": "B3"},
        {**sale, "date": "2020-02-04", "quantity": "1", "lots": "B3:1", "reference": "S3"},
    ))  # fmt: skip
    assert report.written, [problem.text() for problem in report.problems]
    reliefs = state_of(book).reliefs
    assert sorted(zip(reliefs.quantity.tolist(), reliefs.cost.tolist(), strict=True)) == sorted([
        (300_000_000, 6_003_000), (100_000_000, 1_001_000), (200_000_000, 4_002_000), (100_000_000, 1_001_000),
    ])  # fmt: skip
    wrong = imported(book, csv({**sale, "quantity": "1", "lots": "B9:1", "reference": "S9"}))
    assert wrong.problems[0].field == "lots"
    assert "no lot is known as 'B9'" in wrong.problems[0].message
    gone = imported(
        book, csv({**sale, "quantity": "9", "lots": "B2:9", "reference": "S9"}, {**DEPOSIT, "reference": "D2"})
    )
    assert [problem.line for problem in gone.problems] == [2]


PROFILE = """
[profile]
name = "bank"
reads = "transactions"
[columns]
date = "Datum"
type = "Art"
instrument = "ISIN"
quantity = "Stück"
price = "Kurs"
net = "Betrag"
reference = "Nr"
[values.type]
"Kauf" = "buy"
"Einzahlung" = "deposit"
[constants]
portfolio = "GROWTH"
[format]
date = "%d.%m.%Y"
decimal = ","
thousands = "."
delimiter = ";"
encoding = "latin-1"
"""


def test_a_profile_reads_somebody_elses_file(book: BookStore) -> None:
    content = (
        "Datum;Art;ISIN;Stück;Kurs;Betrag;Nr;Kommentar\n"
        "02.01.2020;Einzahlung;;;;10.000,00;1;für Größe\n"
        "03.01.2020;Kauf;US0378331005;1.000,5;2,5;-2.501,25;2;\n"
    ).encode("latin-1")
    report = imported(book, content, profile=parse_profile(PROFILE))
    assert report.written, [problem.text() for problem in report.problems]
    assert book.events()["net"].tolist() == [100_000_000, -25_012_500]
    assert [problem.field for problem in report.warnings] == ["kommentar"]
    bad = imported(book, content.replace(b"03.01.2020", b"2020-01-03"), profile=parse_profile(PROFILE))
    assert "as the profile says: %d.%m.%Y" in bad.problems[0].next_step


@pytest.mark.parametrize(("rounding", "net"), [("minor", -1_000_000), ("scale", -1_000_030), ("exact", None)])
def test_gross_is_rounded_as_the_profile_says(book: BookStore, rounding: str, net: int | None) -> None:
    profile = Profile(options={"gross_rounding": rounding})
    row = {"type": "buy", "instrument": "ACME", "quantity": "3", "price": "33.33433"}  # 100.00299
    report = imported(book, csv(row), profile=profile)
    assert report.written is (net is not None)
    if net is not None:
        assert book.events()["net"].tolist() == [net]
    else:
        assert "does not fit 4 decimals" in report.problems[0].message


def test_missing_and_unread_columns_are_told(book: BookStore) -> None:
    report = imported(book, b"dates,portfolio,qunatity\n2020-01-02,GROWTH,5\n")
    assert (report.rows, report.refused, report.written) == (1, 1, False)
    assert {problem.field: problem.next_step for problem in report.problems} == {
        "date": "is it 'dates'? map it in a profile", "type": "add it, or map it in a profile",
    }  # fmt: skip
    extra = imported(book, csv({**DEPOSIT, "qunatity": "5"}))
    assert extra.warnings[0].message == "column 'qunatity' is not read"
    assert extra.warnings[0].next_step == "did you mean 'quantity'?"


HOSTILE: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("blanks", b"\n\n  \n"),
    ("binary", bytes(range(256)) * 40),
    ("header only", b"date,type,portfolio\n"),
    ("cut off", b'date,type,portfolio,net\n2020-01-02,deposit,"GROW'),
    ("one megabyte", b"date,type,portfolio,net,note\n2020-01-02,deposit,GROWTH,5," + b"x" * 1_000_000 + b"\n"),
    ("megabyte of digits", b"date,type,portfolio,net\n2020-01-02,deposit,GROWTH," + b"9" * 1_000_000 + b"\n"),
    ("no utf-8", "date,type,portfolio,net,note\n2020-01-02,deposit,GROWTH,5,Größe\n".encode("latin-1")),
    ("nul", b"date,type,portfolio,net\n2020-01-02,deposit,GRO\0WTH,5\n"),
    ("gzip cut off", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
    ("twice the column", b"date,type,portfolio,net,net\n2020-01-02,deposit,GROWTH,5,6\n"),
    ("ragged", b"date,type,portfolio,net\n2020-01-02,deposit,GROWTH\n2020-01-02,deposit,GROWTH,5,6\n"),
    ("sql", b"date,type,portfolio,net\n2020-01-02,deposit,GROWTH'; DROP TABLE event; --,5\n"),
]


@pytest.mark.parametrize(("name", "content"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_hostile_files_are_answered_and_nothing_is_written(book: BookStore, name: str, content: bytes) -> None:
    report = imported(book, content, accept_good=True)
    assert not report.written
    assert name == "header only" or report.problems
    assert all(len(problem.text()) < 2_000 for problem in report.problems)
    assert events(book) == 0


def test_mixed_line_endings_quotes_and_formulas_are_text(book: BookStore) -> None:
    content = (
        b"\xef\xbb\xbfdate,type,portfolio,net,note,reference\r\n"
        b'2020-01-02,deposit,GROWTH,1,"=HYPERLINK(""x"")",=1+1\r\n'
        b'2020-01-02,deposit,GROWTH,2,"a, b",@x\n'
    )
    report = imported(book, content)
    assert report.written, [problem.text() for problem in report.problems]
    assert dict(book.events().payload[0]) == {"ref": "=1+1", "note": '=HYPERLINK("x")'}
    assert report.table().to_csv()


def test_a_report_is_a_table(book: BookStore) -> None:
    imported(book, csv(DEPOSIT))
    report = imported(book, csv(DEPOSIT, {**DEPOSIT, "net": "1"}, {**BUY, "quantity": "x"}))
    rows = report.table().rows()
    assert {(row["status"], row["line"]) for row in rows} >= {("refused", 4), ("conflicting", 3)}
    assert isinstance(report.problems[0], Problem)
    assert TextFormat().date == "%Y-%m-%d"
