"""On which days between two trades a portfolio has to be looked at: weights of many days from one matrix of prices.

Holdings do not change between trades, so weights follow prices. A day is left out only where no rule of the mandate
can ask for a trade; what cannot be told from weights alone makes every day one to look at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, unknown
from argosy.base.limits import Limit
from argosy.construction.rebalance.of_book import BookLines, with_cash
from argosy.construction.rebalance.proposing import bands_of, universe_of
from argosy.construction.rebalance.triggers import months_between
from argosy.measures.limits.compiling import measured
from argosy.models.moments.covariance import FactorCovariance
from argosy.record.mandate import Mandate
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MARGIN = 5e-13
"""Half of the edge that bands have (limits have more): sums of floats in another order differ by less than that."""
OF_RISK = frozenset({"volatility", "tracking error", "beta"})
"""Limits that need a covariance of the day."""


def values_over(market: MarketSnapshot, instruments: Sequence[Instrument], days: Int64, currency: str) -> Float64:
    """Money per unit (T, N) of instruments on days in one currency; NaN where a price or rate is missing."""
    prices = market.price_matrix([one.id for one in instruments], days)
    found = prices.mantissa.astype(np.float64) * 10.0 ** prices.exponent.astype(np.float64)
    found *= np.array([one.factor.mantissa * 10.0**one.factor.exponent for one in instruments])
    found = np.where(prices.missing, np.nan, found)
    own = [one.currency for one in instruments]
    distinct = sorted(set(own))
    if distinct in ([], [currency]):
        return found
    rows = market.rate_rows(distinct, currency, days)
    rates = np.asarray(rows.num, np.float64) / np.where(rows.missing, np.nan, np.asarray(rows.den, np.float64))
    return np.asarray(found * rates[:, [distinct.index(name) for name in own]], dtype=np.float64)


def days_to_look(
    book: BookLines, target: Mapping[str, float] | None, mandate: Mandate, market: MarketSnapshot, *, days: Int64,
    currency: str, last_rebalance: int,
) -> Flags:  # fmt: skip
    """Which days (T) have to be looked at while a portfolio holds what it holds.

    ``target`` are the weights that stay the same over the days, None where they change with the market. What is asked
    by hand is not seen here. The cost is one pass over T x N weights, and T evaluations of limits where there are some.
    """
    rules, limits = mandate.trading.rebalancing, [one for one in mandate.policy.limits.rules if one.soft is None]
    plain = (
        target is not None and rules.bands != "volatility" and rules.tracking_error is None and rules.signal is None
        and not any(one.measure in OF_RISK for one in limits)
        and not any(one.bond is not None or one.inverse for one in book.instruments)
    )  # fmt: skip
    if not plain or target is None:
        return np.ones(days.size, dtype=np.bool_)
    worth = values_over(market, book.instruments, days, currency) * book.lines.quantity
    value = worth.sum(axis=1) + book.cash
    unknown = ~(value > 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.column_stack([worth, np.full(days.size, book.cash)]) / value[:, None]
    found = unknown | _by_calendar(rules.every_months, last_rebalance, days)
    buffer = mandate.trading.trading.cash_buffer
    if rules.drift:
        wanted = with_cash(book.lines, target, buffer)
        costs = mandate.policy.costs
        bands = bands_of(rules, wanted, None, costs.trading + costs.half_spread)
        found |= ((weights > bands.upper + MARGIN) | (weights < bands.lower - MARGIN)).any(axis=1)
    if rules.cash is not None:
        found |= np.abs(weights[:, -1] - buffer) > rules.cash * rules.clear_at - MARGIN
    if limits:
        for at in np.flatnonzero(~found).tolist():
            found[at] = _near_a_limit(limits, book, weights[at, :-1])
    return np.asarray(found, dtype=np.bool_)


def _by_calendar(every: int, last_rebalance: int, days: Int64) -> Flags:
    if not every or not last_rebalance:
        return np.zeros(days.size, dtype=np.bool_)
    # Months only grow with the day: the first that is enough is found by halving.
    first = bisect_left(days.tolist(), every, key=lambda day: months_between(last_rebalance, day))
    return np.asarray(np.arange(days.size) >= first, dtype=np.bool_)


def _near_a_limit(limits: Sequence[Limit], book: BookLines, weights: Float64) -> bool:
    universe = universe_of(book, weights)
    risk = FactorCovariance(np.zeros((weights.size, 0)), np.zeros(weights.size))
    for limit in limits:
        try:
            numbers = measured(limit, weights, universe, risk)
        except ArgosyError:
            continue  # the look itself says what is wrong with it, and judges without it
        if any(limit.beyond(number) > MARGIN for _, number in numbers):
            return True
    return False


PERIODS = {"daily": "D", "weekly": "W", "monthly": "M"}
"""How often a portfolio is looked at, with numpy's unit of each."""


def looked_at(days: Int64, every: str) -> Flags:
    """Which sessions (T) are looked at: each, or the last of each week or month.

    Raises
    ------
    UnknownName
        A period that is none of :data:`PERIODS`.

    Examples
    --------
    >>> from argosy.base.dates import parse_date
    >>> days = np.array([parse_date(day) for day in ("2022-01-06", "2022-01-07", "2022-01-10")])
    >>> looked_at(days, "weekly").tolist()
    [False, True, True]
    """
    if every not in PERIODS:
        raise unknown("period", every, PERIODS)
    if every == "daily":
        return np.ones(days.size, dtype=np.bool_)
    # Weeks of numpy begin on Thursday, the epoch's weekday; three days later they begin on Monday.
    shifted = (days + 3 if every == "weekly" else days).astype("M8[D]").astype(f"M8[{PERIODS[every]}]")
    return np.asarray(np.append(shifted[1:] != shifted[:-1], True), dtype=np.bool_)


def constant_target(mandate: Mandate, target: Mapping[str, float]) -> Mapping[str, float] | None:
    """The target where it stays the same whatever the market does, else None: groups are shared by what is held."""
    rules = mandate.trading.targets
    fixed = rules.source == "weights" and not any("=" in name for name, _ in rules.weights)
    return target if fixed else None
