"""From a portfolio or a file of prices to an optimized portfolio, a frontier, an evaluation, by the mandate's rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import ImportRefused, InvalidInput, MissingData
from argosy.base.table import Provenance, Table
from argosy.construction.optimize.candidates import (
    Candidates,
    asset_sheet,
    book_candidates,
    file_candidates,
    held_weights,
    members,
)
from argosy.construction.optimize.comparison import Evaluation, evaluate
from argosy.construction.optimize.decision import Decision, FrontierLine, decide, line
from argosy.construction.optimize.walk_forward import Schedule
from argosy.measures.attribution.bench_segments import BenchmarkReader, BenchmarkSteps
from argosy.measures.performance.blend_text import parse_blend
from argosy.measures.valuation.value import value
from argosy.models.moments.view_text import parse_view
from argosy.record.mandate import parse_mandate
from argosy.record.mandate_policy import InvestmentPolicy, Wishes
from argosy.record.market.price_file import price_panel
from argosy.record.market.return_prices import ReturnPrices, price_days, return_prices
from argosy.reporting.charts.allocation import AllocationFigure
from argosy.reporting.charts.optimized import decision_figure, frontier_figure
from argosy.reporting.statements.optimization import (
    frontier_table,
    frontier_weights_table,
    limits_table,
    proof_table,
    summary_table,
    weights_table,
)
from argosy.workflows.look import Look, Statement, code_version
from argosy.workflows.tabular import RawTable, RowReader

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
        from argosy.base.errors import ArgosyError

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
        return frontier_figure(self.line, title=self.tables[0].name)


def portfolio_question(seen: Look, wishes: Wishes, *, benchmark: str | None = None) -> Question:
    """What a portfolio's mandate asks for on the look's day, with its holdings and benchmark.

    Raises
    ------
    InvalidInput
        More than one portfolio.
    MissingPrice, MissingRate, StaleData, MissingData, UnknownName
        What the question needs is not in the book.
    """
    if len(seen.portfolios) != 1 or seen.group:
        raise InvalidInput("one portfolio is optimized at a time", field="portfolio", next_step="name one")
    subject = seen.subjects()[0]
    mandate = seen.reference.mandate(seen.portfolios[0], seen.day)
    policy = wishes.over(mandate.policy)
    valued = value(seen.state, seen.reference, seen.market, subjects=[subject], day=seen.day, splits=seen.splits)
    held = held_weights(valued.subjects[0], seen.reference)
    code = mandate.benchmark if benchmark is None else benchmark
    priced = [one.id for one in seen.reference.instruments.values()
              if seen.market.price_history(one.id) is not None]  # fmt: skip
    bench = _benchmark(seen, code, priced, subject.currency) if code else None
    chosen = members(seen.reference, policy.universe, held, bench, priced)
    inside = {one.id for one in chosen}
    more = [] if bench is None else [item for item in bench.items if isinstance(item, int) and item not in inside]
    if any(isinstance(item, str) for item in (() if bench is None else bench.items)):
        more = []
    prices = _prices(seen, [*(one.id for one in chosen), *more], subject.currency)
    candidates = book_candidates(prices, chosen, policy, holdings=held, reference=seen.reference, bench=bench)

    def told(asked: Mapping[str, object]) -> Provenance:
        return seen.provenance("optimization", warnings=seen.problems(), asked={"policy": policy, **asked})

    return Question(candidates, policy, subject.code, told)


def _prices(seen: Look, instruments: Sequence[int], currency: str) -> ReturnPrices:
    names = [seen.reference.instruments[one].code for one in instruments]
    return return_prices(seen.market, instruments, names, currency=currency, last=seen.day, splits=seen.splits)


def _benchmark(seen: Look, code: str, priced: Sequence[int], currency: str) -> BenchmarkSteps:
    days = price_days(seen.market, priced, last=seen.day)
    return BenchmarkReader(seen.reference, seen.market, days, currency, dict(seen.splits)).steps(parse_blend(code))


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
) -> Question:
    """What is asked of a file of prices: with a sheet of assets and the text of a mandate where they are given.

    Raises
    ------
    ImportRefused
        Names the rows that cannot be read.
    """
    raw = _read(reader, content, name)
    policy = parse_mandate(mandate, source=mandate_name).policy if mandate else InvestmentPolicy()
    if not mandate:
        # Nobody said which periods the prices are of, so they are taken as they are given.
        policy = replace(policy, beliefs=replace(policy.beliefs, frequency="as given"))
    policy = wishes.over(policy)
    sheet = None
    if assets:
        rows = _read(reader, assets, assets_name)
        sheet = asset_sheet(rows.columns, source=assets_name)
    candidates = file_candidates(price_panel(raw.columns, raw.lines, source=name), sheet, policy)
    last = int(candidates.sample.panel.days[-1])

    def told(asked: Mapping[str, object]) -> Provenance:
        return Provenance(method="optimization", as_of=last, code_version=code_version())

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
    time_limit: float = 0.0,
    clock: Callable[[], float] | None = None,
) -> OptimizedStatement:
    """The best portfolio, with everything that is to be said about it."""
    found = decide(
        question.candidates, question.policy, views=[parse_view(text) for text in views], seed=seed,
        time_limit=time_limit, clock=clock,
    )  # fmt: skip
    told = question.provenance({"views": list(views), "seed": seed})
    main = weights_table(found, title=f"{question.title}: {found.result.model}")
    tables = (main, summary_table(found), limits_table(found), proof_table(found), *_reports(found))
    return OptimizedStatement(tuple(replace(table, provenance=told) for table in tables), found, question)


def _reports(found: Decision) -> tuple[Table, ...]:
    return tuple(found.result.reports)


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
    draws: int = 2_000,
    confidence: float = 0.95,
) -> EvaluationStatement:
    """Models walked forward over the question's history, beside equal weight."""
    found = evaluate(
        question.candidates, question.policy, schedule, models=models, seed=seed, draws=draws, confidence=confidence
    )
    told = question.provenance({"schedule": schedule, "models": list(models), "seed": seed, "draws": draws})
    table = found.table(f"{question.title}: out of sample")
    table = replace(table, notes=(*table.notes, "the assets are those of the universe today: what left it is not here"))
    return EvaluationStatement((replace(table, provenance=told),), found)
