"""Record what imports, market loads and closes write, sync and rename, with the shim preloaded:

    LD_PRELOAD=shim.so python -m tests.crash.recording FOLDER SYNCHRONOUS OPERATIONS

``FOLDER/base`` is the state before, ``FOLDER/log`` the record; each acknowledgement stands in it where it was given.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import argosy
from argosy.adapters.store import sqlite
from tests.crash import exercise

SMALL_CHECKPOINT = 160 * 1024  # so that a short record holds several checkpoints


def record(folder: Path, synchronous: str, operations: int) -> None:
    """Prepare a book, then perform operations under the record."""
    sqlite.CHECKPOINT_BYTES = SMALL_CHECKPOINT
    if synchronous != "FULL":  # the negative controls: what FULL protects from
        sqlite.PRAGMAS = tuple(p for p in sqlite.PRAGMAS if "synchronous" not in p) + (f"synchronous={synchronous}",)
    live = folder / "live"
    live.mkdir()
    url = f"sqlite:///{live / 'book.db'}"
    exercise.prepare(url, folder)
    with argosy.open(url) as book:
        for n in range(3):
            exercise.perform(book, n)
    shutil.copytree(live, folder / "base")
    shim: Any = ctypes.CDLL(None)
    shim.shim_watch(os.fsencode(live))
    shim.shim_record(os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    with argosy.open(url) as book:
        for n in range(3, 3 + operations):
            exercise.perform(book, n)
            mark = book.watermark
            shim.shim_mark(json.dumps([n, mark.seq, mark.head]).encode())


if __name__ == "__main__":
    record(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
