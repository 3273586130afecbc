"""The page of a book: each portfolio's value, track record, holdings, cash, income and gains on one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError
from argosy.measures.performance.periods import PERIODS, PeriodReturn
from argosy.measures.performance.summary import ReturnSummary
from argosy.measures.valuation.value import Valuation, value
from argosy.reporting.documents.page import Page, Section, page_html
from argosy.reporting.documents.portfolio import Chapter, Draw, calendar_years, portfolio_section
from argosy.reporting.statements.activity import income_by_year_table, reliefs_table
from argosy.reporting.statements.holdings import cash_table, lots_table
from argosy.reporting.statements.valuation import holdings_value_table, unrealized_table
from argosy.workflows.history import HistoryAnswer, history
from argosy.workflows.look import Look
from argosy.workflows.measured import Asked
from argosy.workflows.returns import returns


@dataclass(frozen=True)
class ReportPage:
    """The page as text, and the portfolios that could not be shown with the reason."""

    html: str
    left_out: tuple[str, ...] = ()


def report_page(
    seen: Look, draw: Draw, *, title: str = "", currency: str = "", notes: Sequence[str] = ()
) -> ReportPage:
    """Put the page together for the portfolios (or the group) of a look.

    A portfolio that cannot be valued is named on the page with what is missing; the others are shown.
    """
    state, gaps = seen.based
    subjects = seen.subjects(currency)
    valuation = value(state, seen.reference, seen.market, subjects=subjects, day=seen.day, splits=seen.splits,
                      on_missing="report", unknown_costs=seen.unknown_costs)  # fmt: skip
    answer = history(seen, currency=currency, subjects=subjects)
    sections: list[Section] = []
    left_out = [gap.text() for gap in valuation.gaps]
    for place, subject in enumerate(subjects):
        if not valuation.subjects[place].ok:
            continue
        try:
            chapter = _chapter(seen, valuation, place, answer, currency)
        except ArgosyError as error:
            left_out.append(f"{subject.code}: {error}")
            continue
        sections.append(portfolio_section(chapter, draw, name=f"p{place + 1}"))
    told = seen.provenance(
        "net asset value and time-weighted returns", convention="rounded once, half to even",
        warnings=(*seen.problems(), *(gap.text() for gap in gaps), *left_out),
        asked={"currency": currency, "title": title, "notes": list(notes)},
    )  # fmt: skip
    heading = title or (", ".join(subject.code for subject in subjects) if len(subjects) < 4 else "Portfolios")
    page = Page(heading, f"As of {format_date(seen.day)}", sections, notes, told)
    return ReportPage(page_html(page), tuple(left_out))


def _chapter(seen: Look, valuation: Valuation, place: int, answer: HistoryAnswer, currency: str) -> Chapter:
    one = valuation.subjects[place]
    code, members = one.subject.code, sorted(one.subject.portfolios())
    found, row = answer.find(code)
    reference = seen.reference
    state = seen.state
    alone = Valuation(valuation.day, (one,), (), valuation.market_version)
    years = calendar_years(int(found.days[0]), int(found.days[-1]))
    summary = _summary(seen, code, currency, periods=(*PERIODS, *years))
    mandate = reference.mandate(members[0], seen.day)
    return Chapter(
        title=_title(seen, one.subject.id, code), lead=_lead(seen, members, one.subject.currency),
        value=one, day=seen.day, history=found, place=row, returns=_named(summary), years=_years(summary),
        benchmark=mandate.benchmark,
        holdings=holdings_value_table(alone, reference, group=one.subject.is_group),
        cash=cash_table(state.cash, reference, portfolios=members),
        income=income_by_year_table(state.income, reference, portfolios=members),
        unrealized=unrealized_table(alone, reference),
        realized=reliefs_table(state.reliefs, reference, portfolios=members),
        lots=lots_table(state.lots, reference, portfolios=members),
        warnings=tuple(gap.text() for gap in found.gaps if code in gap.portfolios)[:5],
    )  # fmt: skip


def _summary(seen: Look, code: str, currency: str, *, periods: Sequence[str]) -> ReturnSummary:
    for one in returns(seen, asked=Asked(currency), periods=periods):
        if one.summary.name == code:
            return one.summary
    raise AssertionError(f"{code} has a history and no returns")


def _named(summary: ReturnSummary) -> ReturnSummary:
    kept = tuple(asked for asked in summary.periods if asked.period.name in PERIODS)
    return ReturnSummary(summary.name, summary.series, kept, summary.drawdowns, summary.comparison, summary.notes)


def _years(summary: ReturnSummary) -> tuple[PeriodReturn, ...]:
    return tuple(asked for asked in summary.periods if asked.period.name not in PERIODS)


def _title(seen: Look, subject: int, code: str) -> str:
    held = seen.reference.groups[-subject] if subject < 0 else seen.reference.portfolios.get(subject)
    name = held.name if held is not None else code
    return f"{name} ({code})" if name != code else code


def _lead(seen: Look, members: Sequence[int], currency: str) -> str:
    reference = seen.reference
    if len(members) > 1:
        return f"{len(members)} portfolios as one, in {currency}: " + ", ".join(
            reference.portfolios[one].code for one in members
        )
    mandate = reference.mandate(members[0], seen.day)
    parts = [f"in {currency}", f"lots {mandate.lots.method} per {mandate.lots.scope}"]
    if mandate.benchmark:
        known = reference.benchmarks.get(mandate.benchmark)
        parts.append(f"benchmark {known.name if known else mandate.benchmark}")
    return ", ".join(parts)
