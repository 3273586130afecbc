"""Worked examples of books, standards and peers (shared cases), each under the convention it states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.measures.performance import catalogue as c
from argosy.measures.performance.conventions import BASEL, GIPS, R


@pytest.fixture(scope="module")
def cases(shared_cases: Path) -> dict[str, Any]:
    return json.loads((shared_cases / "analytics.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def domain(shared_cases: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared_cases / "domain.json").read_text("utf-8"))["examples"]}


def returns_of(cases: dict[str, Any], dataset: str) -> tuple[np.ndarray, np.ndarray]:
    data = cases["datasets"][dataset]
    mine, market = ("portfolio", "benchmark") if dataset == "bacon" else ("HAM1", "SP500_TR")
    return np.array(data[mine]), np.array(data[market])


BY_CASE = {
    "m-bernardo-ledoit": (c.gain_loss_ratio, {}),
    "m-downside-potential": (c.downside_potential, {}),
    "m-omega-sharpe": (c.omega_sharpe_ratio, {}),
    "m-pain-index": (c.pain_index, {}),
    "m-maxdd": (c.max_drawdown, {}),
    "m-annual-return": (c.annual_return, {}),
    "m-jensen": (c.jensen_alpha, {}),
    "m-ir": (c.information_ratio, {}),
    "m-total-risk": (c.total_risk, {}),
    "m-msquared": (c.m_squared, {}),
    "ham1-annret": (c.annual_return, {}),
    "ham1-sharpe-a": (c.sharpe_ratio, {"excess": True}),
    "ham1-maxdd": (c.max_drawdown, {}),
    "ham1-ulcer": (c.ulcer_index, {}),
    "ham1-kurt": (c.excess_kurtosis, {}),
    "ham1-te": (c.tracking_error, {}),
    "ham1-beta-bull": (c.up_beta, {"excess": True}),
    "ham1-var-hist-95": (c.value_at_risk, {"sign": -1}),
    "ham1-es-hist-99": (c.expected_shortfall, {"sign": -1}),
}


@pytest.mark.parametrize("name", sorted(BY_CASE))
def test_a_measure_under_the_convention_of_r(cases: dict[str, Any], name: str) -> None:
    case = next(case for case in cases["cases"] if case["id"] == name)
    measure, options = BY_CASE[name]
    inputs = case["inputs"]
    mine, market = returns_of(cases, inputs["dataset"])
    found = measure(
        mine, periods_per_year=12, benchmark=market, target=inputs.get("mar", 0.0),
        risk_free=np.array(cases["datasets"]["managers"]["US_3m_TR"]) if "excess" in options else 0.0,
        confidence=inputs.get("confidence", 0.95), convention=R,
    )  # fmt: skip
    expected = case["expected"]["value"] * options.get("sign", 1)
    assert found == pytest.approx(expected, rel=case["tolerance"], abs=case["tolerance"])


def test_every_case_about_measures_is_computed(cases: dict[str, Any]) -> None:
    assert {case["id"] for case in cases["cases"] if case["topic"] == "metrics"} <= set(BY_CASE)


def test_alternative_risk_measures(domain: dict[str, Any]) -> None:
    case = domain["10.4-ALTRISK"]
    returns, expected = case["inputs"]["returns"], case["expected"]

    def close(found: float, name: str) -> None:
        assert found == pytest.approx(expected[name], abs=1e-6)

    close(c.expected_shortfall(returns, periods_per_year=1, confidence=0.9), "cvar90")
    close(c.expected_shortfall(returns, periods_per_year=1, confidence=0.925, convention=BASEL), "cvar925")
    close(c.downside_deviation(returns, periods_per_year=1), "downside_dev")
    close(c.sortino_ratio(returns, periods_per_year=1), "sortino")
    close(c.sortino_ratio(returns, periods_per_year=252, convention=R), "sortino")
    close(c.omega_ratio(returns, periods_per_year=1), "omega")
    close(c.max_drawdown(returns, periods_per_year=1), "max_drawdown")
    close(c.ulcer_index(returns, periods_per_year=1, convention=GIPS), "ulcer")
