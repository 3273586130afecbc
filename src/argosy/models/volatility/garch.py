"""GARCH, GJR and EGARCH volatility with normal or Student t errors: fits, forecasts, simulated futures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import ArgosyError, InvalidInput, NotConverged, UndefinedMeasure
from argosy.kernels import garch as kernel
from argosy.models.moments.observations import floats, observed

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Model = Literal["garch", "gjr", "egarch"]
Errors = Literal["normal", "t"]

KINDS: dict[str, int] = {"garch": kernel.GARCH, "gjr": kernel.GJR, "egarch": kernel.EGARCH}
LEAST = 100
"""Returns below which no such model is fitted: its parameters would be noise."""

MEAN_ABSOLUTE = math.sqrt(2.0 / math.pi)


class NonStationary(ArgosyError):
    """The variance of the fitted model grows without end, so it has no level to forecast."""

    code = "non_stationary"


@dataclass(frozen=True, eq=False)
class GarchFit:
    """A fitted model, per period: parameters, likelihood, and the variances it gives to each return.

    ``variances`` (T + 1,) holds each period's variance as known before it and that of the period after the last;
    ``residuals`` (T,) are standardized by them. ``gamma`` is 0 for GARCH, ``nu`` is 0 for normal errors.
    """

    model: str
    errors: str
    mean: float
    omega: float
    alpha: float
    gamma: float
    beta: float
    nu: float
    log_likelihood: float
    evaluations: int
    warnings: tuple[str, ...]
    variances: Float64
    residuals: Float64
    _returns: Float64

    @property
    def parameters(self) -> Float64:
        """(mean, omega, alpha, gamma, beta, nu)."""
        return np.array([self.mean, self.omega, self.alpha, self.gamma, self.beta, self.nu])

    @property
    def persistence(self) -> float:
        """What is left of a shock to the variance (its logarithm for EGARCH) after one period."""
        return self.beta if self.model == "egarch" else self.alpha + 0.5 * self.gamma + self.beta

    @property
    def long_run_variance(self) -> float:
        """Variance per period to which forecasts return; :class:`UndefinedMeasure` for EGARCH (no closed form)."""
        if self.model == "egarch":
            raise UndefinedMeasure("the long-run variance of EGARCH has no closed form", field="long_run_variance",
                                   next_step="simulate a long horizon")  # fmt: skip
        return self.omega / (1.0 - self.persistence)

    @property
    def next_variance(self) -> float:
        """Variance of the period after the last."""
        return float(self.variances[-1])

    @cached_property
    def parameter_errors(self) -> Float64:
        """Standard errors (6,) of the parameters: inverse Hessian of the likelihood at the fit; 0 where fixed."""
        free = [0, 1, 2, *([3] if self.model != "garch" else []), 4, *([5] if self.nu else [])]
        at = self.parameters
        steps = 1e-5 * np.maximum(np.abs(at), 1e-8 * np.abs(at).max())
        hessian = np.empty((len(free), len(free)))
        for row, place in enumerate(free):
            high, low = at.copy(), at.copy()
            high[place] += steps[place]
            low[place] -= steps[place]
            up, down = (
                kernel.cost(self._returns, p, kind=KINDS[self.model], student=bool(self.nu))[1] for p in (high, low)
            )
            hessian[row] = (up - down)[free] / (2.0 * steps[place])
        hessian = 0.5 * (hessian + hessian.T)
        out = np.zeros(6)
        scale = np.sqrt(np.abs(hessian.diagonal()))
        if (scale == 0.0).any() or np.linalg.eigvalsh(hessian / np.outer(scale, scale))[0] <= 0.0:
            raise UndefinedMeasure("the likelihood is flat or at an edge, so the parameters have no standard errors",
                                   field="parameter_errors", next_step="use a smaller model")  # fmt: skip
        out[free] = np.sqrt(np.linalg.inv(hessian / np.outer(scale, scale)).diagonal()) / scale
        return out

    def forecast(self, horizon: int) -> Float64:
        """Variances (horizon,) of the coming periods, as expected today.

        ``h_(1) = `` the next variance and ``h_(k+1) = omega + persistence h_(k)`` (Bollerslev 1986, eq. 22). EGARCH
        knows one period only; longer ones come from :meth:`simulate`.
        """
        if horizon < 1:
            raise InvalidInput(f"horizon is {horizon}", field="horizon", found=horizon, expected="1 or more")
        if self.model == "egarch" and horizon > 1:
            raise UndefinedMeasure("EGARCH has no closed forecast beyond one period", field="horizon", found=horizon,
                                   next_step="simulate paths and average their squares")  # fmt: skip
        out = np.empty(horizon)
        out[0] = self.next_variance
        for step in range(1, horizon):
            out[step] = self.omega + self.persistence * out[step - 1]
        return out

    def simulate(
        self, horizon: int, *, paths: int, generator: Generator, innovations: Literal["model", "history"] = "model"
    ) -> Float64:
        """Simulated returns (paths, horizon) of the coming periods, the variance moving along each path.

        ``innovations``: "model" draws from the fitted errors; "history" draws the standardized residuals with
        replacement, which is filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999).
        """
        if horizon < 1 or paths < 1:
            raise InvalidInput(f"horizon is {horizon}, paths {paths}", field="horizon", expected="both 1 or more")
        if innovations == "history":
            z = self.residuals[generator.integers(0, self.residuals.size, (paths, horizon))]
        elif innovations == "model":
            if self.nu:
                z = generator.standard_t(self.nu, (paths, horizon)) * math.sqrt((self.nu - 2.0) / self.nu)
            else:
                z = generator.standard_normal((paths, horizon))
        else:
            raise InvalidInput(f"innovations is {innovations!r}", field="innovations", expected="model or history")
        out = np.empty((paths, horizon))
        h = np.full(paths, self.next_variance)
        for step in range(horizon):
            shock = z[:, step]
            e = np.sqrt(h) * shock
            out[:, step] = self.mean + e
            if self.model == "egarch":
                h = np.exp(
                    self.omega + self.alpha * (np.abs(shock) - MEAN_ABSOLUTE) + self.gamma * shock
                    + self.beta * np.log(h)
                )  # fmt: skip
            else:
                h = self.omega + (self.alpha + self.gamma * (e < 0.0)) * e * e + self.beta * h
        return out


@dataclass(frozen=True, eq=False)
class GarchFits:
    """Fits of many series, each row (mean, omega, alpha, gamma, beta, nu), with their outcomes (N,).

    ``outcomes`` are "converged", "not converged", "non-stationary" or "constant"; other rows than converged are NaN.
    """

    model: str
    errors: str
    parameters: Float64
    log_likelihood: Float64
    outcomes: tuple[str, ...]
    evaluations: Int64


OUTCOMES = ("converged", "not converged", "non-stationary", "constant")


def fit_garch(
    returns: npt.ArrayLike, *, model: Model = "garch", errors: Errors = "normal", engine: kernel.Engine = "auto"
) -> GarchFit:
    """Fit one series by maximum likelihood with a constant mean; the likelihood of Python's ``arch`` package.

    Parameters
    ----------
    returns : (T,) simple returns per period, 100 or more
    model : "garch" (Bollerslev 1986), "gjr" (Glosten, Jagannathan and Runkle 1993), "egarch" (Nelson 1991); all (1, 1)
    errors : "normal", or "t" scaled to variance one with its degrees of freedom fitted (above 2.05)

    Raises
    ------
    InsufficientData, MissingData, UndefinedMeasure
        Under 100 returns; a missing one; returns that do not vary.
    NotConverged, NonStationary
        The search did not settle; the best fit has a persistence of 1 within 1e-4.

    Examples
    --------
    >>> noise = np.random.default_rng(1).standard_normal(600)
    >>> calm = np.repeat([0.01, 0.03, 0.01], 200) * noise
    >>> fit = fit_garch(calm)
    >>> 0.9 < fit.persistence < 1.0
    True
    """
    kind = _kind(model, errors)
    r = _series(returns)
    row = kernel.fits(r[None, :], kind=kind, student=errors == "t", engine=engine)[0]
    status, evaluations = int(row[7]), int(row[8])
    if status == kernel.CONSTANT:
        raise UndefinedMeasure("the returns do not vary, so their volatility has no model", field="returns",
                               next_step="check for stale prices")  # fmt: skip
    if status == kernel.NONSTATIONARY:
        raise NonStationary(
            f"the best {model} fit has persistence {_persistence(row, model):.6f}: its variance never returns to a "
            f"level",
            field="model", found=_persistence(row, model), expected="below 0.9999",
            next_step="use ewma_variances, a longer history, or split the history at its break",
        )  # fmt: skip
    if status != kernel.CONVERGED:
        raise NotConverged(
            f"the {model} fit had not settled after {evaluations} evaluations of the likelihood", field="model",
            found=evaluations, next_step="use a smaller model, normal errors, or a longer history",
        )  # fmt: skip
    mean, omega, alpha, gamma, beta, nu, likelihood = (float(value) for value in row[:7])
    variances = kernel.variances(r, row[:6], kind=kind, engine=engine)
    warnings = []
    if r.size < 500:
        warnings.append(f"{r.size} returns: GARCH parameters are uncertain below about 500")
    if errors == "t" and row[5] >= 499.0:
        warnings.append("the errors are as good as normal (500 degrees of freedom)")
    return GarchFit(
        model, errors, mean, omega, alpha, gamma, beta, nu, likelihood, evaluations, tuple(warnings), variances,
        (r - row[0]) / np.sqrt(variances[:-1]), r,
    )  # fmt: skip


def fit_many(
    returns: npt.ArrayLike, *, model: Model = "garch", errors: Errors = "normal", engine: kernel.Engine = "auto"
) -> GarchFits:
    """Fit every column of ``returns`` (T, N); outcomes are collected, nothing is raised for a series that fails.

    Examples
    --------
    >>> r = np.random.default_rng(2).standard_normal((300, 2)) * np.repeat([0.01, 0.02, 0.01], 100)[:, None]
    >>> r[:, 1] = 0.0
    >>> fit_many(r).outcomes
    ('converged', 'constant')
    """
    kind = _kind(model, errors)
    r = observed(returns, least=LEAST)
    rows = kernel.fits(np.ascontiguousarray(r.T), kind=kind, student=errors == "t", engine=engine)
    status = rows[:, 7].astype(np.int64)
    rows[status != kernel.CONVERGED, :7] = np.nan
    return GarchFits(
        model, errors, rows[:, :6], rows[:, 6], tuple(OUTCOMES[code] for code in status.tolist()),
        rows[:, 8].astype(np.int64),
    )  # fmt: skip


def _kind(model: str, errors: str) -> int:
    if model not in KINDS:
        raise InvalidInput(f"there is no model {model!r}", field="model", found=model, expected="garch, gjr or egarch")
    if errors not in ("normal", "t"):
        raise InvalidInput(f"there are no errors {errors!r}", field="errors", found=errors, expected="normal or t")
    return KINDS[model]


def _series(returns: npt.ArrayLike) -> Float64:
    given = floats(returns, "returns")
    if given.ndim != 1:
        raise InvalidInput(f"returns have shape {given.shape}", field="returns", expected="(T,)",
                           next_step="use fit_many for several series")  # fmt: skip
    return np.ascontiguousarray(observed(given.reshape(-1, 1), least=LEAST)[:, 0])


def _persistence(row: Float64, model: str) -> float:
    return float(row[4] if model == "egarch" else row[2] + 0.5 * row[3] + row[4])
