"""Prices given with a question: read, checked against the book's instruments, and stored nowhere."""

from __future__ import annotations

from dataclasses import replace

from argosy.base.errors import ArgosyError, ImportRefused
from argosy.base.money import Quote, parse_quote
from argosy.base.problems import Problem
from argosy.workflows.look import Look
from argosy.workflows.tabular import RawTable, RowReader

COLUMNS = ("instrument", "price")


def with_live_prices(seen: Look, reader: RowReader, *, content: bytes, name: str) -> Look:
    """A look in which the rows ``instrument, price`` of a file are the prices of its day.

    Raises
    ------
    ImportRefused
        With every problem of the file: unknown instruments, two prices of one, what is no price above zero.
    """
    table = reader(content, name)
    problems = list(table.problems)
    missing = [column for column in COLUMNS if table.columns and column not in table]
    problems += [Problem(name, 1, f"there is no column {column!r}", field=column) for column in missing]
    found: dict[int, Quote] = {}
    if table.columns and not missing:
        _read(table, seen, found, problems)
    if problems:
        raise ImportRefused(
            "these prices cannot be used: " + "; ".join(problem.text() for problem in problems[:5]), place=name,
            field="prices", found=len(problems), next_step="mend the file: it has instrument and price",
        )  # fmt: skip
    return replace(seen, live=tuple(sorted(found.items())))


def _read(table: RawTable, seen: Look, found: dict[int, Quote], problems: list[Problem]) -> None:
    for row, line in enumerate(table.lines.tolist()):
        code, price = (table[column][row].strip() for column in COLUMNS)
        try:
            instrument, quote = seen.reference.instrument(code).id, parse_quote(price)
        except ArgosyError as error:
            problems.append(Problem(table.name, line, error.message, field=error.field, code=error.code))
            continue
        if quote.mantissa <= 0:
            problems.append(Problem(table.name, line, f"{price} is not a price above zero", field="price"))
        elif instrument in found:
            problems.append(Problem(table.name, line, f"a second price of {code}", field="instrument"))
        found[instrument] = quote
