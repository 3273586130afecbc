"""The published worked cases about performance, through the public face of a book that closes every day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import argosy
from argosy.base.dates import format_date, parse_date

pytestmark = pytest.mark.shared_data
EVERY_DAY = "2009-12-01", "2025-01-10"
HEAD = "date,type,portfolio,instrument,quantity,price,net,fee,tax,value,currency,reference"
Given = dict[str, Any]


@pytest.fixture(scope="module")
def cases(shared_cases: Path) -> dict[str, Given]:
    return {one["id"]: one for one in json.loads((shared_cases / "ledger.json").read_text("utf-8"))["cases"]}


def rows_of(given: Given) -> Iterator[str]:
    """The case's transactions in neutral columns; a purchase that no cash was there for is a delivery."""
    for number, row in enumerate(given["transactions"]):
        cells = {"date": row["date"], "type": row["kind"], "portfolio": "P", "instrument": row.get("instrument", ""),
                 "quantity": row.get("qty", ""), "price": row.get("price", ""), "net": row.get("net", ""),
                 "currency": given["base_ccy"], "reference": f"R{number}"}  # fmt: skip
        if row["kind"] in ("buy", "transfer_in"):
            cells |= {"type": "delivery_in", "value": cells["net"], "net": "", "price": ""}
        yield ",".join(cells.get(name, "") for name in HEAD.split(","))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path / "book.db")) as opened:
        first, last = (parse_date(text) for text in EVERY_DAY)
        days = "\n".join(format_date(day) for day in range(first, last + 1))
        assert opened.import_calendar("EVERYDAY", f"date\n{days}\n".encode(), name="days.csv").written
        text = tmp_path / "mandate.toml"
        text.write_text('[portfolio]\nbase_currency = "EUR"\n[calendar]\nname = "EVERYDAY"\n')
        opened.create_portfolio("P", currency="EUR", mandate=str(text))
        yield opened


def fill(book: argosy.Book, given: Given) -> None:
    names = sorted({row["instrument"] for row in given["transactions"] if row.get("instrument")})
    if names:
        lines = "".join(f"{name},{name},equity,{given['base_ccy']}\n" for name in names)
        assert book.import_instruments(f"code,name,type,currency\n{lines}".encode(), name="instruments.csv").written
    if given.get("prices"):
        quoted = "".join(f"{row['date']},{row['instrument']},{row['price']}\n" for row in given["prices"])
        assert book.import_prices(f"date,instrument,price\n{quoted}".encode(), name="prices.csv").written
    report = book.import_transactions("\n".join([HEAD, *rows_of(given)]).encode() + b"\n", name="events.csv")
    assert report.written, str(report.table())


def after(start: str, end: str) -> str:
    """The period from the end of one day to the end of another."""
    return f"{format_date(parse_date(start) + 1)}..{end}"


ASK = {
    "initial_value": lambda found: found.start, "final_value": lambda found: found.end,
    "earnings": lambda found: found.income, "transfers_in": lambda found: found.flows,
}  # fmt: skip


@pytest.mark.parametrize("name", ["PP-SNAP-BOUNDARY-END", "PP-SNAP-GAIN-BUY"])
def test_snapshots(cases: dict[str, Given], book: argosy.Book, name: str) -> None:
    given = cases[name]
    fill(book, given)
    period = given["period"]
    found = book.performance(as_of=period["end"], periods=after(**period)).periods[0]
    for one in given["questions"]:
        if one["ask"] in ASK:
            assert ASK[one["ask"]](found) == pytest.approx(float(one["expect"]), abs=1e-9), one
    # The case's gain has the price gain of what was delivered too: 111 = 10 x 10 + (110 - 99).
    if name == "PP-SNAP-GAIN-BUY":
        assert found.gains == pytest.approx(111.0, abs=1e-9)
    assert found.start + found.flows + found.gains + found.income - found.fees - found.taxes == pytest.approx(found.end)


def test_weekly_returns_of_linked_days(cases: dict[str, Given], book: argosy.Book) -> None:
    given = cases["PP-TTWROR-WEEKLY"]
    fill(book, given)
    begins = {"2012-01-01": "2011-12-31", "2012-01-08": "2012-01-01"}
    for one in given["questions"]:
        end = one["args"]["week_ending"]
        found = book.performance(as_of=end, periods=after(begins[end], end), timing="mixed").periods[0]
        assert found.time_weighted.number() == pytest.approx(float(one["expect"]), abs=1e-8)
        by_event = book.contribution(
            as_of=end, periods=after(begins[end], end), by="transaction", timing="mixed"
        ).events[0]  # fmt: skip
        assert sum(row.contribution for row in by_event.events) == pytest.approx(by_event.total, abs=1e-12)


def test_a_flow_and_its_rate(cases: dict[str, Given], book: argosy.Book) -> None:
    given = cases["PP-IRR-SIMPLE"]
    # 200 come in and are worth 210 at the end.
    start, end = given["transactions"]
    made = {"base_ccy": "EUR", "transactions": [
        {"date": start["date"], "kind": "deposit", "net": str(-Decimal(start["net"]))},
        {"date": end["date"], "kind": "interest", "net": str(Decimal(end["net"]) + Decimal(start["net"]))},
    ]}  # fmt: skip
    fill(book, made)
    found = book.performance(as_of=end["date"], periods="ITD").periods[0]
    days = parse_date(end["date"]) - parse_date(start["date"])
    rate = (1.0 + found.money_weighted.number()) ** (365.0 / days) - 1.0
    assert rate == pytest.approx(float(given["questions"][0]["expect"]), abs=1e-8)
    assert "shorter than a year" in found.money_weighted_annual.reason


def test_dietz_beside_the_time_weighted_return(cases: dict[str, Given], book: argosy.Book) -> None:
    given = cases["OWN-DIETZ"]
    opening, deposit, withdrawal, closing = given["transactions"]
    gain = Decimal(closing["net"]) - Decimal(opening["net"]) - Decimal(deposit["net"]) - Decimal(withdrawal["net"])
    fill(book, {"base_ccy": "EUR", "transactions": [
        {**opening, "kind": "deposit"}, deposit, withdrawal,
        {"date": closing["date"], "kind": "interest", "net": str(gain)},
    ]})  # fmt: skip
    found = book.performance(as_of=closing["date"], periods="ITD").periods[0]
    expected = next(one for one in given["questions"] if one["ask"] == "modified_dietz")
    assert found.dietz.number() == pytest.approx(float(expected["expect"]), abs=1e-9)
