"""How far to trade: to the target, to the edge of the band, to the inner band, or as little as cash allows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown
from argosy.construction.rebalance.bands import Bands
from argosy.construction.rebalance.checks import Float64, finite, number, weights_of

HOW_FAR = ("target", "edge", "inner")


def trade_to(weights: npt.ArrayLike, bands: Bands, how: str = "inner") -> Float64:
    """Weights (N) after trading: lines outside their band go to the target, the edge or the inner band.

    Lines inside stay, but for what has to be bought or sold to balance: that comes from the lines furthest from their
    own targets on the side that helps, so the turnover is the least that brings every line inside. Nothing outside its
    band: nothing is traded.

    Examples
    --------
    >>> from argosy.construction.rebalance.bands import bands
    >>> policy = bands([0.5, 0.3, 0.2], [0.05, 0.05, 0.05], inner=0.5)
    >>> trade_to([0.6, 0.25, 0.15], policy, "edge").round(4).tolist()
    [0.55, 0.275, 0.175]
    >>> trade_to([0.6, 0.25, 0.15], policy, "inner").round(4).tolist()
    [0.525, 0.2875, 0.1875]
    """
    if how not in HOW_FAR:
        raise unknown("distance", how, HOW_FAR)
    held = weights_of("weights", weights)
    outside = bands.excess(held) != 0.0
    if not outside.any():
        return held.copy()
    if how == "target":
        return bands.target.copy()
    low, high = (bands.lower, bands.upper) if how == "edge" else (bands.inner_lower, bands.inner_upper)
    moved = np.where(outside, np.clip(held, low, high), held)
    return _balanced(moved, bands.target)


def _balanced(moved: Float64, target: Float64) -> Float64:
    """Weights brought to sum to one by moving lines towards their targets, each in proportion to its distance.

    The distances on the side that helps always sum to at least what is needed, because the targets sum to one.
    """
    short = 1.0 - float(moved.sum())
    gap = np.maximum(target - moved, 0.0) if short > 0.0 else np.minimum(target - moved, 0.0)
    room = float(gap.sum())
    return moved + gap * (short / room) if room else moved


def invest(values: npt.ArrayLike, target: npt.ArrayLike, amount: float) -> Float64:
    """Purchases (N, in money) that place an amount of cash with the least trading: only lines below target are bought.

    Lines are filled from the one furthest below its target share, so that after the purchases the largest shortfall
    relative to target is as small as it can be. ``values`` are what the lines are worth without the cash.

    Examples
    --------
    >>> invest([60.0, 25.0, 15.0], [0.5, 0.3, 0.2], 10.0).round(4).tolist()
    [0.0, 5.0, 5.0]
    """
    held, wanted = finite("values", values, least=0.0), weights_of("target", target)
    new = number("amount", amount)
    if held.size != wanted.size:
        raise InvalidInput(f"values has {held.size} lines, target has {wanted.size}", field="values")
    if (wanted < 0.0).any():
        raise InvalidInput("a target is negative", field="target", next_step="short lines need an optimizer")
    # Lines are raised together to one level of value per unit of target.
    level = _level(lambda lam: float(np.maximum(lam * wanted - held, 0.0).sum()), new, held, wanted, rising=True)
    bought = np.maximum(level * wanted - held, 0.0)
    total = float(bought.sum())
    return bought * (new / total) if total else np.where(wanted > 0.0, new * wanted, 0.0)


def raise_cash(values: npt.ArrayLike, target: npt.ArrayLike, amount: float) -> Float64:
    """Sales (N, in money, positive) that raise an amount with the least trading: lines most above target go first.

    Examples
    --------
    >>> raise_cash([60.0, 25.0, 15.0], [0.5, 0.3, 0.2], 10.0).round(4).tolist()
    [10.0, 0.0, 0.0]
    """
    held, wanted = finite("values", values, least=0.0), weights_of("target", target)
    needed = number("amount", amount)
    if held.size != wanted.size:
        raise InvalidInput(f"values has {held.size} lines, target has {wanted.size}", field="values")
    if needed > held.sum():
        raise InvalidInput(
            f"{needed:,.2f} is asked for and all lines are worth {held.sum():,.2f}", field="amount", found=needed,
            expected=f"at most {held.sum():,.2f}", next_step="raise less, or take cash from elsewhere",
        )  # fmt: skip
    level = _level(lambda lam: float(np.maximum(held - lam * wanted, 0.0).sum()), needed, held, wanted, rising=False)
    sold = np.minimum(np.maximum(held - level * wanted, 0.0), held)
    total = float(sold.sum())
    return sold * (needed / total) if total else sold


def _level(trades: Callable[[float], float], amount: float, held: Float64, wanted: Float64, *, rising: bool) -> float:
    """The level at which trades sum to an amount: piecewise linear between the ratios of the lines, solved exactly."""
    ratios = np.unique(held[wanted > 0.0] / wanted[wanted > 0.0])
    marks = np.concatenate([[0.0], ratios])
    sums = np.array([trades(float(mark)) for mark in marks])
    if rising:
        at = int(np.searchsorted(sums, amount, side="right")) - 1
        share = float(wanted[(wanted > 0.0) & (held <= marks[at] * wanted * (1.0 + 1e-15))].sum())
        return float(marks[at] + (amount - sums[at]) / share) if share else float(marks[at])
    at = int(np.searchsorted(-sums, -amount, side="right")) - 1  # sums fall as the level rises
    if at + 1 >= marks.size:
        return float(marks[-1])
    drop = float(sums[at] - sums[at + 1])
    return float(marks[at] + (sums[at] - amount) / drop * (marks[at + 1] - marks[at])) if drop else float(marks[at])


def within_liquidity(
    trades: npt.ArrayLike, daily_volume: npt.ArrayLike, *, participation: float = 0.1, days: int = 1
) -> tuple[Float64, Float64, npt.NDArray[np.int64]]:
    """Trades (N, money) cut to a share of volume over some days: what is traded, what is left, days each needs in all.

    Examples
    --------
    >>> now, left, need = within_liquidity([100.0, -300.0], [2000.0, 1000.0], participation=0.1, days=1)
    >>> now.tolist(), left.tolist(), need.tolist()
    ([100.0, -100.0], [0.0, -200.0], [1, 3])
    """
    asked = finite("trades", trades)
    volume = finite("daily_volume", daily_volume, size=asked.size, least=0.0)
    share = number("participation", participation, above=True)
    if days < 1:
        raise InvalidInput(f"days is {days}", field="days", found=days, expected="1 or more")
    none = (volume == 0.0) & (asked != 0.0)
    if none.any():
        raise InvalidInput(
            f"line {int(np.argmax(none))} has no volume", field="daily_volume", found=0.0,
            next_step="mark it as hard to trade, or leave it out of the trades",
        )  # fmt: skip
    most = share * volume
    now = np.clip(asked, -most * days, most * days)
    need = np.ceil(np.divide(np.abs(asked), most, out=np.zeros_like(asked), where=most > 0.0) - 1e-12)
    return now, asked - now, need.astype(np.int64)
