"""Risk-adjusted attribution: which effect earned its tracking error, and Fama's split of return by risk taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.measures.attribution.inputs import Float64, UndefinedEffect, matrix


@dataclass(frozen=True)
class ActiveRisk:
    """Ex-post tracking error and information ratio by effect, each (E,); annualized.

    Identities: ``contribution.sum()`` = ``tracking_error``; ``contribution`` = volatility * correlation;
    ``information_ratio`` = sum of (contribution / tracking_error) * component_ratio, within 1e-12, plus
    mean / tracking_error of effects that are ``riskless``: they earned without risk and have no ratio (0 stands there).
    """

    mean: Float64
    volatility: Float64
    correlation: Float64
    contribution: Float64
    component_ratio: Float64
    riskless: npt.NDArray[np.bool_]
    tracking_error: float
    information_ratio: float
    ddof: int


def active_risk(effects: npt.ArrayLike, *, periods_per_year: float, ddof: int = 1) -> ActiveRisk:
    """Split ex-post tracking error and information ratio over effects (allocation by sector, selection, ...).

    Answers: where did the active risk come from, and was each piece of it paid?

    Parameters
    ----------
    effects : (T, E) float, per-period effects summing to the active return
    periods_per_year : for annualization
    ddof : 1 sample (default), 0 population

    Raises
    ------
    UndefinedEffect    fewer than ddof + 1 periods, or the active return never varies.

    Notes
    -----
    x-sigma-rho: TE contribution_e = cov(effect_e, active)/TE. Component ratio = mean_e / contribution_e; an effect that
    never moved with the active return has none.
    Source: Menchero (2006/2007), J. Performance Measurement 11(1) "Risk-adjusted performance attribution".

    Examples
    --------
    >>> out = active_risk([[0.01, 0.0], [0.0, 0.02], [-0.01, 0.02]], periods_per_year=1)
    >>> bool(abs(out.contribution.sum() - out.tracking_error) < 1e-15)
    True
    """
    e = matrix("effects", effects)
    if not periods_per_year > 0:
        raise InvalidInput(f"periods_per_year is {periods_per_year}", field="periods_per_year", expected="a number > 0")
    periods = len(e)
    if periods <= ddof:
        raise UndefinedEffect(
            f"{periods} periods cannot give a deviation with ddof {ddof}", field="effects", found=periods,
            expected=f"at least {ddof + 1}", next_step="give a longer history",
        )  # fmt: skip
    active = e.sum(axis=1)
    centered, center = e - e.mean(axis=0), active - active.mean()
    variance = float(center @ center) / (periods - ddof)
    if variance <= (1e-14 * max(float(np.abs(active).max()), 1e-300)) ** 2:
        raise UndefinedEffect(
            "the active return never varies, so there is no tracking error to split", field="effects",
            next_step="check that portfolio and benchmark are two series, or give a longer history",
        )  # fmt: skip
    scale = float(np.sqrt(periods_per_year))
    tracking = float(np.sqrt(variance))
    contribution = (centered.T @ center) / (periods - ddof) / tracking
    volatility = np.sqrt((centered**2).sum(axis=0) / (periods - ddof))
    moving = volatility > 0.0
    correlation = np.where(moving, contribution / np.where(moving, volatility, 1.0), 0.0)
    mean = e.mean(axis=0) * periods_per_year
    risked = contribution != 0.0
    ratio = np.where(risked, mean / np.where(risked, contribution * scale, 1.0), 0.0)
    return ActiveRisk(
        mean, volatility * scale, correlation, contribution * scale, ratio, ~risked & (mean != 0.0), tracking * scale,
        float(mean.sum()) / (tracking * scale), ddof,
    )  # fmt: skip


@dataclass(frozen=True)
class FamaSplit:
    """Fama's decomposition; ``risk_free + systematic + diversification + net_selectivity`` = ``total`` within 1e-12."""

    risk_free: float
    systematic: float
    selectivity: float
    diversification: float
    net_selectivity: float
    total: float


def fama(
    *, r_port: float, r_bench: float, risk_free: float, beta: float, volatility_port: float, volatility_bench: float
) -> FamaSplit:
    """Split a return into what the market risk earned, what diversification cost and what picking earned net of it.

    Answers: was the return above the risk-free rate paid for by the risk taken?

    Notes
    -----
    Selectivity = r - rf - beta (b - rf); diversification = (s_p/s_b - beta)(b - rf); net = the difference.
    Source: Fama (1972), Components of investment performance, J. Finance 27(3).

    Examples
    --------
    >>> out = fama(r_port=0.12, r_bench=0.10, risk_free=0.02, beta=0.9, volatility_port=0.18, volatility_bench=0.16)
    >>> round(out.selectivity, 4), round(out.diversification, 4), round(out.net_selectivity, 4)
    (0.028, 0.018, 0.01)
    """
    given = {"r_port": r_port, "r_bench": r_bench, "risk_free": risk_free, "beta": beta,
             "volatility_port": volatility_port, "volatility_bench": volatility_bench}  # fmt: skip
    for name, value in given.items():
        if not np.isfinite(value):
            raise InvalidInput(f"{name} is {value}", field=name, found=value, expected="a finite number")
    if volatility_bench <= 0.0 or volatility_port < 0.0:
        raise UndefinedEffect("the benchmark's volatility must be positive", field="volatility_bench")
    premium = r_bench - risk_free
    systematic = beta * premium
    selectivity = r_port - risk_free - systematic
    diversification = (volatility_port / volatility_bench - beta) * premium
    return FamaSplit(risk_free, systematic, selectivity, diversification, selectivity - diversification, r_port)
