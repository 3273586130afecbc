"""``argosy demo``: a real book of twelve years, valued every day, in under a minute."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy.base.errors import BookError
from argosy.interfaces.cli.show import emit, progress, tell

if TYPE_CHECKING:
    from argosy.interfaces.book import Book

FOLDER = "argosy-demo"
LOOP_FROM = "2010-02-01"
"""The first month is when the demo's portfolios are funded."""
LOOP_RULES = ("mandate", "never", "yearly")
"""Shorter calendars take longer; `argosy rebalance simulate` tries them."""


@click.command("demo", epilog="Example: argosy demo --book my-demo/book.db")
@click.option("--book", "-b", metavar="FILE", default=f"{FOLDER}/book.db", show_default=True,
              type=click.Path(dir_okay=False), help="Where the book is made.")  # fmt: skip
@click.option("--force", is_flag=True, help="Make it anew if it is there: the demo book is deleted first.")
@click.option("--loop", is_flag=True, help="Also run the whole loop over the demo's history: what rebalancing earned.")
def demo_command(book: str, *, force: bool, loop: bool) -> None:
    """Build and value the bundled demo book.

    Real closes of 20 stocks and ECB rates of 2010 to 2022, plausible trades of two portfolios in two base currencies.
    Imports, values every business day, prints what a portfolio manager asks for, and writes one HTML page.
    Nothing is downloaded.
    """
    from argosy.interfaces.demo import DemoManifest, build_demo
    from argosy.wiring import forget_demo, mark_demo

    path = Path(book)
    begun = time.monotonic()
    if path.exists():
        if not force:
            raise BookError(
                "the demo book is there already", place=book,
                next_step=f"use it (argosy value --book {book}), or make it anew with argosy demo --force",
            )  # fmt: skip
        forget_demo(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    manifest = DemoManifest.read()
    tell(manifest.title)
    with build_demo(book, say=lambda line: tell(f"  {line}")) as made:
        mark_demo(path)
        with progress("valuing every business day") as advance:
            done = made.run_close(progress=advance)
        emit(done.statement().tables)
        click.echo()
        _show(made)
        page = made.report(title=manifest.title, notes=(manifest.note,))
        if loop:
            _loop(made)
    target = path.with_name("demo.html")
    target.write_text(page.html, encoding="utf-8")
    tell(f"\ndone in {time.monotonic() - begun:.0f} s; the page is {target}")
    _next(book)


def _show(book: Book) -> None:
    """What a portfolio manager asks for, one readable table each."""
    value = book.value()
    emit(value.tables[0])
    for code in book.names("portfolio"):
        click.echo()
        emit(book.value(portfolio=code).tables[1])
    first = book.names("portfolio")[0]
    click.echo()
    emit(book.lots(portfolio=first).tables, limit=12)
    click.echo()
    emit(book.cash().tables)
    click.echo()
    emit(book.income(portfolio=first).tables, limit=8)
    click.echo()
    emit(book.gains(portfolio=first).tables, limit=12)
    click.echo()
    emit(book.returns().tables)


def _loop(book: Book) -> None:
    """Book, value, risk, target, proposal, verdict, fill, book: twelve years of it, with and without the mandates."""
    for code in book.names("portfolio"):
        click.echo()
        with progress(f"rebalancing {code} on paper") as advance:
            found = book.simulate_rebalancing(code, first=LOOP_FROM, rules=LOOP_RULES, progress=advance)
        emit(found.table())


def _next(book: str) -> None:
    tell("try next:")
    for command in (
        f"argosy value --book {book} --group HOUSE --currency EUR",
        f"argosy explain position ATLAS/AAPL --book {book} --as-of 2020-03-23",
        f"argosy returns --book {book} --period 2020-01-01..2020-12-31",
        f"argosy rebalance simulate --portfolio ATLAS --from 2018-01-02 --book {book}",
        f"argosy verify --book {book}",
        "argosy --help",
    ):
        tell(f"  {command}")
