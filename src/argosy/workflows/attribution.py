"""Questions about why: effects against a benchmark by segment, by security, along a tree of levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput
from argosy.base.table import Table
from argosy.measures.attribution.book_answer import (
    BookAttribution,
    Choices,
    PathAttribution,
    attribute,
    attribute_path,
)
from argosy.measures.attribution.labels import labels
from argosy.reporting.statements.attribution import (
    attribution_lines_table,
    attribution_periods_table,
    attribution_table,
    path_table,
)
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured

VIEWS = ("segments", "securities", "periods")


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
    for one in measured(seen, asked or Asked(), periods=periods):
        steps = one.benchmark(benchmark)
        if steps is None:
            raise InvalidInput(
                f"{one.subject.code} has no benchmark in its mandate", field="benchmark",
                next_step="name one, as in --benchmark CODE, or see argosy contribution",
            )  # fmt: skip
        kinds = by or (_default(seen),)
        levels = [labels(seen.reference, name, portfolio=_owner(one)) for name in kinds]
        told = seen.provenance(
            "attribution", convention=how.text(), warnings=seen.problems(),
            asked={"subject": one.subject.code, "periods": list(periods), "by": list(kinds), "benchmark": steps.text,
                   "about": asked or Asked(), "choices": how, "view": view},
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
            made = {
                "segments": attribution_table, "securities": attribution_lines_table,
                "periods": attribution_periods_table,
            }[view](found, title)  # fmt: skip
            tables.append(replace(made, provenance=told))
    return AttributionStatement(tuple(tables) or (_nothing(),), tuple(results))


def _owner(one: Measured) -> int:
    return one.subject.members[0][0]


def _default(seen: Look) -> str:
    from argosy.record.segments import schemes

    return "segment" if "segment" in schemes(seen.reference) else "sector"


def _nothing() -> Table:
    return Table("Attribution", (), notes=("nothing has happened yet on or before this day",))
