"""Peaks over threshold: a generalized Pareto tail, value at risk and shortfall far out, with confidence bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.kernels import pareto
from argosy.kernels.distributions import chi_square_quantile, normal_quantile
from argosy.models.moments.observations import InsufficientData, floats, observed

Float64 = npt.NDArray[np.float64]
Band = Literal["profile", "delta"]

LEAST = 10
"""Exceedances below which no tail is fitted."""

FEW = 30
"""Exceedances below which a fit carries a warning."""


@dataclass(frozen=True)
class FarTail:
    """A quantile far out (value at risk) or the mean beyond it, with its standard error and confidence band."""

    value: float
    standard_error: float
    low: float
    high: float
    confidence: float
    band_confidence: float
    band: str


@dataclass(frozen=True, eq=False)
class ParetoTail:
    """A fitted tail: losses above ``threshold`` exceed it by a generalized Pareto with ``shape`` xi and ``scale``."""

    threshold: float
    shape: float
    scale: float
    shape_error: float
    scale_error: float
    observations: int
    exceedances: int
    warnings: tuple[str, ...]
    _excesses: Float64

    def value_at_risk(self, confidence: float, *, band: Band = "profile", band_confidence: float = 0.95) -> FarTail:
        """Loss exceeded with probability ``1 - confidence``: ``u + b / xi ((n p / N_u)^-xi - 1)`` (McNeil, Frey 2000).

        Raises
        ------
        InvalidInput
            The confidence lies before the threshold, where the fit says nothing.
        """
        return self._far("quantile", confidence, band, band_confidence)

    def expected_shortfall(
        self, confidence: float, *, band: Band = "profile", band_confidence: float = 0.95
    ) -> FarTail:
        """Mean loss beyond the value at risk: ``(VaR + b - xi u) / (1 - xi)``.

        Raises
        ------
        UndefinedMeasure
            A shape of 1 or more: such a tail has no mean.
        """
        if self.shape >= 1.0:
            raise UndefinedMeasure(
                f"the tail's shape is {self.shape:.3g}: losses that heavy have no mean, so there is no expected "
                f"shortfall",
                field="shape", found=self.shape, expected="below 1", next_step="state the value at risk alone",
            )  # fmt: skip
        return self._far("mean", confidence, band, band_confidence)

    def _far(self, target: pareto.Target, confidence: float, band: str, band_confidence: float) -> FarTail:
        level, width = confidence_level(confidence), confidence_level(band_confidence, field="band_confidence")
        ratio = (1.0 - level) * self.observations / self.exceedances
        if ratio > 1.0 + 1e-9:
            raise InvalidInput(
                f"confidence {level:g} lies before the threshold, which {self.exceedances} of {self.observations} "
                f"losses exceed",
                field="confidence", found=confidence,
                expected=f"{1.0 - self.exceedances / self.observations:.4g} or more",
                next_step="lower the threshold or use historical risk there",
            )  # fmt: skip
        ratio = min(ratio, 1.0)
        over = pareto_over(target, self.shape, self.scale, ratio)
        error = self._delta(target, ratio)
        if band == "delta":
            reach = float(normal_quantile(0.5 + 0.5 * width)) * error
            low, high = over - reach, over + reach
        elif band == "profile":
            if not over > 0.0:
                low = high = over
            else:
                low, high = pareto.profile_bounds(
                    self._excesses, target, over, shape=self.shape, scale=self.scale, ratio=ratio,
                    drop=0.5 * float(chi_square_quantile(width, 1.0)),
                )  # fmt: skip
        else:
            raise InvalidInput(f"there is no band {band!r}", field="band", found=band, expected="profile or delta")
        u = self.threshold
        return FarTail(u + over, error, u + low, u + high, level, width, band)

    def _delta(self, target: pareto.Target, ratio: float) -> float:
        steps = 1e-5 * np.array([1.0, self.scale])
        slope = np.empty(2)
        for i in range(2):
            up, down = np.array([self.shape, self.scale]), np.array([self.shape, self.scale])
            up[i] += steps[i]
            down[i] -= steps[i]
            slope[i] = (
                pareto_over(target, float(up[0]), float(up[1]), ratio)
                - pareto_over(target, float(down[0]), float(down[1]), ratio)
            ) / (2.0 * steps[i])  # fmt: skip
        return math.sqrt(max(float(slope @ _spread(self.shape, self.scale, self.exceedances) @ slope), 0.0))


def pareto_over(target: pareto.Target, shape: float, scale: float, ratio: float) -> float:
    """How far the tail's quantile or mean lies above the threshold; ``ratio`` is p n / exceedances.

    Examples
    --------
    >>> [round(0.02 + pareto_over(target, 0.25, 0.008, 0.2), 9) for target in ("quantile", "mean")]
    [0.035851161, 0.051801548]
    """
    return scale * pareto.stretch(target, shape, ratio)


def _spread(shape: float, scale: float, count: int) -> Float64:
    """Asymptotic covariance of shape and scale (Smith 1987)."""
    k = 1.0 + shape
    return k / count * np.array([[k, -scale], [-scale, 2.0 * scale * scale]])


def fit_tail(losses: npt.ArrayLike, *, threshold: float | None = None, share: float | None = None) -> ParetoTail:
    """Fit the tail of losses (T,), positive where money is lost, above a threshold.

    Parameters
    ----------
    losses : (T,) losses; give ``-returns``
    threshold, share : the threshold itself, or the share of losses that exceed it (0.1 without either)

    Raises
    ------
    InsufficientData
        Under 10 exceedances. Under 30 the fit carries a warning.

    Examples
    --------
    >>> losses = np.random.default_rng(1).standard_t(4, 4_000) * 0.01
    >>> tail = fit_tail(losses, share=0.05)
    >>> tail.exceedances, 0.0 < tail.shape < 0.5
    (200, True)
    """
    x = _losses(losses)
    if threshold is not None and share is not None:
        raise InvalidInput("give a threshold or a share, not both", field="threshold")
    if threshold is None:
        part = confidence_level(0.1 if share is None else share, field="share")
        count = math.floor(part * x.size + 1e-9)
        ranked = np.sort(x)
        u = float(ranked[max(x.size - count - 1, 0)])
    else:
        u = float(threshold)
        if not math.isfinite(u):
            raise InvalidInput("the threshold is not a finite number", field="threshold", found=threshold)
    excesses = x[x > u] - u
    if excesses.size < LEAST:
        raise InsufficientData(
            f"{excesses.size} losses exceed the threshold {u:.6g}", field="threshold", found=excesses.size,
            expected=f"at least {LEAST}", next_step="lower the threshold or give a longer history",
        )  # fmt: skip
    shape, scale = pareto.fit(excesses)
    spread = _spread(shape, scale, excesses.size)
    warnings = []
    if excesses.size < FEW:
        warnings.append(f"{excesses.size} exceedances: below {FEW} a tail fit is weak")
    if shape <= pareto.LEAST_SHAPE + 1e-3:
        warnings.append("the shape stands at -0.5, the edge of the regular fits")
    if shape >= 1.0:
        warnings.append(f"shape {shape:.3g}: the tail has no mean")
    return ParetoTail(
        u, shape, scale, math.sqrt(spread[0, 0]), math.sqrt(spread[1, 1]), x.size, excesses.size, tuple(warnings),
        excesses,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stability:
    """Fits at several thresholds (M,): a good threshold stands where shape and ``modified_scale`` stop moving."""

    thresholds: Float64
    exceedances: npt.NDArray[np.int64]
    shapes: Float64
    shape_errors: Float64
    modified_scale: Float64
    mean_excess: Float64


def threshold_stability(losses: npt.ArrayLike, *, shares: Sequence[float]) -> Stability:
    """Shape, scale less shape times threshold, and mean excess by threshold (Coles 2001, sections 4.3.1 and 4.3.4).

    Examples
    --------
    >>> losses = np.random.default_rng(1).standard_t(4, 4_000) * 0.01
    >>> threshold_stability(losses, shares=[0.1, 0.05, 0.025]).exceedances.tolist()
    [400, 200, 100]
    """
    fits = [fit_tail(losses, share=share) for share in shares]
    return Stability(
        np.array([f.threshold for f in fits]), np.array([f.exceedances for f in fits], dtype=np.int64),
        np.array([f.shape for f in fits]), np.array([f.shape_error for f in fits]),
        np.array([f.scale - f.shape * f.threshold for f in fits]),
        np.array([float(f._excesses.mean()) for f in fits]),
    )  # fmt: skip


def _losses(losses: npt.ArrayLike) -> Float64:
    given = floats(losses, "losses")
    if given.ndim != 1:
        raise InvalidInput(f"losses have shape {given.shape}", field="losses", found=given.shape, expected="(T,)")
    return observed(given.reshape(-1, 1), least=LEAST)[:, 0]
