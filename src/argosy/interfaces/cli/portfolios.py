"""``argosy portfolio | account | sleeve | group | currency``: who and what the book is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy.base.errors import InvalidInput
from argosy.interfaces.cli.options import Day, book_option, dry_run_option, output_options
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, tell

if TYPE_CHECKING:
    from argosy.workflows.setup import SetupResult


def told(result: SetupResult) -> None:
    """What was written, or would be, with its notes."""
    for note in result.notes:
        tell(f"note: {note}")
    if not result.written:
        emit(result.table())
    tell(result.summary())


def pairs(given: Sequence[str]) -> dict[str, str]:
    """``KEY=VALUE`` words as a dictionary."""
    found: dict[str, str] = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise InvalidInput(
                f"attribute {word!r} is not KEY=VALUE", field="attribute", found=word, next_step="write client=ACME"
            )
        found[key] = value
    return found


_attribute = click.option(
    "--attribute", "attributes", multiple=True, metavar="KEY=VALUE", help="Anything else worth keeping; repeatable."
)


@click.group("portfolio", cls=NamedGroup, epilog="Example: argosy portfolio create GROWTH --currency USD")
def portfolio_command() -> None:
    """Create, list and change portfolios. A portfolio is what is measured and has a mandate."""


@portfolio_command.command(
    "create", epilog="Example: argosy portfolio create GROWTH --currency USD --name 'Growth fund'"
)
@click.argument("code")
@click.option("--currency", "-c", required=True, metavar="CODE", help="Base currency, as USD.")
@click.option("--name", default="", help="Its name for people. Default: the code.")
@click.option("--account", "accounts", multiple=True, metavar="CODE", help="Its accounts. Default: MAIN.")
@click.option("--opened", type=Day(), metavar="DATE", help="Day it was opened, for information.")
@click.option("--mandate", type=click.Path(exists=True, dir_okay=False), help="Its mandate, a TOML file.")
@_attribute
@book_option
@dry_run_option
def create(
    code: str, currency: str, name: str, accounts: tuple[str, ...], opened: int | None, mandate: str | None,
    attributes: tuple[str, ...], book: str, *, dry_run: bool,
) -> None:  # fmt: skip
    """Create a portfolio with its accounts. CODE is its short name in files and commands."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened_book:
        told(
            opened_book.create_portfolio(
                code, currency=currency, name=name, accounts=accounts, opened=opened,
                mandate=Path(mandate) if mandate else "", attributes=pairs(attributes), dry_run=dry_run,
            )
        )  # fmt: skip


@portfolio_command.command("list", epilog="Example: argosy portfolio list --format json")
@book_option
@output_options
def list_portfolios(book: str, form: str | None, output: str, columns: str) -> None:
    """List portfolios with accounts, lot rules and benchmark."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.portfolios(), form=form, output=output, columns=columns)


@portfolio_command.command("show", epilog="Example: argosy portfolio show GROWTH")
@click.argument("code")
@book_option
@output_options
def show(code: str, book: str, form: str | None, output: str, columns: str) -> None:
    """Show a portfolio: its terms, accounts and sleeves."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.portfolio(code).tables, form=form, output=output, columns=columns)


@portfolio_command.command(
    "set", epilog="Example: argosy portfolio set GROWTH --name 'Global growth' --from 2022-07-01"
)
@click.argument("code")
@click.option("--name", default=None, help="New name.")
@click.option("--rename", metavar="CODE", default=None, help="New code; the old one keeps answering.")
@click.option("--closed", type=Day(), metavar="DATE", help="Day it was closed.")
@click.option("--from", "effective", type=Day(), metavar="DATE", help="From when on the change rules. Default: always.")
@_attribute
@book_option
@dry_run_option
def change(
    code: str, name: str | None, rename: str | None, closed: int | None, effective: int | None,
    attributes: tuple[str, ...], book: str, *, dry_run: bool,
) -> None:  # fmt: skip
    """Change a portfolio's name, code, attributes or closing day. What it was before stays in its history."""
    from argosy.interfaces.book import open_book

    if name is None and rename is None and closed is None and not attributes:
        raise InvalidInput(
            "nothing to change was given", field="portfolio", next_step="give --name, --rename, --closed or --attribute"
        )
    with open_book(book) as opened:
        told(
            opened.update_portfolio(
                code, name=name, rename=rename, closed=closed, effective=effective, attributes=pairs(attributes),
                dry_run=dry_run,
            )
        )  # fmt: skip


@portfolio_command.command("history", epilog="Example: argosy portfolio history GROWTH")
@click.argument("code")
@book_option
@output_options
def history(code: str, book: str, form: str | None, output: str, columns: str) -> None:
    """How a portfolio's own data changed, and when the book learned it."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.portfolio_history(code), form=form, output=output, columns=columns)


@click.group("account", cls=NamedGroup, epilog="Example: argosy account create GROWTH CUSTODY2")
def account_command() -> None:
    """Create and list accounts. An account is custody plus tax registration; it owns lots and cash."""


@account_command.command("create", epilog="Example: argosy account create GROWTH IRA --registration retirement")
@click.argument("portfolio")
@click.argument("code")
@click.option("--name", default="", help="Its name for people. Default: the code.")
@click.option("--custodian", metavar="CODE", default="", help="Code of the party that keeps it.")
@click.option("--registration", default="", help="Tax registration, in your own words.")
@_attribute
@book_option
@dry_run_option
def create_account(
    portfolio: str, code: str, name: str, custodian: str, registration: str, attributes: tuple[str, ...], book: str,
    *, dry_run: bool,
) -> None:  # fmt: skip
    """Create the account CODE inside PORTFOLIO."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        told(
            opened.create_account(
                portfolio, code, name=name, custodian=custodian, registration=registration,
                attributes=pairs(attributes), dry_run=dry_run,
            )
        )  # fmt: skip


@account_command.command("list", epilog="Example: argosy account list --portfolio GROWTH")
@click.option("--portfolio", "-p", "portfolios", multiple=True, metavar="CODE", help="Only of these. Default: all.")
@book_option
@output_options
def list_accounts(portfolios: tuple[str, ...], book: str, form: str | None, output: str, columns: str) -> None:
    """List accounts with custodian and registration."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.accounts(portfolios), form=form, output=output, columns=columns)


@click.group("sleeve", cls=NamedGroup, epilog="Example: argosy sleeve create GROWTH CORE")
def sleeve_command() -> None:
    """Create and list sleeves. A sleeve is a tag that rows of a portfolio may carry."""


@sleeve_command.command("create", epilog="Example: argosy sleeve create GROWTH CORE --name 'Core holdings'")
@click.argument("portfolio")
@click.argument("code")
@click.option("--name", default="", help="Its name for people. Default: the code.")
@book_option
@dry_run_option
def create_sleeve(portfolio: str, code: str, name: str, book: str, *, dry_run: bool) -> None:
    """Create the sleeve CODE inside PORTFOLIO."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        told(opened.create_sleeve(portfolio, code, name=name, dry_run=dry_run))


@sleeve_command.command("list", epilog="Example: argosy sleeve list --portfolio GROWTH")
@click.option("--portfolio", "-p", "portfolios", multiple=True, metavar="CODE", help="Only of these. Default: all.")
@book_option
@output_options
def list_sleeves(portfolios: tuple[str, ...], book: str, form: str | None, output: str, columns: str) -> None:
    """List sleeves."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.sleeves(portfolios), form=form, output=output, columns=columns)


@click.group("group", cls=NamedGroup, epilog="Example: argosy group create FAMILY --member GROWTH --member INCOME")
def group_command() -> None:
    """Create, list and change groups. A group is a dated set of portfolios, valued as one."""


@group_command.command("create", epilog="Example: argosy group create FAMILY --member GROWTH --member INCOME")
@click.argument("code")
@click.option("--member", "members", multiple=True, metavar="CODE", help="A portfolio, or a group for its members.")
@click.option("--name", default="", help="Its name for people. Default: the code.")
@book_option
@dry_run_option
def create_group(code: str, members: tuple[str, ...], name: str, book: str, *, dry_run: bool) -> None:
    """Create a group of portfolios."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        told(opened.create_group(code, members=members, name=name, dry_run=dry_run))


@group_command.command("list", epilog="Example: argosy group list")
@book_option
@output_options
def list_groups(book: str, form: str | None, output: str, columns: str) -> None:
    """List groups with their members."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.groups(), form=form, output=output, columns=columns)


@group_command.command("show", epilog="Example: argosy group show FAMILY")
@click.argument("code")
@book_option
@output_options
def show_group(code: str, book: str, form: str | None, output: str, columns: str) -> None:
    """Show from when to when portfolios belong to a group."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.members(code), form=form, output=output, columns=columns)


@group_command.command("set", epilog="Example: argosy group set FAMILY GROWTH --from 2020-01-01 --to 2022-06-30")
@click.argument("code")
@click.argument("portfolio")
@click.option("--from", "first", type=Day(), metavar="DATE", help="First day. Default: always.")
@click.option("--to", "last", type=Day(), metavar="DATE", help="Last day. Default: no end.")
@book_option
@dry_run_option
def set_group(code: str, portfolio: str, first: int | None, last: int | None, book: str, *, dry_run: bool) -> None:
    """Say from when to when PORTFOLIO belongs to the group CODE."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        told(opened.set_membership(code, portfolio, first=first, last=last, dry_run=dry_run))


@click.group("currency", cls=NamedGroup, epilog="Example: argosy currency list")
def currency_command() -> None:
    """List currencies and fix how many decimals the book keeps of them."""


@currency_command.command("list", epilog="Example: argosy currency list")
@book_option
@output_options
def list_currencies(book: str, form: str | None, output: str, columns: str) -> None:
    """List the currencies of the book with the decimals kept and shown."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.currencies(), form=form, output=output, columns=columns)


@currency_command.command("set", epilog="Example: argosy currency set USD --scale 6")
@click.argument("code")
@click.option("--scale", type=click.IntRange(0, 12), help="Decimals kept. Only before the first event in it.")
@click.option("--shown", type=click.IntRange(0, 12), help="Decimals people see, and to which values are rounded.")
@book_option
@dry_run_option
def set_currency(code: str, scale: int | None, shown: int | None, book: str, *, dry_run: bool) -> None:
    """Make a currency known, or fix its decimals before its first event."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        told(opened.define_currency(code, scale=scale, shown=shown, dry_run=dry_run))
