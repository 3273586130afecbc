"""The book as workflows see it: reads at a watermark, one writer, snapshots, the chain."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import delete, insert, select

from argosy.adapters.store import canonical
from argosy.adapters.store.database import Database
from argosy.adapters.store.rows import read_batches, read_events, read_facts, read_valuations, read_watermark
from argosy.adapters.store.tables import batch, book_info, raw_file, snapshot
from argosy.adapters.store.writing import BookWriter
from argosy.base.errors import BookBusy, BookError, TamperedBook
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import EventColumns, Int64
from argosy.workflows.ports import BatchInfo, ChainReport, Clock, Watermark, Writer

SNAPSHOT_PATIENCE = 0.2  # seconds; a snapshot can be made again, so nobody waits long to save one


class StoredBook:
    """A book in a database; implements :class:`argosy.workflows.ports.BookStore`.

    ``market_folder`` is where its market files lie: the book's location, else the folder beside a SQLite book.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self.url = database.url
        self._database = database
        self._clock = clock
        with database.reading() as connection:
            info = connection.execute(select(book_info)).one()
        self.name: str = info.book
        self.created: int = info.created
        self.market_location: str = info.market_location
        self.market_folder = info.market_location or database.market_folder
        self._start = canonical.genesis(info.book, info.created)

    def watermark(self, known_at: int | None = None) -> Watermark:
        """How far the book reached at ``known_at`` (microseconds; None = now)."""
        with self._database.reading() as connection:
            return read_watermark(connection, self._start, known_at)

    def events(
        self,
        *,
        watermark: Watermark | None = None,
        portfolios: Sequence[int] | None = None,
        instruments: Sequence[int] | None = None,
        after_seq: int = 0,
        columns: Sequence[str] | None = None,
    ) -> EventColumns:
        """Events visible at the watermark, in seq order; with ``columns`` only those (and seq), without payloads."""
        with self._database.reading() as connection:
            mark = watermark or read_watermark(connection, self._start, None)
            return read_events(
                self._database, connection, last_seq=mark.seq, after_seq=after_seq, portfolios=portfolios,
                instruments=instruments, columns=columns,
            )  # fmt: skip

    def facts(self, *, watermark: Watermark | None = None, kinds: Sequence[FactKind] | None = None) -> list[Fact]:
        """Facts visible at the watermark, in seq order."""
        with self._database.reading() as connection:
            mark = watermark or read_watermark(connection, self._start, None)
            return read_facts(connection, last_seq=mark.seq, kinds=kinds)

    def valuations(
        self, *, watermark: Watermark | None = None, portfolios: Sequence[int] | None = None
    ) -> dict[str, Int64]:
        """Stored valuation rows visible at the watermark, in seq order."""
        with self._database.reading() as connection:
            mark = watermark or read_watermark(connection, self._start, None)
            return read_valuations(self._database, connection, last_seq=mark.seq, portfolios=portfolios)

    def batches(self, *, watermark: Watermark | None = None) -> list[BatchInfo]:
        """Batches visible at the watermark, oldest first."""
        with self._database.reading() as connection:
            mark = watermark or read_watermark(connection, self._start, None)
            return read_batches(connection, last_seq=mark.seq)

    def raw_file(self, sha256: str) -> bytes:
        """Content of an imported file by its SHA-256; checked."""
        with self._database.reading() as connection:
            stored = connection.scalar(select(raw_file.c.content).where(raw_file.c.sha256 == sha256))
        if stored is None:
            raise BookError(f"no imported file has the SHA-256 {sha256}", place=self.url)
        try:
            content = zlib.decompress(stored)
        except zlib.error:
            content = b""
        if hashlib.sha256(content).hexdigest() != sha256:
            raise TamperedBook("a stored file does not have its SHA-256", place=self.url, expected=sha256)
        return content

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Take the writer lock; commit when the block ends well, roll back when not."""
        with self._database.writing() as connection:
            yield BookWriter(self._database, connection, clock=self._clock, start=self._start)

    def load_snapshot(self, name: str) -> tuple[Watermark, bytes] | None:
        """A derived value kept under a name, or None; a damaged one, or one of another history, counts as none."""
        with self._database.reading() as connection:
            row = connection.execute(select(snapshot).where(snapshot.c.name == name)).first()
            if row is None or hashlib.sha256(row.content).hexdigest() != row.sha256:
                return None
            mark = Watermark(row.seq, row.batch, row.known_at, row.head)
            if mark.batch == 0:
                return (mark, bytes(row.content)) if mark.head == self._start else None
            own = connection.scalar(select(batch.c.head).where(batch.c.batch == mark.batch))
        return (mark, bytes(row.content)) if own == mark.head else None

    def save_snapshot(self, name: str, watermark: Watermark, content: bytes) -> None:
        """Keep a derived value, unless a newer one is there already or somebody else is writing."""
        with suppress(BookBusy), self._database.writing(wait=SNAPSHOT_PATIENCE) as connection:
            kept = connection.scalar(select(snapshot.c.seq).where(snapshot.c.name == name))
            if kept is not None and kept > watermark.seq:
                return
            connection.execute(delete(snapshot).where(snapshot.c.name == name))
            connection.execute(
                insert(snapshot).values(
                    name=name,
                    seq=watermark.seq,
                    batch=watermark.batch,
                    known_at=watermark.known_at,
                    head=watermark.head,
                    sha256=hashlib.sha256(content).hexdigest(),
                    content=content,
                )
            )

    def verify_chain(self, progress: Callable[[int, int], None] | None = None) -> ChainReport:
        """Walk the hash chain; problems name the first bad batch, block and rows."""
        from argosy.adapters.store.verifying import verify

        return verify(self._database, self._start, progress)

    def head_at(self, seq: int) -> str | None:
        """Hex head after the batch that ends at ``seq``, or None if no batch ends there."""
        if seq == 0:
            return self._start
        with self._database.reading() as connection:
            found = connection.scalar(select(batch.c.head).where(batch.c.last_seq == seq))
        return None if found is None else str(found)

    def backup(self, destination: str, progress: Callable[[int, int], None] | None = None) -> None:
        """Write everything the book is made of into one archive, market files included."""
        from argosy.adapters.store.archive import write_backup

        write_backup(
            self._database, book=self.name, created=self.created, start=self._start,
            market_folder=self.market_folder, destination=destination, progress=progress,
        )  # fmt: skip

    def close(self) -> None:
        """Let the database go."""
        self._database.close()
