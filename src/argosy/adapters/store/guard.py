"""What keeps acknowledged commits: one SQLite library for a book in a process, and nobody else at its files.

POSIX locks belong to the process, so a second library (or a plain open and close of ``book.db-shm``) drops the locks of
the first, and another process writes over what was acknowledged. Three walls:

- the library is pysqlite3 at or above 3.51.3, whose WAL no longer loses pages to a race of checkpoints;
- a shared object that carries SQLite and opens databases without Python noticing (ADBC, DuckDB's scanner, apsw) is
  refused when it is mapped as a book is opened or written to;
- Python's own ``sqlite3`` may be loaded (coverage, IPython keep their notes in it) but, like plain ``open``, may not
  touch the files of a book this process holds open: an audit hook refuses the call.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argosy.base.errors import BookError

FLOOR = (3, 51, 3)
WITHDRAWN = (3, 52, 0)
SUFFIXES = ("", "-wal", "-shm", "-journal")

_lock = threading.Lock()
_open_books: dict[str, int] = {}  # real path -> how often open in this process
_names: frozenset[str] = frozenset()  # base names of their files, for a quick look
_own = threading.local()
_hooked = False


def check_version(found: tuple[int, ...]) -> None:
    """Refuse a SQLite library that can damage a WAL file."""
    if found < FLOOR or found == WITHDRAWN:
        raise BookError(
            f"SQLite {'.'.join(map(str, found))} can lose commits",
            found=found,
            expected="SQLite 3.51.3 or newer (not 3.52.0)",
            next_step="install pysqlite3 0.6.1 or newer",
        )


def check_mapped(own_library: str, maps: str = "/proc/self/maps") -> None:
    """Refuse when another SQLite library that Python cannot watch is mapped into this process (Linux)."""
    others = [path for path in mapped_libraries(maps) if not _is_harmless(path, own_library)]
    if others:
        raise BookError(
            f"a second SQLite library is loaded in this process: {', '.join(others)}",
            found=others,
            expected=f"only {own_library}",
            next_step="use it in another process: two libraries on one file lose acknowledged commits",
        )


def check_handles(path: str, handles: str = "/proc/self/fd") -> None:
    """Refuse when this process has a book's file open already, other than through the store (Linux)."""
    if path in _open_books:
        return
    files = {found for suffix in SUFFIXES if (found := _identity(path + suffix)) is not None}
    try:
        numbers = os.listdir(handles)
    except OSError:
        return
    if any(_identity(f"{handles}/{number}") in files for number in numbers):
        raise BookError(
            "something else in this process has this file open, and two at one file lose commits",
            place=path,
            next_step="close it first",
        )


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def mapped_libraries(maps: str = "/proc/self/maps") -> list[str]:
    """Shared objects in this process that carry SQLite, by path; empty where the system does not tell."""
    try:
        with open(maps, encoding="utf-8", errors="replace") as lines:
            paths = {
                line.split(maxsplit=5)[5].strip() for line in lines if line.count("/") and "sqlite" in line.lower()
            }
    except (OSError, IndexError):
        return []
    return sorted(path for path in paths if _is_sqlite(path))


def _is_sqlite(path: str) -> bool:
    name = path.removesuffix(" (deleted)").rpartition("/")[2].lower()
    return "sqlite" in name and (".so" in name or ".dylib" in name or name.endswith(".duckdb_extension"))


def _is_harmless(path: str, own_library: str) -> bool:
    name = path.rpartition("/")[2]
    if path.removesuffix(" (deleted)") == own_library:
        return True
    watched = "_sqlite3" in sys.modules  # the standard module announces each connection, so the hook below sees it
    return watched and name.startswith(("_sqlite3.", "libsqlite3."))


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event not in ("open", "sqlite3.connect") or not _names or getattr(_own, "connecting", False):
        return
    target = arguments[0]
    if isinstance(target, bytes):
        target = os.fsdecode(target)
    if not isinstance(target, str):
        return
    path = target.removeprefix("file:").partition("?")[0]
    if os.path.basename(path) not in _names:
        return
    real = os.path.realpath(path)
    if any(real == book + suffix for book in _open_books for suffix in SUFFIXES):
        raise BookError(
            "this process has the book open, and touching its files from outside loses commits",
            place=path,
            next_step="close the book first, or use `argosy backup`",
        )


def watch(path: str) -> None:
    """Start refusing other access to a book's files in this process."""
    global _hooked
    with _lock:
        if not _hooked:
            sys.addaudithook(_audit)
            _hooked = True
        _open_books[path] = _open_books.get(path, 0) + 1
        _refresh()


def unwatch(path: str) -> None:
    """Stop refusing, once the book has been closed as often as it was opened."""
    with _lock:
        count = _open_books.get(path, 0) - 1
        if count > 0:
            _open_books[path] = count
        else:
            _open_books.pop(path, None)
        _refresh()


def _refresh() -> None:
    global _names
    _names = frozenset(os.path.basename(path) + suffix for path in _open_books for suffix in SUFFIXES)


@contextmanager
def connecting() -> Iterator[None]:
    """Mark the connections the store makes itself."""
    _own.connecting = True
    try:
        yield
    finally:
        _own.connecting = False


_inherited: list[object] = []


def keep_open(connections: list[object]) -> None:
    """In a forked child: never close what the parent opened, not even when the interpreter ends.

    Closing would release nothing of the child's and can checkpoint the parent's file.
    """
    for connection in connections:
        _inherited.append(connection)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))
