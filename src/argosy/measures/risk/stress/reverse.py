"""Which scenario hurts most, and how likely must one be to lose so much: closed forms on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.measures.risk.inputs import array, positive
from argosy.measures.risk.stress.plausibility import SINGULAR, radius_of, spectrum
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReverseStress:
    """The scenario (K,), its loss and how plausible it is.

    ``distance`` is its Mahalanobis radius and ``probability`` that of any scenario as far out (chi-square,
    ``degrees``); ``loss_probability`` is that of a loss as large, in whatever scenario, under the normal law.
    """

    scenario: Float64
    loss: float
    distance: float
    degrees: int
    probability: float
    loss_probability: float


def worst_scenario(
    exposures: Any,
    covariance: Covariance | npt.ArrayLike,
    *,
    radius: float | None = None,
    probability: float | None = None,
) -> ReverseStress:
    """Find the most damaging scenario of a given plausibility: ``x = -k V w / sqrt(w'Vw)`` (Studer 1997; Breuer 2009).

    Parameters
    ----------
    exposures : (K,) gain per unit of each factor: weights, or money per unit of shock
    covariance : (K, K) of factor changes over the horizon, mean zero
    radius, probability : one of them: Mahalanobis distance, or the chi-square probability of scenarios farther out

    A singular covariance is fine: the scenario stays where factors can go, and ``degrees`` is the rank.

    Examples
    --------
    >>> found = worst_scenario([1.0, 1.0], [[0.01, 0.0], [0.0, 0.04]], radius=2.0)
    >>> found.scenario.round(6).tolist(), round(found.loss, 6)
    ([-0.089443, -0.357771], 0.447214)
    """
    belief = as_covariance(covariance)
    w = array(exposures, (belief.size,), "exposures")
    values, _ = spectrum(belief)
    degrees = int((values > SINGULAR * values[-1]).sum())
    if (radius is None) == (probability is None):
        raise InvalidInput("give either radius= or probability=, not both and not neither", field="radius")
    k = radius_of(probability, degrees) if probability is not None else positive(float(radius or 0.0), "radius")
    spread = _spread(w, belief)
    return ReverseStress(
        -k * belief.times(w) / spread, k * spread, k, degrees, float(chdtrc(degrees, k * k)), float(ndtr(-k))
    )


def reverse_stress(exposures: Any, covariance: Covariance | npt.ArrayLike, *, loss: float) -> ReverseStress:
    """Find the most plausible scenario that loses so much: ``x = -loss V w / w'Vw``.

    Examples
    --------
    >>> found = reverse_stress([1.0, 1.0], [[0.01, 0.0], [0.0, 0.04]], loss=0.447213595)
    >>> round(found.distance, 6), found.scenario.round(6).tolist()
    (2.0, [-0.089443, -0.357771])
    """
    belief = as_covariance(covariance)
    w = array(exposures, (belief.size,), "exposures")
    return worst_scenario(w, belief, radius=positive(loss, "loss") / _spread(w, belief))


def _spread(w: Float64, belief: Covariance) -> float:
    variance = float(w @ belief.times(w))
    scale = float((w * w) @ belief.diagonal())
    if variance <= SINGULAR * max(scale, 1e-300):
        raise UndefinedMeasure("the portfolio has no exposure to these factors, so no scenario of them hurts it",
                               field="exposures", next_step="check the exposures")  # fmt: skip
    return float(np.sqrt(variance))
