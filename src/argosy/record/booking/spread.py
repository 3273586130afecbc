"""Splits that name no account: one event for each account that holds the instrument when they happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from argosy.record.booking.booked import Booked, Laid, Places
from argosy.record.booking.payloads import spoken_only
from argosy.record.booking.timeline import joined, numbered
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold, linked
from argosy.record.ledger.order import effective
from argosy.record.ledger_terms import ledger_policies, quantity_units
from argosy.record.reference_fold import Reference


def to_spread(booked: Booked, rows: Sequence[int], reference: Reference) -> list[int]:
    """The chosen rows that may concern more than one account, or sleeve where lots are kept by sleeve."""
    if not booked.everywhere:
        return []
    chosen = booked.everywhere.intersection(rows)
    accounts = Counter(account.portfolio for account in reference.accounts.values())
    sleeved = {sleeve.portfolio for sleeve in reference.sleeves.values()}
    found: list[int] = []
    for row in sorted(chosen):
        portfolio = int(booked.events["portfolio"][np.searchsorted(booked.row, row)])
        if accounts[portfolio] > 1 or (portfolio in sleeved and _by_sleeve(reference, portfolio)):
            found.append(row)
    return found


def spread_places(
    booked: Booked, laid: Laid, chosen: Sequence[int], existing: EventColumns, reference: Reference, *, first_seq: int,
    batch: int,
) -> tuple[dict[int, Places], dict[int, str]]:  # fmt: skip
    """Where each chosen row applies, as (account, sleeve), and the rows that cannot be shared out, with the reason.

    ``laid`` is the batch with each split still at one place; ``existing`` holds the events of the touched portfolios.
    A row whose instrument nobody holds is in neither answer: the ledger says so of it.
    """
    coming = numbered(EventColumns(laid.events.columns, spoken_only(laid.events.payload)), first_seq, batch)
    both = reference.canonical_events(joined(existing, coming))
    seq_of = {first_seq + int(np.searchsorted(laid.row, row)): row for row in chosen}
    splits = np.isin(both["seq"], list(seq_of))
    pairs = set(zip(both["portfolio"][splits].tolist(), both["instrument"][splits].tolist(), strict=True))
    part = _of_pairs(both, pairs)
    order = effective(part, voided_batches=reference.voided_batches)
    places: dict[int, Places] = {}
    refused: dict[int, str] = {}
    for seq in [seq for seq in part["seq"][order].tolist() if seq in seq_of]:  # what an earlier split did counts
        row, event = seq_of[seq], part.row(int(np.flatnonzero(part["seq"] == seq)[0]))
        found = _holders(part, event, reference)
        if len(found) > 1 and (not event["num"] or event["net"]):
            what = "the quantity it adds" if not event["num"] else "the cash for fractions"
            names = ", ".join(_name(reference, place) for place in found)
            refused[row] = f"{what} is of the portfolio as a whole, and more than one account holds it: {names}"
        elif found:
            places[row] = found
            part = _placed(part, seq, found)
    return places, refused


def _of_pairs(events: EventColumns, pairs: set[tuple[int, int]]) -> EventColumns:
    """The events that holdings of these (portfolio, instrument) pairs can depend on, voids included."""
    reached = linked(events, pairs)
    key = events["portfolio"] * (1 << 32) + events["instrument"]
    wanted = np.array(sorted(portfolio * (1 << 32) + instrument for portfolio, instrument in reached), np.int64)
    return events.take(np.flatnonzero(np.isin(key, wanted) | (events["kind"] == int(Kind.VOID))))


def _holders(part: EventColumns, event: Mapping[str, int], reference: Reference) -> Places:
    """The places that hold what an event splits, just before it."""
    portfolio, instrument = event["portfolio"], event["instrument"]
    mine = _of_pairs(part, {(portfolio, instrument)})
    order = effective(mine, voided_batches=reference.voided_batches)
    place = int(np.flatnonzero(mine["seq"][order] == event["seq"])[0])
    before = mine.take(np.sort(order[:place]))
    portfolios = np.unique(before["portfolio"]).tolist()
    held = fold(
        before, policies=ledger_policies(reference, portfolios), quantity_unit=quantity_units(reference)
    ).holdings  # fmt: skip
    wanted = (held.portfolio == portfolio) & (held.instrument == instrument)
    if event["sleeve"]:
        wanted &= held.sleeve == event["sleeve"]
    by_sleeve = _by_sleeve(reference, portfolio)
    found = zip(held.account[wanted].tolist(), held.sleeve[wanted].tolist(), strict=True)
    return tuple(sorted({(account, sleeve if by_sleeve else event["sleeve"]) for account, sleeve in found}))


def _placed(part: EventColumns, seq: int, places: Places) -> EventColumns:
    """The events with one split put at its places, for the splits after it."""
    at = int(np.flatnonzero(part["seq"] == seq)[0])
    legs = part.take(np.full(len(places), at, np.int64))
    last = int(part["seq"].max())
    columns = {
        **legs.columns,
        "account": np.array([account for account, _ in places], np.int64),
        "sleeve": np.array([sleeve for _, sleeve in places], np.int64),
        "seq": np.arange(last + 1, last + 1 + len(places), dtype=np.int64),
    }
    rest = part.take(np.flatnonzero(np.arange(len(part)) != at))
    return joined(rest, EventColumns(columns, legs.payload))


def _by_sleeve(reference: Reference, portfolio: int) -> bool:
    return reference.mandate(portfolio).lots.scope == "sleeve"


def _name(reference: Reference, place: tuple[int, int]) -> str:
    account, sleeve = place
    code = reference.accounts[account].code
    return f"{code}/{reference.sleeves[sleeve].code}" if sleeve else code
