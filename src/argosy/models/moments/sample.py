"""Prices to the returns that estimates are made of: frequency, lookback, and an explicit rule for what is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.panel import Panel
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

FREQUENCIES = ("as given", "daily", "weekly", "monthly")
PER_YEAR = {"daily": 252.0, "weekly": 52.0, "monthly": 12.0}
MISSING = ("refuse", "complete periods", "leave out assets", "pairwise", "em")
"""What is done about missing returns: nothing goes on, periods or assets are left out, or estimates live with it."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Returns (T, N) per period that ends on each day, NaN where there is none; ``notes`` say what was done to them."""

    panel: Panel
    periods_per_year: float
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The assets."""
        return self.panel.names

    @property
    def returns(self) -> Float64:
        """Returns (T, N)."""
        return self.panel.values

    @property
    def complete(self) -> bool:
        """True when no return is missing."""
        return not bool(self.panel.missing.any())

    def between(self, first: int, last: int) -> Sample:
        """Rows ``first`` to ``last`` (exclusive): what was known by the end of row ``last - 1``."""
        return Sample(self.panel.rows(slice(first, last)), self.periods_per_year, self.notes)


def sample_of_prices(
    prices: Panel,
    *,
    frequency: str = "as given",
    lookback: int = 0,
    missing: str = "refuse",
    periods_per_year: float | None = None,
) -> Sample:
    """Simple returns of prices at a frequency, the last ``lookback`` of them (0: all), with a rule for gaps.

    A period's price is the last one in it. A return needs a price in its period and in the one before; nothing is
    carried forward. Without ``periods_per_year`` the days between prices decide (252, 52, 12, 4 or 1).

    ``missing``: "refuse" names the assets that lack returns; "complete periods" keeps periods in which all have one;
    "leave out assets" keeps assets that always have one; "pairwise" and "em" keep the gaps for estimates that can live
    with them.

    Raises
    ------
    MissingData
        Under "refuse", with each asset and how many returns it lacks.
    InsufficientData
        Fewer than two returns are left, or no asset.

    Examples
    --------
    >>> panel = Panel(np.array([0, 1, 4]), ("A",), np.array([[100.0], [110.0], [99.0]]))
    >>> sample_of_prices(panel).returns[:, 0].round(12).tolist()
    [0.1, -0.1]
    """
    if frequency not in FREQUENCIES:
        raise unknown("frequency", frequency, FREQUENCIES)
    if missing not in MISSING:
        raise unknown("rule for missing prices", missing, MISSING)
    if lookback < 0:
        raise InvalidInput(f"a lookback of {lookback} periods", field="lookback", expected="0 (all) or more")
    notes: list[str] = []
    days, values = _ends(prices, frequency)
    with np.errstate(invalid="ignore", divide="ignore"):
        returns = values[1:] / values[:-1] - 1.0
    days = days[1:]
    if lookback:
        if returns.shape[0] < lookback:
            notes.append(f"the lookback is {lookback} periods; there are {returns.shape[0]}")
        returns, days = returns[-lookback:], days[-lookback:]
    made = Panel(days, prices.names, returns)
    made = _mend(made, missing, notes)
    if made.days.size < 2:
        because = f" ({'; '.join(notes)})" if notes else ""
        raise InsufficientData(f"{made.days.size} returns are left to estimate from{because}", field="prices",
                               expected="at least 2", next_step="give a longer history")  # fmt: skip
    per_year = periods_per_year if periods_per_year else PER_YEAR.get(frequency) or per_year_of(made.days)
    notes.insert(0, f"{made.days.size} returns of {format_date(int(made.days[0]))} to "
                    f"{format_date(int(made.days[-1]))}, {per_year:g} periods a year")  # fmt: skip
    return Sample(made, per_year, tuple(notes))


def _ends(prices: Panel, frequency: str) -> tuple[Int64, Float64]:
    if frequency in ("as given", "daily"):
        return prices.days, prices.values
    days = prices.days
    group = (days + 3) // 7 if frequency == "weekly" else (
        days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    )  # fmt: skip
    last = np.flatnonzero(np.append(group[1:] != group[:-1], True))
    first = np.concatenate([[0], last[:-1] + 1])
    # The last price within the period, whichever day it is of.
    place = np.where(np.isnan(prices.values), -1, np.arange(days.size)[:, None])
    newest = np.maximum.reduceat(place, first, axis=0)
    columns = np.arange(len(prices.names))[None, :]
    return days[last], np.where(newest >= 0, prices.values[np.maximum(newest, 0), columns], np.nan)


def _mend(made: Panel, missing: str, notes: list[str]) -> Panel:
    gone = made.missing
    if not gone.any():
        return made
    lacking = gone.sum(axis=0)
    worst = np.argsort(-lacking, kind="stable")
    worst = worst[lacking[worst] > 0]
    listed = ", ".join(f"{made.names[i]} ({lacking[i]})" for i in worst[:5].tolist())
    more = f" and {worst.size - 5} more" if worst.size > 5 else ""
    if missing == "refuse":
        raise MissingData(
            f"{worst.size} of {len(made.names)} assets lack returns in {made.days.size} periods: {listed}{more}",
            field="prices",
            next_step="complete the prices, or say how gaps are treated: --missing 'complete periods', "
                      "'leave out assets', 'pairwise' or 'em'",
        )  # fmt: skip
    if missing == "leave out assets":
        kept = tuple(name for name, count in zip(made.names, lacking.tolist(), strict=True) if count == 0)
        if not kept:
            raise InsufficientData("every asset lacks some return, so none is left", field="prices",
                                   next_step="use 'complete periods', 'pairwise' or 'em'")  # fmt: skip
        notes.append(f"left out for missing returns: {listed}{more}")
        return made.take(kept)
    if missing == "complete periods":
        whole = np.asarray(~gone.any(axis=1))
        notes.append(f"{int((~whole).sum())} of {made.days.size} periods left out because an asset has no return in "
                     f"them: {listed}{more}")  # fmt: skip
        return made.rows(whole)
    notes.append(f"returns missing, {missing} estimates: {listed}{more}")
    return made


def per_year_of(days: Int64) -> float:
    """Periods of a year, from the median distance of days.

    Examples
    --------
    >>> per_year_of(np.array([0, 1, 2, 5])), per_year_of(np.array([0, 31, 59]))
    (252.0, 12.0)
    """
    if days.size < 2:
        return 252.0
    apart = float(np.median(np.diff(days)))
    for longest, per_year in ((4.0, 252.0), (10.0, 52.0), (45.0, 12.0), (135.0, 4.0)):
        if apart <= longest:
            return per_year
    return 1.0
