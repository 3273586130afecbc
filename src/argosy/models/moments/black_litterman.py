"""Black and Litterman: equilibrium returns blended with views, absolute or relative, sure or less sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown
from argosy.models.moments.covariance import Covariance, DenseCovariance, as_covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """What a portfolio of assets is expected to earn: one asset (absolute), or long against short (relative).

    ``confidence`` between 0 and 1 (Idzorek 2005), or ``variance`` of the view; neither: in proportion to its risk.
    """

    assets: Mapping[str, float]
    earns: float
    confidence: float | None = None
    variance: float | None = None


@dataclass(frozen=True, eq=False)
class Posterior:
    """Blended means (N,), their uncertainty (N, N), the equilibrium means and the views' variances (V,)."""

    mean: Float64
    uncertainty: Float64
    equilibrium: Float64
    view_variances: Float64
    _prior: Float64

    @property
    def covariance(self) -> DenseCovariance:
        """Covariance of returns when the means are uncertain: prior covariance plus the means' uncertainty."""
        return DenseCovariance(self._prior + self.uncertainty)


def equilibrium_returns(
    covariance: Covariance | npt.ArrayLike, market: npt.ArrayLike, *, risk_aversion: float
) -> Float64:
    """Excess returns for which the market's weights are best: ``risk_aversion * S w`` (reverse optimization).

    Examples
    --------
    >>> equilibrium_returns([[0.04, 0.0], [0.0, 0.01]], [0.5, 0.5], risk_aversion=2.0).tolist()
    [0.04, 0.01]
    """
    belief = as_covariance(covariance)
    weights = np.asarray(market, dtype=np.float64)
    if weights.shape != (belief.size,):
        raise InvalidInput(f"market weights have shape {weights.shape} for {belief.size} assets", field="market")
    found: Float64 = risk_aversion * belief.times(weights)
    return found


def black_litterman(
    covariance: Covariance | npt.ArrayLike,
    *,
    names: Sequence[str],
    views: Sequence[View],
    market: npt.ArrayLike | None = None,
    prior: npt.ArrayLike | None = None,
    risk_aversion: float = 2.5,
    tau: float = 0.05,
) -> Posterior:
    """Blend equilibrium (or ``prior``) returns with views (He and Litterman 1999, eq. 8 and 9).

    A view without confidence has the variance ``tau p'S p``; with confidence c it has ``tau p'S p (1 - c) / c``, for
    which the move of the mean is c times that of a sure view (Walters 2014, eq. 42, the closed form of Idzorek).

    Raises
    ------
    UnknownName
        A view on an asset that is not among ``names``.
    InvalidInput
        Confidence outside 0 to 1, neither market nor prior, a view on nothing.

    Examples
    --------
    >>> sure = black_litterman([[0.04, 0.0], [0.0, 0.01]], names=["A", "B"], market=[0.5, 0.5], risk_aversion=2.0,
    ...                        views=[View({"A": 1.0}, 0.08, confidence=1.0)])
    >>> sure.mean.round(12).tolist()
    [0.08, 0.01]
    """
    belief = as_covariance(covariance)
    labels = [str(name) for name in names]
    if len(labels) != belief.size:
        raise InvalidInput(f"{len(labels)} names for a covariance of {belief.size}", field="names")
    if not 0.0 < tau < np.inf:
        raise InvalidInput(f"tau {tau!r} must be positive", field="tau")
    if (market is None) == (prior is None):
        raise InvalidInput("give either market= weights or prior= returns", field="market")
    start = (
        equilibrium_returns(belief, market, risk_aversion=risk_aversion)
        if market is not None else np.asarray(prior, dtype=np.float64)
    )  # fmt: skip
    picks = np.array([_pick(view, labels) for view in views]).reshape(len(views), belief.size)
    spread = tau * np.array([belief.times(row) for row in picks]).reshape(len(views), belief.size)
    variances = np.array([_variance(view, float(p @ s)) for view, p, s in zip(views, picks, spread, strict=True)])
    said = np.array([view.earns for view in views])
    # Solved in the space of views: sure views have variance 0 and still leave a regular system unless they repeat.
    system = picks @ spread.T + np.diag(variances)
    try:
        gain = np.linalg.solve(system, spread) if views else spread
    except np.linalg.LinAlgError:
        raise InvalidInput("two sure views speak about the same portfolio", field="views",
                           next_step="join them or give them a confidence below 1") from None  # fmt: skip
    mean = start + gain.T @ (said - picks @ start)
    prior_uncertainty = tau * belief.dense()
    uncertainty = prior_uncertainty - spread.T @ gain
    return Posterior(mean, 0.5 * (uncertainty + uncertainty.T), start, variances, belief.dense())


def _pick(view: View, labels: list[str]) -> Float64:
    row = np.zeros(len(labels))
    for name, weight in view.assets.items():
        if name not in labels:
            raise unknown("asset", name, labels, place="views")
        row[labels.index(name)] = weight
    if not row.any() or not np.isfinite(row).all() or not np.isfinite(view.earns):
        raise InvalidInput("a view needs assets with finite weights and a finite return", field="views")
    return row


def _variance(view: View, spread: float) -> float:
    if view.variance is not None:
        if not 0.0 <= view.variance < np.inf:
            raise InvalidInput(f"the variance of a view is {view.variance!r}", field="views", expected="0 or more")
        return view.variance
    if view.confidence is None:
        return spread
    if not 0.0 < view.confidence <= 1.0:
        raise InvalidInput(
            f"the confidence of a view is {view.confidence!r}", field="views", expected="above 0, at most 1",
            next_step="leave out a view you have no confidence in",
        )  # fmt: skip
    return spread * (1.0 - view.confidence) / view.confidence
