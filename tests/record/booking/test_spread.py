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
