"""Which lots a sale takes, what gain that makes by term, and what it costs in taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InsufficientPosition, InvalidInput, unknown
from argosy.measures.tax.regimes import Regime

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

METHODS = ("FIFO", "LIFO", "HIFO", "MINTAX", "SPECIFIC")


@dataclass(frozen=True, eq=False)
class TaxLots:
    """Open lots (L) of one instrument: quantity, cost per unit and the epoch day each was acquired."""

    quantity: Float64
    unit_cost: Float64
    acquired: Int64

    @classmethod
    def of(cls, quantity: npt.ArrayLike, unit_cost: npt.ArrayLike, acquired: npt.ArrayLike) -> TaxLots:
        """Lots from columns; refused where they do not match or hold nothing."""
        held, cost = np.array(quantity, np.float64), np.array(unit_cost, np.float64)
        days = np.array(acquired, np.int64)
        if len({held.shape, cost.shape, days.shape}) != 1 or held.ndim != 1:
            raise InvalidInput("quantity, unit_cost and acquired have to be of one length", field="lots")
        if not (np.isfinite(held).all() and np.isfinite(cost).all()) or (held <= 0.0).any():
            raise InvalidInput("each lot needs a quantity above zero and a finite cost", field="lots")
        return cls(held, cost, days)

    def __len__(self) -> int:
        return self.quantity.size


@dataclass(frozen=True, eq=False)
class Sale:
    """What a sale takes from each lot (L), the gain by term, and its tax when gains stand alone.

    ``tax`` is negative where a loss saves tax elsewhere at the same rate.
    """

    taken: Float64
    short_gain: float
    long_gain: float
    tax: float

    @property
    def gain(self) -> float:
        """Gain of both terms."""
        return self.short_gain + self.long_gain


def tax_per_unit(lots: TaxLots, price: float, day: int, regime: Regime) -> Float64:
    """Tax on one unit of each lot (L) sold at a price on an epoch day; negative for a loss."""
    rates = np.array([regime.rate(int(acquired), day) for acquired in lots.acquired.tolist()], dtype=np.float64)
    found: Float64 = (price - lots.unit_cost) * rates
    return found


def sale_order(lots: TaxLots, price: float, day: int, regime: Regime, method: str) -> Int64:
    """Positions of lots in the order a method takes them; ties by age, then by position."""
    if method not in METHODS or method == "SPECIFIC":
        raise unknown("lot method", method, [one for one in METHODS if one != "SPECIFIC"])
    age, place = lots.acquired, np.arange(len(lots))
    keys: tuple[npt.NDArray[np.generic], ...]
    if method == "LIFO":
        keys = (place, -age)
    elif method == "HIFO":
        keys = (place, age, -lots.unit_cost)
    elif method == "MINTAX":
        keys = (place, age, tax_per_unit(lots, price, day, regime))
    else:
        keys = (place, age)
    return np.lexsort(keys).astype(np.int64)


def sell(
    lots: TaxLots, quantity: float, price: float, *, day: int, regime: Regime, method: str = "MINTAX",
    named: Sequence[float] | None = None,
) -> Sale:  # fmt: skip
    """Sell a quantity by FIFO, LIFO, HIFO, least tax (MINTAX) or the quantities ``named`` per lot (SPECIFIC).

    Least tax takes the lots in the order of tax per unit, which is the optimum of the linear program that has the
    quantity as its one constraint. Regimes that do not let the owner choose refuse any other method than their own.

    Raises
    ------
    InsufficientPosition
        When the lots hold less than is sold.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> lots = TaxLots.of([100, 100, 100], [50.0, 70.0, 90.0], [0, 200, -100])
    >>> [round(sell(lots, 150, 80.0, day=400, regime=regime("US"), method=m).tax, 2) for m in ("FIFO", "MINTAX")]
    [119.0, -34.0]
    """
    if regime.lots != "choice" and method not in ("FIFO",):
        raise InvalidInput(
            f"{regime.name} does not let the owner choose lots ({regime.lots})", field="method", found=method,
            expected="FIFO", next_step="sell by FIFO; pooled cost is asked for with `pooled`",
        )  # fmt: skip
    if not quantity > 0.0 or not np.isfinite(price) or price < 0.0:
        raise InvalidInput("a sale needs a quantity above zero and a price", field="quantity", found=quantity)
    held = float(lots.quantity.sum())
    if quantity > held * (1.0 + 1e-12):
        raise InsufficientPosition(
            f"{quantity:g} are sold and the lots hold {held:g}", field="quantity", found=quantity,
            expected=f"at most {held:g}",
        )  # fmt: skip
    if method == "SPECIFIC":
        taken = _named(lots, quantity, named)
    else:
        order = sale_order(lots, price, day, regime, method)
        before = np.concatenate([[0.0], np.cumsum(lots.quantity[order])[:-1]])
        taken = np.zeros(len(lots))
        taken[order] = np.clip(quantity - before, 0.0, lots.quantity[order])
    gains = taken * (price - lots.unit_cost)
    is_long = np.array([regime.is_long(int(acquired), day) for acquired in lots.acquired.tolist()], dtype=np.bool_)
    short, long = float(gains[~is_long].sum()), float(gains[is_long].sum())
    return Sale(taken, short, long, short * regime.short + long * regime.long)


def _named(lots: TaxLots, quantity: float, named: Sequence[float] | None) -> Float64:
    taken = np.array(named if named is not None else [], dtype=np.float64)
    if taken.shape != lots.quantity.shape:
        raise InvalidInput("SPECIFIC needs a quantity for each lot", field="named", found=taken.size,
                           expected=str(len(lots)))  # fmt: skip
    if (taken < 0.0).any() or (taken > lots.quantity).any():
        at = int(np.argmax((taken < 0.0) | (taken > lots.quantity)))
        raise InsufficientPosition(f"lot {at} holds {lots.quantity[at]:g}, {taken[at]:g} are named", field="named",
                                   found=float(taken[at]))  # fmt: skip
    if abs(float(taken.sum()) - quantity) > 1e-9 * quantity:
        raise InvalidInput(f"the named lots sum to {taken.sum():g}", field="named", found=float(taken.sum()),
                           expected=f"{quantity:g}")  # fmt: skip
    return taken


def pooled(
    lots: TaxLots, quantity: float, price: float, *, regime: Regime, day: int = 0, bought_later: TaxLots | None = None
) -> Sale:
    """A sale where cost is shared in a pool: same-day purchases first, then those of the 30 days after, then the pool.

    ``bought_later`` are purchases on the day of the sale and after it; those within the regime's window are matched
    first, in order of date (TCGA 1992 s.105, s.106A). ``taken`` speaks of the pool's lots, each in proportion.

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> pool = TaxLots.of([100, 100], [1.0, 3.0], [0, 10])
    >>> again = TaxLots.of([40], [2.5], [50])
    >>> round(pooled(pool, 100, 2.2, regime=regime("UK"), day=30, bought_later=again).gain, 2)
    0.0
    """
    if not quantity > 0.0:
        raise InvalidInput("a sale needs a quantity above zero", field="quantity", found=quantity)
    held = float(lots.quantity.sum())
    if quantity > held * (1.0 + 1e-12):
        raise InsufficientPosition(f"{quantity:g} are sold and the pool holds {held:g}", field="quantity",
                                   found=quantity, expected=f"at most {held:g}")  # fmt: skip
    left, cost = quantity, 0.0
    if bought_later is not None:
        for at in np.argsort(bought_later.acquired, kind="stable").tolist():
            if 0 <= int(bought_later.acquired[at]) - day <= regime.wash_days:
                matched = min(left, float(bought_later.quantity[at]))
                cost += matched * float(bought_later.unit_cost[at])
                left -= matched
    average = float(lots.quantity @ lots.unit_cost) / held
    gain = quantity * price - cost - left * average
    return Sale(lots.quantity * (left / held), 0.0, gain, gain * regime.long)


@dataclass(frozen=True, slots=True)
class YearTax:
    """The tax of a year after netting, and the losses carried into the next one by term."""

    tax: float
    carried_short: float
    carried_long: float
    against_income: float


def year_tax(
    short: float, long: float, *, regime: Regime, carried_short: float = 0.0, carried_long: float = 0.0
) -> YearTax:
    """Net gains and losses of a year: each term for itself, then one against the other, then against other income.

    Carried losses are given and returned as positive numbers; a net loss up to the regime's cap saves tax at its
    ordinary rate, short term first (IRC 1211(b), 1212(b)).

    Examples
    --------
    >>> from argosy.measures.tax.regimes import regime
    >>> year_tax(-10_000.0, 4_000.0, regime=regime("US"))
    YearTax(tax=-1110.0, carried_short=3000.0, carried_long=0.0, against_income=3000.0)
    """
    for name, value in (("short", short), ("long", long), ("carried_short", carried_short),
                        ("carried_long", carried_long)):  # fmt: skip
        if not np.isfinite(value) or (name.startswith("carried") and value < 0.0):
            raise InvalidInput(f"{name} is {value}", field=name, found=value, expected="a finite number; losses "
                               "carried over as a positive one")  # fmt: skip
    net_short, net_long = short - carried_short, long - carried_long
    if net_short < 0.0 < net_long:
        used = min(-net_short, net_long)
        net_short, net_long = net_short + used, net_long - used
    elif net_long < 0.0 < net_short:
        used = min(-net_long, net_short)
        net_long, net_short = net_long + used, net_short - used
    tax = max(net_short, 0.0) * regime.short + max(net_long, 0.0) * regime.long
    loss_short, loss_long = max(-net_short, 0.0), max(-net_long, 0.0)
    from_short = min(loss_short, regime.ordinary_cap)
    from_long = min(loss_long, regime.ordinary_cap - from_short)
    against = from_short + from_long
    return YearTax(tax - against * regime.ordinary_rate, loss_short - from_short, loss_long - from_long, against)
