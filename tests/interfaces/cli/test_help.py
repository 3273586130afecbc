"""What a person sees first: the help page as agreed, and every page within a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from argosy.interfaces.cli import cli
from argosy.interfaces.cli.root import SECTIONS
from tests.house.test_commands import commands

GOLDEN = Path(__file__).resolve().parents[2] / "goldens" / "argosy-help.txt"


def test_the_first_page_is_as_agreed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "argosy", "--help"], capture_output=True, text=True, timeout=60,
        env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1"},
    )  # fmt: skip
    if os.environ.get("ARGOSY_WRITE_GOLDENS"):
        GOLDEN.write_text(done.stdout, "utf-8")
    assert done.stdout == GOLDEN.read_text("utf-8"), "look at the change; if it is meant: ARGOSY_WRITE_GOLDENS=1"


def test_without_a_command_the_help_is_shown() -> None:
    result = CliRunner().invoke(cli, [])
    assert result.exit_code == 2
    assert "Usage: argosy" in result.output or "Usage: cli" in result.output


@pytest.mark.parametrize("path", commands())
@pytest.mark.parametrize("width", [80, 120])
def test_help_fits_the_terminal(path: str, width: int) -> None:
    command = commands()[path]
    context = click.Context(command, info_name=f"argosy {path}".strip(), terminal_width=width, max_content_width=100)
    for line in command.get_help(context).splitlines():
        # An example or a table of exit codes is kept on one line, so that it can be copied.
        assert len(line) <= width or "argosy " in line or re.match(r"\s+\d+  ", line), line


def test_sections_name_what_exists() -> None:
    listed = [name for section in SECTIONS.values() for name in section]
    assert len(listed) == len(set(listed))
    for name in listed:
        found = cli.get_command(click.Context(cli), name)
        assert found is not None
        assert found.name == name


def test_both_spellings_of_help() -> None:
    pages = [
        subprocess.run([sys.executable, "-m", "argosy", "value", word], capture_output=True, timeout=60).stdout
        for word in ("-h", "--help")
    ]
    assert pages[0] == pages[1] != b""
