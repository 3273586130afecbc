"""A small book of two portfolios, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import argosy
from argosy.interfaces.cli import cli

INSTRUMENTS = b"""code,name,type,currency,quote_unit,isin,ticker
ACME,Acme Corporation,equity,USD,,US0378331005,ACM
PENNY,Pence & Partners plc,equity,GBP,GBX,,PNY
FUND,"=HYPERLINK(""x"") <b>fund</b>",fund,EUR,,,
"""
PRICES = b"""date,instrument,price
2022-01-03,ACME,100
2022-01-03,PENNY,250
2022-01-03,FUND,10
2022-01-04,ACME,101.5
2022-01-04,PENNY,255.5
2022-01-05,ACME,99.25
2022-01-05,FUND,10.1
2022-01-06,ACME,103
2022-01-06,PENNY,260
2022-01-07,ACME,104
2022-01-07,FUND,10.2
"""
RATES = b"""date,base,quote,rate
2022-01-03,EUR,USD,1.13
2022-01-03,EUR,GBP,0.84
2022-01-05,EUR,USD,1.12
2022-01-07,EUR,USD,1.135
"""
TRADES = (
    b"date,type,portfolio,account,instrument,quantity,price,gross,fee,tax,net,currency,"
    b"counter_currency,counter_amount,settle_date,reference\n"
    b"2022-01-03,deposit,GROWTH,MAIN,,,,,,,50000,USD,,,2022-01-03,G1\n"
    b"2022-01-03,buy,GROWTH,MAIN,ACME,100,100,10000,5,,-10005,USD,,,2022-01-05,G2\n"
    b"2022-01-03,fx,GROWTH,MAIN,,,,,,,-11000,USD,GBP,8100,2022-01-03,G3\n"
    b"2022-01-04,buy,GROWTH,MAIN,PENNY,1000,255.5,2555,,,-2555,GBP,,,2022-01-06,G4\n"
    b"2022-01-05,dividend,GROWTH,MAIN,ACME,,,75,,11.25,63.75,USD,,,2022-01-20,G5\n"
    b"2022-01-06,sell,GROWTH,MAIN,ACME,-40,103,4120,4,,4116,USD,,,2022-01-10,G6\n"
    b"2022-01-03,deposit,INCOME,MAIN,,,,,,,20000,EUR,,,2022-01-03,I1\n"
    b"2022-01-03,buy,INCOME,MAIN,FUND,1500,10,15000,,,-15000,EUR,,,2022-01-05,I2\n"
)
LEVELS = b"date,level\n2022-01-03,1000\n2022-01-04,1010\n2022-01-05,1005\n2022-01-06,1020\n2022-01-07,1030\n"
MANDATE = """[portfolio]
base_currency = "USD"

[benchmark]
code = "INDEX"
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small book; nobody writes to it."""
    folder = tmp_path_factory.mktemp("book")
    with argosy.create(str(folder / "book.db")) as book:
        assert book.import_instruments(INSTRUMENTS, name="instruments.csv").written
        assert book.import_benchmark(LEVELS, name="index.csv", code="INDEX", currency="USD", title="The index").written
        book.create_portfolio("GROWTH", currency="USD", name="Growth fund")
        book.set_mandate("GROWTH", MANDATE, name="growth.toml")
        book.create_portfolio("INCOME", currency="EUR", name="Income & Söhne <i>")
        book.create_group("HOUSE", members=["GROWTH", "INCOME"], name="Both")
        assert book.import_prices(PRICES, name="prices.csv", source="test").written
        assert book.import_fx(RATES, name="rates.csv", source="ECB").written
        assert book.import_transactions(TRADES, name="trades.csv", source="test").written
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small book's folder, as the working directory."""
    target = tmp_path / "work"
    shutil.copytree(made, target)
    monkeypatch.chdir(target)
    monkeypatch.delenv("ARGOSY_BOOK", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    return target


Run = Callable[..., Result]


@pytest.fixture
def run(folder: Path) -> Run:
    """Run one command line in the folder of the small book."""

    def call(*words: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=stdin)

    return call
