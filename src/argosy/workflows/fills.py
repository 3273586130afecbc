"""Fills of orders: the trade and the step of its order become known in one batch, so that neither is without the other.

A fill that arrives twice is told and left out; one for an order that nobody sent, or for more than the order has left,
is a problem of its line, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from argosy.base.dates import DAY_US, format_date
from argosy.base.errors import ArgosyError, UnknownName
from argosy.base.money import Quote, to_decimal
from argosy.base.problems import Problem
from argosy.record.booking.booked import Booked, lay_out
from argosy.record.booking.entries import Entry, book_row
from argosy.record.booking.fields import Fields, Place, Style
from argosy.record.booking.keys import reference_key
from argosy.record.booking.lots import named_lots
from argosy.record.booking.proof import objections
from argosy.record.booking.sift import Standing
from argosy.record.booking.withdrawn import void_rows
from argosy.record.facts import FactDraft
from argosy.record.ledger.events import EventColumns
from argosy.record.orders.fold import OrderLife, ProposalLife, lots_of_fill, read_lives
from argosy.record.orders.proposal import Step
from argosy.record.orders.states import StepKind
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.proposals import plain_quantity
from argosy.workflows.import_report import ImportReport, RowNote
from argosy.workflows.ports import BatchDraft, BookStore, Clock, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.proposals import DecisionResult, find
from argosy.workflows.tabular import RawTable, RowReader
from argosy.workflows.void import Ground

READER = "argosy-fills 1"
COLUMNS = ("order", "quantity", "price", "date", "reference")
_STEP = "see argosy rebalance show for the orders of a proposal"


@dataclass
class _Work:
    """A file of fills under way, against one state of the book."""

    name: str
    by: str
    table: RawTable
    writer: Writer
    reference: Reference
    lives: dict[int, ProposalLife]
    problems: list[Problem] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    facts: list[FactDraft] = field(default_factory=list)
    entry_facts: list[int] = field(default_factory=list)


def book_fills(
    store: BookStore, reader: RowReader, *, content: bytes, name: str, by: str, profile: Profile = NEUTRAL,
    accept_good: bool = False, dry_run: bool = False,
) -> ImportReport:  # fmt: skip
    """Book a broker's file of fills: order (``12-1`` = order 1 of proposal 12), date, quantity, price, reference.

    Optional columns: fee, tax, accrued, net, settle_date, side and instrument (checked against the order), note. ``by``
    is who reports: references are unique per reporter and account. Each fill becomes a trade of the order's portfolio,
    account and sleeve, at the lots that the order named.
    """
    style = profile.format
    table = profile.apply(reader(content, name, delimiter=style.delimiter, encoding=style.encoding))
    file = RawFile(name, content, f"{READER}; {table.reader}; profile {profile.name}")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        lives = read_lives(reference.facts, _named(table))
        work = _Work(name, by, table, writer, reference, lives, list(table.problems))
        place = Place(name, reference, Style(style.date, style.decimal, style.thousands))
        if _has_columns(work):
            for position, line in enumerate(table.lines.tolist()):
                _take(work, Fields(table.row(position), line, place))
        events, keys, contents = _laid(work)
        refused = len({one.line for one in work.problems})
        report = ImportReport(
            "fills", name, len(table) + len({one.line for one in table.problems}), inserted=len(work.entries),
            known=len(work.notes), conflicting=0, refused=refused, written=False, dry_run=dry_run,
            problems=tuple(sorted(work.problems, key=lambda one: one.line)), notes=tuple(work.notes),
        )  # fmt: skip
        if dry_run or events is None or (work.problems and not accept_good):
            return report
        info = writer.append(BatchDraft(
            "fills", by, facts=work.facts, events=events, keys=keys, contents=contents, file=file
        ))  # fmt: skip
    return ImportReport(
        "fills", name, report.rows, report.inserted, report.known, 0, refused, written=True, batch=info.batch,
        seq=info.last_seq, sha256=info.file_sha256, problems=report.problems, notes=report.notes,
    )  # fmt: skip


def _named(table: RawTable) -> frozenset[int]:
    """Ids of the proposals that a file speaks of: no other has to be folded."""
    first = (cell.partition("-")[0] for cell in (table["order"].to_list() if "order" in table else ()))
    return frozenset(int(one) for one in first if one.isdigit())


def _has_columns(work: _Work) -> bool:
    missing = [name for name in COLUMNS if work.table.columns and name not in work.table]
    for name in missing:
        work.problems.append(Problem(
            work.name, 1, f"there is no column {name!r}", field=name,
            next_step=f"a file of fills has {', '.join(COLUMNS)}",
        ))  # fmt: skip
    return not missing and bool(work.table.columns)


def _take(work: _Work, cells: Fields) -> None:
    """One row: the order it is for, the trade it books, the step it is."""
    found = _order(work, cells)
    if found is None:
        work.problems += cells.problems
        return
    life, order = found
    terms, instrument = order.terms, work.reference.instruments[order.terms.instrument]
    for needed in ("quantity", "price", "reference"):
        if not cells.text(needed):
            cells.refuse(needed, "nothing there", f"give the {needed} of each fill, as the broker reports it")
    known = life.fill(cells.text("reference"))
    quantity = cells.scaled("quantity", instrument.quantity_scale)
    price = cells.quote("price")
    if known is not None and quantity == known[1].quantity and known[0].number == order.number:
        work.notes.append(RowNote("known", cells.line, f"fill {cells.text('reference')} is booked already"))
        return
    for column, expected in (("side", terms.side), ("instrument", instrument.code)):
        if cells.text(column) and cells.text(column) != expected:
            cells.refuse(column, f"order {cells.text('order')} is to {terms.side} {instrument.code}", _STEP)
    step = Step(
        StepKind.FILL, work.by, cells.text("note"), order.number, quantity or 0, price or Quote(0, 0),
        cells.text("reference"), _spent(cells),
    )  # fmt: skip
    after: ProposalLife | None = None
    if quantity is not None and not cells.problems:
        try:
            after = life.after(step)
        except ArgosyError as error:
            cells.refuse_error(error.field or "order", error)
    entry = None
    if after is not None:
        entry, problems = book_row(_neutral(work, cells, life, order, step), cells.line, cells.place)
        cells.problems += problems
    if cells.problems or entry is None or after is None:
        work.problems += cells.problems
        return
    work.lives[life.terms.id] = after
    work.entries.append(entry)
    work.keys.append(_free_key(work, entry))
    day = cells.date("date")
    work.facts.append(step.draft(life.terms.id, day if day is not None else life.terms.as_of))


def _spent(cells: Fields) -> str:
    spent = [found.decimal() for name in ("fee", "tax") if (found := cells.quote(name)) is not None]
    return f"{sum(spent):f}" if spent else "0"


def _order(work: _Work, cells: Fields) -> tuple[ProposalLife, OrderLife] | None:
    proposal, dash, number = cells.text("order").partition("-")
    if not (dash and proposal.isdigit() and number.isdigit()):
        cells.refuse(
            "order", f"{cells.text('order')[:40]!r} is not an order", "write it as proposal-order, such as 12-1"
        )
        return None
    life = work.lives.get(int(proposal))
    if life is None or not 1 <= int(number) <= len(life.orders):
        cells.refuse("order", f"there is no order {cells.text('order')}", _STEP, "unknown_name")
        return None
    return life, life.order(int(number))


def _neutral(work: _Work, cells: Fields, life: ProposalLife, order: OrderLife, step: Step) -> dict[str, str]:
    """The row of a transactions file that books the fill."""
    reference, terms = work.reference, order.terms
    instrument = reference.instruments[terms.instrument]
    lots = lots_of_fill(order, step.quantity)
    row = {
        "date": cells.text("date"), "type": terms.side,
        "portfolio": reference.portfolios[life.terms.portfolio].code,
        "account": reference.accounts[terms.account].code,
        "sleeve": reference.sleeves[terms.sleeve].code if terms.sleeve else "",
        "instrument": instrument.code, "currency": instrument.currency,
        "quantity": cells.text("quantity"), "price": cells.text("price"), "reference": step.reference,
        "lots": ";".join(f"#{seq}:{plain_quantity(quantity, instrument.quantity_scale)}" for seq, quantity in lots),
        "note": f"order {life.terms.id}-{order.number}" + (f": {step.note}" if step.note else ""),
    }  # fmt: skip
    for name in ("fee", "tax", "accrued", "net", "settle_date"):
        row[name] = cells.text(name)
    return row


def _free_key(work: _Work, entry: Entry) -> bytes:
    """The first key of the reference that is not taken: a fill whose batch was voided may come again."""
    generation = 0
    while True:
        key = reference_key(work.by, entry.account, entry.reference, generation)
        if key not in work.writer.known_keys([key]) and key not in work.keys:
            return key
        generation += 1


def _laid(work: _Work) -> tuple[EventColumns | None, list[bytes], list[bytes]]:
    """The trades as a batch takes them, once the ledger has nothing against them."""
    if not work.entries:
        return None, [], []
    booked, rows = Booked.of_entries(work.entries), range(len(work.entries))
    mark = work.writer.watermark()
    lots, unknown = named_lots(booked, rows, work.by, mark.seq + 1, work.name, work.writer.known_keys)
    work.problems += unknown.values()
    if unknown:
        return None, [], []
    laid = lay_out(booked, rows, work.keys, lots)
    held = work.writer.events(portfolios=booked.portfolios())
    found = objections(
        held, laid.events, work.reference, first_seq=mark.seq + 1, batch=mark.batch + 1,
        unsettled=laid.positions_of(booked.unsettled),
    )  # fmt: skip
    for one in found:
        line = int(booked.lines[int(laid.row[one.position])])
        work.problems.append(Problem(work.name, line, one.message, field="quantity", code=one.code,
                                     next_step="the holding has changed since the order was made"))  # fmt: skip
    return (None if found else laid.events), laid.keys, laid.contents


def bust_fill(
    store: BookStore, *, clock: Clock, proposal: int, reference: str, by: str, reason: str, dry_run: bool = False
) -> DecisionResult:
    """Take back a fill that the broker broke: its trade is voided and its order is open again, in one batch."""
    with store.writer() as writer:
        known = Reference.from_facts(writer.facts())
        life = find(read_lives(known.facts), proposal)
        found = life.fill(reference)
        if found is None:
            raise UnknownName(f"proposal {proposal} has no fill {reference!r}", field="reference", found=reference,
                              next_step=_STEP)  # fmt: skip
        step = Step(StepKind.BUST, by, reason, order=found[0].number, quantity=found[1].quantity, reference=reference)
        after = life.after(step)
        ground = Ground.under(writer, known, [life.terms.portfolio])
        position = _trade(ground, found[0], life, reference)
        now = clock()
        batch = None
        if not dry_run:
            voids = EventColumns.from_rows(void_rows(ground.events, [position], reason))
            fact = step.draft(proposal, now // DAY_US)
            batch = writer.append(BatchDraft("bust", by, facts=[fact], events=voids, note=reason))
    scale = known.instruments[found[0].terms.instrument].quantity_scale
    told = f"fill {reference} of {to_decimal(found[1].quantity, scale):f} taken back on {format_date(now // DAY_US)}"
    return DecisionResult("bust", (after,), known, now, batch, (told,))


def _trade(ground: Ground, order: OrderLife, life: ProposalLife, reference: str) -> int:
    """The standing trade that a fill booked."""
    standing = Standing.of(ground.events, ground.reference.voided_batches)
    wanted = f"order {life.terms.id}-{order.number}"
    for position in range(len(ground.events)):
        told = ground.events.payload.get(position, {})
        seq, batch = int(ground.events["seq"][position]), int(ground.events["batch"][position])
        live = batch not in standing.voided_batches and seq not in standing.voided_events
        if live and told.get("ref") == reference and str(told.get("note", "")).partition(":")[0] == wanted:
            return position
    raise UnknownName(
        f"the trade of fill {reference} was taken back or corrected by hand", field="reference", found=reference,
        next_step="see argosy transactions",
    )  # fmt: skip
