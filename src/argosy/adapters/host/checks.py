"""Checks of an installation and of a book's surroundings."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.settings import settings
from argosy.base.dates import format_instant
from argosy.base.errors import ArgosyError, BookError

GOOD, LOOK, MEND = "good", "look", "mend"
NEEDED = ("click", "rich", "sqlalchemy", "alembic", "numpy", "numba", "pyarrow", "vl-convert-python")
EXTRAS = {"postgres": ("psycopg",), "frames": ("polars", "pandas"), "calendars": ("exchange-calendars",)}
LITTLE_SPACE = 1 << 30
NO_SPACE = 100 << 20
EARLIEST = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``state`` is good, look (worth knowing) or mend (must be mended)."""

    name: str
    state: str
    found: str
    next_step: str = ""


def version_of(package: str) -> str:
    """Installed version of a package, empty when it is not there; nothing is imported."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def installation() -> Iterator[Check]:
    """The installation: Argosy, Python, packages, SQLite, time zones, caches, clock."""
    from argosy.base.version import __version__

    yield Check("argosy", GOOD, __version__)
    good = sys.version_info >= (3, 11)
    yield Check("python", GOOD if good else MEND, f"{platform.python_version()} on {platform.system()}",
                "" if good else "install Python 3.11 or newer")  # fmt: skip
    missing = [package for package in NEEDED if not version_of(package)]
    yield Check(
        "packages", MEND if missing else GOOD,
        f"missing: {', '.join(missing)}" if missing else ", ".join(f"{p} {version_of(p)}" for p in NEEDED),
        "run make setup, or pip install argosy again" if missing else "",
    )  # fmt: skip
    yield _sqlite()
    for extra, packages in EXTRAS.items():
        absent = [package for package in packages if not version_of(package)]
        found = ", ".join(f"{package} {version_of(package)}" for package in packages if package not in absent)
        yield Check(f"extra {extra}", LOOK if absent else GOOD, found or "not installed",
                    f"pip install 'argosy[{extra}]' if you need it" if absent else "")  # fmt: skip
    yield _zones()
    yield _kernels_cache()
    now = datetime.datetime.now(datetime.UTC)
    yield Check("clock", GOOD if now > EARLIEST else MEND, format_instant(int(now.timestamp()) * 1_000_000),
                "" if now > EARLIEST else "set the clock of this machine")  # fmt: skip


def _sqlite() -> Check:
    from pysqlite3 import _sqlite3 as library
    from pysqlite3 import dbapi2

    from argosy.adapters.store import guard

    found = f"{dbapi2.sqlite_version} (pysqlite3)"
    try:
        guard.check_version(dbapi2.sqlite_version_info)
        guard.check_mapped(library.__file__)
    except BookError as error:
        return Check("SQLite library", MEND, error.message, error.next_step)
    return Check("SQLite library", GOOD, found)


def _zones() -> Check:
    try:
        zoneinfo.ZoneInfo("America/New_York")
    except zoneinfo.ZoneInfoNotFoundError:
        return Check("time zones", MEND, "not found", "install the system's tzdata, or pip install tzdata")
    return Check("time zones", GOOD, "found")


def _kernels_cache() -> Check:
    place = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parents[2] / "kernels" / "__pycache__")
    folder = place if place.exists() else place.parent
    if os.access(folder, os.W_OK):
        return Check("compiled kernels", GOOD, "kept between runs")
    return Check("compiled kernels", LOOK, f"{place} is not writable: they are compiled anew elsewhere",
                 "set NUMBA_CACHE_DIR to a folder of yours")  # fmt: skip


def surroundings(book: StoredBook) -> Iterator[Check]:
    """A book that could be opened: how it is set, its market files, disk and clock."""
    mark = book.watermark()
    yield Check("book", GOOD, f"{book.url}: {mark.seq:,} rows in {mark.batch:,} batches, head {mark.head[:16]}")
    found = settings(book)
    yield _journal(found)
    yield from _market(book)
    if book.url.startswith("sqlite:///"):
        yield _space("disk of the book", Path(book.url.removeprefix("sqlite:///")).absolute().parent)
        yield _writable(Path(book.url.removeprefix("sqlite:///")).absolute().parent)
    now = int(datetime.datetime.now(datetime.UTC).timestamp() * 1_000_000)
    if mark.known_at > now:
        yield Check("clock against the book", LOOK,
                    f"the book last learned something at {format_instant(mark.known_at)}, in this clock's future",
                    "set the clock; the book keeps its order meanwhile")  # fmt: skip
    else:
        yield Check("clock against the book", GOOD, f"last learned {format_instant(mark.known_at)}")


def _journal(found: dict[str, str]) -> Check:
    text = ", ".join(f"{name} {value}" for name, value in found.items())
    if "journal_mode" in found:
        good = found["journal_mode"] == "wal" and found["synchronous"] in ("2", "3")
        step = "open it with Argosy only; other programs change these settings"
    else:
        good = found.get("fsync") == "on" and found.get("synchronous_commit") not in ("off",)
        step = "switch fsync and synchronous_commit on in postgresql.conf"
    return Check("commits survive power loss", GOOD if good else MEND, text, "" if good else step)


def _market(book: StoredBook) -> Iterator[Check]:
    from argosy.adapters.files.market_files import LocalMarketFiles
    from argosy.record.facts import KEPT
    from argosy.record.reference_fold import Reference

    reference = Reference.from_facts(book.facts())
    named = {load.file for load in reference.market_loads} | {
        str(fact.payload["file"]) for fact in reference.facts if fact.kind in KEPT
    }
    if not book.market_folder:
        yield Check("market files", LOOK, "the book names no folder", "make the book with argosy init --market FOLDER")
        return
    files = LocalMarketFiles(book.market_folder, book.market_folder)
    there = set(files.names())
    gone = sorted(named - there)
    yield Check(
        "market files", MEND if gone else GOOD,
        f"{len(gone)} of {len(named)} are gone, such as {gone[0]}" if gone else f"{len(named)} in {book.market_folder}",
        "bring the folder back from a backup" if gone else "",
    )  # fmt: skip
    left = len(there) - len(named & there)
    if left:
        yield Check("market files without a load", LOOK, f"{left} (an import was cut short before its commit)",
                    "harmless; they may be deleted")  # fmt: skip
    if os.path.isdir(book.market_folder):
        yield _space("disk of the market files", Path(book.market_folder).absolute())


def _space(name: str, folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    state = MEND if free < NO_SPACE else LOOK if free < LITTLE_SPACE else GOOD
    return Check(name, state, f"{free / (1 << 30):,.1f} GiB free", "" if state == GOOD else "make room")


def _writable(folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check("folder of the book", MEND, f"{folder}: {error.strerror}", "check owner and mode of the folder")
    return Check("folder of the book", GOOD, f"{folder} is writable")


def unreachable(error: ArgosyError) -> Check:
    """A book that could not be opened."""
    return Check("book", MEND, str(error).partition(". Next: ")[0], error.next_step)
