"""Triggers: which rule fires when, and that nothing flaps at the edge of a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.bands import bands
from argosy.construction.rebalance.drift import drift
from argosy.construction.rebalance.triggers import (
    Situation,
    Trigger,
    TriggerKind,
    TriggerRules,
    active_after,
    months_between,
    raised,
    summary,
    triggers,
)

TARGET = [0.6, 0.3, 0.1]
POLICY = bands(TARGET, [0.05, 0.05, 0.02], inner=0.5)
COVARIANCE = np.diag([0.04, 0.01, 0.0])
DAY = parse_date("2022-06-30")


def situation(weights: Sequence[float], **more: object) -> Situation:
    base = Situation(DAY, ["US equity", "bonds", "cash"], drift(weights, TARGET, COVARIANCE), POLICY)
    return replace(base, **more)  # type: ignore[arg-type]


def kinds(found: Sequence[Trigger]) -> list[str]:
    return [one.kind.value for one in found]


def test_drift_says_which_line_and_by_how_much() -> None:
    found = triggers(TriggerRules(), situation([0.682, 0.238, 0.08]))
    assert [one.sentence for one in found] == ["US equity 3.2% over its band", "bonds 1.2% under its band"]
    assert (found[0].measured, found[0].threshold) == (pytest.approx(0.082), pytest.approx(0.05))
    assert not triggers(TriggerRules(), situation([0.64, 0.26, 0.1]))
    assert not triggers(TriggerRules(drift=False), situation([0.7, 0.2, 0.1]))


def test_a_fired_line_stays_active_until_it_is_inside_the_inner_band() -> None:
    first = triggers(TriggerRules(), situation([0.66, 0.25, 0.09]))
    assert len(raised(first)) == 1
    active = active_after(first)
    # Back inside the outer band only: still active, nothing new is raised.
    second = triggers(TriggerRules(), situation([0.64, 0.27, 0.09], active=active))
    assert [one.active for one in second] == [True]
    assert second[0].sentence == "US equity not yet inside its inner band"
    assert raised(second) == ()
    # Out again: still the same trigger.
    assert raised(triggers(TriggerRules(), situation([0.66, 0.25, 0.09], active=active_after(second)))) == ()
    # Inside the inner band it is cleared, and may fire anew.
    third = triggers(TriggerRules(), situation([0.61, 0.29, 0.1], active=active_after(second)))
    assert third == ()
    assert len(raised(triggers(TriggerRules(), situation([0.66, 0.25, 0.09], active=active_after(third))))) == 1


@given(st.lists(st.floats(0.6, 0.7), min_size=1, max_size=40))
def test_nothing_flaps(path: list[float]) -> None:
    """However a weight moves, between two raisings it has been inside its inner band."""
    active: frozenset[tuple[str, str]] = frozenset()
    inside = True
    for weight in path:
        found = triggers(TriggerRules(), situation([weight, 0.9 - weight, 0.1], active=active))
        if any(one.subject == "US equity" for one in raised(found)):
            assert inside
            inside = False
        inside = inside or weight <= POLICY.inner_upper[0]
        active = active_after(found)


def test_each_rule() -> None:
    rules = TriggerRules(tracking_error=0.01, every_months=3, cash=0.02, signal=0.1)
    quiet = situation(TARGET, last_rebalance=parse_date("2022-05-31"))
    assert triggers(rules, quiet) == ()
    told = situation(
        [0.66, 0.24, 0.1], last_rebalance=parse_date("2022-03-30"), cash_away=0.05, signal_turnover=0.2,
        breaches=[("weight of US equity", 0.66, 0.65)], budgets=[("equity risk", 0.95, 0.9)],
        events=["ACME was merged into BIGCO"], asked="the client wants it",
    )  # fmt: skip
    found = triggers(rules, told)
    assert set(kinds(found)[:3]) == {"risk budget", "limit", "asked"}
    assert set(kinds(found)) == {kind.value for kind in TriggerKind}
    assert {one.kind for one in found if one.hard} == {
        TriggerKind.LIMIT, TriggerKind.RISK_BUDGET, TriggerKind.ASKED,
    }  # fmt: skip
    sentences = {one.kind: one.sentence for one in found}
    assert sentences[TriggerKind.CASH_FLOW] == "5.0% of value in cash to invest"
    assert sentences[TriggerKind.CALENDAR] == "3 months since the last rebalance on 2022-03-30"
    assert sentences[TriggerKind.TRACKING_ERROR] == "tracking error 1.34% against 1.00% allowed"
    assert sentences[TriggerKind.SIGNAL] == "the target has moved by 20.0% one way"
    assert summary(found)["drift"] == 2


def test_money_that_is_due_is_hard_and_a_rest_keeps_only_that() -> None:
    rules = TriggerRules(cash=0.02, rest_days=10)
    due = situation([0.7, 0.2, 0.1], cash_away=-0.03, last_rebalance=DAY - 3)
    found = triggers(rules, due)
    assert [(one.kind, one.hard) for one in found] == [(TriggerKind.CASH_FLOW, True)]
    assert found[0].sentence == "3.0% of value of cash to raise"
    assert len(triggers(rules, replace(due, last_rebalance=DAY - 10))) == 3


def test_a_measure_is_cleared_below_its_threshold() -> None:
    rules = TriggerRules(drift=False, signal=0.1, clear_at=0.8)
    active = active_after(triggers(rules, situation(TARGET, signal_turnover=0.11)))
    assert triggers(rules, situation(TARGET, signal_turnover=0.09)) == ()
    held = triggers(rules, situation(TARGET, signal_turnover=0.09, active=active))
    assert [one.active for one in held] == [True]
    assert triggers(rules, situation(TARGET, signal_turnover=0.08, active=active)) == ()


def test_months() -> None:
    for first, last, expected in (
        ("2022-01-15", "2022-04-15", 3), ("2022-01-15", "2022-04-14", 2), ("2021-11-30", "2022-02-28", 3),
        ("2021-12-31", "2022-12-30", 11), ("2020-02-29", "2021-02-28", 12), ("2022-05-01", "2022-05-31", 0),
    ):  # fmt: skip
        assert months_between(parse_date(first), parse_date(last)) == expected


@pytest.mark.parametrize(
    "wrong",
    [{"cash": 0.0}, {"tracking_error": float("nan")}, {"every_months": 0}, {"clear_at": 0.0}, {"rest_days": -1}],
)
def test_rules_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        TriggerRules(**wrong)  # type: ignore[arg-type]


def test_tracking_error_needs_a_risk_model() -> None:
    blind = replace(situation(TARGET), drift=drift(TARGET, TARGET))
    with pytest.raises(InvalidInput, match="needs a covariance"):
        triggers(TriggerRules(tracking_error=0.01), blind)
