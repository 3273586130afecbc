"""Questions about why: effects against a benchmark by segment, by security, along a tree of levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Table
from argosy.measures.attribution.book_answer import (
    BookAttribution,
    Choices,
    PathAttribution,
    attribute,
    attribute_path,
)
from argosy.measures.attribution.labels import labels
from argosy.measures.attribution.lot_lines import split_lots
from argosy.record.segments import schemes
from argosy.reporting.statements.attribution import (
    attribution_events_table,
    attribution_lines_table,
    attribution_periods_table,
    attribution_table,
    path_table,
)
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured

VIEWS = ("segments", "securities", "portfolios", "lots", "transactions", "periods")


@dataclass(frozen=True, repr=False)
class AttributionStatement(Statement):
    """Tables, and the typed results behind them: one a subject and period."""

    results: tuple[BookAttribution | PathAttribution, ...] = ()


def attribution(
    seen: Look,
    *,
    periods: Sequence[str] = ("ITD",),
    by: Sequence[str] = (),
    benchmark: str | None = None,
    asked: Asked | None = None,
    choices: Choices | None = None,
    view: str = "segments",
) -> AttributionStatement:
    """Effects of each subject and period.

    ``by`` names one level (default: the classification ``segment`` where it was imported, else ``sector``) or several
    from the top down. ``benchmark`` is a code or a blend; None takes the mandate's.
    """
    tables: list[Table] = []
    results: list[BookAttribution | PathAttribution] = []
    how = choices or Choices()
    about = asked or Asked()
    if view not in VIEWS:
        raise unknown("view", view, VIEWS)
    if view in ("lots", "transactions") and (about.stored or (view == "lots" and about.sleeves)):
        raise InvalidInput(
            f"the close stores no {view}, and lots belong to no sleeve", field="view", found=view,
            next_step="ask for the view securities, or without --stored and --sleeve",
        )  # fmt: skip
    for one in measured(seen, about, periods=periods):
        steps = one.benchmark(benchmark)
        if steps is None:
            raise InvalidInput(
                f"{one.subject.code} has no benchmark in its mandate", field="benchmark",
                next_step="name one, as in --benchmark CODE, or see argosy contribution",
            )  # fmt: skip
        kinds = by or (default_level(seen),)
        levels = [labels(seen.reference, name, portfolio=_owner(one)) for name in kinds]
        told = seen.provenance(
            "attribution", convention=how.text(), warnings=seen.problems(),
            asked={"subject": one.subject.code, "periods": list(periods), "by": list(kinds), "benchmark": steps.text,
                   "about": about, "choices": how, "view": view},
        )  # fmt: skip
        for name in periods:
            span = one.period(name)
            title = f"Attribution of {one.subject.code} against {steps.text}, {span.name}"
            if len(levels) > 1:
                path = attribute_path(one.lines, steps, levels, after=span.after, last=span.last, choices=how)
                results.append(path)
                tables.append(replace(path_table(path, title), provenance=told))
                continue
            found = attribute(one.lines, steps, levels[0], after=span.after, last=span.last, choices=how)
            results.append(found)
            tables.append(replace(_viewed(seen, one, found, view, title), provenance=told))
    return AttributionStatement(tuple(tables) or (no_attribution(),), tuple(results))


def _viewed(seen: Look, one: Measured, found: BookAttribution, view: str, title: str) -> Table:
    match view:
        case "segments":
            return attribution_table(found, title)
        case "periods":
            return attribution_periods_table(found, title)
        case "transactions":
            return attribution_events_table(found, title)
        case "lots":
            fine = split_lots(one.lines, seen.state, seen.splits, portfolios=one.subject.portfolios())
            return attribution_lines_table(found, title, fine=fine)
        case "portfolios":
            owners = {one: given.code for one, given in seen.reference.portfolios.items()}
            return attribution_lines_table(found, title, fine=one.apart(), owners=owners)
        case _:
            return attribution_lines_table(found, title)


def _owner(one: Measured) -> int:
    return one.subject.members[0][0]


def default_level(seen: Look) -> str:
    """The classification ``segment`` where it was imported, else the attribute ``sector``."""
    return "segment" if "segment" in schemes(seen.reference) else "sector"


def no_attribution() -> Table:
    """What is shown where there is nothing to explain."""
    return Table("Attribution", (), notes=("nothing has happened yet on or before this day",))
