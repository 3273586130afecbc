"""Lots and gains of a million-event book rebuilt from the database, beside reading the same rows and doing nothing.

The peer is the database's own driver fetching the same rows, all columns, into Python objects.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from argosy.wiring import create_store
from argosy.workflows.ports import BatchDraft
from bench.harness import Promise
from bench.lots_kernel import events_of

PROMISE = "Lots and gains of a million events are rebuilt within 1.5x of reading the same rows, in under 1 GiB."

OURS = """
import sys, time
from argosy.wiring import open_store
from argosy.record.ledger.fold import fold
store = open_store(sys.argv[1])
times = []
peak = 0
for _ in range(3):
    start = time.perf_counter()
    state = fold(store.events(), engine="kernel")
    gain = int((state.reliefs.proceeds - state.reliefs.cost).sum())
    lots = len(state.lots)
    times.append(time.perf_counter() - start)
    # One book, before a second is read; the peak of this process, not the one it was started from.
    peak = peak or int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
    del state
print(times[0], sorted(times)[1], peak, gain, lots)
"""

BARE_SQLITE = """
import sys, time
import pysqlite3
from argosy.record.ledger.events import COLUMNS
connection = pysqlite3.connect(sys.argv[1])
times = []
for _ in range(3):
    start = time.perf_counter()
    rows = 0
    cursor = connection.execute("SELECT " + ",".join(COLUMNS) + ", payload FROM event ORDER BY seq")
    while chunk := cursor.fetchmany(65_536):
        rows += len(chunk)
    times.append(time.perf_counter() - start)
print(times[0], sorted(times)[1], rows)
"""

BARE_POSTGRES = """
import sys, time
import psycopg
from argosy.record.ledger.events import COLUMNS
connection = psycopg.connect(sys.argv[1])
times = []
for _ in range(3):
    start = time.perf_counter()
    with connection.cursor() as cursor:
        rows = len(cursor.execute("SELECT " + ",".join(COLUMNS) + ", payload FROM event ORDER BY seq").fetchall())
    times.append(time.perf_counter() - start)
print(times[0], sorted(times)[1], rows)
"""


def _child(code: str, address: str) -> list[float]:
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, address], check=True, stdout=subprocess.PIPE, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


def _fill(url: str, folder: Path, count: int) -> None:
    store = create_store(url, market_location=str(folder / "market"))
    events = events_of(count)
    keys = [int(number).to_bytes(16, "big") for number in np.arange(count)]
    with store.writer() as writer:
        writer.append(BatchDraft("import transactions", "bench", events=events, keys=keys, contents=keys))
    store.close()


def _measure(name: str, url: str, code: str, address: str, count: int) -> Promise:
    first, warm, memory, *_ = _child(OURS, url)
    _, bare, rows = _child(code, address)
    assert rows == count
    full = count >= 1_000_000
    return Promise(
        f"lots and gains of {count:,} events from {name}", {"ours": warm, "bare read": bare},
        (("ours / bare read", warm / bare, 1.5 if full else 20.0), ("peak memory, MiB", memory, 1024.0)),
        cold={"ours": first},
    )  # fmt: skip


def run(size: str) -> list[Promise]:
    """SQLite always; PostgreSQL where its binaries are installed."""
    from tests.postgres_cluster import find_binaries, running_cluster

    count = 1_000_000 if size == "full" else 20_000
    promises = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'book.db'}"
        _fill(url, folder, count)
        promises.append(_measure("SQLite", url, BARE_SQLITE, str(folder / "book.db"), count))
        binaries = find_binaries()
        if binaries is not None:
            with running_cluster(binaries, durable=True) as cluster, cluster.fresh_database() as address:
                _fill(address, folder, count)
                promises.append(_measure("PostgreSQL", address, BARE_POSTGRES, address, count))
    return promises
