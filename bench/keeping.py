"""Walking the hash chain of a million-event book, backing it up and bringing it back.

The bound of the walk is fetching the rows and hashing as many bytes; it cannot be faster than both together.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np

from argosy.adapters.store.opening import restore_book
from argosy.record.ledger.events import COLUMNS
from argosy.wiring import create_store, open_store, system_clock
from argosy.workflows.ports import BatchDraft
from bench.harness import Promise, once
from bench.lots_kernel import events_of

PROMISE = "A book of a million events is verified within 10 s and brought back from a backup within 60 s."


def run(size: str) -> list[Promise]:
    """On SQLite, whose walk also checks the pages and indexes of the file."""
    count = 1_000_000 if size == "full" else 20_000
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name, 'book.db')}"
        store = create_store(url)
        keys = [int(number).to_bytes(16, "big") for number in np.arange(count)]
        with store.writer() as writer:
            writer.append(BatchDraft("import transactions", "bench", events=events_of(count), keys=keys, contents=keys))
        store.close()
        store = open_store(url)
        block = bytes(len(COLUMNS) * 8 * 1_024)
        bound = once(store.events) + once(lambda: [hashlib.sha256(block).digest() for _ in range(count // 1_024)])
        found = []
        verify = once(lambda: found.append(store.verify_chain()))
        assert found[0].problems == ()
        archive = str(Path(name, "book.backup"))
        backup = once(lambda: store.backup(archive))
        again = []
        restore = once(
            lambda: again.append(restore_book(archive, f"sqlite:///{Path(name, 'again.db')}", clock=system_clock))
        )
        assert again[0].watermark() == store.watermark()
        again[0].close()
        store.close()
    return [
        Promise(
            f"verify and restore of {count:,} events", {},
            (("verify, seconds", verify, 10.0), ("verify / reading and hashing", verify / bound, 4.0),
             ("restore with verification, seconds", restore, 60.0)),
            cold={"verify": verify, "reading and hashing": bound, "backup": backup, "restore": restore},
        )
    ]  # fmt: skip
