"""Positions of a million-event book: in a cold process from what was kept, and after one more event in a warm one.

The bound of the cold figure is a process that only imports what any answer needs; of the warm one, a bare insert of one
row with the same durability by the database's own driver.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import argosy
from argosy.record.facts import FactDraft, FactKind
from argosy.record.ledger.events import EventColumns, Kind
from argosy.wiring import create_store
from argosy.workflows.ports import BatchDraft
from bench.cold_start import MAIN, NEEDS
from bench.harness import Promise, once, process
from bench.lots_kernel import events_of

PROMISE = (
    "On a million-event book positions in a cold process take under 1 s; one more event is in the positions in 10 ms."
)
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF")

BARE = """
import sys, time
import pysqlite3
connection = pysqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL"); connection.execute("PRAGMA synchronous=FULL")
connection.execute("CREATE TABLE t (" + ",".join(f"c{n} INTEGER NOT NULL" for n in range(28)) + ")")
times = []
for _ in range(30):
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO t VALUES (" + ",".join("?" * 28) + ")", list(range(28)))
    connection.execute("COMMIT")
    times.append(time.perf_counter() - start)
print(sorted(times)[15])
"""


def facts_of(events: EventColumns) -> list[FactDraft]:
    """Who and what the events are about."""
    drafts = []
    for portfolio in np.unique(events["portfolio"]).tolist():
        drafts.append(FactDraft(FactKind.PORTFOLIO, portfolio, 0, {
            "code": f"P{portfolio}", "name": f"Portfolio {portfolio}", "base_currency": "USD",
        }))  # fmt: skip
        drafts.append(FactDraft(FactKind.ACCOUNT, portfolio, 0, {
            "code": "MAIN", "name": "Main", "portfolio": portfolio,
        }))  # fmt: skip
    for instrument in set(np.unique(events["instrument"]).tolist()) - {0}:
        drafts.append(FactDraft(FactKind.INSTRUMENT, instrument, 0, {
            "code": f"I{instrument}", "name": f"Instrument {instrument}", "type": "equity",
            "currency": CURRENCIES[instrument % 5], "quantity_scale": 8, "factor": [1, 0],
        }))  # fmt: skip
    return drafts


def run(size: str) -> list[Promise]:
    """The cold figure and the warm one, on SQLite."""
    full = size == "full"
    count = 1_000_000 if full else 60_000
    with tempfile.TemporaryDirectory() as name:
        book = str(Path(name) / "book.db")
        store = create_store(book)
        events = events_of(count)
        keys = [int(number).to_bytes(16, "big") for number in range(count)]
        with store.writer() as writer:
            writer.append(BatchDraft("setup", "bench", facts=facts_of(events)))
            writer.append(BatchDraft("import transactions", "bench", events=events, keys=keys, contents=keys))
        store.close()
        words = ["positions", "--book", book, "--portfolio", "P3", "--output", str(Path(name) / "p.csv")]
        command = ["-c", MAIN.format(words)]
        first = once(lambda: process(command, rounds=1))
        kept = process(command, rounds=3 if not full else 7)
        needs = process(["-c", NEEDS], rounds=3 if not full else 7)
        cold = Promise(
            f"argosy positions on {count:,} events", {"argosy positions": kept, "imports alone": needs},
            (("seconds", kept, 1.0), ("ours / imports alone", kept / needs, 2.5)), cold={"nothing kept yet": first},
        )  # fmt: skip
        return [cold, _one_more(book, count, events, full=full)]


def _one_more(book: str, count: int, events: EventColumns, *, full: bool) -> Promise:
    """Append one purchase, fsync included, and ask for its portfolio's positions in a process that follows the book."""
    with argosy.open(book) as opened:
        live = opened.follow()
        start = time.perf_counter()
        live.positions()
        first = time.perf_counter() - start
        row = dict(events.row(int(np.flatnonzero(events["kind"] == Kind.BUY)[0])))
        code = f"P{row['portfolio']}"
        row |= {"seq": 0, "batch": 0, "anchor": 0, "trade_date": 18_600, "settle_date": 18_602}
        one = EventColumns.from_rows([row])
        taken, append = [], []
        for number in range(30):
            key = (10**9 + number).to_bytes(16, "big")
            start = time.perf_counter()
            with opened.store.writer() as writer:
                writer.append(BatchDraft("import transactions", "bench", events=one, keys=[key], contents=[key]))
            appended = time.perf_counter()
            assert len(live.positions(code))
            taken.append(time.perf_counter() - start)
            append.append(appended - start)
    bare = float(subprocess.run(
        [sys.executable, "-c", BARE, str(Path(book).with_name("bare.db"))], check=True, capture_output=True, text=True
    ).stdout)  # fmt: skip
    middle, written = statistics.median(taken[5:]), statistics.median(append[5:])
    return Promise(
        f"one more event on {count:,}, warm",
        {"event in the positions": middle, "of that, the append": written, "bare insert, same fsync": bare},
        (("seconds", middle, 0.010 if full else 0.050),), cold={"first answer": first},
    )  # fmt: skip
