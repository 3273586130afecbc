"""Models of loss side by side on the returns of what is held now, each with its standard errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput, UndefinedMeasure, unknown
from argosy.base.levels import confidence_level
from argosy.measures.risk.loss.history import age_weighted, filtered, historical, volatility_scaled
from argosy.measures.risk.loss.monte_carlo import monte_carlo
from argosy.measures.risk.loss.parametric import cornish_fisher, normal, normal_tail, student_t, student_t_tail
from argosy.measures.risk.loss.tail import TailLoss, order_error, shortfall_error, varies
from argosy.measures.risk.validation.forecasts import rolling_forecasts
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance
from argosy.models.moments.observations import InsufficientData
from argosy.models.scenarios.models import FactorScenarios
from argosy.models.scenarios.shards import Linear, LossShards
from argosy.models.tails.peaks import fit_tail
from argosy.models.volatility.ewma import ewma_variances
from argosy.models.volatility.garch import fit_garch

Float64 = npt.NDArray[np.float64]

DEFAULT = "adaptive gjr-t"
"""The default of docs/risk-validation.md: the model that most portfolios pass out of sample."""
SHORTEST = 250
SCENARIOS = 65_536
SEED = 20_260_101
TAIL_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Setting:
    """What models see: returns (T,) of the portfolio as held now, those of its assets (T, A) and their weights."""

    returns: Float64
    assets: Float64
    weights: Float64
    confidence: float
    window: int
    seed: int

    @property
    def recent(self) -> Float64:
        """The window that quantiles and fits see."""
        return self.returns[-self.window :]


Model = Callable[[Setting], TailLoss]


def _adaptive(at: Setting) -> TailLoss:
    window = min(at.window, max(3 * at.returns.size // 4, SHORTEST))
    said = rolling_forecasts(at.returns, model=DEFAULT, confidences=[at.confidence], window=window)
    value, beyond = float(said.next_value_at_risk[0]), float(said.next_shortfall[0])
    # The error is that of the order statistic at the share of filtered losses the model counts today.
    losses = -scaled_returns(at.returns[-window:], at.returns[-window:, None])[:, 0]
    share = min(max(float((losses >= value).mean()), 1.0 / losses.size), 0.5)
    even = np.full(losses.size, 1.0 / losses.size)
    return TailLoss(
        value, beyond, order_error(losses, share), shortfall_error(losses, even, share, value), at.confidence,
        "filtered by GJR with t errors, the tail learning from exceptions",
        f"window {window}, share counted {share:.4f}", window,
    )  # fmt: skip


def _ewma(at: Setting) -> TailLoss:
    deviation = math.sqrt(float(ewma_variances(at.returns)[-1]))
    found = normal_tail(confidence=at.confidence, volatility=deviation)
    weights = 0.06 * 0.94 ** np.arange(at.returns.size)
    # Delta method: the variance of a weighted mean of squares of normals is 2 s^4 sum of squared weights.
    spread = math.sqrt(0.5 * float(weights @ weights))
    return replace(
        found, value_at_risk_error=found.value_at_risk * spread, method="normal, EWMA volatility (decay 0.94)",
        expected_shortfall_error=found.expected_shortfall * spread, observations=at.returns.size,
    )  # fmt: skip


def _gjr_t(at: Setting) -> TailLoss:
    fit = fit_garch(at.recent, model="gjr", errors="t")
    found = student_t_tail(confidence=at.confidence, volatility=math.sqrt(fit.next_variance), nu=fit.nu, mean=fit.mean)
    return replace(found, method=f"GJR with t errors ({fit.nu:.3g} degrees of freedom)", observations=at.recent.size,
                   warnings=fit.warnings)  # fmt: skip


def _extreme(at: Setting) -> TailLoss:
    fit = fit_tail(-at.recent, share=TAIL_SHARE)
    value, beyond = fit.value_at_risk(at.confidence, band="delta"), fit.expected_shortfall(at.confidence, band="delta")
    return TailLoss(
        value.value, beyond.value, value.standard_error, beyond.standard_error, at.confidence,
        f"peaks over threshold (shape {fit.shape:.2f}, {fit.exceedances} exceedances)", "McNeil and Frey 2000",
        fit.observations, fit.warnings,
    )  # fmt: skip


def _simulated(at: Setting, *, heavy: bool) -> TailLoss:
    recent = at.assets[-at.window :]
    belief = DenseCovariance(np.atleast_2d(np.cov(recent, rowvar=False)))
    nu = None
    if heavy:
        fitted = student_t(at.recent, confidence=at.confidence).method
        nu = max(float(fitted.partition("(")[2].partition(" ")[0]), 2.1)
    model = FactorScenarios(FactorCovariance(belief.root, belief.rest), nu=nu, mean=recent.mean(axis=0))
    found = monte_carlo(
        LossShards(model, Linear(at.weights), seed=at.seed), confidence=at.confidence, scenarios=SCENARIOS
    ).tail
    name = f"Student t ({nu:.3g} degrees of freedom)" if nu else "normal"
    return replace(found, method=f"Monte Carlo, {name}, {SCENARIOS} scenarios", seed=at.seed)


MODELS: Mapping[str, Model] = {
    DEFAULT: _adaptive,
    "filtered gjr-t": lambda at: filtered(at.recent, confidence=at.confidence, model="gjr", fit_errors="t"),
    "filtered garch": lambda at: filtered(at.recent, confidence=at.confidence),
    "volatility-scaled": lambda at: volatility_scaled(at.recent, confidence=at.confidence),
    "historical": lambda at: historical(at.recent, confidence=at.confidence),
    "age-weighted": lambda at: age_weighted(at.recent, confidence=at.confidence, decay=0.995),
    "normal": lambda at: normal(at.recent, confidence=at.confidence),
    "student t": lambda at: student_t(at.recent, confidence=at.confidence),
    "cornish-fisher": lambda at: cornish_fisher(at.recent, confidence=at.confidence),
    "ewma": _ewma,
    "gjr-t": _gjr_t,
    "extreme value": _extreme,
    "monte carlo": lambda at: _simulated(at, heavy=False),
    "monte carlo t": lambda at: _simulated(at, heavy=True),
}
"""Every model by name, the default first."""

SCALED = frozenset({DEFAULT, "filtered gjr-t", "filtered garch", "volatility-scaled", "ewma", "gjr-t"})
"""Models whose scenarios are brought to today's volatility before contributions are read off them."""


def checked_model(name: str) -> str:
    """A model that there is."""
    if name not in MODELS:
        raise unknown("model of risk", name, MODELS)
    return name


def model_loss(name: str, at: Setting, *, horizon: int = 1) -> TailLoss:
    """Value at risk and shortfall of one model over ``horizon`` days (scaled by its square root, which is said).

    Raises
    ------
    InsufficientData, UndefinedMeasure, NotConverged, NonStationary
        What the model cannot do with these returns.
    """
    confidence_level(at.confidence)
    if horizon < 1:
        raise InvalidInput(f"horizon is {horizon}", field="horizon", found=horizon, expected="1 or more days")
    if not varies(at.returns):
        raise UndefinedMeasure("the portfolio's returns do not vary", field="returns",
                               next_step="check for stale prices")  # fmt: skip
    if name == DEFAULT and at.returns.size <= SHORTEST:
        raise InsufficientData(
            f"{at.returns.size} returns; {name} needs more than {SHORTEST}", field="prices", found=at.returns.size,
            expected=f"more than {SHORTEST}", next_step="ask for another model, such as normal, or name proxies",
        )  # fmt: skip
    found = MODELS[checked_model(name)](at)
    return found if horizon == 1 else found.over(horizon)


def model_losses(
    names: Sequence[str], at: Setting, *, horizon: int = 1
) -> tuple[tuple[tuple[str, TailLoss], ...], tuple[str, ...]]:
    """Several models beside each other, and why some could not be had."""
    found: list[tuple[str, TailLoss]] = []
    notes: list[str] = []
    for name in names:
        try:
            found.append((name, model_loss(name, at, horizon=horizon)))
        except ArgosyError as error:
            notes.append(f"no {name}: {error.message}")
    return tuple(found), tuple(notes)


def scaled_returns(portfolio: Float64, assets: Float64) -> Float64:
    """Returns (T, A) of each day brought from the portfolio's volatility of that day to tomorrow's (GJR, t errors).

    Where no fit settles, EWMA volatilities stand in.
    """
    try:
        variances = fit_garch(portfolio, model="gjr", errors="t").variances
    except ArgosyError:
        variances = ewma_variances(portfolio)
    day = np.sqrt(np.maximum(variances, 1e-300))
    return np.asarray(assets * (day[-1] / day[:-1])[:, None])
