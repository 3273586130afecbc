"""``argosy report``: one HTML page that needs nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from argosy.interfaces.cli.options import book_option, currency_option, group_option, portfolio_option, time_options
from argosy.interfaces.cli.show import tell


@click.command("report", epilog="Example: argosy report --portfolio GROWTH --output growth.html")
@book_option
@time_options
@portfolio_option
@group_option
@currency_option
@click.option("--title", default="", help="Heading of the page. Default: the portfolios' codes.")
@click.option("--note", "notes", multiple=True, metavar="TEXT", help="A note in the footer; repeatable.")
@click.option("--output", "-o", metavar="FILE", default="argosy.html", show_default=True,
              type=click.Path(dir_okay=False), help="File to write; - is standard output.")  # fmt: skip
def report_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, currency: str,
    title: str, notes: tuple[str, ...], output: str,
) -> None:  # fmt: skip
    """Write one HTML page: value, returns, drawdowns, holdings, cash, income, gains and where they come from.

    The page fetches nothing, prints well, and reads on a phone, in light and in dark.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        page = opened.report(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, currency=currency, title=title,
            notes=notes,
        )  # fmt: skip
    for reason in page.left_out:
        tell(f"warning: {reason}")
    if output == "-":
        click.echo(page.html, nl=False)
    else:
        Path(output).write_text(page.html, encoding="utf-8")
        tell(f"wrote {output} ({len(page.html) // 1024:,} KiB)")
