"""Losses of power during imports, market loads and closes: nothing acknowledged is lost, nothing is half there.

Beside it the negative controls: the same work with synchronous NORMAL must lose, with OFF it must corrupt. A simulation
that does not see what is known to be wrong would prove nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.powerloss, pytest.mark.slow]
OPERATIONS = 12  # four imports, four market loads, four closes
SHARES = 4  # so that two workers have something to share

Recorder = Callable[[str], Path]


def run(module: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.crash.{module}", *arguments],
        cwd=ROOT, capture_output=True, text=True, env=os.environ | environment, timeout=3 * 3_600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def recorded(shim: Path, tmp_path: Path) -> Recorder:
    """Records the work with one setting of synchronous."""

    def record(synchronous: str) -> Path:
        folder = tmp_path / synchronous
        folder.mkdir()
        run("recording", str(folder), synchronous, str(OPERATIONS), LD_PRELOAD=str(shim))
        return folder

    return record


def images(folder: Path, count: int, seed: int) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run("power", str(folder), str(count), str(seed)).splitlines()[-1])
    print({name: value for name, value in report.items() if name != "problems"})
    return report


@pytest.mark.parametrize("share", range(SHARES))
def test_no_loss_of_power_loses_or_corrupts(share: int, recorded: Recorder, at_full_length: bool) -> None:
    count = (200_000 if at_full_length else 5_200) // SHARES
    folder = recorded("FULL")
    report = images(folder, count, seed=share)
    assert report["problems"] == []
    assert (report["images"], report["good"], report["lost"], report["corrupt"]) == (count, count, 0, 0)
    assert report["acknowledged"] >= OPERATIONS - 1
    assert report["different"] > count / 10
    normal = images(recorded("NORMAL"), count // 10, seed=share)
    off = images(recorded("OFF"), count // 10, seed=share)
    assert normal["lost"] > normal["images"] / 10, "the control with synchronous NORMAL lost nothing"
    assert off["corrupt"] > off["images"] / 50, "the control with synchronous OFF corrupted nothing"
