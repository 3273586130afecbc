"""Every command explains itself and appears in the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import click
import pytest

from argosy.interfaces import cli
from tests.house.source import ROOT


@cache
def commands() -> dict[str, click.Command]:
    """Every command by the words that call it; the empty name is argosy itself."""
    group = cli.main if isinstance(cli.main, click.Command) else cli.cli
    return dict(_walk("", group))


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name="argosy")
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, f"argosy {path} lists {name}, which does not load"
            yield from _walk(f"{path} {name}".strip(), found)


def help_of(path: str) -> str:
    command = commands()[path]
    return command.get_help(click.Context(command, info_name=f"argosy {path}".strip()))


def leaves() -> list[str]:
    return [path for path, command in commands().items() if path and not isinstance(command, click.Group)]


def test_there_are_commands() -> None:
    assert leaves()


@pytest.mark.parametrize("path", leaves())
def test_help_has_a_summary_and_an_example(path: str) -> None:
    command = commands()[path]
    assert command.get_short_help_str(), f"argosy {path} has no summary"
    assert re.search(rf"Examples?:.*argosy {re.escape(path)}\b", help_of(path), re.DOTALL), (
        f"argosy {path} --help shows no example that begins with 'argosy {path}'"
    )


@pytest.mark.parametrize("path", commands())
def test_every_option_says_what_it_does(path: str) -> None:
    options = [parameter for parameter in commands()[path].params if isinstance(parameter, click.Option)]
    assert not [option.name for option in options if not option.hidden and not option.help]


def test_every_command_is_documented() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    missing = [path for path in leaves() if not re.search(rf"\bargosy {re.escape(path)}\b", text)]
    assert not missing, "no page of README.md or docs/ shows these commands"
