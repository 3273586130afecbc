"""Splits that name no account reach each account that holds the instrument, or say why they cannot."""

from __future__ import annotations

import pytest

from argosy.workflows.ports import BookStore
from argosy.workflows.setup import set_mandate
from tests.workflows.books import csv, holdings, imported, small_book

BUY = {"type": "buy", "instrument": "ACME", "quantity": "10", "price": "5"}
BOTH = ({**BUY, "reference": "B1"}, {**BUY, "quantity": "3", "account": "SECOND", "reference": "B2"})
SPLIT = {"date": "2020-02-03", "type": "split", "instrument": "ACME", "ratio": "2:1", "reference": "S"}
MAIN, SECOND = ("GROWTH", "MAIN", "ACME"), ("GROWTH", "SECOND", "ACME")


@pytest.fixture
def book(sqlite_book_url: str) -> BookStore:
    return small_book(sqlite_book_url)


@pytest.mark.parametrize("scope", ["account", "portfolio"])
def test_a_split_without_account_reaches_every_account_once(book: BookStore, scope: str) -> None:
    set_mandate(book, portfolio="GROWTH", text=f'[lots]\nscope = "{scope}"')
    # the second split meets what the first one left: all of SECOND is sold between them
    sale = {"date": "2020-03-02", "type": "sell", "instrument": "ACME", "quantity": "6", "price": "3",
            "account": "SECOND", "reference": "X"}  # fmt: skip
    again = {**SPLIT, "date": "2020-04-01", "ratio": "3:1", "reference": "S2"}
    content = csv(again, *BOTH, SPLIT, sale)
    report = imported(book, content)
    assert report.written, [problem.text() for problem in report.problems]
    assert report.inserted == 5
    assert len(book.events()) == 6  # one row, two accounts
    assert holdings(book) == {MAIN: "60"}
    repeated = imported(book, content)
    assert (repeated.inserted, repeated.known) == (0, 5)


def test_a_split_with_an_account_is_of_that_account(book: BookStore) -> None:
    assert imported(book, csv(*BOTH)).written
    assert imported(book, csv({**SPLIT, "account": "SECOND"})).written
    assert holdings(book) == {MAIN: "10", SECOND: "6"}


def test_an_account_that_holds_nothing_is_left_alone(book: BookStore) -> None:
    assert imported(book, csv(BOTH[1], {**SPLIT, "ratio": "", "quantity": "3"})).written
    assert holdings(book) == {SECOND: "6"}
    refused = imported(book, csv({**SPLIT, "portfolio": "INCOME"}))
    assert not refused.written
    assert refused.problems


@pytest.mark.parametrize("given", [{"ratio": "", "quantity": "13"}, {"net": "2"}])
def test_what_is_of_the_portfolio_as_a_whole_is_not_shared_out(book: BookStore, given: dict[str, str]) -> None:
    report = imported(book, csv(*BOTH, {**SPLIT, **given}))
    (problem,) = report.problems
    assert (problem.line, problem.field, problem.code) == (4, "account", "ambiguous")
    assert problem.message.endswith("more than one account holds it: MAIN, SECOND")
    assert "a row for each account" in problem.next_step


def test_where_lots_are_kept_by_sleeve_each_sleeve_is_split(book: BookStore) -> None:
    set_mandate(book, portfolio="GROWTH", text='[lots]\nscope = "sleeve"')
    core = {**BUY, "quantity": "4", "sleeve": "CORE", "reference": "B3"}
    assert imported(book, csv(*BOTH, core, SPLIT)).written
    assert len(book.events()) == 6
    assert sum(float(held) for held in holdings(book).values()) >= 14
    found = book.events()
    added = {(int(a), int(s)) for a, s, kind in zip(found["account"], found["sleeve"], found["kind"], strict=True)
             if kind == 60}  # fmt: skip
    assert len(added) == 3


def test_a_purchase_from_before_a_split_in_an_account_it_does_not_reach_is_told(book_url: str) -> None:
    book = small_book(book_url)
    assert imported(book, csv(BOTH[0], SPLIT)).written
    early = {**BOTH[1], "quantity": "3"}
    report = imported(book, csv(early, {**early, "date": "2020-02-04", "reference": "B4"}))
    assert report.written
    (told,) = report.warnings
    assert (told.line, told.field, told.code) == (2, "account", "unsplit")
    assert told.message == (
        "the split 2:1 of ACME on 2020-02-03 is booked in MAIN and does not reach SECOND, which holds it by then"
    )
    assert told.next_step == "import a split row of 2020-02-03 that names SECOND, with ratio 2:1"
    # the next step does it: 3 and 3 bought before and after, and the first three split
    assert imported(book, csv({**SPLIT, "account": "SECOND", "reference": "S3"})).warnings == ()
    assert holdings(book) == {MAIN: "20", SECOND: "9"}


@pytest.mark.parametrize(
    "rows",
    [
        ({**BUY, "reference": "B5"},),  # the account that was split
        ({**BOTH[1], "date": "2020-03-02"},),  # after the split
        (BOTH[1], {**BUY, "type": "sell", "quantity": "3", "date": "2020-02-01", "account": "SECOND"}),  # sold before
        (BOTH[1], {**SPLIT, "account": "SECOND", "reference": "S4"}),  # its own split comes with it
        ({**BOTH[1], "instrument": "WHOLE"},),  # another instrument
    ],
)
def test_what_a_split_reaches_or_never_concerned_is_not_told(book: BookStore, rows: tuple[dict[str, str], ...]) -> None:
    assert imported(book, csv(BOTH[0], SPLIT)).written
    report = imported(book, csv(*rows))
    assert report.written, [problem.text() for problem in report.problems]
    assert report.warnings == ()


def test_a_sleeve_that_a_split_does_not_reach_is_told(book: BookStore) -> None:
    set_mandate(book, portfolio="GROWTH", text='[lots]\nscope = "sleeve"')
    assert imported(book, csv(BOTH[0], {**SPLIT, "account": "MAIN", "ratio": "", "quantity": "10"})).written
    report = imported(book, csv({**BUY, "sleeve": "CORE", "reference": "B6"}))
    (told,) = report.warnings
    assert "split of ACME" in told.message
    assert "reach MAIN/CORE" in told.message
    assert told.next_step.endswith("with the quantity it added there")
