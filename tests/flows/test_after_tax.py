"""Returns after tax on realized gains, worked by hand; every basis in one table."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import argosy
from argosy.base.errors import InvalidInput, MissingRate

DAY = "2024-01-08"
PRICES = b"""date,instrument,price
2022-06-01,ACME,60
2023-12-29,ACME,100
2024-01-02,ACME,100
2024-01-03,ACME,110
2024-01-04,ACME,104
2024-01-05,ACME,108
2024-01-08,ACME,112
2022-06-01,BOLT,30
2023-12-29,BOLT,50
2024-01-02,BOLT,50
2024-01-03,BOLT,45
2024-01-08,BOLT,52
"""
EVENTS = b"""date,type,portfolio,instrument,quantity,price,gross,fee,tax,net,currency
2022-06-01,deposit,P,,,,,,,10000,EUR
2022-06-01,buy,P,ACME,50,60,,,,,
2023-12-29,buy,P,BOLT,40,50,,,,,
2023-12-29,buy,P,ACME,20,100,,,,,
2024-01-03,sell,P,BOLT,40,45,,,,,
2024-01-04,dividend,P,ACME,70,,35,,5.25,,EUR
2024-01-05,sell,P,ACME,60,108,,,,,
2024-01-08,fee,P,,,,,,,-12,EUR
"""
SPAN = "2024-01-01..2024-01-08"


RATES = 'short_rate = "40%"\nlong_rate = 0.15'


def _book(home: Path, losses: str, events: bytes = EVENTS, *, rates: str = RATES) -> argosy.Book:
    book = argosy.create(str(home / "book.db"))
    (home / "m.toml").write_text(f'[tax]\n{rates}\nlosses = "{losses}"\n[portfolio]\nbase_currency = "EUR"\n')
    book.create_portfolio("P", currency="EUR", mandate=str(home / "m.toml"))
    book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,EUR\nBOLT,Bolt,equity,EUR\n", name="i.csv")
    book.import_prices(PRICES, name="p.csv")
    assert book.import_transactions(events, name="t.csv").written
    return book


# FIFO: the sale of the third loses 40 x 5 = 200 short-term. The one of the fifth takes 50 shares of 2022 at 60 (long,
# 50 x 48 = 2400) and 10 of December at 100 (short, 10 x 8 = 80).
OWED = {
    "carry": (0.0, 0.15 * 2400),  # 80 is less than the 200 that were lost
    "lost": (0.0, 0.15 * 2400 + 0.4 * 80),
    "credit": (-0.4 * 200, 0.15 * 2400 + 0.4 * 80),
}
VALUES = {  # cash 3000 and 70 ACME, 40 BOLT; then cash 4800; then a dividend; then 60 sold; then a fee
    "2023-12-29": 3000 + 70 * 100 + 40 * 50, "2024-01-02": 12000.0, "2024-01-03": 4800 + 70 * 110,
    "2024-01-04": 4829.75 + 70 * 104, "2024-01-05": 4829.75 + 60 * 108 + 10 * 108,
    "2024-01-08": 4829.75 + 6480 - 12 + 10 * 112,
}  # fmt: skip


def _linked(owed: tuple[float, float]) -> float:
    days, growth = list(VALUES), 1.0
    for before, day in pairwise(days):
        tax = {"2024-01-03": owed[0], "2024-01-05": owed[1]}.get(day, 0.0)
        growth *= (VALUES[day] - tax) / VALUES[before]
    return growth - 1.0


@pytest.mark.parametrize("losses", ["carry", "lost", "credit"])
def test_the_tax_of_a_sale_lowers_its_day(tmp_path: Path, losses: str) -> None:
    with _book(tmp_path, losses) as book:
        table = book.returns(as_of=DAY, periods=SPAN, basis=["pretax", "gross", "net", "aftertax"]).table()
        (row,) = table.rows()
        assert row["net"] == pytest.approx(_linked((0.0, 0.0)), abs=1e-14)
        assert row["aftertax"] == pytest.approx(_linked(OWED[losses]), abs=1e-12)
        assert row["pretax"] > row["gross"] > row["net"]
        assert any("held more than 365 days at 0.15" in note for note in table.notes)
        found = book.performance(as_of=DAY, periods=SPAN, basis="aftertax").periods[0]
        assert found.taxes == pytest.approx(sum(OWED[losses]) + 5.25, abs=1e-9)
        assert found.end == pytest.approx(VALUES["2024-01-08"], abs=1e-9)  # owed, not paid
        parts = book.contribution(as_of=DAY, periods=SPAN, basis="aftertax").contributions[0]
        assert float(parts.contribution.sum()) == pytest.approx(found.time_weighted.value, abs=1e-13)


def test_losses_before_the_period_count(tmp_path: Path) -> None:
    with _book(tmp_path, "carry") as book:
        late = book.performance(as_of=DAY, periods="2024-01-04..2024-01-08", basis="aftertax").periods[0]
        assert late.taxes == pytest.approx(0.15 * 2400 + 5.25, abs=1e-9)


@pytest.mark.parametrize(
    ("rates", "owed", "said"),
    [
        ('regime = "US"', 0.238 * 2400 + 0.408 * 80, "held more than a year at 0.238, losses lost, by the rules of"),
        ('regime = "US"\nlong_rate = 0', 0.408 * 80, "gains at 0.408, held more than a year at 0, losses lost"),
        ('regime = "UK"', 0.24 * 2480, "gains at 0.24, however long held at 0.24"),
        ("", 0.0, "no tax on gains, as the mandate's [tax] names neither a regime nor a rate"),
    ],
)
def test_rates_are_those_of_the_regime(tmp_path: Path, rates: str, owed: float, said: str) -> None:
    with _book(tmp_path, "lost", rates=rates) as book:
        found = book.performance(as_of=DAY, periods=SPAN, basis="aftertax").periods[0]
        assert found.taxes == pytest.approx(owed + 5.25, abs=1e-9)
        assert any(said in note for note in book.returns(as_of=DAY, periods=SPAN, basis="aftertax").table().notes)


def test_a_sleeve_and_another_currency(tmp_path: Path) -> None:
    with _book(tmp_path, "lost") as book:
        alone = book.returns(as_of=DAY, periods=SPAN, basis="aftertax", sleeve="none").table().rows()[0]
        whole = book.returns(as_of=DAY, periods=SPAN, basis="aftertax").table().rows()[0]
        assert alone["portfolio"] == pytest.approx(whole["portfolio"], abs=1e-14)
        with pytest.raises(MissingRate):
            book.returns(as_of=DAY, periods=SPAN, basis="aftertax", currency="USD")
        book.import_fx(b"date,base,quote,rate\n2022-06-01,EUR,USD,1.10\n", name="fx.csv")
        other = book.returns(as_of=DAY, periods=SPAN, basis="aftertax", currency="USD").table().rows()[0]
        assert other["portfolio"] == pytest.approx(whole["portfolio"], abs=1e-6)


def test_what_has_no_tax(tmp_path: Path) -> None:
    with _book(tmp_path, "carry") as book:
        book.run_close(last=DAY)
        with pytest.raises(InvalidInput, match="does not store tax"):
            book.returns(as_of=DAY, basis="aftertax", stored=True)
        with pytest.raises(InvalidInput, match="not for a transaction"):
            book.contribution(as_of=DAY, basis="aftertax", by="transaction")
