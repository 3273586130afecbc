"""From a backup to a book: every block is hashed on the way in, the whole chain walked at the end, heads compared."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np
from sqlalchemy import Connection, insert

from argosy.adapters.store import canonical
from argosy.adapters.store.archive import LENGTH, Progress, check_file_name, pieces, read_manifest, sync_folder
from argosy.adapters.store.canonical import Rows
from argosy.adapters.store.database import Database
from argosy.adapters.store.rows import TABLES
from argosy.adapters.store.tables import batch, raw_file
from argosy.base.errors import BookError, StorageFailure, TamperedBook
from argosy.record.ledger.events import Int64

LARGEST_BLOCK = 1 << 30
AT_ONCE = 64  # blocks per insert


def fill_from(
    archive: zipfile.ZipFile, database: Database, connection: Connection, *, start: str, progress: Progress | None
) -> str:
    """Insert all batches and imported files inside the open transaction; give the head they lead to."""
    manifest, mark = read_manifest(archive)
    total, head, seq = mark.batch + len(manifest["raw"]), start, 0
    for number in range(1, mark.batch + 1):
        with archive.open(f"batches/{number}") as entry:
            head, seq = _take_batch(entry, database, connection, number, head, seq)
        if progress is not None:
            progress(number, total)
    for at, sha256 in enumerate(manifest["raw"]):
        content = archive.read(f"raw/{sha256}")
        plain = zlib.decompress(content)
        if hashlib.sha256(plain).hexdigest() != sha256:
            raise TamperedBook("an imported file was changed in the backup", found=sha256)
        connection.execute(insert(raw_file).values(sha256=sha256, size=len(plain), content=content))
        if progress is not None:
            progress(mark.batch + at + 1, total)
    if (head, seq) != (mark.head, mark.seq):
        raise TamperedBook("the rows of the backup do not lead to its head", found=head, expected=mark.head)
    return head


def _take_batch(
    entry: IO[bytes], database: Database, connection: Connection, number: int, head: str, seq: int
) -> tuple[str, int]:
    fields = canonical.read_json(next(_records(entry), b"{}"))
    if set(fields) != set(canonical.LINE):
        raise BookError(f"batch {number} of the backup does not say what it is")
    if fields.get("batch") != number or fields.get("first_seq") != seq + 1:
        raise TamperedBook(f"batch {number} of the backup is not the one that follows")
    hashes = bytearray()
    waiting: list[Rows] = []
    for block in _records(entry):
        hashes += hashlib.sha256(block).digest()
        rows = canonical.parse(block, int(fields["encoding"]))
        if waiting and (rows.table != waiting[0].table or len(waiting) >= AT_ONCE):
            _insert(database, connection, waiting)
            waiting = []
        waiting.append(rows)
        seq += len(rows)
    if waiting:
        _insert(database, connection, waiting)
    root = canonical.root_of(bytes(hashes))
    after = canonical.head_of(head, root, fields)
    connection.execute(insert(batch).values(**fields, blocks=bytes(hashes), root=root, head=after))
    return after, seq


def _records(entry: IO[bytes]) -> Iterator[bytes]:
    while size := entry.read(LENGTH.size):
        (length,) = LENGTH.unpack(size)
        if not 0 <= length <= LARGEST_BLOCK:
            raise BookError("the backup is damaged: a block has no sensible length", found=length)
        record = entry.read(length)
        if len(record) != length:
            raise BookError("the backup is cut off")
        yield record


def _insert(database: Database, connection: Connection, parts: Sequence[Rows]) -> None:
    table = parts[0].table
    integers: dict[str, Int64] = {
        name: np.concatenate([part.integers[name] for part in parts]) for name in parts[0].integers
    }
    variable = {name: [item for part in parts for item in part.variable[name]] for name in parts[0].variable}
    database.insert(connection, TABLES[table], Rows(table, integers, variable))


def unpack_market(archive: zipfile.ZipFile, folder: str) -> list[str]:
    """Write the market files into a folder, checked and synced; those that are there already must be the same."""
    manifest, _ = read_manifest(archive)
    written: list[str] = []
    if manifest["market"]:
        os.makedirs(folder, exist_ok=True)
    for item in manifest["market"]:
        check_file_name(item["name"])
        path = os.path.join(folder, item["name"])
        if os.path.lexists(path):
            _same_file(path, item)
            continue
        _unpack(archive, path, item)
        written.append(path)
    if written:
        sync_folder(written[0])
        sync_folder(folder)
    return written


def _same_file(path: str, item: dict[str, Any]) -> None:
    seen = hashlib.sha256()
    with open(path, "rb") as there:
        for piece in pieces(there):
            seen.update(piece)
    if seen.hexdigest() != item["sha256"]:
        raise StorageFailure(
            "another file has this name already", place=path, next_step="restore into an empty folder"
        )  # fmt: skip


def _unpack(archive: zipfile.ZipFile, path: str, item: dict[str, Any]) -> None:
    part = path + ".part"
    seen, size = hashlib.sha256(), 0
    with archive.open(f"market/{item['name']}") as entry, open(part, "wb") as target:
        for piece in pieces(entry):
            seen.update(piece)
            size += len(piece)
            if size > int(item["bytes"]):
                break
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    if seen.hexdigest() != item["sha256"]:
        os.unlink(part)
        raise TamperedBook("a market file was changed in the backup", place=path, expected=item["sha256"])
    os.rename(part, path)
