"""Risk of a small book through the public face, each figure computed again with numpy from the prices that went in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import argosy
from argosy.base.errors import ArgosyError, InvalidInput, MissingData, UndefinedMeasure, UnknownName
from argosy.interfaces.book import Book, restore_book
from argosy.interfaces.cli import cli
from argosy.models.moments.observations import InsufficientData

NAMES = ("AAA", "BBB", "EUA")
START = "2020-01-06"
COUNT = 620
MANDATE = """[portfolio]
base_currency = "USD"
[benchmark]
code = "AAA"
[limits]
rules = ["weight of AAA <= 40%", "weight of sector=Tech <= 90%"]
[risk]
model = "historical"
confidence = 0.95
window = 500
proxies = ["NEWCO as BBB 1.5"]
[monitoring]
rules = ["value at risk <= 1%", "risk of sector=Tech <= 99%", "stress of 2021-01-04..2021-03-31 <= 60%"]
cure_days = 7
"""


def days() -> np.ndarray:
    found = np.arange(np.datetime64(START), np.datetime64(START) + 2 * COUNT)
    return found[np.is_busday(found)][:COUNT]


def levels() -> tuple[np.ndarray, np.ndarray]:
    """Prices (T, 3) in their own currencies, and dollars for a euro (T,)."""
    rng = np.random.default_rng(11)
    market = rng.standard_t(5, COUNT) * 0.008
    steps = market[:, None] * np.array([1.2, 0.8, 1.0]) + rng.normal(0.0003, 0.007, (COUNT, 3))
    rate = 1.1 * np.cumprod(1.0 + rng.normal(0.0, 0.004, COUNT))
    return np.round(100.0 * np.cumprod(1.0 + steps, axis=0), 4), np.round(rate, 4)


def made(folder: Path, *, mandate: str = MANDATE) -> Book:
    book = argosy.create(str(folder / "book.db"))
    book.create_portfolio("P", currency="USD", mandate=mandate.encode(), accounts=["MAIN"])
    book.create_sleeve("P", "INCOME")
    book.import_instruments(
        b"code,name,type,currency,sector\nAAA,A,equity,USD,Tech\nBBB,B,equity,USD,Energy\n"
        b"EUA,E,equity,EUR,Tech\nNEWCO,N,equity,USD,Tech\nRARE,R,fund,USD,Funds\n"
    )
    prices, rate = levels()
    rows = [f"{day},{name},{value:.4f}" for day, row in zip(days(), prices, strict=True)
            for name, value in zip(NAMES, row, strict=True)]  # fmt: skip
    last = days()[-1]
    rows += [f"{day},RARE,{50 + at * 0.1:.1f}" for at, day in enumerate(days()[::7])] + [f"{last},RARE,60.0"]
    rows += [f"{last},NEWCO,20.0"]
    assert book.import_prices(("date,instrument,price\n" + "\n".join(rows) + "\n").encode()).written
    quotes = [f"{day},EUR,USD,{value:.4f}" for day, value in zip(days(), rate, strict=True)]
    assert book.import_fx(("date,base,quote,rate\n" + "\n".join(quotes) + "\n").encode()).written
    first = days()[0]
    trades = [
        "date,type,portfolio,sleeve,instrument,quantity,price,currency,net",
        f"{first},deposit,P,,,,,USD,40000", f"{first},deposit,P,INCOME,,,,USD,60000",
        f"{first},deposit,P,,,,,EUR,5000", f"{first},deposit,P,INCOME,,,,EUR,15000",
        f"{first},buy,P,,AAA,300,100,USD,", f"{first},buy,P,INCOME,BBB,400,100,USD,",
        f"{first},buy,P,INCOME,EUA,150,100,EUR,",
    ]  # fmt: skip
    report = book.import_transactions("\n".join(trades).encode() + b"\n")
    assert report.written, report
    return book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return made(tmp_path_factory.mktemp("risk"))


def second() -> dict[str, np.ndarray | float]:
    """The same figures straight from the prices: weights, returns by price and currency, the portfolio's history."""
    prices, rate = levels()
    value = np.array(
        [300 * prices[-1, 0], 400 * prices[-1, 1], 150 * prices[-1, 2] * rate[-1], 5000 * rate[-1], 30000.0]
    )
    nav = value.sum()
    local = prices[1:] / prices[:-1] - 1.0
    fx = rate[1:] / rate[:-1] - 1.0
    w = value / nav
    price_part = local * w[:3]
    currency = np.column_stack([w[2] * fx * (1.0 + local[:, 2]), w[3] * fx])
    return {"w": w, "nav": nav, "price": price_part, "currency": currency,
            "p": price_part.sum(axis=1) + currency.sum(axis=1), "local": local}  # fmt: skip


def test_historical_figures_are_those_of_numpy(book: Book) -> None:
    (found,) = book.risk(models=["historical", "normal"]).results
    mine = second()
    p = mine["p"][-500:]
    assert found.held.value == pytest.approx(mine["nav"], abs=0.01)
    np.testing.assert_allclose(found.returns[-500:], p, atol=1e-8)  # positions are rounded to a hundredth of a cent
    ranked = np.sort(-p)[::-1]
    assert found.loss.value_at_risk == pytest.approx(ranked[24], abs=1e-8)
    assert found.loss.expected_shortfall == pytest.approx(ranked[:25].mean(), abs=1e-8)
    assert found.volatility.total == pytest.approx(p.std(ddof=1) * 252**0.5, rel=1e-7)
    active = p - mine["local"][-500:, 0]
    assert found.tracking_error is not None
    assert found.tracking_error.total == pytest.approx(active.std(ddof=1) * 252**0.5, rel=1e-7)


def test_parts_sum_to_the_whole_by_position_group_factor_and_sleeve(book: Book) -> None:
    (found,) = book.risk().results
    for part in found.parts:
        assert part.component.sum() + part.benchmark == pytest.approx(part.total, rel=1e-7)
        for by in (part.by(found.held, "sector"), part.by_factor(found.held), part.by_sleeve(found.held)):
            assert sum(by.values()) == pytest.approx(part.total, rel=1e-7)
    # The shortfall of the euro is the mean of what it lost on the days of the tail.
    mine = second()
    worst = np.argsort(mine["p"][-500:], kind="stable")[:25]
    shortfall = found.tail_parts[1]
    assert shortfall.by_factor(found.held)["EUR/USD"] == pytest.approx(
        -mine["currency"][-500:][worst].sum(axis=1).mean(), abs=1e-8
    )
    sleeve = {key[1]: value for key, value in shortfall.by_sleeve(found.held).items()}
    bbb = -mine["price"][-500:][worst][:, 1].mean()
    eua = -(mine["price"][:, 2] + mine["currency"][:, 0])[-500:][worst].mean()
    assert sleeve[1] == pytest.approx(bbb + eua, abs=1e-8)


def test_a_sleeve_and_the_firm_are_subjects_of_their_own(book: Book) -> None:
    found = book.risk(sleeve="all", models=["historical"]).results
    assert [one.held.code for one in found] == ["P/INCOME", "P/none"]
    whole, firm = book.risk(models=[]).results[0], book.risk(firm=True, models=[]).results[0]
    assert sum(one.held.value for one in found) == pytest.approx(whole.held.value, abs=0.01)
    assert firm.loss.value_at_risk == whole.loss.value_at_risk


def test_every_model_is_there_or_says_why(book: Book) -> None:
    found = book.risk(model="adaptive gjr-t", seed=3, horizon=10)
    table = found.table()
    assert table.rows()[0]["model"] == "adaptive gjr-t"
    assert any("scaled by the square root of 10" in note for note in table.notes)
    shown = {row["model"] for row in table.rows()}
    missing = {note.split(":")[0].removeprefix("no ") for note in table.notes if note.startswith("no ")}
    from argosy.measures.risk.book.models import MODELS

    assert shown | missing == set(MODELS)
    again = book.risk(model="adaptive gjr-t", seed=3, horizon=10).table()
    assert again.rows() == table.rows()


def test_a_trade_thought_of_is_the_risk_after_it(book: Book) -> None:
    found = book.risk(what_if=["buy 100 AAA", "sell 50 EUA"], models=[])
    rows = found.led_by("what-if")[0].rows()
    assert [row["trade"] for row in rows] == ["buy 100 AAA", "sell 50 EUA", "all together"]
    mine, (prices, rate) = second(), levels()
    moved = np.array([100 * prices[-1, 0], 0.0, -50 * prices[-1, 2] * rate[-1]]) / mine["nav"]
    p = mine["p"] + mine["local"][:, 0] * moved[0]
    assert rows[0]["value_at_risk"] == pytest.approx(np.sort(-p[-500:])[::-1][24], abs=1e-8)
    euro = (mine["price"][:, 2] / mine["w"][2] + mine["currency"][:, 0] / mine["w"][2]) * moved[2]
    both = np.sort(-(p + euro)[-500:])[::-1][24]
    assert rows[2]["value_at_risk"] == pytest.approx(both, abs=1e-8)
    assert rows[2]["volatility"] == pytest.approx((p + euro)[-500:].std(ddof=1) * 252**0.5, rel=1e-7)


def test_what_changed_and_why_sums(book: Book) -> None:
    found = book.risk(compare=True, models=[])
    (change,) = found.changes
    for at in range(3):
        assert change.before[at] + sum(step[at] for step in change.steps) == pytest.approx(change.after[at], abs=1e-14)
    assert [step[1] for step in change.steps][1] == 0.0  # nobody traded
    (then,) = book.risk(as_of=change.since, models=[]).results
    assert then.loss.value_at_risk == pytest.approx(change.before[1], abs=1e-8)


def test_stress_of_a_window_and_of_shocks(book: Book) -> None:
    found = book.stress(windows=["2021-01-04..2021-03-31"], shocks=["sector=Tech -30%", "EUR -10%"], correlations=[1.0],
                        reverse=0.1, worst=0.05, sets=["recession", "europe"])  # fmt: skip
    (one,) = found.results
    mine, (prices, rate) = second(), levels()
    a, b = (int(np.searchsorted(days(), np.datetime64(day))) for day in ("2021-01-04", "2021-03-31"))
    own, fx = prices[b] / prices[a] - 1.0, rate[b] / rate[a] - 1.0
    w = mine["w"]
    expected = -(w[0] * own[0] + w[1] * own[1] + w[2] * ((1 + own[2]) * (1 + fx) - 1) + w[3] * fx)
    assert one.losses[0] == pytest.approx(expected, abs=1e-8)
    story = w[0] * 0.3 + w[2] * (1 - 0.7 * 0.9) + w[3] * 0.1
    assert one.losses[1] == pytest.approx(story, abs=1e-8)
    np.testing.assert_allclose(one.by_position.sum(axis=1), one.losses)
    # Shares lose what equity does; the euro moves by its own pair.
    by_name = {scenario.name: loss for scenario, loss in zip(one.scenarios, one.losses.tolist(), strict=True)}
    assert by_name["recession: severely adverse"] == pytest.approx(
        w[:2].sum() * 0.5 + w[2] * (1 - 0.5 / 1.10) + w[3] * (1 - 1 / 1.10), abs=1e-8
    )
    assert one.reverse(0.1).loss == pytest.approx(0.1)
    names = [table.name for table in found.tables]
    assert [name.partition(":")[0] for name in names] == [
        "Stress of P", "Stress by position", "Correlation stress", "Reverse stress",
        "Most damaging scenario of probability 0.05",
    ]  # fmt: skip
    correlated = found.tables[2].rows()[0]
    alone = np.array([one.risk.history.total[-500:, at].std(ddof=1) for at in range(5)]) @ np.abs(one.risk.held.price)
    assert correlated["volatility_after"] == pytest.approx(alone * 252**0.5, rel=1e-7)


def test_propagation_is_the_regression_on_what_is_shocked(book: Book) -> None:
    (one,) = book.stress(shocks=["AAA -20%"], propagate=True).results
    recent = second()["local"][-500:]
    beta = np.cov(recent[:, 0], recent[:, 1])
    assert one.scenarios[0].price[one.risk.place("BBB")] == pytest.approx(-0.2 * beta[0, 1] / beta[0, 0], rel=1e-7)


def test_backtests_count_what_numpy_counts(book: Book) -> None:
    found = book.backtest_risk(models=["historical", "normal"], window=300, confidence=0.95)
    assert [(one.basis, one.model) for one in found.results] == [
        ("hypothetical", "historical"), ("hypothetical", "normal"), ("actual", "historical"), ("actual", "normal"),
    ]  # fmt: skip
    p = second()["p"]
    beyond = sum(-p[t] > np.sort(-p[t - 300 : t])[::-1][14] for t in range(300, p.size))
    assert found.results[0].tests.exceptions == beyond
    assert found.figure().spec(400, 300)["layer"]
    only = book.backtest_risk(models=["normal"], window=300, basis="actual")
    assert {one.basis for one in only.results} == {"actual"}


def test_limits_with_cause_and_history_and_waivers(tmp_path: Path) -> None:
    book = made(tmp_path)
    rows = {(row.rule, row.subject): row for row in book.limits().readings}
    w = second()["w"]
    broken = rows[("value at risk <= 1%", "value at risk")]
    assert broken.state == "breach"
    assert broken.cause == "passive"
    assert broken.cure_by - broken.since == 7
    assert rows[("weight of AAA <= 40%", "weight of AAA")].measured == pytest.approx(w[0], abs=1e-9)
    closed = book.run_close()
    assert [table.name for table in closed.attached] == ["Limits that do not hold"]
    mark = book.watermark
    assert book.run_close().head == closed.head
    assert book.watermark == mark
    told = book.outbox("OMS", kinds=["breach"]).table().rows()
    assert len(told) == len([one for one in book.limits().readings if one.broken])
    stored = book.stored_risk().table().rows()
    (risk,) = book.risk(models=[]).results
    kept = {(row["measure"], row["part"], row["position"]): float(str(row["value"])) for row in stored}
    assert kept[("expected shortfall", "total", "")] == pytest.approx(risk.loss.expected_shortfall, abs=1e-8)
    # A trade breaks a limit: active, to be cured at once, and told anew.
    last = days()[-1]
    price = levels()[0][-1, 0]
    bought = f"date,type,portfolio,instrument,quantity,price\n{last},buy,P,AAA,250,{price:.4f}\n"
    assert book.import_transactions(bought.encode()).written
    reading = {row.rule: row for row in book.limits(broken=True).readings}["weight of AAA <= 40%"]
    assert (reading.state, reading.cause, reading.cure_by) == ("breach", "active", reading.since)
    book.run_close()
    opened = book.limits_history().table().rows()
    assert {(row["rule"], row["state"]) for row in opened} >= {("weight of AAA <= 40%", "open")}
    before = book.limits_history(known_at=mark.known_at).table().rows()
    assert "weight of AAA <= 40%" not in {row["rule"] for row in before}
    # A waiver holds once somebody else approves it.
    asked = book.ask_waiver("P", "weight of AAA <= 40%", until="2099-12-31", reason="merger", by="ann")
    with pytest.raises(InvalidInput, match="cannot approve"):
        book.decide_waiver(asked.number, step="approved", by="Ann")
    book.decide_waiver(asked.number, step="approved", by="bob")
    assert {row.rule: row for row in book.limits().readings}["weight of AAA <= 40%"].state == "waived"
    with pytest.raises(InvalidInput, match="is approved"):
        book.decide_waiver(asked.number, step="rejected", by="bob")
    with pytest.raises(InvalidInput, match="no rule"):
        book.ask_waiver("P", "gross <= 1%", until="2099-12-31", reason="x", by="ann")
    # Sold again: cured.
    sold = f"date,type,portfolio,instrument,quantity,price\n{last},sell,P,AAA,250,{price:.4f}\n"
    assert book.import_transactions(sold.encode()).written
    book.run_close()
    states = {row["rule"]: row["state"] for row in book.limits_history().table().rows()}
    assert states["weight of AAA <= 40%"] == "cured"
    assert book.verify().ok


def test_a_restated_price_restates_stored_risk_and_the_old_figure_stays(tmp_path: Path) -> None:
    book = made(tmp_path)
    book.run_close()
    mark, before = book.watermark, book.stored_risk().table().rows()
    day = days()[-30]
    assert book.import_prices(f"date,instrument,price\n{day},AAA,150.0\n".encode()).written
    book.run_close()
    assert book.stored_risk().table().rows() != before
    assert book.stored_risk(known_at=mark.known_at).table().rows() == before
    stored = {(row["date"]) for row in book.stored_risk().table().rows()}
    book.run_close(risk_from=days()[-3].item())
    assert len({row["date"] for row in book.stored_risk().table().rows()}) == len(stored) + 2


def test_a_backup_has_the_files_of_risk(tmp_path: Path) -> None:
    book = made(tmp_path)
    book.run_close()
    book.backup(str(tmp_path / "kept.argosy"))
    with restore_book(str(tmp_path / "kept.argosy"), str(tmp_path / "again.db")) as other:
        assert other.stored_risk().table().rows() == book.stored_risk().table().rows()
        assert other.verify().ok


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"confidence": 95.0}, InvalidInput, "0.95"),
        ({"horizon": 0}, InvalidInput, "horizon"),
        ({"window": 20}, InvalidInput, "window"),
        ({"model": "magic"}, UnknownName, "magic"),
        ({"models": ["magic"]}, UnknownName, "magic"),
        ({"what_if": ["hold 5 AAA"]}, InvalidInput, "no trade"),
        ({"what_if": ["buy x AAA"]}, InvalidInput, "no quantity"),
        ({"what_if": ["buy 1 ZZZ"]}, UnknownName, "ZZZ"),
        ({"what_if": ["buy 1 RARE"]}, MissingData, "proxies"),
        ({"factors": ["ZZZ"]}, UnknownName, "ZZZ"),
        ({"sleeve": "NONE"}, UnknownName, "NONE"),
        ({"sleeve": "all", "firm": True}, InvalidInput, "sleeve"),
        ({"benchmark": "ZZZ"}, ArgosyError, "ZZZ"),
        ({"as_of": "2020-01-20"}, InsufficientData, "returns"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    book: Book, asked: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        book.risk(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"windows": ["yesterday"]}, "yesterday"),
        ({"windows": ["crisis 2008"]}, "no history"),
        ({"shocks": ["AAA -130%"]}, "more than all of it"),
        ({"shocks": ["ZZZ -10%"]}, "ZZZ"),
        ({"shocks": ["AAA much"]}, "no shock"),
        ({"reverse": 20.0}, "reverse"),
        ({"sets": ["house"]}, "house"),
        ({"scenarios": "name = 1"}, "factors"),
        ({"liquidate": True}, "volume"),
    ],
)
def test_stress_that_cannot_be_is_refused(book: Book, asked: dict[str, object], words: str) -> None:
    with pytest.raises(ArgosyError, match=words):
        book.stress(**asked)  # type: ignore[arg-type]


def test_a_proxy_stands_in_and_is_named(book: Book) -> None:
    found = book.risk(what_if=["buy 100 NEWCO"], models=[])
    assert any("1.5 times BBB" in note for note in found.led_by("models")[0].notes)


def test_named_factors_sum_to_the_volatility_they_explain(book: Book) -> None:
    table = book.risk(factors=["AAA"], models=[]).led_by("factor")[0].rows()
    total = sum(float(row["volatility"]) for row in table)
    recent = second()
    slope = np.cov(recent["p"][-500:], recent["local"][-500:, 0])
    assert float(table[0]["exposure"]) == pytest.approx(slope[0, 1] / slope[1, 1], rel=1e-7)
    assert total > 0.0


def test_cash_alone_has_no_risk_to_take_apart(tmp_path: Path) -> None:
    book = argosy.create(str(tmp_path / "book.db"))
    book.create_portfolio("P", currency="USD")
    book.import_transactions(b"date,type,portfolio,net\n2022-01-03,deposit,P,1000\n")
    with pytest.raises((UndefinedMeasure, MissingData)):
        book.risk()
    assert book.run_close().complete


def test_the_commands_answer_and_refuse_in_words(book: Book, tmp_path: Path) -> None:
    place = ["--book", book.url.removeprefix("sqlite:///")]

    def said(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, [*words, *place])
        return done.exit_code, done.output

    code, text = said("risk", "--compare", "--what-if", "buy 10 BBB", "--models", "normal")
    assert code == 0, text
    assert "Change of risk: P" in text
    assert "What if: P" in text
    code, text = said("risk", "--first", "position", "--format", "csv", "--models", "normal")
    assert code == 0, text
    assert text.startswith("position,weight")
    assert said("risk", "--first", "what-if")[0] == 2
    code, text = said("risk", "--confidence", "95")
    assert (code, "give 0.95" in text) == (2, True)
    assert said("risk", "--stored")[0] == 4
    own = tmp_path / "own.toml"
    own.write_text('name = "house"\nstyle = "own"\nnote = "made up"\nstep = "day"\n[factors]\nAAA = "relative"\n'
                   '[[scenarios]]\nname = "slump"\nstory = "one"\nshocks.AAA = [-0.5]\n')  # fmt: skip
    code, text = said("stress", "--scenarios", str(own), "--format", "json")
    assert code == 0, text
    assert "house: slump" in text
    chart = tmp_path / "tested.svg"
    code, text = said("backtest-risk", "--model", "normal", "--window", "300", "--chart", str(chart))
    assert code == 0, text
    assert chart.read_text().startswith("<svg")
    assert said("limits", "show", "--broken")[0] == 0
    assert said("limits", "history", "--open")[0] == 0
    assert said("limits", "waive", "P", "value at risk <= 1%", "--until", "2099-01-01", "--reason", "x", "--by", "a",
                "--dry-run")[0] == 0  # fmt: skip
    assert said("limits", "approve", "9", "--by", "b")[0] == 2
    assert said("limits", "reject", "9", "--by", "b")[0] == 2
