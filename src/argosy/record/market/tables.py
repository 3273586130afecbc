"""Loaded market files folded into sorted series: what a snapshot reads and a cache keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.errors import BookError
from argosy.record.ledger.events import Int64
from argosy.record.market.points import BASES
from argosy.record.market.series import SeriesTable
from argosy.record.reference_terms import MarketLoad

Columns = Mapping[str, Int64]
Loaded = tuple[MarketLoad, Columns]

FORMAT = 1
"""Version of what :meth:`MarketTables.arrays` gives; caches of another version are not read."""

VALUES = ("date", "mantissa", "exponent", "line")
FILE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "prices": ("instrument", *VALUES),
    "fx": ("base", "quote", *VALUES),
    "benchmark": VALUES,
}
"""Columns of a market file, all int64: ids, currency codes, epoch days, the value as received, its source line."""


@dataclass(frozen=True)
class MarketTables:
    """All visible loads, sorted. ``sources`` are names by code, in order of first load."""

    prices: SeriesTable
    fx: SeriesTable
    pairs: Int64  # (P, 2) base and quote as currency codes; the place is the owner in ``fx``
    benchmarks: SeriesTable
    sources: tuple[str, ...]

    @classmethod
    def empty(cls) -> MarketTables:
        """Nothing loaded."""
        none = SeriesTable.empty()
        return cls(none, none, np.zeros((0, 2), np.int64), none, ())

    def extended(self, loads: Sequence[Loaded], canonical: Mapping[int, int] | None = None) -> MarketTables:
        """These tables and further loads, which must be later ones, in order.

        ``canonical`` renames merged instruments. Raises :class:`BookError` for a file without the expected columns.
        """
        codes = {name: place for place, name in enumerate(self.sources)}
        for load, columns in loads:
            codes.setdefault(load.source, len(codes))
            _check(load, columns)
        prices = _joined(
            self.prices, "prices", loads, codes, lambda load, c: _renamed(c["instrument"], canonical or {})
        )
        pairs = {(int(base), int(quote)): place for place, (base, quote) in enumerate(self.pairs)}
        fx = _joined(self.fx, "fx", loads, codes, lambda load, c: pair_owners(c["base"], c["quote"], pairs))
        benchmarks = _joined(
            self.benchmarks, "benchmark", loads, codes, lambda load, c: np.full(len(c["date"]), load.subject, np.int64)
        )
        listed = np.array(list(pairs), np.int64).reshape(-1, 2)
        return MarketTables(prices, fx, listed, benchmarks, tuple(codes))

    def arrays(self) -> dict[str, Int64]:
        """Everything but the names of the sources, for a cache."""
        return {
            "pairs": self.pairs.reshape(-1),
            **self.prices.arrays("prices"),
            **self.fx.arrays("fx"),
            **self.benchmarks.arrays("benchmarks"),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Int64], sources: Iterable[str]) -> MarketTables:
        """Take back what :meth:`arrays` gave."""
        return cls(
            SeriesTable.from_arrays(arrays, "prices"),
            SeriesTable.from_arrays(arrays, "fx"),
            arrays["pairs"].reshape(-1, 2),
            SeriesTable.from_arrays(arrays, "benchmarks"),
            tuple(sources),
        )


def sources_of(loads: Iterable[MarketLoad]) -> tuple[str, ...]:
    """Sources in order of first load: the code of a source is its place."""
    return tuple(dict.fromkeys(load.source for load in loads))


def pair_owners(base: Int64, quote: Int64, pairs: dict[tuple[int, int], int]) -> Int64:
    """The place of each row's pair; new pairs are added to ``pairs``."""
    bases, base_place = np.unique(base, return_inverse=True)
    quotes, quote_place = np.unique(quote, return_inverse=True)
    both, inverse = np.unique(base_place * len(quotes) + quote_place, return_inverse=True)
    places = [
        pairs.setdefault((int(bases[each // len(quotes)]), int(quotes[each % len(quotes)])), len(pairs))
        for each in both.tolist()
    ]
    return np.array(places, np.int64)[inverse]


def _joined(
    table: SeriesTable,
    data: str,
    loads: Sequence[Loaded],
    codes: Mapping[str, int],
    owner: Callable[[MarketLoad, Columns], Int64],
) -> SeriesTable:
    """A table with the rows of those loads that hold one kind of data."""
    found = [(load, columns) for load, columns in loads if load.data == data and len(columns["date"])]
    if not found:
        return table
    parts: list[dict[str, Int64]] = [table.rows()] if len(table) else []
    for load, columns in found:
        length = len(columns["date"])
        basis = BASES.index(load.basis) if load.basis in BASES else 0
        parts.append({
            "owner": owner(load, columns),
            "basis": np.full(length, basis, np.int64),
            "source": np.full(length, codes[load.source], np.int64),
            "load": np.full(length, load.seq, np.int64),
            **{name: columns[name] for name in VALUES},
        })  # fmt: skip
    return SeriesTable.build({name: np.concatenate([part[name] for part in parts]) for name in parts[-1]})


def _renamed(instrument: Int64, canonical: Mapping[int, int]) -> Int64:
    for old, new in canonical.items():
        instrument = np.where(instrument == old, new, instrument)
    return instrument


def _check(load: MarketLoad, columns: Columns) -> None:
    wanted = FILE_COLUMNS.get(load.data)
    if wanted is None or not set(wanted) <= set(columns) or len({len(columns[name]) for name in wanted}) > 1:
        raise BookError(
            f"market file {load.file} is not one of {load.data} as this version reads them",
            field="market",
            next_step="open the book with the version of Argosy that wrote it",
        )
