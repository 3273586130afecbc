"""The tables of a book, the same on SQLite and PostgreSQL, and the triggers that keep what was written."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.sql.type_api import TypeEngine

from argosy.record.ledger.events import COLUMNS
from argosy.workflows.ports import VALUATION_COLUMNS

REVISIONS: tuple[str, ...] = ("0001",)
"""Revisions of the schema, oldest first. The last one is what this version of the code reads and writes."""

APPLICATION_ID = 0x4172676F  # "Argo", in the header of every SQLite book

VALUATION_NAMES: tuple[str, ...] = ("seq", "batch", *VALUATION_COLUMNS)

metadata = MetaData()


def _int64() -> TypeEngine[int]:
    # SQLite makes the primary key the row's own place only under the name INTEGER; there it has 64 bits as well.
    return BigInteger().with_variant(Integer(), "sqlite")


def _number(name: str) -> Column[int]:
    # A default of 0 lets an insert leave out the columns in which a batch has nothing to say.
    if name == "seq":
        return Column(name, _int64(), primary_key=True, autoincrement=False)
    return Column(name, _int64(), nullable=False, server_default=text("0"))


event = Table(
    "event",
    metadata,
    *[_number(name) for name in COLUMNS],
    Column("key", LargeBinary),  # 16 bytes, unique in the book; null for rows entered by hand
    Column("content", LargeBinary),  # 16 bytes
    Column("payload", Text),  # canonical JSON
    sqlite_strict=True,
)
Index("event_key", event.c.key, unique=True)
Index("event_portfolio", event.c.portfolio, event.c.seq)
Index(
    "event_payload", event.c.seq, sqlite_where=event.c.payload.isnot(None), postgresql_where=event.c.payload.isnot(None)
)

fact = Table(
    "fact",
    metadata,
    *[_number(name) for name in ("seq", "batch", "kind", "subject", "effective")],
    Column("payload", Text, nullable=False),
    sqlite_strict=True,
)
Index("fact_kind", fact.c.kind, fact.c.seq)

valuation_day = Table("valuation_day", metadata, *[_number(name) for name in VALUATION_NAMES], sqlite_strict=True)
Index("valuation_day_portfolio", valuation_day.c.portfolio, valuation_day.c.seq)

batch = Table(
    "batch",
    metadata,
    Column("batch", _int64(), primary_key=True, autoincrement=False),
    Column("known_at", _int64(), nullable=False, unique=True),
    *[Column(name, Text, nullable=False) for name in ("kind", "source", "note")],
    *[
        Column(name, _int64(), nullable=False)
        for name in ("first_seq", "last_seq", "facts", "events", "valuations", "encoding")
    ],
    *[Column(name, Text, nullable=False) for name in ("file_sha256", "file_name", "reader")],
    Column("blocks", LargeBinary, nullable=False),  # SHA-256 of each block of rows, 32 bytes each
    Column("root", Text, nullable=False),
    Column("head", Text, nullable=False),
    sqlite_strict=True,
)

raw_file = Table(
    "raw_file",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", _int64(), nullable=False),
    Column("content", LargeBinary, nullable=False),  # zlib
    sqlite_strict=True,
)

book_info = Table(
    "book_info",
    metadata,
    Column("only", _int64(), primary_key=True, autoincrement=False),  # always 1
    Column("book", Text, nullable=False),  # random name of this book, the root of its chain
    Column("created", _int64(), nullable=False),
    Column("market_location", Text, nullable=False),
    sqlite_strict=True,
)

snapshot = Table(
    "snapshot",  # derived and disposable, the only table whose rows are replaced
    metadata,
    Column("name", Text, primary_key=True),
    *[Column(name, _int64(), nullable=False) for name in ("seq", "batch", "known_at")],
    Column("head", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_strict=True,
)

KEPT: tuple[str, ...] = ("event", "fact", "valuation_day", "batch", "raw_file")
"""Tables whose rows are never changed or deleted."""

_REFUSAL = "what a book has taken in is never changed or deleted"


def triggers(dialect: str) -> list[str]:
    """Statements that make the database itself refuse UPDATE and DELETE (and TRUNCATE) on the kept tables."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            for name in KEPT
            for verb in ("UPDATE", "DELETE")
        ]
    refuse = (
        "CREATE FUNCTION argosy_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    return [refuse] + [
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION argosy_refuse()"
        for name in KEPT
    ]
