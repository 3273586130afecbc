"""Models that have no answer, and inputs that make no model: each with its own typed outcome in a manager's words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from argosy.base.errors import ArgosyError, InvalidInput, MissingData, UnknownName
from argosy.base.limits import LimitError
from argosy.construction.optimize.face import frontier, optimize
from argosy.construction.optimize.outcomes import Infeasible, NoExcessReturn, TimeLimitReached, Unbounded
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance, NotPSD, nearest_psd
from tests.kernels.universes import universe

U = universe(12)
S = U.covariance
SECTOR = {"sector": ["ABC"[i] for i in U.sectors]}


def ask(model: str = "minimum variance", **more: Any) -> Any:
    return optimize(model, covariance=more.pop("covariance", S), **more)


def test_too_few_names_for_their_limit() -> None:
    with pytest.raises(Infeasible) as caught:
        ask(limits=["weight of each <= 5%", "weight of A1 >= 1%", "weight of sector=A <= 40%"], attributes=SECTOR)
    clash = {item.limit.text(): item.give for item in caught.value.clash}
    assert set(clash) == {"net = 100%", "weight of each <= 5%"}
    # Twelve names at 5% hold 60%.
    assert clash["net = 100%"] == pytest.approx(0.4, abs=1e-6)
    assert clash["weight of each <= 5%"] == pytest.approx(1 / 12 * (1 - 0.6), abs=1e-6)
    assert "net = 100% (would have to give 40%)" in str(caught.value)


def test_the_smallest_clashing_set_leaves_bystanders_out() -> None:
    limits = [
        "weight of sector=A <= 20%", "weight of sector=B <= 30%", "weight of sector=C <= 30%", "gross <= 200%",
        "tracking error <= 30%", "turnover <= 200%",
    ]  # fmt: skip
    with pytest.raises(Infeasible) as caught:
        ask(limits=limits, attributes=SECTOR, holdings=U.holdings, benchmark=U.benchmark)
    texts = {item.limit.text() for item in caught.value.clash}
    assert texts == {"net = 100%", *limits[:3]}
    assert all(item.give == pytest.approx(0.2, abs=1e-6) for item in caught.value.clash)


def test_turnover_that_does_not_reach_the_bands() -> None:
    holdings = np.zeros(12)
    holdings[0] = 1.0
    with pytest.raises(Infeasible) as caught:
        ask(limits=["turnover <= 10%", "weight of each <= 20%"], holdings=holdings)
    texts = {item.limit.text(): item.give for item in caught.value.clash}
    # Selling down to 20% alone trades 80%; that the money has to go somewhere is not even needed for the clash.
    assert set(texts) == {"turnover <= 10%", "weight of each <= 20%"}
    assert texts["turnover <= 10%"] == pytest.approx(0.7, abs=1e-6)
    assert texts["weight of each <= 20%"] == pytest.approx(0.7, abs=1e-6)


def test_risk_limit_below_the_least_risk() -> None:
    least = ask(long_only=False).volatility
    with pytest.raises(Infeasible) as caught:
        ask("maximum return", expected_returns=U.mu, limits=[f"volatility <= {least / 2}"])
    # Short selling would not help either, so the ban on it is no part of the clash.
    gives = {item.limit.measure: item.give for item in caught.value.clash}
    assert set(gives) == {"net", "volatility"}
    assert gives["volatility"] == pytest.approx(least / 2, rel=1e-4)


def test_no_bound() -> None:
    with pytest.raises(Unbounded, match="limit weights or gross exposure"):
        ask("maximum return", expected_returns=U.mu, long_only=False)


@pytest.mark.parametrize("limits", [[], ["weight of each <= 20%"]])
def test_nothing_earns_more_than_cash(limits: list[str]) -> None:
    with pytest.raises(NoExcessReturn, match=r"risk-free rate 0\.5"):
        ask("max sharpe", expected_returns=U.mu, risk_free=0.5, limits=limits)


def test_a_riskless_asset_has_no_best_ratio() -> None:
    s = np.diag([0.0, 0.04, 0.09])
    with pytest.raises(InvalidInput, match="no risk at all"):
        ask("max sharpe", covariance=s, expected_returns=[0.02, 0.05, 0.06])


def test_time_runs_out() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(TimeLimitReached):
        optimize("min ulcer index", returns=rng.normal(size=(400, 40)), time_limit=1e-4)


BAD: list[tuple[dict[str, Any], type[ArgosyError], str]] = [
    ({"covariance": [[1.0, 0.5], [0.4, 1.0]]}, InvalidInput, "not symmetric"),
    ({"covariance": [[1.0, 2.0], [2.0, 1.0]]}, NotPSD, "smallest eigenvalue is -1"),
    ({"covariance": [[1.0, np.nan], [np.nan, 1.0]]}, InvalidInput, r"no finite number at \(0, 1\)"),
    ({"covariance": [1.0, 2.0]}, InvalidInput, "has shape"),
    ({"expected_returns": [0.1]}, InvalidInput, "for 12 assets"),
    ({"expected_returns": [np.inf] * 12}, InvalidInput, "no finite number at place 0"),
    ({"names": ["A", "B"]}, InvalidInput, "covariance is for 12 assets"),
    ({"names": ["A"] * 12}, InvalidInput, "stands twice"),
    ({"names": []}, InvalidInput, "no assets"),
    ({"model": "minimum varianze"}, UnknownName, "did you mean 'minimum variance'"),
    ({"limits": ["weight of AAPL <= 5%"]}, UnknownName, "unknown asset 'AAPL'"),
    ({"limits": ["weight of sector=X <= 5%"], "attributes": SECTOR}, UnknownName, "unknown sector 'X'"),
    ({"limits": ["weight of sektor=A <= 5%"], "attributes": SECTOR}, UnknownName, "did you mean 'sector'"),
    ({"limits": ["exposure of sector <= 5"], "attributes": SECTOR}, InvalidInput, "not numeric"),
    (
        {"limits": ["exposure of esg <= 5"], "attributes": {"esg": [1.0] * 11 + [np.nan]}},
        MissingData,
        "missing for A12",
    ),
    ({"limits": ["turnover <= 5%"]}, MissingData, "needs the current holdings"),
    ({"limits": ["tracking error <= 5%"]}, MissingData, "needs a benchmark"),
    ({"limits": ["cvar of 95% <= 5%"]}, MissingData, "needs scenarios"),
    ({"limits": ["cvar of 950 <= 5%"], "returns": np.ones((4, 12))}, InvalidInput, "not a confidence level"),
    ({"limits": ["weight of each"]}, LimitError, "no bound"),
    ({"attributes": {"sector": ["A"]}}, InvalidInput, "1 values for 12 names"),
    ({"costs": -0.1, "holdings": U.holdings}, InvalidInput, "not negative"),
    ({"costs": 0.1}, MissingData, "needs the current holdings"),
    ({"risk_free": np.nan}, InvalidInput, "risk-free rate"),
    ({"model": "utility", "expected_returns": U.mu}, MissingData, "needs risk_aversion="),
    ({"model": "utility", "expected_returns": U.mu, "risk_aversion": -1.0}, InvalidInput, "must be positive"),
    ({"model": "enhanced index", "expected_returns": U.mu, "risk_aversion": 0.0}, InvalidInput, "must be positive"),
    ({"model": "target return", "expected_returns": U.mu, "target": np.nan}, InvalidInput, "not a number"),
    ({"model": "target risk", "expected_returns": U.mu, "target": 0.0}, InvalidInput, "must be positive"),
    ({"model": "max sharpe"}, MissingData, "expected returns"),
    ({"model": "min cvar"}, MissingData, "needs returns"),
    ({"model": "min cvar", "returns": np.ones((5, 12)), "level": 95.0}, InvalidInput, "between 0 and 1"),
    ({"model": "min cvar", "returns": np.ones((5, 3))}, InvalidInput, "returns is for 3 assets"),
    ({"model": "min cvar", "returns": np.ones(5)}, InvalidInput, "have shape"),
    ({"model": "min cvar", "returns": np.full((5, 12), np.nan)}, MissingData, "row 0, column 0"),
    ({"model": "market cap", "attributes": {"market_cap": [-1.0] * 12}}, InvalidInput, "must not be negative"),
    ({"model": "risk parity", "budgets": [0.1] * 12}, InvalidInput, "sum to 1.2"),
    ({"model": "risk parity", "budgets": {"A1": 1.0}}, InvalidInput, "must be positive"),
    ({"holdings": {"ZZZ": 1.0}}, UnknownName, "unknown asset 'ZZZ'"),
    ({"limits": ["names <= 3"], "long_only": False}, InvalidInput, "nothing bounds its weight"),
    ({"limits": ["trades <= 3"]}, MissingData, "needs the current holdings"),
]


@pytest.mark.parametrize(("given", "kind", "says"), BAD)
def test_inputs_that_do_not_fit(given: dict[str, Any], kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        ask(**given)


@pytest.mark.parametrize("model", ["inverse volatility", "risk parity", "hrp", "max decorrelation"])
def test_an_asset_that_does_not_vary(model: str) -> None:
    with pytest.raises(InvalidInput, match="A2 does not vary"):
        ask(model, covariance=np.diag([0.04, 0.0, 0.09]))


def test_nothing_says_which_assets() -> None:
    with pytest.raises(MissingData, match="nothing says"):
        optimize("equal")
    with pytest.raises(MissingData, match="needs a covariance"):
        optimize("minimum variance", names=["A", "B"])
    assert optimize("equal", names=["A", "B"]).as_dict() == {"A": 0.5, "B": 0.5}


def test_a_frontier_needs_two_points() -> None:
    with pytest.raises(InvalidInput, match="no line"):
        frontier(expected_returns=U.mu, covariance=S, points=1)


def test_repair_is_on_request_and_reported() -> None:
    broken = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    found = nearest_psd(broken)
    assert found.smallest_before == pytest.approx(-0.8)
    assert found.distance == pytest.approx(0.8)
    assert optimize(covariance=found.covariance).evidence.violation < 1e-9


def test_structured_covariances_are_checked() -> None:
    with pytest.raises(NotPSD, match="is negative"):
        FactorCovariance(np.ones((2, 1)), np.array([1.0, -1.0]))
    with pytest.raises(InvalidInput, match="specific variances"):
        FactorCovariance(np.ones((2, 1)), np.ones(3))
    both = FactorCovariance(U.factors, U.specific)
    np.testing.assert_allclose(both.dense(), S)
    np.testing.assert_allclose(both.times(U.mu), DenseCovariance(S).times(U.mu))
    some = np.array([1, 4])
    np.testing.assert_allclose(both.take(some).dense(), DenseCovariance(S).take(some).dense())
