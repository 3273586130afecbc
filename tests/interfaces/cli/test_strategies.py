"""``argosy strategy`` as a person uses it: careers in the wrong order, wrong files, sleeves that are not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import argosy
from argosy.interfaces.cli import cli

ORDERS = "strategy,instrument,quantity,price\nA,X,1000,50\nB,X,-600,50\nC,X,-100,50\n"
RETURNS = "date,A,B\n" + "".join(
    f"{2020 + month // 12}-{month % 12 + 1:02d}-28,{0.01 * (month % 5 - 1.5):.4f},{0.02 * (month % 3 - 0.8):.4f}\n"
    for month in range(24)
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("strategies")
    with argosy.create(str(home / "book.db")) as book:
        book.create_portfolio("P", currency="USD")
        book.create_sleeve("P", "T")
        book.import_instruments(b"code,name,type,currency\nX,X,equity,USD\nY,Y,equity,USD\n", name="i.csv")
        rows = "date,instrument,price\n" + "".join(
            f"{2020 + month // 12}-{month % 12 + 1:02d}-28,{name},{100 + (month * step) % 17}\n"
            for month in range(24) for name, step in (("X", 5), ("Y", 3))
        )  # fmt: skip
        book.import_prices(rows.encode(), name="p.csv")
        book.import_transactions(
            b"date,type,portfolio,sleeve,instrument,quantity,price,net\n2020-01-28,deposit,P,T,,,,2000\n"
            b"2020-01-28,buy,P,T,X,10,100,\n2020-01-28,buy,P,T,Y,5,100,\n", name="t.csv",
        )  # fmt: skip
        book.create_strategy("TREND", by="ann", portfolio="P", sleeve="T")
    (home / "orders.csv").write_text(ORDERS)
    (home / "fills.csv").write_text("instrument,quantity,price\nX,200,50.1\n")
    (home / "returns.csv").write_text(RETURNS)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARGOSY_BOOK", "book.db")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def run(words: str) -> Result:
    return CliRunner().invoke(cli, ["strategy", *words.split("|")])


def ok(words: str) -> str:
    done = run(words)
    assert done.exit_code == 0, done.output
    return done.output


def test_net_and_share(home: Path) -> None:
    told = ok("net|orders.csv|--cost|10bp")
    assert "no strategy pays more than alone" in told
    assert ok("net|orders.csv|--format|csv").splitlines()[1] == "A,X,1000,700,300"
    assert "200" in ok("share|fills.csv|--orders|orders.csv")
    (home / "who.csv").write_text("first,second,allowed,rule\nA,B,no,client bars it\n")
    barred = ok("net|orders.csv|--permissions|who.csv")
    assert "A and B may not cross: client bars it" in barred
    assert "900" in barred
    assert "A" in ok("share|fills.csv|--orders|orders.csv|--permissions|who.csv")


def test_capital(home: Path) -> None:
    plain = ok("allocate|returns.csv|--method|equal|--format|csv|--columns|strategy,weight").splitlines()
    assert plain[1:] == ["A,0.5", "B,0.5"]
    budgeted = ok("allocate|returns.csv|--budget|A=30%|--budget|B=0.7|--format|csv|--columns|risk_share").splitlines()
    assert [round(float(one), 6) for one in budgeted[1:]] == [0.3, 0.7]
    capped = ok("allocate|returns.csv|--method|inverse volatility|--capacity|A=10%|--format|csv").splitlines()
    assert capped[1].startswith("A,0.1,")
    assert capped[1].endswith("true")
    assert "fraction of Kelly" in ok("allocate|returns.csv|--method|kelly|--fraction|25%")
    assert "views" in ok("allocate|returns.csv|--method|views|--view|A - B earns 2% confidence 60%")


def test_a_career_from_the_command_line(home: Path) -> None:
    assert "research" in ok("list")
    assert "asked: strategy TREND" in ok("promote|TREND|paper|--by|ann")
    assert "approved" in ok("approve|TREND|--by|bob")
    closed = run("promote|TREND|incubation|--by|ann")
    assert closed.exit_code != 0
    assert "periods of 24 asked for" in closed.output  # its sleeve has 22 whole months
    assert "sharpe" in ok("promote|TREND|incubation|--by|ann|--override|seeded by the house")
    assert "refused" in ok("approve|TREND|--by|bob|--refuse|--reason|too early")
    ok("trial|TREND|--inputs|3fa1|--sharpe|0.1|--periods|9|--by|ann")
    assert "known trial" in ok("trial|TREND|--inputs|3fa1|--sharpe|0.1|--periods|9|--by|ann")
    (home / "record.csv").write_text("return\n" + "".join(f"{0.01 + 0.001 * (at % 4)}\n" for at in range(30)))
    assert "deflated" in ok("promote|TREND|incubation|--by|ann|--returns|record.csv|--dry-run")
    assert "3fa1" in ok("show|TREND")
    evaluated = CliRunner().invoke(cli, [
        "evaluate", "-p", "P", "-m", "minimum variance", "--window", "6", "--every", "4", "--draws", "100",
        "--frequency", "monthly", "--strategy", "TREND", "--by", "ann",
    ])  # fmt: skip
    assert evaluated.exit_code == 0, evaluated.output
    assert "trial: strategy TREND" in evaluated.output


def test_sleeves(home: Path) -> None:
    assert "diversification ratio" in ok("risk|-p|P")
    assert "no alarm" in ok("watch|-p|P|--sleeve|T|--expected|2%|--tracking-error|20%")
    assert "GROWTH" not in ok("watch|-p|P|--sleeve|T|--expected|2%|--tracking-error|20%|--benchmark|none")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("net|nowhere.csv", "does not exist"),
        ("net|returns.csv", "unknown column 'strategy'"),
        ("net|orders.csv|--cost|much", "is not a number"),
        ("net|orders.csv|--permissions|fills.csv", "unknown column 'first'"),
        ("share|fills.csv", "Missing option '--orders'"),
        ("share|orders.csv|--orders|orders.csv", "1000 of X were bought and 300 were sent"),
        ("allocate|orders.csv", "unknown column 'date'"),
        ("allocate|returns.csv|--method|magic", "'magic'"),
        ("allocate|returns.csv|--budget|A", "'A' is no budget"),
        ("allocate|returns.csv|--budget|A=much", "is no budget"),
        ("allocate|returns.csv|--budget|A=40%|--budget|B=40%", "budgets sum to 0.8"),
        ("allocate|returns.csv|--budget|A=50%", "B has no budget"),
        ("allocate|returns.csv|--capacity|Z=50%", "unknown strategy 'Z'"),
        ("allocate|returns.csv|--capacity|A=30%|--capacity|B=30%", "the caps sum to 0.6"),
        ("allocate|returns.csv|--method|views", "there is no view"),
        ("allocate|returns.csv|--method|views|--view|A is good", "cannot read the view"),
        ("allocate|returns.csv|--method|kelly|--fraction|200%", "the fraction of Kelly is 2"),
        ("risk", "Missing option '--portfolio'"),
        ("risk|-p|Q", "unknown portfolio 'Q'"),
        ("watch|-p|P|--sleeve|S|--expected|2%|--tracking-error|4%", "unknown sleeve of P 'S'"),
        ("watch|-p|P|--sleeve|T|--expected|2%|--tracking-error|0", "tracking_error"),
        ("watch|-p|P|--sleeve|T|--expected|-2%|--tracking-error|4%", "the return of lost skill"),
        ("create|TREND|--by|ann", "exists already"),
        ("create|NEW|--by|ann|--sleeve|T", "a sleeve belongs to a portfolio"),
        ("promote|TREND|live|--by|ann", "TREND is research: it cannot go to live"),
        ("promote|TREND|lively|--by|ann", "unknown stage 'lively'"),
        ("promote|TRENT|paper|--by|ann", "did you mean 'TREND'"),
        ("approve|TREND|--by|bob", "nobody asked"),
        ("approve|TREND|--by|bob|--refuse", "a refusal needs a reason"),
        ("trial|TREND|--inputs|x|--sharpe|0.1|--periods|1|--by|ann", "is not in the range"),
        ("list|--stage|paperr", "unknown stage 'paperr'"),
    ],
)
def test_clumsy_input(home: Path, words: str, said: str) -> None:
    done = run(words)
    assert done.exit_code not in (0, 1), done.output
    assert said in done.output, done.output


def test_returns_short_or_unreadable(home: Path) -> None:
    (home / "few.csv").write_text("\n".join(RETURNS.splitlines()[:6]) + "\n")
    assert "has 5 returns" in run("allocate|few.csv").output
    (home / "ragged.csv").write_text(RETURNS + "2022-01-28,0.01\n")
    assert "cannot be read" in run("allocate|ragged.csv").output
    (home / "record.csv").write_text("return\nten\n")
    ok("promote|TREND|paper|--by|ann")
    ok("approve|TREND|--by|bob")
    assert "is not a number" in run("promote|TREND|incubation|--by|ann|--returns|record.csv").output
