"""``argosy composite``: how well the portfolios of a group did together, weighted by their capital."""

from __future__ import annotations

import click

from argosy.interfaces.cli.options import book_option, currency_option, output_options, time_options
from argosy.interfaces.cli.show import emit


@click.command("composite", epilog="Example: argosy composite BALANCED --benchmark MSCIW --as-of 2022-12-30")
@click.argument("group")
@book_option
@time_options
@currency_option
@click.option("--frequency", type=click.Choice(["weekly", "monthly", "quarterly", "yearly"]), default="monthly",
              show_default=True, help="Length of the periods that are weighted and linked.")  # fmt: skip
@click.option("--benchmark", default=None, metavar="BENCHMARK",
              help="A code, a blend, or none. Default: the mandate's.")  # fmt: skip
@click.option("--basis", type=click.Choice(["net", "gross", "pretax"]), default="net", show_default=True,
              help="After all charges, before management fees, or before taxes too.")  # fmt: skip
@click.option("--dispersion", type=click.Choice(["equal", "asset", "range", "quartiles"]), default="equal",
              show_default=True, help="How the annual returns of members all year differ.")  # fmt: skip
@click.option("--carve-out", default="", metavar="SEGMENT", help="One segment of each portfolio stands for it.")
@click.option("--by", default="sector", show_default=True, metavar="LEVEL", help="What the segment is a name of.")
@click.option("--cash", type=click.Choice(["pro-rata", "none"]), default="pro-rata", show_default=True,
              help="How cash is allocated to a carve-out.")  # fmt: skip
@click.option("--members", is_flag=True, help="Also each portfolio's return and weight by period.")
@click.option("--firm-assets", is_flag=True, help="Also the part of the assets of all portfolios of the book.")
@click.option("--span-missing", is_flag=True, help="Let returns run over days that have no value.")
@output_options
def composite_command(
    group: str, book: str, as_of: int | None, known_at: int | None, currency: str, frequency: str,
    benchmark: str | None, basis: str, dispersion: str, carve_out: str, by: str, cash: str, form: str | None,
    output: str, columns: str, *, members: bool, firm_assets: bool, span_missing: bool,
) -> None:  # fmt: skip
    """Asset-weighted returns of a group's portfolios by year: members, dispersion, assets, three-year deviation.

    A portfolio counts in the whole periods in which it was a member. Files get the years; tables show the periods too.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.composite(
            group, as_of=as_of, known_at=known_at, frequency=frequency,
            benchmark="" if benchmark == "none" else benchmark, currency=currency, basis=basis, dispersion=dispersion,
            carve_out=carve_out, by=by, cash=cash, members=members, firm_assets=firm_assets,
            on_missing="span" if span_missing else "raise",
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns, limit=24)
