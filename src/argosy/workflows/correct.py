"""Correcting events: the old one is voided and the right one takes its place within the day, in one batch."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.base.errors import ImportRefused, InvalidInput, unknown
from argosy.record.booking.booked import Booked, lay_out
from argosy.record.booking.entries import Entry, book_row
from argosy.record.booking.fields import Place, Style
from argosy.record.booking.keys import content_key, reference_key
from argosy.record.booking.lots import named_lots
from argosy.record.booking.neutral import changed_row, neutral_row
from argosy.record.booking.proof import objections
from argosy.record.booking.stacked import stacked, with_anchor
from argosy.record.booking.types import FIELDS
from argosy.record.booking.withdrawn import position_of, void_rows
from argosy.record.ledger.events import EventColumns
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BatchDraft, BookStore, Writer
from argosy.workflows.void import Ground, VoidResult, find_event, rows_to_void


def correct_events(
    store: BookStore, *, changes: Mapping[int, Mapping[str, str]], reason: str = "", dry_run: bool = False
) -> VoidResult:
    """Correct events by the fields of the neutral table that change: ``{seq: {"quantity": "110"}}``.

    Amounts that depend on a changed field (gross and net on quantity and price, net on costs) are worked out again
    unless they are given too. The new event keeps the old one's place within the day, its reference and its source. A
    field changed to an empty text is cleared.

    Raises
    ------
    ImportRefused
        With every reason, when a corrected row is not good or the ledger cannot hold it; nothing is written.
    """
    if not changes:
        raise InvalidInput("nothing is to be corrected", field="changes", next_step="name a seq and its new values")
    for given in changes.values():
        for name in given:
            if name not in FIELDS:
                raise unknown("field", name, FIELDS)
    portfolios = {find_event(store, seq) for seq in changes}
    sources = _sources(store)
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        ground = Ground.under(writer, reference, portfolios)
        return _correct(writer, ground, changes, sources, reason, dry_run=dry_run)


def _sources(store: BookStore) -> dict[int, str]:
    return {info.batch: info.source for info in store.batches()}


def _correct(
    writer: Writer, ground: Ground, changes: Mapping[int, Mapping[str, str]], sources: Mapping[int, str], reason: str,
    *, dry_run: bool,
) -> VoidResult:  # fmt: skip
    reference = ground.reference
    place = Place("correction", reference, Style(price_check="off"))
    entries: list[Entry] = []
    keys: list[bytes] = []
    anchors: list[list[int]] = []
    voids: list[dict[str, object]] = []
    shown: list[dict[str, str]] = []
    wrong: list[str] = []
    done: set[int] = set()
    for seq, given in changes.items():
        positions = rows_to_void(ground, seq)
        if done & set(positions):
            raise InvalidInput(f"event {seq} is corrected twice", field="event", found=seq)
        done |= set(positions)
        first = positions[0]
        before = neutral_row(ground.events, first, reference, partner=ground.partners.get(first))
        after = changed_row(before, given)
        entry, problems = book_row(after, 0, place)
        if entry is None:
            wrong += [f"event {seq}: {problem.field}: {problem.message}" for problem in problems]
            continue
        anchor = [int(ground.events["anchor"][at]) or int(ground.events["seq"][at]) for at in positions]
        entries.append(entry)
        anchors.append(anchor)
        # The first event in the chain of corrections was imported from the source; later ones were made by hand.
        origin = position_of(ground.events, anchor[0])
        batch = int(ground.events["batch"][first if origin is None else origin])
        keys.append(_free_key(writer, entry, sources.get(batch, "")))
        voids += void_rows(ground.events, positions, reason)
        shown += [ground.show(first, "void"), {"change": "new", "seq": ""} | after]
    if wrong:
        raise _refusal(wrong)
    mark = writer.watermark()
    booked, rows = Booked.of_entries(entries), range(len(entries))
    lots, unknown_lots = named_lots(booked, rows, "", mark.seq + 1 + len(voids), "correction", writer.known_keys)
    if unknown_lots:
        raise _refusal([problem.text() for problem in unknown_lots.values()])
    laid = lay_out(booked, rows, keys, lots)
    events = stacked(EventColumns.from_rows(voids), with_anchor(laid, anchors))
    found = objections(
        ground.events, events, reference, first_seq=mark.seq + 1, batch=mark.batch + 1,
        unsettled=[len(voids) + at for at in laid.positions_of(booked.unsettled)],
    )  # fmt: skip
    if found:
        said = [one.message + (f"; give net, {one.net} by the lots of the book" if one.net else "") for one in found]
        raise _refusal(list(dict.fromkeys(said)))
    info = None
    if not dry_run:
        blank = [b""] * len(voids)
        info = writer.append(BatchDraft(
            "correction", "by hand", events=events, keys=[*blank, *laid.keys],
            contents=[*blank, *laid.contents], note=reason,
        ))  # fmt: skip
    return VoidResult("correction", tuple(shown), (), info)


def _refusal(reasons: list[str]) -> ImportRefused:
    return ImportRefused("the correction is refused: " + "; ".join(reasons), next_step="nothing was written")


def _free_key(writer: Writer, entry: Entry, source: str) -> bytes:
    """The first key of the row that is not taken: a later import of the source's file meets the correction there."""
    content = Booked.of_entries([entry]).contents[0]
    generation = 0
    while True:
        if entry.reference:
            key = reference_key(source, entry.account, entry.reference, generation)
        else:
            key = content_key(content, 0, generation)
        if key not in writer.known_keys([key]):
            return key
        generation += 1
