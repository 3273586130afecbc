"""Importing transactions: read, check, tell new from known, let the ledger object, write one batch or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.base.errors import nearest
from argosy.base.problems import Problem
from argosy.record.booking.booked import Booked, Laid, lay_out
from argosy.record.booking.fields import Place, Style
from argosy.record.booking.lots import named_lots
from argosy.record.booking.proof import Objection, objections
from argosy.record.booking.sift import Sifted, Standing, sift
from argosy.record.booking.spread import spread_places, to_spread, unsplit
from argosy.record.booking.table import book_table
from argosy.record.booking.types import FIELDS, REQUIRED
from argosy.record.ledger.events import EventColumns
from argosy.record.reference_fold import Reference
from argosy.workflows.import_report import ImportReport, RowNote
from argosy.workflows.ports import BatchDraft, BookStore, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.tabular import RawTable, RowReader

READER = "argosy-transactions 1"
KIND = "import transactions"
PREVIEW_ROWS = 20


@dataclass
class _Work:
    """An import under way. The file's text is let go of once its rows are booked: a large one takes much memory."""

    name: str
    rows: int
    table: RawTable | None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    refused_lines: set[int] = field(default_factory=set)
    preview: dict[int, Mapping[str, str]] = field(default_factory=dict)

    def refuse(self, problem: Problem) -> None:
        """Keep a problem; its row counts as refused."""
        self.problems.append(problem)
        self.refused_lines.add(problem.line)

    def let_go(self, lines: Sequence[int]) -> None:
        """Keep some rows as the file has them, and forget the rest of its text."""
        table, wanted = self.table, set(lines)
        if table is not None and wanted:
            places = [place for place, line in enumerate(table.lines.tolist()) if line in wanted]
            for place in places:
                line = int(table.lines[place])
                row = {"line": str(line)} | table.row(place)
                self.preview[line] = {name: text for name, text in row.items() if text}
        self.table = None


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
    rows = len(table) + len({problem.line for problem in table.problems})
    work = _Work(name, rows, table, warnings=list(table.warnings))
    for problem in table.problems:
        work.refuse(problem)
    source = source or profile.name
    file = RawFile(name, content, f"{READER}; {table.reader}; profile {profile.name}")
    if not _columns_fit(work, table, profile):
        return ImportReport(
            "transactions", name, rows, 0, 0, 0, rows, written=False, dry_run=dry_run,
            problems=tuple(work.problems), warnings=tuple(work.warnings),
        )  # fmt: skip
    facts = store.facts()
    read = book_table(table.columns, table.lines, Place(name, Reference.from_facts(facts), _style(profile)))
    with store.writer() as writer:
        # Others may have written while the file was read; ids never change, but names and terms may.
        now = writer.facts()
        reference = Reference.from_facts(now)
        if len(now) != len(facts):
            read = book_table(table.columns, table.lines, Place(name, reference, _style(profile)))
        booked, refused = read
        del table, read
        for problem in refused:
            work.refuse(problem)
        return _book(
            store, writer, reference, work, booked, file, source,
            accept_good=accept_good, as_new=as_new, dry_run=dry_run,
        )  # fmt: skip


def _style(profile: Profile) -> Style:
    given = profile.options
    return Style(
        profile.format.date, profile.format.decimal, profile.format.thousands,
        given.get("gross_rounding", "minor"), given.get("price_check", "on"),
    )  # fmt: skip


def _columns_fit(work: _Work, table: RawTable, profile: Profile) -> bool:
    """Check the header: what is missing, what is mistyped. Columns nobody reads are told, not dropped silently."""
    have = set(table.columns)
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


def _book(
    store: BookStore, writer: Writer, reference: Reference, work: _Work, booked: Booked, file: RawFile, source: str, *,
    accept_good: bool, as_new: bool, dry_run: bool,
) -> ImportReport:  # fmt: skip
    held = _Held(store, writer, reference, booked)
    sifted = sift(booked, source, writer.known_keys, held.standing, as_new=as_new)
    rows, keys, plain = list(sifted.new), list(sifted.keys), booked
    work.let_go([int(booked.lines[row]) for row in rows[: 2 * PREVIEW_ROWS]])
    mark = writer.watermark()
    laid: Laid | None = None
    while rows and laid is None:
        booked, wrong = _at_their_places(held, work, plain, rows, keys, source)
        lots, unnamed = named_lots(booked, rows, source, mark.seq + 1, work.name, writer.known_keys)
        wrong |= unnamed
        if not wrong:
            laid = lay_out(booked, rows, keys, lots)
            found = objections(
                held.events(), laid.events, reference, first_seq=mark.seq + 1, batch=mark.batch + 1,
                unsettled=laid.positions_of(booked.unsettled),
            )  # fmt: skip
            for one in found:
                row = int(laid.row[one.position])
                wrong.setdefault(row, _objection(work, int(booked.lines[row]), one))
        if wrong:
            # What depended on a refused row is found out in the next round.
            laid = None
            for problem in wrong.values():
                work.refuse(problem)
            kept = [(row, key) for row, key in zip(rows, keys, strict=True) if row not in wrong]
            rows, keys = [row for row, _ in kept], [key for _, key in kept]
    if laid is not None:
        beyond = unsplit(held.events(), laid.events, reference, first_seq=mark.seq + 1, batch=mark.batch + 1)
        work.warnings += [
            Problem(work.name, int(booked.lines[int(laid.row[one.position])]), one.message, field="account",
                    next_step=one.next_step, code="unsplit")
            for one in beyond
        ]  # fmt: skip
    report = _report(work, booked, sifted, rows, dry_run=dry_run)
    if laid is None or dry_run or (report.problems and not accept_good):
        return report
    info = writer.append(BatchDraft(
        KIND, source, events=laid.events, keys=laid.keys, contents=laid.contents, file=file,
    ))  # fmt: skip
    return replace(report, written=True, batch=info.batch, seq=info.last_seq, sha256=info.file_sha256)


def _at_their_places(
    held: _Held, work: _Work, booked: Booked, rows: Sequence[int], keys: Sequence[bytes], source: str
) -> tuple[Booked, dict[int, Problem]]:
    """Splits that name no account, booked in each account that holds the instrument; the ones that cannot be."""
    chosen = to_spread(booked, rows, held.reference)
    if not chosen:
        return booked, {}
    mark = held.writer.watermark()
    lots, wrong = named_lots(booked, rows, source, mark.seq + 1, work.name, held.writer.known_keys)
    if wrong:
        return booked, wrong
    laid = lay_out(booked, rows, keys, lots)
    places, refused = spread_places(
        booked, laid, chosen, held.events(), held.reference, first_seq=mark.seq + 1, batch=mark.batch + 1
    )
    step = "write a row for each account, with its account and what it got"
    return booked.spread(places), {
        row: Problem(work.name, int(booked.lines[row]), message, field="account", next_step=step, code="ambiguous")
        for row, message in refused.items()
    }


class _Held:
    """Events of the touched portfolios, read from the book when first asked for."""

    def __init__(self, store: BookStore, writer: Writer, reference: Reference, booked: Booked) -> None:
        self._store = store
        self.writer = writer
        self.reference = reference
        self._portfolios = booked.portfolios()
        self._events: EventColumns | None = None
        self._standing: Standing | None = None

    def events(self) -> EventColumns:
        """The events of every portfolio that the file touches."""
        if self._events is None:
            self._events = self.writer.events(portfolios=self._portfolios)
        return self._events

    def standing(self) -> Standing:
        """Which events of the book count."""
        if self._standing is None and self._only_imports():
            self._standing = Standing(self.reference.voided_batches, frozenset())
        if self._standing is None:
            self._standing = Standing.of(self.events(), self.reference.voided_batches)
        return self._standing

    def _only_imports(self) -> bool:
        """Whether every event came from a file of transactions: such batches hold no voids, and none need be read."""
        return all(info.kind == KIND for info in self._store.batches() if info.events)


def _objection(work: _Work, line: int, objection: Objection) -> Problem:
    step = {
        "oversold": "check the quantity and earlier rows, or allow short positions in the mandate",
        "unsettled": f"give net, the settled gain less fee and tax: {objection.net} by the lots of the book",
    }.get(objection.code, "check the row and those before it")
    field = "net" if objection.code == "unsettled" else ""
    return Problem(work.name, line, objection.message, field=field, next_step=step, code=objection.code)


def _report(work: _Work, booked: Booked, sifted: Sifted, new: Sequence[int], *, dry_run: bool) -> ImportReport:
    conflicts = [
        Problem(work.name, int(booked.lines[met.position]), met.message, field="reference",
                found=booked.references[met.position],
                next_step="correct the earlier event, or give the row a reference of its own", code="conflict")
        for met in sifted.conflicts
    ]  # fmt: skip
    problems = sorted([*work.problems, *conflicts], key=lambda problem: problem.line)
    notes = [
        RowNote("known", int(booked.lines[met.position]), met.message, met.batch, met.line) for met in sifted.known
    ]
    return ImportReport(
        "transactions", work.name, work.rows,
        inserted=len(new), known=len(sifted.known), conflicting=len(conflicts), refused=len(work.refused_lines),
        written=False, dry_run=dry_run, problems=tuple(problems), warnings=tuple(work.warnings),
        notes=tuple(notes), preview=_preview(work, booked, new),
    )  # fmt: skip


def _preview(work: _Work, booked: Booked, new: Sequence[int]) -> tuple[Mapping[str, str], ...]:
    """The first rows that are inserted, as the file has them."""
    lines = [int(booked.lines[row]) for row in new[: 2 * PREVIEW_ROWS]]
    return tuple(work.preview[line] for line in lines if line in work.preview)[:PREVIEW_ROWS]
