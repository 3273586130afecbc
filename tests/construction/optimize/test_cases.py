"""Worked cases solved by several independent solvers, on twenty real stocks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.result import Optimized
from argosy.models.moments.black_litterman import View, black_litterman


@pytest.fixture(scope="module")
def stocks(shared_cases: Path) -> dict[str, object]:
    from skfolio.datasets import load_sp500_dataset

    cases = json.loads((shared_cases / "optimization.json").read_text())
    prices = load_sp500_dataset().loc["2018-01-01":"2022-12-28"]  # type: ignore[misc]
    returns = prices.pct_change().iloc[1:].to_numpy()
    mu, covariance = returns.mean(axis=0) * 252, np.cov(returns, rowvar=False) * 252
    data = cases["data"]
    assert list(prices.columns) == data["assets"]
    np.testing.assert_allclose(mu, list(data["mu"].values()), rtol=1e-12)
    assert covariance.sum() == pytest.approx(data["sum_S"], rel=1e-12)
    return {
        "returns": returns, "mu": mu, "covariance": covariance, "names": data["assets"],
        "cases": {case["id"]: case for case in cases["problems"]},
    }  # fmt: skip


def run(case: str, stocks: dict[str, object]) -> Optimized:
    mu, s, names = stocks["mu"], stocks["covariance"], stocks["names"]
    returns = stocks["returns"]
    twentieth = np.full(20, 0.05)
    match case:
        case "gmv_long_only":
            return optimize("minimum variance", covariance=s, names=names)  # type: ignore[arg-type]
        case "max_sharpe_long_only_rf2pct":
            return optimize("max sharpe", expected_returns=mu, covariance=s, names=names, risk_free=0.02)  # type: ignore[arg-type]
        case "frontier_ret_20pct":
            return optimize("target return", expected_returns=mu, covariance=s, names=names, target=0.2)  # type: ignore[arg-type]
        case "cvar95_long_only":
            return optimize("min cvar", returns=returns, names=names)  # type: ignore[arg-type]
        case "risk_parity_equal":
            return optimize("risk parity", covariance=s, names=names)  # type: ignore[arg-type]
        case "max_return_te4pct":
            return optimize(
                "maximum return", expected_returns=mu, covariance=s, names=names, benchmark=twentieth,  # type: ignore[arg-type]
                limits=["weight of each <= 15%", "tracking error <= 4%"],
            )  # fmt: skip
        case "hrp_single_linkage":
            return optimize("hrp", covariance=np.cov(returns, rowvar=False), names=names)  # type: ignore[arg-type]
        case "black_litterman_utility":
            posterior = black_litterman(
                s, market=twentieth, risk_aversion=2.5, tau=0.05, names=names,  # type: ignore[arg-type]
                views=[View({"AAPL": 1.0}, 0.15), View({"JPM": 1.0, "BAC": -1.0}, 0.03)],
            )  # fmt: skip
            expected = stocks["cases"][case]["posterior_mu"]  # type: ignore[index]
            np.testing.assert_allclose(posterior.mean, list(expected.values()), rtol=1e-10)
            return optimize("utility", expected_returns=posterior.mean, covariance=s, names=names, risk_aversion=2.5)  # type: ignore[arg-type]
    raise AssertionError(case)


OBJECTIVES = {
    "gmv_long_only": lambda r: r.volatility**2, "max_sharpe_long_only_rf2pct": lambda r: r.objective,
    "frontier_ret_20pct": lambda r: r.volatility**2, "cvar95_long_only": lambda r: r.objective,
    "risk_parity_equal": lambda r: r.volatility, "max_return_te4pct": lambda r: r.expected_return,
    "hrp_single_linkage": lambda r: r.volatility**2, "black_litterman_utility": lambda r: -r.objective,
}  # fmt: skip


@pytest.mark.parametrize("case", OBJECTIVES)
def test_worked_case(case: str, stocks: dict[str, object]) -> None:
    found = run(case, stocks)
    expected = stocks["cases"][case]  # type: ignore[index]
    assert OBJECTIVES[case](found) == pytest.approx(expected["objective"], rel=1e-8)
    # The solvers of the reference agree to 5e-8 in the weights where the optimum is flat.
    np.testing.assert_allclose(found.weights, list(expected["weights"].values()), atol=2e-6)
    assert found.evidence.violation < 1e-8
    assert found.evidence.relative_gap < 1e-8
