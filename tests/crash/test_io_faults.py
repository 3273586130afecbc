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
