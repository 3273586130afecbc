"""The bytes that the hash chain runs over, version by version.

Encoding 1. A batch's rows are cut into blocks of at most 1,024 rows of one table: facts, then events, then valuations.
A block is the table's name, the column names, the number of rows, each integer column as little-endian int64, then each
variable column as length (int64, -1 for none) and bytes, row after row. Root = SHA-256 of the blocks' hashes;
head = SHA-256 of the previous head, the root and the batch's own line. A later encoding may add columns: each batch
keeps the number of the encoding it was sealed with, so old heads stay what they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.errors import BookError, InvalidInput
from argosy.record.ledger.events import Int64

ENCODING = 1
BLOCK_ROWS = 1024

Variable = Sequence[bytes | None]


@dataclass(frozen=True)
class Rows:
    """Rows of one table in ``seq`` order: integer columns, then columns of bytes, all of one length."""

    table: str
    integers: Mapping[str, Int64]
    variable: Mapping[str, Variable]

    def __len__(self) -> int:
        return len(self.integers["seq"])


# Spelled out, not taken from the tables of today: what encoding 1 sealed stays what it was when columns are added.
_EVENT_1 = (
    "seq", "batch", "kind", "version", "trade_date", "settle_date", "ord", "anchor", "portfolio", "account",
    "sleeve", "instrument", "quantity", "currency", "net", "fee", "tax", "accrued", "currency2", "net2",
    "price", "price_exp", "num", "den", "link", "target", "acquired", "line",
)  # fmt: skip
_VALUATION_1 = (
    "seq", "batch", "portfolio", "date", "currency", "nav", "positions", "cash", "receivable", "payable",
    "accrued", "flow", "flow_in_kind", "income", "fees", "taxes", "oldest_price_days", "mandate_seq",
    "market_seq", "book_seq", "fingerprint_hi", "fingerprint_lo",
)  # fmt: skip

INTEGERS: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    1: {
        "fact": ("seq", "batch", "kind", "subject", "effective"),
        "event": _EVENT_1,
        "valuation_day": _VALUATION_1,
    }
}
"""Integer columns by encoding version and table, in the order they are hashed."""

VARIABLE: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    1: {"fact": ("payload",), "event": ("key", "content", "payload"), "valuation_day": ()}
}


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces; no floating point, so that the same text comes back on every machine.

    Examples
    --------
    >>> canonical_json({"b": [1, True], "a": "ü"})
    '{"a":"ü","b":[1,true]}'
    """
    _refuse_floats(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput("text is not valid Unicode", found=text[:80], next_step="send UTF-8") from None
    return text


def _refuse_floats(value: object) -> None:
    if isinstance(value, str | int) or value is None:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise InvalidInput("names in a payload are text", found=name)
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
    else:
        raise InvalidInput(
            f"a payload holds strings, integers, booleans, lists and objects, not {type(value).__name__}", found=value
        )


def blocks(rows: Rows, encoding: int = ENCODING) -> Iterator[bytes]:
    """Cut rows into blocks of canonical bytes."""
    for start in range(0, len(rows), BLOCK_ROWS):
        yield _block(rows, start, min(start + BLOCK_ROWS, len(rows)), encoding)


def _block(rows: Rows, start: int, stop: int, encoding: int) -> bytes:
    names = INTEGERS[encoding][rows.table]
    others = VARIABLE[encoding][rows.table]
    parts = [f"argosy {encoding} {rows.table} {stop - start}\n{' '.join((*names, *others))}\n".encode()]
    parts.extend(np.ascontiguousarray(rows.integers[name][start:stop], dtype="<i8").tobytes() for name in names)
    for name in others:
        items = rows.variable[name][start:stop]
        lengths = np.array([-1 if item is None else len(item) for item in items], dtype="<i8")
        parts.append(lengths.tobytes())
        parts.extend(item for item in items if item)
    return b"".join(parts)


def parse(block: bytes, encoding: int) -> Rows:
    """Rows out of one block of canonical bytes; refuses bytes that are anything else."""
    known = INTEGERS.get(encoding)
    try:
        first, second, rest = block.split(b"\n", 2)
        word, version, table, count_text = first.decode().split(" ")
        if known is None or word != "argosy" or int(version) != encoding or table not in known:
            raise ValueError(first)
        count, names, others = int(count_text), known[table], VARIABLE[encoding][table]
        if second.decode() != " ".join((*names, *others)) or not 0 < count <= BLOCK_ROWS:
            raise ValueError(second)
        integers = {
            name: np.frombuffer(rest, "<i8", count, at * count * 8).astype(np.int64) for at, name in enumerate(names)
        }
        place = len(names) * count * 8
        variable: dict[str, Variable] = {}
        for name in others:
            lengths = np.frombuffer(rest, "<i8", count, place).tolist()
            place += count * 8
            items: list[bytes | None] = []
            for length in lengths:
                if not -1 <= length <= len(rest) - place:
                    raise ValueError(length)
                items.append(None if length < 0 else rest[place : place + length])
                place += max(length, 0)
            variable[name] = items
        if place != len(rest):
            raise ValueError(place)
    except ValueError as error:
        raise BookError(f"a block of rows is damaged or of an unknown encoding ({encoding})") from error
    return Rows(table, integers, variable)


def read_json(text: bytes) -> dict[str, Any]:
    """An object out of canonical JSON."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise BookError("a batch says nothing of itself")
    return found


def root_of(block_hashes: bytes) -> str:
    """Root over the concatenated hashes of a batch's blocks."""
    return hashlib.sha256(b"argosy root\n" + block_hashes).hexdigest()


def head_of(previous: str, root: str, line: Mapping[str, object]) -> str:
    """Head after a batch: the previous head, the root and what the batch says of itself."""
    return hashlib.sha256(f"argosy head\n{previous}\n{root}\n{canonical_json(line)}".encode()).hexdigest()


def genesis(book: str, created: int) -> str:
    """Head of a book that holds nothing yet."""
    return hashlib.sha256(f"argosy book\n{book}\n{created}\n".encode()).hexdigest()


LINE: tuple[str, ...] = (
    "batch", "known_at", "kind", "source", "note", "first_seq", "last_seq", "facts", "events", "valuations", "encoding",
    "file_sha256", "file_name", "reader",
)  # fmt: skip
"""What a batch says of itself, as it enters the head."""
