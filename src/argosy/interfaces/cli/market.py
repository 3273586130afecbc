"""``argosy benchmark | source``: what the book is told about market data by hand."""

from __future__ import annotations

import click

from argosy.base.errors import InvalidInput
from argosy.interfaces.cli.options import book_option, dry_run_option, output_options
from argosy.interfaces.cli.portfolios import pairs, told
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit


@click.group("benchmark", cls=NamedGroup, epilog="Example: argosy benchmark list")
def benchmark_command() -> None:
    """Define and list benchmarks. Published levels come by `argosy import benchmark`."""


@benchmark_command.command("define", epilog="Example: argosy benchmark define MIX AAPL MSFT --currency USD")
@click.argument("code")
@click.argument("instruments", nargs=-1, required=True, metavar="INSTRUMENT...")
@click.option("--currency", "-c", required=True, metavar="CODE", help="Its currency.")
@click.option("--name", default="", help="Its name for people. Default: the code.")
@click.option(
    "--rebalance", type=click.Choice(["daily", "monthly", "quarterly", "yearly", "never"]), default="monthly",
    show_default=True, help="When the weights are restored.",
)  # fmt: skip
@click.option("--weight", "weights", multiple=True, metavar="INSTRUMENT=WEIGHT",
              help="A fixed weight, as AAPL=0.6; they must sum to 1. Default: equal weights.")  # fmt: skip
@book_option
@dry_run_option
def define(
    code: str, instruments: tuple[str, ...], currency: str, name: str, rebalance: str, weights: tuple[str, ...],
    book: str, *, dry_run: bool,
) -> None:  # fmt: skip
    """Define the benchmark CODE made of instruments, equally weighted or with fixed weights."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        told(
            opened.define_benchmark(
                code, currency=currency, instruments=instruments, weights=pairs(weights) or None,
                rebalance=rebalance, name=name, dry_run=dry_run,
            )
        )  # fmt: skip


@benchmark_command.command("list", epilog="Example: argosy benchmark list")
@book_option
@output_options
def list_benchmarks(book: str, form: str | None, output: str, columns: str) -> None:
    """List benchmarks with what they are made of."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.benchmarks(), form=form, output=output, columns=columns)


@click.group("source", cls=NamedGroup, epilog="Example: argosy source prefer prices EXCHANGE VENDOR")
def source_command() -> None:
    """List market loads, and say which source goes first."""


@source_command.command("list", epilog="Example: argosy source list")
@book_option
@output_options
def list_sources(book: str, form: str | None, output: str, columns: str) -> None:
    """List the market files of the book: source, basis, span."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.loads(), form=form, output=output, columns=columns)


@source_command.command("prefer", epilog="Example: argosy source prefer prices EXCHANGE VENDOR")
@click.argument("data", type=click.Choice(["prices", "fx"]))
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@book_option
@dry_run_option
def prefer(data: str, sources: tuple[str, ...], book: str, *, dry_run: bool) -> None:
    """Say which source of DATA goes first where several give the same date: best first."""
    from argosy.interfaces.book import open_book

    if not sources:
        raise InvalidInput("no source was named", field="sources", next_step="name them, best first")
    with open_book(book) as opened:
        told(opened.prefer_sources(data, sources, dry_run=dry_run))
