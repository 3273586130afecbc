"""What events did to the lines of a portfolio: each event's effect in money, on the line and in the part it belongs to.

A trade is worth what it brought at the day's closing value less what it cost: that is its trading effect, whatever the
lots. Corporate actions, calls and distributions belong to holding, income to income, charges to fees and taxes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.amounts import by_kind
from argosy.record.ledger.events import Kind

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

HOLDING, INCOME, TRADING, FEES, TAXES = range(5)
PARTS = ("holding", "income", "trading", "fees", "taxes")
"""Parts of what a line made: price and currency of what was held, income, trades, fees and taxes (negative)."""

FEE_LINE, TAX_LINE, CURRENCY_LINE, FORWARD_LINE, ROUNDING_LINE = range(5)
OWN_LINES = ("fees", "taxes", "currency trades", "currency forwards", "rounding")
"""Lines that hold nothing: what was charged, what exchanging and hedging made, what rounding to the cent left."""

CORPORATE = by_kind(Kind.SPLIT, Kind.RETURN_OF_CAPITAL, Kind.CAPITAL_CALL, Kind.DISTRIBUTION)
INCOMES = by_kind(Kind.DIVIDEND, Kind.INTEREST, Kind.COUPON)
CHARGES = by_kind(Kind.FEE, Kind.TAX)


def part_of(kind: Int64) -> Int64:
    """Which part the cash or the quantity of an event of a kind belongs to."""
    found = np.full(len(kind), TRADING, np.int64)
    found[CORPORATE[kind]] = HOLDING
    found[INCOMES[kind]] = INCOME
    found[kind == Kind.FEE] = FEES
    found[kind == Kind.TAX] = TAXES
    return found


@dataclass(frozen=True)
class Moves:
    """Effects in the reporting currency, one row per event and line: columns of one length.

    ``step`` is the place of the day on which it counts.
    """

    event_seq: Int64
    step: Int64
    line: Int64
    part: Int64
    amount: Float64

    def __len__(self) -> int:
        return len(self.step)

    @classmethod
    def join(cls, parts: list[Moves]) -> Moves:
        """Rows of several, one after the other."""
        if not parts:
            none = np.zeros(0, np.int64)
            return cls(none, none, none, none, np.zeros(0))
        return cls(
            np.concatenate([one.event_seq for one in parts]), np.concatenate([one.step for one in parts]),
            np.concatenate([one.line for one in parts]), np.concatenate([one.part for one in parts]),
            np.concatenate([one.amount for one in parts]),
        )  # fmt: skip

    @classmethod
    def of_rows(cls, rows: list[tuple[int, int, int, int, float]]) -> Moves:
        """From (event, step, line, part, amount), one a row."""
        none = np.zeros(0, np.int64)
        if not rows:
            return cls(none, none, none, none, np.zeros(0))
        seq, step, line, part, amount = zip(*rows, strict=True)
        return cls(np.array(seq), np.array(step), np.array(line), np.array(part), np.array(amount))

    def take(self, keep: npt.NDArray[np.bool_] | Int64) -> Moves:
        """Rows by mask or position."""
        return Moves(self.event_seq[keep], self.step[keep], self.line[keep], self.part[keep], self.amount[keep])

    def beyond(self, lines: int) -> Moves:
        """The same on lines that stand so many places further."""
        return Moves(self.event_seq, self.step, self.line + lines, self.part, self.amount)

    def after(self, first: int) -> Moves:
        """Those of steps from ``first`` on, counted from it."""
        kept = self.take(self.step >= first) if first else self
        return Moves(kept.event_seq, kept.step - first, kept.line, kept.part, kept.amount)

    def grid(self, steps: int, lines: int) -> Float64:
        """Added up, shape (parts, steps, lines)."""
        place = (self.part * steps + self.step) * lines + self.line
        flat = np.asarray(np.bincount(place, weights=self.amount, minlength=len(PARTS) * steps * lines), np.float64)
        return flat.reshape(len(PARTS), steps, lines)
