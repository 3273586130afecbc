"""Put bytes on disk so that they are there after a power failure, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from argosy.base.errors import StorageFailure

TEMPORARY = ".part"


def make_folder(folder: Path) -> None:
    """Create a folder and make its name durable in its parent."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise failure("cannot create", folder, error) from error


def write_durably(path: Path, content: bytes) -> None:
    """Write under a temporary name, fsync, rename, fsync the folder. On failure nothing is left under ``path``."""
    part = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        write_all(part, content, durable=True)
        os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        remove_quietly(part)
        raise failure("cannot write", path, error) from error


def write_all(path: Path, content: bytes, *, durable: bool) -> None:
    """Write each byte, however many calls that takes."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make names created, renamed or removed in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_quietly(path: Path) -> None:
    """Remove a file that is of no use any more; that it stays is no harm."""
    try:
        path.unlink()
    except OSError:
        return


def failure(what: str, path: Path, error: OSError) -> StorageFailure:
    """The disk's refusal as Argosy says it."""
    return StorageFailure(
        f"{what} {path.name}: {error.strerror or error}",
        place=str(path.parent),
        next_step="free space or mend the disk, then do it again; nothing was written",
    )
