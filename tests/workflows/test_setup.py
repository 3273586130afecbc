"""Creating what the book is about: codes, dry runs, groups, currencies, mandates."""

from __future__ import annotations

import pytest

from argosy.adapters.files.tabular import read_rows
from argosy.base.errors import InvalidInput, UnknownName
from argosy.record.mandate import MandateError
from argosy.record.reference_fold import Reference
from argosy.workflows.changing import update_portfolio
from argosy.workflows.import_transactions import import_transactions
from argosy.workflows.ports import BookStore
from argosy.workflows.setup import (
    create_account,
    create_group,
    create_party,
    create_portfolio,
    create_sleeve,
    define_currency,
    set_mandate,
    set_membership,
)
from tests.workflows.books import csv, empty_book, imported


@pytest.fixture
def book(book_url: str) -> BookStore:
    return empty_book(book_url)


def reference(store: BookStore) -> Reference:
    return Reference.from_facts(store.facts())


def test_a_portfolio_comes_with_its_accounts_and_mandate_in_one_batch(book: BookStore) -> None:
    result = create_portfolio(
        book, code="GROWTH", base_currency="USD", name="Growth", accounts=("MAIN", "SECOND"), opened=18_000,
        attributes={"desk": "A"}, mandate='[lots]\nmethod = "HIFO"\n[benchmark]\ncode = "W"',
    )  # fmt: skip
    assert (result.id, result.written, len(book.batches())) == (1, True, 1)
    assert result.notes == ("benchmark W is not in the book yet",)
    assert result.summary() == "portfolio GROWTH (batch 1)"
    assert ("attributes", "desk=A") in {(row["field"], row["value"]) for row in result.table().rows()}
    held = reference(book)
    assert held.portfolio("GROWTH").opened == 18_000
    assert [account.code for account in held.accounts.values()] == ["MAIN", "SECOND"]
    assert held.mandate("GROWTH").lots.method == "HIFO"


def test_dry_runs_write_nothing(book: BookStore) -> None:
    create_portfolio(book, code="A", base_currency="USD")
    before = book.watermark()
    results = [
        create_portfolio(book, code="B", base_currency="USD", dry_run=True),
        create_account(book, portfolio="A", code="X", dry_run=True),
        create_sleeve(book, portfolio="A", code="X", dry_run=True),
        create_group(book, code="G", members=["A"], dry_run=True),
        create_party(book, code="P", dry_run=True),
        define_currency(book, code="GEM", dry_run=True),
        set_mandate(book, portfolio="A", text="", dry_run=True),
    ]
    assert not any(result.written for result in results)
    assert all("dry run" in result.summary() and len(result.table()) for result in results)
    assert book.watermark() == before


@pytest.mark.parametrize("code", ["", "A/B", "-x", "a b", "=cmd", "x" * 65, "a\n"])
def test_codes_that_would_hurt_elsewhere_are_refused(sqlite_book_url: str, code: str) -> None:
    store = empty_book(sqlite_book_url)
    with pytest.raises(InvalidInput, match="cannot be the code"):
        create_portfolio(store, code=code, base_currency="USD")
    assert not store.batches()


def test_what_exists_or_does_not_is_said(book: BookStore) -> None:
    create_portfolio(book, code="GROWTH", base_currency="USD")
    with pytest.raises(InvalidInput, match="portfolio 'GROWTH' exists already"):
        create_portfolio(book, code="GROWTH", base_currency="USD")
    with pytest.raises(InvalidInput, match="account of GROWTH 'MAIN' exists already"):
        create_account(book, portfolio="GROWTH", code="MAIN")
    with pytest.raises(UnknownName, match="did you mean 'GROWTH'"):
        create_account(book, portfolio="GROWHT", code="X")
    with pytest.raises(UnknownName, match="unknown currency 'USSD'"):
        create_portfolio(book, code="X", base_currency="USSD")
    with pytest.raises(UnknownName, match="there is no party yet"):
        create_account(book, portfolio="GROWTH", code="X", custodian="BANK")
    with pytest.raises(InvalidInput, match="exists already"):
        create_group(book, code="GROWTH")
    with pytest.raises(UnknownName, match="did you mean 'broker'"):
        create_party(book, code="P", role="brokr")
    with pytest.raises(InvalidInput, match="expected 12"):
        create_party(book, code="P", identifiers={"lei": "5493001KJTIIGC8Y1R13"})
    with pytest.raises(InvalidInput, match="a portfolio needs an account"):
        create_portfolio(book, code="X", base_currency="USD", accounts=())
    assert len(book.batches()) == 1


def test_accounts_name_their_custodian(book: BookStore) -> None:
    create_party(book, code="BANK", role="custodian", identifiers={"lei": "5493001KJTIIGC8Y1R12"})
    create_portfolio(book, code="A", base_currency="USD")
    create_account(book, portfolio="A", code="X", custodian="BANK", registration="taxable", attributes={"k": "v"})
    create_sleeve(book, portfolio="A", code="CORE")
    with pytest.raises(InvalidInput, match="sleeve of A 'CORE' exists already"):
        create_sleeve(book, portfolio="A", code="CORE")
    account = reference(book).account("A/X")
    assert (account.custodian, account.registration, account.attributes) == (1, "taxable", {"k": "v"})


def test_groups_and_dated_membership(book: BookStore) -> None:
    for code in "ABC":
        create_portfolio(book, code=code, base_currency="USD")
    create_group(book, code="INNER", members=["A", ("B", 10, 20)])
    create_group(book, code="OUTER", members=["INNER", "C"])
    assert reference(book).members("OUTER") == [1, 2, 3]
    with pytest.raises(UnknownName, match="'INNER'"):
        create_group(book, code="X", members=["INNR"])
    with pytest.raises(InvalidInput, match="ends before it begins"):
        create_group(book, code="X", members=[("A", 5, 4)])
    set_membership(book, group="INNER", portfolio="A", first=100, last=200)  # in from the start until 99, then to 200
    set_membership(book, group="INNER", portfolio="B", first=30)  # back again
    held = reference(book)
    days = (0, 9, 10, 20, 21, 29, 30, 99, 100, 200, 201)
    members = {day: held.members("INNER", day) for day in days}
    assert members == {0: [1], 9: [1], 10: [1, 2], 20: [1, 2], 21: [1], 29: [1], 30: [1, 2], 99: [1, 2], 100: [1, 2],
                       200: [1, 2], 201: [2]}  # fmt: skip


def test_a_currency_is_fixed_by_its_first_event(book: BookStore) -> None:
    create_portfolio(book, code="GROWTH", base_currency="USD")
    refused = import_transactions(
        book, read_rows, content=csv({"type": "deposit", "net": "1", "currency": "GEM"}), name="x"
    )
    assert not refused.written
    define_currency(book, code="GEM", scale=9, shown=3)
    define_currency(book, code="GEM", scale=6)
    assert imported(book, csv({"type": "deposit", "net": "0.000001", "currency": "GEM"})).written
    assert book.events()["net"].tolist() == [1]
    with pytest.raises(InvalidInput, match="has events in GEM at scale 6"):
        define_currency(book, code="GEM", scale=7)
    define_currency(book, code="GEM", scale=6, shown=2)
    assert (reference(book).money_scale("GEM"), reference(book).minor_units("GEM")) == (6, 2)
    with pytest.raises(InvalidInput, match="not possible"):
        define_currency(book, code="GEM", scale=6, shown=7)
    with pytest.raises(InvalidInput):
        define_currency(book, code="gem")


def test_mandates_have_versions_with_effective_days(book: BookStore) -> None:
    create_portfolio(book, code="GROWTH", base_currency="USD")
    set_mandate(book, portfolio="GROWTH", text='[lots]\nmethod = "LIFO"')
    early = book.watermark()
    text = '[portfolio]\nbase_currency = "USD"\n[lots]\nmethod = "AVERAGE"'
    result = set_mandate(book, portfolio="GROWTH", text=text, effective=18_000, source="growth.toml")
    assert result.drafts[0].payload == {"text": text, "version": 2}
    held = reference(book)
    assert [held.mandate("GROWTH", day).lots.method for day in (17_999, 18_000)] == ["LIFO", "AVERAGE"]
    then = Reference.from_facts(book.facts(watermark=early))
    assert then.mandate("GROWTH", 18_000).lots.method == "LIFO"
    (info,) = [batch for batch in book.batches() if batch.file_name == "growth.toml"]
    assert book.raw_file(info.file_sha256) == text.encode()


def test_lot_rules_do_not_change_in_the_middle_of_a_history(book: BookStore) -> None:
    create_portfolio(book, code="GROWTH", base_currency="USD")
    assert imported(book, csv({"type": "deposit", "net": "100", "date": "2024-01-05"})).written
    day = book.events()["trade_date"].tolist()[0]
    with pytest.raises(InvalidInput, match=r"changes lots\.method from .* has events before") as caught:
        set_mandate(book, portfolio="GROWTH", text='[lots]\nmethod = "LIFO"', effective=day + 1)
    assert "leave the first day out" in str(caught.value)
    assert set_mandate(book, portfolio="GROWTH", text="[prices]\nmax_age_days = 5", effective=day + 1).written
    assert set_mandate(book, portfolio="GROWTH", text='[lots]\nmethod = "LIFO"', effective=day).written
    assert set_mandate(book, portfolio="GROWTH", text='[lots]\nmethod = "HIFO"').written


def test_a_mandate_that_cannot_be_used_is_not_written(book: BookStore) -> None:
    create_portfolio(book, code="GROWTH", base_currency="USD")
    with pytest.raises(MandateError, match=r"m\.toml line 2: lots\.metod"):
        set_mandate(book, portfolio="GROWTH", text="[lots]\nmetod = 1", source="m.toml")
    with pytest.raises(InvalidInput, match=r"base currency EUR, the portfolio was created in USD.*--currency"):
        set_mandate(book, portfolio="GROWTH", text='[portfolio]\nbase_currency = "EUR"')
    with pytest.raises(MandateError):
        create_portfolio(book, code="X", base_currency="USD", mandate="[lots]\nmetod = 1")
    assert len(book.batches()) == 1
    assert set_mandate(book, portfolio="GROWTH", text='[calendar]\nname = "XNYS"').notes == (
        "calendar XNYS is not in the book yet",
    )


def test_a_group_takes_a_portfolio_by_the_code_it_had_before(book: BookStore) -> None:
    create_portfolio(book, code="OLD", base_currency="USD")
    update_portfolio(book, code="OLD", rename="NEW")
    create_group(book, code="G", members=["OLD"])
    held = reference(book)
    assert list(held.members("G", 19_000)) == [held.portfolio("NEW").id]
    with pytest.raises(UnknownName, match=r"unknown portfolio or group .NEWW.*did you mean .NEW"):
        create_group(book, code="H", members=["NEWW"])
