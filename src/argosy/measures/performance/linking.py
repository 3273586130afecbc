"""How returns of successive periods become one, and the coefficients that let contributions of each add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.measures.performance.reasons import Reason, undefined
from argosy.measures.performance.series import refusal, refuse_not_finite, same_length, vector

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def simple_returns(prices: Any) -> Float64:
    """Give the simple return of each step of prices or index levels (T + 1,), all above zero: ``P_t / P_(t-1) - 1``.

    Examples
    --------
    >>> simple_returns([100.0, 110.0, 99.0]).round(12).tolist()
    [0.1, -0.1]
    """
    levels = vector(prices, "prices", least=2)
    if (levels <= 0.0).any():
        place = int((levels <= 0.0).argmax())
        raise InvalidInput(
            f"prices[{place}] is {levels[place]}, not above zero",
            field="prices",
            found=float(levels[place]),
            next_step="leave the day out or give its price",
        )
    return np.asarray(levels[1:] / levels[:-1] - 1.0)


def log_returns(returns: Any) -> Float64:
    """Give log returns ``ln(1 + r)`` of simple returns above -1.

    Examples
    --------
    >>> log_returns([0.1]).round(6).tolist()
    [0.09531]
    """
    simple = vector(returns, "returns")
    if (simple <= -1.0).any():
        raise undefined("log return", Reason.TOTAL_LOSS, detail=f"returns[{int((simple <= -1.0).argmax())}]")
    return np.log1p(simple)


def from_log_returns(returns_log: Any) -> Float64:
    """Give simple returns ``exp(l) - 1`` of log returns.

    Examples
    --------
    >>> from_log_returns([0.0]).tolist()
    [0.0]
    """
    return np.expm1(vector(returns_log, "returns_log"))


def holding_period_return(start: float, end: float, income: float = 0.0) -> float:
    """Give the return of what cost ``start``, is worth ``end`` and paid ``income``: ``(end + income) / start - 1``.

    Raises :class:`UndefinedMeasure` where ``start`` is zero or less.

    Examples
    --------
    >>> round(holding_period_return(100.0, 105.0, 2.0), 12)
    0.07
    """
    vector([start, end, income], "values")
    if start <= 0.0:
        raise undefined("holding period return", Reason.NO_CAPITAL)
    return (end + income) / start - 1.0


def link(returns: Any) -> float:
    """Compound simple returns of successive periods: ``prod(1 + r_t) - 1``. None at all is 0.

    Raises :class:`UndefinedMeasure` for a return below -1.

    Examples
    --------
    >>> round(link([0.1, -0.1]), 12)
    -0.01
    """
    simple = vector(returns, "returns", least=0)
    _compoundable(simple)
    return float(np.prod(1.0 + simple)) - 1.0


def linked_path(returns: Any) -> Float64:
    """Wealth of 1 at the start and after each period (T + 1,).

    Examples
    --------
    >>> linked_path([0.1, -0.1]).round(12).tolist()
    [1.0, 1.1, 0.99]
    """
    simple = vector(returns, "returns", least=0)
    _compoundable(simple)
    return np.concatenate([[1.0], np.cumprod(1.0 + simple)])


def link_groups(returns: Any, groups: Any) -> tuple[Int64, Float64]:
    """Compound returns within runs of one group label, such as the week, month or year that a day belongs to.

    ``groups`` (T,) whole numbers, not falling. Gives the labels and the linked return of each, in order.

    Examples
    --------
    >>> labels, linked = link_groups([0.1, 0.1, 0.0, -0.5], [2020, 2020, 2021, 2021])
    >>> labels.tolist(), linked.round(12).tolist()
    ([2020, 2021], [0.21, -0.5])
    """
    simple = vector(returns, "returns")
    labels = np.asarray(groups, dtype=np.int64)
    same_length(returns=simple, groups=labels)
    _compoundable(simple)
    if (np.diff(labels) < 0).any():
        raise refusal("groups are not in order", field="groups", expected="labels that do not fall")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(labels) > 0]))
    return labels[starts], np.multiply.reduceat(1.0 + simple, starts) - 1.0


def carino_coefficients(returns: Any) -> Float64:
    """Coefficients (T,) by which contributions of each period add up to the linked return (Cariño 1999).

    ``c_t = [ln(1 + r_t) / r_t] / [ln(1 + R) / R]``, each fraction 1 where its return is 0; every return above -1.

    Examples
    --------
    >>> r = np.array([0.1, -0.2, 0.05])
    >>> abs(float(carino_coefficients(r) @ r) - link(r)) < 1e-15
    True
    """
    simple = vector(returns, "returns")
    if (simple <= -1.0).any():
        raise undefined("linking coefficient", Reason.TOTAL_LOSS, detail=f"returns[{int((simple <= -1.0).argmax())}]")
    logs = np.log1p(simple)
    total_log = float(logs.sum())
    return np.asarray(_log_ratio(logs) / _log_ratio(np.array([total_log])))


def _log_ratio(logs: Float64) -> Float64:
    """``l / (exp(l) - 1)``, 1 at zero; accurate near zero because it never subtracts."""
    safe = np.where(logs == 0.0, 1.0, logs)
    return np.where(logs == 0.0, 1.0, safe / np.expm1(safe))


def _compoundable(simple: Float64) -> None:
    refuse_not_finite(simple, "returns")
    if (simple < -1.0).any():
        place = int((simple < -1.0).argmax())
        raise undefined("linked return", Reason.BELOW_TOTAL_LOSS, detail=f"returns[{place}] is {simple[place]}")
