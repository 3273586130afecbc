"""SIGKILL in the middle of imports, closes and market loads: every acknowledged event is there, once and whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.serial]


def campaign(url: str, market: Path, kills: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.killing", url, str(market), str(kills), "7"],
        cwd=ROOT, capture_output=True, text=True, timeout=60 + 10 * kills,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(report)
    return report


def judge(report: dict[str, Any]) -> None:
    assert report["problems"] == []
    assert report["inside"] >= report["kills"] / 2  # a campaign that hits only pauses proves nothing
    assert report["acknowledged"] > report["kills"] / 4
    assert report["slowest_start"] < 2


def test_killed_writers_of_a_sqlite_book(sqlite_book_url: str, tmp_path: Path, at_full_length: bool) -> None:
    judge(campaign(sqlite_book_url, tmp_path / "market", 2_400 if at_full_length else 200))


@pytest.mark.postgres
def test_killed_writers_of_a_postgres_book(postgres_book_url: str, tmp_path: Path, at_full_length: bool) -> None:
    judge(campaign(postgres_book_url, tmp_path / "market", 600 if at_full_length else 40))
