"""Why risk is not what it was: trades, prices of what was held, days that came to the history, the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.risk.book.history import RiskHistory
from argosy.measures.risk.book.holdings import Holdings
from argosy.measures.risk.book.report import BookRisk, RiskQuestion

STEPS = ("prices", "positions", "market", "model")


@dataclass(frozen=True)
class RiskChange:
    """Figures before and after, and what each step between them moved; the steps sum to the difference exactly."""

    since: int
    measures: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    steps: tuple[tuple[float, ...], ...]

    def table(self, title: str) -> Table:
        """One row per measure: before, prices, positions, market, model, after."""
        columns = [[step[n] for n in range(len(self.measures))] for step in self.steps]
        return Table(
            title,
            (
                Column("measure", "text", list(self.measures)),
                Column("before", "ratio", list(self.before), shown=2),
                *(Column(name, "ratio", values, shown=2) for name, values in zip(STEPS, columns, strict=True)),
                Column("after", "ratio", list(self.after), shown=2),
            ),
            notes=(
                f"since {format_date(self.since)}: prices moved the weights of what was held, positions are trades, "
                "market the days that came to the history, model a change of the mandate",
            ),
        )  # fmt: skip


def risk_change(
    before: BookRisk, untraded: Holdings, after: BookRisk, early: RiskHistory, late: RiskHistory
) -> RiskChange:
    """Walk from one risk to the other: weights by prices, then trades, then the history, then the question.

    ``untraded`` is what would be held now without the trades since; ``early`` and ``late`` are the histories known then
    and now of all assets of the three.
    """
    path = [
        _figures(before.held, early, before.asked), _figures(untraded, early, before.asked),
        _figures(after.held, early, before.asked), _figures(after.held, late, before.asked),
        _figures(after.held, late, after.asked),
    ]  # fmt: skip
    steps = tuple(tuple(b - a for a, b in zip(first, second, strict=True)) for first, second in pairwise(path))
    return RiskChange(before.held.day, MEASURES, tuple(path[0]), tuple(path[-1]), steps)


MEASURES = ("volatility", "value at risk", "expected shortfall")


def _figures(held: Holdings, history: RiskHistory, asked: RiskQuestion) -> Sequence[float]:
    risk = BookRisk(held.onto(history.assets), history, asked)
    return risk.volatility.total, risk.loss.value_at_risk, risk.loss.expected_shortfall
