"""Importing what segments are: weights and returns of a benchmark's segments by period, and who belongs to which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.problems import Problem
from argosy.record.booking.fields import Fields, Place, Style
from argosy.record.facts import FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.record.segments import FREQUENCIES, classification, schemes, stored_rows
from argosy.workflows.import_report import ImportReport
from argosy.workflows.ports import BatchDraft, BookStore, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.setup import check_code
from argosy.workflows.tabular import RawTable, RowReader

READER = "argosy-segments 1"
TOLERANCE = Decimal("0.000001")
"""How far the weights of a period may be from 1: files carry rounded ones."""
SEGMENTS, CLASSES = "segments", "classification"


@dataclass
class _Reading:
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


Reads = Callable[[_Reading, Reference, Writer], None]


def import_segments(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    code: str = "",
    currency: str = "",
    frequency: str = "monthly",
    profile: Profile = NEUTRAL,
    source: str = "",
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import weights and returns of a benchmark's segments: benchmark, date, segment, weight, return (and currency).

    A row speaks about the period of ``frequency`` that ends on its date: ``weight`` at its start, ``return`` over it
    (0.01 = 1%). The weights of each period must sum to 1 within 0.000001. ``code`` names the benchmark where the file
    has no such column; one the book does not know is created, in the row's currency or in ``currency``.
    """
    if frequency not in FREQUENCIES:
        raise unknown("frequency", frequency, FREQUENCIES)

    def read(reading: _Reading, reference: Reference, writer: Writer) -> None:
        given: dict[str, dict[tuple[int, str], tuple[str, str]]] = {}
        money: dict[str, str] = {}
        lines: dict[tuple[str, int], list[int]] = {}
        for cells in reading.rows(("date", "segment", "weight", "return") + (() if code else ("benchmark",))):
            bench, day, segment = cells.text("benchmark") or code, cells.date("date"), cells.free_text("segment")
            weight, earned = cells.quote("weight"), cells.quote("return")
            for label, value in (("benchmark", bench), ("date", day), ("segment", segment), ("weight", weight),
                                 ("return", earned)):  # fmt: skip
                if value in (None, "") and not any(one.field == label for one in cells.problems):
                    cells.refuse(label, "nothing there", f"give the {label}")
            if not reading.keep(cells) or day is None or weight is None or earned is None:
                continue
            rows = given.setdefault(bench, {})
            if (day, segment) in rows:
                cells.refuse("segment", f"{segment} stands twice on {format_date(day)}", "keep one of the rows")
                reading.keep(cells)
                continue
            rows[day, segment] = (f"{weight.decimal():f}", f"{earned.decimal():f}")
            money.setdefault(bench, cells.text("currency") or currency)
            lines.setdefault((bench, day), []).append(cells.line)
        free = writer.next_id(FactKind.BENCHMARK)
        for bench, rows in given.items():
            free += _benchmark(reading, reference, bench, rows, money[bench], frequency, lines, free)

    return _run(store, reader, SEGMENTS, content, name, profile, source, read, accept_good=accept_good, dry_run=dry_run)


def _benchmark(
    reading: _Reading, reference: Reference, code: str, rows: dict[tuple[int, str], tuple[str, str]], currency: str,
    frequency: str, lines: dict[tuple[str, int], list[int]], free: int,
) -> int:  # fmt: skip
    """Facts of one benchmark; gives how many new ids were taken."""
    held = reference.benchmarks.get(code)
    first = min(min(found) for (bench, _), found in lines.items() if bench == code)
    try:
        check_code(code, what="benchmark")
        if held is not None and held.kind != SEGMENTS:
            raise InvalidInput(f"benchmark {code} is made of {held.kind}", field="benchmark",
                               next_step="choose another code")  # fmt: skip
        if held is None:
            reference.currency(currency)
    except ArgosyError as error:
        bad = [line for (bench, _), found in lines.items() if bench == code for line in found]
        reading.problems.append(Problem(reading.place.source, first, error.message, field="benchmark",
                                        next_step=error.next_step, code=error.code))  # fmt: skip
        reading.refused |= set(bad)
        return 0
    good: dict[tuple[int, str], tuple[str, str]] = {}
    for day in sorted({day for day, _ in rows}):
        mine = {key: row for key, row in rows.items() if key[0] == day}
        total = sum((Decimal(weight) for weight, _ in mine.values()), Decimal(0))
        if abs(total - 1) > TOLERANCE:
            found = lines[code, day]
            reading.problems.append(Problem(
                reading.place.source, found[0], f"weights of {code} for {format_date(day)} sum to {total}",
                field="weight", next_step="give every segment, cash included",
            ))  # fmt: skip
            reading.refused |= set(found)
        else:
            good |= mine
    old_frequency, old = stored_rows(reference, held.id) if held is not None else (frequency, {})
    if old and old_frequency != frequency:
        raise InvalidInput(f"the segments of {code} are {old_frequency}, not {frequency}", field="frequency",
                           next_step=f"give --frequency {old_frequency}")  # fmt: skip
    fresh = {key: row for key, row in good.items() if old.get(key) != row}
    reading.known += len(good) - len(fresh)
    reading.new += len(fresh)
    reading.superseding += sum(key in old for key in fresh)
    if not fresh:
        return 0
    subject = free if held is None else held.id
    if held is None:
        reading.drafts.append(FactDraft(FactKind.BENCHMARK, subject, 0, {
            "code": code, "name": code, "kind": SEGMENTS, "currency": currency, "rebalance": "never",
        }))  # fmt: skip
    listed = [[day, segment, *row] for (day, segment), row in sorted(fresh.items())]
    reading.drafts.append(FactDraft(FactKind.BENCHMARK_SEGMENTS, subject, 0, {"frequency": frequency, "rows": listed}))
    return int(held is None)


def import_classification(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    scheme: str = "segment",
    profile: Profile = NEUTRAL,
    source: str = "",
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import which segment of a ``scheme`` each instrument belongs to: instrument, segment, and portfolio or nothing.

    What stands with a portfolio holds inside it only. An instrument may move: a later row replaces an earlier one.
    """
    check_code(scheme, what="classification")

    def read(reading: _Reading, reference: Reference, _writer: Writer) -> None:
        given: dict[int, dict[int, str]] = {}
        for cells in reading.rows(("instrument", "segment")):
            segment, portfolio, instrument = cells.free_text("segment"), 0, 0
            try:
                instrument = reference.instrument(cells.text("instrument")).id
                portfolio = reference.portfolio(cells.text("portfolio")).id if cells.text("portfolio") else 0
            except ArgosyError as error:
                cells.refuse_error("portfolio" if instrument else "instrument", error)
            if not segment:
                cells.refuse("segment", "nothing there", "name the segment")
            if not reading.keep(cells):
                continue
            if given.setdefault(portfolio, {}).setdefault(instrument, segment) != segment:
                cells.refuse("segment", "the instrument stands in another segment above", "keep one of the rows")
                reading.keep(cells)
        for portfolio, mine in given.items():
            old = classification(reference, scheme, portfolio) if scheme in schemes(reference) else {}
            fresh = {instrument: segment for instrument, segment in mine.items() if old.get(instrument) != segment}
            reading.known += len(mine) - len(fresh)
            reading.new += len(fresh)
            reading.superseding += sum(instrument in old for instrument in fresh)
            if fresh:
                payload = {"name": scheme, "map": {str(one): segment for one, segment in sorted(fresh.items())}}
                reading.drafts.append(FactDraft(FactKind.CLASSIFICATION, portfolio, 0, payload))

    return _run(store, reader, CLASSES, content, name, profile, source, read, accept_good=accept_good, dry_run=dry_run)


def _run(
    store: BookStore, reader: RowReader, what: str, content: bytes, name: str, profile: Profile, source: str,
    read: Reads, *, accept_good: bool, dry_run: bool,
) -> ImportReport:  # fmt: skip
    if profile.reads and profile.reads != what:
        raise InvalidInput(f"profile {profile.name!r} reads {profile.reads}, not {what}", field="profile",
                           next_step="choose another profile")  # fmt: skip
    style = profile.format
    table = profile.apply(reader(content, name, delimiter=style.delimiter, encoding=style.encoding))
    file = RawFile(name, content, f"{READER}; {table.reader}; profile {profile.name}")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        place = Place(name, reference, Style(style.date, style.decimal, style.thousands))
        reading = _Reading(what, table, place)
        read(reading, reference, writer)
        report = reading.report(dry_run=dry_run)
        if dry_run or not reading.drafts or (report.problems and not accept_good):
            return report
        info = writer.append(BatchDraft(f"import {what}", source or profile.name, facts=reading.drafts, file=file))
    return replace(report, written=True, batch=info.batch, seq=info.last_seq, sha256=info.file_sha256)
