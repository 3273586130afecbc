"""A process that appends batches until its time is up and says what was acknowledged: URL SECONDS NAME."""

from __future__ import annotations

import sys
import time

from argosy.adapters.store.opening import open_book
from argosy.base.errors import BookBusy
from tests.adapters.store.samples import draft

if __name__ == "__main__":
    url, seconds, name = sys.argv[1:]
    book = open_book(url, clock=lambda: time.time_ns() // 1_000)
    sys.stdin.readline()
    end, done = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        try:
            with book.writer() as writer:
                info = writer.append(draft(3, f"{name} {done}"))
        except BookBusy:
            print("busy")
            continue
        print("done", info.batch, info.last_seq, info.head, flush=True)
        done += 1
    book.close()
