"""What rules of rebalancing made of the same money over the same days, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.watching import values_over
from argosy.measures.valuation.history import NavHistory
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
YEAR = 365.25
"""Days of a year, for figures a year."""


@dataclass(frozen=True, slots=True)
class PaperTrade:
    """One rebalance that was carried out: the day it was decided, one-way turnover, cost and trades in money."""

    day: int
    turnover: float
    cost: float
    orders: int
    reason: str


@dataclass(frozen=True, eq=False)
class RuleOutcome:
    """One rule over a period: net asset value after costs and taxes on each day (T), and what it took.

    ``trades`` has the first investment first. ``tax`` is what was paid on gains, in base currency.
    """

    rule: str
    days: Int64
    nav: Float64
    trades: tuple[PaperTrade, ...]
    tax: float
    tracking_error: float
    """Volatility a year of the difference to the target held without cost."""
    notes: tuple[str, ...] = ()

    @property
    def years(self) -> float:
        """Length of the period."""
        return float(self.days[-1] - self.days[0]) / YEAR

    @property
    def return_annual(self) -> float:
        """Return a year after costs and taxes."""
        return float((self.nav[-1] / self.nav[0]) ** (1.0 / self.years) - 1.0)

    @property
    def volatility_annual(self) -> float:
        """Volatility a year of daily returns."""
        returns = self.nav[1:] / self.nav[:-1] - 1.0
        return float(returns.std(ddof=1) * np.sqrt(returns.size / self.years)) if returns.size > 1 else 0.0

    @property
    def rebalances(self) -> int:
        """How often it traded after the first investment."""
        return max(len(self.trades) - 1, 0)

    @property
    def turnover_annual(self) -> float:
        """One-way turnover a year, the first investment left out."""
        return sum(one.turnover for one in self.trades[1:]) / self.years

    @property
    def cost(self) -> float:
        """Cost of all trades in base currency, the first investment's included."""
        return sum(one.cost for one in self.trades)


def tracking_error_to(
    days: Int64, nav: Float64, values: Float64, targets: Sequence[tuple[int, Float64]], *, first: int
) -> float:
    """Volatility a year of NAV (T) against a target held without cost and rebalanced daily.

    ``values`` (T, N) is money per unit of each name; ``targets`` are weights (N) with the day from which each is known;
    what they leave is cash. Days up to ``first`` (the money is not invested yet) are left out.

    Examples
    --------
    >>> days, values = np.arange(5), np.array([[1.0], [1.1], [1.0], [1.2], [1.1]])
    >>> round(tracking_error_to(days, values[:, 0], values, [(0, np.array([1.0]))], first=0), 12)
    0.0
    """
    if not targets:
        raise InvalidInput("no target was ever known", field="targets", next_step="see what the first day says")
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = np.nan_to_num(values[1:] / values[:-1] - 1.0)
    known = np.array([day for day, _ in targets])
    at = np.maximum(np.searchsorted(known, days[:-1], side="right") - 1, 0)
    wanted = np.array([weights for _, weights in targets])[at]
    apart = (nav[1:] / nav[:-1] - 1.0) - (wanted * moves).sum(axis=1)
    kept = apart[days[:-1] >= first]
    if kept.size < 2:
        return 0.0
    per_year = kept.size / (float(days[-1] - max(first, int(days[0]))) / YEAR)
    return float(kept.std(ddof=1) * np.sqrt(per_year))


def rule_outcome(
    rule: str, found: NavHistory, market: MarketSnapshot, instruments: Sequence[Instrument],
    targets: Sequence[tuple[int, Mapping[str, float]]], trades: Sequence[PaperTrade], *, tax: float,
    notes: Sequence[str] = (),
) -> RuleOutcome:  # fmt: skip
    """The outcome of a rule from the exact history of the paper portfolio that it traded.

    ``instruments`` are those that a target ever named; ``targets`` are weights by code with the day each was known.

    Raises
    ------
    MissingData
        A day that cannot be valued.
    """
    found.complete()
    nav = found["nav"][0].astype(np.float64) / 10.0 ** found.scales[0]
    values = values_over(market, instruments, found.days, found.subjects[0].currency)
    wanted = [(day, np.array([target.get(one.code, 0.0) for one in instruments])) for day, target in targets]
    first = trades[0].day + 1 if trades else int(found.days[0])
    apart = tracking_error_to(found.days, nav, values, wanted, first=first)
    return RuleOutcome(rule, found.days, nav, tuple(trades), tax, apart, tuple(notes))
