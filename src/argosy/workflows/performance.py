"""Questions about how well: money and rates by period, measures of risk and reward, what contributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Table
from argosy.measures.attribution.book_performance import (
    BookContribution,
    BookPeriod,
    EventContributions,
    benchmark_series,
    book_contribution,
    book_events,
    book_period,
)
from argosy.measures.attribution.drill_down import DrillDown, Label, drill_down
from argosy.measures.attribution.labels import labels, portfolio_label
from argosy.measures.attribution.lot_lines import split_lots
from argosy.measures.performance.assess import Assessment, assess
from argosy.measures.performance.conventions import convention
from argosy.measures.performance.frequency import Frequency
from argosy.measures.performance.periods import PERIODS
from argosy.measures.performance.rolling import rolling_table
from argosy.reporting.statements.drilled import drill_table
from argosy.reporting.statements.performance import contribution_table, events_table, performance_table
from argosy.workflows.choices import FREQUENCIES
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured


@dataclass(frozen=True)
class Rating:
    """How measures are made: frequency of the returns, days a year, convention and parameters."""

    frequency: str = ""
    per_year: float = 252.0
    convention: str = "GIPS"
    risk_free: float = 0.0
    target: float = 0.0
    confidence: float = 0.95
    names: tuple[str, ...] = ()
    window: int = 0

    def __post_init__(self) -> None:
        if self.frequency and self.frequency not in FREQUENCIES:
            raise unknown("frequency", self.frequency, FREQUENCIES)
        convention(self.convention)


@dataclass(frozen=True, repr=False)
class PerformanceStatement(Statement):
    """Tables, and the typed results behind them."""

    periods: tuple[BookPeriod, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    contributions: tuple[BookContribution, ...] = ()
    events: tuple[EventContributions, ...] = ()
    drilled: tuple[DrillDown, ...] = ()


def performance(
    seen: Look,
    *,
    periods: Sequence[str] = PERIODS,
    benchmark: str | None = None,
    asked: Asked | None = None,
    rating: Rating | None = None,
    measures: bool = False,
) -> PerformanceStatement:
    """Money and rates of each subject by period; with ``measures`` the catalogue over each period instead."""
    about, how = asked or Asked(), rating or Rating()
    tables: list[Table] = []
    rows: list[BookPeriod] = []
    rated: list[Assessment] = []
    for one in measured(seen, about, periods=periods):
        steps = one.benchmark(benchmark)
        told = seen.provenance(
            f"performance, {about.basis}", convention=how.convention, warnings=seen.problems(),
            asked={"subject": one.subject.code, "periods": list(periods), "benchmark": benchmark,
                   "about": about, "rating": how, "measures": measures},
        )  # fmt: skip
        notes = (f"{about.basis} of fees, flows at {one.lines.timing} of day, in {one.subject.currency}",
                 *one.lines.notes, *(() if steps is None else (f"benchmark {steps.text}", *steps.notes)))  # fmt: skip
        spans = [one.period(name) for name in periods]
        if measures:
            for span in spans:
                found = _assessed(one, span.after, span.last, how, None if steps is None else benchmark_series(steps))
                rated.append(found)
                title = f"Measures of {one.subject.code}, {span.name}"
                made = found.table() if not how.window else rolling_table(
                    found.days, found.returns, how.window, how.names, periods_per_year=found.periods_per_year,
                    benchmark=found.benchmark, risk_free=how.risk_free, convention=convention(how.convention),
                )  # fmt: skip
                tables.append(Table(title, made.columns, notes=(*made.notes, *notes), provenance=told))
            continue
        mine = [book_period(one.lines, one.history, one.number, span, benchmark=steps) for span in spans]
        rows += mine
        table = performance_table(
            mine, f"Performance of {one.subject.code}", scale=one.history.minor_units[one.number], notes=notes
        )
        tables.append(replace(table, provenance=told))
    return PerformanceStatement(tuple(tables) or (_nothing(),), tuple(rows), tuple(rated))


def _assessed(one: Measured, after: int, last: int, how: Rating, bench: Any) -> Assessment:
    frequency = how.frequency or ("monthly" if bench is not None and len(bench) and _is_long(bench) else "daily")
    names = how.names or None
    mine = one.lines.measured().returns().between(after, last)
    if bench is not None:
        bench = bench.between(after, last)
    return assess(
        mine, frequency=cast(Frequency, frequency), periods_per_year=how.per_year if frequency == "daily" else None,
        benchmark=bench if bench is not None and len(bench) else None, names=names, risk_free=how.risk_free,
        target=how.target, confidence=how.confidence, convention=convention(how.convention),
    )  # fmt: skip


def _is_long(bench: Any) -> bool:
    """Whether a benchmark's steps are longer than a week: it is published by the month."""
    return int((bench.days[0] - bench.before[0]).item()) > 8


def contribution(
    seen: Look, *, periods: Sequence[str] = ("ITD",), by: str | Sequence[str] = "security", asked: Asked | None = None
) -> PerformanceStatement:
    """What each security (lot, transaction, type, currency, attribute, classification) added to a return.

    Several levels drill down: portfolio, any grouping, security, lot, transaction, from the top.
    """
    about = asked or Asked()
    kinds = (by,) if isinstance(by, str) else tuple(by) or ("security",)
    for kind in kinds:
        if about.stored and kind in ("lot", "transaction"):
            raise InvalidInput(
                f"the close stores what each line made in a day, not what each {kind} made", field="by", found=kind,
                next_step="ask without --stored, or by security, type, currency or attribute",
            )  # fmt: skip
    if len(kinds) > 1 or kinds == ("portfolio",):
        return _drilled(seen, periods, kinds, about)
    by = kinds[0]
    if about.sleeves and by == "lot":
        raise InvalidInput(
            "lots belong to accounts, not to sleeves", field="by", found=by,
            next_step="ask by security or transaction, or for the portfolio",
        )  # fmt: skip
    tables: list[Table] = []
    found: list[BookContribution] = []
    events: list[EventContributions] = []
    for one in measured(seen, about, periods=periods):
        lines = one.lines
        if by == "lot":
            lines = split_lots(lines, seen.state, seen.splits, portfolios=one.subject.portfolios())
        name_of = (lambda line: line.name) if by in ("lot", "transaction") else labels(
            seen.reference, "line" if by == "security" else by, portfolio=one.subject.members[0][0]
        ).line  # fmt: skip
        told = seen.provenance(
            f"contribution, {about.basis}", convention="Carino", warnings=seen.problems(),
            asked={"subject": one.subject.code, "periods": list(periods), "by": by, "about": about},
        )  # fmt: skip
        for name in periods:
            span = one.period(name)
            title = f"Contribution by {by} of {one.subject.code}, {span.name}"
            if by == "transaction":
                each = book_events(lines, after=span.after, last=span.last)
                events.append(each)
                tables.append(replace(events_table(each, title), provenance=told))
                continue
            made = book_contribution(lines, name_of, after=span.after, last=span.last)
            found.append(made)
            tables.append(replace(contribution_table(made, title), provenance=told))
    return PerformanceStatement(tuple(tables) or (_nothing(),), contributions=tuple(found), events=tuple(events))


def _drilled(seen: Look, periods: Sequence[str], kinds: tuple[str, ...], about: Asked) -> PerformanceStatement:
    for place, kind in enumerate(kinds):
        if kinds.count(kind) > 1 or (kind == "portfolio" and place) or (
            kind in ("lot", "transaction") and not set(kinds[place:]) <= {"lot", "transaction"}
        ) or (kind == "transaction" and place < len(kinds) - 1):  # fmt: skip
            raise InvalidInput(
                f"{kind} is not in its place among {', '.join(kinds)}", field="by", found=kind,
                expected="portfolio first, then groupings, then security, lot, transaction",
                next_step="name the levels from the top down",
            )  # fmt: skip
    if about.sleeves and "lot" in kinds:
        raise InvalidInput("lots belong to accounts, not to sleeves", field="by", found="lot",
                           next_step="leave the lots out, or ask for the portfolio")  # fmt: skip
    tables: list[Table] = []
    found: list[DrillDown] = []
    for one in measured(seen, about, periods=periods):
        lines = one.apart() if "portfolio" in kinds else one.lines
        if "lot" in kinds:
            lines = split_lots(lines, seen.state, seen.splits, portfolios=one.subject.portfolios())
        levels = [(kind, _label(seen, one, kind)) for kind in kinds if kind != "transaction"]
        told = seen.provenance(
            f"contribution, {about.basis}", convention="Carino", warnings=seen.problems(),
            asked={"subject": one.subject.code, "periods": list(periods), "by": list(kinds), "about": about},
        )  # fmt: skip
        for name in periods:
            span = one.period(name)
            made = drill_down(lines, levels, after=span.after, last=span.last, transactions=kinds[-1] == "transaction")
            found.append(made)
            title = f"Contribution by {', '.join(kinds)} of {one.subject.code}, {span.name}"
            tables.append(replace(drill_table(made, title), provenance=told))
    return PerformanceStatement(tuple(tables) or (_nothing(),), drilled=tuple(found))


def _label(seen: Look, one: Measured, kind: str) -> Label:
    """What a line is called on a level."""
    if kind == "portfolio":
        return portfolio_label(seen.reference, one.subject.code)
    if kind == "lot":
        return lambda line: line.name
    return labels(
        seen.reference, "line" if kind == "security" else kind, portfolio=one.subject.members[0][0]
    ).line  # fmt: skip


def _nothing() -> Table:
    return Table("Performance", (), notes=("nothing has happened yet on or before this day",))
