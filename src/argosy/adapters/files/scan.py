"""Find the cells of delimited text as positions in its bytes, with the line of each row; no cell is copied.

Two ways with the same answers: vector operations over the bytes for large files, and the standard ``csv`` module, whose
strict grammar is the definition. Whatever the first does not understand at once is left to the second.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.text import Bytes, Int64, TextColumn

LONGEST_CELL = 131_072
CHUNK = 1 << 20
QUOTE, NEWLINE, RETURN = 34, 10, 13

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scan:
    """Rows as wide as the header, the line each starts on, and ``bad`` rows by line: (what is wrong, cells)."""

    header: list[str]
    columns: list[TextColumn]
    lines: Int64
    bad: Mapping[int, tuple[str, list[str]]]


def scan_rows(text: bytes, delimiter: str) -> Scan:
    """Read by the ``csv`` module, row by row. The text is UTF-8."""
    source = io.StringIO(text.decode("utf-8"), newline="")
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    bad: dict[int, tuple[str, list[str]]] = {}
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            bad[line] = (_told(error), [])
            continue
        if not row:
            continue
        if header is None:
            header = row
        elif len(row) != len(header):
            bad[line] = (_ragged(len(row), len(header)), row)
        else:
            rows.append(row)
            lines.append(line)
    columns = [TextColumn(list(cells)) for cells in zip(*rows, strict=True)]
    if not rows:
        columns = [TextColumn([]) for _ in header or []]
    return Scan(header or [], columns, np.array(lines, np.int64), bad)


def _told(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return "a quote is opened and never closed; the file may be cut off"
    if "field larger" in text:
        return f"a cell is longer than {LONGEST_CELL} characters"
    if "expected after" in text:
        return "text follows a closing quote; a quote inside a quoted cell is written twice"
    return text


def _ragged(found: int, expected: int) -> str:
    return f"{found} cells where the header has {expected}"


def scan_bytes(text: bytes, delimiter: str) -> Scan | None:
    """Read by vector operations; None when the text has quotes or line ends that need the ``csv`` module."""
    if not text:
        return None
    data = np.frombuffer(text if text.endswith(b"\n") else text + b"\n", np.uint8)
    quoted = QUOTE in text
    separators = _separators(data, ord(delimiter), quoted=quoted)
    if separators is None:
        return None
    # A carriage return is part of a line end or it is nothing we know.
    returns = text.count(b"\r")
    if returns and returns != text.count(b"\r\n"):
        return None
    row_ends = np.flatnonzero(data[separators] == NEWLINE)
    stops = separators[row_ends]
    starts = np.concatenate(([-1], stops[:-1]))  # the byte before each row
    widths = np.diff(row_ends, prepend=-1)
    lines = _lines(data, starts, quoted=quoted)
    if int((stops - starts).max()) > LONGEST_CELL and int(np.diff(separators, prepend=-1).max()) > LONGEST_CELL:
        return None
    if returns:
        stops = stops - (data[np.maximum(stops - 1, 0)] == RETURN)
    filled = np.flatnonzero(stops - starts > 1)
    if not len(filled):
        return None
    width = int(widths[filled[0]])
    good = filled[widths[filled] == width]
    if len(good) == len(widths):
        grid, first, last = separators.reshape(-1, width), starts, stops
    else:
        grid = separators[row_ends[good][:, None] - np.arange(width - 1, -1, -1)]
        first, last = starts[good], stops[good]
    columns = [
        (first if place == 0 else grid[:, place - 1], last if place == width - 1 else grid[:, place])
        for place in range(width)
    ]
    bad: dict[int, tuple[str, list[str]]] = {}
    outside = 0  # quotes in rows left out
    for row in filled[widths[filled] != width].tolist():
        raw = data[starts[row] + 1 : stops[row]].tobytes().decode("utf-8")
        outside += raw.count('"')
        try:
            cells = next(csv.reader([raw], delimiter=delimiter, strict=True), [])
        except csv.Error:
            return None
        bad[int(lines[row])] = (_ragged(len(cells), width), cells)
    if quoted:
        taken = [_unquoted(data, before, ends) for before, ends in columns]
        # Cells with quotes inside (written twice) are rare; the csv module unfolds them.
        if text.count(b'"') != outside + 2 * sum(count for _, _, count in taken):
            return None
        columns = [(before, ends) for before, ends, _ in taken]
    header = [TextColumn.from_buffer(data, before[:1], ends[:1])[0] for before, ends in columns]
    cells_below = [TextColumn.from_buffer(data, before[1:], ends[1:]) for before, ends in columns]
    return Scan(header, cells_below, lines[good][1:], bad)


def _separators(data: Bytes, delimiter: int, *, quoted: bool) -> Positions | None:
    """Positions of delimiters and line ends outside quotes, in order; None when quotes do not pair."""
    found: list[Positions] = []
    inside = np.uint8(0)
    for low in range(0, len(data), CHUNK):
        part = data[low : low + CHUNK]
        mask = (part == delimiter) | (part == NEWLINE)
        if quoted:
            parity = np.bitwise_xor.accumulate((part == QUOTE).view(np.uint8)) ^ inside
            inside = parity[-1]
            mask &= parity == 0
        found.append(np.flatnonzero(mask) + low)
    return None if inside else np.concatenate(found)


def _lines(data: Bytes, starts: Positions, *, quoted: bool) -> Int64:
    """The line of the file each row starts on."""
    if not quoted:
        return np.arange(1, len(starts) + 1)
    newlines = np.flatnonzero(data == NEWLINE)
    return np.asarray(np.searchsorted(newlines, starts, side="right") + 1, np.int64)


def _unquoted(data: Bytes, before: Positions, ends: Positions) -> tuple[Positions, Positions, int]:
    """Take off the quotes around cells, and count the cells that had them."""
    first, last = np.minimum(before + 1, len(data) - 1), np.maximum(ends - 1, 0)
    both = (ends - before > 2) & (data[first] == QUOTE) & (data[last] == QUOTE)
    return before + both, ends - both, int(np.count_nonzero(both))
