"""What each line of a portfolio made on each day: securities, cash, receivables, fees, taxes, currency trades.

For every step from one valued day to the next the parts of all lines sum to ``V - V_before - F``, the change of the
official net asset value that no external flow explains. What rounding to the cent leaves is a line of its own, so
nothing is spread and nothing is lost (``docs/formulas/book-attribution.md``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.line_moves import OWN_LINES, PARTS, ROUNDING_LINE, TRADING, Moves
from argosy.measures.performance.returns import ReturnSeries, Timing

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HELD, CASH, PENDING, OWN = "security", "cash", "receivable", "own"
ROUNDED = 3.0
"""Minor units that rounding may leave in a day: two values and the flow between them, each rounded once."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``kind`` is security, cash, receivable or own; ``id`` an instrument, a currency's code or a number.

    ``portfolio`` is 0 where those of a subject are put together, ``lot`` the event that opened it, 0 for all lots.
    """

    kind: str
    id: int
    name: str
    currency: str
    portfolio: int = 0
    lot: int = 0


@dataclass(frozen=True, eq=False)
class BookLines:
    """Lines of one subject by step, in money of ``currency``: ``start`` (T, N), ``parts`` (5, T, N), ``base`` (T,).

    ``start`` is what each line was worth when the step began, flows at start of day inside; ``base`` is their sum, what
    the return is measured on. ``defined`` is False where ``base`` is zero or less. ``moves`` are the events behind the
    parts.
    """

    subject: str
    currency: str
    minor_unit: float
    lines: tuple[Line, ...]
    days: Int64
    before: Int64
    start: Float64
    parts: Float64
    base: Float64
    flow: Float64
    moves: Moves = field(repr=False)
    timing: Timing = "end"
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.days)

    @cached_property
    def defined(self) -> Flags:
        """Steps that have a return."""
        return np.asarray(self.base > 0.0)

    @cached_property
    def profit(self) -> Float64:
        """What each line made, all parts together (T, N)."""
        return np.asarray(self.parts.sum(axis=0))

    @cached_property
    def _safe(self) -> Float64:
        return np.where(self.defined, self.base, 1.0)[:, None]

    @cached_property
    def weights(self) -> Float64:
        """Share of each line at the start of each step (T, N); rows sum to 1 where the step is defined."""
        return np.asarray(self.start / self._safe)

    @cached_property
    def contributions(self) -> Float64:
        """Contribution of each line to the return of each step (T, N); rows sum to the return from values."""
        return np.asarray(self.profit / self._safe)

    def part(self, number: int) -> Float64:
        """One part's contributions (T, N)."""
        return np.asarray(self.parts[number] / self._safe)

    def returns(self) -> ReturnSeries:
        """Returns of the whole, as rebuilt from the lines."""
        values = np.where(self.defined, self.contributions.sum(axis=1), 0.0)
        return ReturnSeries(self.days, self.before, values, self.defined, self.base, self.timing)

    def between(self, after: int, last: int) -> BookLines:
        """Steps that end after ``after`` up to and with ``last``."""
        keep = (self.days > after) & (self.days <= last)
        return self.steps(keep)

    def steps(self, keep: Flags) -> BookLines:
        """Steps by mask."""
        if keep.all():
            return self
        chosen = np.flatnonzero(keep)
        pick: slice | Int64 = chosen
        if len(chosen) and int(chosen[-1]) - int(chosen[0]) + 1 == len(chosen):
            pick = slice(int(chosen[0]), int(chosen[-1]) + 1)  # a view: nothing is copied
        place = np.cumsum(keep) - 1
        inside = keep[self.moves.step] if len(self.moves) else np.zeros(0, np.bool_)
        moves = self.moves.take(inside)
        moves = Moves(moves.event_seq, place[moves.step], moves.line, moves.part, moves.amount)
        return BookLines(
            self.subject, self.currency, self.minor_unit, self.lines, self.days[pick], self.before[pick],
            self.start[pick], self.parts[:, pick], self.base[pick], self.flow[pick], moves, self.timing, self.notes,
        )  # fmt: skip

    def measured(self) -> BookLines:
        """Steps that have a return."""
        return self if bool(self.defined.all()) else self.steps(self.defined)

    def live(self) -> BookLines:
        """Without the lines on which nothing ever stood or moved."""
        keep: Flags = np.asarray(self.start.any(axis=0), np.bool_)
        for part in self.parts:
            # Most lines live by what they are worth: the few others are looked at one by one.
            still = np.flatnonzero(~keep)
            keep[still] = part.take(still, axis=1).any(axis=0)
        if keep.all():
            return self
        place = np.cumsum(keep) - 1
        moves = self.moves.take(keep[self.moves.line])
        moves = Moves(moves.event_seq, moves.step, place[moves.line], moves.part, moves.amount)
        return BookLines(
            self.subject, self.currency, self.minor_unit,
            tuple(line for line, kept in zip(self.lines, keep.tolist(), strict=True) if kept), self.days, self.before,
            self.start.compress(keep, axis=1), self.parts.compress(keep, axis=2), self.base, self.flow, moves,
            self.timing, self.notes,
        )  # fmt: skip

    def gross(self, *, fees: bool = True, taxes: bool = False) -> BookLines:
        """As if nothing had been charged: management fees (and with ``taxes`` all taxes) added back on their days.

        Costs of trading stay: a return gross of fees is after them (GIPS 2020). ``fees`` are those of the fee line.
        """
        parts = self.parts.copy()
        own_fees = [p for p, line in enumerate(self.lines) if line.kind == OWN and line.name == OWN_LINES[0]]
        if fees:
            parts[PARTS.index("fees")][:, own_fees] = 0.0
        moves, fee_part, tax_part = self.moves, PARTS.index("fees"), PARTS.index("taxes")
        dropped = np.zeros(len(moves), np.bool_)
        if fees:
            dropped |= (moves.part == fee_part) & np.isin(moves.line, own_fees)
        if taxes:
            parts[tax_part] = 0.0
            dropped |= moves.part == tax_part
        return BookLines(
            self.subject, self.currency, self.minor_unit, self.lines, self.days, self.before, self.start, parts,
            self.base, self.flow, moves.take(~dropped), self.timing, self.notes,
        )  # fmt: skip


def close_with_rounding(
    *, subject: str, currency: str, minor_unit: float, lines: list[Line], days: Int64, before: Int64, start: Float64,
    parts: Float64, base: Float64, profit: Float64, flow: Float64, moves: Moves, timing: Timing,
) -> BookLines:  # fmt: skip
    """Fill the last line, which makes parts and starting values sum to the official ``profit`` and ``base``.

    More than rounding can leave is noted with its largest day: it would be a defect, never a silent fill.
    """
    left = profit - parts.sum(axis=2).sum(axis=0)
    start[:, -1] = base - start.sum(axis=1)
    parts[TRADING, :, -1] = left
    listed = (*lines, Line(OWN, ROUNDING_LINE, OWN_LINES[ROUNDING_LINE], currency))
    notes: tuple[str, ...] = ()
    if len(left) and float(np.abs(left).max()) > ROUNDED * minor_unit + 1e-9 * float(np.abs(base).max()):
        at = int(np.argmax(np.abs(left)))
        day = np.datetime64(int(days[at]), "D")
        notes = (f"{left[at]:,.2f} {currency} of {day} are not explained by prices, events or rounding",)
    return BookLines(
        subject, currency, minor_unit, listed, days, before, start, parts, base, flow, moves, timing, notes
    ).live()
