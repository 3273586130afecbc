"""Exponentially weighted variances and covariances with zero mean (RiskMetrics 1996): no fit, one decay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.models.moments.covariance import DenseCovariance
from argosy.models.moments.observations import floats, observed

Float64 = npt.NDArray[np.float64]

START = 75
"""Observations whose fading mean square (weights decay^i) starts a recursion without a start of its own."""


@dataclass(frozen=True, eq=False)
class EwmaCovariance:
    """Variances and covariances (N, N) for the period after the last, per period."""

    covariance: DenseCovariance
    decay: float

    @property
    def correlation(self) -> Float64:
        """Correlations (N, N); :class:`UndefinedMeasure` where an asset has no variance."""
        matrix = self.covariance.matrix
        deviation = np.sqrt(matrix.diagonal())
        if (deviation <= 0.0).any():
            place = int(np.argmax(deviation <= 0.0))
            raise UndefinedMeasure(
                f"asset {place} does not vary, so it has no correlation", field="returns", found=place,
                next_step="leave it out, or look for stale prices",
            )  # fmt: skip
        return np.asarray(matrix / np.outer(deviation, deviation))


def ewma_variances(returns: npt.ArrayLike, *, decay: float = 0.94, initial: npt.ArrayLike | None = None) -> Float64:
    """Variance of each period as known before it, and of the period after the last.

    ``h_(t+1) = decay h_t + (1 - decay) r_t^2`` (RiskMetrics Technical Document 1996, eq. 5.3): zero mean, no look-ahead
    beyond the start.

    Parameters
    ----------
    returns : (T,) or (T, N)
    initial : variance of the first period, a number or (N,); without it the mean square of the first 75 returns with
        weights ``decay^i``

    Returns
    -------
    (T + 1,) or (T + 1, N)

    Examples
    --------
    >>> ewma_variances([0.02, -0.01], initial=0.0001).round(9).tolist()
    [0.0001, 0.000118, 0.00011692]
    """
    level = _decay(decay)
    given = floats(returns, "returns")
    r = observed(given.reshape(-1, 1) if given.ndim == 1 else given, least=1)
    squares = r * r
    out = np.empty((r.shape[0] + 1, r.shape[1]))
    if initial is None:
        fading = level ** np.arange(min(START, r.shape[0]))
        out[0] = fading @ squares[: fading.size] / fading.sum()
    else:
        out[0] = initial
        if not (np.isfinite(out[0]).all() and (out[0] >= 0.0).all()):
            raise InvalidInput("the initial variance must be 0 or more", field="initial", found=initial)
    for t in range(r.shape[0]):
        out[t + 1] = level * out[t] + (1.0 - level) * squares[t]
    return out[:, 0] if given.ndim == 1 else out


def ewma_covariance(
    returns: npt.ArrayLike, *, decay: float = 0.94, initial: npt.ArrayLike | None = None
) -> EwmaCovariance:
    """Covariance of the period after the last: ``S_(t+1) = decay S_t + (1 - decay) r_t r_t'``, zero mean.

    Parameters
    ----------
    returns : (T, N)
    initial : (N, N) to start from; without it the weights ``decay^age`` are scaled to sum to one

    Examples
    --------
    >>> found = ewma_covariance([[0.01, 0.012], [-0.02, -0.01], [0.015, -0.005], [0.03, 0.02]],
    ...                         initial=[[1e-4, 5e-5], [5e-5, 1e-4]])
    >>> round(float(found.correlation[0, 1]), 9)
    0.620677626
    """
    level = _decay(decay)
    r = observed(returns, least=1)
    count = r.shape[0]
    weights = (1.0 - level) * level ** np.arange(count - 1, -1, -1)
    if initial is None:
        weights = weights / weights.sum()
        start = np.zeros((r.shape[1], r.shape[1]))
    else:
        start = level**count * DenseCovariance(np.asarray(initial, dtype=np.float64)).matrix
        if start.shape[0] != r.shape[1]:
            raise InvalidInput(f"the initial covariance is {start.shape}", field="initial",
                               expected=f"({r.shape[1]}, {r.shape[1]})")  # fmt: skip
    return EwmaCovariance(DenseCovariance(start + (r * weights[:, None]).T @ r), level)


def _decay(decay: float) -> float:
    if not 0.0 < decay < 1.0:
        raise InvalidInput(f"decay is {decay!r}", field="decay", found=decay, expected="above 0, below 1, such as 0.94")
    return float(decay)
