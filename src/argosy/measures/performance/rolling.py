"""Measures over a moving window: any measure of the catalogue, at every place or every few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from argosy.base.table import Column, Table
from argosy.measures.performance.catalogue import Measures, find_measure, measure_all
from argosy.measures.performance.conventions import GIPS, Convention
from argosy.measures.performance.reasons import Float64, Measured
from argosy.measures.performance.series import Int64, beside, day_numbers, refusal, refuse_not_finite, vector

# Windows are laid out side by side in blocks of about this many numbers, so that memory stays flat.
BLOCK = 2_000_000


@dataclass(frozen=True, eq=False)
class Rolling:
    """Measures of each window; ``ends`` (W,) are the last periods of the windows, counted from 0."""

    ends: Int64
    measures: Measures

    def of(self, name: str) -> Measured:
        """One measure over the windows."""
        return self.measures.of(name)

    def table(self, name: str = "rolling") -> Table:
        """Last period and each measure; what does not exist is missing."""
        found = [(label, self.of(label)) for label in self.measures.names]
        columns = [
            Column(label, "ratio", np.where(one.reasons == 0, one.values, 0.0), unit="x", missing=one.reasons != 0)
            for label, one in found
        ]
        return Table(name, (Column("end", "integer", self.ends.tolist()), *columns))


def rolling_measures(
    returns: Any,
    window: int,
    names: Sequence[str],
    *,
    periods_per_year: float,
    step: int = 1,
    benchmark: Any = None,
    risk_free: Any = 0.0,
    target: Any = 0.0,
    confidence: float = 0.95,
    convention: Convention = GIPS,
) -> Rolling:
    """Measure every window of ``window`` periods of one series (T,), moving ``step`` periods at a time.

    ``benchmark`` (T,) moves along; ``risk_free`` and ``target`` are one number or (T,). A series shorter than the
    window is refused. Cost: one pass over each window.

    Examples
    --------
    >>> found = rolling_measures([0.1, 0.0, -0.1, 0.2], 2, ["total_return"], periods_per_year=12)
    >>> found.ends.tolist(), found.of("total_return").values.round(6).tolist()
    ([1, 2, 3], [0.1, -0.1, 0.08])
    """
    series = vector(returns, "returns")
    if not 1 <= window <= series.size or step < 1:
        raise refusal(
            f"window is {window} and step {step} for {series.size} returns", field="window", found=window,
            expected=f"window from 1 to {series.size}, step from 1",
        )  # fmt: skip
    for name in names:
        find_measure(name)

    def windows(values: Any, field: str) -> Float64 | float:
        if np.ndim(values) == 0:
            return float(values)
        row = beside(values, (1, series.size), field)
        return np.asarray(sliding_window_view(row[0], window)[::step])

    rows = np.asarray(sliding_window_view(series, window)[::step])
    market = None if benchmark is None else windows(benchmark, "benchmark")
    rate, least = windows(risk_free, "risk_free"), windows(target, "target")
    for field, values in (("risk_free", rate), ("target", least)):
        refuse_not_finite(np.atleast_1d(values), field)

    def cut(values: Float64 | float | None, first: int, last: int) -> Any:
        return values[first:last] if isinstance(values, np.ndarray) else values

    size = max(BLOCK // window, 1)
    parts = [
        measure_all(
            rows[first : first + size], periods_per_year=periods_per_year, names=names,
            benchmark=cut(market, first, first + size), risk_free=cut(rate, first, first + size),
            target=cut(least, first, first + size), confidence=confidence, convention=convention,
        )
        for first in range(0, len(rows), size)
    ]  # fmt: skip
    joined = Measures(
        parts[0].entries,
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.reasons for part in parts]),
        convention,
    )
    return Rolling(np.arange(len(rows), dtype=np.int64) * step + window - 1, joined)


def dated_table(found: Rolling, days: Any) -> Table:
    """Rolling measures by date; ``days`` (T,) are the ends of the returns that were measured.

    Examples
    --------
    >>> found = rolling_measures([0.1, 0.0, -0.1], 2, ["total_return"], periods_per_year=12)
    >>> dated_table(found, [1, 2, 3]).rows()[0]["date"]
    datetime.date(1970, 1, 3)
    """
    made = found.table()
    dates = day_numbers(days)[found.ends]
    window = int(found.ends[0]) + 1
    return Table(made.name, (Column("date", "date", dates.tolist()), *made.columns[1:]), notes=(f"window {window}",))
