"""The backup: one file with all that a book is made of, the same from SQLite and PostgreSQL, restorable into either.

A zip with ``manifest.json`` (format, book, watermark with its head, files), ``batches/<n>`` (what the batch says of
itself, then its rows as the canonical blocks that the chain is made of), ``raw/<sha256>`` (imported files, zlib) and
``market/<name>``. The book is read through its connection at one watermark, so others may write meanwhile, and each
block is held against its sealed hash on the way out and on the way in.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from struct import Struct
from typing import IO, Any

from sqlalchemy import Row, select

from argosy.adapters.store import canonical
from argosy.adapters.store.database import Database
from argosy.adapters.store.rows import read_batches, read_facts, read_watermark, sealed_blocks
from argosy.adapters.store.tables import batch, raw_file
from argosy.base.errors import BookError, InvalidInput, StorageFailure, TamperedBook
from argosy.record.facts import FILED
from argosy.workflows.ports import Watermark

FORMAT = 1
LENGTH = Struct("<q")
PIECE = 1 << 20

Progress = Callable[[int, int], None]


def write_backup(
    database: Database, *, book: str, created: int, start: str, market_folder: str, destination: str,
    progress: Progress | None,
) -> None:  # fmt: skip
    """Write the archive beside its final name, sync it, then give it the name."""
    if os.path.lexists(destination):
        raise InvalidInput("there is a file already", place=destination, next_step="choose another name")
    part = destination + ".part"
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            _fill(archive, database, book, created, start, market_folder, progress)
        with open(part, "rb+") as written:
            os.fsync(written.fileno())
        _name(part, destination)
        sync_folder(destination)
    except OSError as error:
        raise StorageFailure(
            f"the backup could not be written: {error.strerror or error}",
            place=destination,
            next_step="check the space",
        ) from error
    finally:
        with suppress(OSError):
            os.unlink(part)


def _name(part: str, destination: str) -> None:
    try:
        os.link(part, destination)  # unlike a rename, never replaces what somebody put there meanwhile
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):  # some file systems know no links
            raise
        os.rename(part, destination)
    else:
        os.unlink(part)


def sync_folder(path: str) -> None:
    """Make the name of a new file last."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fill(
    archive: zipfile.ZipFile, database: Database, book: str, created: int, start: str, market_folder: str,
    progress: Progress | None,
) -> None:  # fmt: skip
    with database.reading() as connection:
        mark = read_watermark(connection, start, None)
        infos = read_batches(connection, last_seq=mark.seq)
        loads = read_facts(connection, last_seq=mark.seq, kinds=FILED)
    raw = sorted({info.file_sha256 for info in infos} - {""})
    market = {
        str(fact.payload["file"]): str(fact.payload.get("sha256", "")) for fact in loads if fact.payload.get("file")
    }
    total, done = len(infos) + len(raw) + len(market), 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    files = []
    for name, sha256 in sorted(market.items()):
        files.append(_pack_file(archive, market_folder, name, sha256))
        step()
    head = start
    for info in infos:
        head = _pack_batch(archive, database, info.batch, head)
        step()
    for sha256 in raw:
        with database.reading() as connection:
            content = connection.scalar(select(raw_file.c.content).where(raw_file.c.sha256 == sha256))
        if content is None:
            raise TamperedBook(f"the imported file {sha256} is missing", place=database.url)
        archive.writestr(zipfile.ZipInfo(f"raw/{sha256}"), bytes(content), zipfile.ZIP_STORED)
        step()
    manifest = {
        "format": FORMAT, "book": book, "created": created, "seq": mark.seq, "batch": mark.batch,
        "known_at": mark.known_at, "head": head, "raw": raw, "market": files,
    }  # fmt: skip
    archive.writestr("manifest.json", json.dumps(manifest, indent=1))


def _pack_batch(archive: zipfile.ZipFile, database: Database, number: int, head: str) -> str:
    with database.reading() as connection:
        line = connection.execute(select(batch).where(batch.c.batch == number)).one()
        fields = {name: line._asdict()[name] for name in canonical.LINE}
        _check_line(line, fields, head, database.url)
        with archive.open(f"batches/{number}", "w", force_zip64=True) as entry:
            seal = canonical.canonical_json(fields).encode()
            entry.write(LENGTH.pack(len(seal)) + seal)
            sealed = [line.blocks[at : at + 32] for at in range(0, len(line.blocks), 32)]
            count = 0
            for where, block in sealed_blocks(database, connection, line):
                if count >= len(sealed) or hashlib.sha256(block).digest() != sealed[count]:
                    raise TamperedBook(
                        f"batch {number}: {where} were changed; a backup would not restore", place=database.url,
                        next_step="run `argosy verify`",
                    )  # fmt: skip
                entry.write(LENGTH.pack(len(block)))
                entry.write(block)
                count += 1
    if count != len(sealed):
        raise TamperedBook(f"batch {number}: rows are missing", place=database.url, next_step="run `argosy verify`")
    return str(line.head)


def _check_line(line: Row[Any], fields: dict[str, Any], head: str, place: str) -> None:
    good = canonical.root_of(line.blocks) == line.root and canonical.head_of(head, line.root, fields) == line.head
    if not good:
        raise TamperedBook(
            f"batch {line.batch} does not fit the chain; a backup would not restore", place=place,
            next_step="run `argosy verify`",
        )  # fmt: skip


def _pack_file(archive: zipfile.ZipFile, folder: str, name: str, sha256: str) -> dict[str, object]:
    check_file_name(name)
    path = os.path.join(folder, name)
    seen, size = hashlib.sha256(), 0
    try:
        with open(path, "rb") as source, archive.open(f"market/{name}", "w", force_zip64=True) as entry:
            for piece in pieces(source):
                seen.update(piece)
                size += len(piece)
                entry.write(piece)
    except FileNotFoundError as error:
        raise BookError("a market file of the book is missing", place=path, next_step="run `argosy verify`") from error
    if sha256 and seen.hexdigest() != sha256:
        raise TamperedBook("a market file was changed", place=path, expected=sha256, found=seen.hexdigest())
    return {"name": name, "sha256": seen.hexdigest(), "bytes": size}


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """A stream in pieces of a megabyte."""
    while piece := source.read(PIECE):
        yield piece


def check_file_name(name: str) -> None:
    """Refuse a file name that would leave its folder."""
    if not name or name in (".", "..") or name != os.path.basename(name) or any(c in name for c in "\0\\/"):
        raise BookError("not the name of a market file", field="file", found=name)


def read_manifest(archive: zipfile.ZipFile) -> tuple[dict[str, Any], Watermark]:
    """What the archive says it holds."""
    manifest = json.loads(archive.read("manifest.json"))
    if manifest["format"] != FORMAT:
        raise BookError(
            f"the backup has format {manifest['format']}, this version reads {FORMAT}", next_step="use a newer Argosy"
        )
    return manifest, Watermark(manifest["seq"], manifest["batch"], manifest["known_at"], manifest["head"])
