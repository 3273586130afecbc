"""The steps of every market import: read, judge under the writer lock, write one file, append the load, report.

The fsynced file comes first and the load event second: the event is the commit. A file whose event never came is waste
that no reader sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.base.errors import InvalidInput, unknown
from argosy.base.problems import Problem
from argosy.record.facts import FactDraft, FactKind
from argosy.record.market.cells import CellStyle, Sieve
from argosy.record.market.intake import Intake
from argosy.record.market.tables import MarketTables
from argosy.record.market.wide import melt
from argosy.record.reference_fold import Reference
from argosy.workflows.import_report import ImportReport, RowNote
from argosy.workflows.market_view import load_tables
from argosy.workflows.ports import BatchDraft, BookStore, MarketFiles, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.tabular import RawTable, RowReader

PREVIEW = 5
DEFAULT_SOURCE = "file"


@dataclass(frozen=True)
class Given:
    """A file to import. ``source`` is who says so ("ECB", "Bloomberg"); a later load of the same source supersedes.

    An empty source is the profile's option ``source``, else the profile's name, else "file".
    """

    content: bytes
    name: str
    source: str
    profile: Profile

    def __post_init__(self) -> None:
        if not self.source:
            profile = self.profile
            named = profile.options.get("source") or ("" if profile.name == NEUTRAL.name else profile.name)
            object.__setattr__(self, "source", named or DEFAULT_SOURCE)


@dataclass(frozen=True)
class Judged:
    """A file read and judged against the book: what would be written, and everything there is to say."""

    what: str
    given: Given
    table: RawTable
    sieve: Sieve
    intakes: Sequence[tuple[Mapping[str, object], Intake]]  # rest of the load's payload, rows
    facts: Sequence[FactDraft] = ()
    warnings: Sequence[Problem] = ()
    batches: Mapping[int, int] = field(default_factory=dict)  # batch of each earlier load


def read_table(
    reader: RowReader, given: Given, *, what: str, wide: tuple[str, str] | None = None, is_wide: bool = False,
    base: str = "",
) -> RawTable:  # fmt: skip
    """The file as neutral text columns."""
    profile = given.profile
    if profile.reads and profile.reads != what:
        raise InvalidInput(
            f"profile {profile.name!r} reads {profile.reads}, not {what}", field="profile",
            next_step="choose another profile",
        )  # fmt: skip
    style = profile.format
    raw = reader(given.content, given.name, delimiter=style.delimiter, encoding=style.encoding)
    is_wide = is_wide or profile.options.get("layout") == "wide"
    if not (wide and is_wide and raw.columns):
        return profile.apply(raw)
    # Headers are names of instruments or currencies here: only the date column is renamed.
    head = profile.columns.get("date") or next((each for each in raw.columns if each.lower() == "date"), "")
    if head not in raw.columns:
        raise unknown("column", profile.columns.get("date", "date"), raw.columns, place=given.name)
    cells = {("date" if each == head else each): column for each, column in raw.columns.items()}
    columns, lines = melt(cells, raw.lines, names=wide[0], value=wide[1])
    made = RawTable(raw.name, columns, lines, raw.problems, raw.reader, raw.warnings)
    constants = {key: text for key, text in profile.constants.items() if key != "date"}
    if base:
        constants["base"] = base
    return Profile(constants=constants, values=profile.values).apply(made)


def cell_style(profile: Profile) -> CellStyle:
    """The profile's way of writing dates and numbers."""
    return CellStyle(profile.format.date, profile.format.decimal, profile.format.thousands)


def finish(
    store: BookStore,
    files: MarketFiles,
    judge: Callable[[Reference, MarketTables, Writer | None], Judged],
    *,
    accept_good: bool,
    dry_run: bool,
) -> ImportReport:
    """Judge under the writer lock, so that nothing changes between judging and writing; write if there is a reason."""
    if dry_run:
        reference = Reference.from_facts(store.facts())
        return report(with_batches(judge(reference, load_tables(files, reference), None), reference), dry_run=True)
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        judged = with_batches(judge(reference, load_tables(files, reference), writer), reference)
        found = report(judged, dry_run=False)
        nothing_new = not found.inserted and not judged.facts
        if nothing_new or (found.problems and not accept_good):
            return found
        facts = [*judged.facts, *_load_facts(files, judged, writer)]
        raw = RawFile(judged.given.name, judged.given.content, judged.table.reader)
        info = writer.append(BatchDraft(f"import {judged.what}", judged.given.source, facts, file=raw))
    # The cache of the new state is made now, so that the next question does not wait for it.
    load_tables(files, Reference.from_facts(store.facts()))
    return report(judged, dry_run=False, batch=info.batch, seq=info.last_seq)


def with_batches(judged: Judged, reference: Reference) -> Judged:
    """The same, knowing which batch brought each load."""
    return replace(judged, batches={load.seq: load.batch for load in reference.market_loads})


def _load_facts(files: MarketFiles, judged: Judged, writer: Writer) -> Iterable[FactDraft]:
    number = writer.next_id(FactKind.MARKET_LOAD)
    for rest, intake in judged.intakes:
        if not len(intake):
            continue
        data = str(rest["data"])
        file, sha256, size = files.write(f"{data}-{judged.given.source}", intake.columns)
        payload = {
            **{key: value for key, value in rest.items() if key != "subject"},
            "file": file, "sha256": sha256, "bytes": size, "rows": len(intake), "source": judged.given.source,
            "from": intake.first, "to": intake.last, "reader": judged.table.reader,
        }  # fmt: skip
        subject = rest.get("subject", number)
        yield FactDraft(FactKind.MARKET_LOAD, int(str(subject)), intake.last, payload)
        number += 1


def report(judged: Judged, *, dry_run: bool, batch: int = 0, seq: int = 0) -> ImportReport:
    """Everything there is to say about an import."""
    table, sieve = judged.table, judged.sieve
    intakes = [intake for _, intake in judged.intakes]
    conflicts = [problem for intake in intakes for problem in intake.conflicts]
    problems = sorted([*table.problems, *sieve.problems, *conflicts], key=lambda problem: problem.line)
    unread = len([problem for problem in table.problems if problem.line])
    notes = [
        RowNote(remark.status, remark.line, remark.message, judged.batches.get(remark.load, 0), remark.load_line)
        for intake in intakes for remark in intake.remarks()
    ]  # fmt: skip
    return ImportReport(
        what=judged.what,
        source=judged.given.name,
        rows=len(table) + unread,
        inserted=sum(intake.inserted for intake in intakes),
        known=sum(intake.known for intake in intakes),
        conflicting=sum(intake.conflicting for intake in intakes),
        refused=sieve.refused + unread,
        written=bool(batch),
        dry_run=dry_run,
        superseding=sum(intake.superseding for intake in intakes),
        batch=batch,
        seq=seq,
        sha256=hashlib.sha256(judged.given.content).hexdigest(),
        problems=tuple(problems),
        warnings=(*table.warnings, *judged.warnings),
        notes=tuple(notes),
        preview=tuple(table.row(row) for row in range(min(len(table), PREVIEW))),
    )
