"""The walk over the hash chain: every row, every batch, every kept file, against what was sealed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, func, select

from argosy.adapters.store import canonical
from argosy.adapters.store.database import Database
from argosy.adapters.store.rows import TABLES, read_rows
from argosy.adapters.store.tables import batch, raw_file
from argosy.base.errors import BookError
from argosy.workflows.ports import ChainReport

_COUNTS = {"fact": "facts", "event": "events", "valuation_day": "valuations"}
_HASH = 32


def verify(database: Database, start: str, progress: Callable[[int, int], None] | None = None) -> ChainReport:
    """Recompute the chain from the rows; stop at the first bad batch, for all later heads hang on it."""
    problems: list[str] = []
    head, seq, number, rows = start, 0, 0, 0
    try:
        with database.reading() as connection:
            problems += [f"the database finds its file damaged: {found}" for found in database.problems(connection)]
            total = int(connection.scalar(select(func.count()).select_from(batch)) or 0)
            for line in connection.execute(select(batch).order_by(batch.c.batch)).all():
                found = _check_batch(database, connection, line, number + 1, seq, head)
                if found:
                    problems += found
                    break
                head, seq, number = line.head, line.last_seq, line.batch
                rows += line.last_seq - line.first_seq + 1
                if progress is not None:
                    progress(number, total)
            else:
                problems += _strangers(connection, seq)
            problems += _check_files(connection)
    except BookError as error:
        problems.append(f"batch {number + 1}: cannot be read: {error.message}")
    return ChainReport(number, rows, head, seq, tuple(problems))


def _check_batch(
    database: Database, connection: Connection, line: Row[Any], number: int, seq: int, head: str
) -> list[str]:
    place = f"batch {number}"
    if line.batch != number:
        return [f"{place}: is missing; batch {line.batch} stands in its place"]
    if line.encoding not in canonical.INTEGERS:
        return [f"{place}: encoding {line.encoding} is unknown to this version"]
    sealed = [line.blocks[at : at + _HASH] for at in range(0, len(line.blocks), _HASH)]
    fields = line._asdict()
    if canonical.root_of(line.blocks) != line.root:
        return [f"{place}: the hashes of its blocks were changed"]
    if canonical.head_of(head, line.root, {name: fields[name] for name in canonical.LINE}) != line.head:
        return [f"{place}: what the batch says of itself (time, kind, source, counts, file) was changed"]
    first = seq + 1
    if line.first_seq != first or line.last_seq != seq + line.facts + line.events + line.valuations:
        return [f"{place}: its rows do not follow those of batch {number - 1}"]
    place_of_block = 0
    for table, count_name in _COUNTS.items():
        count = fields[count_name]
        last = first + count - 1
        rows = read_rows(database, connection, table, first, last, line.encoding)
        if len(rows) != count:
            return [f"{place}: {table} rows {first} to {last}: {count} were sealed, {len(rows)} are there"]
        for at, block in enumerate(canonical.blocks(rows, line.encoding)):
            if place_of_block >= len(sealed) or hashlib.sha256(block).digest() != sealed[place_of_block]:
                low = first + at * canonical.BLOCK_ROWS
                high = min(low + canonical.BLOCK_ROWS - 1, last)
                return [f"{place}, block {place_of_block + 1}: {table} rows {low} to {high} were changed"]
            place_of_block += 1
        first = last + 1
    if place_of_block != len(sealed):
        return [f"{place}: {len(sealed)} blocks were sealed, {place_of_block} are there"]
    return []


def _strangers(connection: Connection, seq: int) -> list[str]:
    problems = []
    inside = 0
    for name, table in TABLES.items():
        beyond = int(connection.scalar(select(func.count()).select_from(table).where(table.c.seq > seq)) or 0)
        inside += int(connection.scalar(select(func.count()).select_from(table)) or 0) - beyond
        if beyond:
            problems.append(f"{name}: {beyond} rows after seq {seq} belong to no batch")
    if inside != seq:
        problems.append(f"{inside} rows stand where {seq} were sealed")
    return problems


def _check_files(connection: Connection) -> list[str]:
    problems = []
    used = select(batch.c.file_sha256, batch.c.batch).where(batch.c.file_sha256 != "").order_by(batch.c.batch)
    seen: set[str] = set()
    for sha256, number in connection.execute(used).all():
        if sha256 in seen:
            continue
        seen.add(sha256)
        stored = connection.scalar(select(raw_file.c.content).where(raw_file.c.sha256 == sha256))
        if stored is None:
            problems.append(f"batch {number}: its file {sha256} is missing")
            continue
        try:
            good = hashlib.sha256(zlib.decompress(stored)).hexdigest() == sha256
        except zlib.error:
            good = False
        if not good:
            problems.append(f"batch {number}: its file {sha256} was changed")
    return problems
