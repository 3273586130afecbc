"""How answers leave: tables on stdout, files, messages and progress on stderr."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from argosy.base.errors import InvalidInput
from argosy.base.problems import Problem
from argosy.base.table import Table
from argosy.interfaces.cli.root import colored

Progress = Callable[[int, int], None]
MOST_PROBLEMS = 20
SUFFIXES = {".json": "json", ".csv": "csv", ".parquet": "parquet"}


def screen_width() -> int:
    """Cells a line may take: the terminal's, or a generous page when nobody watches."""
    return max(shutil.get_terminal_size((160, 24)).columns, 40)


def emit(
    tables: Table | Sequence[Table], *, form: str | None = None, output: str = "-", columns: str = "",
    limit: int | None = None,
) -> None:  # fmt: skip
    """Show tables to people (``limit`` rows of head and tail on a screen), or the first one to programs."""
    listed = [tables] if isinstance(tables, Table) else list(tables)
    if columns:
        listed = [listed[0].select([name.strip() for name in columns.split(",") if name.strip()])]
    form = form or SUFFIXES.get(Path(output).suffix.lower(), "table")
    if form == "parquet":
        _emit_parquet(listed[0], output)
        return
    match form:
        case "json":
            text = listed[0].to_json() + "\n"
        case "csv":
            text = listed[0].to_csv()
        case _:
            width = screen_width() if output == "-" else 160
            text = (
                "\n\n".join(table.to_text(width=width, limit=limit if output == "-" else None) for table in listed)
                + "\n"
            )
            if output == "-" and colored(sys.stdout):
                text = _painted(text, {table.name for table in listed})
    if output == "-":
        # Bytes, because a CSV's line ends must not be translated.
        stream = sys.stdout.buffer
        stream.write(text.encode("utf-8", "replace"))
        stream.flush()
    else:
        Path(output).write_bytes(text.encode("utf-8"))
        tell(f"wrote {output}")


def _painted(text: str, names: set[str]) -> str:
    lines = []
    for line in text.splitlines():
        if line in names:
            line = click.style(line, bold=True)
        elif line.startswith("─"):
            line = click.style(line, dim=True)
        elif line.startswith("warning: "):
            line = click.style(line, fg="yellow")
        elif line.startswith("note: "):
            line = click.style(line, dim=True)
        lines.append(line)
    return "\n".join(lines) + "\n"


def _emit_parquet(table: Table, output: str) -> None:
    from argosy.wiring import parquet_bytes

    if output == "-" and sys.stdout.isatty():
        raise InvalidInput(
            "Parquet is not for a terminal", field="format", next_step="give --output FILE.parquet, or pipe it on"
        )
    content = parquet_bytes(table)
    if output == "-":
        sys.stdout.buffer.write(content)
    else:
        Path(output).write_bytes(content)
        tell(f"wrote {output}")


def tell(message: str) -> None:
    """One line for the person at the terminal; stdout stays clean for data."""
    click.echo(message, err=True)


def tell_problems(problems: Sequence[Problem]) -> None:
    """The first problems, one a line, and how many more there are."""
    for problem in problems[:MOST_PROBLEMS]:
        tell(f"  {problem.text()}")
    if len(problems) > MOST_PROBLEMS:
        tell(f"  … {len(problems) - MOST_PROBLEMS:,} more; --format json lists all")


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A bar on stderr while someone watches; silence when nobody does.

    Gives a function of (done, total) for workflows.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, no_color=not colored(sys.stderr))
    with Bars(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    ) as bars:  # fmt: skip
        task = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
