"""The demo book end to end: by command on SQLite, in Python on PostgreSQL, each value held to the second method."""

from __future__ import annotations

import csv
import datetime
import os
import re
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.flows.books import demo_book
from tests.flows.second_method import BASES, Demo, cent, equal_weight_return, linked_returns, navs

pytestmark = pytest.mark.xdist_group("demo_book")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `argosy demo` was run."""
    home = tmp_path_factory.mktemp("demo")
    (home / "said.txt").write_text(argosy(home, "demo"))
    return home


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, datetime.date], Decimal]:
    return navs()


def argosy(folder: Path, *words: str) -> str:
    """Run a command in a folder; what it printed."""
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "120", "ARGOSY_BOOK": "argosy-demo/book.db"}
    done = subprocess.run(
        [sys.executable, "-m", "argosy", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_every_value_of_every_day_is_that_of_the_second_method(
    folder: Path, expected: dict[tuple[str, datetime.date], Decimal]
) -> None:
    rows = table(argosy(folder, "history", "--format", "csv"))
    found = {(row["portfolio"], datetime.date.fromisoformat(row["date"])): Decimal(row["nav"]) for row in rows}
    assert found == expected


def test_values_in_another_currency_and_of_the_group(folder: Path) -> None:
    demo = Demo()
    last = list(demo.walk())[-1]
    for currency in ("CHF", "EUR"):
        rows = table(argosy(folder, "value", "--group", "HOUSE", "--currency", currency, "--format", "csv"))
        worth = sum((demo.worth(code, last, currency) for code in BASES), Fraction(0))
        assert Decimal(rows[0]["nav"]) == cent(worth)


def test_holdings_and_cash_are_those_of_the_second_method(folder: Path) -> None:
    demo = Demo()
    for _ in demo.walk():
        pass
    held: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in table(argosy(folder, "positions", "--format", "csv")):
        held[row["portfolio"], row["instrument"]] += Fraction(row["quantity"])
    wanted: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for (portfolio, _), holding in demo.held.items():
        for name, size in holding.items():
            wanted[portfolio, name] += size
    assert dict(held) == {place: size for place, size in wanted.items() if size}
    cash = {(row["portfolio"], row["account"], row["currency"]): Fraction(row["traded"])
            for row in table(argosy(folder, "cash", "--format", "csv"))}  # fmt: skip
    balances = {
        (*place, name): amount for place, held_there in demo.cash.items() for name, amount in held_there.items()
    }
    assert cash == balances


def test_returns_and_benchmark_are_those_of_the_second_method(folder: Path) -> None:
    expected = linked_returns()
    for code, base in BASES.items():
        (row,) = table(argosy(folder, "returns", "--portfolio", code, "--period", "ITD", "--format", "csv"))
        assert float(row["portfolio"]) == pytest.approx(expected[code], abs=1e-6)
        assert float(row["benchmark"]) == pytest.approx(equal_weight_return(base), abs=1e-9)


def test_what_the_demo_says(folder: Path) -> None:
    said = (folder / "said.txt").read_text()
    for words in ("Net asset value on 2022-12-28", "Lots as of", "Cash as of", "Income as of", "Realized gains as of",
                  "Unrealized gains as of", "Returns of ATLAS", "benchmark US20EW"):  # fmt: skip
        assert words in said


def test_the_page_needs_nothing_else(folder: Path) -> None:
    page = (folder / "argosy-demo" / "demo.html").read_text("utf-8")
    assert page.count("<svg") >= 2
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert "<script src" not in page
    assert "survivorship" in page.lower()


def test_the_book_verifies_and_a_kept_head_is_found_again(folder: Path) -> None:
    said = argosy(folder, "verify")
    head = re.search(r"\b\d+:[0-9a-f]{64}\b", said)
    assert head is not None
    assert "FAILED" not in said
    assert "FAILED" not in argosy(folder, "verify", "--against", head.group())


def test_a_second_close_writes_nothing(folder: Path) -> None:
    before = argosy(folder, "batches", "--format", "csv")
    argosy(folder, "close")
    assert argosy(folder, "batches", "--format", "csv") == before


def test_explanations_lead_to_the_files(folder: Path) -> None:
    said = argosy(folder, "explain", "position", "ATLAS/AAPL", "--as-of", "2020-03-23")
    assert "transactions-atlas.csv line" in said


def test_the_demo_on_postgresql(
    postgres_book_url: str, tmp_path: Path, expected: dict[tuple[str, datetime.date], Decimal]
) -> None:
    with demo_book(postgres_book_url, tmp_path / "market") as book:
        rows = book.history().table().rows()
        assert {(row["portfolio"], row["date"]): row["nav"] for row in rows} == expected
