"""``argosy verify | batches | void | correct | backup | restore``: keeping a book sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from argosy.base.errors import InvalidInput, TamperedBook
from argosy.interfaces.cli.options import Moment, book_option, dry_run_option, output_options
from argosy.interfaces.cli.portfolios import pairs
from argosy.interfaces.cli.show import emit, progress, screen_width, tell

if TYPE_CHECKING:
    from argosy.workflows.void import VoidResult


def _told(result: VoidResult) -> None:
    if len(result.rows):
        click.echo(result.table().to_text(width=screen_width()))
    for note in result.notes:
        tell(f"note: {note}")
    tell(result.summary())


@click.command("verify", epilog="Example: argosy verify --against 8084:81e3955c0dd5f9f6")
@book_option
@click.option(
    "--against", metavar="HEAD", default="",
    help="A head kept elsewhere, as a close, a backup or an earlier verify printed it (seq:hash).",
)  # fmt: skip
@output_options
def verify_command(book: str, against: str, form: str | None, output: str, columns: str) -> None:
    """Check the book against itself and against a kept head.

    The hash chain over every row, the market files, conservation of cost and cash, net asset value as the sum of its
    parts, and each stored value computed again from what the book knew then. Ends with 5 when something is wrong.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened, progress("verify") as advance:
        report = opened.verify(against=against, progress=advance)
    emit(report.table(), form=form, output=output, columns=columns)
    if not report.ok:
        raise TamperedBook(
            f"{len(report.problems)} problem{'s' if len(report.problems) > 1 else ''} found: {report.problems[0]}",
            place=book,
            next_step="restore a backup whose head you kept; read nothing from this book until then",
        )  # fmt: skip


@click.command("batches", epilog="Example: argosy batches --known-at 2024-01-31")
@book_option
@click.option("--known-at", type=Moment(), metavar="MOMENT", help="As the book knew it then. Default: now.")
@click.option("--all-columns", is_flag=True, help="With first and last row and the whole head of each batch.")
@output_options
def batches_command(
    book: str, known_at: int | None, form: str | None, output: str, columns: str, *, all_columns: bool
) -> None:
    """What was written, when, and from which file. The number of a batch is what `argosy void --batch` takes."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        table = opened.batches(known_at=known_at)
        if not all_columns and not columns and form in (None, "table") and output == "-":
            table = table.select([n for n in table.column_names if n not in ("first", "last", "head")])
        emit(table, form=form, output=output, columns=columns)


@click.command("void", epilog="Example: argosy void --batch 12 --reason 'wrong file' --dry-run")
@click.option("--event", type=int, metavar="SEQ", help="One event; `argosy transactions` shows its number.")
@click.option("--batch", type=int, metavar="N", help="A whole batch; `argosy batches` shows its number.")
@click.option("--reason", default="", help="Why, kept with the void.")
@click.option("--allow-broken", is_flag=True, help="Even if later events would sell what is no longer there.")
@book_option
@dry_run_option
def void_command(
    event: int | None, batch: int | None, reason: str, book: str, *, allow_broken: bool, dry_run: bool
) -> None:
    """Take back an event or a whole batch.

    Nothing is deleted: what was there is still seen by an earlier --known-at.
    """
    from argosy.interfaces.book import open_book

    if (event is None) == (batch is None):
        raise InvalidInput("name one event or one batch", field="event", next_step="give --event SEQ or --batch N")
    with open_book(book) as opened:
        if event is not None:
            result = opened.void_event(event, reason=reason, allow_broken=allow_broken, dry_run=dry_run)
        else:
            assert batch is not None
            result = opened.void_batch(batch, reason=reason, allow_broken=allow_broken, dry_run=dry_run)
    _told(result)


@click.command("correct", epilog="Example: argosy correct 118 quantity=110 price=83.20 --reason 'broker amended'")
@click.argument("event", type=int)
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--reason", default="", help="Why, kept with the correction.")
@book_option
@dry_run_option
def correct_command(event: int, changes: tuple[str, ...], reason: str, book: str, *, dry_run: bool) -> None:
    """Replace EVENT by a corrected one, in the fields of the transactions table.

    Amounts that depend on a changed field are worked out again unless they are given too. The old event stays readable
    at an earlier --known-at.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        _told(opened.correct({event: pairs(changes)}, reason=reason, dry_run=dry_run))


@click.command("backup", epilog="Example: argosy backup book-2022-12-30.argosy")
@click.argument("file", type=click.Path(dir_okay=False))
@book_option
def backup_command(file: str, book: str) -> None:
    """Copy the book and its market files into one archive. Others may read and write meanwhile.

    Prints the head of the copy. Keep it elsewhere: `argosy verify --against HEAD` tells later whether anything changed.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened, progress("backup") as advance:
        head = opened.backup(file, progress=advance)
    tell(f"wrote {file}")
    click.echo(head)


@click.command("restore", epilog="Example: argosy restore book-2022-12-30.argosy --book restored.db")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False))
@book_option
@click.option("--market", metavar="FOLDER", default="", help="Folder of the market files. Default: beside the book.")
def restore_command(archive: str, book: str, market: str) -> None:
    """Make a book from a backup, on SQLite or PostgreSQL. Never over a book that is there.

    Every block is checked on its way in, the head is compared at the end, and no book is left when anything is wrong.
    """
    from argosy.interfaces.book import restore_book

    with progress("restore") as advance:
        made = restore_book(archive, book, market=market, progress=advance)
    with made:
        tell(f"restored {made.watermark.seq:,} rows in {made.watermark.batch:,} batches to {made.url}")
        click.echo(f"{made.watermark.seq}:{made.watermark.head}")
