"""Contributions level by level down to lots and transactions: every row is the sum of the rows below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.book_answer import usable
from argosy.measures.attribution.book_lines import BookLines, Line
from argosy.measures.attribution.line_moves import PARTS
from argosy.measures.attribution.line_periods import line_periods

Float64 = npt.NDArray[np.float64]
Label = Callable[[Line], str]
HELD_ROW = "what was held"


@dataclass(frozen=True, eq=False)
class DrillRow:
    """One node: ``path`` from the top, its level's name, mean weight, and ``parts`` (5,) that sum to its contribution.

    ``event`` is the number of the transaction, 0 on other rows. Transactions have no weight of their own.
    """

    path: tuple[str, ...]
    level: str
    weight: float
    parts: Float64
    event: int = 0

    @property
    def contribution(self) -> float:
        """All parts together."""
        return float(self.parts.sum())


@dataclass(frozen=True, eq=False)
class DrillDown:
    """Rows from the top down, children after their parent; those of the first level sum to ``total``."""

    subject: str
    levels: tuple[str, ...]
    rows: tuple[DrillRow, ...]
    total: float
    after: int
    last: int
    notes: tuple[str, ...]

    def under(self, path: Sequence[str] = ()) -> tuple[DrillRow, ...]:
        """The rows right below a path (() = the first level)."""
        at = tuple(path)
        return tuple(one for one in self.rows if one.path[:-1] == at)


def drill_down(
    lines: BookLines, levels: Sequence[tuple[str, Label]], *, after: int, last: int, transactions: bool = False
) -> DrillDown:
    """Split a span's return by several levels, from the top down, and by transaction at the bottom.

    Answers: which portfolio, which sector in it, which security, which purchase, which trade?

    ``levels`` are (name, label of a line); lines that hold nothing (fees, rounding) stand under their own names.
    Contributions are linked by Carino's coefficients of the whole span, so that
    rows of any depth sum. Cost: one pass over lines and events.
    """
    kept, notes = usable(lines, after=after, last=last)
    whole = line_periods(kept, spans=[(after, last)])
    parts, weights = whole.parts[:, 0], kept.weights.mean(axis=0)
    scaled = kept.moves.amount * (whole.steps / kept.base)[kept.moves.step]
    nodes: dict[tuple[str, ...], list[int]] = {}
    level_of: dict[tuple[str, ...], str] = {}
    below: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for place, line in enumerate(kept.lines):
        path: tuple[str, ...] = ()
        for level, name in _path(line, levels):
            above, path = path, (*path, name)
            if path not in nodes:
                below.setdefault(above, []).append(path)
                level_of[path] = level
            nodes.setdefault(path, []).append(place)
    rows: list[DrillRow] = []

    def add(path: tuple[str, ...]) -> None:
        places = nodes[path]
        made = parts[:, places].sum(axis=1)
        rows.append(DrillRow(path, level_of[path], float(weights[places].sum()), made))
        for one in below.get(path, ()):
            add(one)
        if transactions and path not in below:
            rows.extend(_events(path, places, kept, scaled, made))

    for top in below.get((), ()):
        add(top)
    shown = tuple(name for name, _ in levels) + (("transaction",) if transactions else ())
    return DrillDown(
        lines.subject, shown, tuple(rows), float(whole.returns[0]), int(kept.before[0]), int(kept.days[-1]), notes
    )


def _path(line: Line, levels: Sequence[tuple[str, Label]]) -> list[tuple[str, str]]:
    """Levels and labels from the top; a label that says no more than the one above is left out."""
    found: list[tuple[str, str]] = []
    for level, label in levels:
        name = label(line)
        if not found or found[-1][1] != name:
            found.append((level, name))
    return found


def _events(
    path: tuple[str, ...], places: Sequence[int], kept: BookLines, scaled: Float64, sums: Float64
) -> list[DrillRow]:
    """A row for each event on these lines, and one for what was simply held."""
    moves = kept.moves
    mine = np.flatnonzero(np.isin(moves.line, places) & (moves.event_seq != 0))
    found: dict[int, tuple[int, Float64]] = {}
    for row in mine.tolist():
        seq = int(moves.event_seq[row])
        _, made = found.setdefault(seq, (int(kept.days[moves.step[row]]), np.zeros(len(PARTS))))
        made[moves.part[row]] += scaled[row]
    rows = [
        DrillRow((*path, f"event {seq} on {np.datetime64(day, 'D')}"), "transaction", 0.0, made, seq)
        for seq, (day, made) in sorted(found.items())
    ]
    rest = sums - sum((made for _, made in found.values()), np.zeros(len(PARTS)))
    return [*rows, DrillRow((*path, HELD_ROW), "transaction", 0.0, rest)] if rows else rows
