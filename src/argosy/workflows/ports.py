"""What workflows need from the outside world; adapters answer, only wiring knows which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.ledger.events import EventColumns, Int64

Clock = Callable[[], int]
"""Microseconds since 1970-01-01 UTC. The book makes ``known_at`` strictly increasing even when this steps back."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a read sees: all rows with ``seq <= seq``, i.e. all batches up to ``batch``."""

    seq: int
    batch: int
    known_at: int
    head: str  # hex of the chained root after that batch


@dataclass(frozen=True, slots=True)
class RawFile:
    """The file an import came from, kept with the batch."""

    name: str
    content: bytes
    reader: str  # name and version of the reader


@dataclass(frozen=True)
class BatchDraft:
    """All rows that become known together, in one transaction.

    ``events`` carry ``seq`` 0 and are numbered in the order given. ``anchor``, ``link`` and ``target`` may refer to
    rows of the same batch as negative numbers: ``-1`` is the first event, ``-2`` the second; ``anchor`` 0 =
    itself. ``keys`` (16 bytes each, unique in the book) and ``contents`` (16 bytes each) identify events for imports.
    """

    kind: str  # "import transactions", "market load", "mandate", "void", "close", ...
    source: str
    facts: Sequence[FactDraft] = ()
    events: EventColumns | None = None
    keys: Sequence[bytes] = ()
    contents: Sequence[bytes] = ()
    valuations: Mapping[str, Int64] | None = None
    file: RawFile | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """A batch as stored."""

    batch: int
    known_at: int
    kind: str
    source: str
    note: str
    first_seq: int
    last_seq: int
    events: int
    facts: int
    valuations: int
    file_sha256: str
    file_name: str
    reader: str
    head: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """Where an idempotency key already stands in the book."""

    seq: int
    batch: int
    line: int
    content: bytes


@dataclass(frozen=True)
class ChainReport:
    """What a walk over the hash chain found; ``problems`` name the first bad batch, block and row range."""

    batches: int
    rows: int
    head: str
    seq: int
    problems: tuple[str, ...] = field(default=())


VALUATION_COLUMNS: tuple[str, ...] = (
    "portfolio",
    "date",
    "currency",
    "nav",
    "positions",
    "cash",
    "receivable",
    "payable",
    "accrued",
    "flow",
    "flow_in_kind",
    "income",
    "fees",
    "taxes",
    "oldest_price_days",
    "mandate_seq",
    "market_seq",
    "book_seq",
    "fingerprint_hi",
    "fingerprint_lo",
)
"""Columns of a stored daily valuation, int64, amounts at the currency's money scale (seq and batch are added)."""


class Writer(Protocol):
    """The book with its writer lock held: what is read here cannot change before the append."""

    def watermark(self) -> Watermark:
        """How far the book reaches now."""
        ...

    def events(
        self, *, portfolios: Sequence[int] | None = None, instruments: Sequence[int] | None = None
    ) -> EventColumns:
        """Events now, in seq order, of these portfolios and instruments (None = all)."""
        ...

    def facts(self, *, kinds: Sequence[FactKind] | None = None) -> list[Fact]:
        """Facts now, in seq order."""
        ...

    def known_keys(self, keys: Iterable[bytes]) -> dict[bytes, KnownKey]:
        """Which of these idempotency keys the book already holds."""
        ...

    def next_id(self, kind: FactKind) -> int:
        """One past the largest subject id of that kind of fact."""
        ...

    def append(self, draft: BatchDraft) -> BatchInfo:
        """Add one batch; visible to others when the writer block ends well."""
        ...


class BookStore(Protocol):
    """The append-only book."""

    url: str

    def watermark(self, known_at: int | None = None) -> Watermark:
        """How far the book reached at ``known_at`` (microseconds; None = now)."""
        ...

    def events(
        self,
        *,
        watermark: Watermark | None = None,
        portfolios: Sequence[int] | None = None,
        instruments: Sequence[int] | None = None,
        after_seq: int = 0,
        columns: Sequence[str] | None = None,
    ) -> EventColumns:
        """Events visible at the watermark, in seq order; ``columns`` not asked for come back as zeros."""
        ...

    def facts(self, *, watermark: Watermark | None = None, kinds: Sequence[FactKind] | None = None) -> list[Fact]:
        """Facts visible at the watermark, in seq order."""
        ...

    def valuations(
        self, *, watermark: Watermark | None = None, portfolios: Sequence[int] | None = None
    ) -> dict[str, Int64]:
        """Stored valuation rows visible at the watermark, in seq order: seq, batch and VALUATION_COLUMNS."""
        ...

    def batches(self, *, watermark: Watermark | None = None) -> list[BatchInfo]:
        """Batches visible at the watermark, oldest first."""
        ...

    def raw_file(self, sha256: str) -> bytes:
        """The content of a file an import kept."""
        ...

    def writer(self) -> AbstractContextManager[Writer]:
        """Take the writer lock (bounded wait, then BookBusy); commit when the block ends well, roll back when not."""
        ...

    def load_snapshot(self, name: str) -> tuple[Watermark, bytes] | None:
        """Derived state kept under a name, with the watermark it was computed at."""
        ...

    def save_snapshot(self, name: str, watermark: Watermark, content: bytes) -> None:
        """Keep derived state; disposable, never part of the chain."""
        ...

    def verify_chain(self, progress: Callable[[int, int], None] | None = None) -> ChainReport:
        """Recompute every hash of the chain from the rows."""
        ...

    def head_at(self, seq: int) -> str | None:
        """Hex head after the batch that ends at ``seq``, or None if no batch ends there."""
        ...

    def backup(self, destination: str, progress: Callable[[int, int], None] | None = None) -> None:
        """Write a consistent copy of the book's rows."""
        ...

    def close(self) -> None:
        """Release every connection."""
        ...


class MarketFiles(Protocol):
    """Immutable market files beside the book."""

    def write(self, name_hint: str, columns: Mapping[str, Int64]) -> tuple[str, str, int]:
        """Write and fsync one Parquet file; give (name, SHA-256 hex, bytes). Invisible until its load event."""
        ...

    def read(self, name: str) -> dict[str, Int64]:
        """The columns of one file."""
        ...

    def sha256(self, name: str) -> str:
        """The hash of one file as it is on disk now."""
        ...

    def names(self) -> list[str]:
        """All files present."""
        ...

    def load_cache(self, key: str) -> dict[str, Int64] | None:
        """Memory-mapped arrays kept under a version key (disposable)."""
        ...

    def save_cache(self, key: str, arrays: Mapping[str, Int64]) -> None:
        """Keep arrays under a version key."""
        ...
