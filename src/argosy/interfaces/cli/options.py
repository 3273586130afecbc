"""Options that many commands share, so that each means the same everywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from argosy.base.dates import parse_date, parse_instant
from argosy.base.errors import InvalidInput

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv", "parquet")


class Day(click.ParamType[int]):
    """An ISO date, given on as an epoch day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say how to write it."""
        if isinstance(value, int):
            return value
        try:
            return parse_date(value, field=_field(param))
        except InvalidInput as error:
            self.fail(str(error), param, ctx)


class Moment(click.ParamType[int]):
    """A date or an ISO date and time with zone, given on as microseconds."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say how to write it."""
        if isinstance(value, int):
            return value
        try:
            return parse_instant(value, field=_field(param))
        except InvalidInput as error:
            self.fail(str(error), param, ctx)


def _field(param: click.Parameter | None) -> str:
    return (param.name or "date").replace("_", "-") if param is not None else "date"


def known_names(kind: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Completion by codes the book knows."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        from argosy.interfaces.book import open_book

        try:
            with open_book(ctx.params.get("book") or default_book()) as book:
                return [name for name in book.names(kind) if name.lower().startswith(incomplete.lower())]
        except Exception:
            return []  # completion never disturbs the line that is being typed

    return complete


def default_book() -> str:
    """The book that is meant when none is named."""
    import os

    return os.environ.get("ARGOSY_BOOK") or "book.db"


def book_option(command: Command) -> Command:
    """``--book``: which book."""
    return click.option(
        "--book", "-b", metavar="BOOK", envvar="ARGOSY_BOOK", default="book.db", show_default=True, show_envvar=True,
        help="The book: a path, or a URL sqlite:///PATH or postgresql://USER@HOST/NAME.",
    )(command)  # fmt: skip


def time_options(command: Command) -> Command:
    """``--as-of`` and ``--known-at``: both time axes of a read."""
    command = click.option(
        "--known-at", type=Moment(), metavar="MOMENT",
        help="As the book knew it then: a date (its end, UTC) or a date and time with zone. Default: all it knows.",
    )(command)  # fmt: skip
    return click.option(
        "--as-of", "-d", type=Day(), metavar="DATE", help="Effective date, as 2022-12-30. Default: the latest known.",
    )(command)  # fmt: skip


def portfolio_option(command: Command) -> Command:
    """``--portfolio``: one or more portfolios."""
    return click.option(
        "--portfolio", "-p", "portfolios", multiple=True, metavar="CODE", shell_complete=known_names("portfolio"),
        help="A portfolio's code; may be given more than once. Default: all.",
    )(command)  # fmt: skip


def one_portfolio_option(command: Command) -> Command:
    """``--portfolio``: exactly one."""
    return click.option(
        "--portfolio", "-p", required=True, metavar="CODE", shell_complete=known_names("portfolio"),
        help="The portfolio's code.",
    )(command)  # fmt: skip


def group_option(command: Command) -> Command:
    """``--group``: the members of a group on the effective date."""
    return click.option(
        "--group", "-g", metavar="CODE", default="", shell_complete=known_names("group"),
        help="A group's code: its member portfolios on the date.",
    )(command)  # fmt: skip


def currency_option(command: Command) -> Command:
    """``--currency``: reporting currency."""
    return click.option(
        "--currency", "-c", metavar="CODE", default="",
        help="Reporting currency, as EUR. Default: the portfolio's own.",
    )(command)  # fmt: skip


def dry_run_option(command: Command) -> Command:
    """``--dry-run``: show what would be written."""
    return click.option("--dry-run", is_flag=True, help="Show what would be written and write nothing.")(command)


def output_options(command: Command) -> Command:
    """``--format``, ``--columns`` and ``--output``."""
    command = click.option(
        "--columns", metavar="NAMES", default="", help="Only these columns, in this order: names with commas between.",
    )(command)  # fmt: skip
    command = click.option(
        "--output", "-o", metavar="FILE", default="-", show_default=True, type=click.Path(dir_okay=False),
        help="File to write; - is standard output.",
    )(command)  # fmt: skip
    return click.option(
        "--format", "-f", "form", type=click.Choice(FORMATS), default=None,
        help="Shape of the answer. Default: what the file's name ends in, else table.",
    )(command)  # fmt: skip


def read_options(command: Command) -> Command:
    """Everything a question about the book takes."""
    return book_option(time_options(portfolio_option(group_option(output_options(command)))))


FILE = click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=str)
"""A file to read; - is standard input."""


def read_file(name: str) -> tuple[bytes, str]:
    """Content and name of a file argument."""
    if name == "-":
        return sys.stdin.buffer.read(), "stdin"
    path = Path(name)
    return path.read_bytes(), path.name
