"""The commands whose every I/O operation is made to fail, and how to tell the state before from the state after."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import argosy
from argosy.adapters.store.opening import create_book, open_book, restore_book
from argosy.base.errors import ArgosyError
from tests.crash import exercise


@dataclass(frozen=True)
class Command:
    """One command on a folder: what stands there before, what it does, and whether it has been done."""

    before: Callable[[Path], None]
    run: Callable[[Path], None]
    done: Callable[[Path], bool]
    problems: Callable[[Path], list[str]]


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'book.db'}"


def _book(operations: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        exercise.prepare(address(folder), folder / "unused")
        with argosy.open(address(folder)) as book:
            for n in range(operations):
                exercise.perform(book, n)

    return make


def _perform(n: int) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        with argosy.open(address(folder)) as book:
            exercise.perform(book, n)

    return run


def _has(name: str) -> Callable[[Path], bool]:
    def look(folder: Path) -> bool:
        store = open_book(address(folder), clock=lambda: 0)
        try:
            return name in {info.file_name or info.kind for info in store.batches()}
        finally:
            store.close()

    return look


def _whole(folder: Path) -> list[str]:
    return exercise.inspect(address(folder), [])


def _init(folder: Path) -> None:
    create_book(address(folder), clock=lambda: 1).close()


def _is_book(folder: Path) -> bool:
    try:
        open_book(address(folder), clock=lambda: 0).close()
    except ArgosyError:
        return False
    return True


def _backup(folder: Path) -> None:
    with argosy.open(address(folder)) as book:
        book.backup(str(folder / "book.backup"))


def _whole_backup(folder: Path) -> list[str]:
    """A backup that has its name is whole, and the book is as it was."""
    found = _whole(folder)
    if (folder / "book.backup").exists():
        with zipfile.ZipFile(folder / "book.backup") as archive:
            bad = archive.testzip()
        found += [f"the backup's {bad} is damaged"] if bad else []
        target = folder / "check"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        restore_book(str(folder / "book.backup"), address(target), clock=lambda: 0).close()
    return found


def _archive(folder: Path) -> None:
    source = folder.with_name("source")
    source.mkdir()
    _book(3)(source)
    with argosy.open(address(source)) as book:
        book.backup(str(folder / "book.backup"))
    shutil.rmtree(source)


def _restore(folder: Path) -> None:
    restore_book(str(folder / "book.backup"), address(folder), clock=lambda: 0).close()


COMMANDS: dict[str, Command] = {
    "import": Command(_book(0), _perform(0), _has("trades-0.csv"), _whole),
    "prices": Command(_book(1), _perform(1), _has("prices-1.csv"), _whole),
    "close": Command(_book(2), _perform(2), _has("close"), _whole),
    "init": Command(lambda _: None, _init, _is_book, lambda folder: _whole(folder) if _is_book(folder) else []),
    "backup": Command(_book(3), _backup, lambda folder: (folder / "book.backup").exists(), _whole_backup),
    "restore": Command(_archive, _restore, _is_book, lambda folder: _whole(folder) if _is_book(folder) else []),
}
