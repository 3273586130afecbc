"""The close: value each business day of each portfolio and store it with what it was computed from.

A second run writes nothing. A run that was killed goes on where its last batch ended. A late event or a newer price
restates only the days whose figures changed. A day with something missing stays open and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from argosy.base.dates import format_date
from argosy.base.table import Provenance, Table
from argosy.measures.valuation.calendar import begins, by_calendar, first_days, valuation_days
from argosy.measures.valuation.gaps import Gap
from argosy.measures.valuation.history import history
from argosy.measures.valuation.stored import METHOD, Changes, Restatement, changes, first_stored
from argosy.measures.valuation.subjects import Subject, portfolio_subjects
from argosy.record.facts import FactDraft, FactKind
from argosy.record.ledger.events import Int64
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.closed import restatement_table, summary_table
from argosy.workflows.look import Look, Statement, code_version, look
from argosy.workflows.ports import BatchDraft, BookStore, Clock, MarketFiles, Watermark

BATCH_ROWS = 20_000
"""Portfolio-days committed together: what a kill can cost."""
BLOCK = 100
"""Portfolios valued together."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PortfolioClose:
    """What the close did for one portfolio."""

    portfolio: int
    days: int
    written: int
    restated: int
    open_days: int


@dataclass(frozen=True)
class CloseReport:
    """What a close wrote, what it restated, which days stay open, and the head the book ended on."""

    portfolios: tuple[PortfolioClose, ...]
    restatements: tuple[Restatement, ...]
    gaps: tuple[Gap, ...]
    watermark: Watermark
    reference: Reference = field(repr=False)
    dry_run: bool = False
    warnings: tuple[str, ...] = ()
    attached: tuple[Table, ...] = ()
    """Reports of what was stored beside the values, such as restated attribution."""
    unknown_risk: tuple[str, ...] = ()
    """Portfolios whose risk or limits could not be had, with the reason."""
    told: Provenance = field(default_factory=Provenance, repr=False)
    """What the values were computed from: the book before this close wrote to it."""

    @property
    def written(self) -> int:
        """Days stored, restated ones included."""
        return sum(one.written for one in self.portfolios)

    @property
    def complete(self) -> bool:
        """Whether no day stays open."""
        return not any(one.open_days for one in self.portfolios)

    @property
    def head(self) -> str:
        """``seq:hash`` of the book after the close: keep it elsewhere for ``verify --against``."""
        return f"{self.watermark.seq}:{self.watermark.head}"

    def statement(self) -> Statement:
        """The summary, and the restatements where there are any."""
        rows = [(one.portfolio, one.days, one.written, one.restated, one.open_days) for one in self.portfolios]
        notes = [gap.text() for gap in self.gaps]
        notes.append(("nothing was written (dry run); " if self.dry_run else "") + f"head {self.head}")
        summary = replace(summary_table(rows, self.reference, notes=notes), provenance=self.told)
        changed = restatement_table(self.restatements, self.reference)
        return Statement(((summary, changed) if len(changed) else (summary,)) + self.attached)

    def table(self) -> Table:
        """The summary."""
        return self.statement().table()


def close(
    store: BookStore,
    files: MarketFiles,
    *,
    clock: Clock,
    portfolios: Sequence[str] = (),
    group: str = "",
    first: int | None = None,
    last: int | None = None,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> CloseReport:
    """Value and store each session of each portfolio's calendar from ``first`` (its first event) to ``last``.

    Without ``last`` it is the last day the market knows, at most today. ``progress`` is called with portfolio-days done
    and to do. Raises BookBusy when another process writes.
    """
    seen = look(store, clock=clock, as_of=last, portfolios=portfolios, group=group, files=files)
    work = _plan(seen, first)
    total, done = sum(len(days) * len(block) for block, _, days, _, _ in work), 0
    results: list[PortfolioClose] = []
    restatements: list[Restatement] = []
    gaps: list[Gap] = []
    mark = seen.watermark
    if progress:
        progress(0, total)
    for block, starts, days, after, calendar in work:
        ids = [subject.id for subject in block]
        stored = store.valuations(watermark=seen.watermark, portfolios=ids)
        earliest = first_stored(stored)
        if earliest is not None and earliest < min(starts):
            # What was stored before everything was taken back has to be restated too.
            days, after = valuation_days(seen.market, calendar, [earliest], first=first, last=seen.day)
        fresh = history(seen.state, seen.reference, seen.market, subjects=block, days=days, starts=starts, after=after,
                        splits=seen.splits)  # fmt: skip
        found = changes(fresh, stored, book_seq=seen.watermark.seq, code_version=code_version())
        gaps += fresh.gaps
        restatements += found.restated
        if len(found) and not dry_run:
            mark = _store(store, seen, found, mark)
        results += _results(block, fresh.open_days(), fresh.valued_days(), found)
        done += len(days) * len(block)
        if progress:
            progress(done, total)
    told = seen.provenance("close", warnings=seen.problems(), asked={"first": first, "dry_run": dry_run})
    return CloseReport(tuple(results), tuple(restatements), tuple(gaps), mark, seen.reference, dry_run,
                       seen.problems(), told=told)  # fmt: skip


def _plan(seen: Look, first: int | None) -> list[tuple[list[Subject], list[int], Int64, int | None, str]]:
    """Blocks of portfolios with one calendar, each one's first day, the days to value, the session
    before them and the calendar."""
    firsts = first_days(seen.state)
    living = [one for one in portfolio_subjects(seen.reference, seen.portfolios) if begins(one, firsts) is not None]
    work = []
    for name, group in by_calendar(living, seen.reference, seen.day).items():
        for block in _blocks(group):
            starts = [start for one in block if (start := begins(one, firsts)) is not None]
            days, after = valuation_days(seen.market, name, starts, first=first, last=seen.day)
            if len(days):
                work.append((block, starts, days, after, name))
    return work


def _blocks(subjects: list[Subject]) -> Iterator[list[Subject]]:
    for at in range(0, len(subjects), BLOCK):
        yield subjects[at : at + BLOCK]


def _store(store: BookStore, seen: Look, found: Changes, mark: Watermark) -> Watermark:
    """Append the rows batch by batch; each batch is its own transaction."""
    for at in range(0, len(found), BATCH_ROWS):
        rows = found.part(at, at + BATCH_ROWS)
        fact = FactDraft(FactKind.CLOSE, 0, seen.day, {
            "method": METHOD, "code_version": code_version(), "book_seq": seen.watermark.seq,
            "portfolios": sorted(set(rows["portfolio"].tolist())), "rows": len(rows["portfolio"]),
            "from": int(min(rows["date"])), "to": int(max(rows["date"])),
        })  # fmt: skip
        with store.writer() as writer:
            if writer.watermark().seq != mark.seq:
                # Somebody wrote meanwhile; a second close must not store the same days twice.
                known = store.valuations(portfolios=sorted(set(rows["portfolio"].tolist())))
                rows = found.without_known(rows, known, after=mark.seq)
            if len(rows["portfolio"]):
                writer.append(BatchDraft(
                    kind="close", source=f"close to {format_date(seen.day)}", facts=[fact], valuations=rows,
                ))  # fmt: skip
            mark = writer.watermark()
    return mark


def _results(
    block: Sequence[Subject], open_days: Sequence[int], valued: Sequence[int], found: Changes
) -> list[PortfolioClose]:
    written, restated = found.per_portfolio()
    return [
        PortfolioClose(subject.id, valued[place] + open_days[place], written.get(subject.id, 0),
                       restated.get(subject.id, 0), open_days[place])
        for place, subject in enumerate(block)
    ]  # fmt: skip
