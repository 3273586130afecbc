"""Tax on realized gains by day: rates by term, losses carried, paid for or lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from argosy.base.errors import unknown
from argosy.measures.performance.reasons import Float64
from argosy.measures.performance.series import Int64, day_numbers, refusal, same_length, vector

Losses = Literal["carry", "credit", "lost"]


@dataclass(frozen=True, eq=False)
class GainsTax:
    """Tax (D,) on the gains of each day (D,), short-term and long-term ones; losses still carried at the end."""

    days: Int64
    short: Float64
    long: Float64
    carried_short: float
    carried_long: float

    @property
    def total(self) -> Float64:
        """Both terms together."""
        return self.short + self.long


def gains_tax(
    gains: Any, days: Any, long_term: Any, *, short_rate: float, long_rate: float, losses: Losses = "carry"
) -> GainsTax:
    """Tax realized gains (N,) on their days (N,), in any order; ``long_term`` (N,) flags those held long enough.

    Gains and losses of one day and term are netted first. A net loss is ``carry``: taken off later gains of the same
    term; ``credit``: paid for at once at the rate of its term; ``lost``: neither. Cost: one sort.

    Examples
    --------
    >>> made = gains_tax([100.0, -30.0, 50.0], [1, 2, 3], [False, False, False], short_rate=0.4, long_rate=0.2)
    >>> made.total.tolist()
    [40.0, 0.0, 8.0]
    """
    if losses not in get_args(Losses):
        raise unknown("way with losses", losses, get_args(Losses))
    gain, at = vector(gains, "gains", least=0), day_numbers(days)
    long = np.asarray(long_term, dtype=np.bool_)
    same_length(gains=gain, days=at, long_term=long.astype(np.float64))
    for field, rate in (("short_rate", short_rate), ("long_rate", long_rate)):
        if not 0.0 <= rate < 1.0:
            raise refusal(f"{field} is {rate}", field=field, found=rate, expected="a share from 0 to below 1")
    each, place = np.unique(at, return_inverse=True)
    taxes, carried = [], []
    for mine, rate in ((~long, short_rate), (long, long_rate)):
        net = np.bincount(place[mine], weights=gain[mine], minlength=len(each))
        if losses == "carry":
            # What is owed on is the highest that gains ever stood above all losses before.
            total = np.cumsum(net)
            high = np.maximum.accumulate(np.maximum(total, 0.0))
            taxed = np.diff(high, prepend=0.0)
            carried.append(float(high[-1] - total[-1]) if len(each) else 0.0)
        else:
            taxed = net if losses == "credit" else np.maximum(net, 0.0)
            carried.append(0.0)
        taxes.append(np.asarray(rate * taxed))
    return GainsTax(np.asarray(each, np.int64), taxes[0], taxes[1], carried[0], carried[1])
