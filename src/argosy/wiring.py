"""Where ports meet adapters: the only module that knows which database, files and renderer answer.

Everything here imports what it needs when it is called, so that no command pays for what it does not use.
"""

from __future__ import annotations

import importlib.resources
import re
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.base.errors import BookError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.random import Generator

    from argosy.adapters.store.book import StoredBook
    from argosy.base.table import Table
    from argosy.workflows.import_market import SessionSource
    from argosy.workflows.ports import BookStore, MarketFiles
    from argosy.workflows.tabular import RowReader

SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
SQLITE = "sqlite:///"


def system_clock() -> int:
    """Microseconds since 1970 in UTC, by this machine's clock."""
    return time.time_ns() // 1_000


def stopwatch() -> float:
    """Seconds that only run forward, for measuring how long something took."""
    return time.monotonic()


def generator(seed: int) -> Generator:
    """What draws random numbers; the same seed draws the same."""
    from numpy.random import default_rng

    return default_rng(seed)


def book_url(book: str) -> str:
    """The URL of a book given as a path or as a URL.

    Examples
    --------
    >>> book_url("sqlite:///book.db"), book_url("postgresql://localhost/argosy")
    ('sqlite:///book.db', 'postgresql://localhost/argosy')
    >>> book_url("books/mine.db")
    'sqlite:///books/mine.db'
    """
    if not book.strip():
        raise InvalidInput(
            "the book's name is empty", field="book", next_step="give a path such as book.db, or a postgresql:// URL"
        )
    found = SCHEME.match(book)
    if found is None:
        return SQLITE + str(Path(book).expanduser())
    scheme = found.group(1).lower()
    if scheme.startswith("postgres"):
        return "postgresql://" + book[found.end() :]
    return book


def create_store(book: str, *, market_location: str = "") -> BookStore:
    """Make an empty book; refuses an address where something is already."""
    from argosy.adapters.store.opening import create_book

    url = book_url(book)
    return create_book(url, clock=system_clock, market_location=market_folder(url, market_location))


def market_folder(url: str, location: str) -> str:
    """Where a new book is to keep its market files: said once and for good, and the same from every folder.

    Examples
    --------
    >>> market_folder("sqlite:///book.db", ""), market_folder("postgresql://localhost/a", "/srv/market")
    ('', '/srv/market')
    >>> market_folder("postgresql://localhost/a", "s3://bucket/market")
    's3://bucket/market'
    """
    if not location.strip():
        if url.startswith("postgresql://"):
            raise InvalidInput(
                "a book in PostgreSQL needs a folder for its market files, and it cannot be added later",
                field="market", next_step="give one that all who use the book can reach: --market FOLDER",
            )  # fmt: skip
        return ""
    return location if SCHEME.match(location) else str(Path(location).expanduser().absolute())


def open_store(book: str) -> BookStore:
    """Open a book that exists and is of this version."""
    return open_stored(book)


def open_stored(book: str) -> StoredBook:
    """As :func:`open_store`, with what only the adapter knows."""
    from argosy.adapters.store.opening import open_book

    return open_book(book_url(book), clock=system_clock)


def market_files(store: BookStore) -> MarketFiles:
    """The market files of a book: beside a SQLite file, or in the folder a PostgreSQL book names."""
    from argosy.adapters.files.market_files import LocalMarketFiles

    folder = str(getattr(store, "market_folder", ""))
    if not folder:
        raise BookError(
            "the book does not say where its market files are", place=store.url,
            next_step="make the book with `argosy init --market FOLDER`",
        )  # fmt: skip
    return LocalMarketFiles(folder, f"{folder.removesuffix('.market').rstrip('/')}.cache")


def row_reader() -> RowReader:
    """What reads CSV, TSV and Parquet as text columns."""
    from argosy.adapters.files.tabular import read_rows

    return read_rows


def fix_reader() -> RowReader:
    """What reads FIX execution reports as rows of fills."""
    from argosy.adapters.files.fix import read_fix

    return read_fix


def fix_orders(rows: Sequence[Mapping[str, object]], *, sender: str, target: str, first: int = 1) -> str:
    """Orders as FIX 4.4 messages, stamped with the present moment."""
    from argosy.adapters.files.fix import fix_orders as write

    return write(rows, sender=sender, target=target, at=system_clock(), first=first)


def exchange_sessions() -> SessionSource:
    """What knows the sessions of exchanges."""
    from argosy.adapters.files.calendars import exchange_sessions as sessions

    return sessions


def parquet_bytes(table: Table) -> bytes:
    """A table as the bytes of a Parquet file."""
    from argosy.adapters.render.parquet import parquet_bytes as write

    return write(table)


def arrow_bytes(frame: object) -> bytes:
    """Any dataframe that speaks Arrow's PyCapsule protocol, as the bytes of a Parquet file that readers take."""
    from argosy.adapters.render.parquet import frame_bytes

    return frame_bytes(frame)


def draw_svg(spec: dict[str, object], title: str, description: str, name: str) -> str:
    """A figure as an ``<svg>`` element."""
    from argosy.adapters.render.svg import svg

    return svg(spec, title=title, description=description, name=name)


def draw_png(spec: dict[str, object], title: str) -> bytes:
    """A figure as the bytes of a PNG."""
    from argosy.adapters.render.svg import png

    return png(spec, title=title)


def health(book: str, *, look_at_book: bool = True) -> Table:
    """What was found about the installation and, if wanted, the book: name, state, found, next step."""
    from argosy.adapters.host import checks
    from argosy.base.errors import ArgosyError
    from argosy.base.table import Column, Table

    found = list(checks.installation())
    if look_at_book:
        try:
            store = open_stored(book)
        except ArgosyError as error:
            found.append(checks.unreachable(error))
        else:
            try:
                found += checks.surroundings(store)
            finally:
                store.close()
    rows = [(check.name, check.state, check.found, check.next_step) for check in found]
    names = ("check", "state", "found", "next_step")
    return Table(
        "doctor", tuple(Column(name, "text", [row[place] for row in rows]) for place, name in enumerate(names))
    )


def restore_store(
    archive: str, book: str, *, market_location: str = "", progress: Callable[[int, int], None] | None = None
) -> BookStore:
    """Make a book from a backup; its chain is walked and its head compared before it is given."""
    from argosy.adapters.store.opening import restore_book

    return restore_book(archive, book_url(book), clock=system_clock, market_location=market_location, progress=progress)


@contextmanager
def scratch_books() -> Iterator[Callable[[str], BookStore]]:
    """Empty books that live as long as the block: files in a folder of their own that is deleted afterwards."""
    stores: list[BookStore] = []
    with tempfile.TemporaryDirectory(prefix="argosy-paper-") as folder:

        def make(name: str) -> BookStore:
            stores.append(create_store(str(Path(folder, f"{len(stores)}-{name}.db"))))
            return stores[-1]

        try:
            yield make
        finally:
            for store in stores:
                store.close()


@contextmanager
def compute_runner(*, workers: int = 0, cluster: str = "") -> Iterator[Callable[..., list[Any]]]:
    """What works on shards of a simulation: this process, ``workers`` processes, or the Dask cluster at an address.

    Give it as ``run=`` to :func:`argosy.measures.risk.loss.monte_carlo.monte_carlo`; the bits are the same for all.
    Processes and connections end with the context. Where processes are started, the script's own work belongs under
    ``if __name__ == "__main__":``.

    Examples
    --------
    >>> with compute_runner() as run:
    ...     run(abs, [-2, 1])
    [2, 1]
    """
    from argosy.adapters.compute import local

    if workers and cluster:
        raise InvalidInput("workers and cluster are both given", field="workers",
                           next_step="give workers= for this machine, or cluster= for a Dask scheduler")  # fmt: skip
    if cluster:
        from argosy.adapters.compute.cluster import connect

        with connect(cluster) as found:
            yield found
    elif workers:
        with local.Processes(workers) as processes:
            yield processes
    else:
        yield local.in_process


def demo_file(name: str) -> bytes:
    """Content of one of the demo's files in the package."""
    return importlib.resources.files("argosy").joinpath("demo", name).read_bytes()


def scenario_sets() -> dict[str, str]:
    """Prescribed sets of stress scenarios in the package: name -> TOML text."""
    folder = importlib.resources.files("argosy").joinpath("measures", "risk", "stress", "scenarios")
    found = {one.name.removesuffix(".toml"): one.read_text("utf-8") for one in folder.iterdir()}
    return dict(sorted(found.items()))


def mark_demo(book: Path) -> None:
    """Leave a note beside a demo book, so that only what ``argosy demo`` made is ever deleted by it."""
    _note(book).write_text("Made by `argosy demo`; `argosy demo --force` deletes it and makes it anew.\n", "utf-8")


def forget_demo(book: Path) -> None:
    """Delete a demo book with its market files and caches; refuses a book that is not marked as one."""
    if not _note(book).is_file():
        raise BookError(
            "this book was not made by `argosy demo`, so it is not deleted", place=str(book),
            next_step="choose another name with --book",
        )  # fmt: skip
    for suffix in ("", "-wal", "-shm", "-journal", "-lock", "-turn"):
        book.with_name(book.name + suffix).unlink(missing_ok=True)
    for suffix in (".market", ".cache"):
        shutil.rmtree(book.with_suffix(suffix), ignore_errors=True)
    _note(book).unlink()


def _note(book: Path) -> Path:
    return book.with_name(book.name + ".made-by-demo")
