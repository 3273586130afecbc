from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, UnknownName
from argosy.wiring import market_files, open_store, system_clock
from argosy.workflows.close import CloseReport, close
from argosy.workflows.explain import explain
from argosy.workflows.history import history
from argosy.workflows.look import Look, look
from argosy.workflows.returns import returns
from argosy.workflows.verify import VerifyReport, parse_head, verify

TRANSACTIONS = b"""date,type,portfolio,instrument,quantity,price,net,currency,fee,tax,settle_date,reference
2024-01-02,deposit,P,,,,10000,EUR,,,,d1
2024-01-02,fx,P,,,,-4400,EUR,,,,x1
2024-01-03,buy,P,ACME,40,100.00,-4001,USD,1,,2024-01-05,b1
2024-01-05,dividend,P,ACME,,,34,USD,,6,2024-01-09,i1
2024-01-08,sell,P,ACME,10,111.00,1109,USD,1,,2024-01-10,s1
"""
FX_LEG = b"4840,USD"
PRICES = b"date,instrument,price\n2024-01-03,ACME,100.50\n2024-01-05,ACME,110.00\n2024-01-08,ACME,111.00\n"
RATES = b"date,base,quote,rate\n2024-01-02,EUR,USD,1.10\n2024-01-05,EUR,USD,1.12\n2024-01-09,EUR,USD,1.12\n"


def transactions() -> bytes:
    lines = TRANSACTIONS.decode().splitlines()
    lines[0] += ",counter_amount,counter_currency"
    return "\n".join(
        line + (",4840,USD" if ",fx," in line else ",," if n else "") for n, line in enumerate(lines)
    ).encode()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    made = argosy.create(f"sqlite:///{tmp_path / 'book.db'}")
    made.create_portfolio("P", currency="EUR")
    made.import_instruments(b"code,name,type,currency\nACME,Acme,equity,USD\n", name="instruments.csv")
    assert made.import_prices(PRICES, name="prices.csv").written
    assert made.import_fx(RATES, name="fx.csv").written
    report = made.import_transactions(transactions(), name="transactions.csv")
    assert report.written, str(report.table())
    yield made
    made.close()


def run_close(book: argosy.Book, *, dry_run: bool = False, last: str = "2024-01-09") -> CloseReport:
    store = open_store(book.url)
    try:
        return close(store, market_files(store), clock=system_clock, last=parse_date(last), dry_run=dry_run)
    finally:
        store.close()


def seen(book: argosy.Book, *, known_at: int | None = None) -> Look:
    store = open_store(book.url)
    return look(store, clock=system_clock, as_of=parse_date("2024-01-09"), known_at=known_at, files=market_files(store))


def check(book: argosy.Book, against: str = "") -> VerifyReport:
    store = open_store(book.url)
    try:
        return verify(store, market_files(store), against=against)
    finally:
        store.close()


def stored_nav(book: argosy.Book) -> list[int]:
    store = open_store(book.url)
    try:
        return [int(nav) for nav in store.valuations()["nav"]]
    finally:
        store.close()


def test_a_close_stores_each_business_day_once(book: argosy.Book) -> None:
    tried = run_close(book, dry_run=True)
    assert (tried.written, stored_nav(book)) == (6, [])
    done = run_close(book)
    assert (done.written, done.complete, len(done.restatements)) == (6, True, 0)
    # 2024-01-03: EUR 5,600 + USD (839 cash + 4,020 ACME) / 1.10; 2024-01-09: + (1,982 + 3,330) / 1.12
    assert stored_nav(book)[1] == 10_017_2700
    assert stored_nav(book)[-1] == 10_342_8600
    again = run_close(book)
    assert (again.written, again.watermark.seq) == (0, done.watermark.seq)
    assert done.head == again.head


def test_a_late_event_restates_only_the_days_it_changed(book: argosy.Book) -> None:
    run_close(book)
    late = b"date,type,portfolio,net,currency,reference\n2024-01-08,fee,P,-12.34,EUR,f1\n"
    assert book.import_transactions(late, name="late.csv").written
    done = run_close(book)
    assert [(one.date, one.new_nav - one.old_nav) for one in done.restatements] == [
        (parse_date("2024-01-08"), -12_3400), (parse_date("2024-01-09"), -12_3400),
    ]  # fmt: skip
    assert "fees" in done.restatements[0].columns
    assert done.written == 2
    assert "Restated days" in str(done.statement())
    assert check(book).ok


def test_days_whose_events_were_taken_back_are_restated_to_nothing(book: argosy.Book) -> None:
    run_close(book)
    early = b"date,type,portfolio,net,currency,reference\n2023-12-28,deposit,P,500,EUR,e1\n"
    report = book.import_transactions(early, name="early.csv")
    assert run_close(book).written == 9
    assert book.void_batch(report.batch).written
    done = run_close(book)
    assert [one.new_nav for one in done.restatements[-3:]] == [0, 0, 0]
    assert len(done.restatements) == 9
    assert run_close(book).written == 0
    assert check(book).ok


def test_a_day_with_a_missing_price_stays_open_and_is_named(book: argosy.Book) -> None:
    more = b"date,type,portfolio,instrument,quantity,net,currency,reference\n2024-01-04,buy,P,BETA,1,-10,USD,b9\n"
    book.import_instruments(b"code,name,type,currency\nBETA,Beta,equity,USD\n", name="more.csv")
    assert book.import_transactions(more, name="more.csv").written
    done = run_close(book)
    assert (done.written, done.complete) == (2, False)
    assert [gap.text() for gap in done.gaps] == ["no price of BETA from 2024-01-04 to 2024-01-09 (P)"]
    assert book.import_prices(b"date,instrument,price\n2024-01-04,BETA,10\n", name="beta.csv").written
    assert run_close(book).written == 4


def test_verify_passes_and_knows_a_kept_head(book: argosy.Book) -> None:
    head = run_close(book).head
    book.import_transactions(b"date,type,portfolio,net,currency\n2024-01-09,fee,P,-1,EUR\n", name="later.csv")
    report = check(book, head)
    assert report.ok, str(report.table())
    seq, digest = parse_head(head)
    assert not check(book, f"{seq}:{'0' * 64}").ok
    assert not check(book, f"{seq + 1000}:{digest}").ok
    with pytest.raises(InvalidInput):
        check(book, "nonsense")


def test_verify_sees_a_changed_and_a_missing_market_file(book: argosy.Book, tmp_path: Path) -> None:
    run_close(book)
    file = next(path for path in (tmp_path / "book.market").rglob("*") if path.is_file())
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    report = check(book)
    assert any("SHA-256" in problem for problem in report.problems)
    file.unlink()
    assert any("is gone" in problem for problem in check(book).problems)


def test_history_and_returns(book: argosy.Book) -> None:
    found = history(seen(book))
    one, row = found.find("P")
    assert one["nav"][row].tolist()[-1] == 10_342_8600
    assert one.table()["nav"].text(len(one.days) - 1) == "10,342.86"
    (made,) = returns(seen(book))
    summary = made.summary
    itd = next(r for r in summary.periods if r.period.name == "ITD")
    assert itd.portfolio.number() == pytest.approx(0.034286, abs=1e-6)
    assert not next(r for r in summary.periods if r.period.name == "1Y").portfolio.defined


def test_explanations_lead_to_files_and_lines(book: argosy.Book) -> None:
    view = seen(book)
    text = explain(view, "value", "P").text(limit=0)
    assert "net asset value of P on 2024-01-09  10,342.86 EUR" in text
    assert "3,330 USD at the day's rate" in text
    assert "prices.csv line 4" in text
    assert "EUR/USD inverted  1.12" in text
    assert "transactions.csv line 4" in text
    sale = next(seq for seq, kind in zip(view.events["seq"], view.events["kind"], strict=True) if kind == 11)
    gain = explain(view, "gain", str(sale))
    assert "108.75 USD" in str(gain)
    assert explain(view, "position", "P/ACME").table().rows()[0]["amount"] == "30 ACME"
    assert "34" in str(explain(view, "income", str(int(sale) - 1)))
    with pytest.raises(UnknownName):
        explain(view, "gain", "999")
    with pytest.raises(UnknownName):
        explain(view, "worth", "P")
    with pytest.raises(InvalidInput):
        explain(view, "event", "x")


def test_an_explanation_known_earlier_never_changes(book: argosy.Book) -> None:
    before = explain(seen(book), "value", "P")
    known = seen(book).watermark.known_at
    book.import_prices(b"date,instrument,price\n2024-01-09,ACME,50\n", name="newer.csv")
    book.import_transactions(b"date,type,portfolio,net,currency\n2024-01-08,fee,P,-5,EUR\n", name="late.csv")
    assert explain(seen(book, known_at=known), "value", "P").text() == before.text()
    assert explain(seen(book), "value", "P").text() != before.text()


def test_verify_names_stored_values_in_decimals(book: argosy.Book, tmp_path: Path) -> None:
    run_close(book)
    with sqlite3.connect(tmp_path / "book.db") as raw:  # a row that somebody rewrote behind the book's back
        for (name,) in raw.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            raw.execute(f"drop trigger {name}")
        raw.execute("update valuation_day set nav = nav + 12500 where date = ?", (parse_date("2024-01-09"),))
    raw.close()
    said = " ".join(check(book).problems)
    assert "P on 2024-01-09: stored 10,344.1100 EUR, derived 10,342.8600 EUR (nav)" in said
