"""The other half of the close: store what each line of each portfolio made on each day, and say what was restated.

Rows lie in an immutable file beside the market data; the fact that names it is the commit. What was stored before stays
readable at its ``known_at``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.base.dates import format_date
from argosy.base.table import Table
from argosy.measures.attribution.book_lines import BookLines
from argosy.measures.attribution.line_builder import LineBuilder
from argosy.measures.attribution.stored_lines import (
    METHOD,
    LineRestatement,
    join_columns,
    line_changes,
    line_columns,
    lines_from_columns,
    places_of,
    standing,
    take_rows,
)
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.ledger.events import Int64
from argosy.record.payload import text
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.kept_lines import line_restatement_table
from argosy.workflows.close import CloseReport
from argosy.workflows.history import history
from argosy.workflows.look import Look, Statement, code_version, look
from argosy.workflows.market_view import market_version
from argosy.workflows.ports import BatchDraft, BookStore, Clock, MarketFiles, Watermark

SETTLED = "lines"
"""Name of the kept note that lines are stored up to a watermark; it can be deleted at any time."""
BLOCK = 50
"""Portfolios whose lines are computed and stored together."""


@dataclass(frozen=True)
class LinesReport:
    """Days stored and restated, with what changed; the watermark the book ended on."""

    new_days: int
    restated: tuple[LineRestatement, ...]
    rows: int
    watermark: Watermark
    reference: Reference = field(repr=False)
    dry_run: bool = False

    def table(self) -> Table:
        """What the restatement changed: day, return before and after, lines."""
        return line_restatement_table(self.restated, self.reference)

    def statement(self) -> Statement:
        """The table of restatements."""
        return Statement((self.table(),))


def keep_lines(
    store: BookStore,
    files: MarketFiles,
    *,
    clock: Clock,
    portfolios: Sequence[str] = (),
    group: str = "",
    last: int | None = None,
    dry_run: bool = False,
) -> LinesReport:
    """Store the lines of each portfolio's valued days up to ``last``; a second run writes nothing.

    Days without a value are left out: the next valued day runs over them, and is restated when the value comes. A day
    that was stored and has no value any more is withdrawn. Nothing is computed where nothing came to the book since.
    """
    seen = look(store, clock=clock, as_of=last, portfolios=portfolios, group=group, files=files)
    if _settled(store, seen):
        return LinesReport(0, (), 0, seen.watermark, seen.reference, dry_run)
    restated: list[LineRestatement] = []
    new_days = rows = 0
    mark, quiet = seen.watermark, True
    for block in _blocks(seen.portfolios):
        fresh = _fresh(seen, block)
        old = stored_columns(files, seen.reference, block)
        write, changed, new = line_changes(fresh, old, until=seen.day)
        restated += changed
        new_days += new
        rows += len(write["date"])
        if len(write["date"]) and not dry_run:
            alone, mark = _store(store, files, seen, write, block, mark)
            quiet &= alone
    if quiet and not dry_run:
        store.save_snapshot(SETTLED, mark, _key(seen))
    return LinesReport(new_days, tuple(restated), rows, mark, seen.reference, dry_run)


def _blocks(portfolios: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(portfolios), BLOCK):
        yield portfolios[at : at + BLOCK]


def _fresh(seen: Look, portfolios: Sequence[int]) -> dict[str, Int64]:
    answer = history(seen, subjects=portfolio_subjects(seen.reference, portfolios))
    parts = []
    for one in answer.histories:
        builder = LineBuilder(seen.state, seen.reference, seen.market, one.days, splits=seen.splits)
        for number in range(len(one.subjects)):
            lines = builder.build(one, number)
            if len(lines):
                parts.append(line_columns(
                    lines, one, number, book_seq=seen.watermark.seq, code_version=code_version()
                ))  # fmt: skip
    return join_columns(parts)


def _store(
    store: BookStore, files: MarketFiles, seen: Look, rows: Mapping[str, Int64], portfolios: Sequence[int],
    mark: Watermark,
) -> tuple[bool, Watermark]:  # fmt: skip
    """Append the rows; whether nobody else wrote since ``mark``, and the watermark after."""
    first, last = int(min(rows["date"])), int(max(rows["date"]))
    with store.writer() as writer:
        alone = writer.watermark() == mark
        name, sha256, size = files.write(f"lines-{format_date(last)}", rows)
        fact = FactDraft(FactKind.ATTRIBUTION, 0, last, {
            "file": name, "sha256": sha256, "bytes": size, "rows": len(rows["date"]), "method": METHOD,
            "portfolios": sorted(portfolios), "from": first, "to": last, "book_seq": seen.watermark.seq,
            "market_version": market_version(seen.reference), "code_version": code_version(),
        })  # fmt: skip
        writer.append(BatchDraft("attribution", f"close to {format_date(seen.day)}", facts=[fact]))
        return alone, writer.watermark()


def _settled(store: BookStore, seen: Look) -> bool:
    """Whether the lines of this day, of these portfolios, were stored and nothing came to the book since."""
    kept = store.load_snapshot(SETTLED)
    return kept is not None and kept[0] == seen.watermark and kept[1] == _key(seen)


def _key(seen: Look) -> bytes:
    return f"{METHOD} {code_version()} {seen.day} {sorted(seen.portfolios)}".encode()


def kept_facts(reference: Reference) -> list[Fact]:
    """Facts that name files of stored lines, oldest first."""
    return [fact for fact in reference.facts if fact.kind == FactKind.ATTRIBUTION]


def stored_columns(files: MarketFiles, reference: Reference, portfolios: Sequence[int]) -> dict[str, Int64]:
    """Stored rows of portfolios as known at the reference's watermark."""
    layers = []
    wanted = set(portfolios)
    for fact in kept_facts(reference):
        listed = fact.payload.get("portfolios")
        if isinstance(listed, list | tuple) and wanted & set(listed):
            rows = files.read(text(fact.payload, "file"))
            layers.append(take_rows(rows, places_of(rows["portfolio"], wanted)))
    return standing(layers)


def stored_lines(seen: Look, portfolio: int) -> BookLines:
    """The lines of a portfolio as the close stored them, known at the look's watermark, up to its day."""
    assert seen.files is not None
    found = lines_from_columns(stored_columns(seen.files, seen.reference, [portfolio]), seen.reference, portfolio)
    return found.between(0, seen.day)


def close_lines(
    store: BookStore, files: MarketFiles, done: CloseReport, *, clock: Clock, portfolios: Sequence[str] = (),
    group: str = "", last: int | None = None, dry_run: bool = False,
) -> CloseReport:  # fmt: skip
    """Store lines after a close; its report then ends on the head after both and has the restated lines."""
    if not done.portfolios:
        return done
    kept = keep_lines(store, files, clock=clock, portfolios=portfolios, group=group, last=last, dry_run=dry_run)
    tables = (kept.table(),) if kept.restated else ()
    mark = done.watermark if dry_run or not kept.rows else kept.watermark
    return replace(done, watermark=mark, attached=tables)
