"""``argosy limits``: every limit with its headroom, breaches with their history, waivers with four eyes."""

from __future__ import annotations

import click

from argosy.interfaces.cli.options import Day, book_option, dry_run_option, read_options
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, tell


@click.group("limits", cls=NamedGroup, epilog="Example: argosy limits show --portfolio GROWTH")
def limits_command() -> None:
    """Every limit of the mandates: use, headroom, warnings, breaches, waivers."""


@limits_command.command("show", epilog="Example: argosy limits show --group HOUSE --as-of 2022-06-30")
@read_options
@click.option("--broken", is_flag=True, help="Only limits that do not hold or could not be read.")
def show_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, *, broken: bool,
) -> None:  # fmt: skip
    """Every limit of [limits] and [monitoring]: its number, what is allowed, use, headroom, state.

    A breach is active where a trade since the last session caused it or made it worse, else passive; a passive one is
    to be cured within cure_days of the mandate. Numbers are those of the optimizer and the check before trading.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.limits(as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, broken=broken)
    emit(found.tables, form=form, output=output, columns=columns)


@limits_command.command("history", epilog="Example: argosy limits history --portfolio GROWTH --open")
@read_options
@click.option("--open", "only_open", is_flag=True, help="Only breaches that are not cured.")
def history_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, *, only_open: bool,
) -> None:  # fmt: skip
    """Breaches that the close told, from the day they opened to the day they were cured; waivers with who decided."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.limits_history(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, only_open=only_open
        )
    emit(found.tables, form=form, output=output, columns=columns)


@limits_command.command("waive", epilog='Example: argosy limits waive GROWTH "gross <= 100%" --until 2023-01-31 '
                        '--reason "fund merger" --by ANNA')  # fmt: skip
@click.argument("portfolio")
@click.argument("rule")
@click.option("--until", type=Day(), required=True, metavar="DATE", help="Last day it is to hold.")
@click.option("--reason", required=True, help="Why.")
@click.option("--by", required=True, metavar="NAME", help="Who asks.")
@book_option
@dry_run_option
def waive_command(portfolio: str, rule: str, until: int, reason: str, by: str, book: str, *, dry_run: bool) -> None:
    """Ask that PORTFOLIO may be beyond RULE (as `argosy limits show` writes it) for a time.

    It holds once somebody else approves it.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        made = opened.ask_waiver(portfolio, rule, until=until, reason=reason, by=by, dry_run=dry_run)
    tell(f"waiver {made.number} is asked for; somebody else than {by} approves it: argosy limits approve {made.number}")


def _decided(step: str, number: int, by: str, note: str, book: str, *, dry_run: bool) -> None:
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        made = opened.decide_waiver(number, step=step, by=by, note=note, dry_run=dry_run)
    tell(f"waiver {made.number} is {made.state}")


@limits_command.command("approve", epilog="Example: argosy limits approve 1 --by BORIS")
@click.argument("number", type=int)
@click.option("--by", required=True, metavar="NAME", help="Who approves: not who asked.")
@click.option("--note", default="", help="A word about it.")
@book_option
@dry_run_option
def approve_command(number: int, by: str, note: str, book: str, *, dry_run: bool) -> None:
    """Approve waiver NUMBER; whoever asked for it cannot."""
    _decided("approved", number, by, note, book, dry_run=dry_run)


@limits_command.command("reject", epilog="Example: argosy limits reject 1 --by BORIS --note 'sell instead'")
@click.argument("number", type=int)
@click.option("--by", required=True, metavar="NAME", help="Who rejects.")
@click.option("--note", default="", help="Why.")
@book_option
@dry_run_option
def reject_command(number: int, by: str, note: str, book: str, *, dry_run: bool) -> None:
    """Reject waiver NUMBER."""
    _decided("rejected", number, by, note, book, dry_run=dry_run)
