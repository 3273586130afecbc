"""Walking forward: no look-ahead, drift and costs by a second method, comparison by hand, what has no answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import parse_limits
from argosy.base.panel import Panel
from argosy.construction.optimize.candidates import Candidates
from argosy.construction.optimize.comparison import BASELINE, evaluate
from argosy.construction.optimize.trading import Trading
from argosy.construction.optimize.walk_forward import Schedule, Walk, by_policy, equal_weight, paid_by, walk
from argosy.measures.performance.confidence import sharpe_interval
from argosy.models.moments.observations import InsufficientData
from argosy.models.moments.sample import Sample
from argosy.record.mandate_policy import CostRules, InvestmentPolicy, LimitRules, ObjectiveRules

RNG = np.random.default_rng(6)
T, N = 90, 5
RETURNS = RNG.normal(0.002, 0.02, (T, 1)) * np.array([1.0, 0.9, 1.1, 0.6, 0.4]) + RNG.normal(0.0, 0.015, (T, N))
NAMES = tuple("ABCDE")
SCHEDULE = Schedule(30, 7, purge=2)
POLICY = InvestmentPolicy(ObjectiveRules("minimum variance"))


def candidates(returns: np.ndarray = RETURNS) -> Candidates:
    days = np.arange(returns.shape[0]) * 7
    return Candidates(Sample(Panel(days, NAMES, returns), 52.0), {})


@given(st.integers(33, T - 1), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_future_cannot_change_what_was_decided(row: int, seed: int) -> None:
    changed = RETURNS.copy()
    changed[row:] = np.random.default_rng(seed).normal(0.01, 0.2, changed[row:].shape)
    before = walk(candidates(), SCHEDULE, by_policy(POLICY), name="m")
    after = walk(candidates(changed), SCHEDULE, by_policy(POLICY), name="m")
    decided = before.dates <= row  # weights set at the start of a row know nothing of it
    assert decided.any()
    assert np.array_equal(before.weights[decided], after.weights[decided])
    assert np.array_equal(before.before[decided], after.before[decided])
    known = row - before.dates[0]
    assert np.array_equal(before.returns[:known], after.returns[:known])


@pytest.mark.parametrize("expanding", [False, True])
@pytest.mark.parametrize("purge", [0, 3])
def test_only_rows_of_the_window_are_handed_over(expanding: bool, purge: int) -> None:
    seen: list[tuple[float, float, int]] = []

    def spy(known: Candidates) -> np.ndarray:
        rows = known.sample.panel.days // 7
        seen.append((int(rows[0]), int(rows[-1]), rows.size))
        return equal_weight(known)

    schedule = Schedule(20, 10, expanding=expanding, purge=purge)
    found = walk(candidates(), schedule, spy, name="spy")
    for date, (first, last, size) in zip(found.dates.tolist(), seen, strict=True):
        assert last == date - purge - 1
        assert first == (0 if expanding else last - 19)
        assert size == last - first + 1


def second_method(found: Walk, cost: float, rate: float) -> np.ndarray:
    """Positions in money, traded to weights, costs paid from everything in proportion."""
    wealth, out = 1.0, []
    shares = np.zeros(N)
    dates = found.dates.tolist()
    cash = 1.0
    for row in range(dates[0], T):
        start = wealth
        if row in dates:
            target = found.weights[dates.index(row)]
            paid = cost * np.abs(target - shares / wealth).sum()
            wealth *= 1.0 - paid
            shares, cash = target * wealth, (1.0 - target.sum()) * wealth
        shares, cash = shares * (1.0 + RETURNS[row]), cash * (1.0 + rate)
        wealth = shares.sum() + cash
        out.append(wealth / start - 1.0)
    return np.array(out)


def half_invested(known: Candidates) -> np.ndarray:
    return np.array([0.3, 0.2, 0.1, 0.0, 0.0])


@pytest.mark.parametrize("choose", [equal_weight, half_invested, by_policy(POLICY)])
def test_drift_costs_and_cash_by_a_second_method(choose: object) -> None:
    rate = 1.02 ** (1 / 52) - 1.0
    found = walk(candidates(), SCHEDULE, choose, name="m", cost=0.01, risk_free=0.02)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.returns, second_method(found, 0.01, rate), rtol=1e-10, atol=1e-14)
    assert found.turnover[0] == pytest.approx(np.abs(found.weights[0]).sum())
    np.testing.assert_allclose(found.costs, 0.01 * found.turnover)
    np.testing.assert_allclose(found.turnover, np.abs(found.weights - found.before).sum(axis=1))
    free = walk(candidates(), SCHEDULE, choose, name="m", risk_free=0.02)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.gross, free.returns, atol=1e-12)


def test_turnover_is_limited_from_the_second_date_on() -> None:
    rules = LimitRules(rules=parse_limits(["turnover <= 10%"]))
    found = walk(candidates(), SCHEDULE, by_policy(replace(POLICY, limits=rules)), name="m")
    assert found.turnover[0] == pytest.approx(1.0)
    assert (found.turnover[1:] <= 0.1 + 1e-7).all()
    assert not found.failures


def test_a_date_without_an_answer_keeps_what_is_held() -> None:
    calls = 0

    def sometimes(known: Candidates) -> np.ndarray:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise InvalidInput("no answer today", field="x")
        return equal_weight(known)

    found = walk(candidates(), SCHEDULE, sometimes, name="m")
    assert [reason for _, reason in found.failures] == ["no answer today"]
    assert found.turnover[1] == 0.0
    assert np.array_equal(found.weights[1], found.before[1])


def test_models_beside_equal_weight() -> None:
    found = evaluate(
        candidates(),
        POLICY,
        SCHEDULE,
        models=["minimum variance", "risk parity"],
        generator=np.random.default_rng(4),
        draws=400,
    )
    again = evaluate(
        candidates(),
        POLICY,
        SCHEDULE,
        models=["minimum variance", "risk parity"],
        generator=np.random.default_rng(4),
        draws=400,
    )
    assert [one.name for one in found.walks] == [BASELINE, "minimum variance", "risk parity"]
    assert np.array_equal(found.low, again.low)
    assert np.array_equal(found.probability[1:], again.probability[1:])
    for place, one in enumerate(found.walks):
        mine = one.returns
        assert found.sharpes[place] == pytest.approx(mine.mean() / mine.std(ddof=1) * np.sqrt(52))
        assert found.volatilities[place] == pytest.approx(mine.std(ddof=1) * np.sqrt(52))
        # The bootstrap's interval and that of Lo (2002) are of one size.
        other = sharpe_interval(mine, periods_per_year=52, errors="moments")
        assert 0.5 < (found.high[place] - found.low[place]) / (other.high - other.low) < 1.6
    assert np.isnan(found.probability[0])
    assert (found.adjusted[1:] >= found.probability[1:]).all()
    assert ((found.deflated[1:] > 0.0) & (found.deflated[1:] < 1.0)).all()
    table = found.table()
    assert table["p_holm"].exact(0) is None
    assert any("superior predictive ability" in note for note in table.notes)


def test_a_model_with_skill_is_found_and_one_without_is_not() -> None:
    rng = np.random.default_rng(11)
    calm = rng.normal(0.003, 0.002, (200, 1))
    wild = rng.normal(0.0, 0.06, (200, 4))
    made = candidates(np.hstack([calm, wild]))
    found = evaluate(
        made, POLICY, Schedule(30, 10), models=["minimum variance"], generator=np.random.default_rng(1), draws=400
    )
    assert found.probability[1] < 0.01
    assert found.sharpes[1] > found.sharpes[0]
    assert np.isnan(found.deflated[1])
    same = evaluate(made, POLICY, Schedule(30, 10), models=["equal"], generator=np.random.default_rng(1), draws=400)
    assert same.best is None
    assert same.probability[1] > 0.9


def test_what_cannot_be_walked_is_refused() -> None:
    with pytest.raises(InsufficientData, match="first weights are set after 95"):
        walk(candidates(), Schedule(95, 1), equal_weight, name="m")
    gapped = RETURNS.copy()
    gapped[3, 2] = np.nan
    with pytest.raises(MissingData, match="missing returns"):
        walk(candidates(gapped), SCHEDULE, equal_weight, name="m")
    for wrong in ({"window": 1}, {"every": 0}, {"purge": -1}):
        with pytest.raises(InvalidInput, match=next(iter(wrong))):
            Schedule(**{"window": 10, "every": 1, **wrong})
    with pytest.raises(InvalidInput, match="each once"):
        evaluate(candidates(), POLICY, SCHEDULE, models=["equal", "equal"], generator=np.random.default_rng(1))
    impossible = replace(POLICY, limits=LimitRules(rules=parse_limits(["weight of each <= 5%"])))
    with pytest.raises(InvalidInput, match="no answer on any date"):
        evaluate(candidates(), impossible, SCHEDULE, models=["minimum variance"], generator=np.random.default_rng(1))
    with pytest.raises(InvalidInput, match="confidence is 95"):
        evaluate(candidates(), POLICY, SCHEDULE, models=["equal"], generator=np.random.default_rng(1), confidence=95)


def test_the_whole_cost_of_a_mandate_is_paid_on_every_date() -> None:
    known = replace(candidates(), trading=Trading(1e6, dict.fromkeys(NAMES, 5e5), frozenset("AB")))
    rules = CostRules(0.001, 5.0, half_spread=0.0005, impact=0.5, fixed=30.0, purchase_tax=0.002, exchange=0.003)
    found = walk(known, SCHEDULE, equal_weight, name="m", cost=paid_by(rules))
    moved = found.weights - found.before
    size = np.abs(moved)
    for place, date in enumerate(found.dates):
        first, last = SCHEDULE.known(int(date))
        daily = RETURNS[first:last].std(axis=0, ddof=1) * np.sqrt(52.0 / 252.0)
        paid = (0.0015 * size[place].sum() + 0.002 * np.maximum(moved[place], 0.0).sum()
                + 0.003 * size[place, :2].sum() + 30.0 / 1e6 * N
                + 0.5 * (daily * np.sqrt(size[place] * 1e6 / 5e5)) @ size[place])  # fmt: skip
        assert found.costs[place] == pytest.approx(paid)
    assert not walk(known, SCHEDULE, equal_weight, name="m", cost=paid_by(CostRules())).costs.any()
    lacking = replace(POLICY, costs=rules)
    with pytest.raises(MissingData, match="needs to know what the portfolio is worth"):
        evaluate(candidates(), lacking, SCHEDULE, models=["equal"], generator=np.random.default_rng(1), draws=100)
    told = evaluate(known, lacking, SCHEDULE, models=["equal"], generator=np.random.default_rng(1), draws=100)
    assert told.walks[1].costs == pytest.approx(told.walks[0].costs)


def test_failures_on_some_dates_are_told() -> None:
    # No excess return in bad times: the model keeps what it holds.
    returns = RETURNS.copy()
    returns[20:34] -= 0.05
    found = evaluate(
        candidates(returns), replace(POLICY, objective=ObjectiveRules(risk_free=0.0)), SCHEDULE,
        models=["maximum sharpe"], generator=np.random.default_rng(1), draws=200,
    )  # fmt: skip
    assert found.walks[1].failures
    assert any("had no answer on" in note for note in found.notes)
