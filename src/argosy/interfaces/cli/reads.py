"""Questions about state: positions, lots, cash, transactions, income, gains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from argosy.interfaces.cli.options import Day, read_options
from argosy.interfaces.cli.show import emit

Command = TypeVar("Command", bound=Callable[..., Any])


def _instrument_option(command: Command) -> Command:
    return click.option(
        "--instrument", "-i", "instruments", multiple=True, metavar="NAME",
        help="Only this instrument: its code, ISIN, ticker or another identifier; may be given more than once.",
    )(command)  # fmt: skip


def _span_options(command: Command) -> Command:
    command = click.option("--to", "last", type=Day(), metavar="DATE", help="Last day, inclusive.")(command)
    return click.option("--from", "first", type=Day(), metavar="DATE", help="First day, inclusive.")(command)


@click.command("positions", epilog="Example: argosy positions --portfolio GROWTH --as-of 2022-06-30")
@read_options
@click.option("--by-account", is_flag=True, help="Where each holding lies, whatever the lot scope; without cost.")
def positions_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, *, by_account: bool,
) -> None:  # fmt: skip
    """What is held, with its cost.

    One row for each pool of lots. A pool is an account, or the whole portfolio where the mandate pools accounts.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.positions(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, by_account=by_account
        )
        emit(found.tables, form=form, output=output, columns=columns)


@click.command("lots", epilog="Example: argosy lots --portfolio GROWTH --instrument AAPL")
@read_options
@_instrument_option
def lots_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, instruments: tuple[str, ...],
) -> None:  # fmt: skip
    """The open lots behind the positions."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.lots(as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, instrument=instruments)
        emit(found.tables, form=form, output=output, columns=columns)


@click.command("cash", epilog="Example: argosy cash --as-of 2022-06-30")
@read_options
def cash_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str,
) -> None:  # fmt: skip
    """Cash by currency, on trade and on settlement dates, and what is on its way."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.cash(as_of=as_of, known_at=known_at, portfolio=portfolios, group=group)
        emit(found.tables, form=form, output=output, columns=columns)


@click.command("transactions", epilog="Example: argosy transactions --instrument AAPL --from 2022-01-01")
@read_options
@_instrument_option
@_span_options
def transactions_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, instruments: tuple[str, ...], first: int | None, last: int | None,
) -> None:  # fmt: skip
    """What happened, in the order in which it counts.

    Events that were taken back are left out; `argosy batches` and --known-at show what the book said before.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.transactions(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, instrument=instruments,
            first=first, last=last,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns)


@click.command("income", epilog="Example: argosy income --portfolio GROWTH --from 2022-01-01 --to 2022-12-31")
@read_options
@_span_options
def income_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, first: int | None, last: int | None,
) -> None:  # fmt: skip
    """Dividends, interest, coupons and distributions: gross, tax withheld, net."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.income(as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, first=first, last=last)
        emit(found.tables, form=form, output=output, columns=columns)


@click.command("gains", epilog="Example: argosy gains --portfolio GROWTH --from 2022-01-01")
@read_options
@_span_options
@click.option(
    "--kind", type=click.Choice(["realized", "unrealized", "both"]), default="both", show_default=True,
    help="Gains of what was sold, of what is still held, or both.",
)  # fmt: skip
def gains_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, first: int | None, last: int | None, kind: str,
) -> None:  # fmt: skip
    """Realized gains with the lots they came from, and unrealized gains split into price and currency."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.gains(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, first=first, last=last, kind=kind
        )
        emit(found.tables, form=form, output=output, columns=columns)
