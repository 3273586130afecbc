"""How a restatement of stored lines looks: each day with its return before and after, and the lines that changed."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.table import Column, Table
from argosy.measures.attribution.stored_lines import LineRestatement, line_name
from argosy.record.reference_fold import Reference


def line_restatement_table(rows: Sequence[LineRestatement], reference: Reference) -> Table:
    """Portfolio, day, return as stored and as known now, and what changed."""
    return Table(
        "Restated attribution",
        (
            Column("portfolio", "text", [reference.portfolios[one.portfolio].code for one in rows]),
            Column("date", "date", [one.date for one in rows]),
            Column("old_return", "ratio", [one.old_return or 0.0 for one in rows],
                   missing=[one.old_return is None for one in rows]),
            Column("new_return", "ratio", [one.new_return or 0.0 for one in rows],
                   missing=[one.new_return is None for one in rows]),
            Column("lines", "text", [
                ", ".join(line_name(kind, number, reference) for kind, number in one.lines) for one in rows
            ]),
        ),
    )  # fmt: skip
