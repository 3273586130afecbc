"""What one step of quantity was worth by day, as float64: where exact valuation ends and measuring begins.

The same prices, adjustments for splits, factors and rates as the exact valuation, asked once for all portfolios.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.share_basis import SplitBook, per_share_row
from argosy.measures.valuation.units import unit_accrued, unit_value
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Rule = tuple[str, tuple[str, ...]]
"""Basis and sources of prices, as a mandate says."""


class UnitValues:
    """Remembers what it computed for ``days`` (ascending epoch days); every array is (days,).

    A day without a price has 0: valuation says which days those are and they are never measured.
    """

    def __init__(self, reference: Reference, market: MarketSnapshot, days: Int64, *, splits: SplitBook) -> None:
        self.reference, self.market, self.days, self._splits = reference, market, days, splits
        self.rates = Rates(market)
        self._prices: dict[tuple[int, Rule], Float64] = {}
        self._accrued: dict[int, Float64] = {}
        self._rates: dict[tuple[str, str], Float64] = {}

    def prepare(self, instruments: Iterable[int], rule: Rule) -> None:
        """Read the prices of many instruments at once."""
        wanted = [one for one in instruments if (one, rule) not in self._prices]
        if not wanted:
            return
        matrix = self.market.choosing(basis=rule[0], sources=rule[1]).price_matrix(
            np.array(wanted, np.int64), self.days
        )
        for column, one in enumerate(wanted):
            mantissa, exponent = per_share_row(
                matrix.mantissa[:, column], int(matrix.exponent[column]), matrix.age[:, column],
                matrix.missing[:, column], self.days, self._splits.get(one, ()), basis=rule[0],
            )  # fmt: skip
            self._prices[one, rule] = _unit_row(self.reference.instruments[one], mantissa, exponent)

    def price(self, instrument: int, rule: Rule) -> Float64:
        """Value of one step of quantity (10**-scale of a unit) in the instrument's currency, without accrued."""
        if (instrument, rule) not in self._prices:
            self.prepare([instrument], rule)
        return self._prices[instrument, rule]

    def accrued(self, instrument: int) -> Float64:
        """Accrued interest of one step of quantity in the instrument's currency."""
        if instrument not in self._accrued:
            terms = self.reference.instruments[instrument]
            if terms.bond is None:
                found = np.zeros(len(self.days))
            else:
                found = np.array([scaled(*unit_accrued(terms, day)) for day in self.days.tolist()])
            self._accrued[instrument] = found * 10.0**-terms.quantity_scale
        return self._accrued[instrument]

    def rate(self, currency: str, target: str) -> Float64:
        """Units of ``target`` for one of ``currency``; 0 on days without a rate."""
        key = (currency, target)
        if key not in self._rates:
            found = self.rates.over(currency, target, self.days)
            self._rates[key] = np.array([0.0 if one is None else one[0] / one[1] for one in found])
        return self._rates[key]

    def money(self, currency: str) -> float:
        """One step of money of a currency as units of it."""
        return float(10.0 ** -self.reference.money_scale(currency))


def scaled(mantissa: int, exponent: int) -> float:
    """A decimal as the nearest float64.

    Examples
    --------
    >>> scaled(123, -2)
    1.23
    """
    return mantissa / 10**-exponent if exponent < 0 else float(mantissa * 10**exponent)


def _unit_row(instrument: Instrument, mantissa: npt.NDArray[Any], exponent: int) -> Float64:
    step = instrument.quantity_scale
    if instrument.inverse:
        rows = [unit_value(instrument, int(one), exponent) if one else (0, 0) for one in mantissa]
        return np.array([scaled(value, power - step) for value, power in rows])
    power = exponent + instrument.factor.exponent - step
    values = mantissa.astype(np.float64) * float(instrument.factor.mantissa)
    return np.asarray(values / 10.0**-power if power < 0 else values * 10.0**power)
