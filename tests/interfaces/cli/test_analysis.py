"""Performance, contribution and attribution on the command line: each shape, each view, each mistake answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interfaces.conftest import Run

SEGMENTS = "benchmark,date,segment,weight,return,currency\n" + "".join(
    f"MIX,{day},{name},0.5,{earned},USD\n"
    for day in ("2022-01-04", "2022-01-05", "2022-01-06", "2022-01-07")
    for name, earned in (("equity", "0.01"), ("fund", "-0.002"))
)
QUESTIONS = [
    "performance", "performance -p GROWTH --measures --period ITD", "performance -p GROWTH --measure volatility",
    "performance -p GROWTH --measure volatility --window 2 --period ITD", "performance --firm -c USD --period ITD",
    "performance -p GROWTH --basis gross --timing mixed --benchmark none", "performance -g HOUSE -c EUR --period ITD",
    "contribution -p GROWTH", "contribution -p GROWTH --by lot", "contribution -p GROWTH --by transaction",
    "contribution -p GROWTH --by currency --basis pretax", "attribution -p GROWTH --by type",
    "attribution -p GROWTH --by type --view securities", "attribution -p GROWTH --by type --view periods",
    "attribution -p GROWTH --by type --by security --benchmark ACME", "attribution -p GROWTH --by type --geometric",
    "attribution -p GROWTH --by type --benchmark MIX --merge-trading --linking grap",
    "attribution -p GROWTH --model risk --benchmark MIX", "attribution -p GROWTH --model factors --benchmark none",
    "attribution -p GROWTH --model factors --factors ONE --benchmark ACME --exposures imported --by type",
    "attribution -p GROWTH --model fixed-income --tenor 7 --curve GOV",
]  # fmt: skip


@pytest.fixture
def segments(run: Run, folder: Path) -> None:
    (folder / "mix.csv").write_text(SEGMENTS)
    done = run("import", "segments", "mix.csv", "--frequency", "daily")
    assert done.exit_code == 0, done.stderr
    for kind, text, more in (
        ("curve", "date,tenor,yield\n2022-01-03,5,0.01\n2022-01-07,5,0.011\n", ("--currency", "USD")),
        ("factors", "date,factor,return\n2022-01-04,mkt,0.01\n2022-01-05,mkt,0\n2022-01-06,mkt,-0.01\n", ()),
        ("exposures", "instrument,factor,exposure\nACME,mkt,1.1\nPENNY,mkt,0.6\n", ()),
    ):
        (folder / f"{kind}.csv").write_text(text)
        code = "GOV" if kind == "curve" else "ONE"
        done = run("import", kind, f"{kind}.csv", "--code", code, *more)
        assert done.exit_code == 0, done.stderr
    (folder / "map.csv").write_text("instrument,segment\nACME,equity\nFUND,fund\n")
    done = run("import", "classification", "map.csv")
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("line", QUESTIONS)
@pytest.mark.usefixtures("segments")
def test_each_question_answers(run: Run, line: str) -> None:
    text = run(*line.split())
    assert text.exit_code == 0, text.stderr
    found = run(*line.split(), "--format", "json")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["columns"]
    assert run(*line.split(), "--format", "csv").stdout.count("\n") >= 2


@pytest.mark.usefixtures("segments")
def test_what_the_close_stored(run: Run) -> None:
    assert run("contribution", "-p", "GROWTH", "--stored").exit_code != 0
    assert run("close").exit_code == 0
    fresh = json.loads(run("contribution", "-p", "GROWTH", "--format", "json").stdout)
    kept = json.loads(run("contribution", "-p", "GROWTH", "--stored", "--format", "json").stdout)
    assert len(kept["columns"]) == len(fresh["columns"])


@pytest.mark.parametrize(("line", "said"), [
    ("attribution -p GROWTH --model factors", "argosy import factors"),
    ("attribution -p GROWTH --model fixed-income --benchmark INDEX", "leave the benchmark out"),
    ("composite HOUSE", "--currency EUR"), ("composite HOUSE -c EUR", "a whole period"),
    ("composite HOUS -c EUR", "HOUSE"),
    ("attribution -p GROWTH --by tipe", "type"), ("attribution -p INCOME --by type", "no benchmark"),
    ("attribution -p GROWTH --benchmark 60%ACME --by type", "shares of the blend"),
    ("performance -p GROWTH --period 2022-13-01..2022-01-02", "not in the calendar"),
    ("performance -p GROWTH --period FOREVER", "YTD"),
    ("performance -p GROWTH --measure sharp", "sharpe_ratio"), ("performance --firm", "--currency"),
    ("performance -p GROWTH --convention none", "GIPS"),
])  # fmt: skip
def test_mistakes_are_answered(run: Run, line: str, said: str) -> None:
    found = run(*line.split())
    assert found.exit_code not in (0, 1), found.stdout + found.stderr
    assert said in found.stderr
