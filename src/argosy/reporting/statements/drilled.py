"""How contributions by several levels look: a row for each node, indented by its depth."""

from __future__ import annotations

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.attribution.drill_down import DrillDown
from argosy.measures.attribution.line_moves import PARTS

PATH = " / "


def drill_table(found: DrillDown, name: str) -> Table:
    """Label (indented), level, path, mean weight, the parts and their sum; rows of the first level sum to the total."""
    rows = found.rows
    events = [one.level == "transaction" for one in rows]
    return Table(
        name,
        (
            Column("label", "text", ["  " * (len(one.path) - 1) + one.path[-1] for one in rows]),
            Column("level", "text", [one.level for one in rows]),
            Column("path", "text", [PATH.join(one.path) for one in rows]),
            Column("weight", "ratio", [one.weight for one in rows], missing=events),
            *(Column(part, "ratio", [float(one.parts[place]) for one in rows]) for place, part in enumerate(PARTS)),
            Column("contribution", "ratio", [one.contribution for one in rows]),
        ),
        notes=(
            f"{format_date(found.after)} to {format_date(found.last)}: {found.levels[0]} rows sum to the time-weighted "
            f"return {found.total:.4%}, rows of each depth to the one above them",
            *found.notes,
            *(("argosy explain event NUMBER says where an event comes from",) if any(events) else ()),
        ),
        totals={"label": "total", "contribution": found.total},
    )
