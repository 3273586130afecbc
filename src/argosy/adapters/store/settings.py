"""How an open book's database is set, as the database itself says."""

from __future__ import annotations

from sqlalchemy import text

from argosy.adapters.store.book import StoredBook


def settings(book: StoredBook) -> dict[str, str]:
    """What decides whether an acknowledged commit survives: library, journal, syncing.

    SQLite: ``sqlite``, ``journal_mode``, ``synchronous``. PostgreSQL: ``server_version``, ``fsync``,
    ``synchronous_commit``, ``full_page_writes``.
    """
    database = book._database
    with database.reading() as connection:
        if database.dialect == "sqlite":
            asked = {"sqlite": "SELECT sqlite_version()", "journal_mode": "PRAGMA journal_mode",
                     "synchronous": "PRAGMA synchronous"}  # fmt: skip
        else:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
            asked = {name: f"SHOW {name}" for name in names}
        return {name: str(connection.scalar(text(question))) for name, question in asked.items()}
