"""Wash sales: losses that do not count because the household bought the same thing within the window.

Amounts and quantities are integers, so that what is disallowed and what is added to the replacement agree to the last
digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput
from argosy.base.money import div_half_even
from argosy.measures.tax.regimes import Regime


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase in any account of the household. ``sheltered``: in an account whose lots have no taxable basis."""

    lot: int
    day: int
    order: int
    account: int
    identity: int  # what counts as substantially identical has one number
    quantity: int
    cost: int
    sheltered: bool = False


@dataclass(frozen=True, slots=True)
class LotSale:
    """A part of a sale that undid one lot: ``proceeds`` and ``cost`` of that part."""

    event: int
    lot: int
    day: int
    order: int
    account: int
    identity: int
    quantity: int
    cost: int
    proceeds: int
    acquired: int
    sheltered: bool = False

    @property
    def gain(self) -> int:
        """Proceeds less cost."""
        return self.proceeds - self.cost


@dataclass(frozen=True, slots=True)
class Washed:
    """A loss, or a part of one, that does not count, and the purchase that spoiled it.

    ``disallowed`` is positive. It is added to the cost of ``quantity`` units of lot ``replacement``, whose holding
    period begins ``tacked`` days earlier; where that lot is sheltered it is ``lost`` for good (Rev. Rul. 2008-5).
    """

    event: int
    lot: int
    replacement: int
    quantity: int
    disallowed: int
    tacked: int
    lost: bool


@dataclass(frozen=True, slots=True)
class AdjustedLot:
    """A replacement lot after wash sales: its cost, and the part of it whose holding period was moved."""

    lot: int
    cost: int
    added: int
    acquired: int


@dataclass(frozen=True)
class WashReport:
    """Every loss that does not count, with its sums."""

    washed: tuple[Washed, ...]
    lots: Mapping[int, AdjustedLot]

    @property
    def disallowed(self) -> int:
        """Losses that do not count now."""
        return sum(one.disallowed for one in self.washed)

    @property
    def lost(self) -> int:
        """Losses that will never count."""
        return sum(one.disallowed for one in self.washed if one.lost)


def wash_sales(sales: Sequence[LotSale], purchases: Sequence[Purchase], *, regime: Regime) -> WashReport:
    """Match each loss with purchases of the same thing in the window around it, each unit bought at most once.

    Losses are taken in the order in which they happened, purchases in theirs (Treas. Reg. 1.1091-1(b)-(d)). A lot does
    not replace itself: units that were bought in the window and are the ones sold spoil nothing. A purchase that was
    sold again meanwhile has spoiled the loss all the same.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> bought = [Purchase(1, 1, 0, 1, 7, 100, 1000), Purchase(2, 74, 0, 1, 7, 100, 800)]
    >>> found = wash_sales([LotSale(9, 1, 60, 0, 1, 7, 100, 1000, 750, 1)], bought, regime=regime("US"))
    >>> found.disallowed, found.lots[2].cost, found.lots[2].acquired
    (250, 1050, 15)
    """
    left = {one.lot: one.quantity for one in purchases}
    if len(left) != len(purchases):
        raise InvalidInput("a lot stands twice among the purchases", field="purchases")
    adjusted: dict[int, AdjustedLot] = {}
    washed: list[Washed] = []
    # Units of a lot that this very sale disposes of cannot replace it, in whatever order the lots of a sale come.
    own: dict[int, dict[int, int]] = {}
    for sale in sales:
        own.setdefault(sale.event, {})[sale.lot] = own.get(sale.event, {}).get(sale.lot, 0) + sale.quantity
    ordered = sorted(purchases, key=lambda one: (one.day, one.order, one.lot))
    for sale in sorted(sales, key=lambda one: (one.day, one.order, one.event, one.lot)):
        if sale.gain >= 0 or sale.sheltered or not regime.wash_days:
            continue
        open_units, loss_left = sale.quantity, -sale.gain
        for bought in ordered:
            if open_units == 0:
                break
            if bought.identity != sale.identity or not _in_window(sale, bought, regime):
                continue
            free = left[bought.lot] - own[sale.event].get(bought.lot, 0)
            units = min(open_units, free)
            if units <= 0:
                continue
            loss = loss_left if units == open_units else div_half_even(loss_left * units, open_units)
            one = Washed(sale.event, sale.lot, bought.lot, units, loss, sale.day - sale.acquired, bought.sheltered)
            washed.append(one)
            left[bought.lot] -= units
            open_units, loss_left = open_units - units, loss_left - loss
            if not bought.sheltered:
                adjusted[bought.lot] = _adjust(adjusted.get(bought.lot), bought, one)
    return WashReport(tuple(washed), adjusted)


def _in_window(sale: LotSale, bought: Purchase, regime: Regime) -> bool:
    apart = bought.day - sale.day
    first = -regime.wash_days if regime.wash_before else 0
    # On the day itself only what was bought after the sale, or another lot than the one sold, can replace it.
    return first <= apart <= regime.wash_days and bought.lot != sale.lot


def _adjust(known: AdjustedLot | None, bought: Purchase, one: Washed) -> AdjustedLot:
    start = known or AdjustedLot(bought.lot, bought.cost, 0, bought.day)
    return replace(
        start, cost=start.cost + one.disallowed, added=start.added + one.disallowed,
        acquired=min(start.acquired, bought.day - one.tacked),
    )  # fmt: skip


def clean_from(purchases: Sequence[Purchase], *, identity: int, day: int, regime: Regime, selling: int = -1) -> int:
    """The first epoch day from ``day`` on which a loss on something would count, given what was bought already.

    ``selling`` is the lot to be sold, which spoils nothing.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> clean_from([Purchase(2, 74, 0, 1, 7, 100, 800)], identity=7, day=80, regime=regime("US"))
    105
    """
    if not regime.wash_before:
        return day
    spoiling = [
        one.day for one in purchases
        if one.identity == identity and one.lot != selling and 0 <= day - one.day <= regime.wash_days
    ]  # fmt: skip
    return max((bought + regime.wash_days + 1 for bought in spoiling), default=day)


def barred_until(sold: int, *, regime: Regime) -> int:
    """The last epoch day on which a purchase would spoil a loss taken on ``sold``.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> barred_until(100, regime=regime("US"))
    130
    """
    return sold + regime.wash_days
