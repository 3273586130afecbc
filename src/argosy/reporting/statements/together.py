"""Strategies side by side as tables: netting and savings, shared fills, capital, sleeves looked through, alarms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.dates import format_date
from argosy.base.table import Table
from argosy.construction.strategies.allocation import StrategyWeights
from argosy.construction.strategies.coordination import Coordinated, SharedFills, SleeveRisk, Watched
from argosy.construction.strategies.order_file import StrategyOrders

Int64 = npt.NDArray[np.int64]


def netted_table(found: Coordinated) -> Table:
    """One line per strategy and instrument: what was asked for, what crossed inside, what goes to the market."""
    orders, netted = found.orders, found.netted
    rows = np.argwhere(orders.units != 0)
    first, second = rows[:, 0], rows[:, 1]
    return Table(
        "Orders after netting",
        (
            Column("strategy", "text", [orders.strategies[at] for at in first.tolist()]),
            Column("instrument", "text", [orders.instruments[at] for at in second.tolist()]),
            _quantity("asked", netted.orders[first, second], orders),
            _quantity("crossed", netted.crossed[first, second], orders),
            _quantity("to_market", netted.external[first, second], orders),
        ),
        notes=("crossed and to_market sum to what was asked: no position differs from trading alone",),
    )


def market_table(found: Coordinated) -> Table:
    """One line per instrument: bought, sold, crossed, what goes to the market, and what may not cross."""
    orders, netted = found.orders, found.netted
    return Table(
        "Market orders",
        (
            Column("instrument", "text", list(orders.instruments)),
            _quantity("buys", np.maximum(netted.orders, 0).sum(axis=0), orders),
            _quantity("sells", np.maximum(-netted.orders, 0).sum(axis=0), orders),
            _quantity("crossed", netted.crossed_total, orders),
            _quantity("market_buys", np.maximum(netted.external, 0).sum(axis=0), orders),
            _quantity("market_sells", np.maximum(-netted.external, 0).sum(axis=0), orders),
            _quantity("restricted", netted.restricted, orders),
        ),
        notes=tuple(
            f"{one.first} and {one.second} may not cross: {one.rule}" for one in found.rules if not one.allowed
        ),
    )


def savings_table(found: Coordinated) -> Table:
    """What each strategy would pay alone, what it pays, and the proof that none is worse off."""
    saved = found.savings
    verdict = "no strategy pays more than alone" if saved.none_worse else "a strategy pays more than alone"
    return Table(
        "Cost saved",
        (
            Column("strategy", "text", [*found.orders.strategies, "together"]),
            Column("alone", "ratio", [*saved.alone.tolist(), float(saved.alone.sum())], unit="money", shown=2),
            Column("netted", "ratio", [*saved.netted.tolist(), float(saved.netted.sum())], unit="money", shown=2),
            Column("saved", "ratio", [*saved.saved.tolist(), float(saved.saved.sum())], unit="money", shown=2),
        ),
        notes=(verdict,),
    )


def fills_table(found: SharedFills) -> Table:
    """One line per strategy and instrument that sent orders to the market: filled, at what price, still open."""
    orders = found.orders
    rows = np.argwhere(found.sent != 0)
    first, second = rows[:, 0], rows[:, 1]
    buys = found.sent[first, second] > 0
    price = np.where(buys, found.buy_price[second], found.sell_price[second])
    filled = found.filled[first, second]
    return Table(
        "Fills shared",
        (
            Column("strategy", "text", [orders.strategies[at] for at in first.tolist()]),
            Column("instrument", "text", [orders.instruments[at] for at in second.tolist()]),
            _quantity("sent", found.sent[first, second], orders),
            _quantity("filled", filled, orders),
            _quantity("open", found.sent[first, second] - filled, orders),
            Column("price", "ratio", np.where(filled != 0, price, 0.0), unit="money", shown=4, missing=filled == 0),
        ),
        notes=("in proportion to what each sent, odd units by the largest remainder; one average price for all",),
    )


def _quantity(name: str, units: Int64, orders: StrategyOrders) -> Column:
    return Column(name, "quantity", units, scale=orders.scale)


def capital_table(found: StrategyWeights, *, notes: tuple[str, ...] = ()) -> Table:
    """Capital and share of risk by strategy, and who stands at capacity."""
    told = [f"volatility {found.volatility:.2%} a year", *notes]
    if found.method == "kelly":
        told.append(f"at this fraction of Kelly the whole would be held {found.leverage:.2f} times")
    return Table(
        f"Capital by {found.method}",
        (
            Column("strategy", "text", list(found.names)),
            Column("weight", "ratio", found.weights),
            Column("risk_share", "ratio", found.risk_share),
            Column("at_capacity", "flag", [name in found.capped for name in found.names]),
        ),
        notes=tuple(told),
    )


def sleeve_risk_table(found: SleeveRisk, *, title: str) -> Table:
    """One line per sleeve: net and gross weight, volatility alone, contribution to the whole."""
    held, risk = found.holdings, found.risk
    size = len(held.strategies)
    missing = [risk is None] * size
    none = np.zeros(size)
    notes = [f"gross {held.gross:.2%} sleeve by sleeve, {held.net_gross:.2%} netted"]
    if held.offsetting:
        notes.append(f"long in one sleeve, short in another: {', '.join(held.offsetting)}")
    if risk is None:
        notes.append(found.blind or "nothing is held that has risk")
    else:
        notes.append(f"volatility {risk.volatility:.2%} a year, diversification ratio {risk.diversification:.3f}")
    return Table(
        title,
        (
            Column("sleeve", "text", list(held.strategies)),
            Column("net", "ratio", held.by_strategy.sum(axis=1)),
            Column("gross", "ratio", np.abs(held.by_strategy).sum(axis=1)),
            Column("volatility_alone", "ratio", none if risk is None else risk.alone, missing=missing),
            Column("contribution", "ratio", none if risk is None else risk.contribution, missing=missing),
            Column("risk_share", "ratio", none if risk is None else risk.share, missing=missing),
        ),
        notes=tuple(notes),
    )


def overlap_table(found: SleeveRisk) -> Table | None:
    """Overlap of each pair of sleeves; None where a sleeve is short."""
    if found.overlap is None:
        return None
    names = found.holdings.strategies
    return Table(
        "Overlap",
        (
            Column("sleeve", "text", list(names)),
            *(Column(f"with_{name}", "ratio", found.overlap[:, place]) for place, name in enumerate(names)),
        ),
        notes=("sum of the smaller weights, each sleeve's positions as the whole",),
    )


def look_through_table(found: SleeveRisk) -> Table:
    """One line per instrument: what each sleeve holds of it as a part of the portfolio, and the net."""
    held = found.holdings
    order = np.argsort(-np.abs(held.net), kind="stable")
    return Table(
        "Looked through",
        (
            Column("instrument", "text", [held.names[at] for at in order.tolist()]),
            *(Column(name, "ratio", held.by_strategy[place][order]) for place, name in enumerate(held.strategies)),
            Column("net", "ratio", held.net[order]),
            Column("gross", "ratio", np.abs(held.by_strategy).sum(axis=0)[order]),
        ),
    )


def watch_table(found: Watched, *, title: str, notes: tuple[str, ...] = ()) -> Table:
    """Where the alarm stands, how rare false ones are, and how soon lost skill would show."""
    alarm, year = found.alarm, found.periods_per_year
    rung = "" if alarm.first is None else format_date(int(found.days[alarm.first]))
    said = f"alarm on {rung}: a record of the skill expected would rarely look like this" if rung else "no alarm"
    return Table(
        title,
        (
            Column("sleeve", "text", [found.sleeve]),
            Column("periods", "integer", [found.active.size]),
            Column("active_return", "ratio", [float(found.active.mean()) * year]),
            Column("level", "ratio", [float(alarm.path[-1])], unit="sd", shown=3),
            Column("threshold", "ratio", [alarm.threshold], unit="sd", shown=3),
            Column("alarm", "text", [rung or "none"]),
            Column("false_alarm_years", "ratio", [alarm.false_alarm_periods / year], unit="years", shown=1),
            Column("delay_years", "ratio", [alarm.delay_periods / year], unit="years", shown=1),
        ),
        notes=(said, *_watched(found), *notes),
    )


def _watched(found: Watched) -> tuple[str, ...]:
    return (
        f"expected {found.expected:.2%} a year at a tracking error of {found.tracking_error:.2%}; one of "
        f"{found.together} sleeves watched side by side, a false alarm among all of them once in "
        f"{found.false_alarm_years:g} years",
    )
