"""Dynamic conditional correlation: correlations that move, each asset's volatility taken out first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import NotConverged, UndefinedMeasure
from argosy.kernels import correlation_path as kernel
from argosy.models.moments.covariance import DenseCovariance
from argosy.models.moments.observations import InsufficientData, observed
from argosy.models.volatility.garch import Errors, GarchFit, Model, fit_garch

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DccFit:
    """A fitted model: reaction ``a``, memory ``b``, likelihood beside that of constant correlation, and the path.

    ``correlations`` (T + 1, N, N) are those of each period as known before it and of the period after the last.
    """

    a: float
    b: float
    log_likelihood: float
    constant_log_likelihood: float
    correlations: Float64
    margins: tuple[GarchFit, ...]

    @property
    def next_covariance(self) -> DenseCovariance:
        """Covariance (N, N) of the period after the last."""
        deviation = np.sqrt([margin.next_variance for margin in self.margins])
        return DenseCovariance(self.correlations[-1] * np.outer(deviation, deviation))


def fit_dcc(returns: npt.ArrayLike, *, model: Model = "garch", errors: Errors = "normal") -> DccFit:
    """Fit in two steps (Engle 2002, section 4): a volatility model by asset, then the correlation of what is left.

    ``Q_(t+1) = (1 - a - b) Q + a z_t z_t' + b Q_t``, scaled to correlations; Q is the sample's second moment of z.

    Parameters
    ----------
    returns : (T, N), two assets or more, 100 periods or more

    Raises
    ------
    InsufficientData, NotConverged, NonStationary, UndefinedMeasure
        As for each asset's fit; a search that did not settle; assets that repeat each other.
    """
    r = observed(returns, least=100)
    if r.shape[1] < 2:
        raise InsufficientData("one asset has no correlations", field="returns", found=1, expected="2 or more")
    margins = tuple(fit_garch(r[:, i], model=model, errors=errors) for i in range(r.shape[1]))
    z = np.column_stack([margin.residuals for margin in margins])
    target = z.T @ z / z.shape[0]
    size = np.sqrt(target.diagonal())
    if np.linalg.eigvalsh(target / np.outer(size, size))[0] < 1e-8:
        raise UndefinedMeasure("the assets repeat each other, so their correlations have no likelihood",
                               field="returns", next_step="leave one of them out")  # fmt: skip
    a, b, likelihood, settled = kernel.fit(z, target)
    if not settled:
        raise NotConverged("the correlations' fit did not settle", field="returns", next_step="give a longer history")
    path = kernel.correlations(z, target, a, b)
    still = np.broadcast_to(path[0], (z.shape[0], *path[0].shape))
    return DccFit(a, b, likelihood, kernel.log_likelihood(z, still), path, margins)
