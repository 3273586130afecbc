"""How far to trade: against linear programs that know nothing of the rule, and as properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from argosy.base.errors import InvalidInput, UnknownName
from argosy.construction.rebalance.bands import bands, tolerance_bands
from argosy.construction.rebalance.sizing import invest, raise_cash, trade_to, within_liquidity

SEEDS = st.integers(0, 2**32)


def least_turnover(held: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """The smallest sum of |x - held| with x inside bounds and summing to one, by linear programming."""
    n = held.size
    identity = np.eye(n)
    rows = np.block([[identity, -identity], [-identity, -identity]])
    answer = linprog(
        np.concatenate([np.zeros(n), np.ones(n)]), A_ub=rows, b_ub=np.concatenate([held, -held]),
        A_eq=np.concatenate([np.ones(n), np.zeros(n)])[None, :], b_eq=[1.0],
        bounds=[*zip(low, high, strict=True), *[(0.0, None)] * n],
    )  # fmt: skip
    assert answer.status == 0
    return float(answer.fun)


@given(seed=SEEDS, lines=st.integers(2, 9), how=st.sampled_from(["edge", "inner"]))
def test_trades_bring_every_line_inside_with_the_least_turnover(seed: int, lines: int, how: str) -> None:
    rng = np.random.default_rng(seed)
    held, target = rng.dirichlet(np.ones(lines)), rng.dirichlet(np.ones(lines))
    policy = bands(target, rng.uniform(0.01, 0.3, lines), inner=float(rng.uniform(0.0, 1.0)))
    after = trade_to(held, policy, how)
    assert after.sum() == pytest.approx(1.0, abs=1e-12)
    outside = policy.excess(held) != 0.0
    if not outside.any():
        np.testing.assert_array_equal(after, held)
        return
    assert (np.abs(policy.excess(after)) < 1e-12).all()
    # The same lines have to come inside the same bands, the others may go where they like within theirs.
    low, high = (policy.lower, policy.upper) if how == "edge" else (policy.inner_lower, policy.inner_upper)
    floor = np.where(outside, low, np.minimum(policy.lower, held))
    ceiling = np.where(outside, high, np.maximum(policy.upper, held))
    assert np.abs(after - held).sum() <= least_turnover(held, floor, ceiling) + 1e-9


def test_to_the_target_and_not_at_all() -> None:
    policy = tolerance_bands([0.5, 0.3, 0.2])
    assert trade_to([0.6, 0.25, 0.15], policy, "target").tolist() == [0.5, 0.3, 0.2]
    assert trade_to([0.52, 0.29, 0.19], policy, "target").tolist() == [0.52, 0.29, 0.19]
    with pytest.raises(UnknownName, match="edge"):
        trade_to([0.6, 0.25, 0.15], policy, "egde")


@given(seed=SEEDS, lines=st.integers(1, 9))
def test_cash_is_placed_and_raised_with_no_trade_the_other_way(seed: int, lines: int) -> None:
    rng = np.random.default_rng(seed)
    values, target = rng.uniform(0.0, 100.0, lines), rng.dirichlet(np.ones(lines))
    amount = float(rng.uniform(0.0, 50.0))
    bought = invest(values, target, amount)
    assert bought.sum() == pytest.approx(amount, rel=1e-9, abs=1e-9)
    assert (bought >= 0.0).all()
    # No line that was bought ends higher against its target than one that was not.
    ratio = (values + bought) / target
    if (bought > 1e-9).any():
        assert ratio[bought > 1e-9].max() <= ratio.min() * (1.0 + 1e-6) + 1e-6
    amount = float(rng.uniform(0.0, 1.0) * values.sum())
    sold = raise_cash(values, target, amount)
    assert sold.sum() == pytest.approx(amount, rel=1e-9, abs=1e-9)
    assert ((sold >= 0.0) & (sold <= values + 1e-9)).all()
    left = (values - sold) / target
    if (sold > 1e-9).any():
        assert left[sold > 1e-9].min() >= left.max() * (1.0 - 1e-6) - 1e-6


def test_cash_into_an_empty_portfolio_goes_by_target() -> None:
    np.testing.assert_allclose(invest([0.0, 0.0], [0.7, 0.3], 100.0), [70.0, 30.0])
    np.testing.assert_allclose(invest([50.0, 50.0], [1.0, 0.0], 10.0), [10.0, 0.0])
    np.testing.assert_allclose(raise_cash([50.0, 50.0], [1.0, 0.0], 60.0), [10.0, 50.0])
    np.testing.assert_allclose(raise_cash([50.0, 50.0], [0.5, 0.5], 100.0), [50.0, 50.0])
    assert invest([1.0, 2.0], [0.5, 0.5], 0.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: invest([1.0], [0.5, 0.5], 1.0), "target has 2"),
        (lambda: invest([1.0, 1.0], [1.5, -0.5], 1.0), "target is negative"),
        (lambda: invest([1.0, 1.0], [0.5, 0.5], -1.0), "amount is -1"),
        (lambda: raise_cash([1.0, 1.0], [0.5, 0.5], 3.0), "all lines are worth 2.00"),
        (lambda: raise_cash([1.0], [0.5, 0.5], 1.0), "target has 2"),
        (lambda: within_liquidity([1.0], [0.0]), "no volume"),
        (lambda: within_liquidity([1.0], [1.0], days=0), "days is 0"),
        (lambda: within_liquidity([1.0], [1.0], participation=0.0), "participation"),
    ],
)
def test_refusals(call, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=said):
        call()


def test_days_to_trade() -> None:
    now, left, days = within_liquidity([500.0, -1000.0, 0.0], [2000.0, 500.0, 0.0], participation=0.2, days=2)
    np.testing.assert_allclose(now, [500.0, -200.0, 0.0])
    np.testing.assert_allclose(left, [0.0, -800.0, 0.0])
    assert days.tolist() == [2, 10, 0]  # 500/400 and 1000/100
