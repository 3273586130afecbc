"""Measures of return: how much, how steadily, how often."""

from __future__ import annotations

import numpy as np

from argosy.kernels import stats
from argosy.measures.performance.measure import HIGHER, NEITHER, Measure
from argosy.measures.performance.reasons import Measured, Reason
from argosy.measures.performance.statistics import Statistics, divide


def _total(s: Statistics) -> Measured:
    return s.measured(s["growth"] - 1.0, s.below_total_loss)


def _annual(s: Statistics) -> Measured:
    return s.measured(s.annual_return(), s.below_total_loss, s.under_a_year)


def _mean_annual(s: Statistics) -> Measured:
    return s.measured(s["mean"] * s.periods_per_year)


def _steadiness(s: Statistics) -> Measured:
    return s.measured(
        s["growth_r2"],
        (s["smallest"] <= -1.0, Reason.TOTAL_LOSS),
        (s["count"] < 3, Reason.TOO_SHORT),
        (np.isnan(s["growth_r2"]), Reason.NO_DISPERSION),
    )


def _hit_rate(s: Statistics) -> Measured:
    return s.measured(s["gain_count"] / s["count"])


def _gain_to_pain(s: Statistics) -> Measured:
    return s.measured(divide(s["gains"] - s["losses"], s["losses"]), (s["losses"] == 0.0, Reason.NO_LOSS))


def _gain_loss(s: Statistics) -> Measured:
    return s.measured(divide(s["gains"], s["losses"]), (s["losses"] == 0.0, Reason.NO_LOSS))


total_return = Measure("total_return", "Total return", "prod(1 + r_t) - 1", "GIPS 2020", "fraction", HIGHER, _total)
annual_return = Measure(
    "annual_return", "Annual return", "prod(1 + r_t)^(periods per year / n) - 1; not under a year",
    "Bacon 2008", "fraction per year", HIGHER, _annual,
)  # fmt: skip
mean_return = Measure(
    "mean_return", "Mean return (annual)", "mean(r_t) x periods per year", "Bacon 2008", "fraction per year",
    HIGHER, _mean_annual,
)  # fmt: skip
best_return = Measure(
    "best_return", "Best period", "max(r_t)", "field's usage", "fraction", HIGHER, lambda s: s.measured(s["largest"])
)
worst_return = Measure(
    "worst_return", "Worst period", "min(r_t)", "field's usage", "fraction", HIGHER, lambda s: s.measured(s["smallest"])
)
hit_rate = Measure(
    "hit_rate", "Hit rate", "share of periods with r_t > 0", "Grinold and Kahn 1999", "fraction", HIGHER, _hit_rate
)
gain_to_pain_ratio = Measure(
    "gain_to_pain_ratio", "Gain to pain ratio", "sum(r_t) / sum(max(-r_t, 0))", "Schwager 2012", "ratio", HIGHER,
    _gain_to_pain,
)  # fmt: skip
gain_loss_ratio = Measure(
    "gain_loss_ratio", "Gain-loss ratio", "sum(max(r_t, 0)) / sum(max(-r_t, 0))", "Bernardo and Ledoit 2000", "ratio",
    HIGHER, _gain_loss,
)  # fmt: skip
steadiness = Measure(
    "steadiness", "Steadiness of growth", "R squared of log wealth on time", "empyrical stability_of_timeseries",
    "ratio", NEITHER, _steadiness, stats.GROWTH,
)  # fmt: skip

RETURN_MEASURES = (
    total_return, annual_return, mean_return, best_return, worst_return, hit_rate, gain_to_pain_ratio, gain_loss_ratio,
    steadiness,
)  # fmt: skip
