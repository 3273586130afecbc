"""Measures of dispersion, of the shape of the distribution and of its tails. Losses are positive."""

from __future__ import annotations

import numpy as np

from argosy.kernels import stats
from argosy.measures.performance.measure import HIGHER, LOWER, NEITHER, Measure
from argosy.measures.performance.reasons import Float64, Measured, Reason
from argosy.measures.performance.statistics import Statistics, divide


def semideviation(s: Statistics) -> Float64:
    """Target semideviation per period: root mean square shortfall over all n periods."""
    return np.asarray(np.sqrt(s["below2"] / s["count"]))


def _volatility(s: Statistics) -> Measured:
    values = np.where(s.constant[0], 0.0, s.deviation("m2")) * s.periods_per_year**0.5
    return s.measured(values, s.short)


def _downside(s: Statistics) -> Measured:
    scale = s.periods_per_year**0.5 if s.convention.semideviation == "annual" else 1.0
    return s.measured(semideviation(s) * scale)


def _potential(s: Statistics) -> Measured:
    return s.measured(s["below1"] / s["count"])


def shape(s: Statistics, *, corrected: bool) -> tuple[Float64, Float64]:
    """Skewness and excess kurtosis."""
    n = s["count"]
    skew = divide(s["m3"] / n, (s["m2"] / n) ** 1.5)
    excess = divide(n * s["m4"], s["m2"] ** 2) - 3.0
    if corrected:
        skew = skew * divide(np.sqrt(n * (n - 1.0)), n - 2.0)
        excess = divide((n - 1.0) * ((n + 1.0) * excess + 6.0), (n - 2.0) * (n - 3.0))
    return skew, excess


def _skewness(s: Statistics) -> Measured:
    corrected = s.convention.shape == "sample"
    least = 3 if corrected else 2
    return s.measured(shape(s, corrected=corrected)[0], (s["count"] < least, Reason.TOO_SHORT), s.constant)


def _kurtosis(s: Statistics) -> Measured:
    corrected = s.convention.shape == "sample"
    least = 4 if corrected else 2
    return s.measured(shape(s, corrected=corrected)[1], (s["count"] < least, Reason.TOO_SHORT), s.constant)


def _jarque_bera(s: Statistics) -> Measured:
    skew, excess = shape(s, corrected=False)
    return s.measured(s["count"] / 6.0 * (skew**2 + excess**2 / 4.0), s.short, s.constant)


def _jarque_bera_p(s: Statistics) -> Measured:
    found = _jarque_bera(s)
    # The survival function of chi square with two degrees of freedom.
    return Measured(np.exp(-found.values / 2.0), found.reasons)


def _autocorrelation(s: Statistics) -> Measured:
    return s.measured(divide(s["autocovariance"], s["m2"]), (s["count"] < 2, Reason.TOO_SHORT), s.constant)


def _value_at_risk(s: Statistics) -> Measured:
    return s.measured(-(s["order_low"] if s.convention.quantile == "order" else s["quantile_low"]))


def _shortfall(s: Statistics) -> Measured:
    return s.measured(-(s["tail_integral"] if s.convention.shortfall == "integral" else s["tail_below"]))


def _tail_ratio(s: Statistics) -> Measured:
    low = np.abs(s["quantile_low"])
    return s.measured(divide(np.abs(s["quantile_high"]), low), (low == 0.0, Reason.ZERO_QUANTILE))


volatility = Measure(
    "volatility", "Volatility", "standard deviation (n - 1) x sqrt(periods per year)", "Bacon 2008",
    "fraction per year", LOWER, _volatility,
)  # fmt: skip
downside_deviation = Measure(
    "downside_deviation", "Downside deviation", "sqrt(sum(min(r_t - target, 0)^2) / n) x sqrt(periods per year)",
    "Sortino and van der Meer 1991", "fraction per year", LOWER, _downside, stats.TARGET,
)  # fmt: skip
downside_potential = Measure(
    "downside_potential", "Downside potential", "sum(max(target - r_t, 0)) / n", "Bacon 2008", "fraction", LOWER,
    _potential, stats.TARGET,
)  # fmt: skip
skewness = Measure(
    "skewness", "Skewness", "m3 / m2^1.5, central moments", "Joanes and Gill 1998, g1", "ratio", HIGHER, _skewness
)
excess_kurtosis = Measure(
    "excess_kurtosis", "Excess kurtosis", "m4 / m2^2 - 3, central", "Joanes and Gill 1998, g2", "ratio", LOWER,
    _kurtosis,
)  # fmt: skip
jarque_bera = Measure(
    "jarque_bera", "Jarque-Bera statistic", "n / 6 (skewness^2 + excess kurtosis^2 / 4)", "Jarque and Bera 1987",
    "ratio", NEITHER, _jarque_bera,
)  # fmt: skip
jarque_bera_p = Measure(
    "jarque_bera_p", "Jarque-Bera p-value", "exp(-statistic / 2)", "Jarque and Bera 1987", "fraction", NEITHER,
    _jarque_bera_p,
)  # fmt: skip
autocorrelation = Measure(
    "autocorrelation", "Autocorrelation, lag 1", "sum (r_t - m)(r_(t+1) - m) / sum (r_t - m)^2",
    "Box and Jenkins 1976", "ratio", NEITHER, _autocorrelation, stats.SERIAL,
)  # fmt: skip
value_at_risk = Measure(
    "value_at_risk", "Value at risk, historical", "- lower quantile of r_t at 1 - confidence (type 7)",
    "Hyndman and Fan 1996; Basel MAR33", "fraction", LOWER, _value_at_risk, stats.TAIL,
)  # fmt: skip
expected_shortfall = Measure(
    "expected_shortfall", "Expected shortfall, historical", "- mean of the lower tail of mass 1 - confidence",
    "Rockafellar and Uryasev 2002; Acerbi and Tasche 2002", "fraction", LOWER, _shortfall, stats.TAIL,
)  # fmt: skip
tail_ratio = Measure(
    "tail_ratio", "Tail ratio", "|upper quantile| / |lower quantile| at confidence", "empyrical tail_ratio", "ratio",
    HIGHER, _tail_ratio, stats.TAIL,
)  # fmt: skip

RISK_MEASURES = (
    volatility, downside_deviation, downside_potential, skewness, excess_kurtosis, jarque_bera, jarque_bera_p,
    autocorrelation, value_at_risk, expected_shortfall, tail_ratio,
)  # fmt: skip
