"""Where answers come from: every read carries versions and a fingerprint that is the key of its answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.table import Provenance, Table

Ask = Callable[[argosy.Book], Table]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    made = argosy.create(str(tmp_path / "book.db"))
    made.create_portfolio("P", currency="EUR")
    made.create_portfolio("Q", currency="EUR")
    made.set_mandate("P", '[lots]\nmethod = "HIFO"\n', name="p.toml")
    made.import_instruments(b"code,name,type,currency\nA,A,equity,EUR\n", name="i.csv")
    assert made.import_prices(b"date,instrument,price\n2024-01-02,A,10\n2024-01-03,A,11\n", name="p.csv").written
    trades = b"""date,type,portfolio,instrument,quantity,price,net,currency
2024-01-02,deposit,P,,,,1000,EUR
2024-01-02,buy,P,A,10,10,,EUR
2024-01-03,sell,P,A,1,11,,EUR
2024-01-02,deposit,Q,,,,5,EUR
"""
    assert made.import_transactions(trades, name="t.csv").written
    yield made
    made.close()


def told(table: Table) -> Provenance:
    assert table.provenance is not None
    return table.provenance


READS: dict[str, Ask] = {
    "positions": lambda book: book.positions().table(),
    "holdings": lambda book: book.positions(by_account=True).table(),
    "lots": lambda book: book.lots().table(),
    "cash": lambda book: book.cash().table(),
    "transactions": lambda book: book.transactions().table(),
    "income": lambda book: book.income().table(),
    "realized": lambda book: book.gains(kind="realized").table(),
    "unrealized": lambda book: book.gains(kind="unrealized").table(),
    "value": lambda book: book.value().table(),
    "history": lambda book: book.history().table(),
    "returns": lambda book: book.returns().table(),
    "performance": lambda book: book.performance().table(),
    "contribution": lambda book: book.contribution().table(),
    "explain": lambda book: book.explain("value", "P").table(),
}


@pytest.mark.parametrize("name", READS)
def test_every_read_has_a_fingerprint_and_versions(book: argosy.Book, name: str) -> None:
    found = told(READS[name](book))
    assert len(found.fingerprint) == 32
    assert int(found.fingerprint, 16) >= 0
    assert found.mandate_version == book.look(portfolio="P").reference.mandate_seq("P") > 0
    assert found.market_version > 0
    assert told(READS[name](book)).fingerprint == found.fingerprint


def test_different_questions_have_different_fingerprints(book: argosy.Book) -> None:
    asks: list[Ask] = [
        *READS.values(),
        lambda book: book.value(portfolio="P").table(),
        lambda book: book.value(as_of="2024-01-02").table(),
        lambda book: book.value(currency="EUR").table(),
        lambda book: book.value(on_missing="report").table(),
        lambda book: book.lots(instrument="A").table(),
        lambda book: book.income(first="1970-01-01").table(),
        lambda book: book.returns(benchmark="").table(),
        lambda book: book.returns(timing="start").table(),
        lambda book: book.returns(daily=True).table(),
        lambda book: book.performance(periods=["YTD"]).table(),
    ]
    prints = [told(ask(book)).fingerprint for ask in asks]
    assert len(set(prints)) == len(prints)


def test_a_portfolio_without_a_mandate_has_version_0(book: argosy.Book) -> None:
    assert told(book.positions(portfolio="Q").table()).mandate_version == 0


def test_a_write_changes_it_and_the_earlier_moment_keeps_it(book: argosy.Book) -> None:
    before, moment = told(book.value().table()), book.watermark.known_at
    book.import_transactions(b"date,type,portfolio,net,currency\n2024-01-03,fee,P,-1,EUR\n", name="late.csv")
    assert told(book.value().table()).fingerprint != before.fingerprint
    assert told(book.value(known_at=moment).table()).fingerprint == before.fingerprint
    book.set_mandate("Q", '[lots]\nmethod = "LIFO"\n', name="q.toml")
    assert told(book.value().table()).mandate_version > before.mandate_version


def test_another_process_computes_the_same(book: argosy.Book) -> None:
    code = (
        "import sys, argosy\n"
        "with argosy.open(sys.argv[1]) as book:\n"
        "    print(book.value().table().provenance.fingerprint)\n"
        "    print(book.performance().table().provenance.fingerprint)\n"
    )
    done = [
        subprocess.run([sys.executable, "-c", code, book.url], capture_output=True, text=True, check=True,
                       env={"PYTHONHASHSEED": seed, "PATH": ""}, timeout=120).stdout.split()
        for seed in ("1", "2")
    ]  # fmt: skip
    mine = [told(book.value().table()).fingerprint, told(book.performance().table()).fingerprint]
    assert done == [mine, mine]


def test_a_close_tells_what_its_values_were_computed_from(book: argosy.Book) -> None:
    before = book.watermark
    found = told(book.run_close().table())
    assert (found.book_seq, found.head) == (before.seq, before.head)
    assert len(found.fingerprint) == 32
    assert found.mandate_version > 0
