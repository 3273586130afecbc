"""A whole file as booked rows: the common rows in columns, each other one by the row rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from argosy.base.problems import Problem
from argosy.kernels.text import TextColumn
from argosy.record.booking.booked import Booked, interleaved
from argosy.record.booking.entries import Entry, book_row
from argosy.record.booking.fields import Place
from argosy.record.booking.types import FIELDS
from argosy.record.ledger.events import Int64

COLUMNAR_FROM = 3_000
"""Rows from which reading in columns is faster than row by row."""

Engine = Literal["auto", "columns", "rows"]


def book_table(
    table: Mapping[str, TextColumn], lines: Int64, place: Place, *, engine: Engine = "auto"
) -> tuple[Booked, list[Problem]]:
    """Read every row of a file. Both engines give the same events, keys and problems.

    Parameters
    ----------
    table
        Text by neutral column name; other columns are left alone.
    lines
        The line of each row in its file.
    engine
        "rows" (one by one), "columns", or "auto" by size.

    Examples
    --------
    >>> from argosy.record.reference_fold import Reference
    >>> columns = {"date": TextColumn(["x"]), "type": TextColumn(["deposit"])}
    >>> booked, problems = book_table(columns, np.array([2]), Place("t.csv", Reference.from_facts([])))
    >>> len(booked), [problem.field for problem in problems]
    (0, ['date', 'portfolio'])
    """
    cells = {name: table[name] for name in FIELDS if name in table}
    in_columns = len(lines) >= COLUMNAR_FROM if engine == "auto" else engine == "columns"
    if not in_columns:
        entries, problems = _one_by_one(cells, lines, place, None)
        return Booked.of_entries(entries), problems
    from argosy.record.booking.columnar import book_columns

    fast, places = book_columns(cells, lines, place)
    left = np.ones(len(lines), np.bool_)
    left[places] = False
    others = np.flatnonzero(left)
    entries, problems = _one_by_one(cells, lines, place, others)
    good = {entry.line for entry in entries}
    kept = np.array([at for at in others.tolist() if int(lines[at]) in good], np.int64)
    return interleaved(fast, Booked.of_entries(entries), places, kept), problems


def _one_by_one(
    cells: Mapping[str, TextColumn], lines: Int64, place: Place, chosen: Int64 | None
) -> tuple[list[Entry], list[Problem]]:
    if chosen is not None and not len(chosen):
        return [], []
    picked = cells if chosen is None else {name: column.take(chosen) for name, column in cells.items()}
    numbers = (lines if chosen is None else lines[chosen]).tolist()
    names = list(picked)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for line, values in zip(numbers, zip(*(picked[name].to_list() for name in names), strict=True), strict=True):
        entry, wrong = book_row(dict(zip(names, values, strict=True)), line, place)
        if entry is not None:
            entries.append(entry)
        problems += wrong
    return entries, problems
