"""The square-root law of market impact: a trade moves the price by volatility times the root of its share of a day.

Almgren, Thum, Hauptmann and Li (2005); Gatheral (2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TradeCost:
    """Cost of one order: impact, half-spread and their sum in basis points of its value, and the money.

    ``warnings`` say where the law is used outside the trades it was fitted to.
    """

    impact_bps: float
    total_bps: float
    cost: float
    warnings: tuple[str, ...] = ()


def square_root_cost(
    quantity: float, *, volume: float, volatility: float, price: float, half_spread_bps: float = 0.0,
    coefficient: float = 1.0,
) -> TradeCost:  # fmt: skip
    """Answer what an order costs: ``Y sigma sqrt(Q / V)`` plus half the spread.

    Parameters
    ----------
    quantity, volume : units traded, and units that trade in a day
    volatility : of one day, as a fraction; its horizon is that of ``volume``
    price : of a unit
    half_spread_bps : half of bid to ask, in basis points
    coefficient : Y, about 1

    Raises
    ------
    InvalidInput
        Volume, price or volatility not positive or not finite; a negative half-spread or coefficient.

    Examples
    --------
    >>> found = square_root_cost(100_000, volume=2_000_000, volatility=0.02, price=50, half_spread_bps=2.5)
    >>> round(found.impact_bps, 3), round(found.cost, 2)
    (44.721, 23610.68)
    """
    for field, value, positive in (
        ("volume", volume, True), ("price", price, True), ("volatility", volatility, False),
        ("half_spread_bps", half_spread_bps, False), ("coefficient", coefficient, False), ("quantity", quantity, None),
    ):  # fmt: skip
        if not np.isfinite(value) or (positive and value <= 0.0) or (positive is False and value < 0.0):
            raise InvalidInput(f"{field} is {value!r}", field=field, found=value,
                               expected="positive" if positive else "finite and not negative")  # fmt: skip
    share = abs(quantity) / volume
    impact = coefficient * volatility * float(np.sqrt(share)) * 1e4
    total = impact + half_spread_bps if quantity else 0.0
    warnings = (
        (f"the order is {share:.3g} days of volume, beyond the trades the law was fitted to",) if share > 1.0 else ()
    )
    return TradeCost(impact, total, total * 1e-4 * abs(quantity) * price, warnings)


def impact_coefficients(
    *, volatility: npt.ArrayLike, volume_value: npt.ArrayLike, nav: float, coefficient: float = 1.0
) -> Float64:
    """Coefficients (N,) of ``|weight traded|^1.5`` in units of portfolio value: ``Y sigma sqrt(nav / V)``.

    ``volatility`` (N,) of one day, ``volume_value`` (N,) the money that trades in a day, ``nav`` the portfolio's value
    in the same money.

    Examples
    --------
    >>> one = impact_coefficients(volatility=[0.02], volume_value=[1e8], nav=1e8)
    >>> round(float(one[0]) * 0.05**1.5 / 0.05 * 1e4, 3)  # 5% of the portfolio is 5% of a day's volume
    44.721
    """
    sigma, volume = np.asarray(volatility, dtype=np.float64), np.asarray(volume_value, dtype=np.float64)
    if not np.isfinite(nav) or nav <= 0.0:
        raise InvalidInput(f"the portfolio's value {nav!r} must be positive", field="nav")
    if not np.isfinite(coefficient) or coefficient < 0.0:
        raise InvalidInput(f"the coefficient {coefficient!r} must not be negative", field="coefficient")
    if not np.isfinite(sigma).all() or (sigma < 0.0).any():
        raise InvalidInput("daily volatilities must be finite and not negative", field="volatility")
    if not np.isfinite(volume).all() or (volume <= 0.0).any():
        raise InvalidInput("a name without volume cannot be traded at any cost", field="volume_value",
                           next_step="forbid its trade with 'trade of NAME <= 0%'")  # fmt: skip
    found: Float64 = coefficient * sigma * np.sqrt(nav / volume)
    return found
