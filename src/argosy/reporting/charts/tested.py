"""A model of risk over time: what was lost each day, and what the model had said the day before."""

from __future__ import annotations

from argosy.base.dates import format_date
from argosy.measures.risk.book.tested import ModelTest
from argosy.reporting.charts.lines import Figure, Series


def tested_figure(one: ModelTest) -> Figure:
    """Losses as returns (down is a loss) beside value at risk and shortfall of one model, below zero as losses are."""
    days = one.days.tolist()
    said = one.forecasts
    tests = one.tests
    return Figure(
        f"{one.model}, {one.basis}",
        f"Daily returns from {format_date(days[0])} to {format_date(days[-1])} beside the negative of value at risk "
        f"and expected shortfall of {one.model} at {tests.confidence:.2%}: {tests.exceptions} days beyond, "
        f"{tests.expected:.1f} expected.",
        (
            Series("value at risk", days, (-said.value_at_risk[:, 0]).tolist()),
            Series("return", days, (-said.losses).tolist()),
            Series("expected shortfall", days, (-said.shortfall[:, 0]).tolist()),
        ),
        ".1%",
    )  # fmt: skip
