"""Rows of an import judged against each other and against what the book already has; integers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import Int64
from argosy.record.market.digits import without_zeros
from argosy.record.market.points import Flags
from argosy.record.market.series import SeriesTable

NEW, REPLACES, KNOWN, TWIN, CONFLICT = range(5)
"""New key; key known with another value (the new one supersedes it); key and value known; repeats an earlier row of the
file; another row of the file gives the key another value."""

_SHIFT = 1 << 32
_HALF = 1 << 31


@dataclass(frozen=True)
class ValueRows:
    """Rows of a file that could be read: a value per (owner, date). ``line`` is the line in the file."""

    owner: Int64
    date: Int64
    mantissa: Int64
    exponent: Int64
    line: Int64

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: npt.NDArray[np.integer] | Flags) -> ValueRows:
        """Rows by position or mask."""
        return ValueRows(self.owner[rows], self.date[rows], self.mantissa[rows], self.exponent[rows], self.line[rows])


@dataclass(frozen=True)
class Judgement:
    """A status per row; ``other`` is a row of the file (TWIN, CONFLICT) or of ``existing`` (REPLACES, KNOWN), or -1."""

    status: npt.NDArray[np.int8]
    other: Int64

    def count(self, status: int) -> int:
        """How many rows have a status."""
        return int(np.count_nonzero(self.status == status))

    @property
    def wanted(self) -> Flags:
        """Rows that bring something new."""
        return np.asarray(self.status <= REPLACES)


def existing_rows(
    table: SeriesTable, owners: Sequence[int], *, basis: int, source: int, first: int, last: int
) -> tuple[ValueRows, Int64]:
    """What the book has from a source in a basis for these owners between two days, and the loads that brought it."""
    parts: list[Int64] = []
    for owner in owners:
        low, high = table.find(owner, basis, source)
        if high > low:
            inside = np.searchsorted(table.date[low:high], [first, last + 1])
            parts.append(np.arange(low + inside[0], low + inside[1]))
    rows = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    series = np.searchsorted(table.start, rows, side="right") - 1
    found = ValueRows(table.owner[series], table.date[rows], table.mantissa[rows], table.exponent[rows],
                      table.line[rows])  # fmt: skip
    return found, table.load[rows]


def judge(rows: ValueRows, existing: ValueRows) -> Judgement:
    """Say for each row whether it is new, known, replaces a value, repeats a row, or contradicts one of its own file.

    ``existing`` has one value per key. Values are compared as numbers: 1.50 is 1.5.
    """
    length = len(rows)
    status, other = np.zeros(length, np.int8), np.full(length, -1, np.int64)
    if not length:
        return Judgement(status, other)
    owners = np.unique(np.concatenate((rows.owner, existing.owner)))
    key, known_key = _keys(owners, rows), _keys(owners, existing)
    mantissa, exponent = without_zeros(rows.mantissa, rows.exponent)
    old_mantissa, old_exponent = without_zeros(existing.mantissa, existing.exponent)

    by_known = np.argsort(known_key, kind="stable")
    spot = np.searchsorted(known_key[by_known], key)
    at = by_known[np.minimum(spot, len(by_known) - 1)] if len(by_known) else np.zeros(length, np.int64)
    met = (spot < len(by_known)) & (known_key[at] == key) if len(by_known) else np.zeros(length, np.bool_)
    same = np.zeros(length, np.bool_)
    if len(by_known):
        same = met & (old_mantissa[at] == mantissa) & (old_exponent[at] == exponent)
    status[met] = REPLACES
    status[same] = KNOWN
    other[met] = at[met]

    order = np.lexsort((rows.line, key))
    ordered = key[order]
    begins = np.ones(length, np.bool_)
    begins[1:] = np.diff(ordered) != 0
    head = order[np.maximum.accumulate(np.where(begins, np.arange(length), 0))]
    differs = (mantissa[order] != mantissa[head]) | (exponent[order] != exponent[head])
    group = np.cumsum(begins) - 1
    clash = np.bincount(group, weights=differs)[group] > 0
    repeats = ~begins & ~clash
    status[order[repeats]] = TWIN
    other[order[repeats]] = head[repeats]
    status[order[clash]] = CONFLICT
    # A clash is told against the first row of the key; the first row against the first that differs from it.
    other[order[clash]] = head[clash]
    for place in np.flatnonzero(clash & begins).tolist():
        step = place + 1
        while not differs[step]:
            step += 1
        other[order[place]] = order[step]
    return Judgement(status, other)


def _keys(owners: Int64, rows: ValueRows) -> Int64:
    return np.asarray(np.searchsorted(owners, rows.owner) * _SHIFT + (rows.date + _HALF), np.int64)
