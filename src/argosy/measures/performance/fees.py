"""Returns gross and net of fees: accrual, adding back, taking off, and performance fees over a high-water mark.

Fees are positive amounts or fractions of the value at the end of the period before the fee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.measures.performance.linking import linked_path
from argosy.measures.performance.reasons import Flags, Float64, Reason, undefined
from argosy.measures.performance.series import day_numbers, refusal, same_length, vector


def accrued_fees(values: Any, days: Any, annual_fee: float, *, year: float = 365.0) -> Float64:
    """Give the fee accrued over each step of ``days`` (T + 1,) on the values before it: ``V x fee x days / year``.

    ``values`` (T + 1,) at the end of each day given; the result is (T,).

    Examples
    --------
    >>> accrued_fees([1000.0, 1100.0, 1100.0], [0, 73, 146], 0.01).round(6).tolist()
    [2.0, 2.2]
    """
    worth, at = vector(values, "values", least=2), day_numbers(days)
    same_length(values=worth, days=at)
    _fraction(annual_fee, "annual_fee")
    return np.asarray(worth[:-1] * annual_fee * np.diff(at) / year)


def net_returns(gross: Any, fee: Any) -> Float64:
    """Take a fee per period (one number or (T,), fraction of the value at the period's end) off gross returns.

    ``(1 + g)(1 - f) - 1``.

    Examples
    --------
    >>> net_returns([0.1], 0.01).round(12).tolist()
    [0.089]
    """
    returns, share = _with_fee(gross, fee, "gross")
    return np.asarray((1.0 + returns) * (1.0 - share) - 1.0)


def gross_returns(net: Any, fee: Any) -> Float64:
    """Add a fee per period back to net returns: ``(1 + n) / (1 - f) - 1``.

    Examples
    --------
    >>> gross_returns(net_returns([0.1], 0.01), 0.01).round(12).tolist()
    [0.1]
    """
    returns, share = _with_fee(net, fee, "net")
    return np.asarray((1.0 + returns) / (1.0 - share) - 1.0)


def gross_from_amounts(start_values: Any, net: Any, fees: Any) -> Float64:
    """Add fees paid in money (T,) back to net returns (T,) on the values they were earned on: ``n + fee / V0``.

    Raises :class:`UndefinedMeasure` where a starting value is zero or less.

    Examples
    --------
    >>> gross_from_amounts([1000.0], [0.08], [20.0]).round(12).tolist()
    [0.1]
    """
    start, returns, paid = vector(start_values, "start_values"), vector(net, "net"), vector(fees, "fees")
    same_length(start_values=start, net=returns, fees=paid)
    if (start <= 0.0).any():
        raise undefined("gross return", Reason.NO_CAPITAL, detail=f"start_values[{int((start <= 0.0).argmax())}]")
    return np.asarray(returns + paid / start)


@dataclass(frozen=True, eq=False)
class PerformanceFee:
    """Net returns (T,), the fee accrued by the end of each period per unit of starting wealth, the mark at the end."""

    net: Float64
    accrued: Float64
    high_water_mark: float


def performance_fee(returns: Any, rate: float, crystallizes: Any, *, hurdle: Any = 0.0) -> PerformanceFee:
    """Accrue a performance fee over a high-water mark, period by period.

    Parameters
    ----------
    returns : (T,) before the performance fee
    rate : share of the gain above the mark
    crystallizes : (T,) flags: at the end of which periods the accrued fee is paid and the mark is set to the net value
    hurdle : per period, one number or (T,); the mark grows by it until it is set anew

    Examples
    --------
    >>> found = performance_fee([0.1, -0.1, 0.2], 0.2, [True, True, True])
    >>> found.net.round(6).tolist(), found.accrued.round(6).tolist()
    ([0.08, -0.1, 0.182222], [0.02, 0.0, 0.01728])
    """
    before = vector(returns, "returns")
    _fraction(rate, "rate")
    due = np.asarray(crystallizes, dtype=np.bool_)
    steps = np.broadcast_to(np.asarray(hurdle, dtype=np.float64), before.shape)
    same_length(returns=before, crystallizes=due.astype(np.float64))
    linked_path(before)  # refuses returns below -1
    gross = mark = last_net = 1.0
    net, accrued = np.empty(before.size), np.empty(before.size)
    for t in range(before.size):
        gross *= 1.0 + before[t]
        mark *= 1.0 + steps[t]
        fee = rate * max(gross - mark, 0.0)
        worth = gross - fee
        if last_net <= 0.0:
            raise undefined("net return", Reason.TOTAL_LOSS, detail=f"returns[{t}]")
        net[t] = worth / last_net - 1.0
        accrued[t] = fee
        last_net = worth
        if due[t]:
            gross = worth
            mark = max(mark, worth)
    return PerformanceFee(net, accrued, float(mark))


def _fraction(value: float, field: str) -> None:
    if not 0.0 <= value < 1.0:
        raise refusal(f"{field} is {value}", field=field, found=value, expected="a fraction such as 0.01")


def _with_fee(returns: Any, fee: Any, field: str) -> tuple[Float64, Float64]:
    given = vector(returns, field)
    share = vector(np.broadcast_to(np.asarray(fee, dtype=np.float64), given.shape), "fee")
    wrong: Flags = (share < 0.0) | (share >= 1.0)
    if wrong.any():
        _fraction(float(share[int(wrong.argmax())]), "fee")
    return given, share
