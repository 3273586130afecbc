"""Losses worth taking, gains that fit a budget, and what it is worth to pay a tax later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput
from argosy.measures.tax.lots import TaxLots, tax_per_unit
from argosy.measures.tax.regimes import Regime
from argosy.measures.tax.wash_sales import Purchase, barred_until, clean_from

Float64 = npt.NDArray[np.float64]


class NoSaleWithinBudget(ArgosyError):
    """The cash asked for cannot be raised within the budget of gains."""

    code = "infeasible"


@dataclass(frozen=True, slots=True)
class Harvest:
    """A lot whose loss is worth taking now.

    ``saving`` is the tax saved less the cost of selling and buying the replacement; it is a delay as far as the basis
    of the replacement is lower by the loss. ``barred_until`` is the last day on which the household must not buy the
    same thing. ``replacement`` is empty where none is known: the money stays in cash until then.
    """

    lot: int
    name: str
    quantity: float
    loss: float
    saving: float
    long_term: bool
    replacement: str
    similarity: float
    barred_until: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A loss that would not count yet: a purchase in the window spoils it until ``clean_from``."""

    lot: int
    name: str
    loss: float
    clean_from: int


@dataclass(frozen=True)
class HarvestList:
    """Lots to sell for their losses, the best first, and those that have to wait."""

    now: tuple[Harvest, ...]
    waiting: tuple[Waiting, ...]


def harvest(
    names: Sequence[str], lots: TaxLots, prices: npt.ArrayLike, *, day: int, regime: Regime,
    lot_ids: Sequence[int] = (), identities: Sequence[int] = (), purchases: Sequence[Purchase] = (),
    replacements: Mapping[str, Sequence[tuple[str, float]]] | None = None, cost_rate: float = 0.0,
    least_loss: float = 0.0, least_share: float = 0.0,
) -> HarvestList:  # fmt: skip
    """Losses worth taking among lots (L), each with the name it is a lot of and that name's price (L).

    ``replacements`` gives for a name what else may be held, as (name, similarity), the most similar first; a name that
    is substantially identical does not belong there. ``purchases`` are those of the whole household; ``identities`` (L)
    say what is identical with what (default: the name). ``least_loss`` is money, ``least_share`` a fraction of cost; a
    loss whose saving does not pay ``cost_rate`` (both ways, of value) is left alone.
    """
    price = np.array(prices, dtype=np.float64)
    if len(names) != len(lots) or price.shape != lots.quantity.shape or not np.isfinite(price).all():
        raise InvalidInput("names and prices have to be given for each lot", field="prices", found=price.shape,
                           expected=f"({len(lots)},), finite")  # fmt: skip
    codes = {name: place for place, name in enumerate(dict.fromkeys(names))}
    identity = list(identities) or [codes[name] for name in names]
    ids = list(lot_ids) or list(range(len(lots)))
    known = replacements or {}
    gains = lots.quantity * (price - lots.unit_cost)
    now: list[Harvest] = []
    waiting: list[Waiting] = []
    for at in np.flatnonzero(gains < 0.0).tolist():
        loss = -float(gains[at])
        cost = float(lots.quantity[at] * lots.unit_cost[at])
        if loss < least_loss or loss < least_share * cost:
            continue
        free = clean_from(purchases, identity=identity[at], day=day, regime=regime, selling=ids[at])
        if free > day:
            waiting.append(Waiting(ids[at], names[at], loss, free))
            continue
        rate = regime.rate(int(lots.acquired[at]), day)
        saving = loss * rate - cost_rate * float(lots.quantity[at] * price[at])
        if saving <= 0.0:
            continue
        other, similar = next(iter(known.get(names[at], ())), ("", 0.0))
        now.append(Harvest(
            ids[at], names[at], float(lots.quantity[at]), loss, saving, regime.is_long(int(lots.acquired[at]), day),
            other, similar, barred_until(day, regime=regime),
        ))  # fmt: skip
    return HarvestList(
        tuple(sorted(now, key=lambda one: (-one.saving, one.lot))),
        tuple(sorted(waiting, key=lambda one: (one.clean_from, -one.loss, one.lot))),
    )


@dataclass(frozen=True, eq=False)
class Raised:
    """Quantities to sell per lot (L) that raise cash within a budget of gains, with the least tax.

    ``price_of_budget`` is what one more unit of budget would save in tax: its shadow price.
    """

    taken: Float64
    cash: float
    gain: float
    tax: float
    price_of_budget: float


def raise_within_gains(
    lots: TaxLots, prices: npt.ArrayLike, cash: float, budget: float, *, day: int, regime: Regime
) -> Raised:
    """Sell across lots (L) of any names to raise an amount with the least tax and net gains of at most ``budget``.

    A linear program with two rows, solved exactly: for each price of the budget the lots are taken in the order of
    (tax + price * gain) per unit of cash; the right price is one at which the order changes, and there the two sales
    are mixed.

    Raises
    ------
    NoSaleWithinBudget
        When even the smallest gain that raises the cash is above the budget; the message says how much it is.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> lots = TaxLots.of([10, 10], [50.0, 120.0], [0, 300])
    >>> found = raise_within_gains(lots, [100.0, 100.0], 1000.0, 0.0, day=400, regime=regime("US"))
    >>> round(found.gain, 6), [round(float(q), 4) for q in found.taken]
    (-200.0, [0.0, 10.0])
    """
    price = np.array(prices, dtype=np.float64)
    if price.shape != lots.quantity.shape or not np.isfinite(price).all() or (price <= 0.0).any():
        raise InvalidInput("each lot needs a price above zero", field="prices", found=price.shape)
    worth = lots.quantity * price
    if not 0.0 < cash <= float(worth.sum()) * (1.0 + 1e-12):
        raise InvalidInput(f"{cash:,.2f} is asked for and the lots are worth {worth.sum():,.2f}", field="cash",
                           found=cash)  # fmt: skip
    gain = 1.0 - lots.unit_cost / price  # per unit of cash
    rates = np.array([regime.rate(int(acquired), day) for acquired in lots.acquired.tolist()])
    tax = gain * rates

    problem = _Mix(price, worth, gain, tax, cash)
    free = problem.sale(0.0, low=True)
    if float(free @ gain) <= budget:
        return problem.found(free, 0.0)
    least = problem.least()
    smallest = float(least @ gain)
    if smallest > budget + 1e-9 * cash:
        raise NoSaleWithinBudget(
            f"raising {cash:,.2f} makes a gain of {smallest:,.2f} at least, the budget is {budget:,.2f}",
            field="budget", found=budget, expected=f"at least {smallest:,.2f}",
            next_step="raise less cash, or widen the budget of gains",
        )  # fmt: skip
    return problem.mixed(budget, least)


@dataclass(frozen=True, eq=False)
class _Mix:
    """The linear program of raising cash: per lot its price, worth, and gain and tax per unit of cash."""

    price: Float64
    worth: Float64
    gain: Float64
    tax: Float64
    cash: float

    def _filled(self, order: npt.NDArray[np.int64]) -> Float64:
        before = np.concatenate([[0.0], np.cumsum(self.worth[order])[:-1]])
        taken = np.zeros(self.worth.size)
        taken[order] = np.clip(self.cash - before, 0.0, self.worth[order])
        return taken

    def sale(self, lam: float, *, low: bool) -> Float64:
        """Cash from each lot at a price of the budget; ties by the smaller (or larger) gain."""
        score = np.round(self.tax + lam * self.gain, 14)
        order = np.lexsort((np.arange(self.worth.size), self.gain if low else -self.gain, score))
        return self._filled(order)

    def least(self) -> Float64:
        """Cash from each lot with the smallest gain there can be."""
        return self._filled(np.lexsort((np.arange(self.worth.size), self.tax, self.gain)))

    def found(self, taken: Float64, lam: float) -> Raised:
        """The answer for cash taken from each lot."""
        return Raised(taken / self.price, self.cash, float(taken @ self.gain), float(taken @ self.tax), lam)

    def mixed(self, budget: float, least: Float64) -> Raised:
        """The first price of the budget at which the gain fits; there two orders are equally good and are mixed."""
        prices = _order_changes(self.tax, self.gain)
        if not prices.size:
            # One order is the best at every price: it misses the budget by no more than rounding.
            return self.found(least, 0.0)
        low, high = 0, prices.size - 1
        while low < high:
            middle = (low + high) // 2
            if float(self.sale(float(prices[middle]), low=True) @ self.gain) <= budget:
                high = middle
            else:
                low = middle + 1
        lam = float(prices[low])
        most, fewest = self.sale(lam, low=False), self.sale(lam, low=True)
        if float(fewest @ self.gain) > budget:
            fewest = least
        above, below = float(most @ self.gain), float(fewest @ self.gain)
        share = (budget - below) / (above - below) if above > below else 0.0
        return self.found(share * most + (1.0 - share) * fewest, lam)


def _order_changes(tax: Float64, gain: Float64) -> Float64:
    """Prices of the budget at which two lots change places: where tax + price * gain are equal."""
    over = tax[:, None] - tax[None, :]
    under = gain[None, :] - gain[:, None]
    crossing = np.divide(over, under, out=np.full_like(over, -1.0), where=under != 0.0)
    return np.unique(crossing[crossing > 0.0])


def deferral_value(
    gain: float, *, rate_now: float, rate_later: float, years: float, discount: float, forgiven: float = 0.0
) -> float:
    """What it is worth today to realize a gain in some years instead of now.

    ``gain * (rate_now - (1 - forgiven) * rate_later / (1 + discount)^years)``: the tax not paid now less the present
    value of the tax paid later; ``forgiven`` is the probability that it is never paid (step-up at death, a gift to a
    charity). Negative where waiting costs, as when rates rise.

    Examples
    --------
    >>> round(deferral_value(1000.0, rate_now=0.238, rate_later=0.238, years=10, discount=0.05), 2)
    91.89
    """
    for name, value in (("rate_now", rate_now), ("rate_later", rate_later), ("forgiven", forgiven)):
        if not 0.0 <= value <= 1.0:
            raise InvalidInput(f"{name} is {value}", field=name, found=value, expected="a fraction from 0 to 1")
    if years < 0.0 or discount <= -1.0 or not np.isfinite(gain):
        raise InvalidInput("years have to be 0 or more and the discount above -100%", field="years", found=years)
    return float(gain * (rate_now - (1.0 - forgiven) * rate_later / (1.0 + discount) ** years))


def lot_values(lots: TaxLots, price: float, *, day: int, regime: Regime, wait_years: float, discount: float) -> Float64:
    """What selling one unit of each lot (L) now costs in tax beyond selling it after ``wait_years``: its shadow price.

    Short-term gains that turn long while waiting show a large price; losses a negative one.
    """
    now = tax_per_unit(lots, price, day, regime)
    later = tax_per_unit(lots, price, day + round(365.25 * wait_years), regime)
    found: Float64 = now - later / (1.0 + discount) ** wait_years
    return found
