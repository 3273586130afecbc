"""What the store needs from a database beyond SQLAlchemy Core: locks, bulk rows in and out, errors in words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Select, Table

from argosy.adapters.store.canonical import Rows
from argosy.record.ledger.events import Int64


class Database(Protocol):
    """One database that holds one book."""

    url: str
    dialect: str
    market_folder: str  # where market files lie unless the book says otherwise; "" where there is no such place

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection inside a read transaction; errors come out as BookError."""
        ...

    def writing(self, *, wait: float | None = None) -> AbstractContextManager[Connection]:
        """Give the one writing connection with the writer lock held; commit at the end, roll back on any exception.

        Waits ``wait`` seconds for the lock (None = the store's usual patience), then raises BookBusy.
        """
        ...

    def read_int64(self, connection: Connection, statement: Select[Any], names: Sequence[str]) -> dict[str, Int64]:
        """Run a SELECT of int64 columns and give them as arrays, at about the cost of fetching the rows."""
        ...

    def read_variable(self, connection: Connection, statement: Select[Any]) -> list[tuple[Any, ...]]:
        """Run a SELECT of any columns and give plain tuples."""
        ...

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert many rows."""
        ...

    def problems(self, connection: Connection) -> list[str]:
        """What the database itself finds wrong with its files."""
        ...

    def refuse_filled(self, connection: Connection) -> None:
        """Refuse to make a book where there is something already."""
        ...

    def discard(self) -> None:
        """Close, and remove the traces of a book that was begun and never committed."""
        ...

    def close(self) -> None:
        """Let the connections go."""
        ...
