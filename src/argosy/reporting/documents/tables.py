"""Tables of a page: caption, headings with units, numbers to the right, losses marked, bars beside weights."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.base.columns import NUMBERS, Column
from argosy.base.table import Table
from argosy.base.table_text import escape, total_text

LONGEST_BAR = 64
"""Pixels of the longest bar."""


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table on a page.

    ``bars`` names a ratio column drawn as bars, ``phone`` the columns a narrow screen keeps (none = all); ``folded``
    hides the rows until asked for.
    """

    table: Table
    caption: str
    note: str = ""
    bars: str = ""
    folded: bool = False
    phone: tuple[str, ...] = ()


def table_html(block: TableBlock) -> str:
    """The ``<table>`` of a block inside a box that scrolls by itself, so that the page never does."""
    columns = block.table.columns

    def low(column: Column) -> tuple[str, ...]:
        return ("lo",) if block.phone and column.name not in block.phone else ()

    caption = f"<caption>{escape(block.caption)}" + (f"<small>{escape(block.note)}</small>" if block.note else "")
    parts = ["<table>", caption, "</caption><thead><tr>"]
    units = any(column.heading_unit for column in columns)
    for column in columns:
        small = f"<small>{escape(column.heading_unit) or '&nbsp;'}</small>" if units else ""
        parts.append(f'<th scope="col"{_class(column, *low(column))}>{escape(column.heading)}{small}</th>')
    parts.append("</tr></thead><tbody>")
    longest = _longest(block)
    for row in range(len(block.table)):
        parts.append("<tr>")
        for place, column in enumerate(columns):
            bar = _bar(column, row, longest) if column.name == block.bars else ""
            parts.append(_cell(column, row, first=place == 0, bar=bar, extra=low(column)))
        parts.append("</tr>")
    parts.append("</tbody>")
    if block.table.totals:
        parts.append("<tfoot><tr>")
        parts += [
            f"<td{_class(column, *low(column))}>{escape(total_text(column, block.table.totals))}</td>"
            for column in columns
        ]
        parts.append("</tr></tfoot>")
    parts.append("</table>")
    name = escape(block.caption)
    return f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">{"".join(parts)}</div>'


def _class(column: Column, *extra: str) -> str:
    names = [*(["n"] if column.kind in NUMBERS else []), *extra]
    return f' class="{" ".join(names)}"' if names else ""


def _cell(column: Column, row: int, *, first: bool, bar: str, extra: tuple[str, ...]) -> str:
    text = escape(column.text(row))
    if column.is_missing(row):
        return f'<td{_class(column, "none", *extra)} title="no value">{text}</td>'
    if first:
        return f'<th scope="row"{_class(column, *extra)}>{text}</th>'
    if column.kind in NUMBERS and text.startswith("-"):
        # A true minus sign, as wide as the plus, read as "minus" aloud.
        return f"<td{_class(column, 'loss', *extra)}>{bar}−{text[1:]}</td>"
    return f"<td{_class(column, *(['t'] if column.kind == 'text' else []), *extra)}>{bar}{text}</td>"


def _longest(block: TableBlock) -> float:
    if not block.bars or block.bars not in block.table:
        return 0.0
    column = block.table[block.bars]
    given = [abs(float(column.raw(row))) for row in range(len(column)) if not column.is_missing(row)]
    return max(given, default=0.0)


def _bar(column: Column, row: int, longest: float) -> str:
    if column.is_missing(row) or not longest:
        return ""
    return f'<span class="bar" style="width:{abs(float(column.raw(row))) / longest * LONGEST_BAR:.0f}px"></span>'
