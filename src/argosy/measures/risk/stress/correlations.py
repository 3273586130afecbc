"""What if things move together that did not: correlations that are stressed and stay possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import unknown
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named, positive
from argosy.models.moments.correlation import correlation_of, nearest_correlation
from argosy.models.moments.covariance import Covariance, DenseCovariance, as_covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CorrelationStress:
    """A stressed covariance (N, N) and the portfolio's volatility before and after.

    ``repaired`` is the Frobenius distance from the correlations asked for to the nearest possible ones, 0 where those
    asked for were possible; ``smallest`` is the smallest eigenvalue of the stressed correlation.
    """

    covariance: DenseCovariance
    correlation: Float64
    before: float
    after: float
    repaired: float
    smallest: float

    @property
    def change(self) -> float:
        """Volatility after less volatility before."""
        return self.after - self.before


def blend_to_one(
    weights: Any, covariance: Covariance | npt.ArrayLike, *, share: float, volatility_factor: float = 1.0
) -> CorrelationStress:
    """Draw every correlation to one by a ``share``: ``(1 - s) C + s 11'``, possible for each share from 0 to 1.

    ``volatility_factor`` multiplies all volatilities as well.

    Examples
    --------
    >>> found = blend_to_one([0.5, 0.5], [[0.04, 0.0], [0.0, 0.04]], share=1.0)
    >>> round(found.before, 6), round(found.after, 6)
    (0.141421, 0.2)
    """
    if not 0.0 <= share <= 1.0:
        raise refusal(f"share is {share}", field="share", found=share, expected="0 (as it is) to 1 (all move together)")
    start = _Start.of(weights, covariance)
    return start.stressed((1.0 - share) * start.correlation + share, volatility_factor)


def flip_signs(
    weights: Any, covariance: Covariance | npt.ArrayLike, *, assets: Sequence[int], volatility_factor: float = 1.0
) -> CorrelationStress:
    """Turn the correlations of some ``assets`` (places) with all others: hedges that become bets, and the reverse.

    ``D C D`` with ``D = diag(+-1)`` has the eigenvalues of C, so nothing has to be repaired. Correlations among the
    flipped assets stay.

    Examples
    --------
    >>> flip_signs([0.5, 0.5], [[0.04, -0.02], [-0.02, 0.04]], assets=[1]).correlation.round(12).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    start = _Start.of(weights, covariance)
    signs = np.ones(start.weights.size)
    for place in assets:
        if not 0 <= place < signs.size:
            raise refusal(f"asset {place}", field="assets", found=place, expected=f"places 0 to {signs.size - 1}")
        signs[place] = -1.0
    return start.stressed(start.correlation * np.outer(signs, signs), volatility_factor)


def set_correlations(
    weights: Any,
    covariance: Covariance | npt.ArrayLike,
    *,
    pairs: Mapping[tuple[str, str], float],
    names: Sequence[str],
    volatility_factor: float = 1.0,
) -> CorrelationStress:
    """Set single correlations by name; if no market can have them, take the nearest that one can (Higham 2002).

    Examples
    --------
    >>> cov = np.eye(3) * 0.04
    >>> found = set_correlations([1/3] * 3, cov, pairs={("A", "B"): 0.9, ("B", "C"): 0.9, ("A", "C"): -0.9},
    ...                          names=["A", "B", "C"])
    >>> found.smallest > -1e-12, found.repaired > 0.1
    (True, True)
    """
    start = _Start.of(weights, covariance)
    labels = named(names, start.weights.size)
    wanted = start.correlation.copy()
    for (one, other), value in pairs.items():
        for name in (one, other):
            if name not in labels:
                raise unknown("asset", name, labels, place="pairs")
        if one == other or not -1.0 <= value <= 1.0:
            raise refusal(f"the correlation of {one} and {other} is {value}", field="pairs", found=value,
                          expected="two assets, and a number from -1 to 1")  # fmt: skip
        i, j = labels.index(one), labels.index(other)
        wanted[i, j] = wanted[j, i] = float(value)
    mended = nearest_correlation(wanted)
    return start.stressed(mended.matrix, volatility_factor, repaired=mended.distance)


@dataclass(frozen=True, eq=False)
class _Start:
    """A portfolio before its correlations are stressed."""

    weights: Float64
    deviations: Float64
    correlation: Float64
    volatility: float

    @classmethod
    def of(cls, weights: Any, covariance: Covariance | npt.ArrayLike) -> _Start:
        belief = as_covariance(covariance)
        w = array(weights, (belief.size,), "weights")
        return cls(w, *correlation_of(belief), float(np.sqrt(max(float(w @ belief.times(w)), 0.0))))

    def stressed(self, correlation: Float64, factor: float, *, repaired: float = 0.0) -> CorrelationStress:
        spread = positive(factor, "volatility_factor") * self.deviations
        covariance = DenseCovariance(correlation * np.outer(spread, spread))
        after = float(np.sqrt(max(float(self.weights @ covariance.times(self.weights)), 0.0)))
        smallest = float(np.linalg.eigvalsh(correlation)[0])
        return CorrelationStress(covariance, correlation, self.volatility, after, repaired, smallest)
