"""Rows of the book as values: columns out of SELECTs, payloads decoded only when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, Table, select

from argosy.adapters.store.canonical import BLOCK_ROWS, VARIABLE, Rows, blocks
from argosy.adapters.store.database import Database
from argosy.adapters.store.tables import batch, event, fact, valuation_day
from argosy.base.errors import BookError
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import COLUMNS, EventColumns, Int64
from argosy.workflows.ports import VALUATION_COLUMNS, BatchInfo, KnownKey, Watermark

TABLES: Mapping[str, Table] = {"event": event, "fact": fact, "valuation_day": valuation_day}
KEYS_AT_ONCE = 5_000
SCAN_FROM = 5
ROWS_AT_ONCE = 64 * BLOCK_ROWS


class Payloads(Mapping[int, Mapping[str, object]]):
    """Payloads by row position, kept as JSON text and decoded on access."""

    __slots__ = ("_texts",)

    def __init__(self, texts: dict[int, str]) -> None:
        self._texts = texts

    def __getitem__(self, position: int) -> Mapping[str, object]:
        decoded: dict[str, object] = json.loads(self._texts[position])
        return decoded

    def __contains__(self, position: object) -> bool:
        return position in self._texts

    def __iter__(self) -> Iterator[int]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def positions_with(self, *names: str) -> list[int]:
        """Positions of rows whose text mentions one of these names: a superset found without decoding."""
        quoted = [json.dumps(name) for name in names]
        return [place for place, text in self._texts.items() if any(word in text for word in quoted)]


def read_events(
    database: Database,
    connection: Connection,
    *,
    last_seq: int,
    after_seq: int = 0,
    portfolios: Sequence[int] | None = None,
    instruments: Sequence[int] | None = None,
    columns: Sequence[str] | None = None,
) -> EventColumns:
    """Events with ``after_seq < seq <= last_seq`` in seq order; payloads come along unless columns are named."""
    names = tuple(columns) if columns is not None else COLUMNS
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise KeyError(f"not event columns: {unknown}")

    def narrowed(statement: Select[Any]) -> Select[Any]:
        statement = statement.where(event.c.seq > after_seq, event.c.seq <= last_seq)
        if portfolios is not None:
            statement = statement.where(event.c.portfolio.in_([int(item) for item in portfolios]))
        if instruments is not None:
            statement = statement.where(event.c.instrument.in_([int(item) for item in instruments]))
        return statement.order_by(event.c.seq)

    wanted = names if "seq" in names else ("seq", *names)
    found = database.read_int64(connection, narrowed(select(*[event.c[name] for name in wanted])), wanted)
    if columns is not None:
        return EventColumns({name: found[name] for name in wanted})
    rest = narrowed(select(event.c.seq, event.c.payload).where(event.c.payload.isnot(None)))
    pairs = database.read_variable(connection, rest)
    places = np.searchsorted(found["seq"], np.array([row[0] for row in pairs], dtype=np.int64)).tolist()
    return EventColumns(found, Payloads({place: row[1] for place, row in zip(places, pairs, strict=True)}))


@lru_cache(maxsize=8192)
def _payload(text: str) -> dict[str, object]:
    """A payload, read once: facts never change, and every question reads them all."""
    found: dict[str, object] = json.loads(text)
    return found


def read_facts(connection: Connection, *, last_seq: int, kinds: Sequence[FactKind] | None) -> list[Fact]:
    """Facts up to a seq, in seq order."""
    statement = select(fact).where(fact.c.seq <= last_seq).order_by(fact.c.seq)
    if kinds is not None:
        statement = statement.where(fact.c.kind.in_([int(kind) for kind in kinds]))
    facts = []
    for row in connection.execute(statement):
        try:
            kind, payload = FactKind(row.kind), _payload(row.payload)
        except (ValueError, TypeError) as error:
            raise BookError(f"fact {row.seq} cannot be read ({error})", next_step="run `argosy verify`") from error
        facts.append(Fact(row.seq, row.batch, kind, row.subject, row.effective, payload))
    return facts


def read_valuations(
    database: Database, connection: Connection, *, last_seq: int, portfolios: Sequence[int] | None
) -> dict[str, Int64]:
    """Stored daily valuations up to a seq."""
    names = ("seq", "batch", *VALUATION_COLUMNS)
    statement = select(*[valuation_day.c[name] for name in names]).where(valuation_day.c.seq <= last_seq)
    if portfolios is not None:
        statement = statement.where(valuation_day.c.portfolio.in_([int(item) for item in portfolios]))
    return database.read_int64(connection, statement.order_by(valuation_day.c.seq), names)


_INFO = ("batch", "known_at", "kind", "source", "note", "first_seq", "last_seq", "events", "facts", "valuations",
         "file_sha256", "file_name", "reader", "head")  # fmt: skip


def read_batches(connection: Connection, *, last_seq: int) -> list[BatchInfo]:
    """Batches up to a seq, oldest first."""
    statement = select(*[batch.c[name] for name in _INFO]).where(batch.c.last_seq <= last_seq).order_by(batch.c.batch)
    return [BatchInfo(**row._asdict()) for row in connection.execute(statement)]


def read_watermark(connection: Connection, start: str, known_at: int | None) -> Watermark:
    """The last batch known at an instant; ``start`` is the head of the empty book."""
    statement = select(batch.c.last_seq, batch.c.batch, batch.c.known_at, batch.c.head)
    if known_at is not None:
        statement = statement.where(batch.c.known_at <= known_at)
    row = connection.execute(statement.order_by(batch.c.batch.desc()).limit(1)).first()
    return Watermark(0, 0, 0, start) if row is None else Watermark(*row)


def read_known_keys(
    database: Database, connection: Connection, keys: Sequence[bytes], last_seq: int
) -> dict[bytes, KnownKey]:
    """Which of the keys stand in the book, and where."""
    columns = (event.c.key, event.c.seq, event.c.batch, event.c.line, event.c.content)
    found: dict[bytes, KnownKey] = {}
    if len(keys) * SCAN_FROM > last_seq:  # most of the book is asked for: one pass is cheaper than many look-ups
        wanted = set(keys)
        for start in range(0, last_seq, ROWS_AT_ONCE):
            window = (event.c.seq > start, event.c.seq <= start + ROWS_AT_ONCE, event.c.key.isnot(None))
            for key, seq, number, line, content in database.read_variable(connection, select(*columns).where(*window)):
                if key in wanted:
                    found[key] = KnownKey(seq, number, line, content or b"")
        return found
    for start in range(0, len(keys), KEYS_AT_ONCE):
        statement = select(*columns).where(event.c.key.in_(keys[start : start + KEYS_AT_ONCE]))
        for key, seq, number, line, content in database.read_variable(connection, statement):
            found[key] = KnownKey(seq, number, line, content or b"")
    return found


def read_rows(database: Database, connection: Connection, table: str, first: int, last: int, encoding: int) -> Rows:
    """Rows of one table with ``first <= seq <= last`` as they enter the hash chain."""
    source = TABLES[table]
    names = tuple(column.name for column in source.columns if column.name not in VARIABLE[encoding][table])
    window = (source.c.seq >= first, source.c.seq <= last)
    integers = database.read_int64(
        connection, select(*[source.c[name] for name in names]).where(*window).order_by(source.c.seq), names
    )
    variable: dict[str, Sequence[bytes | None]] = {}
    others = VARIABLE[encoding][table]
    if others:
        rest = select(*[source.c[name] for name in others]).where(*window).order_by(source.c.seq)
        listed = list(zip(*database.read_variable(connection, rest), strict=True)) or [() for _ in others]
        for name, items in zip(others, listed, strict=True):
            variable[name] = [_bytes(item) for item in items] if name == "payload" else items
    return Rows(table, integers, variable)


def sealed_blocks(database: Database, connection: Connection, line: Row[Any]) -> Iterator[tuple[str, bytes]]:
    """The canonical blocks of a stored batch as its rows are now, each with the words for where it stands."""
    first = int(line.first_seq)
    for table, count in (("fact", line.facts), ("event", line.events), ("valuation_day", line.valuations)):
        last = first + int(count) - 1
        for low in range(first, last + 1, ROWS_AT_ONCE):
            high = min(low + ROWS_AT_ONCE - 1, last)
            rows = read_rows(database, connection, table, low, high, line.encoding)
            if len(rows) != high - low + 1:
                yield f"{table} rows {low} to {high} ({high - low + 1} were sealed, {len(rows)} are there)", b""
                return
            for at, block in enumerate(blocks(rows, line.encoding)):
                start = low + at * BLOCK_ROWS
                yield f"{table} rows {start} to {min(start + BLOCK_ROWS - 1, high)}", block
        first = last + 1


def _bytes(item: object) -> bytes | None:
    if item is None:
        return None
    return item.encode("utf-8", "surrogatepass") if isinstance(item, str) else bytes(item)  # type: ignore[call-overload]
