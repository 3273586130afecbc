"""Positions of a whole book kept current as events arrive: only what an event touches is replayed.

For processes that live long. Lots of an instrument in a portfolio depend on the events of that pair alone, and on the
pairs it has exchanged lots with; so a new event replays the events of those pairs and leaves all other rows standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.fold import fold, linked
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.rows import LedgerProblem, Positions

_PAIR = 1 << 31
_TRANSFERS = (int(Kind.TRANSFER_OUT), int(Kind.TRANSFER_IN))


@dataclass(frozen=True, eq=False)
class LivePositions:
    """Positions after every event so far, whatever its date. Make it with :meth:`start`, move it on with :meth:`after`.

    Both give a new object; the large columns are shared.
    """

    _base: EventColumns
    _order: Int64
    _keys: Int64
    _tail: EventColumns
    _transfers: EventColumns
    _rows: Positions
    _moved: Mapping[int, Positions]
    _troubled: Mapping[tuple[int, int], tuple[LedgerProblem, ...]]
    policies: Mapping[int, LedgerPolicy]
    quantity_unit: Mapping[int, int]
    voided_batches: frozenset[int]

    @classmethod
    def start(
        cls, events: EventColumns, *, policies: Mapping[int, LedgerPolicy], quantity_unit: Mapping[int, int],
        voided_batches: Iterable[int] = (),
    ) -> LivePositions:  # fmt: skip
        """Fold everything once. ``events`` in ``seq`` order."""
        state = fold(events, policies=policies, quantity_unit=quantity_unit, voided_batches=frozenset(voided_batches))
        keys = _pairs(events)
        order = np.argsort(keys, kind="stable")
        troubled: dict[tuple[int, int], tuple[LedgerProblem, ...]] = {}
        _note(troubled, events, state.problems)
        return cls(
            events, order, keys[order], EventColumns.empty(), _transfers_of(events), state.positions, {}, troubled,
            policies, quantity_unit, frozenset(voided_batches),
        )  # fmt: skip

    def after(self, new: EventColumns) -> LivePositions:
        """The positions once ``new`` events (later in ``seq``) are known too.

        Examples
        --------
        >>> buy = {"seq": 1, "kind": Kind.BUY, "portfolio": 1, "account": 1, "instrument": 7, "quantity": 5, "net": -50}
        >>> live = LivePositions.start(EventColumns.from_rows([buy]), policies={}, quantity_unit={})
        >>> more = live.after(EventColumns.from_rows([{**buy, "seq": 2, "quantity": 3, "net": -33}]))
        >>> more.positions([1]).quantity.tolist(), more.positions([1]).cost.tolist()
        ([8], [83])
        """
        if not len(new):
            return self
        tail = joined(self._tail, new)
        transfers = joined(self._transfers, _transfers_of(new))
        named = new.take(new["instrument"] != 0)
        touched = linked(transfers, zip(named["portfolio"].tolist(), named["instrument"].tolist(), strict=True))
        if not touched:
            return replace(self, _tail=tail, _transfers=transfers)
        events = self._events_of(touched, tail)
        state = fold(events, policies=self.policies, quantity_unit=self.quantity_unit,
                     voided_batches=self.voided_batches)  # fmt: skip
        troubled = {pair: found for pair, found in self._troubled.items() if pair not in touched}
        _note(troubled, events, state.problems)
        moved = dict(self._moved)
        for portfolio in sorted({portfolio for portfolio, _ in touched}):
            gone = np.array([instrument for owner, instrument in touched if owner == portfolio], np.int64)
            old = self._of(portfolio)
            kept = old.take(~np.isin(old.instrument, gone))
            fresh = state.positions.take(state.positions.portfolio == portfolio)
            moved[portfolio] = _sorted(kept, fresh)
        return replace(self, _tail=tail, _transfers=transfers, _moved=moved, _troubled=troubled)

    def positions(self, portfolios: Sequence[int]) -> Positions:
        """Rows of these portfolios, in their order."""
        return _stacked([self._of(portfolio) for portfolio in portfolios])

    @property
    def problems(self) -> tuple[LedgerProblem, ...]:
        """Events that cannot be true given the others; they are left out."""
        found = [one for listed in self._troubled.values() for one in listed]
        return tuple(sorted(found, key=lambda one: one.event_seq))

    @property
    def behind(self) -> int:
        """Events that came after the start: many of them make a new start worth while."""
        return len(self._tail)

    def _of(self, portfolio: int) -> Positions:
        if portfolio in self._moved:
            return self._moved[portfolio]
        low, high = np.searchsorted(self._rows.portfolio, [portfolio, portfolio + 1])
        return self._rows.take(np.arange(low, high))

    def _events_of(self, pairs: Iterable[tuple[int, int]], tail: EventColumns) -> EventColumns:
        wanted = np.array(sorted(portfolio * _PAIR + instrument for portfolio, instrument in pairs), np.int64)
        low, high = np.searchsorted(self._keys, wanted), np.searchsorted(self._keys, wanted + 1)
        places = np.concatenate([self._order[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)])
        return joined(self._base.take(np.sort(places)), tail.take(np.flatnonzero(np.isin(_pairs(tail), wanted))))


def joined(first: EventColumns, second: EventColumns) -> EventColumns:
    """Events one after the other.

    Examples
    --------
    >>> one = EventColumns.from_rows([{"seq": 1, "payload": {"note": "a"}}])
    >>> both = joined(one, EventColumns.from_rows([{"seq": 2, "payload": {"note": "b"}}]))
    >>> both["seq"].tolist(), both.payload[1]["note"]
    ([1, 2], 'b')
    """
    if not len(first):
        return second
    columns = {name: np.concatenate([first[name], second[name]]) for name in first.columns}
    payload = {place: first.payload[place] for place in first.payload}
    payload |= {len(first) + place: second.payload[place] for place in second.payload}
    return EventColumns(columns, payload)


def _pairs(events: EventColumns) -> Int64:
    found: Int64 = events["portfolio"] * _PAIR + events["instrument"]
    return found


def _transfers_of(events: EventColumns) -> EventColumns:
    return events.take(np.flatnonzero(np.isin(events["kind"], _TRANSFERS)))


def _note(
    troubled: dict[tuple[int, int], tuple[LedgerProblem, ...]], events: EventColumns, problems: Iterable[LedgerProblem]
) -> None:
    for one in problems:
        place = int(np.searchsorted(events["seq"], one.event_seq))
        pair = int(events["portfolio"][place]), int(events["instrument"][place])
        troubled[pair] = (*troubled.get(pair, ()), one)


def _stacked(parts: Sequence[Positions]) -> Positions:
    columns = [part.columns() for part in parts]
    names = list(Positions.__dataclass_fields__)
    return Positions(*(
        np.concatenate([one[name] for one in columns]) if columns else np.zeros(0, np.int64) for name in names
    ))  # fmt: skip


def _sorted(kept: Positions, fresh: Positions) -> Positions:
    rows = _stacked([kept, fresh])
    return rows.take(np.lexsort((rows.sleeve, rows.instrument, rows.account)))
