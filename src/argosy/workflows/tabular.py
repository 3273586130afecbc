"""What an import sees of a file: text in columns, the line each row stands on, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from argosy.base.errors import unknown
from argosy.base.problems import Problem
from argosy.kernels.text import TextColumn
from argosy.record.ledger.events import Int64


@dataclass(frozen=True)
class RawTable:
    """A file as text columns of one length.

    ``lines[i]`` is the line of the file on which row ``i`` starts (1 = first line; for Parquet the row number).
    ``problems`` names each row that could not be read and was left out; a file that cannot be read at all has no
    columns and one problem. ``reader`` is the name and version of what read it.
    """

    name: str
    columns: Mapping[str, TextColumn]
    lines: Int64
    problems: tuple[Problem, ...] = ()
    reader: str = ""
    warnings: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, column: str) -> TextColumn:
        try:
            return self.columns[column]
        except KeyError:
            raise unknown("column", column, self.columns, place=self.name) from None

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def row(self, position: int) -> dict[str, str]:
        """One row as a dictionary of text, as problems show it."""
        return {name: cells[position] for name, cells in self.columns.items()}


class RowReader(Protocol):
    """Reads a file's bytes as text columns; bad content comes back as problems, not as exceptions."""

    def __call__(self, content: bytes, name: str, *, delimiter: str | None = None, encoding: str = "utf-8") -> RawTable:
        """Read a whole file; ``delimiter`` None means: find it in the header."""
        ...
