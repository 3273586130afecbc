"""The writer: numbers the rows of a batch, seals them into the chain and inserts them, inside one transaction."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, func, insert, select

from argosy.adapters.store import canonical
from argosy.adapters.store.canonical import Rows, canonical_json
from argosy.adapters.store.database import Database
from argosy.adapters.store.rows import TABLES, read_events, read_facts, read_known_keys, read_watermark
from argosy.adapters.store.tables import batch, fact, raw_file
from argosy.base.errors import InvalidInput
from argosy.record.booking.payloads import RowPayloads
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import COLUMNS, EventColumns, Int64
from argosy.workflows.ports import VALUATION_COLUMNS, BatchDraft, BatchInfo, Clock, KnownKey, Watermark

KEY_BYTES = 16
REFERENCES = ("anchor", "link", "target")


class BookWriter:
    """The book with its writer lock held. Lives only inside ``with store.writer()``."""

    def __init__(self, database: Database, connection: Connection, *, clock: Clock, start: str) -> None:
        self._database = database
        self._connection = connection
        self._clock = clock
        self._start = start
        self._mark: Watermark | None = None

    def watermark(self) -> Watermark:
        """How far the book reaches, this writer's own batches included."""
        if self._mark is None:
            self._mark = read_watermark(self._connection, self._start, None)
        return self._mark

    def events(
        self, *, portfolios: Sequence[int] | None = None, instruments: Sequence[int] | None = None
    ) -> EventColumns:
        """All events, or those of some portfolios and instruments."""
        return read_events(
            self._database, self._connection, last_seq=self.watermark().seq, portfolios=portfolios,
            instruments=instruments,
        )  # fmt: skip

    def facts(self, *, kinds: Sequence[FactKind] | None = None) -> list[Fact]:
        """All facts, or those of some kinds."""
        return read_facts(self._connection, last_seq=self.watermark().seq, kinds=kinds)

    def known_keys(self, keys: Iterable[bytes]) -> dict[bytes, KnownKey]:
        """Which of the keys stand in the book, and where."""
        return read_known_keys(self._database, self._connection, list(keys), self.watermark().seq)

    def next_id(self, kind: FactKind) -> int:
        """One past the largest subject id of that kind of fact."""
        largest = self._connection.scalar(select(func.max(fact.c.subject)).where(fact.c.kind == int(kind)))
        return int(largest or 0) + 1

    def append(self, draft: BatchDraft) -> BatchInfo:
        """Write one batch; it becomes visible to others when the writer's block ends."""
        before = self.watermark()
        number = before.batch + 1
        known_at = max(int(self._clock()), before.known_at + 1)
        tables = _numbered(draft, before.seq + 1, number)
        first, last = before.seq + 1, before.seq + sum(len(rows) for rows in tables)
        if last < first:
            raise InvalidInput("a batch needs at least one row", place=draft.kind)
        counts = {rows.table: len(rows) for rows in tables}
        line: dict[str, object] = {
            "batch": number, "known_at": known_at, "kind": draft.kind, "source": draft.source, "note": draft.note,
            "first_seq": first, "last_seq": last, "facts": counts["fact"], "events": counts["event"],
            "valuations": counts["valuation_day"], "encoding": canonical.ENCODING,
            "file_sha256": "", "file_name": "", "reader": "",
        }  # fmt: skip
        if draft.file is not None:
            line |= {"file_sha256": self._keep_file(draft.file.content), "file_name": draft.file.name,
                     "reader": draft.file.reader}  # fmt: skip
        _check_texts(line)
        hashes = b"".join(hashlib.sha256(block).digest() for rows in tables for block in canonical.blocks(rows))
        root = canonical.root_of(hashes)
        head = canonical.head_of(before.head, root, line)
        for rows in tables:
            if len(rows):
                self._database.insert(self._connection, TABLES[rows.table], rows)
        self._connection.execute(insert(batch).values(**line, blocks=hashes, root=root, head=head))
        self._mark = Watermark(last, number, known_at, head)
        names = BatchInfo.__dataclass_fields__
        return BatchInfo(**{name: value for name, value in line.items() if name in names}, head=head)  # type: ignore[arg-type]

    def _keep_file(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        if self._connection.scalar(select(raw_file.c.size).where(raw_file.c.sha256 == digest)) is None:
            self._connection.execute(
                insert(raw_file).values(sha256=digest, size=len(content), content=zlib.compress(content, 1))
            )
        return digest


def _check_texts(line: Mapping[str, object]) -> None:
    for name, text in line.items():
        if isinstance(text, str) and ("\0" in text or text != text.encode("utf-8", "replace").decode()):
            raise InvalidInput("text with a NUL or an unpaired surrogate cannot be stored", field=name, found=text)


def _numbered(draft: BatchDraft, first: int, number: int) -> list[Rows]:
    """Facts, events and valuations of a batch with their seqs, in the order they are numbered."""
    facts = _fact_rows(draft, first, number)
    events = _event_rows(draft, first + len(facts), number)
    return [facts, events, _valuation_rows(draft, first + len(facts) + len(events), number)]


def _fact_rows(draft: BatchDraft, first: int, number: int) -> Rows:
    listed = list(draft.facts)
    integers = {
        "seq": np.arange(first, first + len(listed), dtype=np.int64),
        "batch": np.full(len(listed), number, dtype=np.int64),
        "kind": np.array([int(item.kind) for item in listed], dtype=np.int64),
        "subject": np.array([item.subject for item in listed], dtype=np.int64),
        "effective": np.array([item.effective for item in listed], dtype=np.int64),
    }
    return Rows("fact", integers, {"payload": [canonical_json(item.payload).encode() for item in listed]})


def _event_rows(draft: BatchDraft, first: int, number: int) -> Rows:
    events = draft.events if draft.events is not None else EventColumns.empty()
    count = len(events)
    integers = {name: np.array(events[name], dtype=np.int64) for name in COLUMNS}  # copies: the draft stays as it was
    for name, values in integers.items():
        if len(values) != count:
            raise InvalidInput("event columns differ in length", field=name, found=len(values), expected=str(count))
    integers["seq"] = np.arange(first, first + count, dtype=np.int64)
    integers["batch"] = np.full(count, number, dtype=np.int64)
    for name in REFERENCES:
        values = integers[name]
        within = values < 0
        if within.any():
            if int(values.min()) < -count:
                raise InvalidInput("a reference points past the batch", field=name, found=int(values.min()))
            values[within] = first - 1 - values[within]
    own = integers["anchor"] == 0
    integers["anchor"][own] = integers["seq"][own]
    if isinstance(events.payload, RowPayloads):  # an import's references and notes, the same bytes made in bulk
        payload = events.payload.encoded()
    else:
        payload = [None] * count
        for position, rest in events.payload.items():
            if rest:
                payload[position] = canonical_json(rest).encode()
    keys, contents = _digests(draft.keys, count, "keys"), _digests(draft.contents, count, "contents")
    return Rows("event", integers, {"key": keys, "content": contents, "payload": payload})


def _digests(items: Sequence[bytes], count: int, name: str) -> list[bytes | None]:
    if not items:
        return [None] * count
    if len(items) != count:
        raise InvalidInput(f"{name} and events differ in number", field=name, found=len(items), expected=str(count))
    listed = [item or None for item in items]
    wrong = next((item for item in listed if item is not None and len(item) != KEY_BYTES), None)
    if wrong is not None:
        raise InvalidInput(f"{name} are {KEY_BYTES} bytes each", field=name, found=wrong)
    return listed


def _valuation_rows(draft: BatchDraft, first: int, number: int) -> Rows:
    given: Mapping[str, Int64] = draft.valuations or {}
    if given and set(given) != set(VALUATION_COLUMNS):
        odd = sorted(set(given) ^ set(VALUATION_COLUMNS))
        raise InvalidInput("valuations need exactly the columns of VALUATION_COLUMNS", field=", ".join(odd))
    lengths = {len(values) for values in given.values()}
    if len(lengths) > 1:
        raise InvalidInput("valuation columns differ in length", found=sorted(lengths))
    count = lengths.pop() if lengths else 0
    integers = {
        "seq": np.arange(first, first + count, dtype=np.int64),
        "batch": np.full(count, number, dtype=np.int64),
        **{name: np.asarray(given.get(name, ()), dtype=np.int64) for name in VALUATION_COLUMNS},
    }
    return Rows("valuation_day", integers, {})
