"""Money-weighted returns: every rate at which dated flows are worth zero, or why there is none.

Flows are the investor's: paid in is negative, paid out or left at the end is positive. Rates are per year, above -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.errors import InvalidInput
from argosy.kernels import irr as kernel
from argosy.measures.performance.reasons import (
    AmbiguousMeasure,
    Float64,
    Measured,
    Reason,
    Reasons,
    undefined,
)
from argosy.measures.performance.series import day_numbers, refusal, refuse_not_finite, same_length, vector

YEAR = 365.0
"""Days of a year: actual/365 fixed, as spreadsheets and most peers count."""

_REASONS = np.zeros(16, dtype=np.uint8)
_REASONS[kernel.ONE_SIGN] = Reason.ONE_SIGN
_REASONS[kernel.SAME_DAY] = Reason.SAME_DAY
_REASONS[kernel.ALL_ZERO] = Reason.ALL_ZERO
_REASONS[kernel.NO_ROOT] = Reason.NO_ROOT
_REASONS[kernel.SEVERAL] = Reason.SEVERAL_ROOTS
_REASONS[kernel.TOO_LARGE] = Reason.OVERFLOW


@dataclass(frozen=True, slots=True)
class RateOfReturn:
    """All rates of one stream, ascending, or the reason why there is none."""

    rates: tuple[float, ...]
    reason: Reason

    def number(self) -> float:
        """The one rate; :class:`AmbiguousMeasure` with all of them where there are several."""
        if self.reason == Reason.SEVERAL_ROOTS:
            shown = ", ".join(f"{rate:.6%}" for rate in self.rates)
            raise AmbiguousMeasure(
                f"internal rate of return is ambiguous: {shown} all fit", self.rates, field="flows",
                next_step=self.reason.next_step,
            )  # fmt: skip
        if self.reason:
            raise undefined("internal rate of return", self.reason)
        return self.rates[0]


@dataclass(frozen=True, eq=False)
class RatesOfReturn:
    """Rates (S,) of many streams, a reason where there is not exactly one; ``several`` holds all rates by stream."""

    values: Float64
    reasons: Reasons
    several: dict[int, tuple[float, ...]]

    @property
    def measured(self) -> Measured:
        """The rates as one measure of many series."""
        return Measured(self.values, self.reasons)


def rates_of_return(flows: Any, days: Any, *, year: float = YEAR) -> RateOfReturn:
    """Find every rate of dated flows.

    Examples
    --------
    >>> found = rates_of_return([-1000, 2550, -1625], [0, 365, 730])
    >>> [round(rate, 10) for rate in found.rates], found.reason.name
    ([0.25, 0.3], 'SEVERAL_ROOTS')
    >>> rates_of_return([-100.0, 200.0, -150.0], [0, 365, 730]).reason.sentence
    'no rate makes these flows worth zero'
    """
    amounts, at = vector(flows, "flows", least=2), day_numbers(days)
    same_length(flows=amounts, days=at)
    status, found = kernel.all_rates(amounts.tolist(), ((at - at.min()) / _year(year)).tolist())
    return RateOfReturn(tuple(found), Reason(int(_REASONS[status])))


def xirr(flows: Any, days: Any, *, year: float = YEAR) -> float:
    """Give the annual rate at which dated flows are worth zero: ``sum F_i (1 + r)^(-(d_i - d_0) / 365) = 0``.

    ``flows`` (M,), ``days`` (M,) dates, ISO text or day numbers in any order. Raises :class:`UndefinedMeasure` with the
    reason where there is no rate, :class:`AmbiguousMeasure` with all rates where there are several.

    Examples
    --------
    >>> dates = ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"]
    >>> round(xirr([-10000, 2750, 4250, 3250, 2750], dates), 6)
    0.373363
    """
    return rates_of_return(flows, days, year=year).number()


def irr(flows: Any) -> float:
    """Give the rate per period at which flows one period apart are worth zero; errors as :func:`xirr`.

    Examples
    --------
    >>> round(irr([-100.0, 0.0, 121.0]), 12)
    0.1
    """
    amounts = vector(flows, "flows", least=2)
    return rates_of_return(amounts, np.arange(amounts.size), year=1.0).number()


def xirr_all(
    flows: Any, days: Any, *, offsets: Any = None, year: float = YEAR, engine: kernel.Engine = "auto"
) -> RatesOfReturn:
    """Find the rates of many streams at once.

    ``flows`` (S, M) with ``days`` (S, M) or (M,); or streams of different lengths one after the other, (N,) and (N,),
    with ``offsets`` (S + 1,). Fastest where days ascend within each stream. Raises :class:`InvalidInput` for NaN.

    Examples
    --------
    >>> found = xirr_all([[-100.0, 110.0], [-100.0, -5.0]], [0, 365])
    >>> found.values.round(12).tolist(), Reason(int(found.reasons[1])).name
    ([0.1, nan], 'ONE_SIGN')
    """
    amounts = np.asarray(flows, dtype=np.float64)
    at = np.asarray(days)
    at = day_numbers(at.ravel()).reshape(at.shape)
    if offsets is None:
        if amounts.ndim != 2 or amounts.shape[1] == 0 or at.shape not in (amounts.shape, amounts.shape[1:]):
            raise refusal(
                f"flows has shape {amounts.shape}, days {at.shape}", field="flows",
                expected="(streams, flows), and days of that shape or (flows,)",
            )  # fmt: skip
        bounds = np.arange(0, amounts.size + 1, amounts.shape[1], dtype=np.int64)
        at = np.broadcast_to(at, amounts.shape)
    else:
        bounds = np.asarray(offsets, dtype=np.int64)
        rises = bounds.ndim == 1 and bounds.size > 0 and bool((np.diff(bounds) > 0).all())
        if not rises or amounts.ndim != 1 or bounds[0] != 0 or bounds[-1] != amounts.size or at.shape != amounts.shape:
            raise refusal(
                "offsets do not cut flows into streams",
                field="offsets",
                expected="0 first, ascending, last the number of flows",
            )
    rates, status, several = kernel.rates(
        np.ascontiguousarray(amounts.ravel()), np.ascontiguousarray(at.ravel()), bounds, year=_year(year), engine=engine
    )
    if (status == kernel.NOT_FINITE).any():
        refuse_not_finite(amounts, "flows")
        raise InvalidInput("flows are too large to add up", field="flows")
    return RatesOfReturn(rates, _REASONS[status], {row: tuple(found) for row, found in several.items()})


@dataclass(frozen=True, slots=True)
class MoneyWeighted:
    """Money-weighted return of a period: over the period, and per year where it lasts one."""

    period: float
    years: float
    rate: float
    """Annual effective rate, also where the period is shorter than a year; not to be shown then."""

    @property
    def annual(self) -> float:
        """The annual rate; :class:`UndefinedMeasure` for a period under a year."""
        if self.years < 1.0 - 1e-9:
            raise undefined("annual money-weighted return", Reason.UNDER_A_YEAR, detail=f"{self.years:.4f} years")
        return self.rate


def money_weighted_return(
    start_value: float, end_value: float, start: Any, end: Any, *, flows: Any = (), days: Any = (), year: float = YEAR
) -> MoneyWeighted:
    """Give the internal rate of return of a portfolio between two values, flows into it positive.

    Examples
    --------
    >>> found = money_weighted_return(100.0, 171.6, "2021-01-01", "2022-01-01", flows=[50.0], days=["2021-07-02"])
    >>> round(found.period, 6), round(found.annual, 6)
    (0.174101, 0.174101)
    """
    first, last = day_numbers([start], "start")[0], day_numbers([end], "end")[0]
    at, amounts = day_numbers(days), vector(flows, "flows", least=0)
    same_length(flows=amounts, days=at)
    if last <= first or (at < first).any() or (at > last).any():
        raise InvalidInput("the period ends before it begins or a flow lies outside", field="days")
    stream = np.concatenate([[-start_value], -amounts, [end_value]])
    rate = xirr(stream, np.concatenate([[first], at, [last]]), year=year)
    years = float(last - first) / _year(year)
    return MoneyWeighted(float((1.0 + rate) ** years - 1.0), years, rate)


def modified_irr(flows: Any, *, finance_rate: float, reinvest_rate: float) -> float:
    """Give the rate per period with payments discounted and receipts carried forward at given rates.

    ``(FV of receipts / PV of payments)^(1 / (n - 1)) - 1`` (Lin 1976). Raises :class:`UndefinedMeasure` for one sign.

    Examples
    --------
    >>> round(modified_irr([-120000, 39000, 30000, 21000, 37000, 46000], finance_rate=0.1, reinvest_rate=0.12), 10)
    0.1260941304
    """
    amounts = vector(flows, "flows", least=2)
    if min(finance_rate, reinvest_rate) <= -1.0:
        raise InvalidInput("a rate loses everything", field="finance_rate", found=min(finance_rate, reinvest_rate))
    last = amounts.size - 1
    place = np.arange(amounts.size)
    paid = float((np.maximum(-amounts, 0.0) * (1.0 + finance_rate) ** -place).sum())
    back = float((np.maximum(amounts, 0.0) * (1.0 + reinvest_rate) ** (last - place)).sum())
    if paid == 0.0 or back == 0.0:
        raise undefined("modified internal rate of return", Reason.ONE_SIGN)
    return float((back / paid) ** (1.0 / last) - 1.0)


def _year(year: float) -> float:
    if not year > 0.0:
        raise InvalidInput("a year has no days", field="year", found=year)
    return float(year)
