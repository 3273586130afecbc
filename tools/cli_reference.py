"""Write docs/guide/cli.md from the commands themselves: python -m tools.cli_reference

tests/docs/test_cli_reference.py keeps the page equal to what this gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from argosy.interfaces.cli import cli
from argosy.interfaces.cli.root import SECTIONS
from argosy.interfaces.wire import EXIT_CODES, OUTCOMES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guide" / "cli.md"

HEAD = """# Commands

Made by `python -m tools.cli_reference` from the commands themselves; a test keeps it so.

Each command has `--help`. The book is found by `--book`, else the variable `ARGOSY_BOOK`, else `./book.db`; a
`postgresql://` URL is a book too. Answers go to standard output, messages and progress bars to standard error, and bars
only while somebody watches. `--format json`, `csv` or `parquet` gives the first table of an answer with each digit it
has; `--output FILE` takes the format from the file's name. Every command that writes has `--dry-run`. `NO_COLOR` is
obeyed. A name that does not exist is answered with the nearest ones that do.
"""


def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command and everything under it, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name="argosy")
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from walk(f"{path} {name}".strip(), found)


def reference() -> str:
    """The whole page."""
    parts = [HEAD, "## Exit codes\n", "| code | meaning | errors |\n|---:|---|---|\n" + "\n".join(_exit_rows()) + "\n"]
    context = click.Context(cli, info_name="argosy")
    for title, section in SECTIONS.items():
        parts.append(f"## {title}\n")
        for name in section:
            found = cli.get_command(context, name)
            assert found is not None
            parts += [_command(path, command) for path, command in walk(name, found)]
    return "\n".join(parts)


def _exit_rows() -> Iterator[str]:
    for code, meaning in EXIT_CODES.items():
        names = ", ".join(f"`{name}`" for name, outcome in OUTCOMES.items() if outcome.exit_code == code)
        yield f"| {code} | {meaning} | {names} |"


def _command(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"argosy {path}")
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"### argosy {path}\n", *(f"{paragraph}\n" for paragraph in _paragraphs(command.help or ""))]
    lines.append(f"```text\nargosy {path} {usage}\n```\n")
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        lines += ["| option | meaning |", "|---|---|", *(_option(one, context) for one in options), ""]
    example = re.search(r"Example: (.*)", command.epilog or "")
    if example:
        lines.append(f"Example: `{example.group(1).strip()}`\n")
    return "\n".join(lines)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.replace("\b", "").strip())]


def _option(one: click.Option, context: click.Context) -> str:
    names, meaning = one.get_help_record(context) or ("", one.help or "")
    return f"| `{names.replace('|', chr(92) + '|')}` | {' '.join(meaning.split()).replace('<', '&lt;')} |"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
