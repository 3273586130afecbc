"""Many series of quotes in columns: each series in date order, one value per date, found by bisection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from argosy.record.ledger.events import Int64
from argosy.record.market.points import Flags

KEY_FIELDS = ("owner", "basis", "source", "start")
ROW_FIELDS = ("date", "mantissa", "exponent", "load", "line")


_HALF = 1 << 31


@dataclass(frozen=True)
class Series:
    """The values of one owner in one basis, best source per date. ``source`` is a code per row."""

    basis: int
    date: Int64
    mantissa: Int64
    exponent: Int64
    load: Int64
    line: Int64
    source: Int64

    def at(self, days: Int64) -> Int64:
        """Row of the last value on or before each day; -1 before the first."""
        return np.asarray(np.searchsorted(self.date, days, side="right") - 1, np.int64)


@dataclass(frozen=True)
class SeriesTable:
    """Series sorted by (owner, basis, source); rows ``start[i]`` to ``start[i + 1]`` belong to series ``i``.

    ``owner`` is an instrument id, the place of a currency pair, or a benchmark id. Rows carry the load that brought
    them and the line in its file.
    """

    owner: Int64
    basis: Int64
    source: Int64
    start: Int64
    date: Int64
    mantissa: Int64
    exponent: Int64
    load: Int64
    line: Int64
    _chosen: dict[tuple[int, str, tuple[int, ...]], Series | None] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.date)

    @classmethod
    def empty(cls) -> SeriesTable:
        """No series."""
        none = np.zeros(0, np.int64)
        return cls(none, none, none, np.zeros(1, np.int64), none, none, none, none, none)

    @classmethod
    def build(cls, rows: Mapping[str, Int64]) -> SeriesTable:
        """Sort rows into series; of rows with the same owner, basis, source and date the later one rules.

        ``rows`` has owner, basis, source and :data:`ROW_FIELDS`, ordered by load. Rows that are sorted already, in
        one run or several, cost no sorting.
        """
        length = len(rows["date"])
        if not length:
            return cls.empty()
        series = (rows["owner"] * (1 + int(rows["basis"].max())) + rows["basis"]) * (
            1 + int(rows["source"].max())
        ) + rows["source"]
        date = rows["date"]
        if int(series.min()) >= 0 and int(series.max()) < _HALF and _fits(date):
            key = (series << 32) + (date + _HALF)
            order = np.argsort(key, kind="stable")
            key = key[order]
            new_series = np.diff(key >> 32, prepend=-1) != 0
            last_of_key = np.append(np.diff(key) != 0, True)
        else:
            order = np.lexsort((date, series))
            new_series = np.append(True, np.diff(series[order]) != 0)
            last_of_key = np.append(new_series[1:] | (np.diff(date[order]) != 0), True)
        first = np.flatnonzero(new_series)
        kept = np.flatnonzero(last_of_key)
        start = np.append(np.searchsorted(kept, first), len(kept)).astype(np.int64)
        heads, order = order[first], order[kept]
        return cls(
            rows["owner"][heads], rows["basis"][heads], rows["source"][heads], start,
            *(np.ascontiguousarray(rows[name][order], np.int64) for name in ROW_FIELDS),
        )  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Int64], prefix: str) -> SeriesTable:
        """Take back what :meth:`arrays` gave."""
        return cls(*(arrays[f"{prefix}.{name}"] for name in (*KEY_FIELDS, *ROW_FIELDS)))

    def arrays(self, prefix: str) -> dict[str, Int64]:
        """The columns under names for a cache."""
        return {f"{prefix}.{name}": getattr(self, name) for name in (*KEY_FIELDS, *ROW_FIELDS)}

    def rows(self) -> dict[str, Int64]:
        """All rows with owner, basis and source repeated, as :meth:`build` takes them."""
        counts = np.diff(self.start)
        keys = {name: np.repeat(getattr(self, name), counts) for name in ("owner", "basis", "source")}
        return keys | {name: getattr(self, name) for name in ROW_FIELDS}

    def owners(self) -> list[int]:
        """Ids that have at least one value."""
        return [int(owner) for owner in np.unique(self.owner)]

    def range_of(self, owner: int) -> tuple[int, int]:
        """Positions of an owner's series, as a half-open range."""
        low, high = np.searchsorted(self.owner, [owner, owner + 1])
        return int(low), int(high)

    def find(self, owner: int, basis: int, source: int) -> tuple[int, int]:
        """Row range of one series, empty when there is none."""
        low, high = self.range_of(owner)
        for place in range(low, high):
            if self.basis[place] == basis and self.source[place] == source:
                return int(self.start[place]), int(self.start[place + 1])
        return 0, 0

    def choose(self, owner: int, *, basis: int | None, ranks: Sequence[int]) -> Series | None:
        """The values of an owner in one basis (None = the best it has), on each date from the best source.

        ``ranks`` are source codes, best first; sources not among them come after, the newest load first.
        """
        key = (owner, str(basis), tuple(ranks))
        if key not in self._chosen:
            self._chosen[key] = self._choose(owner, basis, ranks)
        return self._chosen[key]

    def _choose(self, owner: int, basis: int | None, ranks: Sequence[int]) -> Series | None:
        low, high = self.range_of(owner)
        places = list(range(low, high))
        if not places:
            return None
        wanted = int(self.basis[low]) if basis is None else basis
        places = [place for place in places if self.basis[place] == wanted]
        if not places:
            return None
        if len(places) == 1:
            place = places[0]
            part = slice(int(self.start[place]), int(self.start[place + 1]))
            codes = np.full(part.stop - part.start, self.source[place], np.int64)
            return self._series(wanted, part, codes)
        index = np.concatenate([np.arange(self.start[place], self.start[place + 1]) for place in places])
        counts = [int(self.start[place + 1] - self.start[place]) for place in places]
        codes = np.repeat(self.source[places], counts)
        order_of = {code: place for place, code in enumerate(ranks)}
        rank = np.repeat([order_of.get(int(self.source[place]), len(ranks)) for place in places], counts)
        date, load = self.date[index], self.load[index]
        order = np.lexsort((-load, rank, date))
        first = np.ones(len(order), np.bool_)
        first[1:] = np.diff(date[order]) != 0
        order = order[first]
        return self._series(wanted, index[order], codes[order])

    def _series(self, basis: int, rows: Int64 | slice, source: Int64) -> Series:
        return Series(
            basis, self.date[rows], self.mantissa[rows], self.exponent[rows], self.load[rows], self.line[rows], source
        )


def _fits(dates: Int64) -> bool:
    return int(dates.min()) >= -_HALF and int(dates.max()) < _HALF


def bisect_rows(dates: Int64, low: Int64, high: Int64, day: int) -> tuple[Int64, Flags]:
    """Row of the last date on or before ``day`` in each range ``low[i]`` to ``high[i]``, and where there is none."""
    left, right = low.astype(np.int64), high.astype(np.int64)
    longest = int((right - left).max()) if len(left) else 0
    last = max(len(dates) - 1, 0)
    for _ in range(longest.bit_length()):
        middle = (left + right) >> 1
        go_right = (left < right) & (dates[np.minimum(middle, last)] <= day) if len(dates) else left < right
        left = np.where(go_right, middle + 1, left)
        right = np.where(go_right, right, np.where(left < right, middle, right))
    found = left - 1
    return found, np.asarray(found < low)
