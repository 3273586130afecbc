"""Files whose rows become facts: one file against one state of the book, what is new, known and refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from argosy.base.errors import InvalidInput
from argosy.base.problems import Problem
from argosy.record.booking.fields import Fields, Place, Style
from argosy.record.facts import FactDraft
from argosy.record.reference_fold import Reference
from argosy.workflows.import_report import ImportReport
from argosy.workflows.ports import BatchDraft, BookStore, RawFile, Writer
from argosy.workflows.profile import Profile
from argosy.workflows.tabular import RawTable, RowReader

READER = "argosy-facts 1"


@dataclass
class Reading:
    """One file against one state of the book: what is new, known, refused."""

    what: str
    table: RawTable
    place: Place
    problems: list[Problem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    known: int = 0
    new: int = 0
    superseding: int = 0
    drafts: list[FactDraft] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems += self.table.problems
        self.refused |= {one.line for one in self.table.problems}

    def rows(self, needed: Sequence[str]) -> list[Fields]:
        """The rows, or a problem that names a column the file does not have."""
        for name in needed:
            if self.table.columns and name not in self.table:
                self.problems.append(Problem(
                    self.place.source, 1, f"there is no column {name!r}", field=name,
                    next_step=f"the file has {', '.join(self.table.columns)}; map one in a profile",
                ))  # fmt: skip
                self.refused |= set(self.table.lines.tolist())
                return []
        return [
            Fields(self.table.row(position), line, self.place)
            for position, line in enumerate(self.table.lines.tolist())
        ]

    def keep(self, cells: Fields) -> bool:
        """Whether a row could be read; its problems are kept."""
        if cells.problems:
            self.problems += cells.problems
            self.refused.add(cells.line)
        return not cells.problems

    def report(self, *, dry_run: bool) -> ImportReport:
        """The result so far."""
        rows = len(self.table) + len({one.line for one in self.table.problems})
        return ImportReport(
            self.what, self.place.source, rows, inserted=self.new, known=self.known, conflicting=0,
            refused=len(self.refused), written=False, dry_run=dry_run, superseding=self.superseding,
            problems=tuple(sorted(self.problems, key=lambda one: int(one.line))),
        )  # fmt: skip

    def fraction(self, cells: Fields, name: str) -> Decimal | None:
        """A fraction such as 0.0125; a percent sign is refused with what to write instead."""
        if cells.text(name).strip().endswith("%"):
            cells.refuse(name, f"{cells.text(name)} is in percent", "write a fraction: 0.0125 for 1.25%")
            return None
        found = cells.quote(name)
        return None if found is None else found.decimal()


Reads = Callable[[Reading, Reference, Writer], None]


def read_facts(
    store: BookStore, reader: RowReader, what: str, content: bytes, name: str, profile: Profile, source: str,
    read: Reads, *, accept_good: bool, dry_run: bool,
) -> ImportReport:  # fmt: skip
    """Read a file into facts; nothing is written on a dry run, or where a row is refused and that is not accepted."""
    if profile.reads and profile.reads != what:
        raise InvalidInput(f"profile {profile.name!r} reads {profile.reads}, not {what}", field="profile",
                           next_step="choose another profile")  # fmt: skip
    style = profile.format
    table = profile.apply(reader(content, name, delimiter=style.delimiter, encoding=style.encoding))
    file = RawFile(name, content, f"{READER}; {table.reader}; profile {profile.name}")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        place = Place(name, reference, Style(style.date, style.decimal, style.thousands))
        reading = Reading(what, table, place)
        read(reading, reference, writer)
        report = reading.report(dry_run=dry_run)
        if dry_run or not reading.drafts or (report.problems and not accept_good):
            return report
        info = writer.append(BatchDraft(f"import {what}", source or profile.name, facts=reading.drafts, file=file))
    return replace(report, written=True, batch=info.batch, seq=info.last_seq, sha256=info.file_sha256)
