"""Published and peers' examples of returns (shared cases), through the public functions of arrays."""

from __future__ import annotations

import json
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.measures.performance.annualize import annualize_days
from argosy.measures.performance.blends import currency_returns
from argosy.measures.performance.confidence import deflated_sharpe, expected_best_sharpe, probabilistic_sharpe
from argosy.measures.performance.dietz import day_weights, flow_returns, modified_dietz, simple_dietz
from argosy.measures.performance.holdings import active_share
from argosy.measures.performance.irr import modified_irr, rates_of_return, xirr
from argosy.measures.performance.linking import link, link_groups
from argosy.measures.performance.returns import daily_returns


@pytest.fixture(scope="module")
def ledger(shared_cases: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared_cases / "ledger.json").read_text("utf-8"))["cases"]}


@pytest.fixture(scope="module")
def analytics(shared_cases: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared_cases / "analytics.json").read_text("utf-8"))["cases"]}


@pytest.fixture(scope="module")
def domain(shared_cases: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared_cases / "domain.json").read_text("utf-8"))["examples"]}


def asked(case: dict[str, Any], ask: str, **args: Any) -> tuple[float, float]:
    """Expected value and tolerance of a question."""
    for question in case["questions"]:
        if fnmatch(question["ask"], ask) and all(
            question.get("args", {}).get(key) == value for key, value in args.items()
        ):
            return float(question["expect"]), max(float(question["tol"]), 1e-15)
    raise AssertionError(ask)


def meets(found: float, case: dict[str, Any], ask: str, **args: Any) -> None:
    value, tolerance = asked(case, ask, **args)
    assert found == pytest.approx(value, abs=tolerance), ask


def amount(case: dict[str, Any], kind: str, key: str = "net") -> list[float]:
    return [float(line[key]) for line in case["transactions"] if line["kind"] == kind]


def test_weekly_returns_link_daily_ones(ledger: dict[str, Any]) -> None:
    case = ledger["PP-TTWROR-WEEKLY"]
    days, nav, flow = [], [], []
    balance = 0.0
    for line in case["transactions"]:
        day = parse_date(line["date"])
        if not days or days[-1] != day:
            days.append(day), nav.append(0.0), flow.append(0.0)
        balance += float(line["net"])
        nav[-1] = balance
        flow[-1] += float(line["net"]) if line["kind"] in ("deposit", "withdrawal") else 0.0
    # That index takes what comes in as there from the start of the day, what goes out as there until its end.
    inward = np.maximum(np.array(flow[1:]), 0.0)
    outward = np.maximum(-np.array(flow[1:]), 0.0)
    returns = flow_returns(nav[:-1], nav[1:], inward, outward, timing="in_out")
    weeks = [(day - parse_date("2012-01-02")) // 7 for day in days[1:]]
    _, found = link_groups(returns, weeks)
    meets(float(found[0]), case, "period_return", week_ending="2012-01-01")
    meets(float(found[1]), case, "period_return", week_ending="2012-01-08")


def test_internal_rate_of_one_year_less_a_day(ledger: dict[str, Any]) -> None:
    case = ledger["PP-IRR-SIMPLE"]
    rate = xirr(amount(case, "flow"), [line["date"] for line in case["transactions"]])
    # The source's figure is rounded where its own solver stopped; the recomputed one has twelve digits.
    assert rate == pytest.approx(float(case["questions"][0]["recomputed"]), abs=1e-11)
    meets(rate, case, "xirr")


def test_security_with_a_tax_refund(ledger: dict[str, Any]) -> None:
    case = ledger["PP-TAXREFUND-HELD"]
    delivered = next(line for line in case["transactions"] if line["kind"] == "transfer_in")
    paid = float(delivered["net"]) - float(delivered["tax"])
    worth = 100 * float(case["prices"][0]["price"])
    first, last = parse_date(case["period"]["start"]), parse_date(case["period"]["end"])
    meets(annualize_days(worth / paid - 1.0, last - first), case, "twr_*")
    meets(xirr([-paid, worth], [delivered["date"], case["period"]["end"]]), case, "xirr")


def test_a_trade_of_one_year(ledger: dict[str, Any]) -> None:
    case = ledger["PP-TRADE-LONG"]
    flows = [-5 * 100.0, 5 * 180.0]
    meets(xirr(flows, [line["date"] for line in case["transactions"]]), case, "xirr")
    meets(modified_dietz(0.0, 900.0, [500.0], [1.0]), case, "return")


@pytest.mark.parametrize("name", ["GF-BALN-BUY", "GF-NOVN-ROUNDTRIP", "GF-BTCUSD"])
def test_gain_over_money_invested(ledger: dict[str, Any], name: str) -> None:
    case = ledger[name]
    buy = case["transactions"][0]
    paid = float(Decimal(buy["qty"]) * Decimal(buy["price"]))
    sells = [line for line in case["transactions"] if line["kind"] == "sell"]
    line = sells[0] if sells else case["prices"][-1]
    worth = float(Decimal(buy["qty"]) * Decimal(line["price"]))
    fee = float(buy.get("fee", "0"))
    args = {"date": "2022-01-14"} if name == "GF-BTCUSD" else {}
    meets(modified_dietz(0.0, worth - fee, [paid], [1.0]), case, "net_performance_ratio", **args)
    if name != "GF-NOVN-ROUNDTRIP":
        meets(modified_dietz(0.0, worth, [paid], [1.0]), case, "gross_performance_ratio", **args)


def test_gain_in_two_currencies(ledger: dict[str, Any]) -> None:
    case = ledger["GF-GOOGL-CHF"]
    first, last = (float(price["price"]) for price in case["prices"])
    rate_first, rate_last = (float(fx["rate"]) for fx in case["fx"])
    meets(modified_dietz(0.0, last, [first], [1.0]), case, "gross_ratio_local")
    meets(modified_dietz(0.0, last - 1.0, [first], [1.0]), case, "net_ratio_local")
    both = currency_returns([last / first - 1.0], [rate_last / rate_first - 1.0])
    meets(float(both[0]), case, "gross_ratio_with_currency_effect")
    paid = first * rate_first
    net = modified_dietz(0.0, last * rate_last - 1.0 * rate_first, [paid], [1.0])
    meets(net, case, "net_ratio_with_currency_effect")


def test_both_dietz_methods(ledger: dict[str, Any]) -> None:
    case = ledger["OWN-DIETZ"]
    start, end = (parse_date(case["period"][key]) for key in ("start", "end"))
    moved = [line for line in case["transactions"] if line["kind"] in ("deposit", "withdrawal")]
    flows = [float(line["net"]) for line in moved]
    weights = day_weights([line["date"] for line in moved], start, end)
    opening, closing = amount(case, "opening_value")[0], amount(case, "closing_value")[0]
    meets(modified_dietz(opening, closing, flows, weights), case, "modified_dietz")
    meets(simple_dietz(opening, closing, flows), case, "simple_dietz")


def test_rates_of_return_of_the_literature(analytics: dict[str, Any]) -> None:
    case = analytics["ret-xirr-excel"]
    found = xirr(case["inputs"]["flows"], case["inputs"]["dates"])
    assert found == pytest.approx(case["expected"]["xirr"], abs=case["tolerance"])
    two = analytics["ret-irr-two-roots"]
    flows = two["inputs"]["flows"]
    found_all = rates_of_return(flows, range(len(flows)), year=1.0)
    assert found_all.rates == pytest.approx(two["expected"]["roots"], abs=two["tolerance"])
    mirr = analytics["ret-mirr-excel"]
    flows, finance = mirr["inputs"]["flows"], mirr["inputs"]["finance_rate"]
    reinvest = mirr["inputs"]["reinvest_rate"]
    for key, upto, rate in (("mirr_5y", 6, reinvest), ("mirr_3y", 4, reinvest), ("mirr_5y_14", 6, 0.14)):
        result = modified_irr(flows[:upto], finance_rate=finance, reinvest_rate=rate)
        assert result == pytest.approx(mirr["expected"][key], abs=1e-9)


def test_modified_dietz_of_two_years_and_active_share(analytics: dict[str, Any]) -> None:
    case = analytics["ret-moddietz-wiki"]["inputs"]
    found = modified_dietz(case["v0"], case["v1"], [case["flow"]], [case["flow_time_fraction"]])
    assert found == pytest.approx(1.2, abs=1e-12)
    share = analytics["bm-active-share"]
    assert active_share(share["inputs"]["wp"], share["inputs"]["wb"]) == share["expected"]["active_share"]


def test_sleeves_with_a_transfer_between_them(domain: dict[str, Any]) -> None:
    case = domain["9.2-SLEEVE-TWR"]
    given, moved = case["inputs"], case["inputs"]["transfer_A_to_B"]
    total = [1000.0]
    found = {}
    middle = {}
    for sleeve, sign in (("A", -1.0), ("B", 1.0)):
        start = given["start"][sleeve]
        half = start * (1.0 + given["period1"][sleeve])
        middle[sleeve] = half + sign * moved
        end = middle[sleeve] * (1.0 + given["period2"][sleeve])
        series = daily_returns([0, 1, 2], [start, half + sign * moved, end], [0.0, sign * moved, 0.0])
        found[sleeve] = series.linked().number()
        total.append(end)
    assert found["A"] == pytest.approx(case["expected"]["A_twr"], abs=1e-8)
    assert found["B"] == pytest.approx(case["expected"]["B_twr"], abs=1e-8)
    whole = link([sum(middle.values()) / 1000.0 - 1.0, sum(total[1:]) / sum(middle.values()) - 1.0])
    assert whole == pytest.approx(case["expected"]["total_twr"], abs=1e-8)


def test_probabilistic_and_deflated_sharpe(domain: dict[str, Any]) -> None:
    case = domain["9.5-PSR"]
    given = case["inputs"]
    found = probabilistic_sharpe(
        given["sr_monthly"], given["n"], skewness=given["skew"], kurtosis=given["kurtosis"],
        reference=given["benchmark_sr"],
    )  # fmt: skip
    assert found == pytest.approx(case["expected"]["psr"], abs=1e-8)
    case = domain["10.3-DSR"]
    given = case["inputs"]
    variance = given["var_sr_annual"] / given["periods"]
    assert expected_best_sharpe(given["trials"], variance) == pytest.approx(case["expected"]["sr0_daily"], abs=1e-8)
    found = deflated_sharpe(
        given["sr_annual"] / given["periods"] ** 0.5, given["n"], trials=given["trials"], variance=variance,
        skewness=given["skew"], kurtosis=given["kurtosis"],
    )  # fmt: skip
    assert found == pytest.approx(case["expected"]["dsr"], abs=1e-8)
