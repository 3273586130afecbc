"""``argosy doctor``: is the installation sound, and the book in reach?"""

from __future__ import annotations

import os
import sys

import click

from argosy.interfaces.cli.options import output_options
from argosy.interfaces.cli.show import emit, tell
from argosy.interfaces.wire import EXIT_CODES

UNSOUND = 10


def exit_codes() -> str:
    """The table of exit codes as the help shows it."""
    return "\n".join(f"{code:>5}  {meaning}" for code, meaning in EXIT_CODES.items())


@click.command(
    "doctor", epilog="\b\nExample: argosy doctor --book mine.db\n\n\b\nExit codes of every command:\n" + exit_codes()
)
@click.option("--book", "-b", metavar="BOOK", default="", help="The book. Default: ARGOSY_BOOK or ./book.db, if there.")
@output_options
def doctor_command(book: str, form: str | None, output: str, columns: str) -> None:
    """Check the installation and the book.

    Versions, the SQLite library, optional packages, the book's settings, market files, disk space and clock. Changes
    nothing. Ends with 10 when something must be mended.
    """
    from argosy.wiring import health

    named = book or os.environ.get("ARGOSY_BOOK", "")
    found = health(named or "book.db", look_at_book=bool(named) or os.path.exists("book.db"))
    emit(found, form=form, output=output, columns=columns)
    wrong = [name for name, state in zip(found["check"], found["state"], strict=True) if state == "mend"]
    if wrong:
        tell(f"to mend: {', '.join(str(name) for name in wrong)}")
        sys.exit(UNSOUND)
    tell("all sound")
