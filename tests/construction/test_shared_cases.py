"""Worked cases of strategies (9), rebalancing (14) and wash sales, each through the function that answers it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.base.errors import ArgosyError
from argosy.construction.rebalance.bands import bands, no_trade_bands, volatility_bands
from argosy.construction.rebalance.sizing import within_liquidity
from argosy.construction.strategies.allocation import allocate, cap_weights
from argosy.construction.strategies.netting import net, savings
from argosy.construction.strategies.together import overlap, strategy_risk
from argosy.measures.performance.confidence import probabilistic_sharpe
from argosy.measures.tax.lots import TaxLots, sell
from argosy.measures.tax.regimes import Regime, regime
from argosy.measures.tax.wash_sales import LotSale, Purchase, wash_sales
from argosy.models.costs.impact import impact_coefficients
from argosy.models.costs.trading import Costs

Case = Mapping[str, Any]
SOLD = 20_000


def lots_of(given: Case) -> tuple[TaxLots, Regime]:
    rows = np.array(given["lots"], dtype=float)
    us = regime("US").with_rates(short=given.get("st"), long=given.get("lt"))
    return TaxLots.of(rows[:, 0], rows[:, 1], SOLD - rows[:, 2].astype(int)), us


def lots(given: Case) -> Case:
    held, us = lots_of(given)
    sold = {method: sell(held, given["qty"], given["price"], day=SOLD, regime=us, method=method)
            for method in ("FIFO", "HIFO", "MINTAX")}  # fmt: skip
    return {"fifo_gain": sold["FIFO"].gain, "fifo_tax": sold["FIFO"].tax, "hifo_gain": sold["HIFO"].gain,
            "hifo_tax": sold["HIFO"].tax, "min_tax": sold["MINTAX"].tax}  # fmt: skip


def too_many(given: Case) -> Case:
    held, us = lots_of(given)
    return {"gain": sell(held, given["qty"], 1.0, day=SOLD, regime=us).gain}


def netting(given: Case) -> Case:
    found = net([[units] for units in given["orders"].values()])
    saved = savings(found, [given["price"]], given["cost_bp"] / 1e4)
    assert saved.none_worse
    return {"crossed": int(found.crossed_total[0]), "external": int(found.external_net[0]),
            "cost_unnetted": saved.alone.sum(), "cost_netted": saved.netted.sum(),
            "saving": saved.saved.sum()}  # fmt: skip


def euler(given: Case) -> Case:
    names = [f"S{at}" for at in range(len(given["weights"]))]
    found = strategy_risk(names, given["weights"], given["annual_covariance"])
    return {"vol": found.volatility, "contrib": found.contribution, "pct": found.share,
            "diversification_ratio": found.diversification}  # fmt: skip


def budget(given: Case) -> Case:
    names = [f"S{at}" for at in range(len(given["risk_budget"]))]
    found = allocate("risk budget", names, given["annual_covariance"], budgets=given["risk_budget"])
    return {"weights": found.weights, "risk_share": found.risk_share, "vol": found.volatility}


def volband(given: Case) -> Case:
    found = volatility_bands(given["target"], given["sigma"], base=given["base"])
    assert bands(given["target"], found.upper - found.target).lower.tolist() == pytest.approx(found.lower.tolist())
    return {"bands": found.upper - found.target, "breach": found.breached(given["weights"])}


def impact(given: Case) -> Case:
    """The cost model works in parts of value: a portfolio of exactly the order makes them bp of the order."""
    money = given["qty"] * given["price"]
    found = impact_coefficients(volatility=[given["daily_vol"]], volume_value=[given["adv"] * given["price"]],
                                nav=money, coefficient=given["Y"])  # fmt: skip
    parts = Costs(half_spread=given["half_spread_bp"] / 1e4, impact=found).priced(("X",), np.zeros(1)).parts(np.ones(1))
    return {"impact_bp": parts["impact"] * 1e4, "total_bp": sum(parts.values()) * 1e4,
            "cost": sum(parts.values()) * money}  # fmt: skip


def liquidate(given: Case) -> Case:
    """Days in which an order fits into its share of volume; whole days here, the fractions are the source's."""
    names = list(given["shares_adv"])
    shares, volume = np.array([given["shares_adv"][name] for name in names]).T
    _, _, whole = within_liquidity(-shares, volume, participation=given["participation"])
    days = shares / (given["participation"] * volume)
    assert whole.tolist() == np.ceil(days).astype(int).tolist()
    sold, _, _ = within_liquidity(-shares, volume, participation=given["participation"], days=7)
    value = np.array([given["values"][name] for name in names])
    return {"days": dict(zip(names, days.tolist(), strict=True)),
            "liquid_7d": float(-sold / shares @ value / value.sum())}  # fmt: skip


def no_trade(given: Case) -> Case:
    found = no_trade_bands([given["weight"], 1.0 - given["weight"]], cost=given["cost"], risk_aversion=given["gamma"])
    return {"half_width": found.upper[0] - found.target[0], "region": [found.lower[0], found.upper[0]]}


ANSWERS: Mapping[str, Callable[[Case], Case]] = {
    "9.1-CAPACITY": lambda given: {"weights": cap_weights(given["target"], given["cap"])},
    "9.1-E1": budget,
    "9.1-ERC": budget,
    "9.3-E1": euler,
    "9.3-EULER": euler,
    "9.3-OVERLAP": lambda given: {"overlap": overlap(given["a"], given["b"]),
                                  "active_share": 1.0 - overlap(given["a"], given["b"])},
    "9.4-NETTING": netting,
    "9.5-PSR": lambda given: {"psr": probabilistic_sharpe(given["sr_monthly"], given["n"], skewness=given["skew"],
                                                          kurtosis=given["kurtosis"])},
    "14.1-VOLBAND": volband,
    "14.2-E1": too_many,
    "14.2-LOTS": lots,
    "14.3-SQRT": impact,
    "14.4-DTL": liquidate,
    "14.5-NOTRADE": no_trade,
}  # fmt: skip
ELSEWHERE = {"9.2-SLEEVE-TWR"}
"""Through a book: tests/flows/test_strategies_together.py."""


def cases(folder: Path) -> Sequence[Case]:
    listed = json.loads((folder / "domain.json").read_text("utf-8"))["examples"]
    return [one for one in listed if one["item"] in (9, 14)]


def test_every_case_is_answered(shared_cases: Path) -> None:
    assert {one["id"] for one in cases(shared_cases)} == set(ANSWERS) | ELSEWHERE


@pytest.mark.parametrize("name", ANSWERS)
def test_worked_case(shared_cases: Path, name: str) -> None:
    (case,) = [one for one in cases(shared_cases) if one["id"] == name]
    expected = case["expected"]
    if "error" in expected:
        with pytest.raises(ArgosyError) as refused:
            ANSWERS[name](case["inputs"])
        assert type(refused.value).__name__ == expected["error"]
        assert refused.value.field
        return
    found = ANSWERS[name](case["inputs"])
    assert set(found) == set(expected)
    for key, wanted in expected.items():
        got = found[key]
        given = got if isinstance(got, dict) else np.asarray(got).tolist()
        assert given == pytest.approx(wanted, abs=case["tolerance"]["abs"], rel=case["tolerance"]["rel"]), key


def test_the_wash_sale_of_the_ledger_cases(shared_cases: Path) -> None:
    listed = json.loads((shared_cases / "ledger.json").read_text("utf-8"))
    rows = next(value for value in listed.values() if isinstance(value, list) and value and "transactions" in value[0])
    (case,) = [one for one in rows if one["id"] == "OWN-WASH-SALE"]
    bought, sold, again = case["transactions"]
    first, gone, back = (parse_date(one["date"]) for one in (bought, sold, again))
    sale = LotSale(2, 1, gone, 0, 1, 1, int(sold["qty"]), int(bought["net"]), int(sold["net"]), first)
    purchases = [Purchase(1, first, 0, 1, 1, int(bought["qty"]), int(bought["net"])),
                 Purchase(3, back, 0, 1, 1, int(again["qty"]), int(again["net"]))]  # fmt: skip
    found = wash_sales([sale], purchases, regime=regime("US"))
    told = {"realised_gain_before_adjustment": sale.gain, "disallowed_loss": found.disallowed,
            "cost_basis": found.lots[3].cost}  # fmt: skip
    assert told == {one["ask"]: int(one["expect"]) for one in case["questions"]}
    assert found.lots[3].acquired == back - (gone - first)  # the replacement inherits the holding period
