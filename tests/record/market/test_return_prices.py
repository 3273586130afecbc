"""Prices of a book for returns: the best basis of each instrument, splits, one currency, nothing carried forward."""

from __future__ import annotations

import numpy as np
import pytest

import argosy
from argosy.base.dates import parse_date
from argosy.base.errors import MissingData, MissingRate
from argosy.interfaces.book import Book
from argosy.record.market.return_prices import price_days, return_prices

INSTRUMENTS = b"code,name,type,currency\nSPLT,Split AG,equity,EUR\nFULL,Full plc,equity,USD\nBARE,Bare,equity,CHF\n"
TRADED = b"date,instrument,price\n2022-01-03,SPLT,100\n2022-01-04,SPLT,51\n2022-01-06,SPLT,52\n2022-01-03,FULL,10\n"
TOTAL = b"date,instrument,price\n2022-01-03,FULL,20\n2022-01-05,FULL,22\n"
RATES = b"date,base,quote,rate\n2022-01-03,EUR,USD,1.25\n2022-01-05,EUR,USD,1.1\n"
EVENTS = (
    b"date,type,portfolio,instrument,quantity,price,gross,net,currency,ratio\n"
    b"2022-01-03,deposit,P,,,,,10000,EUR,\n2022-01-03,buy,P,SPLT,10,100,1000,-1000,EUR,\n"
    b"2022-01-04,split,P,SPLT,,,,,,2:1\n"
)


@pytest.fixture
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    made = argosy.create(str(tmp_path_factory.mktemp("prices") / "book.db"))
    made.import_instruments(INSTRUMENTS, name="i.csv")
    made.create_portfolio("P", currency="EUR")
    made.import_prices(TRADED, name="t.csv", source="test", basis="traded")
    made.import_prices(TOTAL, name="r.csv", source="test", basis="total_return")
    made.import_fx(RATES, name="fx.csv", source="ECB")
    report = made.import_transactions(EVENTS, name="e.csv", source="test")
    assert report.written, report
    return made


def test_the_best_basis_in_one_currency_on_days_with_prices(book: Book) -> None:
    seen = book.look(portfolio="P", as_of="2022-01-06")
    ids = [seen.reference.instrument(code).id for code in ("SPLT", "FULL")]
    found = return_prices(seen.market, ids, ["SPLT", "FULL"], currency="EUR", last=seen.day, splits=seen.splits)
    nan = float("nan")
    days = [parse_date(text) for text in ("2022-01-03", "2022-01-04", "2022-01-05", "2022-01-06")]
    assert found.panel.days.tolist() == days
    np.testing.assert_allclose(found.panel.values, [[50.0, 16.0], [51.0, nan], [nan, 20.0], [52.0, nan]])
    assert found.without_income == ("SPLT",)
    assert price_days(seen.market, ids, last=days[2]).tolist() == days[:3]


def test_the_future_is_not_seen(book: Book) -> None:
    seen = book.look(portfolio="P", as_of="2022-01-03")
    ids = [seen.reference.instrument("SPLT").id]
    found = return_prices(seen.market, ids, ["SPLT"], currency="EUR", last=seen.day, splits=seen.splits)
    assert found.panel.values.tolist() == [[100.0]]


def test_what_is_missing_is_named(book: Book) -> None:
    seen = book.look(portfolio="P", as_of="2022-01-06")
    ask = {"currency": "EUR", "last": seen.day, "splits": seen.splits}
    with pytest.raises(MissingData, match="BARE has no price up to then"):
        return_prices(seen.market, [seen.reference.instrument("BARE").id], ["BARE"], **ask)  # type: ignore[arg-type]
    ask["currency"] = "JPY"
    with pytest.raises(MissingRate, match="EUR in JPY"):
        return_prices(seen.market, [seen.reference.instrument("SPLT").id], ["SPLT"], **ask)  # type: ignore[arg-type]
    assert price_days(seen.market, [], last=seen.day).size == 0
