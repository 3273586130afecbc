"""Facts: everything the book knows that is not a ledger event.

Portfolios, accounts, instruments, aliases, mandates, market loads, calendars, groups, voids of whole batches: each is
one append-only row (kind, subject, effective date, payload). Nothing is updated; the newest known fact for a subject
rules from its effective date on. The payload is canonical JSON with strings, integers, booleans, lists and objects;
no floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class FactKind(IntEnum):
    """What a fact tells. The number is stored and never reused."""

    PORTFOLIO = 1
    ACCOUNT = 2
    SLEEVE = 3
    GROUP = 4
    PARTY = 5
    INSTRUMENT = 6
    ALIAS = 7
    CURRENCY = 8
    CALENDAR = 9
    BENCHMARK = 10
    MANDATE = 11
    MARKET_LOAD = 12
    MERGE = 13
    BATCH_VOID = 14
    CLOSE = 15
    SOURCE_PRECEDENCE = 16
    BENCHMARK_SEGMENTS = 17
    CLASSIFICATION = 18
    ATTRIBUTION = 19
    PROPOSAL = 20
    DECISION = 21
    OFFSET = 22
    SERIES = 23
    STRATEGY = 24
    TRIAL = 25
    RISK = 26
    BREACH = 27
    WAIVER = 28
    POLICY = 29


KEPT = (FactKind.ATTRIBUTION, FactKind.RISK)
"""Facts that name a file a close stored."""
FILED = (FactKind.MARKET_LOAD, *KEPT)
"""Facts that name any file beside the book."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as stored: ``subject`` is the id it is about (0 = the book), ``effective`` an epoch day."""

    seq: int
    batch: int
    kind: FactKind
    subject: int
    effective: int
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A fact to be appended; ``seq`` and ``batch`` are given by the writer."""

    kind: FactKind
    subject: int
    effective: int
    payload: Mapping[str, object]
