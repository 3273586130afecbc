"""Benchmarks of a mandate that change, that are hedged, and that lack days: worked by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

import argosy
from argosy.base.errors import ArgosyError, InvalidInput, MissingData, MissingRate

DAY = "2024-02-29"
FX = {"2023-12-29": 1.10, "2024-01-31": 1.12, "2024-02-15": 1.09, "2024-02-29": 1.08}
USD = {"2023-12-29": 100.0, "2024-01-31": 103.0, "2024-02-15": 104.5, "2024-02-29": 102.0}
EUR = {"2023-12-29": 50.0, "2024-01-31": 50.5, "2024-02-15": 51.25, "2024-02-29": 52.0}
ESTR = {"2023-12-29": 100.0, "2024-01-31": 100.33, "2024-02-15": 100.49, "2024-02-29": 100.64}
SOFR = {"2023-12-29": 100.0, "2024-01-31": 100.46, "2024-02-15": 100.68, "2024-02-29": 100.88}


def _levels(code: str, values: dict[str, float]) -> bytes:
    return ("date,benchmark,level\n" + "".join(f"{day},{code},{value}\n" for day, value in values.items())).encode()


def _book(home: Path, mandate: str) -> argosy.Book:
    book = argosy.create(str(home / "book.db"))
    sessions = "\n".join(["date", *FX]).encode()
    book.import_calendar("FEW", sessions, name="few.csv")
    (home / "m.toml").write_text('[portfolio]\nbase_currency = "EUR"\n[calendar]\nname = "FEW"\n' + mandate)
    book.create_portfolio("P", currency="EUR", mandate=str(home / "m.toml"))
    book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,EUR\n", name="i.csv")
    book.import_prices(
        b"date,instrument,price\n2023-12-29,ACME,10\n2024-01-31,ACME,11\n2024-02-15,ACME,10.5\n2024-02-29,ACME,12\n",
        name="p.csv",
    )
    book.import_transactions(
        b"date,type,portfolio,instrument,quantity,price,net,currency\n2023-12-29,deposit,P,,,,1000,EUR\n"
        b"2023-12-29,buy,P,ACME,100,10,,\n", name="t.csv",
    )  # fmt: skip
    rates = "date,base,quote,rate\n" + "".join(f"{day},EUR,USD,{rate}\n" for day, rate in FX.items())
    book.import_fx(rates.encode(), name="fx.csv")
    for code, currency, values in (
        ("WORLD", "USD", USD), ("HOME", "EUR", EUR), ("ESTR", "EUR", ESTR), ("SOFR", "USD", SOFR),
    ):  # fmt: skip
        book.import_benchmark(_levels(code, values), code=code, currency=currency, name=f"{code}.csv")
    return book


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[argosy.Book]:
    with _book(tmp_path, '[benchmark]\ncode = "WORLD:hedged"\nrates = ["EUR ESTR", "USD SOFR"]\n') as book:
        yield book


def _rate(book: argosy.Book, benchmark: str | None, period: str = "ITD") -> float:
    (row,) = book.returns(as_of=DAY, periods=period, benchmark=benchmark).table().rows()
    return float(row["benchmark"])


def _month(first: str, last: str, ratio: float = 1.0) -> float:
    """A month of the index sold forward at its start: (1 + L)(1 + X) - 1 + h (P - X), dollars at 1 / EURUSD."""
    local, currency = USD[last] / USD[first] - 1, FX[first] / FX[last] - 1
    premium = (ESTR[last] / ESTR[first]) / (SOFR[last] / SOFR[first]) - 1
    return (1 + local) * (1 + currency) - 1 + ratio * (premium - currency)


def test_a_hedge_is_rolled_by_the_month(plain: argosy.Book) -> None:
    january, february = _month("2023-12-29", "2024-01-31"), _month("2024-01-31", "2024-02-29")
    assert _rate(plain, None) == pytest.approx((1 + january) * (1 + february) - 1, abs=1e-14)
    assert _rate(plain, "WORLD:hedged(ESTR/SOFR)") == _rate(plain, None)
    half = (1 + _month("2023-12-29", "2024-01-31", 0.5)) * (1 + _month("2024-01-31", "2024-02-29", 0.5)) - 1
    assert _rate(plain, "WORLD:hedged*0.5(ESTR/SOFR)") == pytest.approx(half, abs=1e-14)
    # In the month the hedge keeps its size: both parts are measured from its roll.
    middle = _month("2024-01-31", "2024-02-15")
    assert _rate(plain, None, "2024-02-01..2024-02-15") == pytest.approx(middle, abs=1e-14)
    open_return = USD["2024-02-29"] / USD["2023-12-29"] * FX["2023-12-29"] / FX["2024-02-29"] - 1
    assert _rate(plain, "WORLD") == pytest.approx(open_return, abs=1e-14)
    # One in the reporting currency has nothing to hedge, and a share of 0 hedges nothing.
    assert _rate(plain, "HOME:hedged") == pytest.approx(52 / 50 - 1, abs=1e-14)
    assert _rate(plain, "WORLD:hedged*0(ESTR/SOFR)") == pytest.approx(open_return, abs=1e-14)


def test_forward_premiums_may_be_given(plain: argosy.Book) -> None:
    told = b"date,benchmark,return\n2024-01-31,POINTS,-0.0012\n2024-02-29,POINTS,-0.0011\n"
    plain.import_benchmark(told, code="POINTS", currency="EUR", name="points.csv")
    expected = 1.0
    for first, last, premium in (("2023-12-29", "2024-01-31", -0.0012), ("2024-01-31", "2024-02-29", -0.0011)):
        local, currency = USD[last] / USD[first] - 1, FX[first] / FX[last] - 1
        expected *= (1 + local) * (1 + currency) + premium - currency
    assert _rate(plain, "WORLD:hedged(POINTS)") == pytest.approx(expected - 1, abs=1e-14)


def test_what_a_hedge_needs_is_said(plain: argosy.Book) -> None:
    with pytest.raises(ArgosyError, match="ESTX"):
        _rate(plain, "WORLD:hedged(ESTX/SOFR)")
    with pytest.raises(InvalidInput, match="not a hedged benchmark"):
        _rate(plain, "WORLD:hedged(ESTR/)")
    plain.import_benchmark(_levels("LATE", {"2024-02-15": 100.0}), code="LATE", currency="EUR", name="late.csv")
    with pytest.raises(MissingData, match="LATE begins on 2024-02-15"):
        _rate(plain, "WORLD:hedged(LATE/SOFR)")


def test_no_rates_named(tmp_path: Path) -> None:
    with _book(tmp_path, "") as book, pytest.raises(MissingData, match=r"WORLD:hedged\(HOME/FOREIGN\)"):
        _rate(book, "WORLD:hedged")


def test_a_mandate_lists_its_benchmarks(tmp_path: Path) -> None:
    with _book(tmp_path, '[benchmark]\ncode = "HOME"\nchanges = ["2024-02-01 50% HOME + 50% WORLD:local"]\n') as book:
        blend = 0.5 * 52 / 50.5 + 0.5 * 102 / 103
        assert _rate(book, None) == pytest.approx(50.5 / 50 * blend - 1, abs=1e-14)
        table = book.returns(as_of=DAY, periods="ITD").table()
        assert any("HOME; 50% HOME + 50% WORLD:local" in note for note in table.notes)
        assert _rate(book, None, "2024-02-16..2024-02-29") == pytest.approx(
            (0.5 * 52 / 50.5 + 0.5 * 102 / 103) / (0.5 * 51.25 / 50.5 + 0.5 * 104.5 / 103) - 1, abs=1e-14
        )
        why = book.attribution(as_of=DAY, by="security").results[0]
        assert why.linked.active == pytest.approx(1200 / 1000 - 1 - (50.5 / 50 * blend - 1), abs=1e-12)
        assert abs(why.residual) < 1e-12


def test_each_mandate_holds_in_its_time(tmp_path: Path) -> None:
    with _book(tmp_path, '[benchmark]\ncode = "HOME"\n') as book:
        text = (tmp_path / "m.toml").read_text().replace("HOME", "ESTR")
        book.set_mandate("P", text, effective="2024-02-15")
        assert _rate(book, None) == pytest.approx(50.5 / 50 * 100.64 / 100.33 - 1, abs=1e-14)


def test_days_without_a_level_are_linked_over_and_named(tmp_path: Path) -> None:
    with _book(tmp_path, "") as book:
        gap = {day: value for day, value in EUR.items() if day != "2024-02-15"} | {"2024-02-20": 51.5}
        book.import_benchmark(_levels("GAPPY", dict(sorted(gap.items()))), code="GAPPY", currency="EUR", name="g.csv")
        found = book.returns(as_of=DAY, periods="ITD", benchmark="GAPPY", daily=True)
        rows = found.table().rows()
        assert [str(row["date"]) for row in rows] == ["2024-01-31", "2024-02-29"]
        assert [row["portfolio"] for row in rows] == pytest.approx([0.1, 1200 / 1100 - 1], abs=1e-14)
        assert [row["benchmark"] for row in rows] == pytest.approx([50.5 / 50 - 1, 52 / 50.5 - 1], abs=1e-14)
        told = "\n".join(found.table().notes)
        assert "1 days have no level of GAPPY and are linked over: 2024-02-15" in told
        assert "1 days of GAPPY are no days of the portfolio and are linked over: 2024-02-20" in told


def test_a_benchmark_of_months_stands_beside_the_months(tmp_path: Path) -> None:
    with _book(tmp_path, "") as book:
        told = (
            b"date,segment,weight,return\n2024-01-31,A,0.5,0.02\n2024-01-31,B,0.5,0.04\n"
            b"2024-02-29,A,0.5,0.01\n2024-02-29,B,0.5,-0.03\n"
        )
        book.import_segments(told, name="mix.csv", code="MIX", currency="EUR", frequency="monthly")
        found = book.returns(as_of=DAY, benchmark="MIX", frequency="monthly").table()
        rows = found.rows()
        assert [row["net"] for row in rows] == pytest.approx([0.1, 1200 / 1100 - 1], abs=1e-14)
        assert [row["benchmark"] for row in rows] == pytest.approx([0.03, -0.01], abs=1e-14)
        assert not any("linked over" in note for note in found.notes)
        whole = book.returns(as_of=DAY, benchmark="MIX", frequency="yearly").table().rows()[-1]
        assert whole["benchmark"] == pytest.approx(1.03 * 0.99 - 1, abs=1e-14)


def test_yields_of_curves_carry_a_hedge(plain: argosy.Book) -> None:
    for code, currency, rate in (("GOVT", "EUR", 0.02), ("TSY", "USD", 0.05)):
        rows = "".join(f"{day},0.25,{rate}\n{day},10,0.03\n" for day in FX)
        plain.import_curve(("date,tenor,yield\n" + rows).encode(), code=code, currency=currency, name=f"{code}.csv")
    expected = 1.0
    for marks in (("2023-12-29", "2024-01-31"), ("2024-01-31", "2024-02-15", "2024-02-29")):
        first, last = marks[0], marks[-1]
        home = foreign = 1.0
        for before, day in pairwise(marks):
            passed = (date.fromisoformat(day) - date.fromisoformat(before)).days / 365
            home, foreign = home * (1 + 0.02 * passed), foreign * (1 + 0.05 * passed)
        local, currency = USD[last] / USD[first] - 1, FX[first] / FX[last] - 1
        expected *= (1 + local) * (1 + currency) + home / foreign - 1 - currency
    assert _rate(plain, "WORLD:hedged(GOVT/TSY)") == pytest.approx(expected - 1, abs=1e-13)


def test_a_benchmark_out_of_its_time_is_refused(plain: argosy.Book) -> None:
    with pytest.raises(MissingData, match="no benchmark holds before 2025-01-01"):
        _rate(plain, "HOME from 2025-01-01")
    with pytest.raises(InvalidInput, match="not in order"):
        _rate(plain, "HOME from 2024-01-01; WORLD from 2023-01-01")
    plain.import_benchmark(_levels("SHORT", {"2023-12-29": 1.0, "2024-01-31": 1.1}), code="SHORT", currency="EUR",
                           name="short.csv")  # fmt: skip
    with pytest.raises(MissingData, match="no benchmark has a return from 2024-01-31 to 2024-02-15"):
        _rate(plain, "SHORT; HOME from 2024-02-29")
    months = b"date,segment,weight,return\n2024-01-31,A,1,0.02\n"
    plain.import_segments(months, name="m.csv", code="MIX", currency="EUR", frequency="monthly")
    with pytest.raises(InvalidInput, match="take turns"):
        _rate(plain, "MIX; HOME from 2024-02-01")
    with pytest.raises(MissingData, match="OLD ends on 2023-12-29"):
        plain.import_benchmark(_levels("OLD", {"2023-06-30": 1.0, "2023-12-29": 1.1}), code="OLD", currency="EUR",
                               name="old.csv")  # fmt: skip
        _rate(plain, "WORLD:hedged(OLD/SOFR)")


def test_what_does_not_reach_the_book_is_refused(plain: argosy.Book) -> None:
    """Each with the days of the book, so that a person sees what is missing."""
    for code, values in (
        ("EARLY", {"2020-01-31": 90.0, "2020-02-28": 91.0}), ("FIRST", {"2023-12-29": 90.0, "2024-01-31": 91.0}),
        ("LATER", {"2024-02-15": 90.0, "2024-02-29": 91.0}),
    ):  # fmt: skip
        plain.import_benchmark(_levels(code, values), code=code, currency="EUR", name=f"{code}.csv")
    plain.import_instruments(b"code,name,type,currency\nNEW,New,equity,EUR\nFAR,Far,equity,GBP\n", name="more.csv")
    plain.import_prices(
        b"date,instrument,price\n2024-02-29,NEW,10\n" + "".join(f"{day},FAR,10\n" for day in FX).encode(), name="q.csv"
    )
    plain.define_benchmark("ONLY", currency="EUR", instruments=["ACME", "NEW"], rebalance="daily")
    for text, said in (
        ("EARLY", "EARLY has no two days in common with the book"),
        ("50% FIRST + 50% LATER", "share no day with the book"),
        ("NEW", "NEW has no two days in common"),
        ("ONLY", "benchmark ONLY has no two days in common"),
    ):
        with pytest.raises(MissingData, match=said) as refused:
            _rate(plain, text)
        assert refused.value.found == "the book runs from 2023-12-29 to 2024-02-29"
    with pytest.raises(MissingRate, match="the benchmark needs GBP/EUR from 2023-12-29 to 2024-02-29"):
        _rate(plain, "FAR")


def test_segments_of_another_currency_and_of_another_time(plain: argosy.Book) -> None:
    told = b"date,segment,weight,return\n2024-01-31,A,0.5,0.02\n2024-01-31,B,0.5,0.04\n"
    plain.import_segments(told, name="usd.csv", code="DOLLARS", currency="USD", frequency="monthly")
    found = plain.attribution(as_of=DAY, periods="ITD", benchmark="DOLLARS", by="security").results[0]
    # 2023-12-31 has the rate of the 29th; each dollar buys fewer euros at the end of January
    assert found.linked.benchmark == pytest.approx(1.03 * 1.10 / 1.12 - 1, abs=1e-14)
    assert abs(found.residual) < 1e-12
    old = b"date,segment,weight,return\n2019-01-31,A,1,0.02\n"
    plain.import_segments(old, name="old.csv", code="OLD", currency="EUR", frequency="monthly")
    with pytest.raises(MissingData, match="the segments of OLD share no period with the book"):
        plain.attribution(as_of=DAY, benchmark="OLD", by="security")
