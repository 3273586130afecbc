"""How columns look: text for terminals, HTML for notebooks and pages, CSV for spreadsheets.

Takes columns, gives text. Names and notes come from anywhere, so nothing in them can end a line, color a terminal,
start a formula in a spreadsheet or open a tag in a page.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence

from argosy.base.columns import MISSING, NUMBERS, Column

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
GAP = "  "
LEAST_TEXT = 12
"""A text column is cut to no less than this before a table is split into blocks."""

Totals = Mapping[str, object]


def visible(text: str) -> str:
    """Text with what would move the cursor, color the screen or reverse the line replaced by a mark.

    Examples
    --------
    >>> visible("ACME" + chr(27) + "[31m" + chr(10) + "Inc")
    'ACME·[31m·Inc'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("·" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign for sign in text)


def cell_width(text: str) -> int:
    """Terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def cut(text: str, width: int) -> str:
    """Text shortened to so many cells, with a mark that it was."""
    if cell_width(text) <= width:
        return text
    kept = text
    while cell_width(kept) > max(width - 1, 0):
        kept = kept[:-1]
    return kept + "…"


def pad(text: str, width: int, *, right: bool) -> str:
    """Text filled with blanks to so many cells."""
    blanks = " " * max(width - cell_width(text), 0)
    return blanks + text if right else text + blanks


def shown_rows(length: int, limit: int | None) -> tuple[list[int], list[int]]:
    """Row numbers of the head and the tail that are shown when there are more than ``limit``.

    Examples
    --------
    >>> shown_rows(10, 4)
    ([0, 1], [8, 9])
    """
    if limit is None or length <= limit:
        return list(range(length)), []
    head = (limit + 1) // 2
    return list(range(head)), list(range(length - (limit - head), length))


def total_text(column: Column, totals: Totals | None) -> str:
    """What stands in the line of totals under a column."""
    if not totals or column.name not in totals:
        return ""
    value = totals[column.name]
    if value is None:
        return MISSING
    if column.kind == "text" or isinstance(value, str):
        return str(value)
    scale = column.scale if isinstance(column.scale, int) else column.scale_at(0)
    shown = column.shown if column.shown is None or isinstance(column.shown, int) else None
    values: object = ([value[0]], [value[1]]) if isinstance(value, tuple) else [value]
    return Column(column.name, column.kind, values, scale=scale, unit=column.unit, shown=shown).text(0)


def text_lines(
    columns: Sequence[Column], *, width: int, limit: int | None = None, totals: Totals | None = None
) -> list[str]:
    """Columns as lines of at most ``width`` cells: headings, units, a rule, rows, totals.

    Numbers are never cut. Long text is; when that is not enough, the table is split into blocks that repeat the first
    column.
    """
    if not columns:
        return []
    head, tail = shown_rows(len(columns[0]), limit)
    cells: list[list[str]] = []
    for column in columns:
        top = [visible(column.heading), visible(column.heading_unit)]
        body = [visible(column.text(row)) for row in (*head, *tail)]
        cells.append([*top, *body, visible(total_text(column, totals))])
    widths = _fit(columns, cells, width)
    lines: list[str] = []
    for block in _blocks(widths, width):
        if lines:
            lines.append("")
        lines += _block_lines(columns, cells, widths, block, skipped_after=len(head) if tail else 0,
                              skipped=len(columns[0]) - len(head) - len(tail), totals=bool(totals))  # fmt: skip
    return lines


def _fit(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    widths = [max(map(cell_width, column)) for column in cells]
    texts = [place for place, column in enumerate(columns) if column.kind == "text"]
    room = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > room:
        longest = max(texts, key=lambda place: widths[place], default=None)
        if longest is None or widths[longest] <= LEAST_TEXT:
            break
        widths[longest] -= min(widths[longest] - LEAST_TEXT, sum(widths) - room, max(1, widths[longest] // 8))
    return [min(size, width) for size in widths]


def _blocks(widths: Sequence[int], width: int) -> list[list[int]]:
    blocks: list[list[int]] = [[0]]
    for place in range(1, len(widths)):
        taken = sum(widths[other] + len(GAP) for other in blocks[-1]) + widths[place]
        if taken > width and len(blocks[-1]) > 1:
            blocks.append([0])
        blocks[-1].append(place)
    return blocks


def _block_lines(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    widths: Sequence[int],
    block: Sequence[int],
    *,
    skipped_after: int,
    skipped: int,
    totals: bool,
) -> list[str]:
    def line(row: int) -> str:
        parts = [
            pad(cut(cells[place][row], widths[place]), widths[place], right=columns[place].kind in NUMBERS)
            for place in block
        ]
        return GAP.join(parts).rstrip()

    rule = GAP.join("─" * widths[place] for place in block)
    last = len(cells[0]) - 1
    lines = [line(0)]
    if any(cells[place][1] for place in block):
        lines.append(line(1))
    lines.append(rule)
    for row in range(2, last):
        if skipped_after and row == 2 + skipped_after:
            lines.append(f"… {skipped:,} more rows …")
        lines.append(line(row))
    if totals:
        lines += [rule, line(last)]
    return lines


STYLE = (
    ".argosy-table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".argosy-table caption{text-align:left;font-weight:600;padding:.2em 0 .4em}"
    ".argosy-table th,.argosy-table td{padding:.2em .7em;text-align:left;border:0;white-space:nowrap}"
    ".argosy-table .n{text-align:right}"
    ".argosy-table thead th{border-bottom:1px solid currentColor;vertical-align:bottom;font-weight:600}"
    ".argosy-table thead small{display:block;font-weight:400;opacity:.7;min-height:1.2em}"
    ".argosy-table tbody tr+tr>*{border-top:1px solid rgba(128,128,128,.25)}"
    ".argosy-table tfoot th,.argosy-table tfoot td{border-top:1px solid currentColor;font-weight:600}"
    ".argosy-table .m{opacity:.5}"
    ".argosy-notes{font-size:.85em;opacity:.75;margin:.4em 0}"
)


def escape(text: str) -> str:
    """Text that is only text in a page: no tag, no attribute, no invisible reversal."""
    return html.escape(visible(text), quote=True)


def html_table(
    columns: Sequence[Column],
    *,
    caption: str,
    limit: int | None = None,
    totals: Totals | None = None,
    css: str = "argosy-table",
) -> str:
    """Columns as an HTML table with a caption, units under the headings and numbers to the right."""
    units = any(column.heading_unit for column in columns)
    parts = [f'<table class="{css}">', f"<caption>{escape(caption)}</caption>" if caption else "", "<thead><tr>"]
    for column in columns:
        small = f"<small>{escape(column.heading_unit) or '&nbsp;'}</small>" if units else ""
        parts.append(f'<th scope="col"{_align(column)}>{escape(column.heading)}{small}</th>')
    parts.append("</tr></thead><tbody>")
    length = len(columns[0]) if columns else 0
    head, tail = shown_rows(length, limit)
    for row in (*head, *tail):
        if tail and row == tail[0]:
            parts.append(
                f'<tr><td class="m" colspan="{len(columns)}">… {length - len(head) - len(tail):,} more rows …</td></tr>'
            )
        parts.append(_html_row(columns, row))
    parts.append("</tbody>")
    if totals:
        cells = "".join(f"<td{_align(column)}>{escape(total_text(column, totals))}</td>" for column in columns)
        parts.append(f"<tfoot><tr>{cells}</tr></tfoot>")
    parts.append("</table>")
    return "".join(parts)


def _align(column: Column) -> str:
    return ' class="n"' if column.kind in NUMBERS else ""


def _html_row(columns: Sequence[Column], row: int) -> str:
    cells = []
    for place, column in enumerate(columns):
        text = escape(column.text(row))
        if column.is_missing(row):
            cells.append(f'<td{_align(column)}><span class="m" title="no value">{text}</span></td>')
        elif place == 0:
            cells.append(f'<th scope="row"{_align(column)} style="font-weight:400">{text}</th>')
        else:
            cells.append(f"<td{_align(column)}>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def csv_text(columns: Sequence[Column]) -> str:
    """Columns as CSV with exact digits; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    lines = [",".join(_csv_cell(column.name, guard=True) for column in columns)]
    for row in range(len(columns[0]) if columns else 0):
        lines.append(",".join(_csv_cell(column.data(row), guard=column.kind == "text") for column in columns))
    return "\r\n".join(lines) + "\r\n"


def _csv_cell(text: str, *, guard: bool) -> str:
    if guard and text.startswith(FORMULA_STARTS):
        text = "'" + text
    if any(sign in text for sign in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
