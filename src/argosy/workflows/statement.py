"""What a question answers with: tables, the first for programs, all of them for people."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.base.table import Table


@dataclass(frozen=True)
class Statement:
    """An answer of one or more tables; the first is the one programs get."""

    tables: tuple[Table, ...]

    def table(self) -> Table:
        """The main table."""
        return self.tables[0]

    def __len__(self) -> int:
        return len(self.tables[0])

    def __repr__(self) -> str:
        return "\n\n".join(str(table) for table in self.tables)

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self.tables)
