"""Events in replay order without copying the columns nobody asks for, and payloads found without reading them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from argosy.record.ledger.events import EventColumns, Int64


class Searchable(Protocol):
    """Payloads that can tell which rows mention a name without decoding every row: what large stores hand in."""

    def positions_with(self, *names: str) -> list[int]:
        """Positions of rows whose payload has, or may have, one of these names."""
        ...


def positions_with(payload: Mapping[int, Mapping[str, object]], *names: str) -> list[int]:
    """Positions of rows whose payload has one of these names.

    Examples
    --------
    >>> positions_with({0: {"ref": "a"}, 4: {"ref": "b", "lots": []}}, "lots")
    [4]
    """
    search = getattr(payload, "positions_with", None)
    candidates: list[int] = list(payload) if search is None else search(*names)
    found = []
    for position in candidates:
        rest = payload[position]
        if any(name in rest for name in names):
            found.append(position)
    return found


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


class _Moved(Mapping[int, Mapping[str, object]]):
    """Payloads under the new positions of their rows, read when asked for."""

    def __init__(self, payload: Mapping[int, Mapping[str, object]], index: Int64, count: int) -> None:
        self._payload = payload
        self._index = index
        self._place = np.full(count, -1, np.int64)
        self._place[index] = np.arange(len(index))

    def __getitem__(self, position: int) -> Mapping[str, object]:
        if not 0 <= position < len(self._index):
            raise KeyError(position)
        return self._payload[int(self._index[position])]

    def _new(self, positions: Int64) -> list[int]:
        places = self._place[positions]
        kept: list[int] = np.sort(places[places >= 0]).tolist()
        return kept

    def __iter__(self) -> Iterator[int]:
        return iter(self._new(np.fromiter(self._payload, np.int64, len(self._payload))))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def positions_with(self, *names: str) -> list[int]:
        return self._new(np.array(positions_with(self._payload, *names), np.int64))


def select(events: EventColumns, index: Int64) -> EventColumns:
    """The events at these positions, in that order; the whole in its own order costs nothing.

    Examples
    --------
    >>> events = EventColumns.from_rows([{"seq": 1, "payload": {"note": "first"}}, {"seq": 2}])
    >>> picked = select(events, np.array([1, 0]))
    >>> picked["seq"].tolist(), dict(picked.payload)
    ([2, 1], {1: {'note': 'first'}})
    """
    count = len(events)
    if len(index) == count and (count == 0 or bool((index == np.arange(count)).all())):
        return events
    payload = _Moved(events.payload, index, count) if len(events.payload) else {}
    return EventColumns(_Picked(events.columns, index), payload)
