"""Importing a million-row file: into SQLite beside a bare ADBC insert, into PostgreSQL beside a bare COPY.

The peers write the rows that the book would write (28 integers and the unique 16-byte key of each event) with nothing
else: no reading of text, no checks, no ledger, no hash chain. They run in a process of their own, since a process that
opens a book must not load a second SQLite library.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import argosy
from bench.harness import Promise
from bench.neutral_file import prepared, write_file

PROMISE = "A file of a million rows is imported within 3x a bare bulk insert of the same rows with the same key."

BARE_SQLITE = """
import sys, time, hashlib
import adbc_driver_sqlite.dbapi as adbc, pyarrow as pa
from argosy.record.ledger.events import COLUMNS
from bench.lots_kernel import events_of
events = events_of(int(sys.argv[1]))
table = {name: events[name] for name in COLUMNS}
table["key"] = [hashlib.sha256(b"%d" % n).digest()[:16] for n in range(len(events))]
table = pa.table(table)
start = time.perf_counter()
with adbc.connect(sys.argv[2]) as connection:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE event (" + ",".join(f"{c} INTEGER NOT NULL" for c in COLUMNS)
                       + ", key BLOB NOT NULL UNIQUE, PRIMARY KEY (seq))")
        cursor.adbc_ingest("event", table, mode="append")
    connection.commit()
print(time.perf_counter() - start)
"""

BARE_COPY = """
import sys, time, hashlib, io
import psycopg, pyarrow as pa, pyarrow.csv as csv
from argosy.record.ledger.events import COLUMNS
from bench.lots_kernel import events_of
events = events_of(int(sys.argv[1]))
table = {name: events[name] for name in COLUMNS}
table["key"] = ["\\\\x" + hashlib.sha256(b"%d" % n).hexdigest()[:32] for n in range(len(events))]
table = pa.table(table)
start = time.perf_counter()
with psycopg.connect(sys.argv[2]) as connection:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_event (" + ",".join(f"{c} BIGINT NOT NULL" for c in COLUMNS)
                       + ", key BYTEA NOT NULL UNIQUE, PRIMARY KEY (seq))")
        out = io.BytesIO()
        csv.write_csv(table, out, csv.WriteOptions(include_header=False))
        with cursor.copy("COPY bare_event FROM STDIN (FORMAT csv)") as copy:
            copy.write(out.getvalue())
    connection.commit()
print(time.perf_counter() - start)
"""

IMPORT = """
import sys, time
import argosy
book = argosy.open(sys.argv[1])
start = time.perf_counter()
report = book.import_transactions(sys.argv[2])
seconds = time.perf_counter() - start
assert report.written and not report.refused, report
print(seconds, int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024)
"""


def _child(code: str, *arguments: str) -> list[float]:
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.PIPE, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


def _measure(url: str, folder: Path, path: Path, count: int, peer: tuple[str, str, str]) -> Promise:
    name, code, address = peer
    with argosy.create(url, market=str(folder / "market")) as book:
        prepared(book, max(3, count // 2_000))
    ours, memory = _child(IMPORT, url, str(path))
    bare = _child(code, str(count), address)[0]
    started = time.perf_counter()
    with argosy.open(url) as book:
        again = book.import_transactions(str(path))
    second = time.perf_counter() - started
    assert again.inserted == 0
    assert again.known == count
    seconds = {"ours": ours, name: bare, "ours, the same file again": second}
    allowed = 3.0 if count >= 1_000_000 else 100.0  # small files pay the start of a process
    return Promise(
        f"import of {count:,} rows beside {name}", seconds, (("ours / peer", ours / bare, allowed),),
        notes=(f"peak memory of the importing process {memory:,.0f} MiB",),
    )  # fmt: skip


def run(size: str) -> list[Promise]:
    """SQLite always; PostgreSQL where its binaries are installed."""
    from tests.postgres_cluster import find_binaries, running_cluster

    count = 1_000_000 if size == "full" else 20_000
    promises = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, _ = write_file(folder, count)
        sqlite = ("a bare ADBC insert", BARE_SQLITE, str(folder / "bare.db"))
        promises.append(_measure(f"sqlite:///{folder / 'book.db'}", folder, path, count, sqlite))
        binaries = find_binaries()
        if binaries is not None:
            with (
                running_cluster(binaries, durable=True) as cluster,
                cluster.fresh_database() as url,
                cluster.fresh_database() as bare_url,
            ):
                promises.append(_measure(url, folder, path, count, ("a bare COPY", BARE_COPY, bare_url)))
    return promises
