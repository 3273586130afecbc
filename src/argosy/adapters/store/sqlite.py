"""SQLite, strictly: one library, WAL, synchronous FULL, checkpoints under the writer lock, nothing across a fork."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice, starmap
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

import numpy as np
from pysqlite3 import _sqlite3 as library
from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, Select, Table, create_engine
from sqlalchemy import event as listen
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from argosy.adapters.store import guard
from argosy.adapters.store.canonical import Rows
from argosy.adapters.store.locking import exclusive
from argosy.adapters.store.tables import APPLICATION_ID
from argosy.base.errors import ArgosyError, BookBusy, BookError, InvalidInput, StorageFailure
from argosy.record.ledger.events import Int64

WAIT_SECONDS = 20.0
CACHE_KIB = 64 * 1024
BULK_ROWS = 20_000
CHECKPOINT_BYTES = 4 * 1024 * 1024
CHUNK = 16_384
PRAGMAS: tuple[str, ...] = (
    "synchronous=FULL",  # an acknowledged commit is on the disk
    "wal_autocheckpoint=0",  # only the writer moves the log into the book, see _checkpoint
    "mmap_size=0",
    f"cache_size=-{CACHE_KIB}",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "recursive_triggers=ON",
    "temp_store=MEMORY",
)

_STORAGE = ("disk i/o error", "disk is full", "readonly database", "unable to open", "permission denied")
_DAMAGE = ("malformed", "corrupt")

_alive: WeakSet[SqliteDatabase] = WeakSet()


def check_library() -> None:
    """Refuse to open or make any book with an old SQLite, or beside a second one."""
    guard.check_version(dbapi2.sqlite_version_info)
    guard.check_mapped(library.__file__)


class SqliteDatabase:
    """One SQLite file, opened by pysqlite3 and by nobody else in this process."""

    dialect = "sqlite"

    def __init__(self, url: str, path: str, *, wait: float = WAIT_SECONDS) -> None:
        check_library()
        self.url = url
        self.path = os.path.realpath(path)
        self.market_folder = os.path.splitext(self.path)[0] + ".market"
        self._wait = wait
        self._pid = os.getpid()
        self._turn = threading.RLock()  # readers of this process, one at a time
        self._write_turn = threading.Lock()
        self._reader: Connection | None = None
        self._writer: Connection | None = None
        self._opened: list[object] = []
        self._engine = self._make_engine()
        guard.check_handles(self.path)
        guard.watch(self.path)
        self._closed = False
        _alive.add(self)

    def _make_engine(self) -> Engine:
        engine = create_engine("sqlite://", module=dbapi2, creator=self._connect, poolclass=NullPool)

        @listen.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            write = connection.get_execution_options().get("argosy_write")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        return engine

    def _connect(self) -> Any:
        with guard.connecting():
            connection = dbapi2.connect(
                f"file:{quote(self.path)}?mode=rw", uri=True, isolation_level=None, timeout=self._wait,
                check_same_thread=False, cached_statements=256,
            )  # fmt: skip
        try:
            for pragma in PRAGMAS:
                connection.execute("PRAGMA " + pragma)
        except BaseException:
            connection.close()
            raise
        self._opened.append(connection)
        return connection

    def refuse_filled(self, connection: Connection) -> None:
        """Refuse to make a book where there is something; in a write transaction, also mark the file as a book."""
        mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
        filled = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar()
        if filled or mark not in (0, APPLICATION_ID):
            raise BookError("there is a file already", place=self.path, next_step="open it, or choose another name")
        if connection.get_execution_options().get("argosy_write"):
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")

    def keep_log(self) -> None:
        """Switch a new file to write-ahead logging, for good."""
        with exclusive(self.path, wait=self._wait), self._in_words():
            connection = self._connect()
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            connection.close()
            self._opened.remove(connection)
        if mode != "wal":
            raise StorageFailure("this folder does not allow write-ahead logging", place=self.path, found=mode)

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise BookError(
                "this book was opened before the process forked", place=self.path,
                next_step="open it again in the new process",
            )  # fmt: skip
        if self._closed:
            raise BookError("this book has been closed", place=self.path, next_step="open it again")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the reading connection inside one read transaction."""
        self._check_process()
        with self._turn, self._in_words(), self._in_words_of_damage():
            if self._reader is None:
                self._reader = self._engine.connect()
            with self._reader.begin():
                yield self._reader

    @contextmanager
    def writing(self, *, wait: float | None = None) -> Iterator[Connection]:
        """Give the writing connection with the lock held; commit at the end."""
        self._check_process()
        patience = self._wait if wait is None else wait
        if not self._write_turn.acquire(timeout=patience):
            raise BookBusy("another thread is writing", place=self.path, next_step="try again when it is done")
        try:
            with exclusive(self.path, wait=patience):
                guard.check_mapped(library.__file__)
                with self._in_words():
                    if self._writer is None:
                        with self._in_words_of_damage():
                            self._writer = self._engine.connect().execution_options(argosy_write=True)
                    try:
                        with self._writer.begin():
                            yield self._writer
                            guard.check_mapped(library.__file__)  # one that came meanwhile may have dropped our locks
                        self._checkpoint()
                    except (DBAPIError, dbapi2.Error):
                        self._drop_writer()  # after a failed write or sync the handle is never used again
                        raise
        finally:
            self._write_turn.release()

    def _checkpoint(self) -> None:
        # Autocheckpoint is off: the WAL is moved into the book only here, while nobody else can write.
        try:
            large = os.stat(self.path + "-wal").st_size >= CHECKPOINT_BYTES
        except OSError:
            return
        if large and self._writer is not None:
            raw = self._raw(self._writer)
            raw.execute("PRAGMA busy_timeout=50")
            try:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.execute(f"PRAGMA busy_timeout={int(self._wait * 1000)}")

    def _drop_writer(self) -> None:
        broken, self._writer = self._writer, None
        if broken is not None:
            raw = self._raw(broken)
            with suppress(Exception):
                broken.invalidate()
            with suppress(Exception):
                broken.close()
            with suppress(Exception):
                raw.close()
            if raw in self._opened:
                self._opened.remove(raw)

    @staticmethod
    def _raw(connection: Connection) -> Any:
        return connection.connection.driver_connection

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except ArgosyError:
            raise
        except DBAPIError as error:
            raise self._explain(error.orig or error) from error
        except dbapi2.Error as error:
            raise self._explain(error) from error

    @contextmanager
    def _in_words_of_damage(self) -> Iterator[None]:
        try:
            yield
        except (UnicodeDecodeError, SQLAlchemyError) as error:
            if isinstance(error, DBAPIError):
                raise
            # The library quotes damaged text in its messages; an index that lost its rows finds none or too many.
            raise self._explain(dbapi2.DatabaseError("malformed rows or text")) from error

    def _explain(self, error: BaseException) -> BookError | InvalidInput:
        said = str(error)
        low = said.lower()
        if "locked" in low or "busy" in low:
            return BookBusy(
                f"another process is writing ({said})", place=self.path, next_step="try again when it is done"
            )
        if "unique constraint" in low:
            return InvalidInput(f"already in the book ({said}); nothing was written", place=self.path)
        if any(word in low for word in _STORAGE):
            return StorageFailure(
                f"the disk refused: {said}; nothing was acknowledged", place=self.path, found=said,
                next_step="check space, permissions and the disk itself, then run the command again",
            )  # fmt: skip
        if "not a database" in low:
            return BookError(
                f"this is no book, or its head is damaged: {said}", place=self.path, found=said,
                next_step="check the name; if it was a book, restore a backup",
            )  # fmt: skip
        if any(word in low for word in _DAMAGE):
            return StorageFailure(  # SQLite says so of a read that the disk failed, too
                f"the file is damaged, or the disk cannot read it: {said}", place=self.path, found=said,
                next_step="run `argosy verify`; if it says the same, restore a backup",
            )  # fmt: skip
        return BookError(f"SQLite refused: {said}", place=self.path)

    def read_int64(self, connection: Connection, statement: Select[Any], names: Sequence[str]) -> dict[str, Int64]:
        """Fetch int64 columns in chunks, packed by struct: within a few percent of fetching the tuples alone."""
        cursor: Any = connection.execute(statement).cursor  # past SQLAlchemy's rows, which cost more than SQLite's
        pack = struct.Struct(f"<{len(names)}q").pack
        pieces: list[list[Int64]] = [[] for _ in names]
        try:
            while packed := b"".join(starmap(pack, islice(cursor, CHUNK))):
                chunk = np.frombuffer(packed, dtype="<i8").reshape(-1, len(names))
                for place, column in enumerate(pieces):
                    column.append(chunk[:, place].copy())
        except struct.error as error:
            raise self._explain(dbapi2.DatabaseError("malformed: a number is not a number")) from error
        found: dict[str, Int64] = {}
        for name, column in zip(names, pieces, strict=True):
            found[name] = np.concatenate(column) if column else np.zeros(0, np.int64)
            column.clear()  # so that the rows are in memory once, not twice
        return found

    def read_variable(self, connection: Connection, statement: Select[Any]) -> list[tuple[Any, ...]]:
        """Fetch rows of any type as plain tuples."""
        cursor: Any = connection.execute(statement).cursor
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert by executemany on the one connection, leaving out columns that hold nothing but their default 0."""
        raw = self._raw(connection)
        used = [name for name, values in rows.integers.items() if name == "seq" or values.any()]
        others = [name for name, items in rows.variable.items() if any(item is not None for item in items)]
        names = ", ".join(used + others)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * (len(used) + len(others)))})"
        with self._indexes_afterwards(connection, table, len(rows)):
            for start in range(0, len(rows), CHUNK):
                stop = start + CHUNK
                columns: list[Any] = [rows.integers[name][start:stop].tolist() for name in used]
                columns += [_cells(name, rows.variable[name][start:stop]) for name in others]
                raw.executemany(statement, zip(*columns, strict=True))

    @contextmanager
    def _indexes_afterwards(self, connection: Connection, table: Table, count: int) -> Iterator[None]:
        # Sorting all keys once is cheaper than finding a place for each, as soon as the new rows outnumber the old.
        present = (
            connection.exec_driver_sql(f"SELECT count(*) FROM {table.name}").scalar() if count >= BULK_ROWS else count
        )
        if count < BULK_ROWS or int(present or 0) > count:
            yield
            return
        for index in table.indexes:
            index.drop(connection)
        yield
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            index.create(connection)

    def problems(self, connection: Connection) -> list[str]:
        """SQLite's own view of its pages and indexes."""
        found = self._raw(connection).execute("PRAGMA integrity_check(10)").fetchall()
        return [str(row[0]) for row in found if row[0] != "ok"]

    def discard(self) -> None:
        """Close; remove the file if it holds nothing."""
        with suppress(ArgosyError):
            with self.reading() as connection:
                filled = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar()
            self.close()
            if not filled:
                for suffix in (*guard.SUFFIXES, "-lock", "-turn"):
                    with suppress(OSError):
                        os.unlink(self.path + suffix)
        self.close()

    def close(self) -> None:
        """Close both connections; the last one to leave a book checkpoints it under SQLite's exclusive lock."""
        if self._pid != os.getpid() or self._closed:
            return
        with self._turn, self._write_turn:
            self._closed = True
            for connection in (self._reader, self._writer):
                if connection is not None:
                    with suppress(DBAPIError, dbapi2.Error):
                        connection.close()
            self._opened.clear()
            guard.unwatch(self.path)


def _cells(name: str, items: Sequence[bytes | None]) -> Sequence[bytes | str | None]:
    return [None if item is None else item.decode() for item in items] if name == "payload" else items


def _leave_alone_after_fork() -> None:
    for database in list(_alive):
        guard.keep_open(list(database._opened))


os.register_at_fork(after_in_child=_leave_alone_after_fork)
