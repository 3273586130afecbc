"""``argosy init``: an empty book."""

from __future__ import annotations

import click

from argosy.interfaces.cli.options import book_option, dry_run_option
from argosy.interfaces.cli.show import tell


@click.command("init", epilog="Example: argosy init --book mine.db")
@book_option
@click.option(
    "--market", metavar="FOLDER", default="", type=click.Path(file_okay=False),
    help="Folder of the market files. Default: BOOK.market beside a SQLite book; needed for PostgreSQL.",
)  # fmt: skip
@dry_run_option
def init_command(book: str, market: str, *, dry_run: bool) -> None:
    """Create an empty book.

    BOOK is a file (SQLite) or a postgresql:// URL of an empty database. What is already there is never touched.
    """
    from argosy.interfaces.book import create_book
    from argosy.wiring import book_url

    if dry_run:
        tell(f"would make an empty book at {book_url(book)}")
        return
    with create_book(book, market=market) as made:
        tell(f"made an empty book at {made.url}")
    tell("next: argosy portfolio create CODE --currency EUR, then argosy import instruments FILE")
