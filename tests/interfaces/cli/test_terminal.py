"""Manners at a terminal, in real processes: pipes, colors, width, interruption, start-up."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ARGOSY = [sys.executable, "-m", "argosy"]
ESCAPE = re.compile(r"\x1b\[")


def plain(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "TERM")}
    return kept | {"TERM": "xterm-256color"} | extra


def piped(*words: str, folder: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*ARGOSY, *words], cwd=folder, capture_output=True, timeout=120, env=env or plain(),
                          stdin=subprocess.DEVNULL)  # fmt: skip


def at_a_terminal(*words: str, folder: Path, env: Mapping[str, str]) -> str:
    """Everything a command writes to a terminal of its own."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(sys.executable, [*ARGOSY, *words], dict(env))
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.waitpid(child, 0)
    return b"".join(parts).decode()


def test_a_pipe_gets_no_color_and_no_progress(folder: Path) -> None:
    done = piped("close", folder=folder)
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stderr == b""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs pseudo terminals as Linux has them")
def test_a_terminal_gets_color_and_a_pipe_of_color_can_be_refused(folder: Path) -> None:
    env = plain(COLUMNS="100")
    assert ESCAPE.search(at_a_terminal("value", folder=folder, env=env))
    assert not ESCAPE.search(at_a_terminal("value", folder=folder, env=env | {"NO_COLOR": "1"}))


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_table_keeps_to_the_width(folder: Path, columns: int) -> None:
    done = piped("value", folder=folder, env=plain(COLUMNS=str(columns)))
    assert done.returncode == 0
    assert max(map(len, done.stdout.decode().splitlines())) <= columns


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    command = f"{sys.executable} -m argosy history --rows 500 | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, capture_output=True, timeout=120)
    assert done.stdout == b"History\n"
    assert b"Traceback" not in done.stderr


def test_interrupted_says_so_and_leaves_the_book_whole(folder: Path) -> None:
    code = (
        "import sys, time\n"
        "from argosy.interfaces.book.measures import MeasureQuestions as m\n"
        "def slow(self, **_):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "m.run_close = slow\n"
        "from argosy.interfaces.cli import main\n"
        "main(['close'])\n"
    )
    running = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=plain())  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=30)
    assert running.returncode == 130
    assert told.decode().strip() == "Error: stopped; what was written before is whole"
    assert piped("verify", folder=folder).returncode == 0


def test_a_defect_is_one_line_with_a_way_to_see_more(folder: Path) -> None:
    code = (
        "from argosy.interfaces.book.measures import MeasureQuestions as m\n"
        "def broken(self, **_):\n"
        "    raise ZeroDivisionError('division by zero')\n"
        "m.run_close = broken\n"
        "from argosy.interfaces.cli import main\n"
        "main(['close'])\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=plain(), timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "ZeroDivisionError" in done.stderr
    assert "ARGOSY_TRACEBACK=1" in done.stderr
    more = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60,
                          env=plain(ARGOSY_TRACEBACK="1"))  # fmt: skip
    assert "Traceback" in more.stderr


def test_csv_is_bytes_with_the_line_ends_of_csv(folder: Path) -> None:
    done = piped("cash", "--format", "csv", folder=folder)
    assert done.stdout.count(b"\r\n") == done.stdout.count(b"\n") > 1


def test_parquet_goes_through_a_pipe(folder: Path) -> None:
    assert piped("cash", "--format", "parquet", folder=folder).stdout[:4] == b"PAR1"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(folder: Path, shell: str) -> None:
    done = piped("completion", shell, folder=folder)
    assert done.returncode == 0
    assert b"_ARGOSY_COMPLETE" in done.stdout


def test_completion_knows_commands_and_the_names_of_the_book(folder: Path) -> None:
    def complete(line: str) -> set[str]:
        words = line.split(" ")
        env = plain(_ARGOSY_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
        done = subprocess.run([sys.executable, "-c", "from argosy.interfaces.cli import main; main()"], cwd=folder,
                              capture_output=True, text=True, env=env, timeout=60)  # fmt: skip
        return {part.partition(",")[2] for part in done.stdout.split()}

    assert "positions" in complete("argosy pos")
    assert "GROWTH" in complete("argosy positions --portfolio G")
    assert "HOUSE" in complete("argosy value --group ")


def test_the_version(folder: Path) -> None:
    import argosy

    assert piped("--version", folder=folder).stdout.decode() == f"argosy {argosy.__version__}\n"
