"""Every I/O operation fails in turn: killed, torn, EIO, no space, short. The book is before or after, never between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.crash.commands import COMMANDS

pytestmark = [pytest.mark.crash, pytest.mark.slow]
OTHERS = [name for name in COMMANDS if name != "import"]
STRIDE = 13


def campaign(shim: Path, folder: Path, name: str, stride: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.failing", str(folder), name, str(stride)],
        cwd=ROOT, capture_output=True, text=True, timeout=3_600, env=os.environ | {"LD_PRELOAD": str(shim)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print({name: report[name] for name in ("command", "operations", "points", "outcomes")})
    return report


def judge(report: dict[str, Any]) -> None:
    assert report["problems"] == []
    assert report["fired"] == report["points"]
    outcomes = report["outcomes"]
    assert outcomes["kill: killed"]
    assert any(name.startswith("EIO: refused") for name in outcomes)
    assert any(name.startswith("ENOSPC: refused storage") for name in outcomes)


def test_every_operation_of_an_import_fails(shim: Path, tmp_path: Path) -> None:
    report = campaign(shim, tmp_path, "import", 1)
    judge(report)
    assert report["points"] > 3 * report["operations"] > 200


@pytest.mark.parametrize("name", OTHERS)
def test_operations_of_other_commands_fail(name: str, shim: Path, tmp_path: Path, at_full_length: bool) -> None:
    judge(campaign(shim, tmp_path, name, 1 if at_full_length else STRIDE))


def test_a_failed_sync_ends_the_writer(shim: Path, tmp_path: Path) -> None:
    """After fsync has said EIO the kernel may have dropped the pages: nobody asks it again on the same handle."""
    code = """
import ctypes, sys
from pathlib import Path
import argosy
from argosy.base.errors import StorageFailure
from tests.crash import exercise
folder = Path(sys.argv[1])
url = f"sqlite:///{folder / 'book.db'}"
exercise.prepare(url, folder)
shim = ctypes.CDLL(None)
shim.shim_kinds.restype = ctypes.c_char_p
shim.shim_watch(str(folder).encode())
with argosy.open(url) as book:
    writers = []
    database = book._store._database
    for _ in range(2):
        shim.shim_arm(0, 0)
        with book._store.writer() as writer:
            before = bytes(shim.shim_kinds()).count(b"s")
            writers.append(database._raw(database._writer))
            from tests.adapters.store.samples import draft
            writer.append(draft(3, str(len(writers))))
        kinds = bytes(shim.shim_kinds())
    last = kinds.rindex(b"s") + 1
    shim.shim_arm(ctypes.c_long(last), 3)
    try:
        with book._store.writer() as writer:
            writer.append(draft(3, "lost"))
        print("acknowledged")
    except StorageFailure as error:
        print("refused", shim.shim_fired(), error.code, database._writer is None)
    with book._store.writer() as writer:
        writers.append(database._raw(database._writer))
        writer.append(draft(3, "after"))
    print(writers[0] is writers[1], writers[1] is writers[2], len(book._store.events()))
shim.shim_watch(b"")
print(exercise.inspect(url, []))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"LD_PRELOAD": str(shim)},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["refused 1 storage True", "True False 9", "[]"], done.stderr
