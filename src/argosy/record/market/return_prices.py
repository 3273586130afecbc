"""Prices of a book's instruments for estimates of returns: the best basis of each, in one currency, nothing carried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingData, MissingRate
from argosy.base.panel import Panel
from argosy.record.ledger.events import Int64
from argosy.record.market.adjust import Splits
from argosy.record.market.points import BASES
from argosy.record.market.series import Series
from argosy.record.market.snapshot import MarketSnapshot

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReturnPrices:
    """Prices by name on the days on which any has one; ``without_income`` names those whose basis leaves it out."""

    panel: Panel
    without_income: tuple[str, ...]


def return_prices(
    market: MarketSnapshot,
    instruments: Sequence[int],
    names: Sequence[str],
    *,
    currency: str,
    last: int,
    splits: Mapping[int, Splits],
) -> ReturnPrices:
    """Prices (T, N) up to a day in one currency: total return where there is one, else adjusted for splits.

    A day on which an instrument was not priced has NaN for it.

    Raises
    ------
    MissingData
        An instrument without any price up to the day.
    MissingRate
        No exchange rate on a day with prices.
    """
    series: list[tuple[Series, str]] = []
    for instrument, name in zip(instruments, names, strict=True):
        found = _best(market, instrument)
        if found is None or not int(np.searchsorted(found[0].date, last, side="right")):
            raise MissingData(f"{name} has no price up to then", field="prices",
                              next_step="import its prices or exclude it from the universe")  # fmt: skip
        series.append(found)
    days = _union([one for one, _ in series], last)
    values = np.full((days.size, len(series)), np.nan)
    for place, ((one, basis), instrument) in enumerate(zip(series, instruments, strict=True)):
        kept = one.date <= last
        dates = one.date[kept]
        prices = one.mantissa[kept].astype(np.float64) * 10.0 ** one.exponent[kept].astype(np.float64)
        if basis == "traded":
            for ex, new, old in splits.get(instrument, ()):
                prices = np.where(dates < ex, prices * old / new, prices) if ex <= last else prices
        values[np.searchsorted(days, dates), place] = prices
    values *= _rates(market, instruments, days, currency)
    lacking = tuple(name for (_, basis), name in zip(series, names, strict=True) if basis != "total_return")
    return ReturnPrices(Panel(days, tuple(names), values), lacking)


def price_days(market: MarketSnapshot, instruments: Sequence[int], *, last: int) -> Int64:
    """Days up to ``last`` on which any of the instruments has a price."""
    found = [_best(market, one) for one in instruments]
    return _union([one[0] for one in found if one is not None], last)


def _union(series: Sequence[Series], last: int) -> Int64:
    days = np.unique(np.concatenate([one.date for one in series])) if series else np.zeros(0, np.int64)
    return np.asarray(days[days <= last], dtype=np.int64)


def _best(market: MarketSnapshot, instrument: int) -> tuple[Series, str] | None:
    for basis in reversed(BASES):
        found = market.choosing(basis=basis).price_history(instrument)
        if found is not None:
            return found, basis
    return None


def _rates(market: MarketSnapshot, instruments: Sequence[int], days: Int64, currency: str) -> Float64:
    own = [market.currencies.get(one, currency) for one in instruments]
    distinct = sorted(set(own))
    if distinct == [currency] or not days.size:
        return np.ones((days.size, len(own)))
    rows = market.rate_rows(distinct, currency, days)
    for gap in rows.gaps():
        raise MissingRate(f"no rate of {gap.what} on a day with prices", field="fx", next_step="import its rates")
    rates = np.asarray(rows.num, np.float64) / np.asarray(rows.den, np.float64)
    return rates[:, [distinct.index(one) for one in own]]
