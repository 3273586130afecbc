"""The first command a person runs: builds, values, prints and writes its page; never deletes what it did not make."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import argosy
from argosy.interfaces.cli import cli

SLOWEST = 60.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo")
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "argosy", "demo"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - start < SLOWEST
    return folder, done


def test_the_demo_prints_what_a_portfolio_manager_asks_for(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, done = demo
    for title in (
        "Close", "Net asset value on", "Holdings on", "Lots as of", "Cash as of", "Income as of",
        "Realized gains as of", "Unrealized gains as of", "Returns of ATLAS", "Returns of BOREAL",
    ):  # fmt: skip
        assert title in done.stdout, title
    assert "benchmark" in done.stdout
    assert "try next:" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_the_demo_book_is_a_book_like_any(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    with argosy.open(str(folder / "argosy-demo" / "book.db")) as book:
        assert book.verify().ok
        assert book.run_close().written == 0
        assert book.names("group") == ["HOUSE"]


def test_its_page_needs_nothing_else(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    page = (demo[0] / "argosy-demo" / "demo.html").read_text("utf-8")
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<svg") == 12
    assert "survivorship" in page
    assert len(page) < 1_000_000


def test_a_second_demo_asks_first(
    demo: tuple[Path, subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo[0])
    result = CliRunner().invoke(cli, ["demo"])
    assert result.exit_code == 6
    assert "argosy demo --force" in result.stderr


def test_force_deletes_only_what_the_demo_made(folder: Path) -> None:
    before = (folder / "book.db").read_bytes()
    result = CliRunner().invoke(cli, ["demo", "--book", "book.db", "--force"])
    assert result.exit_code == 6
    assert "was not made by" in result.stderr
    assert (folder / "book.db").read_bytes() == before
