"""Transaction-based attribution: what buy-and-hold explains, and what trading inside the period added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.inputs import Float64, UndefinedEffect, matrix, same_shape, vector


@dataclass(frozen=True)
class TradingEffects:
    """Per period and security, shape (T, N), and per period, shape (T,).

    Identity: holdings.sum(1) + trading.sum(1) + residual = actual within 1e-12. ``residual`` is what neither prices
    nor the trades given explain (a fee outside the lines, a missing price): its own named line, 0 when all is known.
    """

    holdings: Float64
    trading: Float64
    residual: Float64
    actual: Float64


def trading_effects(
    start_value: npt.ArrayLike, profit: npt.ArrayLike, r_hold: npt.ArrayLike, r_actual: npt.ArrayLike
) -> TradingEffects:
    """Separate each security's contribution into holding what was there at the start and trading since.

    Answers: how much of the return came from trades made inside the period (timing, costs, intraday moves)?

    Parameters
    ----------
    start_value : (T, N) float, value of each line at the start of the period, base currency
    profit : (T, N) float, money each line made in the period: end value - start value - bought + sold + income - costs
    r_hold : (T, N) float, return of the line if nothing had been traded
    r_actual : (T,) float, the portfolio's return from NAV

    Returns
    -------
    TradingEffects

    Raises
    ------
    UndefinedEffect    the portfolio's value at the start of a period is not positive.

    Examples
    --------
    >>> fx = trading_effects([[60.0, 40.0]], [[6.5, 0.8]], [[0.10, 0.02]], [0.073])
    >>> fx.holdings.round(4).tolist(), fx.trading.round(4).tolist(), float(abs(fx.residual[0]).round(12))
    ([[0.06, 0.008]], [[0.005, 0.0]], 0.0)
    """
    value, earned, hold = matrix("start_value", start_value), matrix("profit", profit), matrix("r_hold", r_hold)
    actual = vector("r_actual", r_actual)
    same_shape(start_value=value, profit=earned, r_hold=hold)
    same_shape(r_actual=actual, start_value=value[:, 0])
    total = value.sum(axis=1)
    if (total <= 0.0).any():
        period = int(np.argmax(total <= 0.0))
        raise UndefinedEffect(
            f"the portfolio's value at the start of period {period} is {total[period]:.6g}",
            field="start_value",
            expected="a positive value",
            next_step="start the analysis after the first deposit",
        )
    holdings = value * hold / total[:, None]
    contribution = earned / total[:, None]
    return TradingEffects(holdings, contribution - holdings, actual - contribution.sum(axis=1), actual)
