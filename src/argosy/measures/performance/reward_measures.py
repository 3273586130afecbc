"""Rewards for risk that need no benchmark: Sharpe and its probability, Sortino, Omega, Kappa, upside potential."""

from __future__ import annotations

import math

import numpy as np

from argosy.kernels import stats
from argosy.measures.performance.measure import HIGHER, Measure
from argosy.measures.performance.reasons import Flags, Float64, Measured, Reason
from argosy.measures.performance.risk_measures import semideviation, shape
from argosy.measures.performance.statistics import Statistics, divide


def sharpe_per_period(s: Statistics) -> Float64:
    """Mean excess return over its standard deviation, not annualized."""
    return divide(s["excess_mean"], s.deviation("excess_m2"))


def _sharpe(s: Statistics) -> Measured:
    return s.measured(sharpe_per_period(s) * s.periods_per_year**0.5, s.short, s.constant_excess)


def _no_downside(s: Statistics) -> tuple[Flags, Reason]:
    return s["below_count"] == 0.0, Reason.NO_DOWNSIDE


def _sortino(s: Statistics) -> Measured:
    scale = s.periods_per_year**0.5 if s.convention.semideviation == "annual" else 1.0
    return s.measured(divide(s["over_target"], semideviation(s)) * scale, _no_downside(s))


def _omega(s: Statistics) -> Measured:
    return s.measured(divide(s["above1"], s["below1"]), _no_downside(s))


def _kappa(s: Statistics) -> Measured:
    return s.measured(divide(s["over_target"], np.cbrt(s["below3"] / s["count"])), _no_downside(s))


def _upside(s: Statistics) -> Measured:
    return s.measured(divide(s["above1"] / s["count"], semideviation(s)), _no_downside(s))


def normal_cdf(z: Float64) -> Float64:
    """Standard normal distribution function, element by element."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in z.ravel().tolist()]).reshape(z.shape)


def _probabilistic(s: Statistics) -> Measured:
    sharpe = divide(s["excess_mean"], divide(s["excess_m2"], s["count"] - 1.0) ** 0.5)
    skew, excess = shape(s, corrected=False)
    variance = 1.0 - skew * sharpe + (excess + 2.0) / 4.0 * sharpe**2
    # Skewness and kurtosis of one sample satisfy kurtosis >= skewness^2 + 1, which keeps the variance above zero.
    z = sharpe * divide(np.sqrt(s["count"] - 1.0), np.sqrt(variance))
    return s.measured(normal_cdf(z), (s["count"] < 2, Reason.TOO_SHORT), s.constant, s.constant_excess)


sharpe_ratio = Measure(
    "sharpe_ratio", "Sharpe ratio",
    "mean excess return / standard deviation of excess returns x sqrt(periods per year)", "Sharpe 1994",
    "ratio", HIGHER, _sharpe,
)  # fmt: skip
sortino_ratio = Measure(
    "sortino_ratio", "Sortino ratio", "mean return over target / downside deviation x sqrt(periods per year)",
    "Sortino and van der Meer 1991", "ratio", HIGHER, _sortino, stats.TARGET,
)  # fmt: skip
omega_ratio = Measure(
    "omega_ratio", "Omega ratio", "sum(max(r_t - target, 0)) / sum(max(target - r_t, 0))", "Keating and Shadwick 2002",
    "ratio", HIGHER, _omega, stats.TARGET,
)  # fmt: skip
omega_sharpe_ratio = Measure(
    "omega_sharpe_ratio", "Omega-Sharpe ratio", "(mean return - target) / downside potential = omega - 1",
    "Kaplan and Knowles 2004, kappa 1", "ratio", HIGHER,
    lambda s: s.measured(divide(s["over_target"], s["below1"] / s["count"]), _no_downside(s)), stats.TARGET,
)  # fmt: skip
kappa_three = Measure(
    "kappa_three", "Kappa 3", "(mean return - target) / cube root of mean cubed shortfall", "Kaplan and Knowles 2004",
    "ratio", HIGHER, _kappa, stats.TARGET,
)  # fmt: skip
upside_potential_ratio = Measure(
    "upside_potential_ratio", "Upside potential ratio", "mean(max(r_t - target, 0)) / downside deviation per period",
    "Sortino, van der Meer and Plantinga 1999", "ratio", HIGHER, _upside, stats.TARGET,
)  # fmt: skip
probabilistic_sharpe_ratio = Measure(
    "probabilistic_sharpe_ratio", "Probability that the Sharpe ratio is above zero",
    "N(SR sqrt(n - 1) / sqrt(1 - skewness SR + (kurtosis - 1) / 4 SR^2)), SR per period",
    "Bailey and Lopez de Prado 2012", "fraction", HIGHER, _probabilistic,
)  # fmt: skip

REWARD_MEASURES = (
    sharpe_ratio, probabilistic_sharpe_ratio, sortino_ratio, omega_ratio, omega_sharpe_ratio, kappa_three,
    upside_potential_ratio,
)  # fmt: skip
