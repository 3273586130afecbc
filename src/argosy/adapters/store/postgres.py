"""PostgreSQL by psycopg: an advisory lock makes one writer, binary COPY carries bulk rows both ways."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg import errors
from sqlalchemy import Connection, Select, Table, create_engine, text
from sqlalchemy import event as listen
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from argosy.adapters.store import guard
from argosy.adapters.store.canonical import Rows
from argosy.adapters.store.pgcopy import BinaryReader, binary_rows
from argosy.adapters.store.tables import APPLICATION_ID
from argosy.base.errors import ArgosyError, BookBusy, BookError, InvalidInput, StorageFailure
from argosy.record.ledger.events import Int64

WAIT_SECONDS = 20.0

_alive: WeakSet[PostgresDatabase] = WeakSet()


class PostgresDatabase:
    """One schema of one PostgreSQL database, which holds one book."""

    dialect = "postgresql"
    market_folder = ""

    def __init__(self, url: str, *, wait: float = WAIT_SECONDS) -> None:
        try:
            address = make_url(url).set(drivername="postgresql+psycopg")
        except ArgumentError:
            raise InvalidInput(
                "not an address of a PostgreSQL book", field="url",
                next_step="write postgresql://user@host/database",
            ) from None  # fmt: skip
        self.url = address.set(drivername="postgresql").render_as_string(hide_password=True)
        self._wait = wait
        self._pid = os.getpid()
        self._turn = threading.RLock()
        self._write_turn = threading.Lock()
        self._reader: Connection | None = None
        self._writer: Connection | None = None
        self._closed = False
        self._opened: list[object] = []
        self._engine = create_engine(address, poolclass=NullPool)

        @listen.listens_for(self._engine, "connect")
        def prepare(connection: psycopg.Connection[Any], _: object) -> None:
            # What was acknowledged is on the server's disk, whatever the server's own default says.
            connection.execute("SET synchronous_commit = on")
            connection.execute("SET timezone = 'UTC'")
            connection.commit()
            self._opened.append(connection)

        _alive.add(self)

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise BookError(
                "this book was opened before the process forked", place=self.url,
                next_step="open it again in the new process",
            )  # fmt: skip
        if self._closed:
            raise BookError("this book has been closed", place=self.url, next_step="open it again")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the reading connection inside one read-only transaction that sees one state of the book."""
        self._check_process()
        with self._turn, self._in_words():
            if self._reader is None:
                connected = self._engine.connect()
                self._reader = connected.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            try:
                with self._reader.begin():
                    yield self._reader
            except (DBAPIError, psycopg.Error):
                self._drop(self._reader)
                self._reader = None
                raise

    @contextmanager
    def writing(self, *, wait: float | None = None) -> Iterator[Connection]:
        """Give the writing connection with the advisory lock held; commit at the end."""
        self._check_process()
        patience = self._wait if wait is None else wait
        if not self._write_turn.acquire(timeout=patience):
            raise BookBusy("another thread is writing", place=self.url, next_step="try again when it is done")
        try:
            with self._in_words():
                if self._writer is None:
                    self._writer = self._engine.connect()
                try:
                    with self._writer.begin():
                        # READ COMMITTED: what is read after the lock is granted holds all that was committed before.
                        self._writer.execute(text(f"SET LOCAL lock_timeout = {max(int(patience * 1000), 1)}"))
                        self._writer.execute(
                            text(f"SELECT pg_advisory_xact_lock({APPLICATION_ID}, hashtext(current_schema()))")
                        )
                        yield self._writer
                except (DBAPIError, psycopg.Error):
                    self._drop(self._writer)
                    self._writer = None
                    raise
        finally:
            self._write_turn.release()

    def _drop(self, connection: Connection | None) -> None:
        if connection is not None:
            with suppress(Exception):
                raw = self._raw(connection)
                connection.invalidate()
                connection.close()
                raw.close()
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
        except psycopg.Error as error:
            raise self._explain(error) from error

    def _explain(self, error: BaseException) -> BookError | InvalidInput:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if isinstance(error, errors.LockNotAvailable | errors.DeadlockDetected):
            return BookBusy("another process is writing", place=self.url, next_step="try again when it is done")
        if isinstance(error, errors.UniqueViolation):
            return InvalidInput(f"already in the book ({said}); nothing was written", place=self.url)
        if isinstance(error, errors.DiskFull | errors.IoError | errors.ReadOnlySqlTransaction | errors.OutOfMemory):
            return StorageFailure(
                f"the server's disk refused: {said}; nothing was acknowledged", place=self.url, found=said,
                next_step="check the server, then run the command again",
            )  # fmt: skip
        if isinstance(error, psycopg.OperationalError) and getattr(error, "sqlstate", None) is None:
            return StorageFailure(
                f"the server cannot be reached: {said}", place=self.url, found=said,
                next_step="check that it runs and the address is right, then run the command again",
            )  # fmt: skip
        return BookError(f"PostgreSQL refused: {said}", place=self.url)

    def read_int64(self, connection: Connection, statement: Select[Any], names: Sequence[str]) -> dict[str, Int64]:
        """Fetch int64 columns by binary COPY: the rows arrive with fixed width and are sliced by numpy."""
        compiled = statement.compile(self._engine, compile_kwargs={"render_postcompile": True})
        reader = BinaryReader(names)
        with (
            self._raw(connection).cursor() as cursor,
            cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT BINARY)", compiled.params) as copy,
        ):
            for piece in copy:
                reader.feed(piece)
        return reader.columns()

    def read_variable(self, connection: Connection, statement: Select[Any]) -> list[tuple[Any, ...]]:
        """Fetch rows of any type as plain tuples."""
        compiled = statement.compile(self._engine, compile_kwargs={"render_postcompile": True})
        with self._raw(connection).cursor(binary=True) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(str(compiled), compiled.params).fetchall()
        return rows

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert by binary COPY, leaving out variable columns that hold nothing."""
        others = [name for name, items in rows.variable.items() if any(item is not None for item in items)]
        names = ", ".join([*rows.integers, *others])
        with (
            self._raw(connection).cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            for piece in binary_rows(rows.integers, [rows.variable[name] for name in others]):
                copy.write(piece)

    def problems(self, connection: Connection) -> list[str]:
        """PostgreSQL checks its pages when the cluster has checksums; nothing more is asked here."""
        return []

    def refuse_filled(self, connection: Connection) -> None:
        """Refuse to make a book in a schema that holds one of a book's tables."""
        if self.tables(connection):
            raise BookError("there is a book already", place=self.url, next_step="open it, or choose another database")

    def tables(self, connection: Connection) -> set[str]:
        """Tables in the schema."""
        found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
        return set(found.scalars())

    def discard(self) -> None:
        """Close; the transaction that began the book has rolled back and left nothing."""
        self.close()

    def close(self) -> None:
        """Close both connections."""
        if self._pid != os.getpid() or self._closed:
            return
        with self._turn, self._write_turn:
            self._closed = True
            for connection in (self._reader, self._writer):
                if connection is not None:
                    with suppress(DBAPIError, psycopg.Error):
                        connection.close()
            self._opened.clear()


def _leave_alone_after_fork() -> None:
    for database in list(_alive):
        guard.keep_open(list(database._opened))


os.register_at_fork(after_in_child=_leave_alone_after_fork)
