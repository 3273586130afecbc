"""What an import did, or would do: counts, and each row that was not simply taken, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from argosy.base.problems import Problem
from argosy.base.table import Column, Table


@dataclass(frozen=True, slots=True)
class RowNote:
    """A row that needed no writing, or was written with a remark: known rows, replaced values."""

    status: str  # "known", "supersedes", ...
    line: int
    message: str
    earlier_batch: int = 0
    earlier_line: int = 0


@dataclass(frozen=True)
class ImportReport:
    """The result of one import.

    Each row read is counted once: ``rows == inserted + known + conflicting + refused``. ``superseding`` of the inserted
    rows replace an earlier value of the same key. When ``written`` is false nothing was written: because of a dry run,
    because rows were refused and good ones alone were not asked for, or because there was nothing new; ``inserted``
    then says how many rows are new.
    ``problems`` has the refused and conflicting rows, ``warnings`` what was taken but looks odd.
    """

    what: str  # "transactions", "prices", "fx", "benchmark", "instruments", "calendar"
    source: str  # file name
    rows: int
    inserted: int
    known: int
    conflicting: int
    refused: int
    written: bool
    dry_run: bool = False
    superseding: int = 0
    batch: int = 0
    seq: int = 0  # last seq of the batch, 0 when nothing was written
    sha256: str = ""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[RowNote, ...] = ()
    preview: tuple[Mapping[str, str], ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether no row was refused or conflicting."""
        return not self.problems

    def summary(self) -> str:
        """One line for people.

        Examples
        --------
        >>> ImportReport("fx", "fx.csv", 10, 8, 2, 0, 0, written=False, dry_run=True).summary()
        'fx.csv: 10 rows of fx: 8 new, 2 known, 0 conflicting, 0 refused (dry run, nothing written)'
        >>> ImportReport("prices", "p.csv", 10, 8, 2, 0, 0, written=True, batch=3).summary()
        'p.csv: 10 rows of prices: 8 inserted, 2 known, 0 conflicting, 0 refused (batch 3)'
        """
        if self.written:
            ending = f"batch {self.batch}"
        elif self.dry_run:
            ending = "dry run, nothing written"
        elif self.problems:
            ending = "nothing written"
        else:
            ending = "nothing new, nothing written"
        replaced = f" ({self.superseding} of them replacing an earlier value)" if self.superseding else ""
        return (
            f"{self.source}: {self.rows} rows of {self.what}: {self.inserted} "
            f"{'inserted' if self.written else 'new'}{replaced}, {self.known} known, "
            f"{self.conflicting} conflicting, {self.refused} refused ({ending})"
        )

    def table(self) -> Table:
        """Each problem, warning and note: status, file, line, field, message, next step."""
        rows = [("conflicting" if item.code == "conflict" else "refused",
                 item.source, item.line, item.field, item.message, item.next_step)
                for item in self.problems]  # fmt: skip
        rows += [("warning", item.source, item.line, item.field, item.message, item.next_step)
                 for item in self.warnings]  # fmt: skip
        rows += [(note.status, self.source, note.line, "", note.message, "") for note in self.notes]
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(6)]
        names = ("status", "file", "line", "field", "message", "next_step")
        return Table(
            "import",
            [
                Column(name, "integer" if name == "line" else "text", values)
                for name, values in zip(names, columns, strict=True)
            ],
            notes=(self.summary(),),
        )
