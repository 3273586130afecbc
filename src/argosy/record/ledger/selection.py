"""Events in replay order without copying the columns nobody asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from argosy.record.ledger.events import EventColumns, Int64


class _Picked(Mapping[str, Int64]):
    """Columns picked by position, each when first asked for."""

    def __init__(self, columns: Mapping[str, Int64], index: Int64) -> None:
        self._columns = columns
        self._index = index
        self._made: dict[str, Int64] = {}

    def __getitem__(self, name: str) -> Int64:
        if name not in self._made:
            self._made[name] = self._columns[name][self._index]
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def select(events: EventColumns, index: Int64) -> EventColumns:
    """The events at these positions, in that order; the whole in its own order costs nothing.

    Examples
    --------
    >>> events = EventColumns.from_rows([{"seq": 1, "payload": {"note": "first"}}, {"seq": 2}])
    >>> picked = select(events, np.array([1, 0]))
    >>> picked["seq"].tolist(), picked.payload
    ([2, 1], {1: {'note': 'first'}})
    """
    count = len(events)
    if len(index) == count and (count == 0 or bool((index == np.arange(count)).all())):
        return events
    payload: dict[int, Mapping[str, object]] = {}
    if events.payload:
        place = np.full(count, -1, np.int64)
        place[index] = np.arange(len(index))
        old = np.fromiter(events.payload, np.int64, len(events.payload))
        payload = {
            new: rest for new, rest in zip(place[old].tolist(), events.payload.values(), strict=True) if new >= 0
        }
    return EventColumns(_Picked(events.columns, index), payload)
