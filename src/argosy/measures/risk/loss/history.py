"""Value at risk and expected shortfall from history: plain, age-weighted, scaled to today's volatility, filtered."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.kernels.streams import NORMALS, stream
from argosy.measures.risk.loss.tail import Errors, Quantile, TailLoss, empirical, series, varies
from argosy.models.moments.observations import whole
from argosy.models.volatility.ewma import ewma_variances
from argosy.models.volatility.garch import Errors as GarchErrors
from argosy.models.volatility.garch import Model, fit_garch

Float64 = npt.NDArray[np.float64]

BURN = 75
"""Returns the recursion of volatility needs before its figures are its own and not its start's."""


def historical(
    returns: npt.ArrayLike,
    *,
    confidence: float,
    quantile: Quantile = "order",
    errors: Errors = "order",
    seed: int | None = None,
    draws: int = 1_000,
) -> TailLoss:
    """Answers: had today's portfolio been held through this history, what loss is exceeded, and how far?

    Parameters
    ----------
    returns : (T,) returns or profits per period of the portfolio as held today, 10 or more; every period counts alike
    quantile : "order" (the ceil(n (1 - c))-th largest loss), "regulatory" (the same), "type 7" (numpy's and R's)
    errors : "order" exact moments of the order statistic; "asymptotic"; "bootstrap" with ``seed`` and ``draws``; "none"

    Raises
    ------
    InvalidInput, InsufficientData, MissingData
        A confidence such as 95; under 10 returns; a missing one.

    Notes
    -----
    Shortfall: Rockafellar and Uryasev 2002, the tail mean with the fractional atom. O(T log T).

    Examples
    --------
    >>> found = historical([0.01, -0.04, 0.02, -0.01, 0.03, -0.02, 0.0, 0.01, 0.02, -0.03], confidence=0.75)
    >>> found.value_at_risk, round(found.expected_shortfall, 6)
    (0.02, 0.032)
    """
    return empirical(
        -series(returns), confidence=confidence, method="historical", quantile=quantile, errors=errors, seed=seed,
        draws=draws,
    )  # fmt: skip


def age_weighted(
    returns: npt.ArrayLike, *, confidence: float, decay: float = 0.98, errors: Errors = "asymptotic",
    seed: int | None = None, draws: int = 1_000,
) -> TailLoss:  # fmt: skip
    """Historical risk in which a return of age i counts ``decay^i`` (Boudoukh, Richardson and Whitelaw 1998).

    Examples
    --------
    >>> calm_then_wild = np.concatenate([np.full(50, -0.001), np.tile([0.03, -0.03], 10)])
    >>> age_weighted(calm_then_wild, confidence=0.9).value_at_risk
    0.03
    """
    r = series(returns)
    if not 0.0 < decay < 1.0:
        raise InvalidInput(f"decay is {decay!r}", field="decay", found=decay, expected="above 0, below 1, such as 0.98")
    weights = decay ** np.arange(r.size - 1, -1, -1)
    return empirical(
        -r, confidence=confidence, method=f"historical, weights fading by {decay:g} a period", errors=errors,
        weights=weights / weights.sum(), seed=seed, draws=draws,
    )  # fmt: skip


def volatility_scaled(
    returns: npt.ArrayLike,
    *,
    confidence: float,
    decay: float = 0.94,
    quantile: Quantile = "order",
    errors: Errors = "order",
    seed: int | None = None,
    draws: int = 1_000,
) -> TailLoss:
    """Historical risk of returns scaled from their day's volatility to today's (Hull and White 1998).

    ``r_t sigma_(T+1) / sigma_t`` with EWMA volatilities, each known before its day. The first 75 returns start the
    recursion and are left out.

    Raises
    ------
    UndefinedMeasure
        The returns do not vary, or some day's volatility is zero.
    """
    scaled = _scaled(series(returns, least=BURN + 10), decay)
    return empirical(
        -scaled, confidence=confidence, method=f"historical, scaled to today's EWMA volatility (decay {decay:g})",
        quantile=quantile, errors=errors, seed=seed, draws=draws,
    )  # fmt: skip


def _scaled(r: Float64, decay: float) -> Float64:
    deviation = np.sqrt(ewma_variances(r, decay=decay))
    if not varies(r) or (deviation[BURN:] <= 0.0).any():
        raise UndefinedMeasure(
            "the returns have days of no volatility, so they cannot be scaled to today's", field="returns",
            next_step="check for stale prices, or use plain historical risk",
        )  # fmt: skip
    return np.asarray(r[BURN:] * deviation[-1] / deviation[BURN:-1])


def filtered(
    returns: npt.ArrayLike,
    *,
    confidence: float,
    model: Model = "garch",
    fit_errors: GarchErrors = "normal",
    horizon: int = 1,
    paths: int = 20_000,
    seed: int | None = None,
    quantile: Quantile = "order",
) -> TailLoss:
    """Filtered historical simulation: the residuals of a GARCH fit, at tomorrow's volatility.

    Barone-Adesi, Giannopoulos and Vosper 1999. Over one period each residual is one scenario; over more, ``paths``
    paths draw residuals with replacement (``seed``) while the variance moves, and returns are compounded.

    Raises
    ------
    InsufficientData, NotConverged, NonStationary, UndefinedMeasure
        Under 100 returns; a fit that did not settle; an explosive one; returns that do not vary.
    """
    r = series(returns, least=100)
    fit = fit_garch(r, model=model, errors=fit_errors)
    name = f"filtered historical simulation, {model} with {fit_errors} errors"
    if horizon == 1:
        ahead = fit.mean + fit.residuals * fit.next_variance**0.5
        found = empirical(-ahead, confidence=confidence, method=name, quantile=quantile, warnings=fit.warnings)
        return replace(found, horizon_rule="simulated")
    if seed is None:
        raise InvalidInput("a horizon beyond one period is simulated and needs a seed", field="seed",
                           next_step="give seed=1 or any whole number")  # fmt: skip
    steps = fit.simulate(horizon, paths=paths, generator=stream(seed, NORMALS, 0), innovations="history")
    found = empirical(-_compounded(steps), confidence=confidence, method=name, quantile=quantile, warnings=fit.warnings)
    return replace(found, horizon=horizon, horizon_rule=f"simulated, {paths} paths", seed=seed)


def simulated_horizon(
    returns: npt.ArrayLike, *, confidence: float, horizon: int, seed: int, paths: int = 20_000,
    rule: Literal["compounded", "summed"] = "compounded", quantile: Quantile = "order",
) -> TailLoss:  # fmt: skip
    """Risk over several periods by drawing periods of the history independently and with replacement.

    ``rule``: "compounded" for returns, "summed" for profits in money.

    Examples
    --------
    >>> r = np.random.default_rng(3).normal(0.0, 0.01, 500)
    >>> ten = simulated_horizon(r, confidence=0.99, horizon=10, seed=1)
    >>> one = historical(r, confidence=0.99)
    >>> ten.horizon, 2.5 < ten.value_at_risk / one.value_at_risk < 3.7
    (10, True)
    """
    r = series(returns)
    horizon, paths = whole(horizon, "horizon"), whole(paths, "paths")
    if rule not in ("compounded", "summed"):
        raise InvalidInput(f"there is no rule {rule!r}", field="rule", found=rule, expected="compounded or summed")
    drawn = r[stream(seed, NORMALS, 0).integers(0, r.size, (paths, horizon))]
    ends = _compounded(drawn) if rule == "compounded" else drawn.sum(axis=1)
    found = empirical(-ends, confidence=confidence, method="historical simulation", quantile=quantile)
    return replace(found, horizon=horizon, horizon_rule=f"simulated, {paths} paths {rule}", seed=seed)


def _compounded(steps: Float64) -> Float64:
    return np.asarray(np.prod(1.0 + steps, axis=1) - 1.0)
