"""Questions about whether a model of risk was right on a portfolio's own history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from argosy.base.errors import ArgosyError, unknown
from argosy.base.table import Table
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.risk.book.tested import ModelTest, exceptions_table, model_tests, tests_table
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, measured
from argosy.workflows.risk import AskedRisk, risk_subjects, subject_risk

if TYPE_CHECKING:
    from argosy.reporting.charts.lines import Figure

BASES = ("hypothetical", "actual")
BESIDE = ("historical", "normal")
"""Models that are tested beside the one of the mandate."""


@dataclass(frozen=True, repr=False)
class BacktestStatement(Statement):
    """Tables, and the typed tests behind them."""

    results: tuple[ModelTest, ...] = ()

    def figure(self) -> Figure:
        """Losses of the first history beside what its model said the day before."""
        from argosy.reporting.charts.tested import tested_figure

        return tested_figure(self.results[0])


def backtest_statement(
    seen: Look, about: AskedRisk, *, models: Sequence[str] = (), bases: Sequence[str] = BASES
) -> BacktestStatement:
    """Each model on each history of each subject: exceptions, coverage, independence, traffic light, shortfall."""
    for basis in bases:
        if basis not in BASES:
            raise unknown("history", basis, BASES)
    tables: list[Table] = []
    results: list[ModelTest] = []
    for one in risk_subjects(seen, about):
        question = about.question(one.mandate)
        wanted = tuple(models) or tuple(dict.fromkeys((question.model, *BESIDE)))
        found: list[ModelTest] = []
        notes: list[str] = []
        if "hypothetical" in bases:
            risk = subject_risk(seen, one, about, days=0)
            tests, lost = model_tests("hypothetical", risk.history.days, risk.returns, wanted,
                                      confidence=question.confidence, window=question.window)  # fmt: skip
            found += tests
            notes += [*lost, *risk.history.notes]
        if "actual" in bases:
            try:
                series = _actual(seen, about, one.held.code)
                tests, lost = model_tests("actual", series.days[series.defined], series.values[series.defined], wanted,
                                          confidence=question.confidence, window=question.window)  # fmt: skip
                found += tests
                notes += lost
            except ArgosyError as error:
                if tuple(bases) == ("actual",):
                    raise
                notes.append(f"no actual history: {error.message}")
        told = seen.provenance("backtest of risk", convention=f"confidence {question.confidence:g}",
                               asked={"about": about, "models": list(wanted), "bases": list(bases)})  # fmt: skip
        made = [tests_table(found, f"Backtest of risk: {one.held.code}", notes), *map(exceptions_table, found[:1])]
        tables += [replace(table, provenance=told) for table in made]
        results += found
    return BacktestStatement(tuple(tables), tuple(results))


def _actual(seen: Look, about: AskedRisk, code: str) -> ReturnSeries:
    asked = Asked(currency=about.currency, firm=about.firm, sleeves=about.sleeves, on_missing="span")
    return next(one.series for one in measured(seen, asked) if one.subject.code == code)
