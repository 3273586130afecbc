"""25 measures of many daily series: ours, plain numpy, the libraries people use where installed, and a bound."""

from __future__ import annotations

import importlib.util
import math
import time
import warnings
from collections.abc import Callable

import numpy as np
from numba import njit, prange

from argosy.measures.performance.catalogue import measure_all
from argosy.measures.performance.conventions import EMPYRICAL
from bench.harness import Promise, once, take_turns

PROMISE = (
    "25 measures of 1,000 series of ten years take at most 2x the bound, 30x less than empyrical, 300x quantstats."
)
NAMES = (
    "total_return", "annual_return", "volatility", "sharpe_ratio", "sortino_ratio", "downside_deviation",
    "max_drawdown", "calmar_ratio", "omega_ratio", "tail_ratio", "value_at_risk", "expected_shortfall", "skewness",
    "excess_kurtosis", "steadiness", "jensen_alpha", "beta", "tracking_error", "information_ratio", "up_capture",
    "down_capture", "hit_rate", "best_return", "worst_return", "gain_to_pain_ratio",
)  # fmt: skip
YEAR = 252.0


@njit(parallel=True, cache=True)
def _bound(returns: np.ndarray, market: np.ndarray) -> np.ndarray:
    """What no way around: moments, one product and one logarithm a return, the market's side, one partial sort."""
    count, length = returns.shape
    out = np.empty((count, 8))
    low, high = int((length - 1) * 0.05), int((length - 1) * 0.95)
    for s in prange(count):
        x = returns[s]
        mean = x.mean()
        m2 = cov = logs = squares = deepest = up = 0.0
        wealth = peak = 1.0
        for i in range(length):
            d = x[i] - mean
            m2 += d * d
            cov += d * market[i]
            wealth *= 1.0 + x[i]
            peak = max(peak, wealth)
            deepest = max(deepest, 1.0 - wealth / peak)
            level = math.log(wealth)
            logs += level
            squares += level * level
            up += x[i] if market[i] > 0.0 else 0.0
        part = np.partition(x, high)
        tail = np.partition(part[:high], low)
        out[s] = mean, m2, cov, deepest, logs, squares, tail[low], part[high]
        out[s, 0] += up
    return out


def _numpy(r: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The same 25 figures in plain numpy, a pass or two each."""
    t = r.shape[1]
    mean = r.mean(1)
    d = r - mean[:, None]
    m2 = (d * d).mean(1)
    sd = np.sqrt(m2 * t / (t - 1))
    logs = np.log1p(r)
    level = np.cumsum(logs, 1)
    wealth = np.exp(level)
    deepest = (1.0 - wealth / np.maximum(np.maximum.accumulate(wealth, 1), 1.0)).max(1)
    annual = np.expm1(level[:, -1] * YEAR / t)
    losses = np.maximum(-r, 0.0)
    semi = np.sqrt((losses * losses).mean(1))
    q05, q95 = np.quantile(r, [0.05, 0.95], axis=1)
    below = r <= q05[:, None]
    shape = t * (t - 1.0)
    g1 = (d**3).mean(1) / m2**1.5
    g2 = (d**4).mean(1) / m2**2 - 3.0
    time_ = np.arange(t) - (t - 1) / 2
    centered = level - level.mean(1, keepdims=True)
    bd = b - b.mean()
    beta = d @ bd / (bd @ bd)
    active = r - b
    te = active.std(1, ddof=1)
    up, down = b > 0, b < 0

    def capture(side: np.ndarray) -> np.ndarray:
        return np.expm1(logs[:, side].mean(1) * YEAR) / np.expm1(np.log1p(b[side]).mean() * YEAR)

    return np.stack([
        wealth[:, -1] - 1, annual, sd * YEAR**0.5, mean / sd * YEAR**0.5, mean / semi * YEAR**0.5, semi * YEAR**0.5,
        deepest, annual / deepest, np.maximum(r, 0).sum(1) / losses.sum(1), np.abs(q95) / np.abs(q05), -q05,
        -(r * below).sum(1) / below.sum(1), g1 * shape**0.5 / (t - 2),
        (t - 1) * ((t + 1) * g2 + 6) / ((t - 2) * (t - 3)),
        (centered @ time_) ** 2 / ((time_ @ time_) * (centered**2).sum(1)),
        np.expm1(np.log1p(mean - beta * b.mean()) * YEAR),
        beta, te * YEAR**0.5, active.mean(1) / te, capture(up), capture(down), (r > 0).mean(1), r.max(1), r.min(1),
        r.sum(1) / losses.sum(1),
    ], axis=1)  # fmt: skip


def _peer(name: str, r: np.ndarray, b: np.ndarray) -> Callable[[], object] | None:
    """The measures each library has, one series after the other as its documentation does; None if not installed."""
    if importlib.util.find_spec(name) is None or importlib.util.find_spec("pandas") is None:
        return None
    import pandas as pd

    dates = pd.bdate_range("2014-01-01", periods=r.shape[1])
    market = pd.Series(b, dates)
    series = [pd.Series(row, dates) for row in r]
    if name == "empyrical":
        import empyrical as ep

        def run() -> object:
            return [
                (
                    ep.cum_returns_final(s), ep.cagr(s), ep.annual_volatility(s), ep.sharpe_ratio(s),
                    ep.sortino_ratio(s),
                    ep.downside_risk(s), ep.max_drawdown(s), ep.calmar_ratio(s), ep.omega_ratio(s), ep.tail_ratio(s),
                    ep.value_at_risk(s), ep.conditional_value_at_risk(s), s.skew(), s.kurt(),
                    ep.stability_of_timeseries(s), ep.alpha_beta(s, market), ep.annual_volatility(s - market),
                    ep.excess_sharpe(s, market), ep.up_capture(s, market), ep.down_capture(s, market),
                    (s > 0).mean(), s.max(), s.min(), s.sum() / -s[s < 0].sum(),
                )
                for s in series
            ]  # fmt: skip

        return run
    from quantstats import stats as qs

    def run_quantstats() -> object:
        return [
            (
                qs.comp(s), qs.cagr(s), qs.volatility(s), qs.sharpe(s), qs.sortino(s), qs.max_drawdown(s), qs.calmar(s),
                qs.omega(s), qs.tail_ratio(s), qs.var(s), qs.cvar(s), qs.skew(s), qs.kurtosis(s), qs.greeks(s, market),
                qs.volatility(s - market), qs.information_ratio(s, market), qs.r_squared(s, market), qs.win_rate(s),
                qs.best(s), qs.worst(s), qs.gain_to_pain_ratio(s),
            )
            for s in series
        ]  # fmt: skip

    return run_quantstats


def run(size: str) -> list[Promise]:
    """Contenders take turns on the same block; libraries run on a share of the series, scaled up."""
    series, periods = (1000, 2520) if size == "full" else (60, 504)
    rng = np.random.default_rng(20260102)
    market = 0.0003 + 0.01 * rng.standard_t(5, periods) / (5 / 3) ** 0.5
    loading = rng.uniform(0.5, 1.5, series)
    returns = np.clip(loading[:, None] * market + 0.0001 + 0.009 * rng.standard_t(5, (series, periods)), -0.5, 0.5)

    def ours() -> np.ndarray:
        return measure_all(
            returns, periods_per_year=YEAR, names=NAMES, benchmark=market, convention=EMPYRICAL, engine="kernel"
        ).values  # fmt: skip

    cold = once(ours)
    np.testing.assert_allclose(ours(), _numpy(returns, market), rtol=1e-7, atol=1e-10)
    seconds = take_turns(
        {
            "ours": ours,
            "plain numpy": lambda: _numpy(returns, market),
            "bound (bare pass, fewer figures)": lambda: _bound(returns, market),
        },
        rounds=7,
    )
    limits = [
        ("ours / bound", seconds["ours"] / seconds["bound (bare pass, fewer figures)"], 2.0 if size == "full" else 50.0)
    ]
    notes = []
    for name, share, factor in (("empyrical", 0.05, 30.0), ("quantstats", 0.01, 300.0)):
        few = max(int(series * share), 2)
        peer = _peer(name, returns[:few], market)
        if peer is None:
            notes.append(f"{name} is not installed and was not measured")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer()
            start = time.perf_counter()
            peer()
            seconds[f"{name} ({few} series, scaled)"] = (time.perf_counter() - start) * series / few
        limits.append((f"ours / {name}", seconds["ours"] / seconds[f"{name} ({few} series, scaled)"], 1.0 / factor))
    if size != "full":
        limits = limits[:1]
    return [Promise(PROMISE, seconds, tuple(limits), cold={"ours": cold}, notes=tuple(notes))]
