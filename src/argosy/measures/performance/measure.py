"""What a measure is: a name, a definition, a source, a unit, a direction, and a formula over sums.

A measure is called on returns like any function; the same formula serves one series, a thousand, or a rolling window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from argosy.kernels import stats
from argosy.measures.performance.conventions import GIPS, Convention
from argosy.measures.performance.reasons import Measured, Reason
from argosy.measures.performance.statistics import Statistics, summarize

Unit = Literal["fraction", "fraction per year", "ratio", "periods"]
Direction = Literal["higher is better", "lower is better", "neither"]
HIGHER: Direction = "higher is better"
LOWER: Direction = "lower is better"
NEITHER: Direction = "neither"

RELATIVE = stats.RELATIVE | stats.SIDES


@dataclass(frozen=True)
class Measure:
    """One entry of the catalogue; call it on returns.

    ``groups`` are the sums it needs (:mod:`argosy.kernels.stats`).

    Examples
    --------
    >>> from argosy.measures.performance.catalogue import sharpe_ratio
    >>> round(sharpe_ratio([0.01, -0.02, 0.03, 0.005], periods_per_year=12), 6)
    1.052794
    """

    name: str
    title: str
    definition: str
    source: str
    unit: Unit
    direction: Direction
    formula: Callable[[Statistics], Measured] = field(repr=False)
    groups: int = 0

    @property
    def relative(self) -> bool:
        """Whether it compares with a benchmark."""
        return bool(self.groups & RELATIVE)

    def of(self, statistics: Statistics) -> Measured:
        """Values and reasons for each summed series."""
        if self.relative and not statistics.has_benchmark:
            count = len(statistics)
            return Measured(np.full(count, np.nan), np.full(count, Reason.NO_BENCHMARK, dtype=np.uint8))
        with np.errstate(all="ignore"):
            return self.formula(statistics)

    def __call__(
        self,
        returns: Any,
        *,
        periods_per_year: float,
        benchmark: Any = None,
        risk_free: Any = 0.0,
        target: Any = 0.0,
        confidence: float = 0.95,
        convention: Convention = GIPS,
    ) -> float:
        """Measure one series of simple returns (T,).

        ``benchmark`` (T,) returns of the same periods; ``risk_free`` and ``target`` per period, one number or (T,).
        Raises :class:`UndefinedMeasure` with the reason where there is no value, :class:`InvalidInput` for NaN.
        """
        found = summarize(
            returns,
            periods_per_year=periods_per_year,
            benchmark=benchmark,
            risk_free=risk_free,
            target=target,
            confidence=confidence,
            convention=convention,
            groups=stats.MOMENTS | self.groups,
        )
        return self.of(found).value(self.title)
