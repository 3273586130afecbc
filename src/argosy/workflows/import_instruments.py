"""Importing instruments: identifiers checked, quote units understood, changes kept as newer facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from argosy.base.problems import Problem
from argosy.record.booking.fields import Place, Style
from argosy.record.booking.instrument_rows import IDENTIFIERS, INSTRUMENT_FIELDS, instrument_payload
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.workflows.import_report import ImportReport, RowNote
from argosy.workflows.ports import BatchDraft, BookStore, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.tabular import RawTable, RowReader

READER = "argosy-instruments 1"
PREVIEW_ROWS = 20


def import_instruments(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    profile: Profile = NEUTRAL,
    source: str = "",
    effective: int | None = None,
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file of instruments. A row that says what the book knows is known; another is a newer version.

    ``effective`` is the epoch day from which changed terms hold; None corrects the terms in force. Terms that the
    file has no column for stay as they are. New instruments hold from the beginning.
    """
    table = profile.apply(reader(content, name, delimiter=profile.format.delimiter, encoding=profile.format.encoding))
    file = RawFile(name, content, f"{READER}; {table.reader}; profile {profile.name}")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        style = Style(profile.format.date, profile.format.decimal, profile.format.thousands)
        reading = _Reading(writer, reference, table, Place(name, reference, style), effective)
        reading.read()
        report = reading.report(dry_run=dry_run)
        if dry_run or not reading.drafts or (report.problems and not accept_good):
            return report
        info = writer.append(BatchDraft("import instruments", source or profile.name, facts=reading.drafts, file=file))
    return replace(report, written=True, batch=info.batch, seq=info.last_seq, sha256=info.file_sha256)


class _Reading:
    """One file against one state of the book."""

    def __init__(
        self, writer: Writer, reference: Reference, table: RawTable, place: Place, effective: int | None
    ) -> None:
        self._writer = writer
        self._reference = reference
        self._table = table
        self._place = place
        self._effective = effective
        self._next = writer.next_id(FactKind.INSTRUMENT)
        self._codes: dict[str, int] = {}
        self._bearers: dict[tuple[str, str], str] = {
            (scheme, value): instrument.code
            for instrument in reference.instruments.values()
            for scheme, value in instrument.identifiers.items()
        }
        self._held = {instrument.code: instrument.id for instrument in reference.instruments.values()}
        self.drafts: list[FactDraft] = []
        self.problems: list[Problem] = list(table.problems)
        self.notes: list[RowNote] = []
        self.preview: list[Mapping[str, str]] = []
        self.superseding = 0
        self.refused = {problem.line for problem in table.problems}
        self.conflicting = 0

    def read(self) -> None:
        """Read every row."""
        if not self._table.columns:
            return
        if "code" not in self._table:
            have = ", ".join(self._table.columns)
            self._refuse(1, "there is no column 'code'", f"the file has {have}; map one in a profile", "code")
            self.refused |= set(self._table.lines.tolist())
            return
        for position, line in enumerate(self._table.lines.tolist()):
            self._row(self._table.row(position), line)

    def _refuse(self, line: int, message: str, step: str, field: str, code: str = "invalid_input") -> None:
        self.problems.append(Problem(self._place.source, line, message, field=field, next_step=step, code=code))
        self.refused.add(line)

    def _row(self, cells: Mapping[str, str], line: int) -> None:
        code = cells.get("code", "").strip()
        subject = self._held.get(code)
        versions = self._reference.versions.get((FactKind.INSTRUMENT, subject), ()) if subject else ()
        earlier = versions[-1] if versions else None
        payload, problems = instrument_payload(cells, line, self._place, earlier.payload if earlier else None)
        if payload is None:
            self.problems += problems
            self.refused.add(line)
            return
        if code in self._codes:
            self._refuse(line, f"{code} stands on line {self._codes[code]} already", "keep one of the rows", "code")
            return
        self._codes[code] = line
        if self._taken(payload, line) or (earlier is not None and self._frozen(earlier, payload, line)):
            return
        if earlier is not None and _same(earlier.payload, payload):
            self.notes.append(RowNote("known", line, f"{code} has these terms in batch {earlier.batch}", earlier.batch))
            return
        if earlier is None or subject is None:
            subject, effective, self._next = self._next, 0, self._next + 1
        else:
            effective = earlier.effective if self._effective is None else self._effective
            self.superseding += 1
            changed = ", ".join(key for key in payload if earlier.payload.get(key) != payload[key])
            self.notes.append(RowNote("supersedes", line, f"{code}: newer {changed}", earlier.batch))
        self.drafts.append(FactDraft(FactKind.INSTRUMENT, subject, effective, payload))
        if len(self.preview) < PREVIEW_ROWS:
            self.preview.append({"line": str(line)} | {key: text for key, text in cells.items() if text})

    def _taken(self, payload: Mapping[str, object], line: int) -> bool:
        """Whether an identifier belongs to another instrument."""
        identifiers = payload["identifiers"]
        assert isinstance(identifiers, Mapping)
        code = str(payload["code"])
        for scheme, value in identifiers.items():
            bearer = self._bearers.setdefault((scheme, value), code)
            if bearer != code and scheme != "ticker":
                self._refuse(line, f"{scheme.upper()} {value} belongs to {bearer}",
                             f"use the code {bearer}, or merge the two", scheme, "conflict")  # fmt: skip
                return True
        return False

    def _frozen(self, earlier: Fact, payload: Mapping[str, object], line: int) -> bool:
        """Whether terms that give stored numbers their meaning would change under existing events."""
        for name in ("quantity_scale", "currency"):
            if earlier.payload.get(name) != payload[name] and len(self._writer.events(instruments=[earlier.subject])):
                self._refuse(
                    line, f"{payload['code']} has events with {name} {earlier.payload.get(name)}, not {payload[name]}",
                    "keep it, or create another instrument", name, "conflict",
                )  # fmt: skip
                return True
        return False

    def report(self, *, dry_run: bool) -> ImportReport:
        """The result so far."""
        rows = len(self._table) + len({problem.line for problem in self._table.problems})
        known = sum(note.status == "known" for note in self.notes)
        extra = [name for name in self._table.columns if name not in (*INSTRUMENT_FIELDS, "lei")]
        notes = [RowNote("attribute", 1, f"column {name!r} is kept as an attribute") for name in extra]
        return ImportReport(
            "instruments", self._place.source, rows, inserted=len(self.drafts), known=known, conflicting=0,
            refused=len(self.refused), written=False, dry_run=dry_run, superseding=self.superseding,
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line)), notes=(*self.notes, *notes),
            preview=tuple(self.preview),
        )  # fmt: skip


def _same(earlier: Mapping[str, object], payload: Mapping[str, object]) -> bool:
    return {key: value for key, value in earlier.items() if value is not None} == {
        key: value for key, value in payload.items() if value is not None
    }


__all__ = ["IDENTIFIERS", "import_instruments"]
