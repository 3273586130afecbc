"""Small markets for tests, built as loads are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.base.money import currency_code, parse_quote
from argosy.record.market.rates import RateBook
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.market.tables import Loaded, MarketTables
from argosy.record.reference_terms import MarketLoad


def prices(seq: int, rows: Sequence[tuple[int, int, str]], *, source: str = "A", basis: str = "traded") -> Loaded:
    """A load of (instrument, day, price)."""
    quotes = [parse_quote(text) for _, _, text in rows]
    columns = {
        "instrument": np.array([each[0] for each in rows], np.int64),
        "date": np.array([each[1] for each in rows], np.int64),
        "mantissa": np.array([each.mantissa for each in quotes], np.int64),
        "exponent": np.array([each.exponent for each in quotes], np.int64),
        "line": np.arange(2, 2 + len(rows)),
    }
    return load(seq, "prices", source, basis), columns


def rates(seq: int, rows: Sequence[tuple[str, str, int, str]], *, source: str = "A") -> Loaded:
    """A load of (base, quote, day, rate)."""
    quotes = [parse_quote(text) for *_, text in rows]
    columns = {
        "base": np.array([currency_code(each[0]) for each in rows], np.int64),
        "quote": np.array([currency_code(each[1]) for each in rows], np.int64),
        "date": np.array([each[2] for each in rows], np.int64),
        "mantissa": np.array([each.mantissa for each in quotes], np.int64),
        "exponent": np.array([each.exponent for each in quotes], np.int64),
        "line": np.arange(2, 2 + len(rows)),
    }
    return load(seq, "fx", source, ""), columns


def values(seq: int, subject: int, rows: Sequence[tuple[int, str]], *, source: str = "A") -> Loaded:
    """A load of a benchmark's (day, value)."""
    quotes = [parse_quote(text) for _, text in rows]
    columns = {
        "date": np.array([each[0] for each in rows], np.int64),
        "mantissa": np.array([each.mantissa for each in quotes], np.int64),
        "exponent": np.array([each.exponent for each in quotes], np.int64),
        "line": np.arange(2, 2 + len(rows)),
    }
    return load(seq, "benchmark", source, "", subject), columns


def load(seq: int, data: str, source: str, basis: str, subject: int = 0) -> MarketLoad:
    return MarketLoad(seq, seq, data, f"{data}-{seq}.parquet", "", 0, 0, source, basis, 0, 0, "test", subject)


def market(
    *loads: Loaded, price_order: Sequence[str] = (), fx_order: Sequence[str] = (), **more: object
) -> MarketSnapshot:
    """A snapshot of loads given in order."""
    tables = MarketTables.empty().extended(loads)
    ranks = tuple(tables.sources.index(each) for each in price_order)
    fx_ranks = tuple(tables.sources.index(each) for each in fx_order)
    return MarketSnapshot(
        max((each.seq for each, _ in loads), default=0), tables.prices,
        RateBook(tables.fx, tables.pairs, fx_ranks, tables.sources), tables.benchmarks, tables.sources, ranks, **more,
    )  # type: ignore[arg-type]  # fmt: skip
