"""Make every I/O operation of a command fail in turn, with the shim preloaded:

    LD_PRELOAD=shim.so python -m tests.crash.failing FOLDER NAME STRIDE

For each operation and each way to fail, a child runs the command on a fresh copy of the folder and another looks at
what is left: the old state or the new one, nothing between, an error of our own that names the place, and a second
try that succeeds. Prints one JSON object.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argosy.base.errors import ArgosyError
from tests.crash.commands import COMMANDS, Command
from tests.crash.killing import collect, forked

MODES = {1: "kill", 2: "torn", 3: "EIO", 4: "ENOSPC", 5: "short"}
# Which operations can fail so: reads, writes, syncs, names made or changed, unlinks.
POSSIBLE = {"kill": "rwsnu", "EIO": "rwsnu", "ENOSPC": "wsn", "torn": "w", "short": "rw"}
shim: Any = ctypes.CDLL(None)


def attempt(command: Command, folder: Path, at: int, mode: int) -> Callable[[int], None]:
    """Run the command with one fault; say how it ended, whether the fault came, and how many operations there were."""

    def work(pipe: int) -> None:
        shim.shim_what.restype = shim.shim_kinds.restype = ctypes.c_char_p
        shim.shim_watch(os.fsencode(folder))
        shim.shim_arm(ctypes.c_long(at), mode)
        said = ["ok", "", ""]
        try:
            command.run(folder)
        except ArgosyError as error:
            said = ["refused", error.code, str(error)]
        except BaseException as error:
            said = ["broken", type(error).__name__, repr(error)]
        told = [*said, bool(shim.shim_fired()), os.fsdecode(shim.shim_kinds()), os.fsdecode(shim.shim_what())]
        shim.shim_watch(b"")
        os.write(pipe, (json.dumps(told) + "\n").encode())

    return work


def examination(command: Command, folder: Path, outcome: str) -> Callable[[int], None]:
    """Look at what was left, then do the command again without faults."""

    def work(pipe: int) -> None:
        found = command.problems(folder)
        done = command.done(folder)
        if outcome == "ok" and not done:
            found.append("it was acknowledged and is not there")
        if not done or outcome != "killed":
            try:
                command.run(folder)
            except ArgosyError as error:
                if not done:
                    found.append(f"the second try failed: {error}")
        found += [f"after the second try: {problem}" for problem in command.problems(folder)]
        if not command.done(folder):
            found.append("after the second try it is still not done")
        os.write(pipe, (json.dumps([found, done]) + "\n").encode())

    return work


def trial_of(base: Path, trial: Path) -> Path:
    """A fresh copy of the state before."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(base, trial)
    return trial


def campaign(folder: Path, name: str, stride: int) -> dict[str, Any]:
    """All points of one command; with a stride only each so-many-th operation."""
    command = COMMANDS[name]
    base, trial = folder / "base", folder / "trial"
    base.mkdir()
    command.before(base)
    shutil.copytree(base, trial)
    command.run(trial)  # loads everything that loads late
    command.problems(trial)
    points = fired = 0
    outcomes: dict[str, int] = {}
    said: dict[str, str] = {}
    problems: list[str] = []
    _, ((_, _, _, _, kinds, _),) = collect(*forked(attempt(command, trial_of(base, trial), 0, 0)))
    for at, kind in enumerate(kinds, 1):
        for mode, word in MODES.items():
            if at % stride or kind not in POSSIBLE[word]:
                continue
            trial_of(base, trial)
            status, lines = collect(*forked(attempt(command, trial, at, mode)))
            place = f"{name}, operation {at}, {word}"
            outcome, code, text, came, _, what = (
                lines[0] if lines else ("killed", "", "", status == -signal.SIGKILL, "", "")
            )
            points += 1
            fired += came
            outcomes[f"{word}: {outcome} {code}".strip()] = outcomes.get(f"{word}: {outcome} {code}".strip(), 0) + 1
            if outcome == "broken" or (outcome == "killed" and status != -signal.SIGKILL):
                problems.append(f"{place} ({what}): {code} {text} (status {status})")
            if not came:
                problems.append(f"{place}: the fault did not come")
            if outcome == "refused":
                said[text.replace(str(trial), "")] = place
            if outcome == "refused" and str(trial) not in text:
                problems.append(f"{place} ({what}): the message names no place: {text}")
            status, lines = collect(*forked(examination(command, trial, outcome)))
            if status or not lines:
                problems.append(f"{place} ({what}): what was left cannot be examined")
            else:
                problems += [f"{place} ({what}): {problem}" for problem in lines[0][0]]
    return {"command": name, "operations": len(kinds), "points": points, "fired": fired, "outcomes": outcomes,
            "said": said, "problems": problems}  # fmt: skip


if __name__ == "__main__":
    where, which, each = sys.argv[1:]
    print(json.dumps(campaign(Path(where), which, int(each))))
