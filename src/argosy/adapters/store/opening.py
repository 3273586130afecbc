"""Addresses of books, and the ways in: make one, open one."""

from __future__ import annotations

import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, text

from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.canonical import genesis
from argosy.adapters.store.database import Database
from argosy.adapters.store.migrating import check_revision, migrate, schema_revision
from argosy.adapters.store.tables import APPLICATION_ID, book_info
from argosy.base.errors import BookError, InvalidInput, MissingExtra, StorageFailure, TamperedBook, unknown
from argosy.workflows.ports import Clock

if TYPE_CHECKING:
    from argosy.adapters.store.postgres import PostgresDatabase

SQLITE = "sqlite:///"


def sqlite_path(url: str) -> str | None:
    """File of a SQLite address, or None for another kind of address.

    Examples
    --------
    >>> sqlite_path("sqlite:///book.db"), sqlite_path("postgresql://host/book")
    ('book.db', None)
    """
    if not url.startswith("sqlite:"):
        return None
    path = url.removeprefix(SQLITE)
    if path == url or path in ("", ":memory:") or "\0" in path:
        raise InvalidInput(
            f"not an address of a SQLite book: {url!r}", field="url", found=url,
            next_step="write sqlite:///book.db, or sqlite:////folder/book.db for a path from the root",
        )  # fmt: skip
    return path


def create_book(url: str, *, clock: Clock, market_location: str = "") -> StoredBook:
    """Make an empty book; refuses an address where something is already.

    A book whose making was cut short is empty and is made again.
    """
    database = _new(url)
    try:
        with database.writing() as connection:
            database.refuse_filled(connection)
            migrate(connection)
            _introduce(connection, secrets.token_hex(16), int(clock()), market_location)
        return StoredBook(database, clock=clock)
    except BaseException:
        database.close()
        raise


def restore_book(
    archive: str, url: str, *, clock: Clock, market_location: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> StoredBook:  # fmt: skip
    """Make a book from a backup, into either database; the chain is walked and the heads compared before it is given.

    Market files go to ``market_location``, else beside a SQLite book. When anything is wrong, no book is left behind.
    """
    from argosy.adapters.store.archive import read_manifest
    from argosy.adapters.store.restoring import fill_from, unpack_market
    from argosy.adapters.store.verifying import verify_on

    try:
        with zipfile.ZipFile(archive) as packed:
            manifest, mark = read_manifest(packed)
            database = _new(url)
            written: list[str] = []
            try:
                folder = market_location or database.market_folder
                if manifest["market"] and not folder:
                    raise BookError(
                        "the backup has market files, and this address no folder for them", place=url,
                        next_step="say where they belong (market location)",
                    )  # fmt: skip
                written = unpack_market(packed, folder)
                with database.writing() as connection:
                    database.refuse_filled(connection)
                    migrate(connection)
                    _introduce(connection, str(manifest["book"]), int(manifest["created"]), market_location)
                    start = genesis(str(manifest["book"]), int(manifest["created"]))
                    fill_from(packed, database, connection, start=start, progress=progress)
                    report = verify_on(database, connection, start)
                    if report.problems or report.head != mark.head:
                        raise TamperedBook("the restored book does not verify", place=url, found=list(report.problems))
                return StoredBook(database, clock=clock)
            except BaseException:
                database.discard()
                for path in written:
                    os.unlink(path)
                raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        LookupError,
        ValueError,
        TypeError,
        EOFError,
        RuntimeError,
    ) as error:
        raise BookError(f"not a backup of a book, or a damaged one ({error})", place=archive) from error
    except OSError as error:
        raise StorageFailure(
            f"cannot restore: {error.strerror or error}", place=str(error.filename or archive)
        ) from error


def _introduce(connection: Connection, book: str, created: int, market_location: str) -> None:
    connection.execute(
        insert(book_info).values(only=1, book=book, created=created, market_location=market_location)
    )  # fmt: skip


def _new(url: str) -> Database:
    path = sqlite_path(url)
    return _postgres(url) if path is None else _new_sqlite(url, path)


def open_book(url: str, *, clock: Clock) -> StoredBook:
    """Open a book of this version; anything else is refused and left untouched."""
    path = sqlite_path(url)
    database = _existing_postgres(url) if path is None else _existing_sqlite(url, path)
    try:
        with database.reading() as connection:
            check_revision(schema_revision(connection), url)
        return StoredBook(database, clock=clock)
    except BaseException:
        database.close()
        raise


def _postgres(url: str) -> PostgresDatabase:
    if url.partition(":")[0].partition("+")[0] not in ("postgresql", "postgres"):
        raise unknown("kind of address", url.partition(":")[0], ["sqlite", "postgresql"])
    try:
        from argosy.adapters.store.postgres import PostgresDatabase
    except ImportError as error:
        raise MissingExtra(
            "books on PostgreSQL need the package psycopg", found=str(error),
            next_step="pip install 'argosy[postgres]'",
        ) from error  # fmt: skip
    return PostgresDatabase("postgresql" + url[url.index(":") :])


def _existing_postgres(url: str) -> Database:
    database = _postgres(url)
    try:
        with database.reading() as connection:
            tables = database.tables(connection)
        if not {"alembic_version", "book_info"} <= tables:
            raise BookError(
                "there is no book in this database",
                place=database.url,
                next_step=f"make one with `argosy init --book {database.url}`",
            )
    except BaseException:
        database.close()
        raise
    return database


def _new_sqlite(url: str, path: str) -> Database:
    from argosy.adapters.store.sqlite import SqliteDatabase, check_library

    check_library()
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    except FileExistsError:
        pass
    except OSError as error:
        raise StorageFailure(
            f"cannot make the book ({error.strerror})",
            place=path,
            next_step="choose a folder that exists and is writable",
        ) from error
    _check_file(path)
    database = SqliteDatabase(url, path)
    try:
        with database.reading() as connection:
            database.refuse_filled(connection)
        database.keep_log()
    except BaseException:
        database.close()
        raise
    return database


def _existing_sqlite(url: str, path: str) -> Database:
    from argosy.adapters.store.sqlite import SqliteDatabase

    if not os.path.lexists(path):
        raise BookError("there is no book", place=path, next_step=f"make one with `argosy init --book {url}`")
    _check_file(path)
    database = SqliteDatabase(url, path)
    try:
        with database.reading() as connection:
            mark = connection.scalar(text("PRAGMA application_id"))
            tables = set(connection.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'table'")))
        if not tables and mark in (0, APPLICATION_ID):
            raise BookError(
                "the file is empty: a book that was never finished", place=path, next_step="run `argosy init`"
            )
        if mark != APPLICATION_ID or not {"alembic_version", "book_info"} <= tables:
            raise BookError("this is a SQLite file, but not a book", place=path, next_step="check the name")
    except BaseException:
        database.close()
        raise
    return database


def _check_file(path: str) -> None:
    if os.path.isdir(path):
        raise BookError("this is a folder, not a book", place=path, next_step="name the file inside, such as book.db")
    if not os.path.isfile(path):
        raise BookError("this is not a file", place=path, next_step="check the name")
    folder = os.path.dirname(os.path.abspath(path))
    for place, need in ((path, os.R_OK | os.W_OK), (folder, os.W_OK | os.X_OK)):
        allowed = False
        with suppress(OSError):
            allowed = os.access(place, need)
        if not allowed:
            raise BookError(
                "no permission to read and write",
                place=place,
                next_step="check the owner and mode of the file and folder",
            )
