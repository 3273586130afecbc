"""The one catalogue of measures: what every interface lists, and the bulk path over many series.

Import single measures from here and call them on returns; :func:`measure_all` takes thousands of series at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.errors import unknown
from argosy.base.table import Column, Table
from argosy.kernels import stats
from argosy.measures.performance.conventions import GIPS, Convention
from argosy.measures.performance.drawdown_measures import (
    DRAWDOWN_MEASURES,
    burke_ratio,
    calmar_ratio,
    longest_drawdown,
    martin_ratio,
    max_drawdown,
    pain_index,
    pain_ratio,
    sterling_ratio,
    ulcer_index,
)
from argosy.measures.performance.measure import Measure
from argosy.measures.performance.reasons import Float64, Measured, Reason, Reasons, undefined
from argosy.measures.performance.relative_measures import (
    RELATIVE_MEASURES,
    active_return,
    beta,
    correlation,
    down_beta,
    down_capture,
    information_ratio,
    jensen_alpha,
    m_squared,
    r_squared,
    specific_risk,
    systematic_risk,
    total_risk,
    tracking_error,
    treynor_ratio,
    up_beta,
    up_capture,
)
from argosy.measures.performance.return_measures import (
    RETURN_MEASURES,
    annual_return,
    best_return,
    gain_loss_ratio,
    gain_to_pain_ratio,
    hit_rate,
    mean_return,
    steadiness,
    total_return,
    worst_return,
)
from argosy.measures.performance.reward_measures import (
    REWARD_MEASURES,
    kappa_three,
    omega_ratio,
    omega_sharpe_ratio,
    probabilistic_sharpe_ratio,
    sharpe_ratio,
    sortino_ratio,
    upside_potential_ratio,
)
from argosy.measures.performance.risk_measures import (
    RISK_MEASURES,
    autocorrelation,
    downside_deviation,
    downside_potential,
    excess_kurtosis,
    expected_shortfall,
    jarque_bera,
    jarque_bera_p,
    skewness,
    tail_ratio,
    value_at_risk,
    volatility,
)
from argosy.measures.performance.series import refusal
from argosy.measures.performance.statistics import Statistics, summarize

__all__ = [
    "MEASURES", "Measure", "Measures", "catalogue_table", "find_measure", "measure_all",
    "total_return", "annual_return", "mean_return", "best_return", "worst_return", "hit_rate", "gain_to_pain_ratio",
    "gain_loss_ratio", "steadiness", "volatility", "downside_deviation", "downside_potential", "skewness",
    "excess_kurtosis", "jarque_bera", "jarque_bera_p", "autocorrelation", "value_at_risk", "expected_shortfall",
    "tail_ratio", "max_drawdown", "longest_drawdown", "pain_index", "ulcer_index", "calmar_ratio", "sterling_ratio",
    "burke_ratio", "pain_ratio", "martin_ratio", "sharpe_ratio", "probabilistic_sharpe_ratio", "sortino_ratio",
    "omega_ratio", "omega_sharpe_ratio", "kappa_three", "upside_potential_ratio", "active_return", "tracking_error",
    "information_ratio", "beta", "up_beta", "down_beta", "jensen_alpha", "treynor_ratio", "m_squared", "up_capture",
    "down_capture", "correlation", "r_squared", "systematic_risk", "specific_risk", "total_risk",
]  # fmt: skip

MEASURES: dict[str, Measure] = {
    entry.name: entry
    for entry in (*RETURN_MEASURES, *RISK_MEASURES, *DRAWDOWN_MEASURES, *REWARD_MEASURES, *RELATIVE_MEASURES)
}
"""Every measure by name."""


def find_measure(name: str) -> Measure:
    """Find a measure by name; an unknown one is answered with the nearest.

    Examples
    --------
    >>> find_measure("beta").definition
    'cov(excess, benchmark excess) / var(benchmark excess)'
    """
    if name not in MEASURES:
        raise unknown("measure", name, MEASURES)
    return MEASURES[name]


def catalogue_table() -> Table:
    """Name, title, definition, source, unit and direction of every measure."""
    entries = list(MEASURES.values())
    labels = ("name", "title", "definition", "source", "unit", "direction")
    return Table(
        "measures", tuple(Column(label, "text", [str(getattr(entry, label)) for entry in entries]) for label in labels)
    )


@dataclass(frozen=True, eq=False)
class Measures:
    """Measures (M) of series (S): ``values`` (S, M) is NaN exactly where ``reasons`` (S, M) is not ``DEFINED``."""

    entries: tuple[Measure, ...]
    values: Float64
    reasons: Reasons
    convention: Convention

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the measures, in the order of the columns."""
        return tuple(entry.name for entry in self.entries)

    def of(self, name: str) -> Measured:
        """One measure of all series."""
        if name not in self.names:
            raise unknown("measure", name, self.names)
        place = self.names.index(name)
        return Measured(self.values[:, place], self.reasons[:, place])

    def value(self, name: str, series: int = 0) -> float:
        """One measure of one series; :class:`UndefinedMeasure` with the reason where there is none."""
        found = self.of(name)
        reason = Reason(int(found.reasons[series]))
        if reason:
            raise undefined(MEASURES[name].title, reason)
        return float(found.values[series])

    def table(self, series: int = 0) -> Table:
        """Measure, value, unit and, where there is no value, the reason, for one series."""
        found = [Reason(int(code)) for code in self.reasons[series]]
        return Table(
            "measures",
            (
                Column("measure", "text", [entry.title for entry in self.entries]),
                Column(
                    "value", "ratio", np.where(self.reasons[series] == 0, self.values[series], 0.0), unit="x",
                    missing=self.reasons[series] != 0,
                ),
                Column("unit", "text", [entry.unit for entry in self.entries]),
                Column("reason", "text", [reason.sentence for reason in found]),
            ),
            notes=(f"convention {self.convention.name}: {self.convention.note}",),
        )  # fmt: skip


def measure_all(
    returns: Any,
    *,
    periods_per_year: float,
    names: Sequence[str] | None = None,
    benchmark: Any = None,
    risk_free: Any = 0.0,
    target: Any = 0.0,
    confidence: float = 0.95,
    convention: Convention = GIPS,
    spans: Any = None,
    engine: stats.Engine = "auto",
) -> Measures:
    """Compute many measures of many series in one pass over the returns.

    Parameters
    ----------
    returns : (T,) or (S, T) simple returns per period, fractions; fastest as contiguous rows of float64
    names : measures wanted; without it all, but those beside a benchmark only where there is one
    spans : (S, 2) first period and last period plus one of each series, where they differ

    The other arguments are those of :func:`argosy.measures.performance.statistics.summarize`. Raises
    :class:`InvalidInput` for NaN or infinity; a measure that does not exist for a series is a reason, not an error.

    Examples
    --------
    >>> found = measure_all([[0.01, -0.02, 0.03], [0.01, 0.01, 0.01]], periods_per_year=12, names=["sharpe_ratio"])
    >>> found.values.round(6).tolist(), Reason(int(found.reasons[1, 0])).sentence
    ([[0.917663], [nan]], 'the returns do not vary')
    """
    if names is None:
        chosen = tuple(entry for entry in MEASURES.values() if benchmark is not None or not entry.relative)
    else:
        chosen = tuple(find_measure(name) for name in names)
    if not chosen:
        raise refusal("no measure is named", field="names", expected="at least one name")
    groups = stats.MOMENTS
    for entry in chosen:
        groups |= entry.groups
    summed: Statistics = summarize(
        returns, periods_per_year=periods_per_year, benchmark=benchmark, risk_free=risk_free, target=target,
        confidence=confidence, convention=convention, spans=spans, groups=groups, engine=engine,
    )  # fmt: skip
    found = [entry.of(summed) for entry in chosen]
    return Measures(
        chosen,
        np.stack([one.values for one in found], axis=1),
        np.stack([one.reasons for one in found], axis=1),
        convention,
    )
