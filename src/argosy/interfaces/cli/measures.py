"""``argosy value | history | returns | close``: what it is worth, and how it did."""

from __future__ import annotations

import click

from argosy.base.errors import MissingData
from argosy.interfaces.cli.options import (
    Day,
    book_option,
    currency_option,
    dry_run_option,
    group_option,
    output_options,
    portfolio_option,
    read_options,
)
from argosy.interfaces.cli.show import emit, progress, tell


@click.command("value", epilog="Example: argosy value --portfolio GROWTH --as-of 2022-06-30 --currency EUR")
@read_options
@currency_option
@click.option("--holdings", is_flag=True, help="Each thing of value first: for JSON, CSV and Parquet.")
@click.option("--report-missing", is_flag=True, help="Show what can be valued and name what is missing for the rest.")
def value_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, *, holdings: bool, report_missing: bool,
) -> None:  # fmt: skip
    """What it is worth, to the cent: net asset value by part, then each holding.

    A group is valued as one. A missing or too old price or rate is an error that names it; nothing is filled in. With
    --report-missing it is an error only when nothing can be valued.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.value(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, currency=currency,
            on_missing="report" if report_missing else "raise",
        )  # fmt: skip
        tables = tuple(reversed(found.tables)) if holdings else found.tables
        emit(tables, form=form, output=output, columns=columns)
    subjects, gaps = found.valuation.subjects, found.valuation.gaps
    if subjects and not any(one.ok for one in subjects):
        raise MissingData(
            f"nothing could be valued: {'; '.join(gap.text() for gap in gaps)}",
            next_step="import what is missing, or ask for another date",
        )


@click.command("history", epilog="Example: argosy history --portfolio GROWTH --from 2022-01-01 --format csv -o nav.csv")
@read_options
@currency_option
@click.option("--from", "first", type=Day(), metavar="DATE", help="First day. Default: the first event.")
@click.option("--calendar", default="", help="Another calendar than the mandate's, such as weekdays.")
@click.option("--rows", type=click.IntRange(2), default=24, show_default=True,
              help="Rows shown of head and tail in a table; files have all.")  # fmt: skip
def history_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, first: int | None, calendar: str, rows: int,
) -> None:  # fmt: skip
    """Net asset value day by day, with positions, cash and external flows."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.history(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, first=first, currency=currency,
            calendar=calendar,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns, limit=rows)


@click.command("explain", epilog="Example: argosy explain position GROWTH/AAPL --as-of 2022-06-30")
@click.argument(
    "target", type=click.Choice(["value", "nav", "position", "gain", "income", "event", "price", "rate", "effect"])
)
@click.argument("name", default="")
@read_options
@currency_option
@click.option("--by", default="", metavar="LEVEL", help="effect: the level its segment belongs to. Default: sector.")
@click.option("--benchmark", default=None, metavar="BENCHMARK", help="effect: another than the mandate's.")
@click.option("--period", default="", metavar="PERIOD", help="effect: MTD, YTD, ITD, FROM..TO. Default: ITD.")
@click.option("--all", "everything", is_flag=True, help="Every line of long branches.")
def explain_command(
    target: str, name: str, book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...],
    group: str, form: str | None, output: str, columns: str, currency: str, by: str,
    benchmark: str | None, period: str, *, everything: bool,
) -> None:  # fmt: skip
    """Where a number comes from, down to events, prices and rates.

    NAME is a portfolio or group (value, nav; without it each portfolio asked about), PORTFOLIO/INSTRUMENT (position),
    the number of an event (gain, income, event), an instrument (price), a pair such as EUR/USD (rate) or
    PORTFOLIO/SEGMENT/EFFECT (effect: formula, weights, benchmark weights and returns of each period, prices, events).
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.explain(
            target, name, as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, currency=currency,
            by=by, benchmark=benchmark, period=period,
        )  # fmt: skip
    if form in (None, "table") and output == "-" and not columns:
        click.echo(found.text(limit=0) if everything else found.text())
    else:
        emit(found.table(), form=form, output=output, columns=columns)


@click.command("close", epilog="Example: argosy close --to 2022-12-30")
@book_option
@portfolio_option
@group_option
@click.option("--from", "first", type=Day(), metavar="DATE", help="First day. Default: the first event.")
@click.option("--to", "last", type=Day(), metavar="DATE", help="Last day. Default: the last one with prices.")
@click.option("--risk-from", type=Day(), metavar="DATE", help="Store risk of each session from here; else the last.")
@click.option("--propose", is_flag=True, help="Store a proposal for each portfolio with a reason to trade.")
@dry_run_option
@output_options
def close_command(
    book: str, portfolios: tuple[str, ...], group: str, first: int | None, last: int | None, form: str | None,
    output: str, columns: str, risk_from: int | None, *, propose: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Value each business day and store it with what it was computed from; store risk, tell breaches of limits.

    A second run writes nothing; a late event or a newer price restates only the days it changed. Says which portfolios
    with [targets] have a reason to trade, and marks proposals whose time is over. Prints the head of the book: keep it
    elsewhere for `argosy verify --against`.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened, progress("close") as advance:
        done = opened.run_close(
            portfolio=portfolios, group=group, first=first, last=last, progress=advance, dry_run=dry_run,
            propose=propose, risk_from=risk_from,
        )  # fmt: skip
    emit(done.statement().tables, form=form, output=output, columns=columns)
    for line in done.unknown_risk:
        tell(line)
    if not done.complete:
        tell("some days stay open: import what the notes name, then close again")
