"""Measures beside a benchmark: active risk and return, beta and alpha, capture, systematic and specific risk."""

from __future__ import annotations

import numpy as np

from argosy.measures.performance.measure import HIGHER, LOWER, NEITHER, RELATIVE, Measure
from argosy.measures.performance.reasons import Flags, Float64, Measured, Reason
from argosy.measures.performance.reward_measures import sharpe_per_period
from argosy.measures.performance.statistics import Statistics, divide


def benchmark_annual_return(s: Statistics) -> Float64:
    """Compounded annual return of the benchmark."""
    return np.asarray(np.expm1(s["benchmark_log_growth"] / s.years))


def _benchmark_lost(s: Statistics) -> tuple[Flags, Reason]:
    return np.isnan(s["benchmark_log_growth"]), Reason.BELOW_TOTAL_LOSS


def _active_return(s: Statistics) -> Measured:
    values = s.annual_return() - benchmark_annual_return(s)
    return s.measured(values, s.below_total_loss, _benchmark_lost(s), s.under_a_year)


def _tracking_error(s: Statistics) -> Measured:
    values = np.where(s.no_active_risk[0], 0.0, s.deviation("active_m2")) * s.periods_per_year**0.5
    return s.measured(values, s.short)


def _information(s: Statistics) -> Measured:
    deviation, scale = s.deviation("active_m2"), s.periods_per_year**0.5
    if s.convention.information == "geometric":
        values = divide(s.annual_return() - benchmark_annual_return(s), deviation * scale)
        return s.measured(values, s.short, s.below_total_loss, _benchmark_lost(s), s.under_a_year, s.no_active_risk)
    if s.convention.information == "period":
        return s.measured(divide(s["active_mean"], deviation), s.short, s.no_active_risk)
    return s.measured(divide(s["active_mean"], deviation) * scale, s.short, s.no_active_risk)


def beta_of(s: Statistics) -> Float64:
    """Slope of excess returns on the benchmark's excess returns."""
    return divide(s["excess_covariance"], s["benchmark_excess_m2"])


def _beta(s: Statistics) -> Measured:
    return s.measured(beta_of(s), s.short, s.constant_benchmark)


def _side_beta(name: str, reason: Reason) -> Measure:
    def formula(s: Statistics) -> Measured:
        m2 = s[f"{name}_m2"]
        flat = (s[f"{name}_excess_count"] < 2) | (m2 <= 1e-30 * s["count"] * s["benchmark_scale"] ** 2)
        return s.measured(divide(s[f"{name}_covariance"], m2), (flat, reason))

    market, word = ("rising", "above") if name == "up" else ("falling", "below")
    return Measure(
        f"{name}_beta", f"Beta in {market} markets",
        f"slope on the benchmark's excess returns over periods in which they are {word} zero",
        "Bacon 2008 (bull and bear beta)", "ratio", NEITHER, formula, RELATIVE,
    )  # fmt: skip


def _alpha(s: Statistics) -> Measured:
    beta = beta_of(s)
    if s.convention.alpha == "annual_returns":
        free = s.annual_risk_free()
        values = s.annual_return() - free - beta * (benchmark_annual_return(s) - free)
        return s.measured(values, s.short, s.below_total_loss, _benchmark_lost(s), s.under_a_year, s.constant_benchmark)
    per_period = s["excess_mean"] - beta * s["benchmark_excess_mean"]
    if s.convention.alpha == "regression_compounded":
        values = np.expm1(np.log1p(per_period) * s.periods_per_year)
        return s.measured(values, s.short, s.constant_benchmark, (per_period < -1.0, Reason.BELOW_TOTAL_LOSS))
    return s.measured(per_period * s.periods_per_year, s.short, s.constant_benchmark)


def _treynor(s: Statistics) -> Measured:
    beta = beta_of(s)
    none = (np.abs(beta) < 1e-12, Reason.NO_BETA)
    if s.convention.reward == "geometric":
        values = divide(s.annual_return() - s.annual_risk_free(), beta)
        return s.measured(values, s.short, s.below_total_loss, s.under_a_year, s.constant_benchmark, none)
    values = divide(s["excess_mean"] * s.periods_per_year, beta)
    return s.measured(values, s.short, s.constant_benchmark, none)


def _m_squared(s: Statistics) -> Measured:
    scale = s.periods_per_year**0.5
    market = s.deviation("benchmark_excess_m2") * scale
    free = s.annual_risk_free()
    if s.convention.reward == "geometric":
        values = divide(s.annual_return() - free, s.deviation("excess_m2") * scale) * market + free
        return s.measured(values, s.short, s.below_total_loss, s.under_a_year, s.constant_excess)
    return s.measured(sharpe_per_period(s) * scale * market + free, s.short, s.constant_excess)


def _capture_return(s: Statistics, name: str, who: str) -> Float64:
    if s.convention.capture == "sum":
        return s[f"{who}{name}_sum"]
    log = s[f"{who}{name}_log"]
    if s.convention.capture == "compounded":
        return np.asarray(np.expm1(log))
    power = s.periods_per_year if s.convention.capture == "annual" else 1.0
    return np.asarray(np.expm1(divide(log, s[f"{name}_count"]) * power))


def _capture(name: str, reason: Reason) -> Measure:
    def formula(s: Statistics) -> Measured:
        market = _capture_return(s, name, "benchmark_")
        return s.measured(
            divide(_capture_return(s, name, ""), market),
            (s[f"{name}_count"] == 0.0, reason),
            s.below_total_loss,
            _benchmark_lost(s),
            (market == 0.0, Reason.FLAT_BENCHMARK),
        )

    up = name == "up"
    return Measure(
        f"{name}_capture", f"{'Up' if up else 'Down'} capture",
        f"geometric mean return over periods in which the benchmark {'rises' if up else 'falls'} / the benchmark's",
        "Morningstar 2012; Bacon 2008", "ratio", HIGHER if up else LOWER, formula, RELATIVE,
    )  # fmt: skip


def _correlation(s: Statistics) -> Measured:
    values = divide(s["excess_covariance"], np.sqrt(s["excess_m2"] * s["benchmark_excess_m2"]))
    return s.measured(np.clip(values, -1.0, 1.0), s.short, s.constant_excess, s.constant_benchmark)


def _r_squared(s: Statistics) -> Measured:
    found = _correlation(s)
    return Measured(found.values**2, found.reasons)


def _systematic(s: Statistics) -> Float64:
    return np.asarray(np.abs(beta_of(s)) * s.deviation("benchmark_excess_m2") * s.periods_per_year**0.5)


def _specific(s: Statistics) -> Float64:
    left = np.maximum(s["excess_m2"] - divide(s["excess_covariance"] ** 2, s["benchmark_excess_m2"]), 0.0)
    return np.asarray((divide(left, s["count"] - s.convention.specific_ddof) * s.periods_per_year) ** 0.5)


def _systematic_risk(s: Statistics) -> Measured:
    return s.measured(_systematic(s), s.short, s.constant_benchmark)


def _specific_risk(s: Statistics) -> Measured:
    return s.measured(_specific(s), s.short, s.constant_benchmark)


def _total_risk(s: Statistics) -> Measured:
    return s.measured(np.hypot(_systematic(s), _specific(s)), s.short, s.constant_benchmark)


active_return = Measure(
    "active_return", "Active return (annual)", "annual return - annual return of the benchmark", "Bacon 2008",
    "fraction per year", HIGHER, _active_return, RELATIVE,
)  # fmt: skip
tracking_error = Measure(
    "tracking_error", "Tracking error", "standard deviation of active returns x sqrt(periods per year)",
    "Grinold and Kahn 1999", "fraction per year", LOWER, _tracking_error, RELATIVE,
)  # fmt: skip
information_ratio = Measure(
    "information_ratio", "Information ratio", "mean active return x periods per year / tracking error",
    "Goodwin 1998; Grinold and Kahn 1999", "ratio", HIGHER, _information, RELATIVE,
)  # fmt: skip
beta = Measure(
    "beta", "Beta", "cov(excess, benchmark excess) / var(benchmark excess)", "Sharpe 1964", "ratio", NEITHER, _beta,
    RELATIVE,
)  # fmt: skip
up_beta = _side_beta("up", Reason.NO_RISING_MARKET)
down_beta = _side_beta("down", Reason.NO_FALLING_MARKET)
jensen_alpha = Measure(
    "jensen_alpha", "Jensen's alpha", "(mean excess - beta x mean benchmark excess) x periods per year", "Jensen 1968",
    "fraction per year", HIGHER, _alpha, RELATIVE,
)  # fmt: skip
treynor_ratio = Measure(
    "treynor_ratio", "Treynor ratio", "mean excess return x periods per year / beta", "Treynor 1965",
    "fraction per year", HIGHER, _treynor, RELATIVE,
)  # fmt: skip
m_squared = Measure(
    "m_squared", "M squared", "Sharpe ratio x volatility of the benchmark + risk-free rate",
    "Modigliani and Modigliani 1997", "fraction per year", HIGHER, _m_squared, RELATIVE,
)  # fmt: skip
up_capture = _capture("up", Reason.NO_RISING_MARKET)
down_capture = _capture("down", Reason.NO_FALLING_MARKET)
correlation = Measure(
    "correlation", "Correlation with the benchmark", "cov / (sd x sd of the benchmark)", "Pearson 1895", "ratio",
    NEITHER, _correlation, RELATIVE,
)  # fmt: skip
r_squared = Measure("r_squared", "R squared", "correlation^2", "Sharpe 1964", "ratio", NEITHER, _r_squared, RELATIVE)
systematic_risk = Measure(
    "systematic_risk", "Systematic risk", "|beta| x volatility of the benchmark", "Bacon 2008",
    "fraction per year", LOWER, _systematic_risk, RELATIVE,
)  # fmt: skip
specific_risk = Measure(
    "specific_risk", "Specific risk", "standard deviation of regression residuals x sqrt(periods per year)",
    "Bacon 2008", "fraction per year", LOWER, _specific_risk, RELATIVE,
)  # fmt: skip
total_risk = Measure(
    "total_risk", "Total risk", "sqrt(systematic risk^2 + specific risk^2)", "Bacon 2008",
    "fraction per year", LOWER, _total_risk, RELATIVE,
)  # fmt: skip

RELATIVE_MEASURES = (
    active_return, tracking_error, information_ratio, beta, up_beta, down_beta, jensen_alpha, treynor_ratio, m_squared,
    up_capture, down_capture, correlation, r_squared, systematic_risk, specific_risk, total_risk,
)  # fmt: skip
