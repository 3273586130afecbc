"""Books as the flows build them, through the public face only."""

from __future__ import annotations

import csv
import gzip
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import argosy
from tests.flows.ledger_cases import FINE_MONEY, Case, Setting
from tests.flows.second_method import DEMO

PROFILES = Path(__file__).parent / "profiles"
Rows = list[dict[str, Any]]


def new_book(url: str, market: Path) -> argosy.Book:
    """An empty book; a PostgreSQL book is told where its market files go."""
    return argosy.create(url, market=str(market)) if url.startswith("postgresql") else argosy.create(url)


def case_book(url: str, folder: Path, case: Case, setting: Setting, *, imports: int = 1) -> argosy.Book:
    """A book with one worked case under one setting."""
    mandate = folder / "mandate.toml"
    mandate.write_text(setting.mandate(case.currency))
    book = new_book(url, folder)
    if case.id in FINE_MONEY:
        book.define_currency(case.currency, scale=FINE_MONEY[case.id])
    book.create_portfolio("P", currency=case.currency, accounts=case.accounts(), mandate=str(mandate))
    if case.instruments():
        assert book.import_instruments(case.instruments_csv(), name="instruments.csv").written
    profile = str(PROFILES / "case-transactions.toml")
    for _ in range(imports):
        report = book.import_transactions(case.transactions_csv(setting), name="transactions.csv", profile=profile)
        assert report.ok, str(report.table())
    if case.given.get("prices"):
        report = book.import_prices(case.prices_csv(), name="prices.csv")
        assert report.ok, str(report.table())
    return book


def demo_book(url: str, folder: Path) -> argosy.Book:
    """The packaged demo book, loaded step by step as its manifest says."""
    manifest = tomllib.loads((DEMO / "demo.toml").read_text("utf-8"))
    book = new_book(url, folder)
    for entry in manifest["instruments"]:
        assert book.import_instruments(DEMO / entry["file"]).written
    for entry in manifest["portfolios"]:
        book.create_portfolio(
            entry["code"],
            currency=entry["base_currency"],
            name=entry["name"],
            opened=entry["opened"],
            accounts=[account["code"] for account in entry["accounts"]],
            mandate=str(DEMO / entry["mandate"]),
        )
    for entry in manifest["groups"]:
        book.create_group(entry["code"], members=entry["members"], name=entry["name"])
    for entry in manifest["prices"]:
        report = book.import_prices(DEMO / entry["file"], source=entry["source"], basis=entry["basis"])
        assert report.written, str(report.table())
    for entry in manifest["fx"]:
        assert book.import_fx(DEMO / entry["file"], source=entry["source"]).written
    for entry in manifest["transactions"]:
        report = book.import_transactions(DEMO / entry["file"], source=entry["source"])
        assert report.written, str(report.table())
    return book


def read_rows(path: Path) -> list[dict[str, str]]:
    """A CSV file, gzipped or not."""
    raw = path.read_bytes()
    return list(
        csv.DictReader((gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig").splitlines())
    )


def shared_book(url: str, folder: Path, data: Path) -> argosy.Book:
    """The book beside the checkout, read by profiles alone."""
    book = new_book(url, folder)
    profile = {name: str(PROFILES / f"book-{name}.toml") for name in ("instruments", "prices", "fx", "transactions")}
    assert book.import_instruments(data / "instruments.csv", profile=profile["instruments"]).written
    for row in read_rows(data / "portfolios.csv"):
        book.create_portfolio(row["portfolio_id"], currency=row["base_currency"], name=row["name"])
    report = book.import_prices(data / "prices.csv.gz", profile=profile["prices"], source="closes")
    assert report.written, str(report.table())
    report = book.import_fx(data / "fx_rates.csv.gz", profile=profile["fx"], source="ECB")
    assert report.written, str(report.table())
    report = book.import_transactions(data / "transactions.csv.gz", profile=profile["transactions"])
    assert report.written, str(report.table())
    return book


def total(rows: Rows, column: str) -> Decimal:
    """A column added up."""
    return sum((row[column] for row in rows), Decimal(0))
