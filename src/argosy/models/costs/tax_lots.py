"""The tax of selling, lot by lot: piecewise linear in what is sold, convex where the cheapest lots go first.

A lot of weight q whose gain is g (a fraction of its value) taxed at rate t costs ``t g`` per unit sold, negative for a
loss that saves tax elsewhere. Sold in order of that figure, each further unit costs at least as much as the one before:
convex. Under FIFO or LIFO a cheap lot may stand behind a dear one, which is not convex; such an order is refused with
the lot that spoils it. Highest cost first is convex when all lots share one rate. Losses make the first unit sold a
gain while buying earns nothing: where that kink points the wrong way, the optimizer chooses between buying and selling.
Not modeled: losses that can be used only up to gains, and wash sales (sell at a loss and buy back within 30 days).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from argosy.base.errors import InvalidInput, unknown

ORDERS = ("least tax", "highest cost", "first in", "last in")


@dataclass(frozen=True, slots=True)
class TaxLot:
    """One purchase still held: its weight now, its gain as a fraction of its value now, the rate its sale is taxed at.

    ``acquired`` orders lots for "first in" and "last in", oldest lowest.
    """

    weight: float
    gain: float
    rate: float
    acquired: float = 0.0

    @property
    def tax(self) -> float:
        """Tax per unit of weight sold."""
        return self.rate * self.gain


@dataclass(frozen=True, slots=True)
class TaxSchedule:
    """The lots of a name in the order of sale: weights, and tax per unit, never falling."""

    weights: tuple[float, ...]
    taxes: tuple[float, ...]

    def tax(self, sold: float) -> float:
        """Tax on selling ``sold`` units of weight.

        Examples
        --------
        >>> schedule([TaxLot(0.02, 0.5, 0.2), TaxLot(0.03, -0.1, 0.2)]).tax(0.04).__round__(12)
        0.0004
        """
        total, left = 0.0, sold
        for weight, rate in zip(self.weights, self.taxes, strict=True):
            part = min(weight, left)
            total, left = total + part * rate, left - part
            if left <= 0.0:
                break
        return total


def schedule(lots: Sequence[TaxLot], *, order: str = "least tax", name: str = "") -> TaxSchedule:
    """Bring the lots of one name into their order of sale.

    Raises
    ------
    InvalidInput
        A lot that is not positive or not finite, or an order of sale in which tax per unit falls.
    """
    if order not in ORDERS:
        raise unknown("order of sale", order, ORDERS)
    for lot in lots:
        if not (0.0 < lot.weight < np.inf and np.isfinite(lot.gain) and lot.gain < 1.0 + 1e-12
                and 0.0 <= lot.rate <= 1.0):  # fmt: skip
            raise InvalidInput(
                f"a lot of {name or 'a name'} has weight {lot.weight!r}, gain {lot.gain!r}, rate {lot.rate!r}",
                field="lots", expected="a positive weight, a gain of at most 1, a rate between 0 and 1",
            )  # fmt: skip
    # Gains are fractions of today's value, so the highest cost has the least gain.
    keys = {
        "least tax": lambda lot: lot.tax, "highest cost": lambda lot: lot.gain, "first in": lambda lot: lot.acquired,
        "last in": lambda lot: -lot.acquired,
    }  # fmt: skip
    ordered = sorted(lots, key=keys[order])
    taxes = [lot.tax for lot in ordered]
    for place, (before, after) in enumerate(pairwise(taxes), 2):
        if after < before - 1e-15:
            raise InvalidInput(
                f"sold in the order {order!r}, lot {place} of {name or 'a name'} is taxed less than the one before: "
                "this cost is not convex", field="lots", next_step="use the order 'least tax'",
            )  # fmt: skip
    return TaxSchedule(tuple(lot.weight for lot in ordered), tuple(taxes))


def schedules(
    lots: Mapping[str, Sequence[TaxLot]], names: Sequence[str], held: np.ndarray, *, order: str = "least tax"
) -> dict[int, TaxSchedule]:
    """Schedules by place of the name; the lots of a name must add up to what is held of it."""
    found: dict[int, TaxSchedule] = {}
    places = {name: place for place, name in enumerate(names)}
    for name, mine in lots.items():
        if name not in places:
            raise unknown("asset", name, names, place="lots")
        place = places[name]
        total = sum(lot.weight for lot in mine)
        if abs(total - float(held[place])) > 1e-9 * max(1.0, abs(total)):
            raise InvalidInput(
                f"the lots of {name} add up to {total:.8g}, the holding is {float(held[place]):.8g}", field="lots",
                next_step="give every lot at today's weight",
            )  # fmt: skip
        if mine:
            found[place] = schedule(mine, order=order, name=name)
    return found
