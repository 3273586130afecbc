"""What taxes change about a plan: sales cut to a budget of gains, and losses taken beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.construction.rebalance.of_book import BookLines, scaled_lots
from argosy.construction.rebalance.plan import TaxCurve, whole_units
from argosy.measures.tax.harvest import Harvest, harvest
from argosy.measures.tax.lots import TaxLots, sale_order
from argosy.measures.tax.regimes import Regime
from argosy.measures.tax.wash_sales import Purchase
from argosy.record.orders.proposal import Order

Float64 = npt.NDArray[np.float64]
ROUNDS = 60


@dataclass(frozen=True, eq=False)
class GainBudget:
    """Gains that may still be realized this year, and what selling each line (N) bit by bit realizes.

    ``share`` is the part of purchases that costs take, so that what sales no longer bring is not spent.
    """

    left: float
    curves: tuple[TaxCurve | None, ...]
    unit_value: Float64
    step: Float64
    share: float

    def gain(self, units: Float64) -> float:
        """Net gain of sales among trades (N units, sales negative)."""
        return sum(
            curve.at(-float(sold))
            for curve, sold in zip(self.curves, units.tolist(), strict=True)
            if curve and sold < 0.0
        )

    def fit(self, units: Float64) -> tuple[Float64, tuple[str, ...]]:
        """Trades whose net gain fits the budget: sales at a gain cut by one common part, purchases to what they bring.

        Sales at a loss stay: they make room.
        """
        if self.gain(units) <= max(self.left, 0.0) + 1e-9:
            return units, ()
        gaining = np.array([
            curve is not None and sold < 0.0 and curve.at(-float(sold)) > 0.0
            for curve, sold in zip(self.curves, units.tolist(), strict=True)
        ])  # fmt: skip
        low, high = 0.0, 1.0
        for _ in range(ROUNDS):
            middle = (low + high) / 2.0
            if self.gain(self._cut(units, gaining, middle)) > max(self.left, 0.0):
                high = middle
            else:
                low = middle
        kept = self._cut(units, gaining, low)
        lost = float((np.minimum(kept, 0.0) - np.minimum(units, 0.0)) @ self.unit_value)
        bought = float(np.maximum(kept, 0.0) @ self.unit_value)
        if bought > 0.0 and lost > 0.0:
            part = max(bought - lost * (1.0 + self.share), 0.0) / bought
            kept = np.where(kept > 0.0, whole_units(part * kept, self.step), kept)
        return kept, (
            f"sales cut to {low:.0%} for the budget of gains: {self.left:,.2f} may still be realized this year",
        )

    def _cut(self, units: Float64, gaining: npt.NDArray[np.bool_], part: float) -> Float64:
        return np.where(gaining, whole_units(part * units, self.step), units)


def gain_budget(
    book: BookLines, left: float, *, scale: int, day: int, regime: Regime, method: str, cost: float
) -> GainBudget:
    """The budget of gains of a portfolio's lines, lots sold in the order of a method."""
    curves: list[TaxCurve | None] = []
    for place, one in enumerate(book.instruments):
        rows = scaled_lots(book.lots[one.id], scale)
        if not len(rows):
            curves.append(None)
            continue
        price = float(book.lines.unit_value[place])
        order = sale_order(rows, price, day, regime, method if regime.lots == "choice" else "FIFO")
        gains = (rows.quantity * (price - rows.unit_cost))[order]
        curves.append(TaxCurve(np.append(0.0, np.cumsum(rows.quantity[order])), np.append(0.0, np.cumsum(gains))))
    return GainBudget(left, tuple(curves), book.lines.unit_value, book.lines.step, cost)


@dataclass(frozen=True, slots=True)
class Taken:
    """Losses taken: the sales and the purchases of what replaces them, the tax saved, and what was left out and why."""

    orders: tuple[Order, ...]
    saving: float
    notes: tuple[str, ...]


def take_losses(
    book: BookLines, units: Float64, least: float, *, scale: int, day: int, regime: Regime, account: int,
    purchases: Sequence[Purchase], barred: frozenset[str], cost_rate: float,
) -> Taken:  # fmt: skip
    """Sell lots whose loss is at least ``least`` and buy what their instrument's attribute ``replacement`` names.

    Lines that the plan trades anyway (``units``, N) are left to it. A loss without a replacement, one that a purchase
    of the household spoils, and a replacement sold at a loss itself too lately are told and left.
    """
    places = {one.code: place for place, one in enumerate(book.instruments)}
    rows = [
        (place, at) for place, one in enumerate(book.instruments) if not units[place]
        for at in range(len(book.lots[one.id].seq))
    ]  # fmt: skip
    if not rows:
        return Taken((), 0.0, ())
    lots = {place: scaled_lots(book.lots[book.instruments[place].id], scale) for place, _ in rows}
    table = TaxLots(
        np.array([lots[place].quantity[at] for place, at in rows]),
        np.array([lots[place].unit_cost[at] for place, at in rows]),
        np.array([lots[place].acquired[at] for place, at in rows]),
    )
    names = [book.instruments[place].code for place, _ in rows]
    seqs = [book.lots[book.instruments[place].id].seq[at] for place, at in rows]
    known = {
        one.code: [(one.attributes["replacement"], 1.0)] for one in book.instruments if "replacement" in one.attributes
    }
    found = harvest(
        names, table, [float(book.lines.unit_value[place]) for place, _ in rows], day=day, regime=regime, lot_ids=seqs,
        identities=[book.instruments[place].id for place, _ in rows], purchases=purchases, replacements=known,
        cost_rate=cost_rate, least_loss=least,
    )  # fmt: skip
    orders: list[Order] = []
    notes = [
        f"the loss of {one.loss:,.2f} on {one.name} would not count yet: it was bought lately" for one in found.waiting
    ]
    saving = 0.0
    by_seq = dict(zip(seqs, rows, strict=True))
    for one in found.now:
        other = places.get(one.replacement)
        if other is None or units[other] < 0.0 or one.replacement in barred:
            notes.append(f"the loss of {one.loss:,.2f} on {one.name} is not taken: there is nothing to hold instead")
            continue
        orders += _swap(book, by_seq[one.lot], other, one, account, day, cost_rate / 2.0)
        saving += one.saving
    return Taken(tuple(orders), saving, tuple(notes))


def _swap(
    book: BookLines, lot: tuple[int, int], other: int, one: Harvest, account: int, day: int, rate: float
) -> list[Order]:
    place, at = lot
    sold, bought = book.instruments[place], book.instruments[other]
    held = book.lots[sold.id]
    money = held.quantity[at] / 10**sold.quantity_scale * float(book.lines.unit_value[place])
    units = whole_units(
        np.array([money * (1.0 - 2.0 * rate) / float(book.lines.unit_value[other])]), book.lines.step[other : other + 1]
    )
    reason = (
        f"loss of {one.loss:,.2f} taken, {one.saving:,.2f} of tax saved; {sold.code} is not bought again for a while"
    )
    tax = -(one.saving + 2.0 * rate * money)
    sale = Order(held.account[at], held.sleeve[at], sold.id, "sell", held.quantity[at], book.prices[place],
                 book.price_days[place], ((held.seq[at], held.quantity[at]),), f"{rate * money:.2f}", f"{tax:.2f}",
                 reason)  # fmt: skip
    quantity = int(float(units[0]) * 10**bought.quantity_scale + 0.5)
    if quantity <= 0:
        return [sale]
    return [sale, Order(account, 0, bought.id, "buy", quantity, book.prices[other], book.price_days[other], (),
                        f"{rate * money:.2f}", "0", f"in place of {sold.code}")]  # fmt: skip
