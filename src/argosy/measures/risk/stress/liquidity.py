"""What it costs to get out while the market is in distress: wider spreads, thinner volumes, impact of the sales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named, positive
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LiquidationLoss:
    """Cost of selling within the days allowed, by position (N,), and what could not be sold.

    ``market_loss`` is the shock on all positions; ``cost`` is half-spread and impact on what is sold; both positive.
    """

    positions: tuple[str, ...]
    market_loss: Float64
    cost: Float64
    sold: Float64
    unsold: Float64
    days: Float64

    @property
    def loss(self) -> float:
        """Market loss and cost together."""
        return float(self.market_loss.sum() + self.cost.sum())

    def table(self) -> Table:
        """One row per position."""
        columns = {"market_loss": self.market_loss, "cost": self.cost, "sold": self.sold, "unsold": self.unsold,
                   "days": self.days}  # fmt: skip
        return Table(
            "liquidation",
            (Column("position", "text", list(self.positions)),
             *(Column(name, "ratio", values, unit="x") for name, values in columns.items())),
        )  # fmt: skip


def liquidation_losses(
    values: Any,
    daily_volume: Any,
    *,
    spread: Any,
    volatility: Any,
    shock: Any = 0.0,
    participation: float = 0.2,
    days: float = 10.0,
    volume_factor: float = 1.0,
    spread_factor: float = 1.0,
    volatility_factor: float = 1.0,
    impact: float = 1.0,
    positions: Sequence[str] | None = None,
) -> LiquidationLoss:
    """Loss of positions that are shocked and then sold into a thinner market.

    Parameters
    ----------
    values : (N,) money; short positions (negative) are bought back
    daily_volume : (N,) money traded a day in ordinary times
    spread, volatility : (N,) or one: relative bid-ask spread; daily volatility
    shock : (N,) or one: return before the sale
    participation, days : share of the day's volume that is traded, and the trading days allowed
    volume_factor, spread_factor, volatility_factor : stress of each: 0.5 halves the volume
    impact : coefficient Y of ``Y sigma sqrt(traded a day / volume)`` (Almgren et al. 2005; Gatheral 2010)

    Raises
    ------
    InvalidInput
        A volume of zero (a suspended asset cannot be sold: leave it out and report it), participation outside 0 to 1.

    Examples
    --------
    >>> found = liquidation_losses([100.0], [50.0], spread=0.01, volatility=0.02, participation=0.2, days=5)
    >>> found.sold.tolist(), found.unsold.tolist(), found.cost.round(6).tolist()
    ([50.0], [50.0], [0.697214])
    """
    worth = array(values, (None,), "values")
    volume = _each(daily_volume, worth.size, "daily_volume") * positive(volume_factor, "volume_factor")
    if (volume <= 0.0).any():
        place = int((volume <= 0.0).argmax())
        raise refusal(f"daily_volume[{place}] is {volume[place]:g}", field="daily_volume", found=float(volume[place]),
                      expected="above 0; leave out what is suspended and report it")  # fmt: skip
    if not 0.0 < participation <= 1.0:
        raise refusal(f"participation is {participation}", field="participation", found=participation,
                      expected="a fraction such as 0.2")  # fmt: skip
    allowed = positive(days, "days")
    half = 0.5 * _each(spread, worth.size, "spread") * positive(spread_factor, "spread_factor", zero=True)
    sigma = _each(volatility, worth.size, "volatility") * positive(volatility_factor, "volatility_factor", zero=True)
    if (half < 0.0).any() or (sigma < 0.0).any():
        raise refusal("a spread or volatility is negative", field="spread", expected="0 or more")
    moved = _each(shock, worth.size, "shock")
    held = worth * (1.0 + moved)
    needed = np.abs(held) / (participation * volume)
    share = np.minimum(1.0, allowed / np.maximum(needed, 1e-300))
    sold = np.abs(held) * share
    # Traded evenly: participation is below its cap where there is more time than needed within one day.
    rate = np.minimum(participation, np.abs(held) / volume)
    cost = sold * (half + positive(impact, "impact", zero=True) * sigma * np.sqrt(rate))
    return LiquidationLoss(
        named(positions, worth.size, "positions"), -worth * moved, cost, sold, np.abs(held) - sold, needed
    )


def _each(values: Any, count: int, field: str) -> Float64:
    given = floats(values, field)
    return array(np.full(count, given) if given.ndim == 0 else given, (count,), field)
