"""``argosy optimize | frontier | evaluate`` on files and on a portfolio; each bad input with its words and code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import argosy
from argosy.base.errors import MissingData, MissingRate
from argosy.construction.optimize.book_trading import book_trading
from argosy.interfaces.cli import cli
from argosy.models.moments.shrinkage import ledoit_wolf
from tests.interfaces.conftest import Run

NAMES = ("A", "B", "C", "D")
ASSETS = """asset,sector,esg,holding,benchmark
A,Tech,7,50%,25%
B,Tech,3,30%,25%
C,Energy,5,0.2,25%
D,Energy,9,,25%
"""
MANDATE = """[objective]
model = "maximum sharpe"
risk_free = "1%"
[limits]
rules = [
  "weight of sector=Tech <= 55%",
  "turnover <= 60%",
]
[costs]
trading = "10bp"
[risk_model]
covariance = "sample"
"""


def prices() -> np.ndarray:
    rng = np.random.default_rng(2)
    market = rng.normal(0.0008, 0.008, (260, 1))
    returns = market * np.array([1.2, 0.9, 0.7, 0.5]) + rng.normal(0.0004, 0.007, (260, 4))
    grown: np.ndarray = np.round(100.0 * np.cumprod(np.vstack([np.ones((1, 4)), 1.0 + returns]), axis=0), 4)
    return grown


def text_of(values: np.ndarray) -> str:
    days = np.busday_offset("2020-01-01", np.arange(len(values)), roll="forward")
    rows = [f"{day}," + ",".join(f"{x:.4f}" for x in row) for day, row in zip(days, values, strict=True)]
    return "date," + ",".join(NAMES) + "\n" + "\n".join(rows) + "\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with prices, gaps, a sheet of assets, a mandate."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARGOSY_BOOK", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    whole = text_of(prices())
    lines = whole.splitlines()
    (tmp_path / "p.csv").write_text(whole)
    (tmp_path / "assets.csv").write_text(ASSETS)
    (tmp_path / "m.toml").write_text(MANDATE)
    (tmp_path / "gap.csv").write_text("\n".join([*lines[:9], lines[9].rsplit(",", 1)[0] + ",NaN", *lines[10:]]) + "\n")
    (tmp_path / "bad.csv").write_text("\n".join([*lines[:5], lines[5].rsplit(",", 1)[0] + ",abc", *lines[6:]]) + "\n")
    (tmp_path / "short.csv").write_text("\n".join(lines[:3]) + "\n")
    (tmp_path / "ragged.csv").write_text("\n".join([*lines[:5], "2020-01-20,1"]) + "\n")
    (tmp_path / "wider.csv").write_text("asset,sector,holding\nA,Tech,40%\nZ,Tech,10%\n")
    (tmp_path / "bench.csv").write_text("asset,benchmark\nA,40%\nZ,60%\n")
    (tmp_path / "noname.csv").write_text("who,sector\nA,Tech\n")
    (tmp_path / "weight.csv").write_text("asset,holding\nA,much\n")
    (tmp_path / "bad.toml").write_text('[limits]\nrules = [\n  "weight of each <= 5%",\n  "wieght of each <= 5%",\n]\n')
    return tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def test_a_file_of_prices_is_optimized_by_its_mandate(files: Path) -> None:
    done = call("optimize", "--prices", "p.csv", "--assets", "assets.csv", "--mandate", "m.toml", "--format", "json")
    assert done.exit_code == 0, done.output
    rows = {row["asset"]: row for row in json.loads(done.stdout)["rows"]}
    returns = np.diff(prices(), axis=0) / prices()[:-1]
    mean, covariance = 252 * returns.mean(axis=0), 252 * np.cov(returns, rowvar=False)
    held = {"A": 0.5, "B": 0.3, "C": 0.2}
    expected = argosy.optimize(
        "maximum sharpe", expected_returns=mean, covariance=covariance, names=NAMES, holdings=held, costs=0.001,
        risk_free=0.01, attributes={"sector": ["Tech", "Tech", "Energy", "Energy"]},
        limits=["weight of sector=Tech <= 55%", "turnover <= 60%"],
    )  # fmt: skip
    for name, weight in expected.as_dict().items():
        if weight > 1e-9:
            assert rows[name]["weight"] == pytest.approx(weight, abs=1e-7)
            assert rows[name]["trade"] == pytest.approx(weight - held.get(name, 0.0), abs=1e-7)
    assert sum(row["risk_share"] for row in rows.values()) == pytest.approx(1.0)


def test_the_answer_has_weights_risk_limits_and_proof(files: Path) -> None:
    done = call("optimize", "--prices", "p.csv", "--assets", "assets.csv", "-l", "sector Tech >= 40%",
                "-l", "tracking error <= 3%", "--cost", "10bp", "-m", "maximum return")  # fmt: skip
    assert done.exit_code == 0, done.output
    for part in ("p.csv: maximum return", "Expected a year", "optimal", "held", "benchmark", "Limits that bind",
                 "tracking error <= 3%", "bp of return a year", "Proof", "gap to the best",
                 "260 returns of 2020-01-02", "covariance: ledoit wolf, shrunk by"):  # fmt: skip
        assert part in done.stdout
    assert " 3.00 " in done.stdout


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_charts_are_drawn(files: Path, ending: str) -> None:
    chart = f"c.{ending}"
    done = call("optimize", "--prices", "p.csv", "--assets", "assets.csv", "--chart", chart)
    assert done.exit_code == 0, done.output
    content = Path(chart).read_bytes()
    assert content.startswith(b"<svg" if ending == "svg" else b"\x89PNG")
    if ending == "svg":
        assert b"share of risk" in content
        assert b"optimal" in content
        assert b"#0a0b0" not in content  # no color of a role is left
    assert call("frontier", "--prices", "p.csv", "--points", "5", "--chart", f"f.{ending}").exit_code == 0


def test_the_frontier_runs_from_least_risk_to_highest_return(files: Path) -> None:
    done = call("frontier", "--prices", "p.csv", "--points", "6", "--format", "json", "-l", "weight of each <= 60%")
    rows = json.loads(done.stdout)["rows"]
    assert len(rows) == 6
    assert [row["volatility"] for row in rows] == sorted(row["volatility"] for row in rows)
    weights = call("frontier", "--prices", "p.csv", "--points", "6", "--weights", "--format", "csv")
    totals: dict[str, float] = {}
    for line in weights.stdout.split()[1:]:
        place, _, weight = line.split(",")
        totals[place] = totals.get(place, 0.0) + float(weight)
    assert totals == pytest.approx({str(place): 1.0 for place in range(1, 7)})


def test_models_are_evaluated_beside_equal_weight(files: Path) -> None:
    words = ("evaluate", "--prices", "p.csv", "-m", "minimum variance", "-m", "risk parity", "--window", "100",
             "--every", "40", "--purge", "1", "--draws", "200", "--cost", "10bp", "--format", "json")  # fmt: skip
    done, again = call(*words), call(*words)
    assert done.exit_code == 0, done.output
    assert done.stdout == again.stdout
    body = json.loads(done.stdout)
    assert [row["model"] for row in body["rows"]] == ["equal weight", "minimum variance", "risk parity"]
    assert body["rows"][0]["p_value"] is None
    assert any("what left it is not here" in note for note in body["notes"])


@pytest.mark.parametrize("missing", ["pairwise", "em"])
def test_gaps_are_lived_with_when_asked_and_said(files: Path, missing: str) -> None:
    done = call("optimize", "--prices", "gap.csv", "--missing", missing, "--risk-model", "sample")
    assert done.exit_code == 0, done.output
    assert f"returns missing, {missing} estimates: D (2)" in done.stdout
    left = call("optimize", "--prices", "gap.csv", "--missing", "leave out assets", "--format", "json")
    assert {row["asset"] for row in json.loads(left.stdout)["rows"]} <= {"A", "B", "C"}


def test_objectives_in_words_and_views(files: Path) -> None:
    done = call("optimize", "--prices", "p.csv", "--assets", "assets.csv",
                "-m", "least volatility give 5% then most exposure of esg")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "most exposure of esg" in done.stdout
    plain = call("optimize", "--prices", "p.csv", "-m", "max sharpe", "--format", "json")
    tilted = call("optimize", "--prices", "p.csv", "-m", "max sharpe", "--view", "D - A earns 20% confidence 90%",
                  "--format", "json")  # fmt: skip
    weight = [
        next((row["weight"] for row in json.loads(one.stdout)["rows"] if row["asset"] == "D"), 0.0)
        for one in (plain, tilted)
    ]
    assert weight[1] > weight[0]


BAD: list[tuple[str, int, str]] = [
    ("--prices gap.csv", 4,
     "1 of 4 assets lack returns in 260 periods: D (2). Next: complete the prices, or say how gaps are treated: "
     "--missing 'complete periods', 'leave out assets', 'pairwise' or 'em'"),
    ("--prices gap.csv --missing em", 2, "'em' estimates know the risk model 'sample' with historical means only"),
    ("--prices bad.csv", 3,
     "bad.csv cannot be read as prices:\n  bad.csv line 6: D: 'abc' is not a positive price (leave the cell empty "
     "where there is none)"),
    ("--prices short.csv", 4, "1 returns are left to estimate from. Next: give a longer history"),
    ("--prices ragged.csv", 3, "ragged.csv line 6: 2 cells where the header has 5"),
    ("--prices p.csv --risk-model 'bayes stein'", 2, "'bayes stein' is not one of 'sample'"),
    ("--prices p.csv -l 'sector Tech <= 25%'", 4,
     "nothing is known of the assets, 'sector' neither. Next: give a sheet of assets with such a column: --assets"),
    ("--prices p.csv --assets assets.csv -l 'sector Tec <= 25%'", 2, "unknown sector 'Tec'. Next: did you mean 'Tech'"),
    ("--prices p.csv --assets assets.csv -l 'sectr Tech <= 25%'", 2, "unknown attribute 'sectr'. Next: did you mean"),
    ("--prices p.csv -l 'wieght of each <= 5%'", 2, "limit 1: there is no measure 'wieght'; did you mean 'weight'?"),
    ("--prices p.csv -l 'weight of Z <= 5%'", 2, "unknown asset 'Z'"),
    ("--prices p.csv --assets bench.csv", 4, "the benchmark holds Z, which has no prices here"),
    ("--prices p.csv --assets noname.csv", 2, "the file has no column of assets"),
    ("--prices p.csv --assets weight.csv", 2, "'much' is no weight of A"),
    ("--prices p.csv --mandate bad.toml", 2, "bad.toml line 4: limits.rules: there is no measure 'wieght'"),
    ("--prices p.csv --assets assets.csv -l 'sector Tech <= 25%' -l 'sector Energy <= 30%'", 11,
     "these limits cannot be met together: net = 100% (would have to give 45%); weight of sector=Tech <= 25% (would "
     "have to give 45%); weight of sector=Energy <= 30% (would have to give 45%). Next: relax one of them by its amo"),
    ("--prices p.csv -m 'maximum return' --short", 11,
     "the objective grows without end under these limits. Next: limit weights or gross exposure, or set a volatility "
     "limit"),
    ("--prices p.csv -m 'max sharpe' --risk-free 900%", 11,
     "no allowed portfolio is expected to earn more than the risk-free rate (risk-free rate 9). Next: use minimum "
     "variance, or look at the expected returns"),
    ("--prices p.csv --view 'Z earns 5%'", 2, "views: unknown asset 'Z'. Next: choose one of: A, B, C, D"),
    ("--prices p.csv --view 'A will earn'", 2, "cannot read the view 'A will earn'. Next: write 'AAPL earns 8%'"),
    ("--prices p.csv -m 'max sharp'", 2, "unknown model 'max sharp'. Next: did you mean 'maximum sharpe'?"),
    ("--prices p.csv -m utility", 4, "needs a risk aversion. Next: say what risk costs: --risk-aversion"),
    ("--prices p.csv -m 'target return'", 4, "needs a target. Next: say what is aimed at: --target"),
    ("--prices p.csv -m 'target return' --target 900%", 11, "exposure of expected return >= 9"),
    ("--prices p.csv -m 'min cvar' --confidence 95", 2, "the confidence level is 95. Next: write it as 0.95 or 95%"),
    ("--prices p.csv --cost x", 2, "'x' is not a number. Next: write 0.05, 5% or 50bp"),
    ("--prices p.csv -l 'tracking error <= 2%'", 4, "tracking error <= 2% needs a benchmark. Next: name one"),
    ("--prices p.csv -l 'turnover <= 2%'", 4, "turnover <= 2% needs the current holdings. Next: optimize a portfolio"),
    ("--prices p.csv --mean-model equilibrium", 4, "equilibrium returns need market weights"),
    ("--prices p.csv --chart c.gif", 2, "a chart cannot be written as 'c.gif'. Next: give a name that ends in .svg"),
    ("", 2, "say what it is about: a portfolio of the book, or a file of prices. Next: give --portfolio CODE or"),
    ("--prices p.csv --portfolio P", 2, "say what it is about"),
    ("--prices p.csv --as-of 2020-06-30", 2, "are about a book, not about a file of prices"),
    ("--portfolio P --assets assets.csv", 2, "a portfolio has its mandate, its instruments and its value in the book"),
    ("--portfolio P", 6, "there is no book"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "says"), BAD, ids=[row[0] or "nothing" for row in BAD])
def test_bad_inputs_are_answered_in_words(files: Path, line: str, code: int, says: str) -> None:
    import shlex

    done = call("optimize", *shlex.split(line))
    assert says in done.output
    assert done.exit_code == code


def test_a_time_limit_that_is_too_short_is_told(files: Path) -> None:
    rng = np.random.default_rng(1)
    days = np.busday_offset("2020-01-01", np.arange(60), roll="forward")
    grown = 100.0 * np.cumprod(1.0 + rng.normal(0.0, 0.01, (60, 40)), axis=0)
    rows = [f"{day}," + ",".join(f"{x:.4f}" for x in row) for day, row in zip(days, grown, strict=True)]
    Path("many.csv").write_text("date," + ",".join(f"N{i}" for i in range(40)) + "\n" + "\n".join(rows) + "\n")
    done = call("optimize", "--prices", "many.csv", "--time-limit", "0.001", "-l", "names <= 6", "-l", "position >= 5%")
    assert done.exit_code == 11
    assert "was not proven within 0.001 s" in done.output
    assert "Next: allow more time" in done.output


DAILY = 90


@pytest.fixture
def longer(run: Run) -> Run:
    """The small book with a history long enough to estimate from, and a benchmark of instruments."""
    rng = np.random.default_rng(5)
    days = np.busday_offset("2022-01-10", np.arange(DAILY), roll="forward")
    grown = np.array([104.0, 260.0, 10.2]) * np.cumprod(1.0 + rng.normal(0.0005, 0.01, (DAILY, 3)), axis=0)
    rows = [f"{day},{name},{price:.4f}" for day, row in zip(days, grown, strict=True)
            for name, price in zip(("ACME", "PENNY", "FUND"), row, strict=True)]  # fmt: skip
    Path("more.csv").write_text("date,instrument,price\n" + "\n".join(rows) + "\n")
    rates = [f"{day},EUR,USD,1.1\n{day},EUR,GBP,0.85" for day in days]
    Path("rates.csv").write_text("date,base,quote,rate\n" + "\n".join(rates) + "\n")
    for words in (
        "import prices more.csv --source test", "import fx rates.csv --source ECB",
        "benchmark define PAIR ACME FUND --currency USD",
    ):  # fmt: skip
        done = run(*words.split())
        assert done.exit_code == 0, done.output
    return run


ALL = ("--universe", "all", "--missing", "complete periods")


def test_a_portfolio_is_optimized_from_its_holdings(longer: Run) -> None:
    done = longer("optimize", "--portfolio", "GROWTH", *ALL, "--format", "json", "-l", "turnover <= 90%")
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout)
    rows = {row["asset"]: row for row in body["rows"]}
    with argosy.open("book.db") as book:
        found = book.optimize("GROWTH", universe="all", missing="complete periods", limits=["turnover <= 90%"])
        valued = book.value(portfolio="GROWTH").valuation.subjects[0]
        line = book.frontier("GROWTH", universe="all", missing="complete periods", points=5)
        tried = book.evaluate("GROWTH", models=["equal"], window=30, every=20, draws=100,
                              asked=wishes_for("all"))  # fmt: skip
    assert body["provenance"]["fingerprint"] == found.table().provenance.fingerprint
    held = {row.instrument: row.value / valued.nav for row in valued.rows if row.section == "position"}
    assert sum(row["held"] for row in rows.values()) == pytest.approx(sum(held.values()))
    assert sum(row["weight"] for row in rows.values()) == pytest.approx(1.0)
    assert sum(abs(row["trade"]) for row in rows.values()) <= 0.9 + 1e-7
    assert len(line) == 5
    assert tried.evaluation.walks[1].returns == pytest.approx(tried.evaluation.walks[0].returns)
    assert found.decision.result.evidence.seconds > 0.0


def wishes_for(universe: str) -> object:
    from argosy.interfaces.book.optimizing import wishes

    return wishes(universe=universe, missing="complete periods")


@pytest.mark.parametrize("benchmark", ["PAIR", "INDEX"])
def test_tracking_error_to_instruments_and_to_an_index(longer: Run, benchmark: str) -> None:
    words = ("optimize", "--portfolio", "GROWTH", *ALL, "--benchmark", benchmark, "-m", "minimum tracking error")
    done = longer(*words, "--frequency", "as given")
    if benchmark == "INDEX":
        # Its levels end before the prices do: there is nothing to compare with, which matters only to who compares.
        assert done.exit_code == 4, done.output
        assert "needs a benchmark" in done.output
        other = longer("optimize", "--portfolio", "GROWTH", *ALL)
        assert other.exit_code == 0
        assert "no comparison with the benchmark" in other.stdout
        return
    assert done.exit_code == 0, done.output
    with argosy.open("book.db") as book:
        found = book.optimize("GROWTH", universe="all", missing="complete periods", benchmark="PAIR",
                              objective="minimum tracking error")  # fmt: skip
    result = found.decision.result.as_dict()
    assert result["ACME"] == pytest.approx(found.decision.candidates.benchmark["ACME"], abs=1e-6)
    assert found.decision.against is not None
    assert found.decision.against[2] == pytest.approx(0.0, abs=1e-6)


def test_the_benchmark_reaches_beyond_what_is_held(longer: Run) -> None:
    with argosy.open("book.db") as book:
        found = book.optimize("GROWTH", missing="complete periods", benchmark="PAIR", limits=["tracking error <= 30%"])
        assert set(found.decision.result.names) == {"ACME", "PENNY"}
        assert found.decision.against is not None
        equal = book.optimize("GROWTH", missing="complete periods", benchmark="PAIR", objective="equal")
        assert equal.decision.result.weights.tolist() == [0.5, 0.5]
        asked = book.optimize(
            "GROWTH", missing="complete periods", benchmark="PAIR", objective="minimum tracking error"
        )
        # What is not held cannot be bought here, so the benchmark is not reached.
        assert asked.decision.against[2] > 0.01


def test_what_is_outside_the_universe_stays(longer: Run) -> None:
    Path("aside.toml").write_text(
        '[portfolio]\nbase_currency = "USD"\n[universe]\nmembers = "all"\nexclude = ["FUND"]\n'
        'types = ["equity", "fund"]\n'
        '[limits]\nrules = ["net = 90%"]\n[risk_model]\nmissing = "complete periods"\n'
    )
    assert longer("mandate", "set", "GROWTH", "aside.toml").exit_code == 0
    with argosy.open("book.db") as book:
        found = book.optimize("GROWTH", universe="all")
        weights = found.decision.result.as_dict()
        assert weights["FUND"] == pytest.approx(0.0, abs=1e-9)
        assert sum(weights.values()) == pytest.approx(0.9)
    Path("aside.toml").write_text(
        '[portfolio]\nbase_currency = "USD"\n[universe]\nmembers = "benchmark"\n[benchmark]\ncode = "PAIR"\n'
        '[risk_model]\nmissing = "complete periods"\n'
    )
    assert longer("mandate", "set", "GROWTH", "aside.toml").exit_code == 0
    with argosy.open("book.db") as book:
        found = book.optimize("GROWTH")
        aside = found.decision.candidates.aside
        assert set(aside) == {"PENNY"}
        assert sum(found.decision.result.as_dict().values()) == pytest.approx(1.0 - sum(aside.values()))
        assert any("stays as it is, outside the universe: PENNY" in note for note in found.tables[0].notes)
        cash = book.optimize("GROWTH", limits=["cash = 10%"])
        assert sum(cash.decision.result.as_dict().values()) == pytest.approx(0.9 - sum(aside.values()))
        with pytest.raises(argosy.ArgosyError, match="outside the universe, which is not optimized"):
            book.optimize("GROWTH", limits=["gross <= 100%"])


def test_the_whole_cost_of_a_mandate_counts_by_part_and_by_lot(longer: Run) -> None:
    text = (
        '[portfolio]\nbase_currency = "USD"\n[universe]\nmembers = "all"\n[risk_model]\nmissing = "complete periods"\n'
        '[objective]\nmodel = "utility"\nrisk_aversion = 30\n'
        '[costs]\ntrading = "10bp"\nhalf_spread = "5bp"\nfixed = 2\nexchange = "20bp"\nhorizon_years = 2\n'
    )
    Path("taxed.toml").write_text(text + '[tax]\nregime = "US"\n')
    assert longer("mandate", "set", "GROWTH", "taxed.toml").exit_code == 0
    with argosy.open("book.db") as book:
        found = book.optimize("GROWTH")
        nav = book.value(portfolio="GROWTH").valuation.subjects[0]
        held = {name: weight for name, weight in zip(found.decision.result.names, found.decision.held, strict=True)
                if weight > 0.0}  # fmt: skip
        assert {*found.decision.candidates.trading.lots} == {*held}
        for name, lots in found.decision.candidates.trading.lots.items():
            assert sum(lot.weight for lot in lots) == pytest.approx(held[name])
        # All lots are short-term: selling a name whole owes 40.8% of its gain as the valuation knows it.
        codes = {one.id: one.code for one in book.look().reference.instruments.values()}
        for row in nav.rows:
            if row.section == "position":
                due = sum(lot.weight * lot.tax for lot in found.decision.candidates.trading.lots[codes[row.instrument]])
                # The valuation rounds to cents, of a gain of some hundred dollars.
                assert due == pytest.approx(0.408 * (row.value - row.cost_base) / nav.nav, rel=2e-5)
        # Volume in units is money at the day's price; a lot without a cost in base currency has no gain to tax.
        seen = book.look(portfolio="GROWTH")
        acme = next(row for row in nav.rows if row.section == "position" and codes[row.instrument] == "ACME")
        told = replace(seen.reference.instruments[acme.instrument], attributes={"volume": "10"})
        given = (nav, [told], {"ACME": 0.5}, seen.market, seen.reference.mandate(acme.portfolio, seen.day))
        traded = book_trading(*given, lambda: seen.based[0], day=seen.day)
        assert traded.volume == {"ACME": pytest.approx(105.0407 * 10.0)}
        with pytest.raises(MissingRate, match="the cost of ACME in USD is not known"):
            book_trading(*given, lambda: seen.based[0], day=seen.day,
                         unknown=frozenset({(acme.portfolio, acme.instrument)}))  # fmt: skip
        trades = found.decision.result.weights - found.decision.held
        assert found.decision.paid["commission"] == pytest.approx(0.001 * abs(trades).sum())
        assert found.decision.paid["fixed"] == pytest.approx(
            2.0 / (nav.nav / 10**nav.scale) * (abs(trades) > 1e-12).sum()
        )
        told = next(table for table in found.tables if table.name == "Cost of the trades")
        assert [row["part"] for row in told.rows()][-1] == "total"
    Path("taxed.toml").write_text(text + "impact = 1\n".join(["", ""]).replace("impact", "[approvals]\nrequired"))
    Path("taxed.toml").write_text(text.replace("fixed = 2", "fixed = 2\nimpact = 1"))
    assert longer("mandate", "set", "GROWTH", "taxed.toml").exit_code == 0
    done = longer("optimize", "--portfolio", "GROWTH")
    assert done.exit_code == 4
    assert "price impact needs the volume of" in done.output


def test_costs_of_a_file_need_what_they_are_measured_in(files: Path) -> None:
    Path("cost.toml").write_text(
        '[portfolio]\nbase_currency = "USD"\n[objective]\nmodel = "utility"\nrisk_aversion = 5\n'
        '[costs]\nfixed = 10\nimpact = 1\n[limits]\nrules = ["days to trade of each <= 2"]\n'
    )
    words = ("optimize", "--prices", "p.csv", "--mandate", "cost.toml", "--assets", "assets.csv")
    assert "needs to know what the portfolio is worth. Next: say so: --value" in call(*words).output
    assert "needs the volume of A, B, C, D" in call(*words, "--value", "1000000").output
    lines = Path("assets.csv").read_text().splitlines()
    volumes = [f"{lines[0]},volume", *(f"{line},{1000 * (place + 1)}" for place, line in enumerate(lines[1:]))]
    Path("assets.csv").write_text("\n".join(volumes) + "\n")
    done = call(*words, "--value", "1000000")
    assert done.exit_code == 0, done.output
    for part in ("Cost of the trades", "impact", "fixed", "money", "weighed against returns of a year"):
        assert part in done.stdout


PORTFOLIO_BAD: list[tuple[str, int, str]] = [
    ("--portfolio GROWHT", 2, "unknown portfolio 'GROWHT'. Next: did you mean 'GROWTH'?"),
    ("--portfolio GROWTH", 4, "assets lack returns in"),
    ("--portfolio GROWTH --universe benchmark", 4, "nobody knows what is inside it"),
    ("--portfolio GROWTH --universe 'held and benchmark' --benchmark none", 4, "nobody knows what is inside it"),
    ("--portfolio GROWTH --benchmark INDXE", 2, "unknown benchmark 'INDXE'"),
    ("--portfolio INCOME --as-of 2022-01-02", 4, "INCOME is worth nothing"),
]


@pytest.mark.parametrize(("line", "code", "says"), PORTFOLIO_BAD, ids=[row[0] for row in PORTFOLIO_BAD])
def test_bad_questions_about_a_portfolio(longer: Run, line: str, code: int, says: str) -> None:
    import shlex

    done = longer("optimize", *shlex.split(line))
    assert says in done.output
    assert done.exit_code == code, done.output


def test_a_sheet_may_know_more_assets_than_have_prices(files: Path) -> None:
    done = call("optimize", "--prices", "p.csv", "--assets", "wider.csv", "--format", "json")
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout)
    assert sum(row["weight"] for row in body["rows"]) == pytest.approx(0.9)
    assert "1 of 2 assets of the sheet have no prices: Z" in body["notes"]
    assert "10.00% stays as it is, outside the universe: Z" in body["notes"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[objective]\nmodel = "max sharp"', "line 2: objective.model: unknown model 'max sharp' (did you mean"),
        (
            '[objective]\nmodel = "least luck and most expected return"',
            "line 2: objective.model: 'luck' cannot be wanted",
        ),
        ('[risk_model]\n\ncovariance = "ledoit wulf"', "line 3: risk_model.covariance: unknown risk model"),
        ('[risk_model]\nmean = "historic"', "line 2: risk_model.mean: unknown model of expected returns"),
    ],
)
def test_models_of_a_mandate_are_checked_with_their_line(files: Path, text: str, says: str) -> None:
    Path("named.toml").write_text(text)
    done = call("mandate", "check", "named.toml")
    assert done.exit_code == 2
    assert says in done.output
    Path("named.toml").write_text('[objective]\nmodel = "hrp"\n[risk_model]\nmean = "equilibrium"')
    assert call("mandate", "check", "named.toml").exit_code == 0


def test_shrinkage_is_that_of_the_returns(files: Path) -> None:
    done = call("optimize", "--prices", "p.csv")
    returns = np.diff(prices(), axis=0) / prices()[:-1]
    assert f"shrunk by {ledoit_wolf(returns).intensity:.1%}" in done.stdout


def test_a_book_without_prices_says_what_is_missing(run: Run) -> None:
    with argosy.open("book.db") as book, pytest.raises(MissingData):
        book.optimize("GROWTH", as_of="2022-01-03")
