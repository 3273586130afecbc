"""Resampled portfolios and frontiers: written out sample by sample, the same bits from the same seed, limits kept."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from argosy.base.errors import ArgosyError, InvalidInput, MissingData
from argosy.construction.optimize.face import frontier, optimize
from argosy.construction.optimize.outcomes import NoExcessReturn
from argosy.construction.optimize.resampled import Resampled
from argosy.construction.optimize.resampled_line import resampled_frontier
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import universe

U = universe(8)
S = U.covariance
FACTORS = FactorCovariance(U.factors, U.specific)
MORE: dict[str, Any] = {"expected_returns": U.mu, "covariance": FACTORS, "risk_aversion": 4.0}


def seed(value: int = 5) -> np.random.Generator:
    return np.random.default_rng(value)


def test_the_average_written_out() -> None:
    found = optimize(Resampled(draws=4, periods=40), generator=seed(), limits=["weight of each <= 40%"], **MORE)
    g = seed()
    rows = []
    for _ in range(4):
        sample = U.mu + g.standard_normal((40, 4)) @ U.factors.T + g.standard_normal((40, 8)) * np.sqrt(U.specific)
        w = cp.Variable(8, nonneg=True)
        s = np.cov(sample, rowvar=False)
        goal = sample.mean(axis=0) @ w - 2.0 * cp.sum_squares(np.linalg.cholesky(s).T @ w)
        cp.Problem(cp.Maximize(goal), [cp.sum(w) == 1, w <= 0.4]).solve(solver=cp.CLARABEL)
        rows.append(w.value)
    np.testing.assert_allclose(found.weights, np.mean(rows, axis=0), atol=1e-5)
    spread = {str(row["asset"]): float(row["standard_deviation"]) for row in found.reports[0].rows()}  # type: ignore[arg-type]
    expected = np.std(rows, axis=0, ddof=1)
    assert [spread[f"A{i + 1}"] for i in range(8)] == pytest.approx(expected.tolist(), abs=1e-4)
    assert found.notes[0] == "average of 4 samples"
    assert found.status == "heuristic"


def test_the_same_seed_gives_the_same_bits() -> None:
    one = optimize(Resampled(draws=10, periods=40), generator=seed(), **MORE)
    two = optimize(Resampled(draws=10, periods=40), generator=seed(), **MORE)
    other = optimize(Resampled(draws=10, periods=40), generator=seed(6), **MORE)
    np.testing.assert_array_equal(one.weights, two.weights)
    assert (one.weights != other.weights).any()


def test_long_samples_come_to_the_model_itself_and_short_ones_spread() -> None:
    plain = optimize("utility", **MORE)
    long = optimize(Resampled(draws=20, periods=400_00), generator=seed(), **MORE)
    np.testing.assert_allclose(long.weights, plain.weights, atol=0.02)
    short = optimize(Resampled(draws=50, periods=20), generator=seed(), **MORE)
    assert (short.weights > 1e-6).sum() > (plain.weights > 1e-6).sum()


def test_blocks_of_returns_for_models_of_scenarios() -> None:
    r = seed().normal(0.001, 0.01, (120, 4))
    found = optimize(Resampled("minimum cvar", draws=5, block=10), returns=r, generator=seed())
    assert found.weights.sum() == pytest.approx(1.0)
    by_rows = optimize(Resampled("minimum variance", draws=5), returns=r, covariance=np.cov(r, rowvar=False),
                       generator=seed())  # fmt: skip
    assert by_rows.weights.sum() == pytest.approx(1.0)


def test_samples_without_excess_return_are_left_out_and_said() -> None:
    mu = np.full(8, 0.001)
    found = optimize(Resampled("max sharpe", draws=12, periods=30), expected_returns=mu, covariance=S,
                     generator=seed())  # fmt: skip
    assert "had no expected return above" in found.notes[1]
    with pytest.raises(NoExcessReturn, match="no sample"):
        optimize(Resampled("max sharpe", draws=3, periods=30), expected_returns=mu - 9.0, covariance=S,
                 generator=seed())  # fmt: skip


def test_the_resampled_frontier_lies_below_the_efficient_one() -> None:
    given: dict[str, Any] = {"expected_returns": U.mu, "covariance": S}
    line = resampled_frontier(periods=60, generator=seed(), draws=30, points=6, **given)
    again = resampled_frontier(periods=60, generator=seed(), draws=30, points=6, **given)
    np.testing.assert_array_equal(line.weights, again.weights)
    assert (np.diff(line.expected_returns) > 0.0).all()
    best = frontier(targets=line.expected_returns, **given)
    assert (line.volatilities >= best.volatilities - 1e-12).all()
    long = resampled_frontier(periods=500_000, generator=seed(), draws=2, points=4, **given)
    np.testing.assert_allclose(long.weights, frontier(points=4, **given).weights, atol=0.02)
    capped = resampled_frontier(periods=60, generator=seed(), draws=3, points=3, limits=["weight of each <= 30%"],
                                names=[f"N{i}" for i in range(8)], **given)  # fmt: skip
    assert capped.weights.max() <= 0.3 + 1e-7


BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: optimize(Resampled(periods=40), **MORE), MissingData, "needs generator="),
    (lambda: optimize("michaud", generator=seed(), **MORE), MissingData, "number of observations"),
    (lambda: optimize(Resampled(draws=1, periods=40), generator=seed(), **MORE), InvalidInput, "1 draws"),
    (lambda: optimize(Resampled(periods=1), generator=seed(), **MORE), InvalidInput, "1 observations"),
    (
        lambda: resampled_frontier(expected_returns=U.mu, covariance=S, periods=9, generator=seed(), draws=0),
        InvalidInput,
        "0 draws",
    ),
    (
        lambda: resampled_frontier(expected_returns=U.mu, covariance=S, periods=9, generator=seed(), names=["A"]),
        InvalidInput,
        "for 1 assets",
    ),
    (
        lambda: resampled_frontier(expected_returns=[0.1], covariance=S, periods=9, generator=seed(), names=["A"]),
        InvalidInput,
        "for a covariance of 8",
    ),
]


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_cannot_be_resampled(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()
