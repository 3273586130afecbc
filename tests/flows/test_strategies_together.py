"""Strategies inside a portfolio through the book: transfers, look-through, alarms, promotion on a sleeve's record."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure, UnknownName
from argosy.construction.strategies.alarms import run_length
from argosy.construction.strategies.gates import GateClosed, GateRules

DAYS = [dt.date(2021, 1, 1) + dt.timedelta(days=i) for i in range(1200)]
WORKDAYS = [day for day in DAYS if day.weekday() < 5]


def prices() -> bytes:
    """Three names: ACME drifts up, BOLT follows it with noise, CASHY hardly moves."""
    rng = np.random.default_rng(11)
    steps = rng.normal([0.001, 0.0006, 0.0001], [0.008, 0.009, 0.0004], (len(WORKDAYS), 3))
    steps[:, 1] += 0.5 * steps[:, 0]
    levels = 100.0 * np.cumprod(1.0 + steps, axis=0)
    rows = ["date,instrument,price"]
    for day, level in zip(WORKDAYS, levels, strict=True):
        rows += [f"{day},{name},{price:.4f}" for name, price in zip(("ACME", "BOLT", "CASHY"), level, strict=True)]
    return "\n".join(rows).encode()


EVENTS = f"""date,type,portfolio,sleeve,instrument,quantity,price,net,currency,reference
{WORKDAYS[0]},deposit,P,TREND,,,,60000,USD,1
{WORKDAYS[0]},deposit,P,VALUE,,,,40000,USD,2
{WORKDAYS[0]},buy,P,TREND,ACME,300,100,,,3
{WORKDAYS[0]},buy,P,TREND,BOLT,100,100,,,4
{WORKDAYS[0]},buy,P,VALUE,BOLT,200,100,,,5
{WORKDAYS[0]},buy,P,VALUE,CASHY,100,100,,,6
{WORKDAYS[0]},deposit,P,,,,,10000,USD,7
{WORKDAYS[0]},buy,P,,CASHY,50,100,,,8
""".encode()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path_factory.mktemp("together") / "book.db")) as book:
        book.create_portfolio("P", currency="USD")
        for code in ("TREND", "VALUE", "EMPTY"):
            book.create_sleeve("P", code)
        listed = b"code,name,type,currency\nACME,Acme,equity,USD\nBOLT,Bolt,equity,USD\nCASHY,Cashy,equity,USD\n"
        for report in (
            book.import_instruments(listed, name="i.csv"), book.import_prices(prices(), name="p.csv"),
            book.import_transactions(EVENTS, name="t.csv"),
        ):  # fmt: skip
            assert report.written, str(report.table())
        yield book


def test_a_transfer_between_sleeves_is_external_to_them_and_nothing_to_the_whole(
    tmp_path: Path, shared_cases: Path
) -> None:
    cases = json.loads((shared_cases / "domain.json").read_text("utf-8"))["examples"]
    (case,) = [one for one in cases if one["id"] == "9.2-SLEEVE-TWR"]
    given, expected = case["inputs"], case["expected"]
    # In millions, so that money rounded to the cent says nothing to nine digits.
    million = 1_000_000
    first = {name: 1.0 + given["period1"][name] for name in "AB"}
    second = {name: first[name] * (1.0 + given["period2"][name]) for name in "AB"}
    moved = given["transfer_A_to_B"] * million
    lines = ["date,type,portfolio,sleeve,to_sleeve,instrument,quantity,price,net,currency,reference"]
    for name in "AB":
        amount = given["start"][name] * million
        lines += [f"2024-01-02,deposit,P,{name},,,,,{amount},USD,d{name}",
                  f"2024-01-02,buy,P,{name},,{name}{name},{amount},1,,,b{name}"]  # fmt: skip
    lines += [
        f"2024-01-03,sell,P,A,,AA,{moved / first['A']:.8f},{first['A']:.2f},,,s",
        f"2024-01-03,transfer,P,A,B,,,,{moved},USD,t",
        f"2024-01-03,buy,P,B,,BB,{moved / first['B']:.8f},{first['B']:.2f},,,n",
    ]
    quotes = ["date,instrument,price", *(f"2024-01-02,{name}{name},1" for name in "AB"),
              *(f"2024-01-03,{name}{name},{first[name]:.4f}" for name in "AB"),
              *(f"2024-01-04,{name}{name},{second[name]:.6f}" for name in "AB")]  # fmt: skip
    with argosy.create(str(tmp_path / "book.db")) as book:
        book.create_portfolio("P", currency="USD")
        for code in "AB":
            book.create_sleeve("P", code)
        for report in (
            book.import_instruments(b"code,name,type,currency\nAA,A,equity,USD\nBB,B,equity,USD\n", name="i.csv"),
            book.import_prices("\n".join(quotes).encode(), name="p.csv"),
            book.import_transactions("\n".join(lines).encode(), name="t.csv"),
        ):
            assert report.written, str(report.table())
        found = {
            row.subject: row.time_weighted.value
            for sleeve in (["A", "B"], [])
            for row in book.performance(as_of="2024-01-04", portfolio="P", sleeve=sleeve, periods="ITD").periods
        }
    told = {"P/A": expected["A_twr"], "P/B": expected["B_twr"], "P": expected["total_twr"]}
    assert found == pytest.approx(told, abs=case["tolerance"]["abs"])


def test_sleeves_looked_through_sum_to_the_portfolio(book: argosy.Book) -> None:
    found = book.sleeves_risk("P").found
    held = found.holdings
    assert held.strategies == ("none", "TREND", "VALUE")
    assert held.names == ("ACME", "BOLT", "CASHY")
    last = {name: float(row.split(b",")[2]) for name, row in zip(held.names, prices().splitlines()[-3:], strict=True)}
    money = {"ACME": 300 * last["ACME"], "BOLT": 300 * last["BOLT"], "CASHY": 150 * last["CASHY"]}
    whole = sum(money.values()) + 110_000 - 75_000
    for name, net in zip(held.names, held.net.tolist(), strict=True):
        assert net == pytest.approx(money[name] / whole, rel=1e-7)  # the value is rounded to the cent
    assert held.offsetting == ()
    assert found.risk is not None
    assert float(found.risk.contribution.sum()) == pytest.approx(found.risk.volatility, rel=1e-12)
    assert found.risk.diversification >= 1.0
    assert found.overlap is not None
    # TREND and VALUE share BOLT, TREND and what is in no sleeve share nothing.
    assert found.overlap[0, 1] == 0.0
    assert 0.0 < found.overlap[1, 2] < 1.0
    assert np.allclose(np.diag(found.overlap), 1.0)
    tables = book.sleeves_risk("P").tables
    assert [table.name for table in tables] == ["Sleeves of P", "Overlap", "Looked through"]


def test_risk_says_what_it_cannot_see(tmp_path: Path) -> None:
    with argosy.create(str(tmp_path / "book.db")) as book:
        book.create_portfolio("P", currency="USD", mandate='[lots]\noversell = "short"\n')
        book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,USD\n", name="i.csv")
        with pytest.raises(InvalidInput, match="nothing to look through"):
            book.import_transactions(b"date,type,portfolio,net,currency\n2024-01-02,deposit,P,10,USD\n", name="d.csv")
            book.sleeves_risk("P")
        book.import_prices(b"date,instrument,price\n2024-01-02,ACME,5\n", name="p.csv")
        book.import_transactions(
            b"date,type,portfolio,instrument,quantity,price\n2024-01-02,sell,P,ACME,1,5\n", name="t.csv"
        )
        answer = book.sleeves_risk("P")
    assert answer.found.risk is None
    assert answer.found.overlap is None
    assert "no tracking error" in str(answer)
    assert len(answer.tables) == 2


def monthly_by_hand() -> list[float]:
    """Returns of TREND by month: 300 ACME, 100 BOLT and 20,000 in cash, from its first whole month on."""
    ends: dict[str, float] = {}
    rows = [row.split(",") for row in prices().decode().splitlines()[1:]]
    for acme, bolt in zip(rows[::3], rows[1::3], strict=True):
        ends[acme[0][:7]] = 300 * float(acme[2]) + 100 * float(bolt[2]) + 20_000
    found = list(ends.values())
    whole = found if WORKDAYS[-1].month != (WORKDAYS[-1] + dt.timedelta(days=3)).month else found[:-1]
    return [after / before - 1.0 for before, after in itertools.pairwise(whole)]


def test_skill_is_watched_on_the_sleeves_own_returns(book: argosy.Book) -> None:
    calm = book.watch_sleeve("P", "TREND", expected=0.02, tracking_error=0.10)
    found = calm.found
    assert found.together == 3
    assert found.alarm.first is None
    assert found.active.tolist() == pytest.approx(monthly_by_hand(), abs=5e-7)  # values footed to the cent, of 60,000
    # Rare among all three sleeves together: each has a false alarm once in 3 x 10 years.
    assert found.alarm.false_alarm_periods == pytest.approx(360.0, rel=1e-6)
    assert found.alarm.false_alarm_periods == pytest.approx(
        run_length(found.alarm.reference, found.alarm.threshold), rel=1e-12
    )
    lost = book.watch_sleeve("P", "VALUE", expected=0.6, tracking_error=0.2, false_alarm_years=2.0)
    assert lost.found.alarm.first is not None
    assert str(lost.table().rows()[0]["alarm"]) in str(lost)
    with pytest.raises(UnknownName, match="sleeve of P"):
        book.watch_sleeve("P", "TRENT", expected=0.02, tracking_error=0.04)
    with pytest.raises(MissingData, match="EMPTY has no value"):
        book.watch_sleeve("P", "EMPTY", expected=0.02, tracking_error=0.04)
    with pytest.raises(InvalidInput, match="false_alarm_years"):
        book.watch_sleeve("P", "TREND", expected=0.02, tracking_error=0.04, false_alarm_years=0.0)


def test_a_promotion_is_judged_by_the_sleeves_own_returns(book: argosy.Book) -> None:
    for code, sleeve in (("UP", "TREND"), ("HOMELESS", "")):
        book.create_strategy(code, by="ann", portfolio="P", sleeve=sleeve)
        book.move_strategy(code, "paper", by="ann")
        book.answer_promotion(code, by="bob")
    with pytest.raises(GateClosed, match="HOMELESS has no record"):
        book.move_strategy("HOMELESS", "incubation", by="ann")
    asked = book.move_strategy("UP", "incubation", by="ann", rules=GateRules(0.5, 0.5, 24))
    assert asked.judged is not None
    record = np.array(monthly_by_hand())
    assert asked.judged.periods == record.size
    assert asked.judged.sharpe == pytest.approx(record.mean() / record.std(ddof=1), rel=1e-5)
    book.answer_promotion("UP", by="bob")
    # An override goes on without a record, and says so.
    assert book.move_strategy("HOMELESS", "incubation", by="ann", override="seeded elsewhere").judged is None


def test_a_record_of_one_month_is_none(tmp_path: Path) -> None:
    with argosy.create(str(tmp_path / "book.db")) as book:
        book.create_portfolio("P", currency="USD")
        book.create_sleeve("P", "S")
        book.import_transactions(
            b"date,type,portfolio,sleeve,net,currency\n2024-01-02,deposit,P,S,10,USD\n", name="d.csv"
        )
        book.create_strategy("NEW", by="ann", portfolio="P", sleeve="S")
        book.move_strategy("NEW", "paper", by="ann")
        book.answer_promotion("NEW", by="bob")
        with pytest.raises((UndefinedMeasure, MissingData)):
            book.move_strategy("NEW", "incubation", by="ann")


def test_trials_are_counted_by_whatever_evaluates(book: argosy.Book) -> None:
    book.create_strategy("TRIED", by="ann")
    asked = {"models": ["minimum variance", "risk parity"], "window": 200, "every": 100, "draws": 100}
    found = book.evaluate("P", strategy="TRIED", by="ann", **asked)  # type: ignore[arg-type]
    first = book.strategy("TRIED").tables[2]
    assert len(first) == 2
    told = [(float(str(row["sharpe_per_period"])), row["periods"]) for row in first.rows()]
    for (sharpe, periods), one in zip(told, found.evaluation.walks[1:], strict=True):
        assert sharpe == pytest.approx(one.returns.mean() / one.returns.std(ddof=1), rel=1e-9)
        assert periods == one.returns.size
    book.evaluate("P", strategy="TRIED", by="ann", **asked)  # type: ignore[arg-type]
    assert len(book.strategy("TRIED").tables[2]) == 2  # the same run again is no trial
    book.evaluate("P", strategy="TRIED", by="ann", **asked | {"window": 250})  # type: ignore[arg-type]
    assert book.strategies().table().rows()[-1]["trials"] == 4
