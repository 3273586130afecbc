"""How performance looks: money and rates by period, contributions by label, rolling measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.attribution.book_performance import BookContribution, BookPeriod, EventContributions
from argosy.measures.attribution.line_moves import PARTS
from argosy.measures.performance.returns import Outcome

Pick = Callable[[BookPeriod], Outcome]
MONEY = ("start", "flows", "gains", "income", "fees", "taxes", "end")


def performance_table(rows: Sequence[BookPeriod], name: str, *, scale: int, notes: Sequence[str] = ()) -> Table:
    """A row for each period: start + flows + gains + income - fees - taxes = end, and the rates of return."""

    def money(label: str) -> Column:
        values = [round(float(getattr(one, label)) * 10**scale) for one in rows]
        return Column(label, "amount", values, scale=scale, unit=rows[0].currency if rows else "", shown=scale)

    def rate(label: str, pick: Pick) -> Column:
        found = [pick(one) for one in rows]
        return Column(label, "ratio", [one.value for one in found], missing=[not one.defined for one in found])

    rates: list[tuple[str, Pick]] = [
        ("time_weighted", lambda one: one.time_weighted), ("annual", lambda one: one.annual),
        ("money_weighted", lambda one: one.money_weighted),
        ("money_weighted_annual", lambda one: one.money_weighted_annual), ("modified_dietz", lambda one: one.dietz),
    ]  # fmt: skip
    if any(one.revalued is not None for one in rows):
        unsaid = Outcome(0.0, "the mandate does not say which flows are large")
        rates.append(("revalued_dietz", lambda one: one.revalued or unsaid))
    if any(one.benchmark is not None for one in rows):
        none = Outcome(0.0, "there is no benchmark")
        rates += [("benchmark", lambda one: one.benchmark or none), ("excess", lambda one: one.excess)]
    said = [
        f"{one.period.name} {label.replace('_', '-')}: {pick(one).reason}"
        for one in rows for label, pick in rates if pick(one).reason
    ]  # fmt: skip
    return Table(
        name,
        (
            Column("period", "text", [one.period.name for one in rows]),
            Column("from", "date", [one.period.after for one in rows]),
            Column("to", "date", [one.period.last for one in rows]),
            *(money(label) for label in MONEY),
            *(rate(label, pick) for label, pick in rates),
        ),
        notes=(*notes, *dict.fromkeys(said)),
    )


def contribution_table(found: BookContribution, name: str) -> Table:
    """A row for each label: mean weight, contribution and its parts."""
    sums = {part: float(found.parts[place].sum()) for place, part in enumerate(PARTS)}
    return Table(
        name,
        (
            Column("label", "text", list(found.labels)),
            Column("weight", "ratio", found.weight.tolist()),
            *(Column(part, "ratio", found.parts[place].tolist()) for place, part in enumerate(PARTS)),
            Column("contribution", "ratio", found.contribution.tolist()),
        ),
        notes=(
            f"{format_date(found.after)} to {format_date(found.last)}: contributions sum to the time-weighted return "
            f"{found.total:.4%}",
            *found.notes,
        ),
        totals={"label": "total", **sums, "contribution": found.total},
    )


def events_table(found: EventContributions, name: str) -> Table:
    """A row for each event, then what was simply held and what rounding left; they sum to the return."""
    rows = found.events
    none = [0.0] * len(PARTS)
    parts = [*(list(one.parts) for one in rows), [found.held, *none[1:]], none]
    whole = [*(one.contribution for one in rows), found.held, found.rounding]
    blank = [False] * len(rows) + [True, True]
    return Table(
        name,
        (
            Column("event", "integer", [*(one.event for one in rows), 0, 0], missing=blank),
            Column("date", "date", [*(one.day for one in rows), 0, 0], missing=blank),
            Column("lines", "text", [*(", ".join(one.lines) for one in rows), "what was held", "rounding"]),
            *(Column(part, "ratio", [row[place] for row in parts]) for place, part in enumerate(PARTS)),
            Column("contribution", "ratio", whole),
        ),
        notes=(f"contributions sum to the time-weighted return {found.total:.4%}", *found.notes,
               "argosy explain event NUMBER says where an event comes from"),
        totals={"lines": "total", "contribution": found.total},
    )  # fmt: skip
