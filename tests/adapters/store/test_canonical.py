"""The bytes under the hash chain, written down a second time in plain Python; encoding 1 never changes."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from argosy.adapters.store import canonical
from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.canonical import Rows, canonical_json
from argosy.adapters.store.tables import event, fact, valuation_day
from argosy.base.errors import BookError, InvalidInput
from argosy.record.ledger.events import COLUMNS, EventColumns
from argosy.workflows.ports import VALUATION_COLUMNS, BatchDraft
from tests.adapters.store.samples import draft


def test_the_encoding_in_use_covers_every_column() -> None:
    """When this fails, a column was added: give it a new encoding and leave the old one alone."""
    now = canonical.INTEGERS[canonical.ENCODING]
    assert now["event"] == COLUMNS
    assert now["valuation_day"] == ("seq", "batch", *VALUATION_COLUMNS)
    for table in (event, fact, valuation_day):
        covered = {*now[table.name], *canonical.VARIABLE[canonical.ENCODING][table.name]}
        assert {column.name for column in table.columns} == covered


def test_encoding_1_is_frozen() -> None:
    spelled = json.dumps([canonical.INTEGERS[1], canonical.VARIABLE[1], canonical.BLOCK_ROWS], sort_keys=True)
    assert hashlib.sha256(spelled.encode()).hexdigest() == (
        "f5c7a4233c25d344ad418302c279caa382b4af41e866f5b7a50cf1f16e54e505"
    )


def plain_block(table: str, names: Sequence[str], others: Sequence[str], rows: list[Mapping[str, Any]]) -> bytes:
    """A block, number by number."""
    out = f"argosy 1 {table} {len(rows)}\n{' '.join([*names, *others])}\n".encode()
    for name in names:
        for row in rows:
            out += struct.pack("<q", row[name])
    for name in others:
        for row in rows:
            out += struct.pack("<q", -1 if row[name] is None else len(row[name]))
        for row in rows:
            out += row[name] or b""
    return out


def test_the_chain_computed_a_second_time(book: StoredBook) -> None:
    given = draft(1_030, "a")
    with book.writer() as writer:
        writer.append(given)
        writer.append(BatchDraft("hand", "me", events=EventColumns.from_rows([{"kind": 1, "net": -7}])))
    head = hashlib.sha256(f"argosy book\n{book.name}\n{book.created}\n".encode()).hexdigest()
    events, days, facts = book.events(), book.valuations(), book.facts()
    for info in book.batches():
        tables: list[tuple[str, Sequence[str], Sequence[str], list[Mapping[str, Any]]]] = [
            ("fact", ("seq", "batch", "kind", "subject", "effective"), ("payload",), [
                {"seq": f.seq, "batch": f.batch, "kind": int(f.kind), "subject": f.subject, "effective": f.effective,
                 "payload": json.dumps(f.payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()}
                for f in facts if f.batch == info.batch]),
            ("event", COLUMNS, ("key", "content", "payload"), [
                events.row(at) | {
                    "key": given.keys[at] if at < 1_030 else None,
                    "content": given.contents[at] if at < 1_030 else None,
                    "payload": json.dumps(events.payload[at], sort_keys=True, separators=(",", ":"),
                                          ensure_ascii=False).encode() if at in events.payload else None}
                for at in range(len(events)) if events["batch"][at] == info.batch]),
            ("valuation_day", ("seq", "batch", *VALUATION_COLUMNS), (), [
                {name: int(values[at]) for name, values in days.items()}
                for at in range(len(days["seq"])) if days["batch"][at] == info.batch]),
        ]  # fmt: skip
        hashes = b""
        for table, names, others, rows in tables:
            for start in range(0, len(rows), 1_024):
                hashes += hashlib.sha256(plain_block(table, names, others, rows[start : start + 1_024])).digest()
        root = hashlib.sha256(b"argosy root\n" + hashes).hexdigest()
        line = {name: getattr(info, name) for name in (
            "batch", "known_at", "kind", "source", "note", "first_seq", "last_seq", "facts", "events", "valuations",
            "file_sha256", "file_name", "reader")} | {"encoding": 1}  # fmt: skip
        said = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        head = hashlib.sha256(f"argosy head\n{head}\n{root}\n{said}".encode()).hexdigest()
        assert head == info.head


def rows_of(count: int) -> Rows:
    rng = np.random.default_rng(count)
    integers = {name: rng.integers(-(2**63), 2**63 - 1, count) for name in canonical.INTEGERS[1]["event"]}
    items = [None if at % 3 else bytes(rng.integers(0, 256, at % 7, dtype=np.uint8)) for at in range(count)]
    return Rows("event", integers, {"key": items, "content": items[::-1], "payload": [None] * count})


@pytest.mark.parametrize("count", [1, 2, 1_023, 1_024, 1_025, 3_000])
def test_blocks_can_be_read_back(count: int) -> None:
    given = rows_of(count)
    parts = [canonical.parse(block, 1) for block in canonical.blocks(given)]
    assert [len(part) for part in parts] == [min(1_024, count - at) for at in range(0, count, 1_024)]
    for name, values in given.integers.items():
        assert np.array_equal(np.concatenate([part.integers[name] for part in parts]), values)
    for name, items in given.variable.items():
        assert [item for part in parts for item in part.variable[name]] == list(items)


def test_anything_else_is_not_a_block() -> None:
    (good,) = canonical.blocks(rows_of(5))
    for bad in (b"", b"argosy", good[:-1], good + b"x", good.replace(b"event 5", b"event 6", 1),
                good.replace(b"argosy 1", b"argosy 2", 1), good.replace(b"event", b"batch", 1),
                good.replace(b"event 5", b"event 99999999999", 1), good.replace(b"kind", b"kinds", 1)):  # fmt: skip
        with pytest.raises(BookError, match="damaged"):
            canonical.parse(bad, 1)
    with pytest.raises(BookError, match="encoding"):
        canonical.parse(good, 2)


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), {"a": [1, {"b": 0.5}]}, {1: "x"}, b"x", {"x": object()}, "\udc80"]
)
def test_what_canonical_json_refuses(value: object) -> None:
    with pytest.raises(InvalidInput):
        canonical_json(value)


def test_canonical_json_has_one_form() -> None:
    assert canonical_json({"b": None, "a": [True, -3, "\n\0é"]}) == '{"a":[true,-3,"\\n\\u0000é"],"b":null}'
    assert canonical_json({"a": (1, 2)}) == canonical_json({"a": [1, 2]})
