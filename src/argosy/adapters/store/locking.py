"""One writer at a time, in turn: an advisory lock beside the book that dies with its process.

SQLite's own lock decides who may write; this one in front of it makes waiting fair and holds the checkpoint too.
A waiter first takes the turnstile, then waits for the book, so who has just written queues behind who waits.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from argosy.base.errors import BookBusy, StorageFailure

_SHORTEST, _LONGEST = 0.0005, 0.005


@contextmanager
def exclusive(path: str, *, wait: float) -> Iterator[None]:
    """Hold the book at ``path`` (a file name without suffix) or raise BookBusy after ``wait`` seconds."""
    deadline = time.monotonic() + wait
    turnstile = _open(path + "-turn")
    try:
        _take(turnstile, deadline, path)
        book = _open(path + "-lock")
        try:
            _take(book, deadline, path)
            _leave_note(book)
            fcntl.flock(turnstile, fcntl.LOCK_UN)
            try:
                yield
            finally:
                with suppress(OSError):
                    os.ftruncate(book, 0)
        finally:
            _close(book)
    finally:
        _close(turnstile)


_HELD: set[int] = set()


def _open(path: str) -> int:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StorageFailure(
            f"cannot open the lock file ({error.strerror})", place=path, next_step="check the folder's permissions"
        ) from error
    _HELD.add(handle)
    return handle


def _close(handle: int) -> None:
    if handle in _HELD:  # a forked child has closed its copies already
        _HELD.discard(handle)
        os.close(handle)


def _take(handle: int, deadline: float, path: str) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BookBusy(
                    f"another process is writing{_holder(path)}", place=path, next_step="try again when it is done"
                ) from None
        time.sleep(random.uniform(_SHORTEST, _LONGEST))


def _leave_note(handle: int) -> None:
    with suppress(OSError):  # a full disk must not keep anybody from holding the lock
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)


def _holder(path: str) -> str:
    with suppress(OSError):
        with open(path + "-lock", encoding="ascii", errors="replace") as note:
            who = note.read(20).strip()
        if who.isdigit():
            return f" (process {who})"
    return ""


def _forget_after_fork() -> None:
    # Closing a copy leaves the parent's lock alone, and keeps a long-lived child from holding the book for ever.
    for handle in list(_HELD):
        _close(handle)


os.register_at_fork(after_in_child=_forget_after_fork)
