"""A file of prices, one column per asset or one row per price, as a panel for statistics; nothing is booked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from argosy.base.errors import ImportRefused, InvalidInput, MissingData
from argosy.base.panel import Panel
from argosy.base.problems import Problem
from argosy.kernels.decimals import OK, encode, read_dates
from argosy.kernels.numbers import read_floats
from argosy.kernels.text import TextColumn
from argosy.record.ledger.events import Int64

DATES = ("date", "day", "time", "timestamp", "session")
NAMES = ("asset", "instrument", "code", "ticker", "symbol", "name", "id")
VALUES = ("price", "close", "adj_close", "adj close", "value", "level", "nav")
MOST_SHOWN = 5


def price_panel(cells: Mapping[str, TextColumn], lines: Int64, *, source: str) -> Panel:
    """Read prices from the text columns of a file.

    Wide files have dates in their first column (or one called date) and one column per asset; long ones have three
    columns such as date, asset, price. Dates are ISO, in any order. An empty cell is a missing price.

    Raises
    ------
    ImportRefused
        Names the first cells that are no date or no positive price, with their lines, and prices given twice.
    MissingData
        There are no two days or no assets.
    """
    if len(cells) < 2:
        raise InvalidInput(
            "the file has no prices beside its dates", place=source, field="prices",
            next_step="give dates and one column per asset, or the columns date, asset, price",
        )  # fmt: skip
    heads = {head.strip().lower(): head for head in cells}
    date = next((heads[name] for name in DATES if name in heads), next(iter(cells)))
    asset = next((heads[name] for name in NAMES if name in heads), "")
    value = next((heads[name] for name in VALUES if name in heads), "")
    problems: list[Problem] = []
    days = _days(cells[date], lines, source, problems)
    if asset and value:
        found = _long(days, cells[asset], cells[value], lines, source, problems)
    else:
        found = _wide(days, {head: column for head, column in cells.items() if head != date}, lines, source, problems)
    if problems:
        shown = "\n".join("  " + problem.text() for problem in problems[:MOST_SHOWN])
        more = f"\n  and {len(problems) - MOST_SHOWN} more" if len(problems) > MOST_SHOWN else ""
        raise ImportRefused(f"{source} cannot be read as prices:\n{shown}{more}", field="prices")
    assert found is not None
    if found.days.size < 2:
        raise MissingData(f"{source} has {found.days.size} days of prices", field="prices",
                          next_step="returns need at least two")  # fmt: skip
    return found


def _days(column: TextColumn, lines: Int64, source: str, problems: list[Problem]) -> Int64:
    read = read_dates(column)
    for row in np.flatnonzero(read.codes != OK)[: MOST_SHOWN + 1].tolist():
        problems.append(Problem(source, int(lines[row]), f"{column[row]!r} is not a date", field="date",
                                next_step="write dates as 2024-01-31"))  # fmt: skip
    return read.values


def _wide(
    days: Int64, columns: Mapping[str, TextColumn], lines: Int64, source: str, problems: list[Problem]
) -> Panel | None:
    names, read = list(columns), read_floats(list(columns.values()))
    for row, place in np.argwhere(read.bad)[:100].tolist():
        problems.append(_no_price(source, int(lines[row]), names[place], columns[names[place]][row]))
    for row, place in np.argwhere(read.values <= 0.0)[:100].tolist():
        problems.append(_no_price(source, int(lines[row]), names[place], columns[names[place]][row]))
    order = np.argsort(days, kind="stable")
    twice = np.flatnonzero(np.diff(days[order]) == 0)
    for place in twice[:100].tolist():
        problems.append(Problem(source, int(lines[order[place + 1]]), "the date stands in two rows", field="date"))
    if problems:
        return None
    # Columns without any value are commas at the end of each line.
    filled = np.asarray(~np.isnan(read.values).all(axis=0))
    kept = tuple(name for name, keep in zip(names, filled.tolist(), strict=True) if keep)
    return Panel(days[order], kept, read.values[order][:, filled])


def _long(
    days: Int64, assets: TextColumn, cells: TextColumn, lines: Int64, source: str, problems: list[Problem]
) -> Panel | None:
    read = read_floats([cells])
    values = read.values[:, 0]
    codes, labels = encode(assets)
    for row in np.flatnonzero(read.bad[:, 0] | (values <= 0.0))[:100].tolist():
        problems.append(_no_price(source, int(lines[row]), assets[row], cells[row]))
    for row in np.flatnonzero(assets.is_empty())[:100].tolist():
        problems.append(Problem(source, int(lines[row]), "the asset is not named", field="asset"))
    order = np.lexsort((codes, days))
    same = (np.diff(days[order]) == 0) & (np.diff(codes[order]) == 0)
    for place in np.flatnonzero(same)[:100].tolist():
        row = int(order[place + 1])
        problems.append(Problem(source, int(lines[row]), f"a second price of {assets[row]} on one day", field="price"))
    if problems:
        return None
    axis, at = np.unique(days, return_inverse=True)
    table = np.full((axis.size, len(labels)), np.nan)
    table[at, codes] = values
    order_of = sorted(range(len(labels)), key=labels.__getitem__)
    return Panel(axis, tuple(labels[place] for place in order_of), table[:, order_of])


def _no_price(source: str, line: int, name: str, text: str) -> Problem:
    return Problem(source, line, f"{text!r} is not a positive price", field=name, found=text,
                   next_step="leave the cell empty where there is none")  # fmt: skip
