"""Text in columns: one byte buffer with where each cell starts and ends, or a list of ``str``.

Files of a million rows stay one buffer that compiled readers walk over; small files stay lists. Both forms hold the
same text, and each is made from the other when first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.integer]


class TextColumn:
    """A column of text cells, as read from a file; an empty cell is the empty string.

    Examples
    --------
    >>> column = TextColumn(["EUR", "USD", "EUR"])
    >>> len(column), column[1], column.take(np.array([2, 0])).to_list()
    (3, 'USD', ['EUR', 'EUR'])
    """

    __slots__ = ("_list", "_parts")

    def __init__(self, cells: Sequence[str]) -> None:
        self._list: list[str] | None = cells if isinstance(cells, list) else list(cells)
        self._parts: tuple[Bytes, Places, Places] | None = None

    @classmethod
    def from_buffer(cls, data: Bytes, before: Places, ends: Places) -> TextColumn:
        """Cells inside one UTF-8 buffer: cell ``i`` is ``data[before[i] + 1 : ends[i]]``.

        ``before`` is where the separator before the cell stands, so that a file's own separator positions serve as
        they are, without a copy per column.
        """
        made = cls.__new__(cls)
        made._list, made._parts = None, (data, before, ends)
        return made

    @classmethod
    def from_codes(cls, codes: Int64, names: Sequence[str]) -> TextColumn:
        """Cells given as positions in a list of distinct texts.

        Examples
        --------
        >>> TextColumn.from_codes(np.array([1, 0, 1]), ["BUY", "SELL"]).to_list()
        ['SELL', 'BUY', 'SELL']
        """
        data, before, ends = _pack(list(names))
        return cls.from_buffer(data, before[codes], ends[codes])

    @classmethod
    def constant(cls, text: str, length: int) -> TextColumn:
        """The same text in each row."""
        return cls.from_codes(np.zeros(length, np.int64), [text])

    def __len__(self) -> int:
        return len(self._list) if self._list is not None else len(self._given()[2])

    def __getitem__(self, row: int) -> str:
        if self._list is not None:
            return self._list[row]
        data, before, ends = self._given()
        return data[int(before[row]) + 1 : int(ends[row])].tobytes().decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        return iter(self.to_list())

    def __repr__(self) -> str:
        shown = ", ".join(repr(self[row]) for row in range(min(len(self), 3)))
        return f"TextColumn({len(self)}: {shown}{', ...' if len(self) > 3 else ''})"

    def to_list(self) -> list[str]:
        """All cells as ``str`` (made once, then kept)."""
        if self._list is None:
            self._list = _unpack(*self._given())
        return self._list

    def buffer(self) -> tuple[Bytes, Int64, Int64]:
        """The cells as ``(data, before, ends)``, see :meth:`from_buffer`; positions as int64."""
        data, before, ends = self._given()
        return data, np.ascontiguousarray(before, np.int64), np.ascontiguousarray(ends, np.int64)

    def take(self, rows: Places | npt.NDArray[np.bool_]) -> TextColumn:
        """Cells by position, or by mask, in the order given."""
        if self._parts is not None:
            data, before, ends = self._parts
            return TextColumn.from_buffer(data, before[rows], ends[rows])
        cells = self.to_list()
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return TextColumn([cells[place] for place in places.tolist()])

    def is_empty(self) -> npt.NDArray[np.bool_]:
        """Which cells hold nothing."""
        if self._list is not None:
            return np.fromiter((not cell for cell in self._list), np.bool_, len(self._list))
        _, before, ends = self._given()
        return np.asarray(ends - before <= 1)

    def _given(self) -> tuple[Bytes, Places, Places]:
        if self._parts is None:
            self._parts = _pack(self._list or [])
        return self._parts


def _unpack(data: Bytes, before: Places, ends: Places) -> list[str]:
    """Cut the cells out of their buffer; ASCII text is decoded once as a whole."""
    if not len(ends):
        return []
    low = int(before.min()) + 1
    part = data[low : max(int(ends.max()), low)].tobytes()
    starts, stops = (before.astype(np.int64) + (1 - low)).tolist(), (ends.astype(np.int64) - low).tolist()
    if part.isascii():
        text = part.decode("ascii")
        return [text[start:stop] for start, stop in zip(starts, stops, strict=True)]
    return [part[start:stop].decode("utf-8") for start, stop in zip(starts, stops, strict=True)]


def _pack(cells: list[str]) -> tuple[Bytes, Int64, Int64]:
    """Lay cells one after another with one byte between them."""
    joined = "\n".join(cells).encode("utf-8")
    data = np.frombuffer(joined, np.uint8)
    if len(joined) == sum(map(len, cells)) + max(len(cells) - 1, 0):
        lengths = np.fromiter(map(len, cells), np.int64, len(cells))
    else:
        lengths = np.fromiter((len(cell.encode("utf-8")) for cell in cells), np.int64, len(cells))
    ends = np.cumsum(lengths + 1) - 1
    return data, ends - lengths - 1, ends
