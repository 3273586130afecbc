"""Many accounts at once are the same as one by one, and one that fails stops no other."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.construction.optimize.batch import Account, optimize_many
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.outcomes import Infeasible
from argosy.models.costs.trading import Costs
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import universe

U = universe(30)
S = FactorCovariance(U.factors, U.specific)
SECTOR = {"sector": ["ABC"[i] for i in U.sectors]}
SHARED = ["weight of each <= 20%", "active weight of sector=each within 5%"]


def accounts(count: int) -> list[Account]:
    rng = np.random.default_rng(11)
    found = []
    for k in range(count):
        holdings = U.benchmark * rng.uniform(0.6, 1.4, 30)
        cash = float(rng.choice([0.0, 0.02]))
        holdings *= (1.0 - cash) / holdings.sum()
        limits = [f"turnover <= {rng.uniform(0.2, 0.5):.3f}", f"tracking error <= {rng.uniform(0.04, 0.06):.4f}"]
        found.append(Account(f"account {k}", holdings, limits, cash=cash))
    return found


def test_bits_of_one_by_one_in_any_order() -> None:
    # Loads the compiled kernel, so that all three solve with the same engine.
    many = accounts(250)
    done = optimize_many(
        many, expected_returns=U.mu, covariance=S, limits=SHARED, benchmark=U.benchmark, attributes=SECTOR,
        costs=0.001, risk_aversion=6.0,
    )  # fmt: skip
    assert not done.failed
    back = optimize_many(
        many[::-1][:50], expected_returns=U.mu, covariance=S, limits=SHARED, benchmark=U.benchmark, attributes=SECTOR,
        costs=0.001, risk_aversion=6.0,
    )  # fmt: skip
    for one, other in zip(done.outcomes[::-1][:50], back.outcomes, strict=True):
        assert one.account == other.account
        assert one.result is not None
        assert other.result is not None
        assert one.result.weights.tobytes() == other.result.weights.tobytes()
    for account, item in zip(many[:20], done.outcomes, strict=False):
        cash = [f"cash = {account.cash!r}"] if account.cash else []
        alone = optimize(
            "utility", expected_returns=U.mu, covariance=S, limits=[*SHARED, *account.limits, *cash], costs=0.001,
            benchmark=U.benchmark, attributes=SECTOR, risk_aversion=6.0, holdings=account.holdings,
        )  # fmt: skip
        assert item.result is not None
        assert item.result.weights.tobytes() == alone.weights.tobytes()
        assert item.result.evidence.relative_gap <= 1e-6


def test_failures_stay_with_their_account() -> None:
    done = optimize_many(
        [
            Account("fine", U.holdings), Account("clash", U.holdings, ["weight of each <= 1%"]),
            Account("typo", U.holdings, ["wieght of each <= 1%"]), Account("short", U.holdings[:3]),
            Account("broke", U.holdings, cash=1.5),
            Account("dear", U.holdings, costs=Costs(commission=0.5)),
        ],
        "minimum variance", covariance=S,
    )  # fmt: skip
    codes = {item.account: None if item.error is None else item.error.code for item in done.outcomes}
    assert codes == {"fine": None, "clash": "infeasible", "typo": "limit", "short": "invalid_input",
                     "broke": "invalid_input", "dear": None}  # fmt: skip
    assert isinstance(done.failed[0].error, Infeasible)
    dear = done.outcomes[-1].result
    assert dear is not None
    assert dear.turnover == pytest.approx(0.0, abs=1e-9)
    text = str(done.table())
    assert "clash: these limits cannot be met together" in text
    assert "failed" in text


def test_an_account_twice() -> None:
    with pytest.raises(InvalidInput, match="stands twice"):
        optimize_many([Account("A", U.holdings), Account("A", U.holdings)], "minimum variance", covariance=S)
