"""Kill writers at random moments and look at what they leave: ``python -m tests.crash.killing URL MARKET KILLS``.

One process loads everything once and forks a writer for each kill; only children ever open the book. A shared byte says
whether the writer was inside a write (lock held, or a market file under way) when the signal came. Prints one JSON
object.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import argosy
from argosy.adapters.files.market_files import LocalMarketFiles
from argosy.adapters.store.sqlite import SqliteDatabase
from tests.crash import exercise

INSIDE_SHARE = 0.75  # of the kills wait for a write to begin
LONGEST_WAIT = 3.0
NEW_BOOK_AFTER = 50


class Flag:
    """A byte that parent and children see."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def set(self, value: int) -> None:
        self._memory[0] = value

    def get(self) -> int:
        return self._memory[0]


def watch(flag: Flag, url: str) -> None:
    """Let the flag show when this process is inside a write."""
    if url.startswith("sqlite"):
        database: Any = SqliteDatabase
    else:
        from argosy.adapters.store.postgres import PostgresDatabase

        database = PostgresDatabase
    writing, write = database.writing, LocalMarketFiles.write

    @contextmanager
    def watched(self: Any, *, wait: float | None = None) -> Iterator[Any]:
        with writing(self, wait=wait) as connection:
            flag.set(1)
            yield connection
        flag.set(0)  # after the commit and the checkpoint

    def watched_write(self: Any, *given: Any, **named: Any) -> Any:
        flag.set(1)
        found = write(self, *given, **named)
        flag.set(0)
        return found

    database.writing = watched
    LocalMarketFiles.write = watched_write  # type: ignore[method-assign]


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Run work in a child that gets the writing end of a pipe; give (process, reading end)."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child:
        os.close(write_end)
        return child, read_end
    status = 1
    try:
        os.close(read_end)
        work(write_end)
        status = 0
    except BaseException as error:
        os.write(2, f"child: {error!r}\n".encode())
    finally:
        os._exit(status)


def collect(child: int, read_end: int) -> tuple[int, list[Any]]:
    """Wait for a child; give its status and the lines it sent."""
    _, status = os.waitpid(child, 0)
    with os.fdopen(read_end, "rb") as pipe:
        lines = pipe.read().splitlines(keepends=True)
    return os.waitstatus_to_exitcode(status), [json.loads(line) for line in lines if line.endswith(b"\n")]


def writer(url: str, first: int) -> Callable[[int], None]:
    """Perform operation after operation, acknowledging each when it has returned."""

    def work(pipe: int) -> None:
        with argosy.open(url) as book:
            for n in range(first, first + 10_000):
                exercise.perform(book, n)
                mark = book.watermark
                os.write(pipe, f"{json.dumps([n, mark.seq, mark.head])}\n".encode())

    return work


def checker(url: str, acknowledged: list[tuple[int, int, str]]) -> Callable[[int], None]:
    """Open what was left, as the next start would, and say what is wrong and how long it took."""

    def work(pipe: int) -> None:
        begun = time.monotonic()
        problems = exercise.inspect(url, acknowledged)
        store = exercise.open_book(url, clock=lambda: 0)
        reached = exercise.reached(store)
        store.close()
        os.write(pipe, (json.dumps([problems, reached, time.monotonic() - begun]) + "\n").encode())

    return work


def kill_one(url: str, first: int, flag: Flag, rng: random.Random) -> tuple[list[tuple[int, int, str]], int]:
    """Start a writer, kill it, give what it acknowledged and whether it was inside a write."""
    flag.set(0)
    child, pipe = forked(writer(url, first))
    time.sleep(rng.uniform(0.01, 0.15))
    if rng.random() < INSIDE_SHARE:
        deadline = time.monotonic() + LONGEST_WAIT
        while not flag.get() and time.monotonic() < deadline:
            pass
        pause = time.monotonic() + rng.uniform(0, 0.006)
        while time.monotonic() < pause:
            pass
    os.kill(child, signal.SIGKILL)
    status, lines = collect(child, pipe)
    assert status == -signal.SIGKILL, status
    return [(n, seq, head) for n, seq, head in lines], flag.get()


def _prepare(url: str, market: Path, _: int) -> None:
    exercise.prepare(url, market)


def campaign(url: str, market: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill writers of one book again and again, and of a new book whenever it has grown."""
    flag, rng = Flag(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:  # everything that loads late is loaded before the first fork
        exercise.prepare(f"sqlite:///{folder}/warm.db", Path(folder, "market"))
        with argosy.open(f"sqlite:///{folder}/warm.db") as book:
            for n in range(4):
                exercise.perform(book, n)
        exercise.inspect(f"sqlite:///{folder}/warm.db", [])
    watch(flag, url)
    inside = acknowledged_total = 0
    slowest, problems, reached = 0.0, [], 0
    acknowledged: list[tuple[int, int, str]] = []
    base = url
    for number in range(kills):
        if number == 0 or (number % NEW_BOOK_AFTER == 0 and base.startswith("sqlite")):
            url = base.replace(".db", f"-{number}.db")
            status, _ = collect(*forked(partial(_prepare, url, market)))
            assert status == 0
            acknowledged, reached = [], 0
        fresh, was_inside = kill_one(url, reached, flag, rng)
        inside += was_inside
        acknowledged_total += len(fresh)
        acknowledged += fresh
        status, lines = collect(*forked(checker(url, acknowledged)))
        if status != 0 or not lines:
            problems.append(f"kill {number}: the book does not open")
            break
        found, reached, seconds = lines[0]
        problems += [f"kill {number}: {problem}" for problem in found]
        slowest = max(slowest, seconds)
        acknowledged = acknowledged[-50:]
    return {
        "kills": kills, "inside": inside, "acknowledged": acknowledged_total, "problems": problems[:20],
        "slowest_start": round(slowest, 3), "operations": reached,
    }  # fmt: skip


if __name__ == "__main__":
    address, folder_name, count, first_seed = sys.argv[1:]
    print(json.dumps(campaign(address, Path(folder_name), int(count), int(first_seed))))
