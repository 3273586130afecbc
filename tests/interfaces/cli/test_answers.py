"""Answers in each shape: tables for people, JSON, CSV and Parquet for programs; writes with a preview."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest

import argosy
from argosy.base.table import Table
from tests.interfaces.conftest import Run

READS = ["positions", "lots", "cash", "transactions", "income", "gains", "value", "history", "returns", "batches",
         "portfolio list", "portfolio show GROWTH", "portfolio history GROWTH", "account list", "sleeve list",
         "group list", "group show HOUSE", "currency list", "mandate list GROWTH", "benchmark list", "source list",
         "verify", "doctor --book book.db", "explain value GROWTH", "explain position GROWTH/ACME"]  # fmt: skip


@pytest.mark.parametrize("line", READS)
def test_each_question_answers_in_each_shape(run: Run, folder: Path, line: str) -> None:
    words = line.split()
    text = run(*words)
    assert text.exit_code == 0, text.stderr
    assert text.stdout.strip()
    as_json = run(*words, "--format", "json")
    table = Table.from_json(as_json.stdout)
    as_csv = run(*words, "--format", "csv")
    rows = list(csv.reader(io.StringIO(as_csv.stdout_bytes.decode(), newline="")))
    assert rows[0] == list(table.column_names)
    assert len(rows) == len(table) + 1
    wrote = run(*words, "--output", "answer.parquet")
    assert wrote.exit_code == 0, wrote.stderr
    assert wrote.stdout == ""
    assert "wrote answer.parquet" in wrote.stderr
    found = pyarrow.parquet.read_table(folder / "answer.parquet")
    assert found.column_names == list(table.column_names)
    assert found.num_rows == len(table)


def test_digits_are_the_same_in_every_shape(run: Run, folder: Path) -> None:
    expected = json.loads(run("value", "--format", "json").stdout)["rows"]
    rows = list(csv.DictReader(io.StringIO(run("value", "-f", "csv").stdout)))
    assert [row["nav"] for row in rows] == [row["nav"] for row in expected]
    run("value", "-o", "v.parquet")
    navs = pyarrow.parquet.read_table(folder / "v.parquet")["nav"].to_pylist()
    assert navs == [Decimal(row["nav"]) for row in expected]
    with argosy.open("book.db") as book:
        assert [row["nav"] for row in book.value().table()] == navs


def test_what_it_is_worth_by_hand(run: Run) -> None:
    """GROWTH: 50,000 - 10,005 - 11,000 + 63.75 + 4,116 USD, 60 ACME at 104, 1,000 PENNY at 260 p and 5,545 GBP.

    GBP to USD by the euro rates known on the day: 1.135 / 0.84.
    """
    rows = json.loads(run("value", "-f", "json").stdout)["rows"]
    pounds = Decimal(8100 - 2555) + Decimal(1000) * Decimal("2.60")
    expected = Decimal("33174.75") + 60 * 104 + pounds * Decimal("1.135") / Decimal("0.84")
    assert Decimal(rows[0]["nav"]) == expected.quantize(Decimal("0.01"))
    assert Decimal(rows[1]["nav"]) == Decimal(5000) + 1500 * Decimal("10.2")
    assert rows[0]["portfolio"] == "GROWTH"


def test_columns_are_chosen_by_name(run: Run) -> None:
    result = run("cash", "--columns", "currency, traded", "--format", "csv", "--portfolio", "GROWTH")
    assert result.stdout_bytes == b"currency,traded\r\nGBP,5545.0000\r\nUSD,33174.7500\r\n"


def test_a_hostile_name_is_only_text(run: Run) -> None:
    text = run("positions", "--format", "csv").stdout
    assert "\"'=HYPERLINK" in text  # a spreadsheet shows it and does not run it
    assert '=HYPERLINK("x") <b>fund</b>' in json.loads(run("positions", "-f", "json").stdout)["rows"][2]["name"]


def test_a_group_is_valued_as_one(run: Run) -> None:
    rows = json.loads(run("value", "--group", "HOUSE", "--currency", "EUR", "-f", "json").stdout)["rows"]
    assert [row["portfolio"] for row in rows] == ["HOUSE"]
    one = json.loads(run("value", "--currency", "EUR", "-f", "json").stdout)["rows"]
    assert Decimal(rows[0]["nav"]) == pytest.approx(sum(Decimal(row["nav"]) for row in one), abs=Decimal("0.01"))


def test_both_time_axes(run: Run, folder: Path) -> None:
    before = json.loads(run("batches", "-f", "json").stdout)["rows"][-1]["known_at"]
    (folder / "late.csv").write_text(
        "date,type,portfolio,instrument,quantity,price,currency\n2022-01-04,buy,GROWTH,ACME,10,101.5,USD\n"
    )
    assert run("import", "transactions", "late.csv").exit_code == 0
    now = run("positions", "-p", "GROWTH", "--as-of", "2022-01-04", "--columns", "instrument,quantity", "-f", "csv")
    assert "ACME,110.00000000" in now.stdout
    then = run("positions", "-p", "GROWTH", "--as-of", "2022-01-04", "--known-at", before,
               "--columns", "instrument,quantity", "-f", "csv")  # fmt: skip
    assert "ACME,100.00000000" in then.stdout


# -- writes ---------------------------------------------------------------------------------------------------------

WRITES = [
    "portfolio create NEW --currency CHF",
    "portfolio set GROWTH --name Growing --attribute client=Ann",
    "account create GROWTH SECOND --name Second",
    "sleeve create GROWTH CORE",
    "group create ALL --member GROWTH",
    "group set HOUSE GROWTH --from 2022-01-04",
    "currency set CHF --scale 6",
    "benchmark define MIX ACME FUND --currency EUR",
    "source prefer prices test",
    "import transactions new.csv",
    "import prices more.csv",
    "import fx fx.csv",
    "import instruments one.csv",
    "import benchmark levels.csv --code INDEX2 --currency EUR",
    "import calendar CUSTOM days.csv",
    "mandate set GROWTH m.toml",
    "void --event DIVIDEND",
    "correct SALE quantity=-30",
    "close",
]


@pytest.fixture
def with_files(folder: Path) -> None:
    (folder / "new.csv").write_text("date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,5,USD\n")
    (folder / "more.csv").write_text("date,instrument,price\n2022-01-10,ACME,105\n")
    (folder / "fx.csv").write_text("date,base,quote,rate\n2022-01-10,EUR,USD,1.14\n")
    (folder / "one.csv").write_text("code,name,type,currency\nNEW,New,equity,EUR\n")
    (folder / "levels.csv").write_text("date,level\n2022-01-03,1\n2022-01-04,2\n")
    (folder / "days.csv").write_text("date\n2022-01-03\n2022-01-04\n")
    (folder / "m.toml").write_text('[lots]\nmethod = "HIFO"\n')


@pytest.mark.usefixtures("with_files")
@pytest.mark.parametrize("line", WRITES)
def test_a_dry_run_shows_and_writes_nothing(run: Run, folder: Path, line: str) -> None:
    with argosy.open("book.db") as book:
        before = book.watermark
        events = {str(row["type"]): str(row["event"]) for row in book.transactions(portfolio="GROWTH").table().rows()}
    line = line.replace("DIVIDEND", events["dividend"]).replace("SALE", events["sell"])
    tried = run(*line.split(), "--dry-run")
    assert tried.exit_code == 0, tried.stderr or tried.exception
    assert "nothing" in tried.stdout + tried.stderr
    with argosy.open("book.db") as book:
        assert book.watermark == before
    done = run(*line.split())
    assert done.exit_code == 0, done.stderr
    with argosy.open("book.db") as book:
        assert book.watermark.seq > before.seq


def test_a_batch_is_taken_back_whole(run: Run, folder: Path) -> None:
    (folder / "wrong.csv").write_text("date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,777,USD\n")
    cash = run("cash", "-f", "csv").stdout
    assert run("import", "transactions", "wrong.csv").exit_code == 0
    assert run("cash", "-f", "csv").stdout != cash
    number = json.loads(run("batches", "-f", "json").stdout)["rows"][-1]["batch"]
    assert run("void", "--batch", str(number), "--reason", "wrong file").exit_code == 0
    assert run("cash", "-f", "csv").stdout == cash
    assert json.loads(run("batches", "-f", "json").stdout)["rows"][-2]["voided"] is True


def test_a_file_from_standard_input(run: Run) -> None:
    result = run(
        "import", "transactions", "-", stdin="date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,5,USD\n"
    )
    assert result.exit_code == 0
    assert "stdin: 1 rows of transactions: 1 inserted" in result.stderr


def test_again_is_known(run: Run, folder: Path) -> None:
    (folder / "d.csv").write_text("date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,5,USD\n")
    run("import", "transactions", "d.csv")
    again = run("import", "transactions", "d.csv")
    assert again.exit_code == 0
    assert "1 known" in again.stderr


def test_good_rows_only_when_asked(run: Run, folder: Path) -> None:
    (folder / "mixed.csv").write_text(
        "date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,5,USD\n2022-01-07,deposit,NOBODY,5,USD\n"
    )
    refused = run("import", "transactions", "mixed.csv")
    assert refused.exit_code == 3
    assert "mixed.csv line 3" in refused.stderr
    taken = run("import", "transactions", "mixed.csv", "--accept-good")
    assert taken.exit_code == 0
    assert "1 inserted" in taken.stderr
    assert "mixed.csv line 3" in taken.stderr


def test_backup_and_restore_agree(run: Run, folder: Path) -> None:
    head = run("backup", "copy.argosy").stdout.strip()
    made = run("restore", "copy.argosy", "--book", "again.db")
    assert made.exit_code == 0, made.stderr
    assert made.stdout.strip() == head
    assert run("verify", "--book", "again.db", "--against", head).exit_code == 0
    assert run("value", "--book", "again.db", "-f", "csv").stdout == run("value", "-f", "csv").stdout


def test_doctor_says_what_to_mend(run: Run, folder: Path) -> None:
    for file in (folder / "book.market").iterdir():
        file.unlink()
    result = run("doctor", "--book", "book.db")
    assert result.exit_code == 10
    assert "to mend: market files" in result.stderr
    assert "backup" in result.stdout


def test_the_mandate_comes_back_as_text(run: Run, folder: Path) -> None:
    template = run("mandate", "template").stdout
    (folder / "t.toml").write_text(template)
    assert run("mandate", "check", "t.toml").exit_code == 0
    assert run("mandate", "show", "GROWTH").stdout.startswith("[portfolio]")
    assert run("mandate", "show", "INCOME").stdout.startswith("# Mandate")


def test_the_book_is_found_by_its_variable(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOSY_BOOK", str(folder / "book.db"))
    monkeypatch.chdir("/")
    assert run("portfolio", "list").exit_code == 0
