"""The carry behind a hedged benchmark: money market indices, yield curves or forward premiums of the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import MissingData, unknown
from argosy.measures.performance.blend_text import Hedge
from argosy.record.market.benchmarks import benchmark_levels
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference
from argosy.record.series import CURVE, series_codes, stored_series

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
OLDEST = 35
"""Days a last rate may lie back: a month and its holidays, as premiums are published by the month."""
LATEST = 4
"""Days a first rate may come late: a month begins on the calendar day after the session it follows."""
YEAR = 365.0
"""Days that a yield of a curve is paid over."""


@dataclass(frozen=True)
class CarryReader:
    """Reads what money earns at home over what it earns abroad; ``named`` are a mandate's rates by currency or pair."""

    reference: Reference
    market: MarketSnapshot
    home: str
    named: Mapping[str, str]

    def carry(self, hedge: Hedge, code: str, foreign: str, days: Int64) -> Float64:
        """What one unit at home has grown to over what one abroad has, at the end of each day (T,).

        Raises :class:`MissingData` where the rates are not named, or do not reach over the days.
        """
        premium, ours, theirs = hedge.premium, hedge.home, hedge.foreign
        if not (premium or ours):
            premium = self.named.get(f"{foreign}/{self.home}", "")
            ours, theirs = self.named.get(self.home, ""), self.named.get(foreign, "")
        if premium:
            return self.growth(premium, days)
        if not (ours and theirs):
            raise MissingData(
                f"{code} is in {foreign} and no rates are named to hedge it into {self.home}", field="benchmark",
                found=code, next_step=f"write {code}:hedged(HOME/FOREIGN), or list rates in the mandate's [benchmark]",
            )  # fmt: skip
        return self.growth(ours, days) / self.growth(theirs, days)

    def growth(self, code: str, days: Int64) -> Float64:
        """What one unit grew to in an index, by the premiums of a series, or at the shortest yield of a curve."""
        if code in self.reference.benchmarks:
            found = benchmark_levels(self.market, code)
            self._covers(code, found.days, days)
            place = np.searchsorted(found.days, days, side="right") - 1
            return np.asarray(found.levels[np.maximum(place, 0)])
        curves = series_codes(self.reference, CURVE)
        if code not in curves:
            raise unknown("rate", code, [*self.reference.benchmarks, *curves])
        curve = stored_series(self.reference, CURVE, code)
        self._covers(code, curve.days, days)
        rate = curve.values[np.maximum(np.searchsorted(curve.days, days[:-1], side="right") - 1, 0), 0]
        return np.cumprod(np.concatenate([[1.0], 1.0 + rate * np.diff(days) / YEAR]))

    def _covers(self, code: str, known: Int64, days: Int64) -> None:
        if not len(known) or int(known[0]) - int(days[0]) > LATEST:
            begin = format_date(int(known[0])) if len(known) else "no day"
            raise MissingData(
                f"{code} begins on {begin}, the hedge needs it from {format_date(int(days[0]))}", field="benchmark",
                next_step="import earlier rates, or compare a later time",
            )  # fmt: skip
        age = int(days[-1]) - int(known[-1])
        if age > OLDEST:
            raise MissingData(
                f"{code} ends on {format_date(int(known[-1]))}, the hedge needs it to {format_date(int(days[-1]))}",
                field="benchmark", next_step="import later rates, or compare an earlier time",
            )  # fmt: skip
