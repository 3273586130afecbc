"""A question of what to hold, from a file of prices; an optimized portfolio, a frontier, an evaluation as answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from argosy.base.errors import ArgosyError, ImportRefused, MissingData
from argosy.base.table import Provenance
from argosy.base.version import __version__
from argosy.construction.optimize.candidates import (
    Candidates,
    asset_sheet,
    file_candidates,
)
from argosy.construction.optimize.decision import Decision, FrontierLine, Randomness, decide, line
from argosy.models.moments.view_text import parse_view
from argosy.record.mandate import parse_mandate
from argosy.record.mandate_policy import InvestmentPolicy, Wishes
from argosy.record.market.price_file import price_panel
from argosy.reporting.statements.optimization import (
    costs_table,
    frontier_table,
    frontier_weights_table,
    limits_table,
    proof_table,
    summary_table,
    weights_table,
)
from argosy.workflows.statement import Statement
from argosy.workflows.tabular import RawTable, RowReader

if TYPE_CHECKING:
    from argosy.construction.optimize.comparison import Evaluation
    from argosy.construction.optimize.walk_forward import Schedule
    from argosy.reporting.charts.allocation import AllocationFigure

CHART_POINTS = 40


@dataclass(frozen=True)
class Question:
    """What is optimized: candidates, the policy they are judged by, a title, and where the answer comes from."""

    candidates: Candidates
    policy: InvestmentPolicy
    title: str
    provenance: Callable[[Mapping[str, object]], Provenance]


@dataclass(frozen=True, repr=False)
class OptimizedStatement(Statement):
    """Weights first, then risk and return beside what is held, binding limits, and the proof; typed in ``decision``."""

    decision: Decision
    question: Question

    def figure(self) -> AllocationFigure:
        """The portfolio on its frontier with weights and risk shares; without the line where there is none."""
        from argosy.reporting.charts.optimized import decision_figure

        try:
            beside = line(self.question.candidates, self.question.policy, points=CHART_POINTS)
        except ArgosyError:
            beside = None  # the picture is drawn without a line: limits may leave a single point
        return decision_figure(self.decision, beside, title=self.tables[0].name)


@dataclass(frozen=True, repr=False)
class FrontierStatement(Statement):
    """The frontier, one row per portfolio, then its weights; typed in ``line``."""

    line: FrontierLine

    def figure(self) -> AllocationFigure:
        """The frontier among its assets."""
        from argosy.reporting.charts.optimized import frontier_figure

        return frontier_figure(self.line, title=self.tables[0].name)


def file_question(
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    wishes: Wishes,
    assets: bytes = b"",
    assets_name: str = "",
    mandate: str = "",
    mandate_name: str = "mandate.toml",
    value: float | None = None,
) -> Question:
    """What is asked of a file of prices: with a sheet of assets and the text of a mandate where they are given.

    ``value`` is what the portfolio is worth in the money of the prices: costs of orders and limits on volume need it.

    Raises
    ------
    ImportRefused
        Names the rows that cannot be read.
    """
    raw = _read(reader, content, name)
    policy, currency = InvestmentPolicy(), ""
    if mandate:
        rules = parse_mandate(mandate, source=mandate_name)
        policy, currency = rules.policy, rules.base_currency
    else:
        # Nobody said which periods the prices are of, so they are taken as they are given.
        policy = replace(policy, beliefs=replace(policy.beliefs, frequency="as given"))
    policy = wishes.over(policy)
    sheet = None
    if assets:
        rows = _read(reader, assets, assets_name)
        sheet = asset_sheet(rows.columns, source=assets_name)
    candidates = file_candidates(
        price_panel(raw.columns, raw.lines, source=name), sheet, policy, value=value, currency=currency
    )
    last = int(candidates.sample.panel.days[-1])

    def told(asked: Mapping[str, object]) -> Provenance:
        return Provenance(method="optimization", as_of=last, code_version=__version__)

    return Question(candidates, policy, name, told)


def _read(reader: RowReader, content: bytes, name: str) -> RawTable:
    raw = reader(content, name)
    if raw.problems:
        shown = "\n".join("  " + problem.text() for problem in raw.problems[:5])
        raise ImportRefused(f"{name} cannot be read:\n{shown}", field="file", next_step="mend the rows named")
    return raw


def optimized(
    question: Question,
    *,
    views: Sequence[str] = (),
    seed: int | None = None,
    randomness: Randomness | None = None,
    time_limit: float = 0.0,
    clock: Callable[[], float] | None = None,
) -> OptimizedStatement:
    """The best portfolio, with everything that is to be said about it."""
    found = decide(
        question.candidates, question.policy, views=[parse_view(text) for text in views],
        generator=None if seed is None or randomness is None else randomness(seed),
        time_limit=time_limit, clock=clock,
    )  # fmt: skip
    told = question.provenance({"views": list(views), "seed": seed})
    main = weights_table(found, title=f"{question.title}: {found.result.model}")
    spent = (costs_table(found),) if found.paid else ()
    tables = (main, summary_table(found), *spent, limits_table(found), proof_table(found), *found.result.reports)
    return OptimizedStatement(tuple(replace(table, provenance=told) for table in tables), found, question)


def efficient(question: Question, *, points: int, views: Sequence[str] = ()) -> FrontierStatement:
    """The efficient frontier."""
    if points < 2:
        raise MissingData("a frontier needs two points at least", field="points")
    found = line(question.candidates, question.policy, points=points, views=[parse_view(text) for text in views])
    told = question.provenance({"views": list(views), "points": points})
    tables = (frontier_table(found, title=f"{question.title}: efficient frontier"), frontier_weights_table(found))
    return FrontierStatement(tuple(replace(table, provenance=told) for table in tables), found)


@dataclass(frozen=True, repr=False)
class EvaluationStatement(Statement):
    """Models out of sample, one row each, equal weight first; typed in ``evaluation``."""

    evaluation: Evaluation


def evaluated(
    question: Question,
    schedule: Schedule,
    *,
    models: Sequence[str],
    seed: int,
    randomness: Randomness,
    draws: int = 2_000,
    confidence: float = 0.95,
) -> EvaluationStatement:
    """Models walked forward over the question's history, beside equal weight."""
    from argosy.construction.optimize.comparison import evaluate

    found = evaluate(
        question.candidates,
        question.policy,
        schedule,
        models=models,
        generator=randomness(seed),
        draws=draws,
        confidence=confidence,
    )
    told = question.provenance({"schedule": schedule, "models": list(models), "seed": seed, "draws": draws})
    lots = question.candidates.trading.lots
    taxed = ("taxes on gains are not in the costs: lots of the past are not known",) if lots else ()
    table = found.table(f"{question.title}: out of sample")
    table = replace(
        table, notes=(*table.notes, *taxed, "the assets are those of the universe today: what left it is not here")
    )
    return EvaluationStatement((replace(table, provenance=told),), found)
