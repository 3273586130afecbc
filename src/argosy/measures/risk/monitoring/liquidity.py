"""How long would it take to get out, and what does it add to the loss: days, ladders, liquidity in Value at Risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named, positive

Float64 = npt.NDArray[np.float64]
Style = Literal["waterfall", "slice"]


@dataclass(frozen=True, eq=False)
class Liquidity:
    """Trading days (N,) to sell each position, and values (N,), sorted as given."""

    names: tuple[str, ...]
    days: Float64
    values: Float64
    participation: float

    def liquid_within(self, days: float, *, style: Style = "waterfall") -> float:
        """Share of value sold within so many trading days.

        "waterfall" sells whatever can be sold; "slice" sells all positions in proportion, so the slowest sets the pace
        and those who stay hold the same portfolio.
        """
        at = positive(days, "days", zero=True)
        total = float(self.values.sum())
        sold = np.minimum(1.0, at / np.maximum(self.days, 1e-300))
        if style == "waterfall":
            return float((self.values * sold).sum()) / total
        if style != "slice":
            raise refusal(f"style is {style!r}", field="style", found=style, expected="'waterfall' or 'slice'")
        return float(sold.min())

    def days_for(self, share: float, *, style: Style = "waterfall") -> float:
        """Trading days to sell a share of the value, to meet a redemption for instance."""
        if not 0.0 < share <= 1.0:
            raise refusal(f"share is {share}", field="share", found=share, expected="above 0, at most 1")
        if style == "slice":
            return share * float(self.days.max())
        order = np.argsort(self.days, kind="stable")
        days, values = self.days[order], self.values[order]
        wanted = share * float(values.sum())
        done = 0.0
        rates = values / np.maximum(days, 1e-300)
        clock = 0.0
        # Between two days on which a position ends, the others sell at a steady rate.
        for place in range(days.size):
            rate = float(rates[place:].sum())
            span = float(days[place]) - clock
            if rate * span >= wanted - done:
                return clock + (wanted - done) / rate
            done += rate * span
            clock = float(days[place])
        return clock

    def buckets(self, limits: Mapping[str, float]) -> dict[str, float]:
        """Share of value by bucket: name -> most days, ascending; what takes longer than all of them is "beyond".

        The style of SEC rule 22e-4: a position that takes longer than a bucket allows is not split.
        """
        total, left, out = float(self.values.sum()), np.ones(self.days.size, dtype=np.bool_), {}
        if list(limits.values()) != sorted(limits.values()):
            raise refusal("bucket limits do not rise", field="limits", expected="each above the one before")
        for name, most in limits.items():
            inside = left & (self.days <= most)
            out[name] = float(self.values[inside].sum()) / total
            left &= ~inside
        out["beyond"] = float(self.values[left].sum()) / total
        return out

    def table(self) -> Table:
        """One row per position."""
        return Table(
            "liquidity",
            (Column("position", "text", list(self.names)), Column("days", "ratio", self.days, unit="x"),
             Column("value", "ratio", self.values, unit="x")),
            notes=(f"trading days at {self.participation:.0%} of average daily volume",),
        )  # fmt: skip


def days_to_liquidate(
    quantities: Any, daily_volume: Any, values: Any, *, participation: float = 0.2, names: Sequence[str] | None = None
) -> Liquidity:
    """Trading days to sell each position: ``quantity / (participation x average daily volume)``.

    Parameters
    ----------
    quantities, daily_volume : (N,) in the same unit, shares or money; of all portfolios together where the firm sells
        together; the average is the caller's (a median of 20 or 60 days is usual)
    values : (N,) money or weights; shorts count by their size

    Raises
    ------
    InvalidInput
        A volume of zero: what is suspended cannot be sold in any number of days.

    Examples
    --------
    >>> found = days_to_liquidate([500e3, 1e6, 200e3], [2e6, 500e3, 100e3], [50.0, 30.0, 20.0])
    >>> found.days.tolist(), found.liquid_within(7)
    ([1.25, 10.0, 10.0], 0.85)
    """
    held = np.abs(array(quantities, (None,), "quantities"))
    volume = array(daily_volume, held.shape, "daily_volume")
    labels = named(names, held.size)
    if (volume <= 0.0).any():
        still = ", ".join(name for name, v in zip(labels, volume.tolist(), strict=True) if v <= 0.0)
        raise refusal(f"{still} is not traded: its daily volume is 0", field="daily_volume", found=still,
                      expected="above 0; leave out what is suspended and report it")  # fmt: skip
    if not 0.0 < participation <= 1.0:
        raise refusal(f"participation is {participation}", field="participation", found=participation,
                      expected="a fraction such as 0.2")  # fmt: skip
    worth = np.abs(array(values, held.shape, "values"))
    positive(float(worth.sum()), "values: their sum")
    return Liquidity(labels, held / (participation * volume), worth, float(participation))


@dataclass(frozen=True, eq=False)
class LiquidityRisk:
    """Value at Risk with the cost of getting out at a bad spread; ``cost`` (N,) by position."""

    value_at_risk: float
    cost: Float64
    liquidity_adjusted: float


def liquidity_adjusted_risk(
    value_at_risk: float, values: Any, *, spread: Any, spread_deviation: Any, multiple: float = 3.0
) -> LiquidityRisk:
    """Add half of a bad spread to Value at Risk: ``VaR + sum |V| (mean + k sd) / 2``.

    Bangia, Diebold, Schuermann and Stroughair (1999), eq. 9.

    Parameters
    ----------
    value_at_risk : money, positive
    values : (N,) money
    spread, spread_deviation : (N,) relative bid-ask spreads, their mean and deviation over time
    multiple : k; the paper finds 2 to 4.5, since spreads are far from normal

    Examples
    --------
    >>> liquidity_adjusted_risk(10.0, [100.0], spread=[0.01], spread_deviation=[0.005], multiple=2.0).liquidity_adjusted
    11.0
    """
    held = np.abs(array(values, (None,), "values"))
    mean, deviation = array(spread, held.shape, "spread"), array(spread_deviation, held.shape, "spread_deviation")
    if (mean < 0.0).any() or (deviation < 0.0).any():
        raise refusal("a spread or its deviation is negative", field="spread", expected="0 or more")
    cost = 0.5 * held * (mean + positive(multiple, "multiple", zero=True) * deviation)
    var = positive(value_at_risk, "value_at_risk", zero=True)
    return LiquidityRisk(var, cost, var + float(cost.sum()))
