"""Terms the book keeps beside portfolios and instruments: market loads, calendars, benchmarks, order of sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarketLoad:
    """One market file that became known: the row in the manifest. ``first`` and ``last`` are epoch days, inclusive."""

    seq: int
    batch: int
    data: str  # "prices", "fx", "benchmark"
    file: str
    sha256: str
    size: int  # bytes
    rows: int
    source: str
    basis: str  # "traded", "split_adjusted", "total_return"
    first: int
    last: int
    reader: str
    subject: int  # what the load is about, such as a benchmark's id; 0 = many


@dataclass(frozen=True, slots=True)
class CalendarTerms:
    """A calendar as stored: listed sessions, or a week mask (Monday first, "1111100") less holidays."""

    name: str
    sessions: tuple[int, ...]
    weekmask: str
    holidays: tuple[int, ...]
    source: str
    seq: int


@dataclass(frozen=True, slots=True)
class BenchmarkTerms:
    """What a benchmark is made of; levels and returns themselves are market data."""

    id: int
    code: str
    name: str
    kind: str  # "levels", "returns", "equal_weight", "weights"
    currency: str
    instruments: tuple[int, ...]
    weights: tuple[tuple[int, int], ...]  # (mantissa, exponent) per instrument, kind "weights" only
    rebalance: str  # "daily", "monthly", "quarterly", "yearly", "never"
    seq: int
