"""PostgreSQL's binary COPY format, in both directions, for rows of int64 with a few variable columns.

A row is the number of fields (int16), then for each field its length (int32, -1 for null) and its bytes; big-endian.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from struct import Struct

import numpy as np

from argosy.record.ledger.events import Int64

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
TRAILER = b"\xff\xff"
PIECE_ROWS = 16_384

_LENGTH = Struct(">i")
_NULL = _LENGTH.pack(-1)


def _row_type(names: Sequence[str]) -> np.dtype[np.void]:
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for place, _ in enumerate(names):
        fields += [(f"length{place}", ">i4"), (f"value{place}", ">i8")]
    return np.dtype(fields)


def binary_rows(integers: Mapping[str, Int64], variable: Sequence[Sequence[bytes | None]]) -> Iterator[bytes]:
    """Pieces of a binary COPY of rows: all integer columns, then the variable ones."""
    names = list(integers)
    row_type = _row_type(names)
    count = len(integers[names[0]])
    yield SIGNATURE
    for start in range(0, count, PIECE_ROWS):
        stop = min(start + PIECE_ROWS, count)
        rows = np.empty(stop - start, row_type)
        rows["count"] = len(names) + len(variable)
        for place, name in enumerate(names):
            rows[f"length{place}"] = 8
            rows[f"value{place}"] = integers[name][start:stop]
        yield _with_variable(rows, [items[start:stop] for items in variable]) if variable else rows.tobytes()
    yield TRAILER


def _with_variable(
    rows: np.ndarray[tuple[int], np.dtype[np.void]], variable: Sequence[Sequence[bytes | None]]
) -> bytes:
    fixed, width = rows.tobytes(), rows.dtype.itemsize
    pack = _LENGTH.pack
    parts: list[bytes] = []
    for at, items in enumerate(zip(*variable, strict=True)):
        parts.append(fixed[at * width : (at + 1) * width])
        for item in items:
            if item is None:
                parts.append(_NULL)
            else:
                parts += (pack(len(item)), item)
    return b"".join(parts)


class BinaryReader:
    """Collects a binary COPY of int64 columns and gives them as arrays."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._type = _row_type(names)
        self._pieces: list[bytes] = []
        self._size = 0
        self._header = False
        self._columns: list[list[Int64]] = [[] for _ in self._names]

    def feed(self, piece: bytes | memoryview) -> None:
        """Take what the server sent next."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        if self._size >= PIECE_ROWS * self._type.itemsize:
            self._take()

    def _take(self) -> None:
        data = b"".join(self._pieces)
        if not self._header:
            if not data.startswith(SIGNATURE[:11]):
                raise ValueError("not a binary COPY")
            data, self._header = data[len(SIGNATURE) :], True
        count = len(data) // self._type.itemsize
        rows = np.frombuffer(data, self._type, count)
        if count:
            if not (rows["count"] == len(self._names)).all():
                raise ValueError("rows of another shape")
            for place, column in enumerate(self._columns):
                column.append(rows[f"value{place}"].astype(np.int64))
        rest = data[count * self._type.itemsize :]
        self._pieces, self._size = [rest], len(rest)

    def columns(self) -> dict[str, Int64]:
        """All rows, by column."""
        self._take()
        if self._pieces != [TRAILER]:
            raise ValueError("the COPY ended in the middle of a row")
        found: dict[str, Int64] = {}
        for name, column in zip(self._names, self._columns, strict=True):
            found[name] = np.concatenate(column) if column else np.zeros(0, np.int64)
            column.clear()  # so that the rows are in memory once, not twice
        return found
