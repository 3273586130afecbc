"""A composite from the book: the portfolios of a group, asset-weighted, whole or one segment of each with its cash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import cast, get_args

from argosy.base.errors import MissingData, unknown
from argosy.measures.attribution.book_composite import (
    BookComposite,
    Member,
    book_composite,
    carve_out,
    with_firm,
    worth_of,
    year_ends,
)
from argosy.measures.attribution.book_performance import value_at
from argosy.measures.attribution.labels import labels
from argosy.measures.performance.composites import Spread
from argosy.measures.performance.frequency import Frequency
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.valuation.history import history
from argosy.measures.valuation.subjects import common_base, firm_subject
from argosy.reporting.statements.composites import members_table, periods_table, years_table
from argosy.workflows.choices import FREQUENCIES
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured

SPREADS: tuple[str, ...] = get_args(Spread)


@dataclass(frozen=True)
class CarveOut:
    """One segment of each portfolio: its name, the level it is a name of, how cash is allocated."""

    segment: str
    by: str = "sector"
    cash: str = "pro-rata"


@dataclass(frozen=True, repr=False)
class CompositeStatement(Statement):
    """Tables by year, period and member, and the typed result behind them."""

    result: BookComposite | None = None


def composite(
    seen: Look, group: str, *, frequency: str = "monthly", benchmark: str | None = None, asked: Asked | None = None,
    carve: CarveOut | None = None, kind: str = "equal", members: bool = False, firm_assets: bool = False,
) -> CompositeStatement:  # fmt: skip
    """Asset-weighted returns of the portfolios that were members of ``group``, each in its time of membership.

    Years come first; ``members`` adds the table of each portfolio's return and weight in each period, ``firm_assets``
    the part of the assets of all portfolios of the book that are the composite's.
    """
    for what, given, valid in (("frequency", frequency, FREQUENCIES), ("kind of dispersion", kind, SPREADS)):
        if given not in valid:
            raise unknown(what, given, valid)
    about, found = asked or Asked(), seen.reference.group(group)
    spans: dict[int, list[tuple[int, int]]] = {}
    for portfolio, begin, end in found.members:
        spans.setdefault(portfolio, []).append((begin, end))
    if not spans:
        raise MissingData(f"group {group} never had a member", field="group", next_step="argosy group add")
    currency = about.currency or common_base(seen.reference, list(spans))
    inside = replace(seen, portfolios=tuple(spans), group="")
    listed, told, longest = [], [], None
    for one in measured(inside, replace(about, currency=currency)):
        try:
            series = _series(seen, one, carve)
        except MissingData as error:
            told.append(error.message)
            continue
        owner = one.subject.members[0][0]
        worth = partial(value_at, one.history, one.number) if carve is None else partial(worth_of, series)
        listed.append(Member(one.subject.code, tuple(spans[owner]), series, worth))
        longest = one if longest is None or len(one.history.days) > len(longest.history.days) else longest
    if longest is None:
        raise MissingData("; ".join(told), field="carve_out", next_step="name a segment that was held")
    steps = longest.benchmark(benchmark)
    made = book_composite(
        listed, frequency=cast(Frequency, frequency), benchmark=steps, kind=cast(Spread, kind), last=seen.day
    )
    if firm_assets:
        firm = firm_subject(seen.reference, list(seen.reference.portfolios), currency=currency)
        days = year_ends(made, longest.history.days)
        made = with_firm(
            made, history(seen.state, seen.reference, seen.market, subjects=[firm], days=days, splits=seen.splits)
        )
    scale = seen.reference.minor_units(currency)
    what = f"{found.code}" if carve is None else f"{carve.segment} carved out of {found.code}"
    provenance = seen.provenance(
        "composite, asset-weighted", convention="GIPS 2020", warnings=seen.problems(),
        asked={"group": group, "frequency": frequency, "benchmark": benchmark, "about": about, "carve": carve,
               "kind": kind, "firm_assets": firm_assets},
    )  # fmt: skip
    fees = "gross of fees, cash allocated " + carve.cash if carve is not None else f"{about.basis} of fees"
    notes = (f"{frequency} returns weighted by capital at their start, {fees}, in {currency}",
             *(() if steps is None else (f"benchmark {steps.text}",)), *told)  # fmt: skip
    tables = [
        years_table(made, f"Composite {what}", currency=currency, scale=scale, notes=notes),
        periods_table(made, f"Periods of {what}", currency=currency, scale=scale),
    ]
    if members:
        tables.append(members_table(made, f"Members of {what}"))
    return CompositeStatement(tuple(replace(one, provenance=provenance) for one in tables), made)


def _series(seen: Look, one: Measured, carve: CarveOut | None) -> ReturnSeries:
    if carve is None:
        return one.lines.returns()
    level = labels(seen.reference, carve.by, portfolio=one.subject.members[0][0])
    return carve_out(one.lines, level.line, carve.segment, cash=carve.cash)
