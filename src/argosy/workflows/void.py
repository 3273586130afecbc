"""Taking back an event or a whole batch. What was there stays readable at earlier times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from argosy.base.dates import format_date
from argosy.base.errors import InsufficientPosition, InvalidInput, UnknownName
from argosy.base.table import Table
from argosy.record.booking.neutral import neutral_row
from argosy.record.booking.proof import broken_without, objections
from argosy.record.booking.sift import Standing
from argosy.record.booking.withdrawn import distinct, of_batch, position_of, void_rows
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.reference_fold import Reference
from argosy.workflows.neutral import partner_positions
from argosy.workflows.ports import BatchDraft, BatchInfo, BookStore, Writer

SHOWN = 5


@dataclass(frozen=True)
class VoidResult:
    """What was taken back or corrected, or would be. ``rows`` shows each event: seq, change and neutral fields."""

    what: str
    rows: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()
    batch: BatchInfo | None = None

    @property
    def written(self) -> bool:
        """Whether the book holds it now."""
        return self.batch is not None

    def summary(self) -> str:
        """One line for people."""
        place = f"batch {self.batch.batch}" if self.batch else "dry run, nothing written"
        return f"{self.what}: {len(self.rows)} row{'' if len(self.rows) == 1 else 's'} ({place})"

    def table(self) -> Table:
        """One line per event taken back or written anew."""
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        return Table.of("void", **{name: [row.get(name, "") for row in self.rows] for name in names})


@dataclass
class Ground:
    """The part of the book that a change stands on, read with the writer lock held."""

    writer: Writer
    reference: Reference
    events: EventColumns
    partners: dict[int, int] = field(default_factory=dict)

    @classmethod
    def under(cls, writer: Writer, reference: Reference, portfolios: Iterable[int]) -> Ground:
        """Read the events of some portfolios and of those they exchange units or cash with."""
        wanted = set(portfolios)
        events = writer.events(portfolios=sorted(wanted))
        if distinct(events, "link"):
            events = writer.events()
        return cls(writer, reference, events, partner_positions(events))

    def show(self, position: int, change: str) -> dict[str, str]:
        """One event for people."""
        head = {"change": change, "seq": str(int(self.events["seq"][position]))}
        return head | neutral_row(self.events, position, self.reference, partner=self.partners.get(position))


def find_event(store: BookStore, seq: int) -> int:
    """The portfolio of an event; :class:`UnknownName` when there is none at that seq."""
    found = store.events(after_seq=seq - 1, columns=("seq", "portfolio")) if seq > 0 else EventColumns.empty()
    if not len(found) or int(found["seq"][0]) != seq:
        raise UnknownName(f"there is no event {seq}", field="event", found=seq,
                          next_step="argosy transactions shows the seq of each event")  # fmt: skip
    return int(found["portfolio"][0])


def rows_to_void(ground: Ground, seq: int) -> list[int]:
    """Positions to take back for one event: itself, and the other leg of a transfer; refuses what does not stand."""
    position = position_of(ground.events, seq)
    if position is None:
        raise UnknownName(f"there is no event {seq}", field="event", found=seq)
    standing = Standing.of(ground.events, ground.reference.voided_batches)
    if int(ground.events["batch"][position]) in standing.voided_batches or seq in standing.voided_events:
        raise InvalidInput(f"event {seq} does not count any more", field="event", found=seq,
                           next_step="it was taken back before; argosy explain shows by what")  # fmt: skip
    if int(ground.events["kind"][position]) == Kind.VOID:
        raise InvalidInput(f"event {seq} is itself a void", field="event", found=seq,
                           next_step="void its batch to bring back what it took away")  # fmt: skip
    partner = ground.partners.get(position)
    return [position] if partner is None else sorted((position, partner))


def void_event(
    store: BookStore, *, seq: int, reason: str = "", allow_broken: bool = False, dry_run: bool = False
) -> VoidResult:
    """Take one event back; of a transfer both legs. Refused when later events need it, unless ``allow_broken``.

    Raises
    ------
    InsufficientPosition
        When events that stay would sell or move what is no longer there.
    """
    portfolio = find_event(store, seq)
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        ground = Ground.under(writer, reference, [portfolio])
        positions = rows_to_void(ground, seq)
        voids = EventColumns.from_rows(void_rows(ground.events, positions, reason))
        mark = writer.watermark()
        found = objections(ground.events, voids, reference, first_seq=mark.seq + 1, batch=mark.batch + 1)
        notes = tuple(dict.fromkeys(one.message for one in found))
        _refuse_broken(f"voiding event {seq}", notes, allow_broken=allow_broken)
        shown = tuple(ground.show(position, "void") for position in positions)
        info = None
        if not dry_run:
            info = writer.append(BatchDraft("void", "by hand", events=voids, note=reason))
    return VoidResult(f"void event {seq}", shown, notes, info)


def void_batch(
    store: BookStore, *, batch: int, reason: str = "", allow_broken: bool = False, dry_run: bool = False
) -> VoidResult:
    """Take a whole batch back: an import, a market load, a set-up step, a correction.

    Refused for a batch that created what events of other batches use, for one that is void already, and, unless
    ``allow_broken``, when later events would sell what is no longer there.
    """
    batches = {info.batch: info for info in store.batches()}
    target = batches.get(batch)
    if target is None:
        raise UnknownName(f"there is no batch {batch}", field="batch", found=batch,
                          next_step=f"batches go from 1 to {max(batches, default=0)}")  # fmt: skip
    if target.kind == "void batch":
        raise InvalidInput(f"batch {batch} took another batch back, which cannot be undone", field="batch", found=batch,
                           next_step="import the file again; it is kept with its batch")  # fmt: skip
    touched = _portfolios(store, target)
    with store.writer() as writer:
        facts = writer.facts()
        reference = Reference.from_facts(facts)
        if batch in reference.voided_batches:
            raise InvalidInput(f"batch {batch} is void already", field="batch", found=batch)
        _refuse_used(writer, facts, reference, batch)
        ground = Ground.under(writer, reference, touched) if touched else None
        notes: tuple[str, ...] = ()
        if ground is not None:
            broken = broken_without(ground.events, reference, batch)
            notes = tuple(f"event {one.event_seq}: {one.message}" for one in broken)
        _refuse_broken(f"voiding batch {batch}", notes, allow_broken=allow_broken)
        subject = writer.watermark().batch + 1
        fact = FactDraft(FactKind.BATCH_VOID, subject, 0, {"batch": batch, "reason": reason})
        info = None
        if not dry_run:
            info = writer.append(BatchDraft("void batch", "by hand", facts=[fact], note=reason))
    shown = {
        "change": "void", "batch": str(batch), "kind": target.kind, "source": target.source, "file": target.file_name,
        "events": str(target.events), "facts": str(target.facts),
    }  # fmt: skip
    return VoidResult(f"void batch {batch}", (shown,), notes, info)


def _portfolios(store: BookStore, target: BatchInfo) -> set[int]:
    if not target.events:
        return set()
    later = store.events(after_seq=target.first_seq - 1, columns=("seq", "batch", "portfolio"))
    return distinct(of_batch(later, target.batch), "portfolio")


def _refuse_broken(what: str, notes: Sequence[str], *, allow_broken: bool) -> None:
    if notes and not allow_broken:
        more = f" (and {len(notes) - SHOWN} more)" if len(notes) > SHOWN else ""
        raise InsufficientPosition(
            f"{what} leaves events that cannot be: " + "; ".join(notes[:SHOWN]) + more,
            next_step="void or correct those first, or let the mandate allow short positions",
        )


def _refuse_used(writer: Writer, facts: Sequence[Fact], reference: Reference, batch: int) -> None:
    """Refuse to take back a portfolio, account, sleeve or instrument that events or other facts use."""
    columns = {FactKind.PORTFOLIO: "portfolio", FactKind.ACCOUNT: "account", FactKind.SLEEVE: "sleeve",
               FactKind.INSTRUMENT: "instrument"}  # fmt: skip
    gone: dict[FactKind, set[int]] = {}
    for fact in facts:
        versions = reference.versions[fact.kind, fact.subject] if fact.batch == batch else ()
        if versions and fact.kind in columns and all(version.batch == batch for version in versions):
            gone.setdefault(fact.kind, set()).add(fact.subject)
    if not gone:
        return
    portfolios = gone.get(FactKind.PORTFOLIO, set()) | {
        reference.accounts[account].portfolio for account in gone.get(FactKind.ACCOUNT, set())
    } | {reference.sleeves[sleeve].portfolio for sleeve in gone.get(FactKind.SLEEVE, set())}  # fmt: skip
    instruments = gone.get(FactKind.INSTRUMENT, set())
    held = [writer.events(portfolios=sorted(portfolios))] if portfolios else []
    held += [writer.events(instruments=sorted(instruments))] if instruments else []
    for events in held:
        standing = [at for at, number in enumerate(events["batch"].tolist())
                    if number not in reference.voided_batches and number != batch]  # fmt: skip
        for kind, subjects in gone.items():
            used = sorted(subjects & {int(events[columns[kind]][at]) for at in standing})
            if used:
                day = format_date(int(events["trade_date"][standing[0]]))
                raise InvalidInput(
                    f"batch {batch} created {kind.name.lower()} {_code(reference, kind, used[0])}, which events use, "
                    f"the first on {day}", field="batch", found=batch,
                    next_step="void the batches of those events first",
                )  # fmt: skip


def _code(reference: Reference, kind: FactKind, subject: int) -> str:
    code = reference.versions[kind, subject][-1].payload.get("code", subject)
    return str(code)
