"""Use of risk budgets, and exposures that look at yesterday only."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, UndefinedMeasure, UnknownName
from argosy.interfaces.wire import outcome
from argosy.measures.performance.drawdown_table import drawdown_path
from argosy.measures.risk.budgets.dynamic import (
    band_width,
    banded,
    constant_proportion,
    drawdown_control,
    target_exposures,
    volatility_target,
)
from argosy.measures.risk.budgets.exposure import ExposurePath, LookAhead, run_exposures
from argosy.measures.risk.budgets.use import RiskBudget, budget_use


def case(folder: Path, name: str) -> dict:
    cases = json.loads((folder / "domain.json").read_text("utf-8"))["examples"]
    return next(one for one in cases if one["id"] == name)


def test_the_volatility_case(shared_cases: Path) -> None:
    one = case(shared_cases, "11.5-VOLTARGET")
    x, expected = one["inputs"], one["expected"]
    found = volatility_target(x["returns"], target=x["target"], periods_per_year=x["days"], most=x["cap"],
                              decay=x["lam"], initial_variance=x["init_var"])  # fmt: skip
    assert found.exposures.tolist() == pytest.approx(expected["exposure"], rel=1e-6, abs=1e-8)
    assert found.returns.tolist() == pytest.approx(expected["strategy_returns"], rel=1e-6, abs=1e-8)


def test_the_band_case(shared_cases: Path) -> None:
    one = case(shared_cases, "14.5-NOTRADE")
    x = one["inputs"]
    found = band_width(cost=x["cost"], risk_aversion=x["gamma"], exposure=x["weight"])
    assert found == pytest.approx(one["expected"]["half_width"], rel=1e-6)


def rules(returns: np.ndarray) -> list[ExposurePath]:
    return [
        volatility_target(returns, target=0.1, periods_per_year=252, initial_variance=1e-4, band=0.05, cost=0.001),
        volatility_target(returns, target=0.1, periods_per_year=252),
        constant_proportion(returns, multiplier=3.0, floor=0.8, cost=0.001, band=0.02).path,
        drawdown_control(returns, most_drawdown=0.2, multiplier=3.0, cost=0.001).path,
    ]


@given(st.integers(0, 10_000), st.integers(80, 120))
def test_later_data_changes_no_earlier_exposure(seed: int, day: int) -> None:
    # The proof that nothing looks ahead: a different future, from this day on, leaves every exposure to this day alone.
    g = np.random.default_rng(seed)
    returns = g.normal(0.0, 0.01, 130)
    other = returns.copy()
    other[day:] = g.normal(0.0, 0.03, 130 - day)
    for one, two in zip(rules(returns), rules(other), strict=True):
        assert one.exposures[: day + 1].tobytes() == two.exposures[: day + 1].tobytes()
        assert not np.array_equal(one.exposures, two.exposures)


def test_looking_ahead_is_refused() -> None:
    returns = np.array([0.01, -0.02, 0.03])
    same_day = np.abs(returns) * 10
    with pytest.raises(LookAhead, match="the exposure of day 0 uses data of day 0"):
        run_exposures(returns, same_day, known=[0, 1, 2])
    with pytest.raises(LookAhead, match="the exposure of day 2 uses data of day 7"):
        run_exposures(returns, same_day, known=[-1, 0, 7])
    assert outcome(LookAhead("x")).exit_code == 2
    assert run_exposures(returns, same_day, known=[-1, -1, 1]).returns[2] == pytest.approx(same_day[2] * 0.03)


def test_costs_and_cash_by_hand() -> None:
    found = run_exposures([0.1, 0.0], [0.5, 1.0], known=[-1, 0], risk_free=0.01, cost=0.002)
    assert found.costs.tolist() == pytest.approx([0.001, 0.001])
    assert found.returns.tolist() == pytest.approx([0.05 + 0.005 - 0.001, -0.001])
    assert found.wealth[-1] == pytest.approx(1.054 * 0.999)
    assert found.turnover == pytest.approx(1.0)
    assert found.table().rows()[1]["day"] == 1


def test_bad_exposures() -> None:
    with pytest.raises(InvalidInput, match="known"):
        run_exposures([0.1], [1.0], known=[-1.0])
    with pytest.raises(InvalidInput, match="exposures has shape"):
        run_exposures([0.1], [1.0, 1.0, 1.0], known=[-1, 0, 1])
    with pytest.raises(InvalidInput, match="cost"):
        run_exposures([0.1], [1.0], known=[-1], cost=-0.1)


def test_targets_are_clipped_and_contradictions_refused() -> None:
    assert target_exposures([0.05, 0.5], target=0.1, most=1.5, least=0.3).tolist() == [1.5, 0.3]
    with pytest.raises(InvalidInput, match="above the most"):
        target_exposures([0.1], target=0.1, most=1.0, least=1.2)
    with pytest.raises(UndefinedMeasure, match="place 1"):
        target_exposures([0.1, 0.0], target=0.1, most=1.0)
    with pytest.raises(UndefinedMeasure, match="do not vary"):
        volatility_target(np.zeros(100), target=0.1, periods_per_year=252)


def test_the_target_is_reached() -> None:
    # Returns whose volatility doubles half way; the strategy's stays near its target, within 10%.
    g = np.random.default_rng(4)
    returns = np.concatenate([g.normal(0.0, 0.008, 2_000), g.normal(0.0, 0.02, 2_000)])
    found = volatility_target(returns, target=0.1, periods_per_year=252, most=5.0)
    for part in (found.returns[200:2_000], found.returns[2_200:]):
        assert part.std() * np.sqrt(252) == pytest.approx(0.1, rel=0.1)


@given(st.lists(st.floats(-0.24, 0.24), min_size=1, max_size=60))
def test_the_floor_holds_while_falls_are_smaller_than_its_inverse_multiplier(returns: list[float]) -> None:
    found = constant_proportion(returns, multiplier=4.0, floor=0.8, most=2.0)
    assert found.gap <= 1e-12
    assert (found.path.wealth >= found.floor - 1e-9).all()
    controlled = drawdown_control(returns, most_drawdown=0.2, multiplier=4.0, most=2.0)
    assert drawdown_path(controlled.path.returns).max(initial=0.0) <= 0.2 + 1e-9
    assert controlled.gap <= 1e-9


def test_a_jump_goes_through_the_floor_and_locks_the_cash() -> None:
    found = constant_proportion([-0.4, 0.5, 0.5], multiplier=5.0, floor=0.8, risk_free=0.001)
    assert found.path.exposures.tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-15)
    assert found.locked == 1
    # The floor grows at the rate and so does the locked cash, so the gap is the one of the jump and grows with them.
    assert found.gap == pytest.approx((0.8 * 1.001 - 0.6) * 1.001**2)
    with pytest.raises(UndefinedMeasure, match="wealth is gone on day 0"):
        constant_proportion([-0.9], multiplier=5.0, floor=0.5, most=2.0)


def test_bad_insurance() -> None:
    with pytest.raises(InvalidInput, match="floor is 80"):
        constant_proportion([0.1], multiplier=4.0, floor=80)
    with pytest.raises(InvalidInput, match="multiplier"):
        drawdown_control([0.1], most_drawdown=0.2, multiplier=0.0)


def test_bands_spare_trades() -> None:
    g = np.random.default_rng(3)
    targets = 0.5 + 0.2 * np.cumsum(g.normal(0.0, 0.05, 300))
    tight, wide = banded(targets, band=0.0), banded(targets, band=0.05)
    assert np.array_equal(tight, targets)
    assert np.abs(np.diff(wide)).sum() < 0.8 * np.abs(np.diff(tight)).sum()
    assert np.abs(wide - targets).max() <= 0.05 + 1e-12
    assert banded([0.5, 0.8], band=0.1, trade_to="target").tolist() == [0.5, 0.8]
    assert banded([0.5, 0.2], band=0.1).tolist() == pytest.approx([0.5, 0.3])
    with pytest.raises(InvalidInput, match="trade_to"):
        banded([0.5], band=0.1, trade_to="middle")  # type: ignore[arg-type]
    assert band_width(cost=0.0, risk_aversion=2.0, exposure=0.5) == 0.0
    assert band_width(cost=0.01, risk_aversion=2.0, exposure=1.0) == 0.0
    with pytest.raises(InvalidInput, match="exposure"):
        band_width(cost=0.01, risk_aversion=2.0, exposure=1.5)


def test_budgets_by_asset_and_group() -> None:
    w = np.array([0.5, 0.3, 0.2])
    cov = np.array([[0.0144, 0.0036, 0.0012], [0.0036, 0.0324, 0.009], [0.0012, 0.009, 0.0625]])
    risk = np.sqrt(w @ cov @ w)
    parts = w * (cov @ w) / risk
    found = budget_use(
        parts, [RiskBudget("equity", 0.6, soft=True, hard=0.8), RiskBudget("bond", 0.06, unit="amount")],
        names=["A", "B", "C"], groups=["bond", "equity", "equity"],
    )  # fmt: skip
    assert found.total == pytest.approx(risk)
    equity, bond = found.uses
    # Shares of DOMAIN 9.3-EULER: .37316, .35004, .27680.
    assert equity.used == pytest.approx(0.62684, abs=1e-5)
    assert equity.state == "soft breach"
    assert equity.headroom == pytest.approx(-0.02684, abs=1e-5)
    assert (bond.state, bond.use) == ("inside", pytest.approx(parts[0] / 0.06))
    assert [one.name for one in found.breaches] == ["equity"]
    assert found.table().rows()[0]["state"] == "soft breach"


@pytest.mark.parametrize(
    ("used", "budget", "state"),
    [
        (0.4, RiskBudget("x", 0.5, unit="amount"), "inside"),
        (0.45, RiskBudget("x", 0.5, unit="amount"), "warning"),
        (0.5, RiskBudget("x", 0.5, unit="amount"), "warning"),
        (0.51, RiskBudget("x", 0.5, unit="amount"), "hard breach"),
        (0.51, RiskBudget("x", 0.5, unit="amount", soft=True), "soft breach"),
        (0.71, RiskBudget("x", 0.5, unit="amount", soft=True, hard=0.7), "hard breach"),
        (-0.2, RiskBudget("x", 0.5, unit="amount"), "inside"),
    ],
)
def test_states(used: float, budget: RiskBudget, state: str) -> None:
    assert budget_use([used, 0.5], [budget], names=["x", "rest"]).uses[0].state == state


def test_bad_budgets() -> None:
    with pytest.raises(UnknownName, match="did you mean"):
        budget_use([0.1], [RiskBudget("equty", 0.5)], names=["equity"])
    with pytest.raises(InvalidInput, match="one budget for each"):
        budget_use([0.1], [RiskBudget("a", 0.5), RiskBudget("a", 0.5)], names=["a"])
    with pytest.raises(UndefinedMeasure, match="no shares"):
        budget_use([0.0], [RiskBudget("a", 0.5)], names=["a"])
    with pytest.raises(InvalidInput, match="groups"):
        budget_use([0.1], [], names=["a"], groups=["x", "y"])
    with pytest.raises(InvalidInput, match="unit"):
        RiskBudget("a", 0.5, unit="percent")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="warning"):
        RiskBudget("a", 0.5, warning=90)
    with pytest.raises(InvalidInput, match="hard already"):
        RiskBudget("a", 0.5, hard=0.6)
    with pytest.raises(InvalidInput, match="at least the soft one"):
        RiskBudget("a", 0.5, soft=True, hard=0.4)
    with pytest.raises(InvalidInput, match="budget of a"):
        RiskBudget("a", 0.0)
