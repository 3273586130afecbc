"""How far-fetched is a scenario: its distance from the ordinary, and how rarely anything is as far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chdtri

from argosy.base.errors import InvalidInput
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, positive
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]

# Eigenvalues below this share of the largest are none: the factors repeat each other.
SINGULAR = 1e-12


@dataclass(frozen=True, slots=True)
class Plausibility:
    """``distance`` in Mahalanobis units; ``probability`` of a normal vector as far (chi-square, ``degrees``).

    ``degrees`` is the rank of the covariance, fewer than its size where factors repeat each other.
    """

    distance: float
    degrees: int
    probability: float


def plausibility(shocks: Any, covariance: Covariance | npt.ArrayLike, *, mean: Any = None) -> Plausibility:
    """Distance ``sqrt((x - m)' S^-1 (x - m))`` of a scenario and the chi-square probability of a larger one.

    With a singular covariance the pseudo-inverse is used, and a scenario that it rules out altogether is refused.

    Examples
    --------
    >>> found = plausibility([-0.2, 0.0], [[0.01, 0.0], [0.0, 0.04]])
    >>> round(found.distance, 12), found.degrees, round(found.probability, 6)
    (2.0, 2, 0.135335)
    """
    belief = as_covariance(covariance)
    x = array(shocks, (belief.size,), "shocks")
    if mean is not None:
        x = x - array(mean, (belief.size,), "mean")
    values, vectors = spectrum(belief)
    kept = values > SINGULAR * values[-1]
    along = vectors.T @ x
    if float(np.abs(along[~kept]).max(initial=0.0)) > 1e-6 * max(float(np.linalg.norm(x)), 1e-300):
        raise InvalidInput("the covariance says that the factors cannot move apart like this", field="shocks",
                           next_step="estimate the covariance from a longer history, or propagate")  # fmt: skip
    square = float((along[kept] ** 2 / values[kept]).sum())
    degrees = int(kept.sum())
    return Plausibility(float(np.sqrt(square)), degrees, float(chdtrc(degrees, square)))


def radius_of(probability: float, degrees: int) -> float:
    """Distance that a normal vector of so many ``degrees`` exceeds with the probability given.

    Examples
    --------
    >>> round(radius_of(0.135335283, 2), 6)
    2.0
    """
    if not 0.0 < probability < 1.0:
        raise refusal(f"probability is {probability}", field="probability", found=probability,
                      expected="a fraction such as 0.01")  # fmt: skip
    if degrees < 1:
        raise refusal(f"{degrees} degrees", field="degrees", found=degrees, expected="1 or more")
    return float(np.sqrt(chdtri(degrees, probability)))


def spectrum(belief: Covariance) -> tuple[Float64, Float64]:
    """Eigenvalues, ascending and not below zero, and eigenvectors."""
    values, vectors = np.linalg.eigh(belief.dense())
    positive(float(values[-1]), "covariance: its largest eigenvalue")
    return np.maximum(values, 0.0), vectors
