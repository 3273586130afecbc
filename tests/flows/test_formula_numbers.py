"""The numbers worked through on the formula pages are what a book gives."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import argosy
from tests.flows.books import Rows, total

D = Decimal

INSTRUMENTS = """code,name,type,currency,quantity_scale
A,A,equity,USD,
WHOLE,Whole units,equity,USD,0
PF,Private fund,private_fund,USD,
"""
PRICES = "date,instrument,price\n2024-12-30,A,12.00\n"
FX = """date,base,quote,rate
2024-01-02,USD,EUR,0.80
2024-12-30,USD,EUR,0.90
2024-12-30,EUR,GBP,0.8914
"""
MANDATES = {
    "AVERAGE": 'method = "AVERAGE"',
    "POOLED": 'method = "AVERAGE"\nscope = "portfolio"',
    "PRICE": 'method = "FIFO"\n[gains]\ncross = "price"',
}
HEAD = "date,type,portfolio,account,instrument,quantity,price,net,ratio,income,return_of_capital\n"
TRADES = {
    "THIRDS": "buy,MAIN,A,100,,-1000;sell,MAIN,A,33,,400;sell,MAIN,A,33,,400;sell,MAIN,A,34,,400",
    "SEVEN": "buy,MAIN,A,7,,-10;" + ";".join(["sell,MAIN,A,1,,2"] * 7),
    "AVERAGE": "buy,MAIN,A,12,100,;buy,MAIN,A,17,99,;sell,MAIN,A,9,101,",
    "POOLED": "buy,ONE,A,10,,-2000;buy,TWO,A,10,,-1000;sell,TWO,A,10,,2805",
    "PERLOT": "buy,ONE,A,10,,-2000;buy,TWO,A,10,,-1000;sell,TWO,A,10,,2805",
    "REVERSE": "buy,MAIN,A,15,100,;buy,MAIN,A,10,110,;split,MAIN,A,,,60,1:10",
    "THREEFORTWO": "buy,MAIN,WHOLE,1,10,;buy,MAIN,WHOLE,1,11,;buy,MAIN,WHOLE,1,12,;split,MAIN,WHOLE,,,,3:2",
    "CAPITAL": "buy,MAIN,A,100,,-1000;return_of_capital,MAIN,A,,,700;return_of_capital,MAIN,A,,,450",
    "STAKE": "capital_call,MAIN,PF,,,-500;capital_call,MAIN,PF,,,-300;distribution,MAIN,PF,,,250,,100,150",
    "FX": "buy,MAIN,A,100,10,",
    "PRICE": "buy,MAIN,A,100,10,",
}
ACCOUNTS = {"POOLED": ["ONE", "TWO"], "PERLOT": ["ONE", "TWO"]}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    """One portfolio for each worked example."""
    home = tmp_path_factory.mktemp("formulas")
    with argosy.create(str(home / "book.db")) as opened:
        opened.import_instruments(INSTRUMENTS.encode(), name="instruments.csv")
        assert opened.import_prices(PRICES.encode(), name="prices.csv").written
        assert opened.import_fx(FX.encode(), name="fx.csv").written
        for code, rows in TRADES.items():
            fill(opened, home, code, rows)
        yield opened


def fill(book: argosy.Book, home: Path, code: str, rows: str) -> None:
    mandate = home / f"{code}.toml"
    mandate.write_text(f"[lots]\n{MANDATES.get(code, '')}\n")
    currency = "EUR" if code in ("FX", "PRICE") else "USD"
    book.create_portfolio(code, currency=currency, accounts=ACCOUNTS.get(code, ["MAIN"]), mandate=str(mandate))
    lines = (f"2024-01-0{2 + n // 4},{row.partition(',')[0]},{code},{row.partition(',')[2]}"
             for n, row in enumerate(rows.split(";")))  # fmt: skip
    width = HEAD.count(",")
    text = HEAD + "".join(line + "," * (width - line.count(",")) + "\n" for line in lines)
    report = book.import_transactions(text.encode(), name=f"{code}.csv")
    assert report.written, str(report.table())


def reliefs(book: argosy.Book, code: str) -> Rows:
    return book.gains(portfolio=code, as_of="2024-12-30", kind="realized").table().rows()


def lots(book: argosy.Book, code: str) -> Rows:
    return book.lots(portfolio=code, as_of="2024-12-30").table().rows()


def test_cost_relief(book: argosy.Book) -> None:
    assert [row["cost"] for row in reliefs(book, "THIRDS")] == [D("330"), D("330"), D("340")]
    costs = [row["cost"] for row in reliefs(book, "SEVEN")]
    assert costs == [D("1.4286")] * 4 + [D("1.4285"), D("1.4286"), D("1.4285")]
    assert sum(costs) == D("10")
    assert not lots(book, "THIRDS")


def test_average_cost(book: argosy.Book) -> None:
    assert [row["cost"] for row in reliefs(book, "AVERAGE")] == [D("894.7241")]
    assert total(lots(book, "AVERAGE"), "cost") == D("1988.2759")
    assert total(lots(book, "POOLED"), "cost") == D("1500")
    assert total(lots(book, "PERLOT"), "cost") == D("2000")


def test_splits(book: argosy.Book) -> None:
    (relief,) = reliefs(book, "REVERSE")
    assert (relief["quantity"], relief["cost"], relief["gain"]) == (D("0.5"), D("500"), D("-440"))
    assert (total(lots(book, "REVERSE"), "quantity"), total(lots(book, "REVERSE"), "cost")) == (D("2"), D("2100"))
    assert [row["quantity"] for row in lots(book, "THREEFORTWO")] == [D("1"), D("2"), D("1")]
    assert [row["cost"] for row in lots(book, "THREEFORTWO")] == [D("10"), D("11"), D("12")]


def test_capital(book: argosy.Book) -> None:
    assert [row["gain"] for row in reliefs(book, "CAPITAL")] == [D("0"), D("150")]
    assert total(lots(book, "CAPITAL"), "cost") == D("0")
    assert [(row["quantity"], row["cost"]) for row in lots(book, "STAKE")] == [(D("1"), D("650"))]
    (income,) = book.income(portfolio="STAKE", as_of="2024-12-30").table().rows()
    assert income["gross"] == D("100")


@pytest.mark.parametrize(("code", "price", "currency"), [("FX", 160, 120), ("PRICE", 180, 100)])
def test_gains_by_price_and_currency(book: argosy.Book, code: str, price: int, currency: int) -> None:
    (row,) = book.gains(portfolio=code, as_of="2024-12-30", kind="unrealized").table().rows()
    assert (row["price_gain"], row["fx_gain"], row["gain"]) == (D(price), D(currency), D(280))


def test_a_cross_rate_is_exact(book: argosy.Book) -> None:
    # 1,200 dollars of shares less 1,000 dollars paid, at 0.90 euros a dollar and 0.8914 pounds a euro: 160.452, once.
    (row,) = book.value(portfolio="FX", as_of="2024-12-30", currency="GBP").table().rows()
    assert row["nav"] == D("160.45")
