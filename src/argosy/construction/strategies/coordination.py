"""Several strategies in one portfolio: orders netted, fills shared, sleeves looked through, skill watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InsufficientPosition, InvalidInput, UndefinedMeasure
from argosy.construction.rebalance.of_book import BookLines
from argosy.construction.strategies.alarms import SkillAlarm, shared_false_alarms, skill_alarm
from argosy.construction.strategies.netting import (
    Netted,
    Permission,
    Savings,
    net,
    permission_table,
    savings,
    share_fills,
)
from argosy.construction.strategies.order_file import MarketFills, StrategyOrders
from argosy.construction.strategies.together import LookThrough, SharedRisk, overlaps, shared_risk
from argosy.models.moments.covariance import Covariance
from argosy.record.ledger.rows import Holdings

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

UNTAGGED = "none"
"""What lies in no sleeve."""


@dataclass(frozen=True, eq=False)
class Coordinated:
    """Orders of strategies after netting, what it saves each of them, and by which rule each pair may cross."""

    orders: StrategyOrders
    netted: Netted
    savings: Savings
    rules: tuple[Permission, ...]


def coordinate(orders: StrategyOrders, *, cost_rate: float, permissions: Sequence[Permission] = ()) -> Coordinated:
    """Cross what may cross at the given prices and say what it saves at a proportional cost (a part of money traded).

    Raises
    ------
    InvalidInput
        A permission names a strategy without orders.
    """
    allowed, rules = permission_table(orders.strategies, orders.kinds, permissions)
    found = net(orders.units, permitted=allowed)
    return Coordinated(orders, found, savings(found, orders.unit_price, cost_rate), rules)


@dataclass(frozen=True, eq=False)
class SharedFills:
    """Fills of the market shared over strategies (S x N, signed), in proportion to what each sent there.

    Everybody gets the average price of its side: ``buy_price`` and ``sell_price`` (N).
    """

    orders: StrategyOrders
    sent: Int64
    filled: Int64
    buy_price: Float64
    sell_price: Float64


def share_market_fills(found: Coordinated, fills: MarketFills) -> SharedFills:
    """Share fills fairly: each side of the market over the strategies that sent orders to that side.

    Raises
    ------
    InsufficientPosition
        More was filled than was sent to the market.
    """
    sent = found.netted.external
    bought, sold = np.maximum(sent, 0), np.minimum(sent, 0)
    for filled, side, said in ((fills.bought, bought, "bought"), (fills.sold, -sold, "sold")):
        room = side.sum(axis=0)
        for at in np.flatnonzero(filled > room)[:1].tolist():
            most = found.orders.quantity(room[at])
            raise InsufficientPosition(
                f"{found.orders.quantity(filled[at])} of {found.orders.instruments[at]} were {said} and {most} were "
                "sent to the market", field="quantity", found=int(filled[at]), expected=f"at most {most}",
                next_step="ask the broker, or give the orders that these are the fills of",
            )  # fmt: skip
    shared = share_fills(fills.bought, bought) + share_fills(-fills.sold, sold)
    return SharedFills(found.orders, sent, shared, fills.buy_price, fills.sell_price)


@dataclass(frozen=True, eq=False)
class SleeveRisk:
    """Sleeves of a portfolio looked through: holdings as parts of its value, overlap and risk.

    ``overlap`` (S x S) compares what is held, each sleeve's positions as the whole; None where one of them is short.
    ``risk`` is None where prices allow no covariance, and ``blind`` says why.
    """

    holdings: LookThrough
    overlap: Float64 | None
    risk: SharedRisk | None
    blind: str


def sleeve_risk(
    book: BookLines, held: Holdings, names: Mapping[int, str], *, portfolio: int, covariance: Covariance | None,
    blind: str = "",
) -> SleeveRisk:  # fmt: skip
    """Look through the sleeves of a portfolio: who holds what, what nets out, and who adds what to the risk.

    ``names`` are its sleeves by number; what lies in none is a strategy of its own.

    Raises
    ------
    InvalidInput
        The portfolio holds nothing.
    """
    mine = held.portfolio == portfolio
    sleeves = np.unique(held.sleeve[mine]).tolist()
    places = {one.id: place for place, one in enumerate(book.instruments)}
    rows = np.zeros((len(sleeves), len(places)))
    for sleeve, instrument, quantity in zip(
        held.sleeve[mine].tolist(), held.instrument[mine].tolist(), held.quantity[mine].tolist(), strict=True
    ):
        if instrument in places:  # what is traded on margin has no weight
            place = places[instrument]
            units = quantity / 10.0 ** book.instruments[place].quantity_scale
            rows[sleeves.index(sleeve), place] += units * book.lines.unit_value[place] / book.value
    if not rows.any():
        raise InvalidInput("the portfolio holds nothing to look through", field="portfolio")
    labels = tuple(names.get(one, UNTAGGED) for one in sleeves)
    found = LookThrough(labels, book.lines.names, rows)
    total = rows.sum(axis=1)
    same = None
    if (rows >= 0.0).all() and (total > 0.0).all():
        parts = rows / total[:, None]
        same = overlaps({
            name: dict(zip(found.names, part.tolist(), strict=True)) for name, part in zip(labels, parts, strict=True)
        })  # fmt: skip
    return SleeveRisk(found, same, None if covariance is None else shared_risk(found, covariance), blind)


@dataclass(frozen=True, eq=False)
class Watched:
    """A sleeve's active returns under watch: the alarm, its days (T), and what it was judged by, per year.

    ``together`` is how many sleeves are watched side by side: each alarm is that much rarer, so that a false one comes
    anywhere among them once in ``false_alarm_years``.
    """

    sleeve: str
    days: Int64
    active: Float64
    alarm: SkillAlarm
    periods_per_year: float
    expected: float
    tracking_error: float
    together: int
    false_alarm_years: float


def watch(
    sleeve: str, days: Int64, returns: Float64, benchmark: Float64 | None, *, periods_per_year: float, expected: float,
    tracking_error: float, together: int, false_alarm_years: float,
) -> Watched:  # fmt: skip
    """Watch a sleeve's returns (T, per period) less its benchmark's for the loss of skill; the rest is per year.

    Examples
    --------
    >>> found = watch("T", np.arange(36), np.full(36, 0.002), None, periods_per_year=12, expected=0.02,
    ...               tracking_error=0.04, together=3, false_alarm_years=10)
    >>> found.alarm.first is None, round(found.alarm.false_alarm_periods / 12)
    (True, 30)
    """
    if not false_alarm_years > 0.0 or not np.isfinite(false_alarm_years):
        raise InvalidInput(f"false_alarm_years is {false_alarm_years}", field="false_alarm_years",
                           found=false_alarm_years, expected="above 0")  # fmt: skip
    active = returns - benchmark if benchmark is not None else returns
    alarm = skill_alarm(
        active, expected=expected / periods_per_year, tracking_error=tracking_error / np.sqrt(periods_per_year),
        false_alarm_periods=shared_false_alarms(false_alarm_years * periods_per_year, together),
    )  # fmt: skip
    return Watched(sleeve, days, active, alarm, periods_per_year, expected, tracking_error, together,
                   false_alarm_years)  # fmt: skip


def excess_record(returns: Float64, *, risk_free: float, periods_per_year: float) -> list[float]:
    """Returns (T, per period) beyond a risk-free rate a year, as a gate takes them.

    Examples
    --------
    >>> [round(one, 6) for one in excess_record(np.array([0.01, 0.02]), risk_free=0.0614, periods_per_year=12)]
    [0.005022, 0.015022]
    """
    if returns.size < 2:
        raise UndefinedMeasure(f"{returns.size} whole periods are no record", field="returns", found=returns.size,
                               next_step="wait, or give a record with --returns")  # fmt: skip
    found: list[float] = (returns - ((1.0 + risk_free) ** (1.0 / periods_per_year) - 1.0)).tolist()
    return found
