"""How attribution looks: effects by segment with their sums, by security, by period, along a path of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.attribution.book_answer import BookAttribution, PathAttribution
from argosy.measures.attribution.book_effects import EFFECTS
from argosy.measures.attribution.book_lines import OWN, BookLines
from argosy.measures.attribution.line_moves import OWN_LINES, ROUNDING_LINE

ROUNDING = OWN_LINES[ROUNDING_LINE]
SUMMED = ("contribution", "selection", "trading")


def _ratio(name: str, values: Sequence[float], *, missing: Sequence[bool] | None = None) -> Column:
    return Column(name, "ratio", list(values), missing=list(missing) if missing is not None else None)


def _notes(found: BookAttribution) -> tuple[str, ...]:
    first, last = int(found.periods.before[0]), int(found.periods.days[-1])
    linked = found.linked
    kind = "geometric" if linked.geometric else "arithmetic"
    return (
        f"{format_date(first)} to {format_date(last)}, {len(found.periods.days)} periods: portfolio "
        f"{linked.portfolio:.4%}, benchmark {linked.benchmark:.4%}, active {linked.active:.4%} ({kind})",
        f"effects leave {found.residual:.1e} of the active return unexplained",
        found.choices.text(),
        *found.notes,
    )


def attribution_table(found: BookAttribution, name: str) -> Table:
    """A row for each segment and own line: mean weights, linked effects and their total."""
    effects, linked = found.effects, found.linked
    total = sum((linked.effects[effect] for effect in EFFECTS), 0.0 * linked.effects["other"])
    sums = {effect: float(linked.effects[effect].sum()) for effect in EFFECTS}
    return Table(
        name,
        (
            Column("segment", "text", list(effects.names)),
            _ratio("weight", effects.weights.mean(axis=0).tolist()),
            _ratio("benchmark_weight", effects.benchmark_weights.mean(axis=0).tolist()),
            *(_ratio(effect, linked.effects[effect].tolist()) for effect in EFFECTS),
            _ratio("total", total.tolist()),
        ),
        notes=_notes(found),
        totals={"segment": "total", **sums, "total": linked.total},
    )  # fmt: skip


def attribution_lines_table(
    found: BookAttribution, name: str, *, fine: BookLines | None = None, owners: Mapping[int, str] | None = None
) -> Table:
    """A row for each security and balance: mean weight, contribution, selection (interaction inside) and trading.

    ``fine`` are the lines taken apart by lot or by portfolio; ``owners`` names the portfolios.
    """
    figures = found.by_line(fine)
    lines = found.periods.lines.lines if fine is None else fine.lines
    whose = () if owners is None else (
        Column("portfolio", "text",
               [owners.get(line.portfolio, "") if line.name != ROUNDING else "" for line in lines]),
    )  # fmt: skip
    return Table(
        name,
        (
            Column("line", "text", [line.name for line in lines]),
            *whose,
            Column("segment", "text", ["" if line.kind == OWN else found.labels.line(line) for line in lines]),
            *(_ratio(label, figures[label].tolist()) for label in ("weight", "contribution", "selection", "trading")),
        ),
        notes=(*_notes(found), "selection here has the interaction inside; allocation belongs to segments"),
        totals={"line": "total"} | {label: float(figures[label].sum()) for label in SUMMED},
    )  # fmt: skip


def attribution_events_table(found: BookAttribution, name: str) -> Table:
    """A row for each event that had a trading effect, and what was made between purchases and the end of a period."""
    events, rest = found.by_event()
    rows = [*events, (0, 0, ("held since it was bought",), rest)]
    blank = [not seq for seq, *_ in rows]
    return Table(
        name,
        (
            Column("event", "integer", [seq for seq, *_ in rows], missing=blank),
            Column("date", "date", [day for _, day, *_ in rows], missing=blank),
            Column("lines", "text", [", ".join(lines) for _, _, lines, _ in rows]),
            _ratio("trading", [effect for *_, effect in rows]),
        ),
        notes=(*_notes(found), "argosy explain event NUMBER says where an event comes from"),
        totals={"lines": "total", "trading": rest + sum(effect for *_, effect in events)},
    )


def attribution_periods_table(found: BookAttribution, name: str) -> Table:
    """A row for each period: returns, active return, each effect summed over segments, and what is left."""
    effects = found.effects
    left = effects.active - effects.total
    return Table(
        name,
        (
            Column("from", "date", effects.before.tolist()),
            Column("to", "date", effects.days.tolist()),
            _ratio("portfolio", effects.portfolio.tolist()),
            _ratio("benchmark", effects.benchmark.tolist()),
            _ratio("active", effects.active.tolist()),
            *(_ratio(effect, effects.effects[effect].sum(axis=1).tolist()) for effect in EFFECTS),
            _ratio("residual", left.tolist()),
        ),
        notes=_notes(found),
    )


def path_table(found: PathAttribution, name: str) -> Table:
    """The decision path, level by level: allocation of each node inside its parent, the rest at the leaves."""
    nodes = found.nodes
    total = [one.allocation + one.selection + one.trading + one.other for one in nodes]
    return Table(
        name,
        (
            Column("level", "text", [one.level for one in nodes]),
            Column("node", "text", [one.name for one in nodes]),
            Column("parent", "text", [one.parent for one in nodes]),
            _ratio("weight", [one.weight for one in nodes]),
            _ratio("benchmark_weight", [one.benchmark_weight for one in nodes]),
            _ratio("allocation", [one.allocation for one in nodes]),
            _ratio("selection", [one.selection for one in nodes]),
            _ratio("trading", [one.trading for one in nodes]),
            _ratio("other", [one.other for one in nodes]),
            _ratio("total", total),
        ),
        notes=(
            f"portfolio {found.portfolio:.4%}, benchmark {found.benchmark:.4%}, active {found.active:.4%}",
            f"effects leave {found.residual:.1e} of the active return unexplained",
            *found.notes,
        ),
        totals={"level": "total", "total": sum(total)},
    )  # fmt: skip
