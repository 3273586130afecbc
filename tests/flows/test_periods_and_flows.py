"""Periods that begin with the book, windows that need no more prices, flow rules of mandates, members that join."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.base.errors import MissingPrice
from argosy.workflows.measured import Asked, measured

DAY = "2023-01-06"
HEAD = "date,type,portfolio,instrument,quantity,price,net,currency\n"
PRICES = b"""date,instrument,price
2023-01-02,ACME,50
2023-01-03,ACME,52
2023-01-04,ACME,51
2023-01-05,ACME,54
2023-01-06,ACME,55
"""


def _book(
    home: Path, events: str, *, mandate: str = "", prices: bytes = PRICES, codes: tuple[str, ...] = ("P",)
) -> argosy.Book:
    book = argosy.create(str(home / "book.db"))
    for code in codes:
        text = f'[portfolio]\nbase_currency = "EUR"\n{mandate}'
        book.create_portfolio(code, currency="EUR", mandate=text)
    book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,EUR\nLATE,Late,equity,EUR\n", name="i.csv")
    book.import_prices(prices, name="p.csv")
    assert book.import_transactions((HEAD + events).encode(), name="t.csv").written
    return book


OPENED = "2023-01-02,deposit,P,,,,1000,EUR\n2023-01-02,buy,P,ACME,10,50,,\n"


def test_a_year_that_begins_with_the_book(tmp_path: Path) -> None:
    """The second of January 2023 is a Monday: there was no day of the year before it."""
    with _book(tmp_path, OPENED) as book:
        year, ever, quarter = book.performance(as_of=DAY, periods=["YTD", "ITD", "QTD"]).periods
        assert year.time_weighted.value == pytest.approx(1050 / 1000 - 1, abs=1e-14)
        assert (year.start, year.end, year.flows) == (1000.0, 1050.0, 0.0)
        assert year.time_weighted == ever.time_weighted == quarter.time_weighted
        (row,) = book.returns(as_of=DAY, periods="YTD").table().rows()
        assert row["portfolio"] == pytest.approx(0.05, abs=1e-14)


def test_a_year_in_which_the_book_opens_later(tmp_path: Path) -> None:
    with _book(tmp_path, OPENED.replace("01-02", "01-03").replace("50", "52")) as book:
        found = book.performance(as_of=DAY, periods="YTD").periods[0]
        assert not found.time_weighted.defined
        assert "begins on 2023-01-02, after the start of the period" in found.time_weighted.reason


def test_only_the_prices_of_the_period_are_needed(tmp_path: Path) -> None:
    events = OPENED + "2023-01-02,buy,P,LATE,1,100,,\n"
    prices = PRICES + b"2023-01-04,LATE,90\n2023-01-05,LATE,95\n"
    with _book(tmp_path, events, prices=prices) as book:
        with pytest.raises(MissingPrice, match="LATE"):
            book.returns(as_of=DAY, periods="ITD")
        (row,) = book.returns(as_of=DAY, periods="2023-01-05..2023-01-06").table().rows()
        assert row["portfolio"] == pytest.approx((400 + 550 + 95) / (400 + 510 + 90) - 1, abs=1e-14)
        found = book.performance(as_of=DAY, periods="2023-01-05..2023-01-06").periods[0]
        assert found.time_weighted.value == pytest.approx(row["portfolio"], abs=1e-14)
        table = book.returns(as_of=DAY, periods="2023-01-05..2023-01-06", daily=True).table()
        assert len(table) == 2


FLOWS = OPENED + "2023-01-04,deposit,P,,,,600,EUR\n2023-01-05,withdrawal,P,,,,-300,EUR\n"
VALUES = (1000.0, 1020.0, 1610.0, 1340.0, 1350.0)


def test_flows_in_at_the_start_and_out_at_the_end(tmp_path: Path) -> None:
    with _book(tmp_path, FLOWS, mandate='[flows]\ntiming = "mixed"\n') as book:
        expected = [1020 / 1000, 1610 / 1620, 1640 / 1610, 1350 / 1340]
        (one,) = measured(book.look(as_of=DAY), Asked())
        # The deposit that opened the book was there from the start of its day.
        assert one.series.values.tolist() == pytest.approx([0.0, *(x - 1 for x in expected)], abs=1e-14)
        assert one.lines.returns().values == pytest.approx(one.series.values, abs=1e-13)
        table = book.returns(as_of=DAY, periods="ITD").table()
        assert table.rows()[0]["portfolio"] == pytest.approx(float(np.prod(expected)) - 1, abs=1e-14)
        assert "flows in at start and out at end of day, in EUR" in table.notes
        book.run_close(last=DAY)
        kept = book.returns(as_of=DAY, periods="ITD", stored=True).table()
        assert kept.rows()[0]["portfolio"] == pytest.approx(float(np.prod(expected)) - 1, abs=1e-12)
        span = book.performance(as_of=DAY, periods="2023-01-03..2023-01-06").periods[0]
        # Dietz of the four days after the second: 600 for three of them, -300 for one.
        assert span.dietz.value == pytest.approx((1350 - 1000 - 300) / (1000 + 600 * 3 / 4 - 300 / 4), abs=1e-14)


@pytest.mark.parametrize(("large", "cuts"), [("50%", 1), ("15%", 2), ("70%", 0)])
def test_large_flows_cut_the_dietz_period(tmp_path: Path, large: str, cuts: int) -> None:
    with _book(tmp_path, FLOWS, mandate=f'[flows]\nlarge = "{large}"\n') as book:
        statement = book.performance(as_of=DAY, periods="2023-01-03..2023-01-06")
        found = statement.periods[0].revalued
        assert found is not None
        whole = (1350 - 1000 - 300) / (1000 + 600 * 2 / 4 - 300 * 1 / 4)
        late = (1350 - 1610 + 300) / (1610 - 300 * 1 / 2)
        expected = {
            0: 1 + whole,
            1: 1010 / 1000 * (1 + late),
            2: 1010 / 1000 * (1640 / 1610) * (1350 / 1340),
        }[cuts] - 1
        assert found.value == pytest.approx(expected, abs=1e-14)
        assert statement.table().rows()[0]["revalued_dietz"] == pytest.approx(expected, abs=1e-14)


def test_members_that_join_and_leave_are_flows_on_every_way(tmp_path: Path) -> None:
    """Values and lines agree day by day: a member comes with what it is worth at the end of its first day."""
    events = OPENED + OPENED.replace(",P,", ",Q,").replace("1000", "700") + "2023-01-04,deposit,Q,,,,50,EUR\n"
    with _book(tmp_path, events, codes=("P", "Q")) as book:
        book.create_group("G", members=["P"])
        book.set_membership("G", "Q", first="2023-01-04")
        book.set_membership("G", "P", last="2023-01-05")
        for timing in ("end", "start", "mixed"):
            (one,) = measured(book.look(as_of=DAY, group="G"), Asked(timing=timing))
            rebuilt = one.lines.returns()
            assert rebuilt.defined.tolist() == one.series.defined.tolist()
            assert rebuilt.values == pytest.approx(one.series.values, abs=1e-13), timing
            assert one.lines.notes == ()
            assert one.lines.flow == pytest.approx(one.history["flow"][0] / 1e4, abs=1e-9)
