"""Whether trading pays: tracking error removed, in money, against what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.checks import Float64, finite, number

Cost = Callable[[Float64], float]
"""Money that a vector of trades (N, money) costs: commission, spread, impact, exchange, taxes."""


@dataclass(frozen=True, eq=False)
class Worth:
    """What a set of trades is worth: ``net`` is benefit less cost, in money over the horizon.

    ``part`` is how much of the way it goes. Tracking errors are per year, before and after.
    """

    trades: Float64
    part: float
    tracking_error_before: float
    tracking_error_after: float
    benefit: float
    cost: float

    @property
    def net(self) -> float:
        """Benefit less cost."""
        return self.benefit - self.cost

    @property
    def pays(self) -> bool:
        """Whether it is worth more than it costs."""
        return self.net > 0.0


def worth(
    trades: npt.ArrayLike, away: npt.ArrayLike, covariance: npt.ArrayLike, *, value: float, risk_aversion: float,
    years: float, cost: Cost, part: float = 1.0,
) -> Worth:  # fmt: skip
    """The worth of trades (N, money) for a portfolio whose weights are ``away`` (N) from target.

    The certainty-equivalent loss of being away is ``risk_aversion / 2 * TE^2`` a year (active risk as mean-variance
    utility sees it, Grinold & Kahn 2000, ch. 4); trading removes part of it for ``years`` until drift would have
    brought it back or the next rebalance comes.

    Examples
    --------
    >>> found = worth([-5.0, 5.0], [0.05, -0.05], [[0.04, 0.0], [0.0, 0.0]], value=100.0, risk_aversion=4.0, years=1.0,
    ...               cost=lambda trades: 0.001 * abs(trades).sum())
    >>> round(found.benefit, 6), round(found.cost, 6), found.pays
    (0.02, 0.01, True)
    """
    traded = finite("trades", trades)
    apart = finite("away", away, size=traded.size)
    matrix = np.array(covariance, dtype=np.float64)
    if matrix.shape != (traded.size, traded.size):
        raise InvalidInput(f"covariance has shape {matrix.shape}", field="covariance", found=matrix.shape,
                           expected=f"({traded.size}, {traded.size})")  # fmt: skip
    money = number("value", value, above=True)
    after = apart + traded / money
    before_var, after_var = (max(float(x @ matrix @ x), 0.0) for x in (apart, after))
    gain = 0.5 * number("risk_aversion", risk_aversion) * (before_var - after_var) * money * number("years", years)
    return Worth(traded, part, math.sqrt(before_var), math.sqrt(after_var), float(gain), float(cost(traded)))


def best_part(
    trades: npt.ArrayLike, away: npt.ArrayLike, covariance: npt.ArrayLike, *, value: float, risk_aversion: float,
    years: float, cost: Cost, steps: int = 40,
) -> Worth:  # fmt: skip
    """The part of the way (0 to 1) along given trades that is worth most, by golden section.

    The benefit is concave along a line and costs are convex, so the net worth has one top; 40 steps find it to eight
    digits, beyond which the net worth does not change.

    Examples
    --------
    >>> found = best_part([-5.0, 5.0], [0.05, -0.05], [[0.04, 0.0], [0.0, 0.0]], value=100.0, risk_aversion=4.0,
    ...                   years=1.0, cost=lambda trades: 0.001 * abs(trades).sum())
    >>> round(found.part, 4)
    0.75
    """
    whole = finite("trades", trades)

    def at(part: float) -> Worth:
        return worth(part * whole, away, covariance, value=value, risk_aversion=risk_aversion, years=years, cost=cost,
                     part=part)  # fmt: skip

    low, high = 0.0, 1.0
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    left, right = 1.0 - golden, golden
    first, second = at(left).net, at(right).net
    for _ in range(steps):
        # One of the two inner points of a golden section is an inner point of the next: only the other is new.
        if first >= second:
            high, right, second = right, left, first
            left = high - golden * (high - low)
            first = at(left).net
        else:
            low, left, first = left, right, second
            right = low + golden * (high - low)
            second = at(right).net
    return max((at(0.0), at((low + high) / 2.0), at(1.0)), key=lambda one: one.net)


def sentence(trigger: str, chosen: Worth, other: Worth | None, *, value: float, how: str) -> str:
    """Why in one plain sentence, with what the choice saves against trading all the way.

    Examples
    --------
    >>> import numpy as np
    >>> inner = Worth(np.zeros(2), 0.6, 0.02, 0.01, 20.0, 6.0)
    >>> full = Worth(np.zeros(2), 1.0, 0.02, 0.0, 22.0, 20.0)
    >>> sentence("US equity 3.2% over its band", inner, full, value=10_000.0, how="to the inner band")
    'US equity 3.2% over its band; trading to the inner band saves 14 bp of expected cost against full rebalancing'
    """
    if other is None or other.cost <= chosen.cost:
        return f"{trigger}; trading {how} costs {chosen.cost / value * 1e4:.0f} bp and is worth " + (
            f"{chosen.benefit / value * 1e4:.0f} bp"
        )
    saved = (other.cost - chosen.cost) / value * 1e4
    return f"{trigger}; trading {how} saves {saved:.0f} bp of expected cost against full rebalancing"
