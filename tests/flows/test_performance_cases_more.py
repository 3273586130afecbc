"""The other published cases about performance: gains before and after costs, ranges, currencies, gaps in prices."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import argosy
from argosy.base.dates import format_date, parse_date
from argosy.measures.attribution.book_performance import BookPeriod
from argosy.measures.performance.dietz import simple_dietz
from argosy.measures.performance.irr import money_weighted_return

pytestmark = pytest.mark.shared_data
Given = dict[str, Any]
HEAD = "date,type,portfolio,instrument,quantity,price,net,fee,tax,currency\n"
MANDATE = """[portfolio]
base_currency = "{currency}"
[calendar]
name = "EVERYDAY"
[flows]
timing = "start"
[lots]
fees = "expensed"
"""


@pytest.fixture(scope="module")
def cases(shared_cases: Path) -> dict[str, Given]:
    return {one["id"]: one for one in json.loads((shared_cases / "ledger.json").read_text("utf-8"))["cases"]}


Make = Callable[..., argosy.Book]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    opened: list[argosy.Book] = []

    def build(given: Given, rows: Sequence[str], *, traded: str = "") -> argosy.Book:
        """A book of one portfolio whose days are all days; ``rows`` are events in the columns of HEAD."""
        currency = given["base_ccy"]
        book = argosy.create(str(tmp_path / "book.db"))
        opened.append(book)
        # The cases have more digits than a currency keeps.
        book.define_currency(currency, scale=8)
        dates = [row["date"] for row in (*given["transactions"], *given.get("prices", ()))]
        first, last = parse_date(min(dates)), parse_date(max([*dates, given.get("as_of", ""), *given.get(
            "period", {"end": ""}).values()]))  # fmt: skip
        days = "\n".join(format_date(day) for day in range(first - 40, last + 6))
        assert book.import_calendar("EVERYDAY", f"date\n{days}\n".encode(), name="days.csv").written
        text = tmp_path / "mandate.toml"
        text.write_text(MANDATE.format(currency=currency))
        book.create_portfolio("P", currency=currency, mandate=str(text))
        names = sorted({row["instrument"] for row in given["transactions"] if row.get("instrument")})
        if names:
            lines = "".join(f"{name},{name},equity,{traded or currency}\n" for name in names)
            assert book.import_instruments(f"code,name,type,currency\n{lines}".encode(), name="i.csv").written
        if given.get("prices"):
            quoted = "".join(f"{row['date']},{row['instrument']},{row['price']}\n" for row in given["prices"])
            assert book.import_prices(f"date,instrument,price\n{quoted}".encode(), name="p.csv").written
        for rate in given.get("fx", ()):
            line = f"{rate['date']},{rate['pair'][:3]},{rate['pair'][3:]},{rate['rate']}\n"
            assert book.import_fx(f"date,base,quote,rate\n{line}".encode(), name=f"fx{rate['date']}.csv").written
        report = book.import_transactions((HEAD + "".join(f"{row}\n" for row in rows)).encode(), name="t.csv")
        assert report.written, str(report.table())
        return book

    yield build
    for book in opened:
        book.close()


def expected(given: Given, ask: str, **args: str) -> float:
    found = [one for one in given["questions"] if one["ask"] == ask and one.get("args", {}) == args]
    assert len(found) == 1, (ask, args)
    return float(found[0]["expect"])


def net(found: BookPeriod) -> float:
    return found.gains + found.income - found.fees - found.taxes


def bought(given: Given, currency: str) -> list[str]:
    """Purchases and sales with a deposit of what the first one costs."""
    rows, first = [], given["transactions"][0]
    paid = float(first["qty"]) * float(first["price"]) + float(first.get("fee", 0))
    rows.append(f"{first['date']},deposit,P,,,,{paid:.8f},,,{currency}")
    for row in given["transactions"]:
        sign = "-" if row["kind"] == "sell" else ""
        rows.append(f"{row['date']},{row['kind']},P,{row['instrument']},{sign}{row['qty']},{row['price']},,"
                    f"{row.get('fee', '')},,{currency}")  # fmt: skip
    return rows


def cost(given: Given) -> float:
    first = given["transactions"][0]
    return float(first["qty"]) * float(first["price"])


def test_gains_before_and_after_fees_by_range(cases: dict[str, Given], make: Make) -> None:
    given = cases["GF-BALN-BUY"]
    book = make(given, bought(given, "CHF"))
    day = given["as_of"]
    found = book.performance(as_of=day, periods="ITD").periods[0]
    assert found.end == pytest.approx(expected(given, "value"), abs=1e-9)
    whole = book.performance(as_of=day, periods=f"2021-11-30..{day}").periods[0]
    assert whole.gains == pytest.approx(expected(given, "gross_performance"), abs=1e-9)
    assert net(whole) == pytest.approx(expected(given, "net_performance"), abs=1e-9)
    held = book.positions(as_of=day).table().rows()[0]
    assert float(held["cost"]) == pytest.approx(cost(given))  # type: ignore[arg-type]
    assert whole.gains / float(held["cost"]) == pytest.approx(  # type: ignore[arg-type]
        expected(given, "gross_performance_ratio"), abs=1e-12
    )
    assert net(whole) / cost(given) == pytest.approx(expected(given, "net_performance_ratio"), abs=1e-12)
    for name, begin in (("1d", "2021-12-18"), ("wtd", "2021-12-13"), ("mtd", "2021-12-01")):
        one = book.performance(as_of=day, periods=f"{begin}..{day}").periods[0]
        assert net(one) == pytest.approx(expected(given, "net_performance_range", range=name), abs=1e-9), name


def test_what_was_bought_and_sold_without_a_price_between(cases: dict[str, Given], make: Make) -> None:
    given = cases["GF-NOVN-ROUNDTRIP"]
    book = make(given, bought(given, "CHF"))
    found = book.performance(as_of=given["as_of"], periods="ITD", on_missing="span").periods[0]
    assert net(found) == pytest.approx(expected(given, "net_performance"), abs=1e-9)
    assert net(found) / cost(given) == pytest.approx(expected(given, "net_performance_ratio"), abs=1e-12)
    assert found.time_weighted.number() == pytest.approx(expected(given, "net_performance_ratio"), abs=1e-12)
    assert expected(given, "investment") == 0
    assert len(book.positions(as_of=given["as_of"])) == 0
    with pytest.raises(argosy.ArgosyError, match="no price of NOVN"):
        book.performance(as_of=given["as_of"], periods="ITD")


def test_a_gain_with_its_currency(cases: dict[str, Given], make: Make) -> None:
    given = cases["GF-GOOGL-CHF"]
    book = make(given, bought(given, "USD"), traded="USD")
    period = f"2023-01-03..{given['as_of']}"
    home = book.performance(as_of=given["as_of"], periods=period, on_missing="span").periods[0]
    assert home.end == pytest.approx(expected(given, "value"), abs=0.005)  # in cents
    assert home.gains == pytest.approx(expected(given, "gross_performance_with_currency_effect"), abs=0.005)
    assert net(home) == pytest.approx(expected(given, "net_performance_with_currency_effect"), abs=0.005)
    paid = cost(given) * 0.9238
    assert home.gains / paid == pytest.approx(expected(given, "gross_ratio_with_currency_effect"), abs=1e-4)
    assert net(home) / paid == pytest.approx(expected(given, "net_ratio_with_currency_effect"), abs=1e-4)
    local = book.performance(as_of=given["as_of"], periods=period, currency="USD", on_missing="span").periods[0]
    assert local.gains / cost(given) == pytest.approx(expected(given, "gross_ratio_local"), abs=1e-4)
    assert net(local) / cost(given) == pytest.approx(expected(given, "net_ratio_local"), abs=1e-4)


def test_a_day_of_purchase_and_a_loss(cases: dict[str, Given], make: Make) -> None:
    given = cases["GF-BTCUSD"]
    book = make(given, bought(given, "USD"))
    for day in ("2021-12-12", "2022-01-14"):
        found = book.performance(as_of=day, periods=f"2021-12-12..{day}").periods[0]
        assert net(found) == pytest.approx(expected(given, "net_performance", date=day), abs=1e-9)
    assert found.gains / cost(given) == pytest.approx(
        expected(given, "gross_performance_ratio", date="2022-01-14"), abs=1e-12
    )
    assert net(found) / cost(given) == pytest.approx(
        expected(given, "net_performance_ratio", date="2022-01-14"), abs=1e-12
    )


def test_a_trade_of_a_year(cases: dict[str, Given], make: Make) -> None:
    given = cases["PP-TRADE-LONG"]
    book = make(given, bought(given, "EUR"))
    found = book.performance(as_of="2024-12-31", periods="ITD", on_missing="span").periods[0]
    assert found.gains == pytest.approx(expected(given, "realised_gain"), abs=1e-9)
    assert found.time_weighted.number() == pytest.approx(expected(given, "return"), abs=1e-12)
    rate = money_weighted_return(0.0, 900.0, "2024-01-01", "2024-12-31", flows=[500.0], days=["2024-01-01"])
    assert rate.annual == pytest.approx(expected(given, "xirr"), abs=1e-4)


def test_taxes_left_out_and_fees_kept(cases: dict[str, Given], make: Make) -> None:
    """The case measures on what was paid with fees and without taxes (7,648): that is what is paid in here."""
    given = cases["PP-TAXREFUND-HELD"]
    book = make(given, [
        "2014-01-02,deposit,P,,,,7648,,,EUR", "2014-01-02,buy,P,A,100,76.38,-7658,10,10,EUR",
        "2014-06-01,tax_refund,P,,,,5,,,EUR",
    ])  # fmt: skip
    found = book.performance(as_of="2014-12-06", periods="ITD", basis="pretax", on_missing="span").periods[0]
    assert found.time_weighted.number() == pytest.approx(expected(given, "twr_annual" + "ised"), abs=1e-9)
    after = book.performance(as_of="2014-12-06", periods="ITD", on_missing="span").periods[0]
    assert after.taxes == pytest.approx(expected(given, "taxes"), abs=1e-9)
    assert after.fees == pytest.approx(expected(given, "fees"), abs=1e-9)
    assert net(after) == pytest.approx(expected(given, "total_gain"), abs=5e-3)
    assert after.gains == pytest.approx(expected(given, "unrealised_gain_excl_costs"), abs=5e-3)
    paid = expected(given, "cost_basis_incl_fees_taxes")
    assert 7430.0 - paid == pytest.approx(expected(given, "unrealised_gain_incl_costs"), abs=5e-3)
    rate = money_weighted_return(0.0, 7430.0, "2014-01-02", "2014-12-06", flows=[7648.0], days=["2014-01-02"])
    yearly = (1.0 + rate.period) ** (365.0 / (parse_date("2014-12-06") - parse_date("2014-01-02"))) - 1.0
    assert yearly == pytest.approx(expected(given, "xirr", taxes="excluded"), abs=1e-7)


def test_simple_dietz(cases: dict[str, Given]) -> None:
    given = cases["OWN-DIETZ"]
    opening, deposit, withdrawal, closing = (float(row["net"]) for row in given["transactions"])
    assert simple_dietz(opening, closing, [deposit, withdrawal]) == pytest.approx(
        expected(given, "simple_dietz"), abs=1e-9
    )


def test_every_case_about_performance_is_asked(cases: dict[str, Given]) -> None:
    """A new case in the collection is noticed here."""
    here = Path(__file__).with_name("test_performance_cases.py").read_text() + Path(__file__).read_text()
    names = [name for name, one in cases.items() if one.get("belongs_to") == "performance"]
    assert [name for name in names if name not in here] == []


def test_what_moves_on_days_without_a_value_counts_on_the_next_with_one(make: Make) -> None:
    """Flows, fees and income of a gap in prices are inside the step over it, in rates, lines and money alike."""
    given = {
        "base_ccy": "EUR", "transactions": [{"date": "2024-01-01", "instrument": "A"}],
        "prices": [{"date": "2024-01-01", "instrument": "A", "price": "10"},
                   {"date": "2024-01-20", "instrument": "A", "price": "11"}],
    }  # fmt: skip
    book = make(given, [
        "2024-01-01,deposit,P,,,,1000,,,EUR", "2024-01-01,buy,P,A,50,10,,,,EUR",
        "2024-01-06,deposit,P,,,,400,,,EUR", "2024-01-07,fee,P,,,,-4,,,EUR", "2024-01-08,withdrawal,P,,,,-100,,,EUR",
    ])  # fmt: skip
    rules = MANDATE.format(currency="EUR") + "[prices]\nmax_age_days = 3\n"
    book.set_mandate("P", rules, name="strict.toml")
    found = book.performance(as_of="2024-01-20", periods="ITD", on_missing="span").periods[0]
    assert (found.flows, found.fees) == (1300.0, 4.0)
    assert found.gains == pytest.approx(50.0, abs=1e-9)
    # One step from 4 to 20 January: 1,000 and what came in at its start, 300, made 50 less the fee of 4.
    assert found.time_weighted.number() == pytest.approx(46 / 1300, abs=1e-12)
    lines = book.contribution(as_of="2024-01-20", periods="ITD", on_missing="span").contributions[0]
    assert lines.total == pytest.approx(46 / 1300, abs=1e-12)
