"""What a model would have said each day: Value at Risk and shortfall, out of sample, from data to the day before.

Parameters are fitted on a trailing window and held until the next fit; volatilities and windows move every day. The
definitions are those of :mod:`argosy.measures.risk.loss`; tests hold the two together on single days.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from argosy.base.errors import InvalidInput, NotConverged, UndefinedMeasure, unknown
from argosy.base.levels import confidence_level
from argosy.kernels import garch as kernel
from argosy.kernels.distributions import normal_density, normal_quantile, unit_t_tail
from argosy.measures.performance.series import vector
from argosy.measures.risk.loss.parametric import cornish_fisher, student_t
from argosy.models.moments.observations import InsufficientData
from argosy.models.volatility.ewma import ewma_variances
from argosy.models.volatility.garch import KINDS, MEAN_ABSOLUTE, Errors, Model, NonStationary, fit_garch

Float64 = npt.NDArray[np.float64]

SHORTEST = 250
# Numbers of a window matrix that are sorted at once.
BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Forecasts (D, C) for the last D days of a series, and what was realized.

    Attributes
    ----------
    model : name
    confidences : C levels
    losses : (D,) realized losses, positive
    value_at_risk, shortfall : (D, C) forecasts for those days, made the day before
    next_value_at_risk, next_shortfall : (C,) forecasts for the day after the data
    fits, held : how often parameters were fitted, and how often a fit failed and those before were held (before the
        first GARCH fit that settles, the variance of RiskMetrics)
    """

    model: str
    confidences: tuple[float, ...]
    losses: Float64
    value_at_risk: Float64
    shortfall: Float64
    next_value_at_risk: Float64
    next_shortfall: Float64
    fits: int
    held: int


Tails = tuple[Float64, Float64, int, int]
Forecast = Callable[[Float64, int, int, Sequence[float]], Tails]

RISKMETRICS = 0.94
"""Decay of the variance that stands in until a GARCH fit settles."""

AGE_DECAY = 0.995
"""Decay of the age-weighted model: half of the weight lies in the last 138 days."""

FARTHEST_LOG = 40.0
"""Logarithm of a variance beyond which it is none: e to the 40 is a volatility of 485 million a day."""

LEARNING = 0.005
SMALLEST_SHARE, LARGEST_SHARE = 0.1, 2.5
"""Bounds of the share that an adaptive tail may count, as multiples of the share promised."""


def rolling_forecasts(
    returns: Any, *, model: str, confidences: Sequence[float] | float, window: int = 1_000, refit: int = 125
) -> Forecasts:
    """Forecast each day from the ``window`` days before it.

    Parameters
    ----------
    returns : (T,) simple returns of the portfolio as held
    model : one of ``MODELS``: "historical", "age-weighted", "volatility-scaled", "filtered garch", "filtered gjr-t",
        "adaptive gjr-t" (the filtered one, its tail learning from exceptions), "normal", "student t", "cornish-fisher",
        "ewma", "garch", "garch-t", "gjr-t", "egarch-t"
    window : days that quantiles and fits see, 250 or more
    refit : days between fits of Student t, Cornish-Fisher and GARCH models

    Raises
    ------
    InsufficientData, InvalidInput, UnknownName
        No day left beyond the window; NaN; an unknown model.
    UndefinedMeasure, NonStationary
        Days without volatility; Cornish-Fisher outside its domain in the first window; an EGARCH variance that ran off.

    Examples
    --------
    >>> r = np.random.default_rng(1).normal(0.0, 0.01, 600)
    >>> found = rolling_forecasts(r, model="normal", confidences=[0.95], window=500)
    >>> found.value_at_risk.shape, bool(abs(found.value_at_risk.mean() - 0.0164) < 0.001)
    ((100, 1), True)
    """
    if model not in MODELS:
        raise unknown("model", model, MODELS)
    r = vector(returns, "returns")
    if window < SHORTEST or refit < 1:
        raise InvalidInput(f"window is {window} and refit {refit}", field="window", found=window,
                           expected=f"window from {SHORTEST}, refit from 1")  # fmt: skip
    if r.size <= window:
        raise InsufficientData(f"{r.size} returns leave no day to forecast beyond a window of {window}",
                               field="returns", next_step="take a longer history or a shorter window")  # fmt: skip
    given = [confidences] if isinstance(confidences, int | float | str) else confidences
    levels = tuple(confidence_level(level, field="confidences") for level in given)
    masses = [1.0 - level for level in levels]
    value, shortfall, fits, held = MODELS[model](r, window, refit, masses)
    return Forecasts(model, levels, -r[window:], value[:-1], shortfall[:-1], value[-1], shortfall[-1], fits, held)


def tails_of_rows(losses: Float64, masses: Sequence[float], weights: Float64 | None = None) -> tuple[Float64, Float64]:
    """Quantile and exact tail mean (D, C) of each row of losses (D, W), equally likely or weighted alike (W,).

    The conventions of :func:`argosy.measures.risk.loss.tail.tail_of`: the order statistic, and the fractional atom.
    """
    days, width = losses.shape
    value, shortfall = np.empty((days, len(masses))), np.empty((days, len(masses)))
    step = max(BLOCK // width, 1)
    for start in range(0, days, step):
        rows = losses[start : start + step]
        if weights is None:
            # Only the largest are needed in order.
            most = min(int(np.ceil(width * max(masses))) + 1, width)
            ranked = -np.sort(np.partition(-rows, most - 1, axis=1)[:, :most], axis=1)
            weighed = np.full(ranked.shape, 1.0 / width)
        else:
            order = np.argsort(-rows, axis=1, kind="stable")
            ranked, weighed = np.take_along_axis(rows, order, axis=1), weights[order]
        reached = np.cumsum(weighed, axis=1)
        sums = np.cumsum(weighed * ranked, axis=1)
        every = np.arange(len(rows))
        for c, mass in enumerate(masses):
            place = np.minimum((reached < mass - 1e-9 / width).sum(axis=1), ranked.shape[1] - 1)
            at = ranked[every, place]
            before = np.where(place > 0, reached[every, place - 1], 0.0)
            beyond = np.where(place > 0, sums[every, place - 1], 0.0)
            value[start : start + step, c] = at
            shortfall[start : start + step, c] = (beyond + (mass - before) * at) / mass
    return value, shortfall


def _historical(r: Float64, window: int, _: int, masses: Sequence[float]) -> Tails:
    return *tails_of_rows(-sliding_window_view(r, window), masses), 0, 0


def _age_weighted(r: Float64, window: int, _: int, masses: Sequence[float]) -> Tails:
    weights = AGE_DECAY ** np.arange(window - 1.0, -1.0, -1.0)
    return *tails_of_rows(-sliding_window_view(r, window), masses, weights / weights.sum()), 0, 0


def _volatility_scaled(r: Float64, window: int, _: int, masses: Sequence[float]) -> Tails:
    deviation = np.sqrt(ewma_variances(r))
    if (deviation[75:] <= 0.0).any():
        raise UndefinedMeasure("some days have no volatility, so returns cannot be scaled", field="returns",
                               next_step="check for stale prices")  # fmt: skip
    # The first returns start the recursion; dividing by a start of zero would say nothing about them.
    z = r / np.maximum(deviation[:-1], 1e-300)
    z[:75] = r[:75] / deviation[75]
    value, shortfall = tails_of_rows(-sliding_window_view(z, window), masses)
    ahead = deviation[window:, None]
    return value * ahead, shortfall * ahead, 0, 0


def _normal(r: Float64, window: int, _: int, masses: Sequence[float]) -> Tails:
    rows = sliding_window_view(r, window)
    return *_located(rows.mean(axis=1), rows.std(axis=1, ddof=1), _normal_tails(masses)), 0, 0


def _ewma(r: Float64, window: int, _: int, masses: Sequence[float]) -> Tails:
    deviation = np.sqrt(ewma_variances(r))[window:]
    return *_located(np.zeros(deviation.size), deviation, _normal_tails(masses)), 0, 0


def _fitted(fit: Callable[..., Any]) -> Forecast:
    """A static distribution fitted every few days: the fit of the window until the next one."""

    def forecast(r: Float64, window: int, refit: int, masses: Sequence[float]) -> Tails:
        days = r.size - window + 1
        value, shortfall = np.empty((days, len(masses))), np.empty((days, len(masses)))
        fits = held = 0
        for start in range(0, days, refit):
            stop = min(start + refit, days)
            try:
                found = [fit(r[start : start + window], confidence=1.0 - mass) for mass in masses]
            except (UndefinedMeasure, NotConverged):
                if start == 0:
                    raise
                held += 1
                value[start:stop], shortfall[start:stop] = value[start - 1], shortfall[start - 1]
                continue
            fits += 1
            value[start:stop] = [one.value_at_risk for one in found]
            shortfall[start:stop] = [one.expected_shortfall for one in found]
        return value, shortfall, fits, held

    return forecast


def _conditional(model: Model, errors: Errors, *, tail: Literal["errors", "residuals", "adaptive"]) -> Forecast:
    """A GARCH model whose variance moves every day; the tail is that of its errors, or of its residuals so far."""

    def forecast(r: Float64, window: int, refit: int, masses: Sequence[float]) -> Tails:
        days = r.size - window + 1
        value, shortfall = np.empty((days, len(masses))), np.empty((days, len(masses)))
        fits = held = 0
        # Until a fit settles the variance is that of RiskMetrics.
        parameters, kind = np.array([0.0, 0.0, 1.0 - RISKMETRICS, 0.0, RISKMETRICS, 0.0]), kernel.GARCH
        shares = list(masses)
        for start in range(0, days, refit):
            stop = min(start + refit, days)
            try:
                fit = fit_garch(r[start : start + window], model=model, errors=errors, engine="kernel")
                parameters, kind = fit.parameters, KINDS[model]
                fits += 1
            except (NonStationary, NotConverged):
                held += 1
            # The last forecast of all is for the day after the last, whose return nobody has seen.
            seen = r[start : window + stop]
            deviation = np.sqrt(_moved(seen, window, parameters, kind))
            ahead = deviation[window : window + stop - start, None]
            if tail == "errors":
                nu = float(parameters[5])
                pairs = _t_tails(masses, nu) if nu > 0.0 else _normal_tails(masses)
                tails = (pairs[0][None, :], pairs[1][None, :])
            else:
                z = -(seen - parameters[0]) / deviation[:-1]
                rows = sliding_window_view(z[: window + stop - start - 1], window)
                if tail == "residuals":
                    tails = tails_of_rows(rows, masses)
                else:
                    tails, shares = _adapted(rows, z[window:].tolist(), masses, shares)
            value[start:stop] = tails[0] * ahead - parameters[0]
            shortfall[start:stop] = tails[1] * ahead - parameters[0]
        return value, shortfall, fits, held

    return forecast


def _moved(seen: Float64, window: int, parameters: Float64, kind: int) -> Float64:
    """Variances (S + 1,) of returns (S,): over the window as fitted, then day by day.

    A recursion over all of them at once would start from their mean, which the window does not know yet. EGARCH
    variances may run away on a day far beyond all that was fitted: that is :class:`NonStationary`, and no forecast.
    """
    before = kernel.variances(seen[:window], parameters, kind=kind, engine="kernel")
    mean, omega, alpha, gamma, beta = parameters[:5].tolist()
    h, after = float(before[-1]), []
    for value in seen[window:].tolist():
        e = value - mean
        if kind == kernel.EGARCH:
            z = e / math.sqrt(h)
            log_h = omega + alpha * (abs(z) - MEAN_ABSOLUTE) + gamma * z + beta * math.log(h)
            if abs(log_h) > FARTHEST_LOG:
                raise NonStationary(
                    f"the variance of EGARCH ran away to exp({log_h:.0f}) after a return of {value:.2%}", field="model",
                    next_step="use gjr-t for returns with such jumps",
                )  # fmt: skip
            h = math.exp(log_h)
        else:
            h = omega + (alpha + (gamma if e < 0.0 else 0.0)) * e * e + beta * h
        after.append(h)
    return np.concatenate([before, after])


def _adapted(
    rows: Float64, realized: list[float], masses: Sequence[float], shares: list[float]
) -> tuple[tuple[Float64, Float64], list[float]]:
    """Tails at a share of days that learns: a little smaller after an exception, a little larger after none.

    ``a_(t+1) = a_t + g (p - 1{loss beyond})`` (Gibbs and Candes 2021, eq. 2, with their g = 0.005), within bounds. One
    forecast more than ``realized`` losses may be asked for.
    """
    days, width = rows.shape
    most = min(math.ceil(LARGEST_SHARE * max(masses) * width) + 1, width)
    ranked = -np.sort(np.partition(-rows, most - 1, axis=1)[:, :most], axis=1)
    sums = (np.cumsum(ranked, axis=1) / width).tolist()
    largest = ranked.tolist()
    value, shortfall = np.empty((days, len(masses))), np.empty((days, len(masses)))
    after = list(shares)
    for c, mass in enumerate(masses):
        share = after[c]
        for day in range(days):
            place = min(max(math.ceil(share * width - 1e-9), 1), most) - 1
            at = largest[day][place]
            before = sums[day][place - 1] if place else 0.0
            value[day, c] = at
            shortfall[day, c] = (before + (share - place / width) * at) / share
            if day < len(realized):
                moved = share + LEARNING * (mass - (realized[day] > at))
                share = min(max(moved, SMALLEST_SHARE * mass), LARGEST_SHARE * mass)
        after[c] = share
    return (value, shortfall), after


def _normal_tails(masses: Sequence[float]) -> tuple[Float64, Float64]:
    at = np.array([-normal_quantile(mass) for mass in masses])
    return at, np.array([float(normal_density(z)) / mass for z, mass in zip(at, masses, strict=True)])


def _t_tails(masses: Sequence[float], nu: float) -> tuple[Float64, Float64]:
    both = np.array([unit_t_tail(mass, nu) for mass in masses])
    return both[:, 0], both[:, 1]


def _located(mean: Float64, deviation: Float64, tails: tuple[Float64, Float64]) -> tuple[Float64, Float64]:
    first, second = (deviation[:, None] * row[None, :] - mean[:, None] for row in tails)
    return first, second


MODELS: dict[str, Forecast] = {
    "historical": _historical,
    "age-weighted": _age_weighted,
    "volatility-scaled": _volatility_scaled,
    "filtered garch": _conditional("garch", "normal", tail="residuals"),
    "filtered gjr-t": _conditional("gjr", "t", tail="residuals"),
    "adaptive gjr-t": _conditional("gjr", "t", tail="adaptive"),
    "normal": _normal,
    "student t": _fitted(student_t),
    "cornish-fisher": _fitted(cornish_fisher),
    "ewma": _ewma,
    "garch": _conditional("garch", "normal", tail="errors"),
    "garch-t": _conditional("garch", "t", tail="errors"),
    "gjr-t": _conditional("gjr", "t", tail="errors"),
    "egarch-t": _conditional("egarch", "t", tail="errors"),
}
"""Every model that can be asked for forecasts, by name."""
