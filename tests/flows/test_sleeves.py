"""Sleeves as subjects: they sum to the portfolio, and what moves between them is a flow of each and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.base.errors import ConservationError, InvalidInput, UnknownName
from argosy.measures.valuation import sleeves
from argosy.record.ledger.sleeves import SleeveRows, sleeve_rows
from argosy.record.ledger.state import State
from argosy.workflows.measured import Asked, measured

DAY = "2024-01-05"
PRICES = b"""date,instrument,price
2024-01-02,ACME,10
2024-01-03,ACME,12
2024-01-04,ACME,6.6
2024-01-05,ACME,6.3
2024-01-02,EURO,50
2024-01-03,EURO,51.37
2024-01-05,EURO,49.91
"""
EVENTS = b"""date,type,portfolio,sleeve,to_sleeve,instrument,quantity,price,fee,net,currency,ratio,reference
2024-01-02,deposit,P,CORE,,,,,,1000,USD,,1
2024-01-02,transfer,P,CORE,SAT,,,,,400,USD,,2
2024-01-02,buy,P,CORE,,ACME,50,10,1,,,,3
2024-01-02,buy,P,SAT,,ACME,30,10,,,,,4
2024-01-02,deposit,P,,,,,,,333.33,EUR,,5
2024-01-02,buy,P,,,EURO,3,50,,,,,6
2024-01-03,transfer,P,SAT,CORE,,,,,60,USD,,7
2024-01-04,split,P,,,ACME,,,,,,2:1,8
2024-01-05,transfer,P,CORE,SAT,ACME,20,,,,,,9
2024-01-05,fee,P,CORE,,,,,,-7,USD,,10
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path_factory.mktemp("sleeves") / "book.db")) as book:
        book.create_portfolio("P", currency="USD")
        for code in ("CORE", "SAT"):
            book.create_sleeve("P", code)
        for report in (
            book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,USD\nEURO,Euro,equity,EUR\n", name="i"),
            book.import_prices(PRICES, name="p.csv"),
            book.import_fx(
                b"date,base,quote,rate\n2024-01-02,EUR,USD,1.1037\n2024-01-04,EUR,USD,1.0951\n", name="f.csv"
            ),
            book.import_transactions(EVENTS, name="t.csv"),
        ):
            assert report.written, str(report.table())
        yield book


def test_values_flows_and_returns_by_hand(book: argosy.Book) -> None:
    found = {one.subject.code: one for one in measured(book.look(as_of=DAY), Asked(sleeves=("all",)))}
    assert list(found) == ["P/none", "P/CORE", "P/SAT"]
    core, sat = found["P/CORE"], found["P/SAT"]
    # CORE: 600 - 501 cash, 50 shares; then +60 from SAT; 100 shares after the split; then 20 shares go to SAT, fee 7.
    values = [99 + 500, 159 + 600, 159 + 660, 152 + 80 * 6.3]
    assert core.history["nav"][0].tolist() == [round(one * 1e4) for one in values]
    assert core.history["flow"][0].tolist() == [600_0000, 60_0000, 0, -20 * 6_3000]
    # SAT: 400 - 300 cash and 30 shares; 60 to CORE; 60 shares; 20 more.
    assert sat.history["nav"][0].tolist() == [round(one * 1e4) for one in (100 + 300, 40 + 360, 40 + 396, 40 + 504)]
    assert sat.history["flow"][0].tolist() == [400_0000, -60_0000, 0, 20 * 6_3000]
    expected = [(759 - 60) / 599 - 1, 819 / 759 - 1, (656 + 126) / 819 - 1]
    assert core.series.values[1:] == pytest.approx(expected, abs=1e-14)
    assert core.lines.returns().values == pytest.approx(core.series.values, abs=1e-12)


@pytest.mark.parametrize("currency", ["", "EUR"])
def test_sleeves_sum_to_the_portfolio(book: argosy.Book, currency: str) -> None:
    (whole,) = measured(book.look(as_of=DAY), Asked(currency))
    parts = list(measured(book.look(as_of=DAY), Asked(currency, sleeves=("all",))))
    for figure in ("nav", "positions", "cash", "flow", "flow_in_kind", "income", "fees", "taxes"):
        assert np.array_equal(sum(one.history[figure] for one in parts), whole.history[figure]), figure
    made = sum(one.lines.profit.sum(axis=1) for one in parts)
    assert made == pytest.approx(whole.lines.profit.sum(axis=1), abs=1e-9)
    assert all(one.lines.notes == () for one in parts)


def test_every_question_takes_a_sleeve(book: argosy.Book) -> None:
    table = book.returns(as_of=DAY, sleeve="CORE", periods="ITD").table()
    whole = 699 / 599 * 819 / 759 * 782 / 819 - 1
    assert table.rows()[0]["portfolio"] == pytest.approx(whole, abs=1e-14)
    found = book.performance(as_of=DAY, sleeve=["CORE", "SAT"], periods="ITD").periods
    assert [one.subject for one in found] == ["P/CORE", "P/SAT"]
    assert found[0].time_weighted.value == pytest.approx(whole, abs=1e-12)
    parts = book.contribution(as_of=DAY, sleeve="SAT").contributions[0]
    assert float(parts.contribution.sum()) == pytest.approx(parts.total, abs=1e-13)
    book.define_benchmark("EVEN", currency="USD", instruments=["ACME", "EURO"], rebalance="daily")
    why = book.attribution(as_of=DAY, sleeve="SAT", benchmark="EVEN", by="security").results[0]
    assert abs(why.residual) < 1e-12


def test_a_period_begins_with_its_base(book: argosy.Book) -> None:
    short = book.performance(as_of=DAY, sleeve="CORE", periods="2024-01-04..2024-01-05").periods[0]
    assert (short.start, short.end) == (759.0, 656.0)
    assert short.time_weighted.value == pytest.approx(782 / 759 - 1, abs=1e-14)


def test_what_cannot_be_asked(book: argosy.Book) -> None:
    with pytest.raises(UnknownName, match="sleeve of P"):
        book.returns(as_of=DAY, sleeve="COR")
    with pytest.raises(InvalidInput, match="part of one portfolio"):
        book.returns(as_of=DAY, sleeve="CORE", firm=True)
    with pytest.raises(InvalidInput, match="lots belong to accounts"):
        book.contribution(as_of=DAY, sleeve="CORE", by="lot")
    with pytest.raises(InvalidInput, match="what the close stored"):
        book.returns(as_of=DAY, sleeve="CORE", stored=True)


def test_a_sleeve_that_is_not_used_yet_has_no_row(tmp_path: Path) -> None:
    with argosy.create(str(tmp_path / "book.db")) as late:
        late.create_portfolio("P", currency="USD")
        for code in ("CORE", "LATER", "NEVER"):
            late.create_sleeve("P", code)
        late.import_transactions(
            b"date,type,portfolio,sleeve,net,currency\n2024-01-02,deposit,P,CORE,100,USD\n"
            b"2024-01-04,deposit,P,LATER,50,USD\n", name="t.csv",
        )  # fmt: skip
        names = [row["period"] for row in late.returns(as_of="2024-01-03", sleeve="all", periods="ITD").table().rows()]
        assert len(names) == 1
        assert late.returns(as_of="2024-01-03", sleeve="all", periods="ITD").table().name.endswith("P/CORE")


def test_sleeves_that_do_not_sum_to_the_portfolio_are_a_defect(
    book: argosy.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No book gives this: what a sleeve holds is counted twice here."""
    whole = sleeve_rows

    def doubled(state: State, portfolio: int) -> dict[int, SleeveRows]:
        rows = whole(state, portfolio)
        first = next(iter(rows.values()))
        return dict.fromkeys(rows, first)

    monkeypatch.setattr(sleeves, "sleeve_rows", doubled)
    with pytest.raises(ConservationError, match="the sleeves of P do not sum to it on 2024-01-0"):
        book.returns(as_of=DAY, sleeve="all", periods="ITD")
