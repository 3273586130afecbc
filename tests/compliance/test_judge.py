"""Verdicts: a breach is blamed on trades only where they cause or worsen it; what cannot be judged does not pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.base.limits import parse_limits
from argosy.compliance.judge import Case, Verdict, judge, mandate_limits, restricted_names
from argosy.measures.limits.universe import Universe


def case(before: Sequence[float], after: Sequence[float], *rules: str, **more: object) -> Case:
    universe = Universe(("A", "B", "C"), {"sector": ["X", "X", "Y"]}, np.array(before))
    return Case(universe, np.array(before), np.array(after), parse_limits(rules), **more)  # type: ignore[arg-type]


def test_a_limit_that_trades_break_is_a_breach() -> None:
    found = mandate_limits(case([0.2, 0.3, 0.5], [0.2, 0.2, 0.6], "weight of C <= 55%", "weight of sector=X >= 45%"))
    assert [(one.subject, one.passed) for one in found] == [("weight of C", False), ("weight of sector=X", False)]
    assert "goes from 0.5 to 0.6, 0.55 is allowed: breach" in found[0].text()
    assert found[1].allowed == 0.45


def test_a_limit_broken_before_may_be_approached_but_not_left_further() -> None:
    better = mandate_limits(case([0.2, 0.1, 0.7], [0.2, 0.2, 0.6], "weight of C <= 55%"))
    worse = mandate_limits(case([0.2, 0.1, 0.7], [0.2, 0.05, 0.75], "weight of C <= 55%"))
    same = mandate_limits(case([0.2, 0.1, 0.7], [0.1, 0.2, 0.7], "weight of C <= 55%"))
    assert [found[0].passed for found in (better, worse, same)] == [True, False, True]


def test_soft_limits_warn_and_unknown_ones_do_not_pass() -> None:
    found = judge(
        case([0.2, 0.3, 0.5], [0.1, 0.2, 0.7], "weight of C <= 55% soft 1%", "beta <= 1", "weight of A <= 90%")
    )
    assert [(one.rule.split()[0], one.passed) for one in found] == [("beta", False), ("weight", True), ("weight", True)]
    assert "cannot be judged" in found[0].text()
    assert [one.text().rpartition(" ")[2] for one in found[1:]] == ["kept", "warning"]


def test_restricted_names() -> None:
    found = restricted_names(case([0.2, 0.3, 0.5], [0.3, 0.3, 0.4], no_buy=frozenset("A"), no_sell=frozenset("BC")))
    assert [(one.rule, one.passed) for one in found] == [
        ("do not buy A", False), ("do not sell B", True), ("do not sell C", False),
    ]  # fmt: skip


def test_a_regime_is_a_further_rule() -> None:
    def regime(asked: Case) -> Sequence[Verdict]:
        return [Verdict("names", "names", 0.0, float((asked.after > 0).sum()), 3.0, True, True, "1940 Act")]

    assert [one.source for one in judge(case([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]), (mandate_limits, regime))] == [
        "1940 Act"
    ]
