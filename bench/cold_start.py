"""How long a command takes in a process of its own: help, and the value of the demo book.

The bound is an interpreter that only imports what the work cannot do without. A command is cold in every run; the first
run after the book was made is shown apart, since it also builds the market's cache.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from argosy.interfaces.demo import build_demo
from bench.harness import Promise, once, process

PROMISE = "argosy --help answers in under 200 ms, argosy value on the demo book in under 1 s, each in a cold process."

MAIN = "from argosy.interfaces.cli import main; main({!r})"
NEEDS = "import click, sqlalchemy, pysqlite3, numpy"
"""A terminal, a database layer, its driver, arrays."""


def run(size: str) -> list[Promise]:
    """Two promises; the demo book is the same in both sizes, only the number of rounds differs."""
    rounds = 3 if size == "small" else 9
    bare = process(["-c", "pass"], rounds=rounds)
    click = process(["-c", "import click"], rounds=rounds)
    helped = process(["-c", MAIN.format(["--help"])], rounds=rounds)
    promises = [
        Promise(
            "argosy --help", {"argosy --help": helped, "python, import click": click, "python alone": bare},
            (("seconds", helped, 0.2), ("ours / importing click", helped / click, 2.0)),
        )
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        book = str(Path(folder) / "book.db")
        build_demo(book).close()
        words = ["-c", MAIN.format(["value", "--book", book])]
        first = once(lambda: process(words, rounds=1))
        valued = process(words, rounds=rounds)
        cash = process(["-c", MAIN.format(["cash", "--book", book])], rounds=rounds)
        needs = process(["-c", NEEDS], rounds=rounds)
    promises.append(
        Promise(
            "argosy value on the demo book", {"argosy value": valued, "argosy cash": cash, "imports alone": needs},
            (("seconds", valued, 1.0), ("ours / imports alone", valued / needs, 2.5)),
            cold={"argosy value, first time": first},
            notes=(f"python {sys.version.split()[0]}",),
        )
    )  # fmt: skip
    return promises
