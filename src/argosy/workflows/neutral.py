"""The transactions of a book as the neutral table that would book them again."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.table import Column, Table
from argosy.record.booking.neutral import is_second_leg, neutral_row
from argosy.record.booking.types import FIELDS
from argosy.record.ledger.events import EventColumns
from argosy.record.ledger.order import effective
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BookStore


def neutral_table(
    store: BookStore, *, known_at: int | None = None, as_of: int | None = None, portfolios: Sequence[str] = ()
) -> Table:
    """Standing transactions in replay order, in the columns that :func:`import_transactions` reads.

    Written as CSV and imported into a book with the same reference data, they give the same state. ``seq`` is the
    event's place in this book. ``as_of`` is an epoch day, ``known_at`` microseconds.
    """
    watermark = store.watermark(known_at)
    reference = Reference.from_facts(store.facts(watermark=watermark))
    wanted = [reference.portfolio(code).id for code in portfolios] or None
    events = store.events(watermark=watermark, portfolios=wanted)
    partners = partner_positions(events)
    rows: list[dict[str, str]] = []
    seqs: list[int] = []
    refs = {int(events["seq"][at]): str(rest["ref"]) for at, rest in events.payload.items() if "ref" in rest}
    for position in effective(events, as_of=as_of, voided_batches=reference.voided_batches).tolist():
        if not is_second_leg(int(events["kind"][position])):
            row = neutral_row(events, position, reference, partner=partners.get(position),
                              lot_name=lambda seq: refs.get(seq, f"#{seq}"))  # fmt: skip
            rows.append(row)
            seqs.append(int(events["seq"][position]))
    columns = [Column("seq", "integer", seqs)]
    columns += [Column(name, "text", [row.get(name, "") for row in rows]) for name in FIELDS]
    return Table("transactions", tuple(columns))


def partner_positions(events: EventColumns) -> dict[int, int]:
    """For each leg of a transfer the position of the other one, where both are among the events."""
    legs: dict[int, list[int]] = {}
    for position in events["link"].nonzero()[0].tolist():
        legs.setdefault(int(events["link"][position]), []).append(position)
    found: dict[int, int] = {}
    for pair in legs.values():
        if len(pair) == 2:
            found[pair[0]], found[pair[1]] = pair[1], pair[0]
    return found
