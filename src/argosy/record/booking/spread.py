"""Splits that name no account: one event for each account that holds the instrument when they happen.

A split is spread over the accounts that hold when it is imported. Units that come into another account later, dated
before it, are not reached by it: :func:`unsplit` finds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.dates import format_date
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


@dataclass(frozen=True, slots=True)
class Unsplit:
    """A new event (by position) that puts units where a split of the book, after it, does not reach."""

    position: int
    instrument: str
    place: str
    date: str
    ratio: str
    """As in a file, new:old; empty where the split says how many units it added."""
    others: tuple[str, ...]

    @property
    def message(self) -> str:
        """What is wrong, in words."""
        how = f" {self.ratio}" if self.ratio else ""
        booked = f"the split{how} of {self.instrument} on {self.date} is booked in {', '.join(self.others)}"
        return f"{booked} and does not reach {self.place}, which holds it by then"

    @property
    def next_step(self) -> str:
        """What to import."""
        what = f"ratio {self.ratio}" if self.ratio else "the quantity it added there"
        return f"import a split row of {self.date} that names {self.place}, with {what}"


def unsplit(
    existing: EventColumns, new: EventColumns, reference: Reference, *, first_seq: int, batch: int
) -> list[Unsplit]:
    """New holdings from before a split that the book has, in a place where that day has no split; one a place.

    ``existing`` holds the events of the touched portfolios, ``new`` is as for the writer.
    """
    existing, late = reference.canonical_events(existing), reference.canonical_events(new)
    places = Counter(account.portfolio for account in reference.accounts.values())
    pairs: set[tuple[int, int]] = set()
    for portfolio, instrument, date in _splits(existing):
        if places[portfolio] < 2 and not any(one.portfolio == portfolio for one in reference.sleeves.values()):
            continue
        mine = (late["portfolio"] == portfolio) & (late["instrument"] == instrument)
        if (mine & (late["kind"] != int(Kind.SPLIT)) & (late["trade_date"] <= date)).any():
            pairs.add((portfolio, instrument))
    if not pairs:
        return []
    coming = numbered(EventColumns(new.columns, spoken_only(new.payload)), first_seq, batch)
    part = _of_pairs(reference.canonical_events(joined(existing, coming)), pairs)
    order = effective(part, voided_batches=reference.voided_batches)
    found: list[Unsplit] = []
    for portfolio, instrument, date in _splits(part.take(order)):
        if (portfolio, instrument) not in pairs:
            continue
        same = (part["portfolio"][order] == portfolio) & (part["instrument"][order] == instrument)
        legs = order[same & (part["kind"][order] == int(Kind.SPLIT)) & (part["trade_date"][order] == date)]
        if not (part["seq"][legs] < first_seq).any():
            continue
        first, by_sleeve = part.row(int(legs[0])), _by_sleeve(reference, portfolio)
        done = {_place(part.row(int(leg)), by_sleeve=by_sleeve) for leg in legs}
        until = int(np.flatnonzero(order == legs[0])[0])
        fresh = [part.row(int(at)) for at in order[:until][same[:until]] if part["seq"][at] >= first_seq]
        left = {place for place in _holders(part, first, reference) if _slot(place, by_sleeve=by_sleeve) not in done}
        for place in sorted(left):
            slot = _slot(place, by_sleeve=by_sleeve)
            mine_new = [event for event in fresh if _place(event, by_sleeve=by_sleeve) == slot]
            if mine_new:
                found.append(Unsplit(
                    mine_new[0]["seq"] - first_seq, reference.instruments[instrument].code, _name(reference, place),
                    format_date(date), f"{first['num']}:{first['den']}" if first["num"] else "",
                    tuple(sorted(_name(reference, one) for one in done)),
                ))  # fmt: skip
    return found


def _splits(events: EventColumns) -> list[tuple[int, int, int]]:
    """Portfolio, instrument and day of the splits among events, each once."""
    at = events["kind"] == int(Kind.SPLIT)
    columns = (events[name][at].tolist() for name in ("portfolio", "instrument", "trade_date"))
    return sorted(set(zip(*columns, strict=True)))


def _place(event: Mapping[str, int], *, by_sleeve: bool) -> tuple[int, int]:
    return _slot((event["account"], event["sleeve"]), by_sleeve=by_sleeve)


def _slot(place: tuple[int, int], *, by_sleeve: bool) -> tuple[int, int]:
    """A place as far as it matters: the sleeve only where lots are kept by it."""
    return place if by_sleeve else (place[0], 0)


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
