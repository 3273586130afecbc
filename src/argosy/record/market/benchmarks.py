"""Benchmarks as a line of levels: as published, from returns, or from the prices of what they are made of.

Levels are float64: a benchmark is compared with, never booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date, from_date, to_date
from argosy.base.errors import InvalidInput, MissingData, MissingRate, unknown
from argosy.record.ledger.events import Int64
from argosy.record.market.adjust import Splits, split_adjusted
from argosy.record.market.points import BASES, format_pair
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_terms import BenchmarkTerms

Floats = npt.NDArray[np.float64]

BASE_LEVEL = 100.0
REBALANCES = ("daily", "monthly", "quarterly", "yearly", "never")
_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True)
class Levels:
    """A benchmark's levels, in date order. ``basis`` says whether dividends are inside ("" = as its source has it)."""

    code: str
    currency: str
    days: Int64
    levels: Floats
    basis: str = ""

    def at(self, days: Int64) -> Floats:
        """The last level on or before each day; :class:`MissingData` when a day is before the first."""
        rows = np.searchsorted(self.days, days, side="right") - 1
        if len(rows) and int(rows.min()) < 0:
            raise MissingData(
                f"benchmark {self.code} begins on {format_date(int(self.days[0]))}, asked for "
                f"{format_date(int(np.min(days)))}",
                field="benchmark",
                next_step="ask for later days or import earlier levels",
            )
        return self.levels[rows]


def benchmark_levels(
    market: MarketSnapshot,
    code: str,
    *,
    days: Int64 | None = None,
    splits: Mapping[int, Splits] | None = None,
) -> Levels:
    """The levels of a benchmark by code.

    ``days`` (sorted) asks for a benchmark of instruments on those days; None = all days on which one of them has a
    price and all have had one. Published levels and returns come on their own days, cut to the range of ``days``.
    ``splits`` are needed where only traded prices exist. Raises :class:`UnknownName`, :class:`MissingData`.
    """
    if code not in market.benchmark_terms:
        raise unknown("benchmark", code, market.benchmark_terms)
    terms = market.benchmark_terms[code]
    if terms.kind in ("levels", "returns"):
        found = _published(market, terms)
        if days is None or not len(days):
            return found
        inside = (found.days >= days[0]) & (found.days <= days[-1])
        return Levels(code, terms.currency, found.days[inside], found.levels[inside])
    if terms.kind not in ("equal_weight", "weights"):
        raise unknown("kind of benchmark", terms.kind, ("levels", "returns", "equal_weight", "weights"))
    parts = _composed(market, terms, days, splits or {})
    levels = _held(parts.prices, parts.weights, parts.rebalance)
    return Levels(terms.code, terms.currency, parts.days, levels, parts.basis)


def _published(market: MarketSnapshot, terms: BenchmarkTerms) -> Levels:
    series = market.benchmarks.choose(terms.id, basis=None, ranks=market.ranks)
    if series is None:
        raise MissingData(f"benchmark {terms.code} has no {terms.kind} yet", field="benchmark",
                          next_step="argosy import benchmark FILE")  # fmt: skip
    values = series.mantissa * 10.0 ** np.maximum(series.exponent, 0) / 10.0 ** np.maximum(-series.exponent, 0)
    if terms.kind == "levels":
        return Levels(terms.code, terms.currency, series.date, values)
    days = np.append(_base_day(series.date), series.date)
    return Levels(terms.code, terms.currency, days, BASE_LEVEL * np.cumprod(np.append(1.0, 1.0 + values)))


def _base_day(days: Int64) -> int:
    """The day before the first return's period: the end of the month before, or the weekday before."""
    first = to_date(int(days[0]))
    if len(days) > 1 and int(np.diff(days).min()) >= 25:
        return from_date(first.replace(day=1)) - 1
    return int(days[0]) - (3 if first.weekday() == 0 else 2 if first.weekday() == 6 else 1)


@dataclass(frozen=True)
class Parts:
    """What a benchmark of instruments is made of: prices (T, K) in its currency on ``days`` (T,), target weights (K,).

    ``rebalance`` (T,) marks the days at whose close the weights are restored.
    """

    code: str
    currency: str
    instruments: tuple[int, ...]
    days: Int64
    prices: Floats
    weights: Floats
    rebalance: npt.NDArray[np.bool_]
    basis: str


def benchmark_parts(
    market: MarketSnapshot, code: str, *, days: Int64 | None = None, splits: Mapping[int, Splits] | None = None
) -> Parts:
    """The instruments behind a benchmark, on ``days`` as in :func:`benchmark_levels`.

    Raises :class:`InvalidInput` for a benchmark of published levels or returns: nobody knows what is inside.
    """
    if code not in market.benchmark_terms:
        raise unknown("benchmark", code, market.benchmark_terms)
    terms = market.benchmark_terms[code]
    if terms.kind not in ("equal_weight", "weights"):
        raise InvalidInput(f"benchmark {code} is made of published {terms.kind}", field="benchmark",
                           next_step="name a benchmark made of instruments or segments")  # fmt: skip
    return _composed(market, terms, days, splits or {})


def _composed(market: MarketSnapshot, terms: BenchmarkTerms, days: Int64 | None, splits: Mapping[int, Splits]) -> Parts:
    if not terms.instruments:
        raise InvalidInput(f"benchmark {terms.code} has no instruments", field="benchmark")
    ids = np.array(terms.instruments, np.int64)
    basis, chosen = _common_basis(market, ids)
    if days is None:
        histories = {each: chosen.price_history(each) for each in ids.tolist()}
        dates = [series.date for series in histories.values() if series is not None]
        for each, series in histories.items():
            if series is None:
                market.price(each, int(dates[0][-1]) if dates else 0)  # says which price is missing
        begin = max(int(each[0]) for each in dates)
        days = np.unique(np.concatenate(dates))
        days = days[days >= begin]
    matrix = chosen.price_matrix(ids, days)
    prices = split_adjusted(matrix, splits, as_of=int(days[-1]), basis=basis) * _rates(market, terms, ids, days)
    return Parts(
        terms.code, terms.currency, terms.instruments, days, prices, _weights(terms),
        _rebalancing(days, terms.rebalance), basis,
    )  # fmt: skip


def _common_basis(market: MarketSnapshot, ids: Int64) -> tuple[str, MarketSnapshot]:
    """The basis all constituents have: with dividends if possible, else adjusted for splits, else as traded."""
    for basis in reversed(BASES):
        chosen = market.choosing(basis=basis)
        if all(chosen.price_history(each) is not None for each in ids.tolist()):
            return basis, chosen
    return "traded", market


def _rates(market: MarketSnapshot, terms: BenchmarkTerms, ids: Int64, days: Int64) -> Floats:
    currencies = [market.currencies.get(each, terms.currency) for each in ids.tolist()]
    distinct = sorted(set(currencies))
    rows = market.rate_rows(distinct, terms.currency, days)
    for gap in rows.gaps():
        raise MissingRate(
            f"benchmark {terms.code} needs {format_pair(gap.what.split()[0], terms.currency)} from "
            f"{format_date(gap.first)} to {format_date(gap.last)}",
            field="fx",
            next_step="import its rates",
        )
    rates = np.asarray(rows.num, np.float64) / np.asarray(rows.den, np.float64)
    return rates[:, [distinct.index(each) for each in currencies]]


def _weights(terms: BenchmarkTerms) -> Floats:
    count = len(terms.instruments)
    if terms.kind == "equal_weight":
        return np.full(count, 1 / count)
    weights = np.array([mantissa * 10.0**exponent for mantissa, exponent in terms.weights])
    if len(weights) != count or abs(float(weights.sum()) - 1) > 1e-9:
        raise InvalidInput(f"benchmark {terms.code} has {len(weights)} weights that sum to {weights.sum():g}",
                           field="benchmark", expected=f"{count} weights that sum to 1")  # fmt: skip
    return weights


def _rebalancing(days: Int64, rebalance: str) -> npt.NDArray[np.bool_]:
    """Days at whose close the weights are restored: the last day of each period."""
    if rebalance not in REBALANCES:
        raise unknown("rebalancing", rebalance, REBALANCES)
    if rebalance == "daily":
        return np.ones(len(days), np.bool_)
    if rebalance == "never":
        return np.zeros(len(days), np.bool_)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // _MONTHS[rebalance]
    return np.append(np.diff(months) != 0, False)


def _held(prices: Floats, weights: Floats, rebalance: npt.NDArray[np.bool_]) -> Floats:
    """Levels of a portfolio that starts at 100 with these weights and restores them on the days marked."""
    levels = np.empty(len(prices))
    begin, level = 0, BASE_LEVEL
    for end in [*np.flatnonzero(rebalance[:-1]).tolist(), len(prices) - 1]:
        part = prices[begin : end + 1] / prices[begin]
        levels[begin : end + 1] = level * (part @ weights)
        begin, level = end, float(levels[end])
    return levels
