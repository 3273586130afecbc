"""The walk over the hash chain: every row, every batch, every kept file, against what was sealed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, func, select

from argosy.adapters.store import canonical
from argosy.adapters.store.database import Database
from argosy.adapters.store.rows import TABLES, sealed_blocks
from argosy.adapters.store.tables import batch, raw_file
from argosy.base.errors import BookError
from argosy.workflows.ports import ChainReport

_HASH = 32


def verify(database: Database, start: str, progress: Callable[[int, int], None] | None = None) -> ChainReport:
    """Recompute the chain from the rows; stop at the first bad batch, for all later heads hang on it."""
    walk = _Walk(database, start, progress)
    try:
        with database.reading() as connection:
            walk.run(connection)
    except BookError as error:
        walk.problems.append(f"batch {walk.number + 1}: cannot be read: {error.message}")
    except (TypeError, ValueError, AttributeError, LookupError) as error:  # a damaged cell changes its very type
        walk.problems.append(f"batch {walk.number + 1}: cannot be read: {error}")
    return walk.report()


def verify_on(
    database: Database, connection: Connection, start: str, progress: Callable[[int, int], None] | None = None
) -> ChainReport:
    """The same inside a transaction that is open already."""
    walk = _Walk(database, start, progress)
    walk.run(connection)
    return walk.report()


class _Walk:
    """One walk over the chain, and how far it has come."""

    def __init__(self, database: Database, start: str, progress: Callable[[int, int], None] | None) -> None:
        self.problems: list[str] = []
        self.number = 0
        self._database = database
        self._progress = progress
        self._head, self._seq = start, 0

    def report(self) -> ChainReport:
        return ChainReport(self.number, self._seq, self._head, self._seq, tuple(self.problems))

    def run(self, connection: Connection) -> None:
        damage = self._database.problems(connection)
        self.problems += [f"the database finds its file damaged: {found}" for found in damage]
        total = int(connection.scalar(select(func.count()).select_from(batch)) or 0)
        numbers = connection.execute(select(batch.c.batch).order_by(batch.c.batch)).scalars().all()
        for number in numbers:
            line = connection.execute(select(batch).where(batch.c.batch == number)).one()
            found = _check_batch(self._database, connection, line, self.number + 1, self._seq, self._head)
            if found:
                self.problems += found
                break
            self._head, self._seq, self.number = line.head, line.last_seq, line.batch
            if self._progress is not None:
                self._progress(self.number, total)
        else:
            self.problems += _strangers(connection, self._seq)
        self.problems += _check_files(connection)


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
    if line.first_seq != seq + 1 or line.last_seq != seq + line.facts + line.events + line.valuations:
        return [f"{place}: its rows do not follow those of batch {number - 1}"]
    count = 0
    for where, block in sealed_blocks(database, connection, line):
        if count >= len(sealed) or hashlib.sha256(block).digest() != sealed[count]:
            return [f"{place}, block {count + 1}: {where} were changed"]
        count += 1
    return [] if count == len(sealed) else [f"{place}: {len(sealed)} blocks were sealed, {count} are there"]


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
