"""SIGKILL while fills are booked: trade and order step are there together or not at all, each once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.serial]


def test_fills_are_never_half_booked(tmp_path: Path, at_full_length: bool) -> None:
    kills = 400 if at_full_length else 12
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.killing_fills", f"sqlite:///{tmp_path / 'book.db'}", str(kills), "11"],
        cwd=ROOT, capture_output=True, text=True, timeout=120 + 10 * kills,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["problems"] == []
    assert report["inside"] >= kills / 4  # a campaign that hits only pauses proves nothing
    assert report["files"] >= kills / 8
