"""Measures of drawdown from a starting wealth of 1 that counts as a peak, as positive fractions, and rewards for it."""

from __future__ import annotations

import numpy as np

from argosy.kernels import stats
from argosy.measures.performance.measure import HIGHER, LOWER, Measure
from argosy.measures.performance.reasons import Flags, Measured, Reason
from argosy.measures.performance.statistics import Statistics, divide


def _none(s: Statistics) -> tuple[Flags, Reason]:
    return s["max_drawdown"] == 0.0, Reason.NO_DRAWDOWN


def _maximum(s: Statistics) -> Measured:
    return s.measured(s["max_drawdown"], s.below_total_loss)


def _pain(s: Statistics) -> Measured:
    return s.measured(s["drawdown_sum"] / s["count"], s.below_total_loss)


def _ulcer(s: Statistics) -> Measured:
    return s.measured(np.sqrt(s["drawdown_square_sum"] / s["count"]), s.below_total_loss)


def _longest(s: Statistics) -> Measured:
    return s.measured(s["longest_drawdown"], s.below_total_loss)


def _calmar(s: Statistics) -> Measured:
    values = divide(s.annual_return(), s["max_drawdown"])
    return s.measured(values, s.below_total_loss, s.under_a_year, _none(s))


def _sterling(s: Statistics) -> Measured:
    values = divide(s.annual_return(), s["max_drawdown"] + s.convention.sterling_excess)
    bottom = s["max_drawdown"] + s.convention.sterling_excess == 0.0
    return s.measured(values, s.below_total_loss, s.under_a_year, (bottom, Reason.NO_DRAWDOWN))


def _burke(s: Statistics) -> Measured:
    squares = s["run_square_sum"] if s.convention.burke == "losing_runs" else s["episode_square_sum"]
    values = divide(s.annual_return() - s.annual_risk_free(), np.sqrt(squares))
    return s.measured(values, s.below_total_loss, s.under_a_year, (squares == 0.0, Reason.NO_DRAWDOWN))


def _pain_ratio(s: Statistics) -> Measured:
    values = divide(s.annual_return() - s.annual_risk_free(), s["drawdown_sum"] / s["count"])
    return s.measured(values, s.below_total_loss, s.under_a_year, (s["drawdown_sum"] == 0.0, Reason.NO_DRAWDOWN))


def _martin(s: Statistics) -> Measured:
    squares = s["drawdown_square_sum"]
    values = divide(s.annual_return() - s.annual_risk_free(), np.sqrt(squares / s["count"]))
    return s.measured(values, s.below_total_loss, s.under_a_year, (squares == 0.0, Reason.NO_DRAWDOWN))


max_drawdown = Measure(
    "max_drawdown", "Maximum drawdown", "max(1 - wealth_t / highest wealth so far)", "Magdon-Ismail and Atiya 2004",
    "fraction", LOWER, _maximum, stats.PATH,
)  # fmt: skip
longest_drawdown = Measure(
    "longest_drawdown", "Longest time under water", "most successive periods below the peak", "Bacon 2008",
    "periods", LOWER, _longest, stats.EPISODES,
)  # fmt: skip
pain_index = Measure(
    "pain_index", "Pain index", "mean drawdown over all periods", "Becker 2006", "fraction", LOWER, _pain, stats.PATH
)
ulcer_index = Measure(
    "ulcer_index", "Ulcer index", "root mean square drawdown over all periods", "Martin and McCann 1989", "fraction",
    LOWER, _ulcer, stats.PATH,
)  # fmt: skip
calmar_ratio = Measure(
    "calmar_ratio", "Calmar ratio", "annual return / maximum drawdown", "Young 1991", "ratio", HIGHER, _calmar,
    stats.PATH,
)  # fmt: skip
sterling_ratio = Measure(
    "sterling_ratio", "Sterling ratio", "annual return / (maximum drawdown + 10%)", "Kestner 1996", "ratio", HIGHER,
    _sterling, stats.PATH,
)  # fmt: skip
burke_ratio = Measure(
    "burke_ratio", "Burke ratio", "(annual return - risk-free) / sqrt(sum of squared drawdowns)", "Burke 1994", "ratio",
    HIGHER, _burke, stats.EPISODES,
)  # fmt: skip
pain_ratio = Measure(
    "pain_ratio", "Pain ratio", "(annual return - risk-free) / pain index", "Becker 2006", "ratio", HIGHER, _pain_ratio,
    stats.PATH,
)  # fmt: skip
martin_ratio = Measure(
    "martin_ratio", "Martin ratio", "(annual return - risk-free) / ulcer index", "Martin and McCann 1989", "ratio",
    HIGHER, _martin, stats.PATH,
)  # fmt: skip

DRAWDOWN_MEASURES = (
    max_drawdown, longest_drawdown, pain_index, ulcer_index, calmar_ratio, sterling_ratio, burke_ratio, pain_ratio,
    martin_ratio,
)  # fmt: skip
