"""``argosy mandate``: the rules of a portfolio, one TOML file each."""

from __future__ import annotations

from pathlib import Path

import click

from argosy.interfaces.cli.options import FILE, Day, book_option, dry_run_option, output_options, read_file
from argosy.interfaces.cli.portfolios import told
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, tell


@click.group("mandate", cls=NamedGroup, epilog="Example: argosy mandate template > growth.toml")
def mandate_command() -> None:
    """Check, set and show mandates: base currency, calendar, lots, flows, prices, benchmark."""


@mandate_command.command("template", epilog="Example: argosy mandate template > growth.toml")
@click.option("--output", "-o", metavar="FILE", default="-", type=click.Path(dir_okay=False), help="File to write.")
def template(output: str) -> None:
    """Print a mandate with every section, its defaults and what they mean."""
    from argosy.record.mandate import mandate_template

    text = mandate_template()
    if output == "-":
        click.echo(text, nl=False)
    else:
        Path(output).write_text(text, encoding="utf-8")
        tell(f"wrote {output}")


@mandate_command.command("check", epilog="Example: argosy mandate check growth.toml")
@click.argument("file", type=FILE)
def check(file: str) -> None:
    """Check a mandate file: every problem with its line."""
    from argosy.interfaces.book import check_mandate

    content, name = read_file(file)
    mandate = check_mandate(content, name=name)
    rules = mandate.lots
    tell(f"{name} is sound: lots {rules.method} per {rules.scope}, calendar {mandate.calendar}, "
         f"benchmark {mandate.benchmark or 'none'}")  # fmt: skip


@mandate_command.command("set", epilog="Example: argosy mandate set GROWTH growth.toml --from 2022-01-01")
@click.argument("portfolio")
@click.argument("file", type=FILE)
@click.option("--from", "effective", type=Day(), metavar="DATE", help="From when on it rules. Default: always.")
@book_option
@dry_run_option
def set_mandate(portfolio: str, file: str, effective: int | None, book: str, *, dry_run: bool) -> None:
    """Give PORTFOLIO the mandate in FILE. Earlier versions stay, and rule the days before."""
    from argosy.interfaces.book import open_book

    content, name = read_file(file)
    with open_book(book) as opened:
        told(opened.set_mandate(portfolio, content, name=name, effective=effective, dry_run=dry_run))


@mandate_command.command("show", epilog="Example: argosy mandate show GROWTH --as-of 2021-12-31")
@click.argument("portfolio")
@click.option("--as-of", "-d", type=Day(), metavar="DATE", help="The one in force on a day. Default: the last.")
@book_option
def show(portfolio: str, as_of: int | None, book: str) -> None:
    """Print the mandate text in force."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        click.echo(opened.mandate_text(portfolio, as_of=as_of), nl=False)


@mandate_command.command("list", epilog="Example: argosy mandate list GROWTH")
@click.argument("portfolio")
@book_option
@output_options
def list_mandates(portfolio: str, book: str, form: str | None, output: str, columns: str) -> None:
    """List the versions of a portfolio's mandate."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.mandate_history(portfolio), form=form, output=output, columns=columns)
