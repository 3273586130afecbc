"""Questions about returns: by period and step by step, net and gross and after tax, beside a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from argosy.base.errors import MissingData, UnknownName, unknown
from argosy.base.table import Table
from argosy.measures.attribution.bench_segments import BenchmarkSteps
from argosy.measures.attribution.book_returns import BookReturns, book_returns
from argosy.measures.performance.frequency import Frequency
from argosy.measures.performance.periods import PERIODS
from argosy.measures.performance.returns import timing_text
from argosy.workflows.choices import FREQUENCIES
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured


@dataclass(frozen=True, repr=False)
class ReturnsStatement(Statement):
    """Tables, and the typed results behind them: one a subject."""

    results: tuple[BookReturns, ...] = ()


def returns(
    seen: Look,
    *,
    periods: Sequence[str] = PERIODS,
    benchmark: str | None = None,
    asked: Asked | None = None,
    bases: Sequence[str] = (),
    first: int | None = None,
) -> tuple[BookReturns, ...]:
    """Time-weighted returns of each subject by period, beside its benchmark.

    ``benchmark`` names one, "" asks for none, None takes the mandate's, and says so where that has no data. ``bases``
    are several bases beside each other instead of the one asked for. ``first`` leaves out the days before it.
    """
    about = asked or Asked()
    wanted = tuple(dict.fromkeys(bases)) or (about.basis,)
    found: list[BookReturns] = []
    for one in measured(seen, replace(about, basis=wanted[0]), periods=periods):
        each = {name: one.on(name) for name in wanted}
        spans = [one.period(name) for name in periods]
        steps, told = _beside(one, benchmark)
        kept = {
            name: other.series if first is None else other.series.since(first) for name, other in each.items()
        }  # fmt: skip
        notes = [*(f"{gap.text()}; returns run over these days" for gap in one.lost), *told]
        if "aftertax" in each:
            notes += [note for note in each["aftertax"].lines.notes if note not in notes]
        basis = "" if wanted == ("net",) else f"{wanted[0]} of fees, " if len(wanted) == 1 else ""
        notes.insert(0, f"{basis}{timing_text(one.series.timing)}, in {one.subject.currency}")
        found.append(book_returns(one.subject.code, kept, spans, benchmark=steps, notes=notes))
    return tuple(found)


def _beside(one: Measured, benchmark: str | None) -> tuple[BenchmarkSteps | None, tuple[str, ...]]:
    """The benchmark; one that only the mandate names may be without data, which is said."""
    try:
        steps = one.benchmark(benchmark)
    except (MissingData, UnknownName) as error:
        if benchmark is not None:
            raise
        return None, (f"no benchmark: {error}",)
    if steps is None:
        return None, ()
    return steps, (f"benchmark {steps.text}" + (f" ({steps.basis})" if steps.basis else ""), *steps.notes)


def returns_statement(
    seen: Look,
    *,
    periods: Sequence[str] = (),
    benchmark: str | None = None,
    asked: Asked | None = None,
    bases: Sequence[str] = (),
    first: int | None = None,
    frequency: str = "",
) -> ReturnsStatement:
    """The same as tables: by period, or with ``frequency`` of each day, week, month, quarter or year.

    Without ``periods`` it is the usual five, and the whole history step by step.
    """
    if frequency and frequency not in FREQUENCIES:
        raise unknown("frequency", frequency, FREQUENCIES)
    about = asked or Asked()
    spans = tuple(periods) or (("ITD",) if frequency else PERIODS)
    found = returns(seen, periods=spans, benchmark=benchmark, asked=about, bases=bases, first=first)
    told = seen.provenance(
        "time-weighted returns", warnings=seen.problems(),
        asked={"periods": list(spans), "benchmark": benchmark, "about": about, "bases": list(bases), "first": first,
               "frequency": frequency},
    )  # fmt: skip
    tables = [one.steps(cast(Frequency, frequency)) if frequency else one.table() for one in found]
    return ReturnsStatement(tuple(replace(table, provenance=told) for table in tables) or (_nothing(),), found)


def _nothing() -> Table:
    return Table("History", (), notes=("nothing has happened yet on or before this day",))
