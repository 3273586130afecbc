"""The bad days of performance and attribution: each a typed outcome with its field, its range and the next step.

First through the functions of arrays, then through a book and its command line where such a day can arise there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import argosy
from argosy.base.errors import ArgosyError, InvalidInput, MissingData, MissingPrice, UndefinedMeasure
from argosy.interfaces.cli import cli
from argosy.measures.attribution.brinson import brinson
from argosy.measures.attribution.inputs import UndefinedEffect
from argosy.measures.attribution.linking import coefficients, link
from argosy.measures.attribution.risk import active_risk
from argosy.measures.attribution.trading import trading_effects
from argosy.measures.performance.benchmark import compare
from argosy.measures.performance.blends import matching_returns
from argosy.measures.performance.catalogue import measure_all, sharpe_ratio, total_return, volatility
from argosy.measures.performance.dietz import modified_dietz
from argosy.measures.performance.irr import money_weighted_return, xirr
from argosy.measures.performance.linking import simple_returns
from argosy.measures.performance.returns import daily_returns

NAN, INF = float("nan"), float("inf")
HALF = [[0.5, 0.5]]
ARRAYS: list[tuple[str, Callable[[], object], type[ArgosyError], str]] = [
    ("zero start", lambda: modified_dietz(0.0, 10.0), UndefinedMeasure, "capital"),
    ("negative start", lambda: trading_effects([[-1.0]], [[0.1]], [[0.1]], [0.1]), UndefinedEffect, "period 0 is -1"),
    ("total loss, linked", lambda: coefficients([0.1, -1.0], [0.1, 0.1]), UndefinedEffect, r"r_port\[1\] is -1"),
    ("beyond a total loss", lambda: total_return([0.1, -1.2], periods_per_year=252), UndefinedMeasure, "below -100%"),
    ("flows that eat the capital", lambda: modified_dietz(100.0, 5.0, [-150.0], [1.0]), UndefinedMeasure, "capital"),
    ("opened and closed at once", lambda: money_weighted_return(0.0, 0.0, 0, 10), UndefinedMeasure, "zero"),
    ("no rate at all", lambda: xirr([100.0, 5.0], [0, 365]), UndefinedMeasure, "sign"),
    ("no day in common", lambda: matching_returns([1, 2], [0.1, 0.1], [5], [0.1]), MissingData, "no day in common"),
    ("one day", lambda: volatility([0.01], periods_per_year=252), UndefinedMeasure, "too few"),
    ("one day of effects", lambda: active_risk(HALF, periods_per_year=252), UndefinedEffect, "1 periods"),
    ("constant", lambda: sharpe_ratio([0.01] * 30, periods_per_year=12), UndefinedMeasure, "do not vary"),
    ("constant active", lambda: active_risk(HALF * 9, periods_per_year=12), UndefinedEffect, "never varies"),
    ("NaN", lambda: measure_all([0.1, NAN, 0.2], periods_per_year=12), InvalidInput, r"returns\[1\] is nan"),
    ("infinity", lambda: measure_all([0.1, INF], periods_per_year=12), InvalidInput, r"returns\[1\] is inf"),
    ("NaN in effects", lambda: brinson(HALF, HALF, [[0.1, NAN]], HALF), InvalidInput, r"r_port\[0, 1\] is nan"),
    ("infinity to be linked", lambda: link([[INF]], [0.1], [0.1]), InvalidInput, r"effects\[0, 0\] is inf"),
    ("prices for returns", lambda: measure_all([100.0, 101.0, 99.0], periods_per_year=252), InvalidInput,
     "look like prices or percentages"),
    ("levels for a benchmark", lambda: measure_all([0.1, 0.2, 0.1], benchmark=[100.0, 101.0, 99.0],
                                                   periods_per_year=252), InvalidInput, "benchmark look like prices"),
    ("a price of zero", lambda: simple_returns([1.0, 0.0]), InvalidInput, r"prices\[1\] is 0"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "said"), [one[1:] for one in ARRAYS], ids=[one[0] for one in ARRAYS])
def test_arrays(call: Callable[[], object], error: type[ArgosyError], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        call()
    assert caught.value.next_step or caught.value.expected, "the next step is missing"


def test_a_day_without_capital_is_no_return() -> None:
    series = daily_returns([1, 2, 3, 4], [0, 100, 110, -5], [0, 100, 0, 0])
    assert series.defined.tolist() == [False, True, True]
    assert series.values[0] == 0.0


def test_a_benchmark_shorter_than_the_portfolio_is_named() -> None:
    mine = daily_returns([1, 2, 3, 4], [100, 101, 102, 103], [0, 0, 0, 0])
    found = compare(mine, np.array([3, 4]), np.array([50.0, 51.0]))
    assert found.portfolio.days.tolist() == [4]


INSTRUMENTS = "code,name,type,currency,sector\nACME,Acme,equity,USD,Tech\nBOLT,Bolt,equity,USD,Tools\n"
PRICES = "date,instrument,price\n" + "".join(
    f"2024-01-{day:02d},ACME,{price}\n2024-01-{day:02d},BOLT,{20 + day / 10}\n"
    for day, price in ((2, 100), (3, 102), (4, 99), (5, 101), (8, 104), (9, 103))
)
EVENTS = """date,type,portfolio,instrument,quantity,price,net,currency
2024-01-02,deposit,FULL,,,,1000,USD
2024-01-02,buy,FULL,ACME,5,100,,USD
2024-01-02,deposit,FLOOD,,,,100,USD
2024-01-04,deposit,FLOOD,,,,500000,USD
2024-01-04,buy,FLOOD,ACME,1000,99,,USD
2024-01-03,deposit,BRIEF,,,,1000,USD
2024-01-03,buy,BRIEF,ACME,5,102,,USD
2024-01-05,sell,BRIEF,ACME,-5,101,,USD
2024-01-05,withdrawal,BRIEF,,,,-995,USD
2024-01-09,deposit,NEW,,,,1000,USD
2024-01-02,deposit,IDLE,,,,1000,USD
2024-01-02,deposit,DEBT,,,,1000,USD
2024-01-02,buy,DEBT,ACME,10,100,,USD
2024-01-04,fee,DEBT,,,,-1500,USD
2024-01-02,deposit,LATE,,,,1000,USD
2024-01-02,buy,LATE,GHOST,10,100,,USD
"""
MONTHS = "date,segment,weight,return\n2024-01-31,Tech,1,0.01\n2024-02-29,Tech,1,0.01\n"
SEGMENTS = "date,segment,weight,return\n2024-01-08,Tech,0.5,0.01\n2024-01-08,Tools,0.5,0.002\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('bad') / 'book.db'}"
    with argosy.create(url) as opened:
        for code in ("FULL", "FLOOD", "BRIEF", "NEW", "IDLE", "DEBT", "LATE"):
            opened.create_portfolio(code, currency="USD")
        extra = INSTRUMENTS + "GHOST,Ghost,equity,USD,Tech\n"
        for report in (
            opened.import_instruments(extra.encode(), name="i.csv"),
            opened.import_prices(PRICES.encode(), name="p.csv"),
            opened.import_transactions(EVENTS.encode(), name="t.csv"),
            opened.import_segments(SEGMENTS.encode(), name="s.csv", code="SHORT", currency="USD", frequency="daily"),
            opened.import_segments(MONTHS.encode(), name="m.csv", code="OVER", currency="USD", frequency="monthly"),
        ):
            assert report.written, report.table()
        opened.define_benchmark("PAIR", currency="USD", instruments=["ACME", "BOLT"], rebalance="daily")
        opened.import_benchmark(b"date,level\n2024-01-05,100\n2024-01-08,101\n2024-01-09,102\n", name="b.csv",
                                code="YOUNG", currency="USD")  # fmt: skip
    return url


REFUSED = [
    ("total loss through a charge", "contribution -p DEBT", "zero or less", UndefinedMeasure),
    ("zero start value", "contribution -p BRIEF --period 2024-01-08..2024-01-09", "zero or less", UndefinedMeasure),
    ("before it began", "attribution -p NEW --benchmark PAIR --period 2024-01-02..2024-01-05", "no two days in common",
     MissingData),
    ("gap in prices", "performance -p LATE", "no price of GHOST from 2024-01-02", MissingPrice),
    ("gap in prices, attribution", "attribution -p LATE --benchmark PAIR", "no price of GHOST", MissingPrice),
    ("benchmark elsewhere", "attribution -p FULL --benchmark SHORT --period 2024-01-02..2024-01-04",
     "no whole period|no period", MissingData),
    ("benchmark ended", "attribution -p FULL --benchmark OVER", "OVER has no whole period in 2024-01-0", MissingData),
    ("one day of effects", "attribution -p FULL --model risk --benchmark PAIR --period 2024-01-09..2024-01-09",
     "cannot give a deviation", UndefinedEffect),
    ("never differs", "attribution -p FULL --model factors --benchmark none", "argosy import factors", InvalidInput),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said", "error"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_a_bad_day_on_the_command_line(book: str, line: str, said: str, error: type[ArgosyError]) -> None:
    found = CliRunner().invoke(cli, [*line.split(), "--book", book, "--as-of", "2024-01-09"])
    assert found.exit_code not in (0, 1), found.stdout
    assert any(part in found.stderr for part in said.split("|")), found.stderr
    assert "Next:" in found.stderr
    # The same question in Python raises the typed error.
    words = line.split()
    asked = {"-p": "portfolio", "--benchmark": "benchmark", "--period": "periods", "--model": "model"}
    given = {asked[words[at]]: words[at + 1] for at in range(1, len(words), 2)}
    if given.get("benchmark") == "none":
        given["benchmark"] = ""
    with argosy.open(book) as opened, pytest.raises(error):
        getattr(opened, words[0])(as_of="2024-01-09", **given)


SAID = [
    ("flows larger than the portfolio", "performance -p FLOOD --period ITD", "500,000.00"),
    ("opened and closed inside", "performance -p BRIEF --period 2024-01-02..2024-01-09", "undefined"),
    ("one day of history", "performance -p NEW --period 2024-01-09..2024-01-09", "last day of the period"),
    ("benchmark shorter", "performance -p FULL --period ITD --benchmark YOUNG", "begins on 2024-01-05"),
    ("constant series", "performance -p IDLE --period ITD --measures", "do not vary"),
    ("one day, measured", "performance -p NEW --period ITD --measures", "no whole period"),
    ("gap spanned", "performance -p LATE --period ITD --span-missing", "no price of GHOST"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), [one[1:] for one in SAID], ids=[one[0] for one in SAID])
def test_what_has_no_figure_says_why(book: str, line: str, said: str) -> None:
    found = CliRunner().invoke(cli, [*line.split(), "--book", book, "--as-of", "2024-01-09"])
    if found.exit_code:
        assert said in found.stderr, found.stderr
        assert "Next:" in found.stderr
    else:
        assert said in found.stdout, found.stdout
    assert "nan" not in found.stdout.lower().replace("finance", "")


def test_percentages_in_a_file_are_refused(book: str, tmp_path: Path) -> None:
    path = tmp_path / "percent.csv"
    for wrong in (SEGMENTS.replace("0.01", "1%"), SEGMENTS.replace("0.5,0.01", "50%,0.01")):
        path.write_text(wrong)
        words = f"import segments {path} --code PCT --currency USD --frequency daily --book {book}"
        found = CliRunner().invoke(cli, words.split())
        assert found.exit_code not in (0, 1)
        assert "is in percent" in found.stderr
        assert "0.0125 for 1.25%" in found.stderr
