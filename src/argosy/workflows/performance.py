"""Questions about how well: money and rates by period, measures of risk and reward, what contributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Table
from argosy.measures.attribution.book_measures import BookMeasures, Rating, book_measures
from argosy.measures.attribution.book_performance import (
    BookContribution,
    BookPeriod,
    EventContributions,
    book_contribution,
    book_events,
    book_period,
)
from argosy.measures.attribution.drill_down import DrillDown, Label, drill_down
from argosy.measures.attribution.labels import labels, portfolio_label
from argosy.measures.attribution.lot_lines import split_lots
from argosy.measures.performance.assess import Assessment
from argosy.measures.performance.conventions import convention
from argosy.measures.performance.periods import PERIODS
from argosy.measures.performance.returns import timing_text
from argosy.reporting.statements.drilled import drill_table
from argosy.reporting.statements.performance import contribution_table, events_table, performance_table
from argosy.workflows.choices import FREQUENCIES, INTERVALS
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured


@dataclass(frozen=True, repr=False)
class PerformanceStatement(Statement):
    """Tables, and the typed results behind them."""

    periods: tuple[BookPeriod, ...] = ()
    measures: tuple[BookMeasures, ...] = ()
    contributions: tuple[BookContribution, ...] = ()
    events: tuple[EventContributions, ...] = ()
    drilled: tuple[DrillDown, ...] = ()

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        """The measures without their windows and intervals."""
        return tuple(one.assessment for one in self.measures)


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
    if how.frequency and how.frequency not in FREQUENCIES:
        raise unknown("frequency", how.frequency, FREQUENCIES)
    if how.intervals and how.intervals not in INTERVALS:
        raise unknown("kind of interval", how.intervals, INTERVALS)
    if how.intervals and how.window:
        raise InvalidInput("windows have no intervals", field="window", next_step="ask for one of the two")
    convention(how.convention)
    tables: list[Table] = []
    rows: list[BookPeriod] = []
    rated: list[BookMeasures] = []
    for one in measured(seen, about, periods=periods):
        steps = one.benchmark(benchmark)
        told = seen.provenance(
            f"performance, {about.basis}", convention=how.convention, warnings=seen.problems(),
            asked={"subject": one.subject.code, "periods": list(periods), "benchmark": benchmark,
                   "about": about, "rating": how, "measures": measures},
        )  # fmt: skip
        notes = (f"{about.basis} of fees, {timing_text(one.lines.timing)}, in {one.subject.currency}",
                 *one.lines.notes, *(() if steps is None else (f"benchmark {steps.text}", *steps.notes)))  # fmt: skip
        spans = [one.period(name) for name in periods]
        if measures:
            for span in spans:
                found = book_measures(one.subject.code, one.series, span, how, benchmark=steps)
                rated.append(found)
                tables.append(replace(found.table(notes=notes), provenance=told))
            continue
        mine = [
            book_period(one.lines, one.history, one.number, span, benchmark=steps, large=one.mandate.flows.large)
            for span in spans
        ]
        rows += mine
        table = performance_table(
            mine, f"Performance of {one.subject.code}", scale=one.history.minor_units[one.number], notes=notes
        )
        tables.append(replace(table, provenance=told))
    return PerformanceStatement(tuple(tables) or (_nothing(),), tuple(rows), tuple(rated))


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
    if about.basis == "aftertax" and by in ("lot", "transaction"):
        raise InvalidInput(
            f"tax on gains is owed for a day, not for a {by}", field="basis", found=about.basis,
            next_step="ask by security, or net",
        )  # fmt: skip
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
