"""``argosy import``: instruments, prices, rates, transactions, benchmarks and calendars from files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from argosy.base.errors import ImportRefused, InvalidInput
from argosy.interfaces.cli.options import FILE, Day, book_option, dry_run_option, read_file
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, progress, screen_width, tell, tell_problems

if TYPE_CHECKING:
    from argosy.interfaces.book import Book
    from argosy.workflows.import_report import ImportReport

Command = TypeVar("Command", bound=Callable[..., Any])
BASES = ("traded", "split_adjusted", "total_return")


def _file_options(command: Command) -> Command:
    """What every import takes, in the order of the help page."""
    for option in reversed((
        click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE..."),
        click.option("--profile", type=FILE, metavar="FILE", default=None,
                     help="Profile (TOML) that maps the file's columns, dates and numbers to the neutral ones."),
        click.option("--source", default="", help="Where the file comes from. Default: the profile's name."),
        click.option("--accept-good", is_flag=True, help="Write the good rows even when others are refused."),
        book_option,
        dry_run_option,
        click.option("--format", "-f", "form", type=click.Choice(["table", "json", "csv"]), default="table",
                     help="Shape of the report of problems and known rows."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.group("import", cls=NamedGroup, epilog="Example: argosy import transactions trades.csv --dry-run")
def import_command() -> None:
    """Read files into the book: each file is one batch, written whole or not at all.

    CSV, TSV and Parquet, also gzipped; - is standard input. Importing a file again adds nothing.
    """


def import_files(files: Sequence[str], book: str, form: str, act: Callable[[Book, bytes, str], ImportReport]) -> None:
    """Import each file, tell what happened, and end with the code for refused rows if there were any."""
    from argosy.interfaces.book import open_book

    refused: list[ImportReport] = []
    with open_book(book) as opened:
        for file in files:
            content, name = read_file(file)
            report = act(opened, content, name)
            _tell(report, form)
            if report.problems and not (report.written or report.dry_run):
                refused.append(report)
                break  # what comes after may lean on this file
            if report.problems and report.dry_run:
                refused.append(report)
    if refused:
        count = sum(report.refused + report.conflicting for report in refused)
        raise ImportRefused(
            f"{count or 'some'} rows were refused, nothing was written of {refused[0].source}",
            next_step="mend the rows named above, or give --accept-good to write the others",
        )


def _tell(report: ImportReport, form: str) -> None:
    if form != "table":
        emit(report.table(), form=form)
        tell(report.summary())
        return
    if report.dry_run and report.preview:
        click.echo(_preview(report).to_text(width=screen_width()))
    tell(report.summary())
    tell_problems(report.problems)
    tell_problems(report.warnings)
    for note in report.notes[:5]:
        tell(f"  line {note.line}: {note.message}")
    if len(report.notes) > 5:
        tell(f"  … {len(report.notes) - 5:,} more rows of that kind; --format json lists all")


def _preview(report: ImportReport) -> Any:
    from argosy.base.table import Column, Table
    from argosy.record.booking.types import FIELDS

    given = dict.fromkeys(name for row in report.preview for name in row)
    names = sorted(given, key=lambda name: FIELDS.index(name) if name in FIELDS else -1)
    columns = [Column(name, "text", [row.get(name, "") for row in report.preview]) for name in names]
    return Table(f"would be inserted (first {len(report.preview)} of {report.inserted:,})", tuple(columns))


@import_command.command("transactions", epilog="Example: argosy import transactions trades.csv --profile broker.toml")
@_file_options
@click.option("--as-new", is_flag=True, help="Also admit rows that are known by their content only.")
def transactions(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, *, accept_good: bool,
    dry_run: bool, as_new: bool,
) -> None:  # fmt: skip
    """Read trades, cash movements, income and corporate actions.

    Columns: date, type, portfolio and what the type needs; see docs/guide/transactions-csv.md. A row that is known (by
    its reference, else by its content) is not written again.
    """
    import_files(files, book, form, lambda opened, content, name: opened.import_transactions(
        content, name=name, profile=profile or "", source=source, accept_good=accept_good, as_new=as_new,
        dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("instruments", epilog="Example: argosy import instruments instruments.csv")
@_file_options
@click.option("--from", "effective", type=Day(), metavar="DATE", help="From when on the terms rule. Default: always.")
def instruments(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, effective: int | None, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read instruments: code, name, type, currency, quote unit, identifiers, bond terms.

    Check digits of ISIN, CUSIP, SEDOL and FIGI are verified. Columns that are not known are kept as attributes.
    """
    import_files(files, book, form, lambda opened, content, name: opened.import_instruments(
        content, name=name, profile=profile or "", source=source, effective=effective, accept_good=accept_good,
        dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("prices", epilog="Example: argosy import prices prices.csv --source vendor --basis traded")
@_file_options
@click.option("--basis", type=click.Choice(BASES), default="traded", show_default=True,
              help="As traded, adjusted for splits, or with dividends inside.")  # fmt: skip
def prices(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, basis: str, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read prices: date, instrument, price. A later load of the same source replaces earlier rows of the same key."""
    import_files(files, book, form, lambda opened, content, name: opened.import_prices(
        content, name=name, profile=profile or "", source=source, basis=basis, accept_good=accept_good,
        dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("fx", epilog="Example: argosy import fx eurofxref-hist.csv --layout ecb")
@_file_options
@click.option("--layout", type=click.Choice(["long", "wide", "ecb"]), default="long", show_default=True,
              help="A row per rate, a column per currency, or the European Central Bank's history file.")  # fmt: skip
def fx(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, layout: str, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read exchange rates as quoted: date, base, quote, rate (EUR, USD, 1.10 = 1.10 USD for one EUR).

    Nothing is inverted or crossed in storage; conversions find their path when they are asked.
    """
    import_files(files, book, form, lambda opened, content, name: opened.import_fx(
        content, name=name, profile=profile or "", source=source, layout=layout, accept_good=accept_good,
        dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("benchmark", epilog="Example: argosy import benchmark index.csv --code MSCIW --currency USD")
@_file_options
@click.option("--code", default="", help="The benchmark's code, where the file has no column code.")
@click.option("--currency", "-c", metavar="CODE", default="", help="Its currency, for a benchmark that is new.")
@click.option("--name", "title", default="", help="Its name, for a benchmark that is new.")
def benchmark(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, code: str, currency: str,
    title: str, *, accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read a benchmark's levels or returns: date and level, or date and return."""
    import_files(files, book, form, lambda opened, content, name: opened.import_benchmark(
        content, name=name, code=code, currency=currency, title=title, profile=profile or "", source=source,
        accept_good=accept_good, dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("calendar", epilog="Example: argosy import calendar XNYS --from 2010-01-01 --to 2030-12-31")
@click.argument("name")
@click.argument("file", type=FILE, required=False)
@click.option("--from", "first", type=Day(), metavar="DATE", help="First day it speaks about.")
@click.option("--to", "last", type=Day(), metavar="DATE", help="Last day it speaks about.")
@book_option
@dry_run_option
def calendar(name: str, file: str | None, first: int | None, last: int | None, book: str, *, dry_run: bool) -> None:
    """Store a calendar: the sessions in FILE (a column date), or those of an exchange such as XNYS."""
    from argosy.interfaces.book import open_book

    if file is None and (first is None or last is None):
        raise InvalidInput(
            "an exchange's sessions need a span", field="calendar", next_step="give --from and --to, or a file of dates"
        )
    with open_book(book) as opened, progress("sessions"):
        if file is not None:
            content, label = read_file(file)
            report = opened.import_calendar(name, content, name=label, first=first, last=last, dry_run=dry_run)
        else:
            report = opened.import_exchange_calendar(name, first=first, last=last, dry_run=dry_run)
    _tell(report, "table")


@import_command.command("segments", epilog="Example: argosy import segments sectors.csv --code MSCIW --currency USD")
@_file_options
@click.option("--code", default="", help="The benchmark's code, where the file has no column benchmark.")
@click.option("--currency", "-c", metavar="CODE", default="", help="Its currency, for a benchmark that is new.")
@click.option("--frequency", type=click.Choice(["daily", "weekly", "monthly", "quarterly", "yearly"]),
              default="monthly", show_default=True, help="Length of the period that ends on each date.")  # fmt: skip
def segments(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, code: str, currency: str,
    frequency: str, *, accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read a benchmark's segments: date, segment, weight at the start of the period, return over it."""
    import_files(files, book, form, lambda opened, content, name: opened.import_segments(
        content, name=name, code=code, currency=currency, frequency=frequency, profile=profile or "", source=source,
        accept_good=accept_good, dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("classification", epilog="Example: argosy import classification map.csv --scheme sector")
@_file_options
@click.option("--scheme", default="segment", show_default=True, help="Name of the classification.")
def classification(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, scheme: str, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read which segment each instrument belongs to: instrument, segment, and portfolio where it holds inside one."""
    import_files(files, book, form, lambda opened, content, name: opened.import_classification(
        content, name=name, scheme=scheme, profile=profile or "", source=source, accept_good=accept_good,
        dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("curve", epilog="Example: argosy import curve yields.csv --code EURGOV --currency EUR")
@_file_options
@click.option("--code", required=True, help="The curve's code.")
@click.option("--currency", "-c", metavar="CODE", default="", help="Whose bonds it is for, for a curve that is new.")
def curve(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, code: str, currency: str, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read a yield curve: date, tenor in years, yield (effective a year, as a fraction: 0.0215)."""
    import_files(files, book, form, lambda opened, content, name: opened.import_curve(
        content, name=name, code=code, currency=currency, profile=profile or "", source=source,
        accept_good=accept_good, dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("factors", epilog="Example: argosy import factors ff3.csv --code FF3 --frequency monthly")
@_file_options
@click.option("--code", required=True, help="The code of the set of factors.")
@click.option("--frequency", type=click.Choice(["daily", "weekly", "monthly", "quarterly", "yearly"]),
              default="daily", show_default=True, help="Length of the period that ends on each date.")  # fmt: skip
def factors(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, code: str, frequency: str, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read returns of factors: date, factor, return over the period that ends on the date (a fraction)."""
    import_files(files, book, form, lambda opened, content, name: opened.import_factors(
        content, name=name, code=code, frequency=frequency, profile=profile or "", source=source,
        accept_good=accept_good, dry_run=dry_run,
    ))  # fmt: skip


@import_command.command("exposures", epilog="Example: argosy import exposures loadings.csv --code FF3")
@_file_options
@click.option("--code", required=True, help="The code of the set of factors.")
def exposures(
    files: tuple[str, ...], profile: str | None, source: str, book: str, form: str, code: str, *,
    accept_good: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Read exposures of instruments to factors: instrument, factor, exposure, and date where they change."""
    import_files(files, book, form, lambda opened, content, name: opened.import_exposures(
        content, name=name, code=code, profile=profile or "", source=source, accept_good=accept_good, dry_run=dry_run,
    ))  # fmt: skip
