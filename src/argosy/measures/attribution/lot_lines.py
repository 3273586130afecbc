"""Lines taken apart by tax lot: what each purchase made, summing to its security.

A trade's effect belongs to the lot it opened, or to the lots it relieved by quantity. What was held is shared by
quantity at the start of the step, what came without a start by quantity at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.book_lines import HELD, BookLines, Line
from argosy.measures.attribution.line_moves import Moves
from argosy.measures.valuation.share_basis import SplitBook
from argosy.record.ledger.state import State
from argosy.record.market.adjust import split_factor

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass
class _Lot:
    """One lot: quantity in today's shares, when it came and when parts of it left."""

    seq: int
    opened: int
    left: list[tuple[int, float]]
    total: float = 0.0

    def held(self, days: Int64) -> Float64:
        """Quantity at the end of each day."""
        out = np.where(days >= self.opened, self.total, 0.0)
        for day, quantity in self.left:
            out = out - np.where(days >= day, quantity, 0.0)
        return np.where(np.abs(out) < 1e-9 * max(abs(self.total), 1e-300), 0.0, out)


def _lots(state: State, instrument: int, owners: Sequence[int], splits: SplitBook, last: int) -> list[_Lot]:
    """Every lot there ever was of an instrument, restated to the shares of the last day."""
    trail = state.trail
    came = dict(zip(trail.event_seq.tolist(), trail.date.tolist(), strict=True))
    found: dict[int, _Lot] = {}

    def lot(seq: int) -> _Lot:
        return found.setdefault(seq, _Lot(seq, came.get(seq, 0), []))

    opened, reliefs = state.lots, state.reliefs
    mine = np.flatnonzero((opened.instrument == instrument) & np.isin(opened.portfolio, owners))
    for row in mine.tolist():
        lot(int(opened.lot_seq[row])).total += float(opened.quantity[row])
    gone = np.flatnonzero((reliefs.instrument == instrument) & np.isin(reliefs.portfolio, owners))
    for row in gone.tolist():
        day = int(reliefs.date[row])
        factor = float(split_factor(splits.get(instrument, ()), day, max(day, last)))
        quantity = float(reliefs.quantity[row]) * factor
        if quantity:
            one = lot(int(reliefs.lot_seq[row]))
            one.total += quantity
            one.left.append((day, quantity))
    return [found[seq] for seq in sorted(found)]


def split_lots(lines: BookLines, state: State, splits: SplitBook, *, portfolios: Iterable[int]) -> BookLines:
    """The same lines with each security replaced by its lots; sums by security stay what they were to rounding."""
    owners = sorted(portfolios)
    last = int(lines.days[-1]) if len(lines) else 0
    listed: list[Line] = []
    start: list[Float64] = []
    parts: list[Float64] = []
    moves: list[Moves] = []
    for place, line in enumerate(lines.lines):
        mine = lines.moves.take(lines.moves.line == place)
        mine = mine.beyond(len(listed) - place)
        here = [line.portfolio] if line.portfolio else owners
        lots = _lots(state, line.id, here, splits, last) if line.kind == HELD else []
        if not lots:
            listed.append(line)
            start.append(lines.start[:, place])
            parts.append(lines.parts[:, :, place])
            moves.append(mine)
            continue
        shares_before = _shares(lots, lines.before)
        shares_after = _shares(lots, lines.days)
        held = np.where(shares_before.sum(axis=1, keepdims=True) != 0.0, shares_before, shares_after)
        bare = held.sum(axis=1) == 0.0
        held[bare] = 1.0 / len(lots)
        direct = _direct(mine.beyond(-len(listed)), lots, state, held)
        done = direct.grid(len(lines), len(lots))
        rest = lines.parts[:, :, place] - done.sum(axis=2)
        made = done + rest[:, :, None] * held[None]
        moves.append(direct.beyond(len(listed)))
        for number, lot in enumerate(lots):
            listed.append(Line(HELD, line.id, f"{line.name} lot {lot.seq}", line.currency, line.portfolio, lot.seq))
            start.append(lines.start[:, place] * held[:, number])
            parts.append(made[:, :, number])
    return BookLines(
        lines.subject, lines.currency, lines.minor_unit, tuple(listed), lines.days, lines.before,
        np.stack(start, axis=1), np.stack(parts, axis=2), lines.base, lines.flow, Moves.join(moves), lines.timing,
        lines.notes,
    ).live()  # fmt: skip


def _shares(lots: Sequence[_Lot], days: Int64) -> Float64:
    held = np.stack([lot.held(days) for lot in lots], axis=1)
    total = held.sum(axis=1, keepdims=True)
    return np.where(total != 0.0, held / np.where(total != 0.0, total, 1.0), 0.0)


def _direct(moves: Moves, lots: Sequence[_Lot], state: State, held: Float64) -> Moves:
    """Effects of events by lot: of the one they opened, of those they relieved, else of all by what they held."""
    place = {lot.seq: number for number, lot in enumerate(lots)}
    reliefs = state.reliefs
    of_event: dict[int, list[tuple[int, float]]] = {}
    for seq, lot_seq, quantity in zip(
        reliefs.event_seq.tolist(), reliefs.lot_seq.tolist(), reliefs.quantity.tolist(), strict=True
    ):
        if quantity and lot_seq in place:
            of_event.setdefault(seq, []).append((place[lot_seq], float(quantity)))
    rows: list[tuple[int, int, int, int, float]] = []
    for seq, step, part, amount in zip(
        moves.event_seq.tolist(), moves.step.tolist(), moves.part.tolist(), moves.amount.tolist(), strict=True
    ):
        if seq in of_event:
            total = sum(quantity for _, quantity in of_event[seq])
            shared = [(lot, quantity / total) for lot, quantity in of_event[seq]]
        elif seq in place:
            shared = [(place[seq], 1.0)]
        else:
            shared = [(lot, share) for lot, share in enumerate(held[step].tolist()) if share]
        rows += [(seq, step, lot, part, amount * share) for lot, share in shared]
    return Moves.of_rows(rows)
