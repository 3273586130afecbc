"""Open the market at a watermark: which loads are visible, their files, the cache of what they amount to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from argosy.base.errors import TamperedBook
from argosy.record.facts import FactKind
from argosy.record.market.rates import RateBook
from argosy.record.market.sessions import calendars_of
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.market.tables import FORMAT, Loaded, MarketTables, sources_of
from argosy.record.reference_fold import Reference
from argosy.record.reference_terms import MarketLoad
from argosy.workflows.ports import BookStore, MarketFiles, Watermark

MARKET_FACTS = frozenset({
    FactKind.MARKET_LOAD, FactKind.BATCH_VOID, FactKind.SOURCE_PRECEDENCE, FactKind.MERGE, FactKind.CALENDAR,
    FactKind.BENCHMARK,
})  # fmt: skip
"""Facts that change what the market answers."""

LOOK_BACK = 40
"""How many loads before the last one a cache may lie to be built upon."""


def open_market(
    store: BookStore, files: MarketFiles, *, watermark: Watermark | None = None, reference: Reference | None = None
) -> MarketSnapshot:
    """The market as known at a watermark (None = now).

    ``reference`` saves folding the facts again; it must be of the same watermark. Raises :class:`TamperedBook` when a
    file is not the one its load named, :class:`StorageFailure` when it is gone.
    """
    if reference is None:
        reference = Reference.from_facts(store.facts(watermark=watermark))
    tables = load_tables(files, reference)
    ranks = {data: _ranks(tables.sources, names) for data, names in reference.source_precedence.items()}
    return MarketSnapshot(
        version=market_version(reference),
        prices=tables.prices,
        fx=RateBook(tables.fx, tables.pairs, ranks.get("fx", ()), tables.sources),
        benchmarks=tables.benchmarks,
        sources=tables.sources,
        ranks=ranks.get("prices", ()),
        names={each.id: each.code for each in reference.instruments.values()},
        currencies={each.id: each.currency for each in reference.instruments.values()},
        calendars=calendars_of(reference.facts),
        benchmark_terms=reference.benchmarks,
        canonical=reference.merged,
    )


def market_version(reference: Reference) -> int:
    """The ``seq`` of the last fact that changed what the market answers; 0 = nothing loaded yet."""
    return max((fact.seq for fact in reference.facts if fact.kind in MARKET_FACTS), default=0)


def load_tables(files: MarketFiles, reference: Reference) -> MarketTables:
    """All visible loads as sorted tables: from the cache, or from the nearest older cache and the files since."""
    loads = reference.market_loads
    if not loads:
        return MarketTables.empty()
    keys = _keys(loads, reference.merged)
    tables, begin = MarketTables.empty(), 0
    for count in range(len(loads), max(len(loads) - LOOK_BACK, 0), -1):
        arrays = files.load_cache(keys[count - 1])
        if arrays is not None:
            tables, begin = MarketTables.from_arrays(arrays, sources_of(loads[:count])), count
            break
    if begin < len(loads):
        tables = tables.extended([read_load(files, load) for load in loads[begin:]], reference.merged)
        files.save_cache(keys[-1], tables.arrays())
    return tables


def read_load(files: MarketFiles, load: MarketLoad) -> Loaded:
    """The columns of a load's file, if it is still the file that was loaded."""
    found = files.sha256(load.file)
    if found != load.sha256:
        raise TamperedBook(
            f"market file {load.file} has SHA-256 {found[:16]}..., the book says {load.sha256[:16]}...",
            field="market",
            next_step="bring the file back from a backup, or void its load and import the source again",
        )
    return load, files.read(load.file)


def _keys(loads: Sequence[MarketLoad], merged: object) -> list[str]:
    """A name per number of loads taken, that changes when any of them, their order or a merge changes."""
    digest = hashlib.sha256(f"market {FORMAT} {merged!r}".encode())
    keys = []
    for load in loads:
        digest.update(f"\n{load.seq} {load.data} {load.subject} {load.basis} {load.source!r} {load.sha256}".encode())
        keys.append(digest.hexdigest())
    return keys


def _ranks(sources: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(sources.index(name) for name in names if name in sources)
