"""A disk that is full, or nearly: said in words, the book as it was, and the same step succeeds once there is space."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.errors import ArgosyError, StorageFailure
from tests.conftest import _absent
from tests.crash import exercise

pytestmark = [pytest.mark.crash, pytest.mark.slow]
SIZE = 2 * 1024 * 1024
FREE = range(0, 200 * 1024, 12 * 1024)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)], capture_output=True)
    if done.returncode:
        _absent("MOUNT", "needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, free: int) -> Path:
    """Leave so many bytes free, in whole pages."""
    filler = folder / "filler"
    stat = os.statvfs(folder)
    rest = stat.f_bavail * stat.f_frsize - free
    filler.write_bytes(b"x" * max(rest, 0))
    return filler


def steps(url: str, folder: Path, at: int) -> dict[str, Callable[[], object]]:
    def opened(work: Callable[[argosy.Book], object]) -> Callable[[], object]:
        def run() -> object:
            with argosy.open(url) as book:
                return work(book)

        return run

    return {
        "import": opened(lambda book: exercise.perform(book, 3 * at)),
        "prices": opened(lambda book: exercise.perform(book, 3 * at + 1)),
        "close": opened(lambda book: exercise.perform(book, 3 * at + 2)),
        "backup": opened(lambda book: book.backup(str(folder / f"{at}.backup"))),
    }


def test_each_step_on_a_disk_with_less_and_less_space(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'book.db'}"
    exercise.prepare(url, small_disk / "unused")
    said: list[str] = []
    done = 0
    for at, free in enumerate(reversed(FREE), 1):
        for name, step in steps(url, small_disk, at).items():
            filler = fill(small_disk, free)
            before = len(list(small_disk.glob("*.backup")))
            try:
                step()
                done += 1
            except StorageFailure as error:
                said.append(str(error))
            except ArgosyError as error:  # pragma: no cover
                pytest.fail(f"{name} with {free} bytes free: {error!r}")
            if name == "backup" and len(list(small_disk.glob("*.backup"))) == before:
                assert not list(small_disk.glob("*.part"))
            filler.unlink()
            assert exercise.inspect(url, []) == [], (name, free)
            if name != "backup":
                step()
                assert exercise.inspect(url, []) == []
        for path in small_disk.glob("*.backup"):
            path.unlink()
    assert len(said) > len(FREE)
    assert [text for text in said if str(small_disk) not in text] == []
    assert done > len(FREE) / 2
