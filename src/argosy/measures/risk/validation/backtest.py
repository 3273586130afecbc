"""One model on one portfolio at one confidence: every test of its exceptions in one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from argosy.base.table import Column, Table
from argosy.measures.risk.validation.basel import TrafficLight, traffic_light
from argosy.measures.risk.validation.coverage import christoffersen, conditional_coverage, kupiec
from argosy.measures.risk.validation.durations import duration_moments_test, duration_test
from argosy.measures.risk.validation.verdict import Verdict, hits_of
from argosy.models.moments.observations import InsufficientData


@dataclass(frozen=True, eq=False)
class RiskBacktest:
    """How often losses went beyond Value at Risk, and what each test makes of it.

    Attributes
    ----------
    observations, exceptions, expected : days, days beyond, and days beyond that the confidence promises
    coverage : share of days within the forecast, to be held against ``confidence``
    light : the traffic light of the last 250 days, or of all if fewer
    verdicts : Kupiec, independence, conditional coverage; durations where there are waits enough
    """

    confidence: float
    observations: int
    exceptions: int
    light: TrafficLight
    verdicts: tuple[Verdict, ...]

    @property
    def coverage(self) -> float:
        """Share of days within the forecast."""
        return 1.0 - self.exceptions / self.observations

    @property
    def expected(self) -> float:
        """Exceptions that the confidence promises."""
        return (1.0 - self.confidence) * self.observations

    def passes(self, level: float = 0.05, *, exact: bool = False) -> bool:
        """Whether neither Kupiec's test nor Christoffersen's of independence rejects at ``level``."""
        return all(verdict.passes(level, exact=exact) for verdict in self.verdicts[:2])

    def table(self) -> Table:
        """Test, statistic, degrees and both probabilities."""
        rows = self.verdicts
        return Table(
            "risk backtest",
            (
                Column("test", "text", [row.test for row in rows]),
                Column("statistic", "ratio", [row.statistic for row in rows], unit="x"),
                Column("degrees", "ratio", [float(row.degrees) for row in rows], unit="x"),
                Column("p_value", "ratio", [row.p_value for row in rows], unit="x"),
                Column(
                    "exact_p_value", "ratio", [row.exact_p_value or 0.0 for row in rows], unit="x",
                    missing=[row.exact_p_value is None for row in rows],
                ),
            ),
            notes=(
                f"{self.exceptions} exceptions in {self.observations} days, {self.expected:.1f} expected at "
                f"{self.confidence:.2%}; traffic light {self.light.zone}",
            ),
        )  # fmt: skip


def backtest_value_at_risk(losses: Any, value_at_risk: Any, *, confidence: float) -> RiskBacktest:
    """Test Value at Risk forecasts against what happened.

    Parameters
    ----------
    losses : (T,) realized losses, positive when money was lost
    value_at_risk : (T,) forecasts made before each day, in the same unit

    Examples
    --------
    >>> import numpy as np
    >>> lost = np.random.default_rng(11).standard_normal(1000)
    >>> found = backtest_value_at_risk(lost, np.full(1000, 1.644854), confidence=0.95)
    >>> found.exceptions, round(found.coverage, 3), found.passes()
    (47, 0.953, True)
    """
    hits = hits_of(losses, value_at_risk)
    days, count = hits.size, int(hits.sum())
    recent = hits[-250:]
    light = traffic_light(int(recent.sum()), recent.size, confidence=confidence)
    verdicts = [
        kupiec(count, days, confidence=confidence),
        christoffersen(hits),
        conditional_coverage(hits, confidence=confidence),
    ]
    for memory in (duration_test, duration_moments_test):
        try:
            verdicts.append(memory(hits))
        except InsufficientData:
            continue
    return RiskBacktest(float(confidence), days, count, light, tuple(verdicts))
