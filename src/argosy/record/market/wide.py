"""Files with a column per instrument or currency, turned into one row per value."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from argosy.kernels.text import TextColumn
from argosy.record.ledger.events import Int64

ABSENT = frozenset({"", "N/A", "n/a", "NA", "-"})
"""What such files write where there is no value; the ECB writes N/A."""


def melt(
    cells: Mapping[str, TextColumn],
    lines: Int64,
    *,
    names: str,
    value: str,
    date: str = "date",
    absent: Collection[str] = ABSENT,
) -> tuple[dict[str, TextColumn], Int64]:
    """One row per value: columns ``date``, ``names`` (the header it stood under) and ``value``, with its line.

    Columns without any value are left out (a comma at the end of each line makes one).

    Examples
    --------
    >>> wide = {"date": TextColumn(["2024-01-02"]), "USD": TextColumn(["1.1"]), "CYP": TextColumn(["N/A"])}
    >>> long, lines = melt(wide, np.array([2]), names="quote", value="rate")
    >>> {name: column.to_list() for name, column in long.items()}, lines.tolist()
    ({'date': ['2024-01-02'], 'quote': ['USD'], 'rate': ['1.1']}, [2])
    """
    heads = [head for head in cells if head != date]
    texts: list[str] = []
    places: list[Int64] = []
    counts: list[int] = []
    for head in heads:
        column = cells[head].to_list()
        filled = [place for place, text in enumerate(column) if text.strip() not in absent]
        texts += [column[place] for place in filled]
        places.append(np.array(filled, np.int64))
        counts.append(len(filled))
    rows = np.concatenate(places) if places else np.zeros(0, np.int64)
    under = np.repeat(np.arange(len(heads)), counts)
    return {
        date: cells[date].take(rows),
        names: TextColumn.from_codes(under, heads),
        value: TextColumn(texts),
    }, lines[rows]
