"""Read CSV, TSV and Parquet as text in columns with exact line numbers; bad content becomes problems, never a crash."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Mapping

import numpy as np

from argosy.adapters.files.scan import Scan, scan_bytes, scan_rows
from argosy.base.problems import Problem
from argosy.kernels.text import TextColumn
from argosy.workflows.tabular import RawTable

READER = "argosy-csv 1"
LARGEST = 2**31
"""Bytes a file may unfold to; a larger one is refused before memory is gone."""

SMALL_UNFOLDED = 1 << 26
MOST_FOLDED = 100

SCAN_FROM = 1 << 20
"""Below this many bytes the csv module is as fast."""

DELIMITERS = (",", ";", "\t", "|")
_WORST = 100


class _Refused(Exception):
    """The file as a whole cannot be read; carried as a problem."""

    def __init__(self, message: str, *, line: int = 0, step: str = "", code: str = "unreadable_file") -> None:
        super().__init__(message)
        self.message, self.line, self.step, self.code = message, line, step, code


def read_rows(
    content: bytes,
    name: str,
    *,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    largest: int = LARGEST,
    engine: str = "auto",
) -> RawTable:
    """Read a whole file as text columns.

    ``content`` may be gzipped. The kind (Parquet or delimited text) is told from the bytes, not from the name. Rows
    with too few or too many cells, open quotes, NUL characters or absurdly long cells are left out and named by line;
    a file that is empty, in another encoding, cut off inside gzip, without header or with a repeated column gives one
    problem and no columns. ``engine`` "scan" or "rows" chooses the way of reading ("auto" = by size); both answer
    alike.

    Examples
    --------
    >>> table = read_rows(b"date,price\\n2024-01-02,1.5\\n2024-01-03\\n", "p.csv")
    >>> table["price"].to_list(), table.lines.tolist()
    (['1.5'], [2])
    >>> table.problems[0].text()
    'p.csv line 3: 1 cells where the header has 2 (the file may be cut off here)'
    """
    try:
        content = unfold(content, largest)
        if content[:4] == b"PAR1":
            from argosy.adapters.files.parquet_rows import read_parquet_rows

            return read_parquet_rows(content, name)
        return _delimited(content, name, delimiter, encoding, engine)
    except _Refused as refused:
        problem = Problem(name, refused.line, refused.message, next_step=refused.step, code=refused.code)
        return RawTable(name, {}, np.zeros(0, np.int64), (problem,), READER)


def unfold(content: bytes, largest: int = LARGEST) -> bytes:
    """Give the content of gzipped bytes (as they are, if not gzipped), never more than ``largest``.

    Text folds to a tenth or a thirtieth of its size; what unfolds a hundredfold is a bomb.
    """
    if content[:2] != b"\x1f\x8b":
        if len(content) > largest:
            raise _Refused(f"the file has {len(content)} bytes, more than {largest}", step="split the file")
        return content
    largest = min(largest, max(SMALL_UNFOLDED, MOST_FOLDED * len(content)))
    parts: list[bytes] = []
    size, rest = 0, content
    while rest[:2] == b"\x1f\x8b":
        stream = zlib.decompressobj(wbits=31)
        try:
            part = stream.decompress(rest, largest - size + 1)
        except zlib.error as error:
            raise _Refused(f"the gzip data is damaged: {error}", step="fetch the file again") from None
        size += len(part)
        if size > largest:
            raise _Refused(f"the gzip data unfolds to more than {largest} bytes", step="split the file")
        if not stream.eof:
            raise _Refused("the gzip data ends too early: the file is cut off", step="fetch the file again")
        parts.append(part)
        rest = stream.unused_data
    if rest.strip(b"\0"):
        raise _Refused("other bytes follow the gzip data", step="fetch the file again")
    return b"".join(parts)


def _delimited(content: bytes, name: str, delimiter: str | None, encoding: str, engine: str) -> RawTable:
    text = _utf8(content, encoding)
    if not text.strip():
        raise _Refused("the file is empty", step="give a file with a header line and rows", code="empty_file")
    nul_lines = _nul_lines(text)
    mark = delimiter or find_delimiter(text)
    scan: Scan | None = None
    if engine == "scan" or (engine == "auto" and len(text) >= SCAN_FROM):
        scan = scan_bytes(text, mark)
    if scan is None:
        scan = scan_rows(text, mark)
    header = _header(scan)
    problems = [_row_problem(name, line, told, cells, header) for line, (told, cells) in sorted(scan.bad.items())]
    if problems and scan.bad and max(scan.bad) > (int(scan.lines[-1]) if len(scan.lines) else 0):
        last = problems[-1]
        problems[-1] = Problem(name, last.line, last.message, next_step="the file may be cut off here",
                               code=last.code, record=last.record)  # fmt: skip
    columns: Mapping[str, TextColumn] = dict(zip(header, scan.columns, strict=True))
    lines = scan.lines
    if nul_lines:
        keep = _without(scan, nul_lines)
        problems += [Problem(name, int(line), "the row has a NUL character", next_step="fetch the file again")
                     for line in lines[~keep]]  # fmt: skip
        columns = {head: cells.take(keep) for head, cells in columns.items()}
        lines = lines[keep]
        problems.sort(key=lambda problem: problem.line)
    return RawTable(name, columns, lines, tuple(problems), READER)


def _utf8(content: bytes, encoding: str) -> bytes:
    """The text as UTF-8 without byte-order mark; refuses what is not in the encoding, naming the byte and line."""
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        raise _Refused(f"unknown encoding {encoding!r}", step="use utf-8, utf-16, cp1252 or latin-1") from None
    if known in ("utf-8", "ascii", "utf-8-sig"):
        for marks, other in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if content.startswith(marks):
                raise _Refused(f"the file is written in {other}, not {encoding}", step=f"give encoding {other}")
        if content.startswith(b"PK\x03\x04"):
            raise _Refused("the file is a zip archive or a workbook", step="save the sheet as CSV")
    try:
        text = content.decode(known)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Refused(
            f"byte {error.start} (0x{content[error.start]:02x}) is not {encoding}",
            line=line,
            step="give the file's encoding, such as cp1252 or latin-1",
            code="wrong_encoding",
        ) from None
    except UnicodeError as error:
        raise _Refused(f"the file is not {encoding}: {error}", step="give the file's encoding") from None
    if known == "utf-8" and not content.startswith(codecs.BOM_UTF8):
        return content
    return text.removeprefix("\ufeff").encode("utf-8", "strict")


def _nul_lines(text: bytes) -> list[int]:
    count = text.count(b"\0")
    if not count:
        return []
    if count > _WORST:
        raise _Refused(f"the file has {count} NUL characters: it is not text, or not in this encoding",
                       step="give the file's encoding, such as utf-16")  # fmt: skip
    lines, place = [], text.find(b"\0")
    while place >= 0:
        lines.append(text.count(b"\n", 0, place) + 1)
        place = text.find(b"\0", place + 1)
    return lines


def _without(scan: Scan, nul_lines: list[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(len(scan.lines), np.bool_)
    rows = np.searchsorted(scan.lines, np.array(nul_lines), side="right") - 1
    keep[rows[rows >= 0]] = False
    return keep


def find_delimiter(text: bytes) -> str:
    """The delimiter that stands most often in the header line.

    Examples
    --------
    >>> find_delimiter(b"date;price\\n2024-01-02;1,5")
    ';'
    """
    line = next((line for line in text.lstrip()[:65_536].splitlines() if line.strip()), b"").decode("utf-8", "ignore")
    outside = "".join(part for number, part in enumerate(line.split('"')) if number % 2 == 0)
    counts = {mark: outside.count(mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _header(scan: Scan) -> list[str]:
    if not scan.header:
        line, (told, _) = next(iter(scan.bad.items()), (1, ("there is no header line", [])))
        raise _Refused(told, line=line, step="give a file with a header line")
    header = [head.strip() or f"column {place}" for place, head in enumerate(scan.header, 1)]
    seen: dict[str, int] = {}
    for place, head in enumerate(header, 1):
        if head in seen:
            raise _Refused(f"columns {seen[head]} and {place} are both called {head!r}", line=1,
                           step="rename one of them", code="duplicate_column")  # fmt: skip
        seen[head] = place
    return header


def _row_problem(name: str, line: int, told: str, cells: list[str], header: list[str]) -> Problem:
    record = {head: cell[:200] for head, cell in zip(header, cells, strict=False)}
    return Problem(name, line, told, next_step="check delimiter and quotes there", code="ragged_row", record=record)
