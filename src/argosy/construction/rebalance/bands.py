"""Bands around target weights: inside them nothing is traded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.checks import Float64, finite, number, weights_of

EDGE = 1e-12
"""A weight this near to the edge of its band stands on it: what is left is rounding of the division by value."""


@dataclass(frozen=True, eq=False)
class Bands:
    """Outer bands fire a trade, inner bands are where it may stop. All are weights (N): lower <= target <= upper."""

    target: Float64
    lower: Float64
    upper: Float64
    inner_lower: Float64
    inner_upper: Float64
    method: str

    def excess(self, weights: npt.ArrayLike) -> Float64:
        """How far each weight is outside its outer band: above as positive, below as negative, 0 inside."""
        held = finite("weights", weights, size=self.target.size)
        over, under = held - self.upper, self.lower - held
        return np.where(over > EDGE, over, 0.0) - np.where(under > EDGE, under, 0.0)

    def breached(self, weights: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which weights are outside their outer band."""
        return np.asarray(self.excess(weights) != 0.0)


def bands(
    target: npt.ArrayLike, half_width: npt.ArrayLike, *, inner: float = 0.5, floor: float = 0.0,
    method: str = "given", long_only: bool = True,
) -> Bands:  # fmt: skip
    """Bands of given half-widths (N); the inner ones at the fraction ``inner`` of the way to the outer ones.

    ``floor`` is the smallest half-width: without it a line of zero volatility (cash), or of a target of zero, would
    trade at each breath. With ``long_only`` no band reaches below zero.

    Examples
    --------
    >>> found = bands([0.6, 0.4], [0.05, 0.02], inner=0.5)
    >>> found.upper.round(4).tolist(), found.inner_lower.round(4).tolist()
    ([0.65, 0.42], [0.575, 0.39])
    """
    middle = weights_of("target", target)
    half = np.maximum(finite("half_width", half_width, size=middle.size, least=0.0), number("floor", floor))
    if not 0.0 <= inner <= 1.0:
        raise InvalidInput(f"inner is {inner}", field="inner", found=inner,
                           expected="0 (trade to the target) to 1 (trade to the edge)")  # fmt: skip
    low, inner_low = middle - half, middle - inner * half
    if long_only:
        low, inner_low = np.maximum(low, np.minimum(middle, 0.0)), np.maximum(inner_low, np.minimum(middle, 0.0))
    return Bands(middle, low, middle + half, inner_low, middle + inner * half, method)


def tolerance_bands(
    target: npt.ArrayLike, *, absolute: float = 0.05, relative: float = 0.25, inner: float = 0.5, floor: float = 0.0
) -> Bands:
    """The smaller of an absolute and a relative tolerance around each target ("5/25" by default).

    A target of zero has no relative tolerance: it takes the absolute one.

    Source: Daryanani (2008), "Opportunistic rebalancing", Journal of Financial Planning 21(1).

    Examples
    --------
    >>> tolerance_bands([0.6, 0.3, 0.1]).upper.round(4).tolist()
    [0.65, 0.35, 0.125]
    """
    middle = weights_of("target", target)
    near, share = number("absolute", absolute), number("relative", relative)
    half = np.where(middle == 0.0, near, np.minimum(near, share * np.abs(middle)))
    return bands(middle, half, inner=inner, floor=floor, method=f"absolute {near:g}, relative {share:g}")


def volatility_bands(
    target: npt.ArrayLike, volatility: npt.ArrayLike, *, base: float = 0.05, inner: float = 0.5, floor: float = 0.0
) -> Bands:
    """Half-widths in proportion to volatility: ``base * sigma_i / mean(sigma)``.

    Source: Masters (2003), "Rebalancing", Journal of Portfolio Management 29(3).

    Examples
    --------
    >>> found = volatility_bands([0.5, 0.4, 0.1], [0.18, 0.06, 0.25])
    >>> (found.upper - found.target).round(6).tolist(), found.breached([0.56, 0.31, 0.13]).tolist()
    ([0.055102, 0.018367, 0.076531], [True, True, False])
    """
    middle = weights_of("target", target)
    sigma = finite("volatility", volatility, size=middle.size, least=0.0)
    if not sigma.any():
        raise InvalidInput("every volatility is zero", field="volatility", found=0.0,
                           next_step="use tolerance bands for lines that do not move")  # fmt: skip
    half = number("base", base) * sigma / sigma.mean()
    return bands(middle, half, inner=inner, floor=floor, method=f"volatility, base {base:g}")


def no_trade_half_width(weight: float, *, cost: float, risk_aversion: float) -> float:
    """Half-width of the region in which proportional costs forbid trading, for one risky asset beside cash.

    ``(3 / (2 gamma) * k * pi^2 * (1 - pi)^2)^(1/3)`` for Merton weight ``pi``, proportional cost ``k`` and relative
    risk aversion ``gamma``, to leading order in ``k``. It is zero for a weight of 0 or 1 and for no cost; trades
    go to the boundary, not to the target.

    Source: Shreve & Soner (1994), Annals of Applied Probability 4(3); Janecek & Shreve (2004), Finance and
    Stochastics 8(2).

    Examples
    --------
    >>> round(no_trade_half_width(0.6, cost=0.001, risk_aversion=3.0), 10)
    0.0306523773
    """
    pi = number("weight", weight, least=-np.inf)
    return float(
        (1.5 / number("risk_aversion", risk_aversion, above=True) * number("cost", cost) * (pi * (1.0 - pi)) ** 2)
        ** (1.0 / 3.0)
    )


def no_trade_bands(
    target: npt.ArrayLike, *, cost: npt.ArrayLike, risk_aversion: float, floor: float = 0.0, fixed_cost: bool = False
) -> Bands:
    """The no-trade region of each line, taken one by one against the rest of the portfolio.

    ``cost`` is proportional, per line (N) or one number. With proportional costs trades stop at the boundary; with
    ``fixed_cost`` they go all the way, because a second trade would be paid for again.

    Examples
    --------
    >>> no_trade_bands([0.6, 0.4], cost=0.001, risk_aversion=3.0).lower.round(6).tolist()
    [0.569348, 0.369348]
    """
    middle = weights_of("target", target)
    given = np.array(cost, dtype=np.float64)
    each = finite("cost", np.full(middle.size, given) if given.ndim == 0 else given, size=middle.size, least=0.0)
    half = np.array([
        no_trade_half_width(float(weight), cost=float(k), risk_aversion=risk_aversion)
        for weight, k in zip(middle, each, strict=True)
    ])  # fmt: skip
    return bands(
        middle,
        half,
        inner=0.0 if fixed_cost else 1.0,
        floor=floor,
        method=f"no-trade region, aversion {risk_aversion:g}",
    )


def dynamic_bands(base: Bands, volatility_now: npt.ArrayLike, volatility_normal: npt.ArrayLike) -> Bands:
    """Bands that breathe with the market: each width times ``(sigma_now / sigma_normal)^(2/3)``.

    In a calm market drift is slow and narrow bands cost little; in a wild one wide bands stop trading on noise. For a
    weight that wanders with volatility ``s``, a penalty of ``c/2`` on its squared distance and a proportional cost
    ``k``, the mean cost per unit of time inside bands of half-width ``d`` is ``c d^2 / 6 + k s^2 / (2 d)``; it is
    least at ``d = (3 k s^2 / (2 c))^(1/3)``, which grows with ``s^(2/3)``.

    Examples
    --------
    >>> calm = tolerance_bands([0.6, 0.4])
    >>> (dynamic_bands(calm, [0.4, 0.1], [0.2, 0.1]).upper - calm.target).round(4).tolist()
    [0.0794, 0.05]
    """
    now = finite("volatility_now", volatility_now, size=base.target.size, least=0.0)
    normal = finite("volatility_normal", volatility_normal, size=base.target.size, least=0.0)
    if (normal == 0.0).any() and (now[normal == 0.0] != 0.0).any():
        raise InvalidInput("a line that never moved has volatility now", field="volatility_normal", found=0.0)
    ratio = np.where(normal > 0.0, now / np.where(normal > 0.0, normal, 1.0), 1.0) ** (2.0 / 3.0)
    middle = base.target

    def wider(edge: Float64) -> Float64:
        return middle + (edge - middle) * ratio

    return Bands(
        middle, np.maximum(wider(base.lower), np.minimum(base.lower, 0.0)), wider(base.upper),
        np.maximum(wider(base.inner_lower), np.minimum(base.inner_lower, 0.0)), wider(base.inner_upper),
        f"{base.method}, scaled by volatility",
    )  # fmt: skip
