"""Importing transactions: read, check, tell new from known, let the ledger object, write one batch or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.base.errors import nearest
from argosy.base.problems import Problem
from argosy.record.booking.assemble import Assembled, assemble, candidate
from argosy.record.booking.entries import Entry, book_row
from argosy.record.booking.fields import Place, Style
from argosy.record.booking.lots import named_lots
from argosy.record.booking.proof import objections
from argosy.record.booking.sift import Meeting, Sifted, Standing, sift
from argosy.record.booking.types import FIELDS, REQUIRED
from argosy.record.ledger.events import EventColumns
from argosy.record.reference_fold import Reference
from argosy.workflows.import_report import ImportReport, RowNote
from argosy.workflows.ports import BatchDraft, BookStore, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.tabular import RawTable, RowReader

READER = "argosy-transactions 1"
PREVIEW_ROWS = 20


@dataclass
class _Work:
    """An import under way."""

    name: str
    table: RawTable
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    refused_lines: set[int] = field(default_factory=set)

    def refuse(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.refused_lines.add(problem.line)


def import_transactions(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    profile: Profile = NEUTRAL,
    source: str = "",
    accept_good: bool = False,
    as_new: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file of transactions into the book, as one batch or not at all.

    Parameters
    ----------
    content, name
        The file's bytes (they are kept with the batch) and the name shown in problems.
    profile
        How the file's columns and texts map to the neutral ones; the default reads a neutral file.
    source
        Who issues the references of the file (default: the profile's name); they are unique per source and account.
    accept_good
        Write the good rows even when others are refused; rows that depend on refused ones stay out too.
    as_new
        Also admit rows that are known by their content only, or whose event was voided.
    dry_run
        Check everything and show what would be inserted; write nothing.

    Returns
    -------
    ImportReport
        Counts, each refused, conflicting and known row with its line, and a preview of what is inserted.
    """
    table = profile.apply(reader(content, name, delimiter=profile.format.delimiter, encoding=profile.format.encoding))
    work = _Work(name, table, warnings=list(table.warnings))
    for problem in table.problems:
        work.refuse(problem)
    source = source or profile.name
    file = RawFile(name, content, f"{READER}; {table.reader}; profile {profile.name}")
    if not _columns_fit(work, profile):
        rows = len(table) + len(work.refused_lines)
        return ImportReport(
            "transactions", name, rows, 0, 0, 0, rows, written=False, dry_run=dry_run,
            problems=tuple(work.problems), warnings=tuple(work.warnings),
        )  # fmt: skip
    facts = store.facts()
    read = _read_rows(work, Place(name, Reference.from_facts(facts), _style(profile)))
    with store.writer() as writer:
        # Others may have written while the file was read; ids never change, but names and terms may.
        now = writer.facts()
        reference = Reference.from_facts(now)
        if len(now) != len(facts):
            read = _read_rows(work, Place(name, reference, _style(profile)))
        work.entries, rows_refused = read
        for problem in rows_refused:
            work.refuse(problem)
        return _book(
            writer, reference, work, file, source, accept_good=accept_good, as_new=as_new, dry_run=dry_run
        )  # fmt: skip


def _style(profile: Profile) -> Style:
    given = profile.options
    return Style(
        profile.format.date, profile.format.decimal, profile.format.thousands,
        given.get("gross_rounding", "minor"), given.get("price_check", "on"),
    )  # fmt: skip


def _columns_fit(work: _Work, profile: Profile) -> bool:
    """Check the header: what is missing, what is mistyped. Columns nobody reads are told, not dropped silently."""
    have = set(work.table.columns)
    if not have:
        return False
    for missing in (name for name in REQUIRED if name not in have):
        close = nearest(missing, have - set(FIELDS), 1)
        step = f"is it {close[0]!r}? map it in a profile" if close else "add it, or map it in a profile"
        work.refuse(Problem(work.name, 1, f"there is no column {missing!r}", field=missing, next_step=step))
    for extra in sorted(have - set(FIELDS)):
        close = nearest(extra, [name for name in FIELDS if name not in have], 1)
        step = f"did you mean {close[0]!r}?" if close and profile is NEUTRAL else "map it in a profile if it matters"
        work.warnings.append(Problem(work.name, 1, f"column {extra!r} is not read", field=extra, next_step=step))
    return not any(problem.line == 1 and problem.field in REQUIRED for problem in work.problems)


def _read_rows(work: _Work, place: Place) -> tuple[list[Entry], list[Problem]]:
    entries: list[Entry] = []
    refused: list[Problem] = []
    columns = {name: work.table[name].to_list() for name in FIELDS if name in work.table}
    names = list(columns)
    lines = work.table.lines.tolist()
    for line, values in zip(lines, zip(*columns.values(), strict=True), strict=True):
        entry, problems = book_row(dict(zip(names, values, strict=True)), line, place)
        if entry is not None:
            entries.append(entry)
        refused += problems
    return entries, refused


def _book(
    writer: Writer, reference: Reference, work: _Work, file: RawFile, source: str, *,
    accept_good: bool, as_new: bool, dry_run: bool,
) -> ImportReport:  # fmt: skip
    candidates = [candidate(entry) for entry in work.entries]
    held = _Held(writer, reference, work.entries)
    sifted = sift(candidates, source, writer.known_keys, held.standing, as_new=as_new)
    chosen = list(zip(sifted.new, sifted.keys, strict=True))
    mark = writer.watermark()
    assembled: Assembled | None = None
    while chosen:
        entries = [work.entries[position] for position, _ in chosen]
        lots, wrong = named_lots(entries, source, mark.seq + 1, work.name, writer.known_keys)
        if not wrong:
            assembled = assemble(
                entries, [candidates[position] for position, _ in chosen], [key for _, key in chosen], lots
            )
            found = objections(
                held.events(), assembled.events, reference, first_seq=mark.seq + 1, batch=mark.batch + 1
            )  # fmt: skip
            if not found:
                break
            rows = assembled.row.tolist()
            wrong = {rows[one.position]: _objection(work, entries[rows[one.position]], one.message, one.code)
                     for one in reversed(found)}  # fmt: skip
        for problem in wrong.values():
            work.refuse(problem)
        chosen = [pair for place, pair in enumerate(chosen) if place not in wrong]
        assembled = None
    report = _report(work, sifted, [work.entries[position] for position, _ in chosen], dry_run=dry_run)
    if assembled is None or dry_run or (report.problems and not accept_good):
        return report
    info = writer.append(BatchDraft(
        "import transactions", source, events=assembled.events, keys=assembled.keys, contents=assembled.contents,
        file=file,
    ))  # fmt: skip
    return replace(report, written=True, batch=info.batch, seq=info.last_seq, sha256=info.file_sha256)


class _Held:
    """Events of the touched portfolios, read from the book when first asked for."""

    def __init__(self, writer: Writer, reference: Reference, entries: Sequence[Entry]) -> None:
        self._writer = writer
        self._reference = reference
        self._portfolios = sorted({_portfolio(event) for entry in entries for event in entry.events})
        self._events: EventColumns | None = None
        self._standing: Standing | None = None

    def events(self) -> EventColumns:
        """The events of every portfolio that the file touches."""
        if self._events is None:
            self._events = self._writer.events(portfolios=self._portfolios)
        return self._events

    def standing(self) -> Standing:
        """Which events of the book count."""
        if self._standing is None:
            self._standing = Standing.of(self.events(), self._reference.voided_batches)
        return self._standing


def _portfolio(event: Mapping[str, object]) -> int:
    number = event["portfolio"]
    assert isinstance(number, int)
    return number


def _objection(work: _Work, entry: Entry, message: str, code: str) -> Problem:
    step = {"oversold": "check the quantity and earlier rows, or allow short positions in the mandate"}.get(
        code, "check the row and those before it"
    )
    return Problem(work.name, entry.line, message, next_step=step, code=code)


def _report(work: _Work, sifted: Sifted, new: Sequence[Entry], *, dry_run: bool) -> ImportReport:
    conflicts = [
        Problem(work.name, work.entries[met.position].line, met.message, field="reference",
                found=work.entries[met.position].reference,
                next_step="correct the earlier event, or give the row a reference of its own", code="conflict")
        for met in sifted.conflicts
    ]  # fmt: skip
    problems = sorted([*work.problems, *conflicts], key=lambda problem: problem.line)
    return ImportReport(
        "transactions", work.name, len(work.table) + len({problem.line for problem in work.table.problems}),
        inserted=len(new), known=len(sifted.known), conflicting=len(conflicts), refused=len(work.refused_lines),
        written=False, dry_run=dry_run, problems=tuple(problems), warnings=tuple(work.warnings),
        notes=tuple(_note(work, met) for met in sifted.known),
        preview=_preview(work, new[:PREVIEW_ROWS]),
    )  # fmt: skip


def _note(work: _Work, met: Meeting) -> RowNote:
    return RowNote("known", work.entries[met.position].line, met.message, met.batch, met.line)


def _preview(work: _Work, new: Sequence[Entry]) -> tuple[Mapping[str, str], ...]:
    """The first rows that are inserted, as the file has them."""
    wanted = {entry.line for entry in new}
    places = [place for place, line in enumerate(work.table.lines.tolist()) if line in wanted]
    rows = ({"line": str(work.table.lines[place])} | work.table.row(place) for place in places)
    return tuple({name: text for name, text in row.items() if text} for row in rows)
