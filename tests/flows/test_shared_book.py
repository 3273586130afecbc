"""A foreign book of three portfolios, read by profiles alone, gives the values that its own builder expects."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import argosy
from tests.flows.books import read_rows, shared_book

CENT = Decimal("0.01")
PORTFOLIOS = {"US_BALANCED_6040": "2018-06-29", "GLOBAL_EQUITY_EUR": "2024-05-03", "ENDOWMENT_USD": "2013-09-30"}

pytestmark = [pytest.mark.shared_data, pytest.mark.xdist_group("shared_book")]


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "demo_book"


@pytest.fixture(scope="module")
def book(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    home = tmp_path_factory.mktemp("shared_book")
    with shared_book(f"sqlite:///{home / 'book.db'}", home, folder) as opened:
        yield opened


def differences(book: argosy.Book, folder: Path, portfolio: str) -> list[tuple[object, ...]]:
    """Days on which NAV or external flow is not to the cent what the builder expects."""
    expected = [row for row in read_rows(folder / "expected_nav_daily.csv.gz") if row["portfolio_id"] == portfolio]
    rows = book.history(portfolio=portfolio, as_of=PORTFOLIOS[portfolio]).table().rows()
    found = {row["date"]: row for row in rows}
    wrong: list[tuple[object, ...]] = []
    flow, day = Decimal(0), datetime.date.min
    for row in expected:
        # The builder's days are those on which its markets were open; a weekday between them has no flow of its own.
        before, day = day, datetime.date.fromisoformat(row["date"])
        flow = sum((one["flow"] for when, one in found.items() if before < when <= day), Decimal(0))
        if (found[day]["nav"], flow) != (Decimal(row["nav"]), Decimal(row["external_flow"])):
            wrong.append((day, found[day]["nav"], row["nav"], flow, row["external_flow"]))
    assert len(expected) > 1_400
    return wrong


@pytest.mark.parametrize("portfolio", PORTFOLIOS)
def test_nav_and_flows_of_every_day(book: argosy.Book, folder: Path, portfolio: str) -> None:
    assert differences(book, folder, portfolio) == []


def test_nav_and_flows_on_postgresql(postgres_book_url: str, folder: Path, tmp_path: Path) -> None:
    with shared_book(postgres_book_url, tmp_path / "market", folder) as opened:
        assert differences(opened, folder, "GLOBAL_EQUITY_EUR") == []


@pytest.mark.slow
@pytest.mark.parametrize("portfolio", PORTFOLIOS)
def test_positions_of_every_month_end(book: argosy.Book, folder: Path, portfolio: str) -> None:
    """Quantities, prices and local values (half a cent either way) are the builder's. It rounds base values one by
    one; ours are footed to the total by the largest remainder (decision 4): a row may be a cent away, the page adds up.
    """
    expected: defaultdict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in read_rows(folder / "expected_positions_month_end.csv.gz"):
        if row["portfolio_id"] == portfolio:
            expected[row["date"]][row["instrument_id"]] = row
    assert len(expected) > 60
    for day, wanted in expected.items():
        value = book.value(portfolio=portfolio, as_of=day)
        found = {row["instrument"]: row for row in value.holdings().rows() if row["section"] == "position"}
        cash = sum((row["value"] for row in value.holdings().rows() if row["section"] == "cash"), Decimal(0))
        rows = {name: row for name, row in wanted.items() if not name.startswith("CASH")}
        assert set(found) == set(rows), day
        for name, row in rows.items():
            got = found[name]
            assert (got["quantity"], got["price"]) == (Decimal(row["quantity"]), Decimal(row["price"])), (day, name)
            assert abs(got["local"] - Decimal(row["market_value_local"])) <= CENT / 2, (day, name)
            assert abs(got["value"] - Decimal(row["market_value_base"])) <= CENT, (day, name)
        listed = sum((row["value"] for row in found.values()), Decimal(0))
        nav = value.table().rows()[0]["nav"]
        assert listed + cash == nav, day


def test_the_file_is_read_without_a_special_case(book: argosy.Book, folder: Path) -> None:
    assert len(book.transactions(as_of="2030-01-01").table()) == len(read_rows(folder / "transactions.csv.gz"))
    again = book.import_transactions(
        folder / "transactions.csv.gz", profile=str(Path(__file__).parent / "profiles" / "book-transactions.toml")
    )
    assert (again.inserted, again.written) == (0, False)
