"""``argosy rebalance``, ``outbox`` and shared policies as a person uses them, in the wrong order too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import argosy
from argosy.interfaces.cli import cli
from argosy.interfaces.cli.rebalancing import outbox_command, rebalance_command
from argosy.interfaces.cli.strategies import strategy_command

MANDATE = """[targets]
source = "weights"
weights = ["AAA 50%", "BBB 45%"]
[rebalancing]
absolute = "3%"
only_if_it_pays = false
[costs]
half_spread = "5bp"
[approvals]
required = 2
[risk_model]
frequency = "as given"
"""
PRICES = "date,instrument,price\n" + "".join(
    f"2022-01-{day:02d},AAA,{100 + 2 * (day - 3) + day % 2}\n2022-01-{day:02d},BBB,{100 + day % 3}\n"
    for day in range(3, 15)
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("rebalancing")
    with argosy.create(str(home / "book.db")) as book:
        book.create_portfolio("GROWTH", currency="USD", mandate=MANDATE)
        book.create_portfolio("EMPTY", currency="USD")
        book.import_instruments(b"code,name,type,currency\nAAA,Alpha,equity,USD\nBBB,Beta,equity,USD\n", name="i.csv")
        book.import_prices(PRICES.encode(), name="p.csv")
        rows = ("date,type,portfolio,instrument,quantity,price,net\n2022-01-03,deposit,GROWTH,,,,10000\n"
                "2022-01-03,buy,GROWTH,AAA,50,101,\n2022-01-03,buy,GROWTH,BBB,45,100,\n")  # fmt: skip
        assert book.import_transactions(rows.encode(), name="t.csv").written
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for one in template.iterdir():
        if one.is_dir():
            shutil.copytree(one, tmp_path / one.name)
        else:
            shutil.copy(one, tmp_path / one.name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARGOSY_BOOK", "book.db")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def ok(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.output


def refused(code: int, said: str, *words: str) -> None:
    done = run(*words)
    assert done.exit_code == code, done.output
    assert said in done.output


def sent(home: Path) -> None:
    ok("rebalance", "propose", "-p", "GROWTH", "--by", "ann")
    for who in ("bob", "cat"):
        ok("rebalance", "approve", "1", "--by", who)
    ok("rebalance", "send", "1", "--by", "desk", "--orders", "orders.csv")
    assert (home / "orders.csv").exists()


def test_the_whole_loop(home: Path) -> None:
    assert "over its band" in ok("rebalance", "check", "-p", "GROWTH")
    dry = ok("rebalance", "propose", "-p", "GROWTH", "--by", "ann", "--dry-run")
    assert "nothing written" in dry
    sent(home)
    orders = (home / "orders.csv").read_text().splitlines()
    first = dict(zip(orders[0].split(","), orders[1].split(","), strict=False))
    ok("rebalance", "send", "1", "--by", "desk", "--orders", "orders.fix")
    assert f"\x0155={first['instrument']}\x01" in (home / "orders.fix").read_text()
    assert first["instrument"] in ok("rebalance", "send", "1", "--by", "desk")  # on the screen, once more
    (home / "fills.csv").write_text(f"order,date,quantity,price,reference\n1-1,2022-01-14,1,{first['price']},F1\n")
    assert "1 inserted" in ok("rebalance", "fill", "fills.csv", "--by", "BROKER")
    assert "1 known" in ok("rebalance", "fill", "fills.csv", "--by", "BROKER")
    ok("rebalance", "bust", "1", "F1", "--by", "BROKER", "--reason", "trade break")
    ok("rebalance", "replace", "1-1", "1", "--by", "desk")
    # What is replaced is over; a new order stands for the rest.
    places = [line.split(",")[0] for line in orders[2:]] + [f"1-{len(orders)}"]
    ok("rebalance", "cancel", *places, "--by", "desk", "--reason", "closed")
    shown = ok("rebalance", "show", "1")
    assert "bust" in shown
    assert "replace order" in shown
    assert "GROWTH" in ok("rebalance", "history", "-p", "GROWTH")
    assert "nothing written" in ok("rebalance", "expire")


def test_steps_in_the_wrong_order(home: Path) -> None:
    refused(2, "there is no proposal 1", "rebalance", "show", "1")
    ok("rebalance", "propose", "-p", "GROWTH", "--by", "ann")
    for code, said, words in (
        (5, "cannot approve it", ("approve", "1", "--by", "ann")),
        (5, "1", ("send", "1", "--by", "desk")),
        (2, "Missing option '--by'", ("approve", "1")),
        (2, "is not in the range", ("approve", "0", "--by", "bob")),
        (2, "Missing argument", ("approve", "--by", "bob")),
        (2, "'twelve'", ("reject", "twelve", "--by", "bob", "--reason", "x")),
        (2, "Missing option '--reason'", ("reject", "1", "--by", "bob")),
        (2, "is not an order", ("cancel", "one-two", "--by", "desk")),
        (2, "a broker refuses orders", ("cancel", "1", "--by", "desk", "--refused")),
        (2, "is not an order", ("replace", "1", "3", "--by", "desk")),
    ):
        done = run("rebalance", *words)
        assert done.exit_code != 0, words
        assert done.exit_code in (code, 2, 3, 4, 5, 6), done.output
        assert said in done.output, (words, done.output)
    ok("rebalance", "reject", "1", "--by", "bob", "--reason", "earnings tomorrow")
    done = run("rebalance", "approve", "1", "--by", "cat")
    assert done.exit_code != 0
    assert "rejected" in done.output
    assert "nothing new" in ok("rebalance", "check", "-p", "GROWTH", "--format", "csv", "--columns", "why")
    ok("rebalance", "propose", "-p", "GROWTH", "--by", "ann", "--reason", "client asks")
    ok("rebalance", "cancel", "2", "--by", "ann")


def test_fills_that_cannot_be(home: Path) -> None:
    sent(home)
    for row, said in (
        ("9-1,2022-01-14,1,100,F1", "no order 9-1"), ("1-9,2022-01-14,1,100,F1", "no order 1-9"),
        ("1-1,2022-01-14,999,100,F1", "more than order 1"), ("x,2022-01-14,1,100,F1", "x"),
    ):  # fmt: skip
        (home / "fills.csv").write_text(f"order,date,quantity,price,reference\n{row}\n")
        done = run("rebalance", "fill", "fills.csv", "--by", "BROKER")
        assert done.exit_code != 0, row
        assert said in done.output, done.output
        assert "line 2" in done.output
    refused(2, "does not exist", "rebalance", "fill", "nowhere.csv", "--by", "BROKER")
    ok("rebalance", "cancel", "1-1", "--by", "BROKER", "--refused", "--reason", "unknown symbol")


def test_a_portfolio_without_anything_is_named_and_stops_no_other(home: Path) -> None:
    told = ok("rebalance", "check", "--format", "table")
    assert "GROWTH" in told
    assert "EMPTY" in told
    done = run("rebalance", "check", "-p", "EMPTY")
    assert done.exit_code != 0
    refused(2, "unknown portfolio 'GROWHT'", "rebalance", "check", "-p", "GROWHT")


def test_the_outbox_waits_until_it_is_acknowledged(home: Path) -> None:
    ok("rebalance", "propose", "-p", "GROWTH", "--by", "ann")
    read = ["outbox", "read", "OMS", "--kind", "proposal", "--format", "csv", "--columns", "seq"]
    seq = ok(*read).splitlines()[1]
    assert ok(*read).splitlines()[1] == seq
    assert f"OMS is at {seq}" in ok("outbox", "ack", "OMS", seq)
    assert ok(*read).splitlines() == ["seq"]
    assert "nothing new" in ok("outbox", "ack", "OMS", seq)
    for words in (("ack", "OMS", "999999"), ("ack", "OMS", "0"), ("read", "OMS", "--kind", "gossip")):
        assert run("outbox", *words).exit_code != 0, words


def test_policies_and_differences_of_mandates(home: Path) -> None:
    (home / "house.toml").write_text('[limits]\nrules = ["weight of each <= 60%"]\n')
    (home / "client.toml").write_text('[inherit]\nfrom = ["HOUSE"]\n')
    refused(2, "unknown policy 'HOUSE'", "mandate", "set", "EMPTY", "client.toml")
    assert "dry run" in ok("mandate", "policy", "HOUSE", "house.toml", "--dry-run")
    ok("mandate", "policy", "HOUSE", "house.toml")
    ok("mandate", "set", "EMPTY", "client.toml")
    assert "EMPTY" in ok("mandate", "policies")
    assert "weight of each <= 60%" in ok("mandate", "show", "EMPTY", "--whole")
    assert "limits.rules" in ok("mandate", "diff", "EMPTY", "GROWTH")
    assert "targets.source" in ok("mandate", "diff", "GROWTH", "house.toml")
    assert run("mandate", "diff", "EMPTY", "NOBODY").exit_code != 0
    ok("mandate", "schema", "--output", "schema.json")
    assert (home / "schema.json").read_text().startswith("{")


@pytest.mark.parametrize("group", [rebalance_command, outbox_command, strategy_command], ids=lambda one: str(one.name))
def test_examples_of_help_name_their_own_command_and_options(group: object) -> None:
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert command.epilog.startswith(f"Example: argosy {group.name} {name}"), name  # type: ignore[attr-defined]
        known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
        words = command.epilog.split(" && ")[0].split()
        assert {word for word in words if word.startswith("-")} <= known, name
