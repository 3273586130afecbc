"""The fold: events in, state out. The same events give the same state, whatever else the book holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from argosy.base.errors import InvalidInput
from argosy.record.ledger.conservation import check
from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.order import effective
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.replay import replay
from argosy.record.ledger.selection import select
from argosy.record.ledger.state import State


def fold(
    events: EventColumns,
    *,
    policies: Mapping[int, LedgerPolicy] | None = None,
    quantity_unit: Mapping[int, int] | None = None,
    as_of: int | None = None,
    voided_batches: Iterable[int] = frozenset(),
    base_amounts: Int64 | None = None,
    engine: str = "auto",
) -> State:
    """What is held, at what cost, with which cash, after these events.

    Parameters
    ----------
    events
        In ``seq`` order, as far as they are known (cut them at a watermark for an earlier ``known_at``). A part of
        the book gives the same rows as the whole if it is closed under transfers: see :func:`linked`.
    policies
        Lot conventions per portfolio id; absent ones get :data:`argosy.record.ledger.policy.DEFAULT_POLICY`.
    quantity_unit
        ``10**scale`` per instrument id; absent ones get ``10**8``.
    as_of
        Last trade date that counts (epoch day); cash that settles later is pending. None: everything, all settled.
    voided_batches
        Batches taken back as a whole.
    base_amounts
        One amount per event in its portfolio's base currency: ``lot_amounts(events)`` converted. For a transfer in kind
        between portfolios of different base currencies: any two amounts of equal worth on the two legs. None: the
        ``_base`` columns are 0.
    engine
        "kernel" (compiled), "reference" (plain Python, same bits) or "auto" (by size).

    Never raises for data: what cannot be true is in ``state.problems``. Raises ``ConservationError`` if cost or
    quantity were lost, which would be a defect of the program, not of the data.

    Examples
    --------
    >>> buy = {"seq": 1, "kind": Kind.BUY, "portfolio": 1, "account": 1, "instrument": 7, "quantity": 100, "net": -1000}
    >>> sell = {**buy, "seq": 2, "kind": Kind.SELL, "trade_date": 3, "quantity": -40, "net": 520}
    >>> state = fold(EventColumns.from_rows([buy, sell]))
    >>> state.positions.quantity.tolist(), state.positions.cost.tolist(), state.cash.traded.tolist()
    ([60], [600], [-480])
    >>> (state.reliefs.proceeds - state.reliefs.cost).tolist()
    [120]
    """
    if base_amounts is not None and len(base_amounts) != len(events):
        raise InvalidInput(
            f"base_amounts has {len(base_amounts)} rows, events has {len(events)}",
            field="base_amounts", found=len(base_amounts), expected=f"{len(events)} rows",
        )  # fmt: skip
    index = effective(events, as_of=as_of, voided_batches=voided_batches)
    done = replay(
        select(events, index),
        policies=policies or {},
        quantity_unit=quantity_unit or {},
        base_amounts=None if base_amounts is None else base_amounts[index],
        engine=engine,
    )
    check(done)
    return State(done, as_of=as_of, has_base=base_amounts is not None)


def linked(transfers: EventColumns, touched: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """All (portfolio, instrument) pairs whose lots can depend on the touched ones, by transfers in kind.

    ``transfers`` may be any events that include all TRANSFER_OUT and TRANSFER_IN rows. Folding just the events of the
    pairs given back yields the same positions, lots, reliefs and trail for them as folding the whole book.

    Examples
    --------
    >>> out = {"seq": 4, "kind": Kind.TRANSFER_OUT, "portfolio": 1, "instrument": 7, "link": 4}
    >>> into = {**out, "seq": 5, "kind": Kind.TRANSFER_IN, "portfolio": 2}
    >>> sorted(linked(EventColumns.from_rows([out, into]), [(2, 7), (3, 7)]))
    [(1, 7), (2, 7), (3, 7)]
    """
    legs = np.flatnonzero((transfers["kind"] == Kind.TRANSFER_OUT) | (transfers["kind"] == Kind.TRANSFER_IN))
    links = np.where(transfers["link"][legs] == 0, transfers["seq"][legs], transfers["link"][legs]).tolist()
    places = list(zip(transfers["portfolio"][legs].tolist(), transfers["instrument"][legs].tolist(), strict=True))
    ends: dict[int, list[tuple[int, int]]] = {}
    for link, place in zip(links, places, strict=True):
        ends.setdefault(link, []).append(place)
    neighbors: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for group in ends.values():
        for place in group:
            neighbors.setdefault(place, set()).update(group)
    reached: set[tuple[int, int]] = set()
    waiting = list(touched)
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached.add(place)
            waiting.extend(neighbors.get(place, ()))
    return reached
