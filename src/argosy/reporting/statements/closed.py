"""What a close did: days written and restated per portfolio, and what each restatement changed."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.money import currency_name
from argosy.base.table import Column, Table
from argosy.measures.valuation.stored import Restatement
from argosy.record.reference_fold import Reference


def summary_table(
    rows: Sequence[tuple[int, int, int, int, int]], reference: Reference, *, notes: Sequence[str] = (),
    name: str = "Close",
) -> Table:  # fmt: skip
    """Rows are (portfolio, days, written, restated, open)."""
    return Table(
        name,
        (
            Column("portfolio", "text", [reference.portfolios[row[0]].code for row in rows]),
            Column("days", "integer", [row[1] for row in rows]),
            Column("written", "integer", [row[2] for row in rows]),
            Column("restated", "integer", [row[3] for row in rows]),
            Column("open", "integer", [row[4] for row in rows]),
        ),
        notes=tuple(notes),
    )


def restatement_table(found: Sequence[Restatement], reference: Reference, *, name: str = "Restated days") -> Table:
    """Each day whose stored figures changed: before, after, difference, and which figures."""
    codes = [currency_name(one.currency) for one in found]
    scales = [reference.money_scale(code) for code in codes]
    shown = [reference.minor_units(code) for code in codes]

    def amount(label: str, values: Sequence[int]) -> Column:
        return Column(label, "amount", list(values), scale=scales, shown=shown)

    return Table(
        name,
        (
            Column("portfolio", "text", [_code(one.portfolio, reference) for one in found]),
            Column("date", "date", [one.date for one in found]),
            Column("currency", "text", codes),
            amount("before", [one.old_nav for one in found]),
            amount("after", [one.new_nav for one in found]),
            amount("difference", [one.new_nav - one.old_nav for one in found]),
            Column("changed", "text", [", ".join(one.columns) for one in found]),
        ),
    )


def _code(portfolio: int, reference: Reference) -> str:
    known = reference.portfolios.get(portfolio)
    return known.code if known else str(portfolio)
