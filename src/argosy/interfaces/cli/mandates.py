"""``argosy mandate``: the rules of a portfolio, one TOML file each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy.interfaces.cli.options import FILE, Day, book_option, dry_run_option, output_options, read_file
from argosy.interfaces.cli.portfolios import told
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, tell

if TYPE_CHECKING:
    from argosy.record.mandate import Mandate


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


@mandate_command.command("diff", epilog="Example: argosy mandate diff GROWTH@2021-12-31 GROWTH")
@click.argument("first")
@click.argument("second")
@book_option
@output_options
def diff(first: str, second: str, book: str, form: str | None, output: str, columns: str) -> None:
    """What differs between two mandates: each a file, a portfolio, or a portfolio on a day (GROWTH@2021-12-31)."""
    from argosy.workflows.policies import mandate_diff

    found = mandate_diff(_named(first, book), _named(second, book), names=(first, second))
    emit(found, form=form, output=output, columns=columns)


def _named(name: str, book: str) -> Mandate:
    from argosy.interfaces.book import check_mandate, open_book

    if Path(name).is_file():
        content, label = read_file(name)
        return check_mandate(content, name=label)
    with open_book(book) as opened:
        return opened.mandate_of(name)


@mandate_command.command("schema", epilog="Example: argosy mandate schema --output mandate.schema.json")
@click.option("--output", "-o", metavar="FILE", default="-", type=click.Path(dir_okay=False), help="File to write.")
def schema(output: str) -> None:
    """Print the JSON Schema of mandates, for editors that complete and check TOML."""
    import json

    from argosy.record.mandate_schema_json import mandate_schema

    text = json.dumps(mandate_schema(), indent=2, ensure_ascii=False) + "\n"
    if output == "-":
        click.echo(text, nl=False)
    else:
        Path(output).write_text(text, encoding="utf-8")
        tell(f"wrote {output}")


@mandate_command.command("policy", epilog="Example: argosy mandate policy HOUSE house.toml")
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--from", "effective", type=Day(), metavar="DATE", help="From when on it rules. Default: always.")
@book_option
@dry_run_option
def policy(name: str, file: str, effective: int | None, book: str, *, dry_run: bool) -> None:
    """Keep FILE as the policy NAME that mandates build on with [inherit] from = ["NAME"]."""
    from argosy.interfaces.book import open_book

    content, _ = read_file(file)
    with open_book(book) as opened:
        tell(opened.set_policy(name, content, effective=effective, dry_run=dry_run).summary())


@mandate_command.command("policies", epilog="Example: argosy mandate policies")
@book_option
@output_options
def policies(book: str, form: str | None, output: str, columns: str) -> None:
    """List policies, their versions, and the mandates that build on them."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.policies(), form=form, output=output, columns=columns)


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
@click.option("--whole", is_flag=True, help="With the policies it builds on laid under it, every key written out.")
@book_option
def show(portfolio: str, as_of: int | None, book: str, *, whole: bool) -> None:
    """Print the mandate text in force."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        text = opened.whole_mandate if whole else opened.mandate_text
        click.echo(text(portfolio, as_of=as_of), nl=False)


@mandate_command.command("list", epilog="Example: argosy mandate list GROWTH")
@click.argument("portfolio")
@book_option
@output_options
def list_mandates(portfolio: str, book: str, form: str | None, output: str, columns: str) -> None:
    """List the versions of a portfolio's mandate."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.mandate_history(portfolio), form=form, output=output, columns=columns)
