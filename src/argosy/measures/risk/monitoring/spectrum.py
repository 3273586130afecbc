"""How much of the market is one bet, and how unusual was the day: absorption ratio, effective rank, turbulence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.measures.performance.series import refusal
from argosy.measures.risk.monitoring.correlations import varying
from argosy.models.moments.correlation import correlation_of
from argosy.models.moments.covariance import Covariance, NotPSD, as_covariance
from argosy.models.moments.observations import InsufficientData, fading, observed

Float64 = npt.NDArray[np.float64]


def absorption_ratio(covariance: Covariance | npt.ArrayLike, *, components: int | None = None) -> float:
    """Share of total variance in the largest ``components`` eigenvalues (Kritzman, Li, Page and Rigobon 2011, eq. 1).

    Without ``components`` a fifth of the assets, as in the paper. 1 is one bet; the least is components / N.

    Examples
    --------
    >>> absorption_ratio([[0.02, 0.01], [0.01, 0.02]], components=1)
    0.75
    """
    belief = as_covariance(covariance)
    count = max(round(belief.size / 5), 1) if components is None else components
    if not 1 <= count <= belief.size:
        raise refusal(f"{count} components of {belief.size} assets", field="components", found=count,
                      expected=f"1 to {belief.size}")  # fmt: skip
    values = np.linalg.eigvalsh(belief.dense())
    total = float(values.sum())
    if total <= 0.0:
        raise NotPSD("nothing varies, so there is no variance to absorb", field="covariance")
    return float(values[-count:].sum() / total)


def effective_rank(covariance: Covariance | npt.ArrayLike) -> float:
    """Effective number of independent bets among assets: exp of the entropy of the correlation's eigenvalues over N.

    Roy and Vetterli (2007). N where nothing moves together, 1 where all is one.

    Examples
    --------
    >>> round(effective_rank(np.eye(4)), 12), round(effective_rank(np.ones((4, 4))), 6)
    (4.0, 1.0)
    """
    _, correlation = correlation_of(as_covariance(covariance))
    shares = np.maximum(np.linalg.eigvalsh(correlation), 0.0) / len(correlation)
    kept = shares[shares > 0.0]
    return float(np.exp(-(kept * np.log(kept)).sum()))


def absorption_path(
    returns: Any, *, window: int = 500, half_life: float | None = 250.0, components: int | None = None,
    names: Sequence[str] | None = None,
) -> Float64:  # fmt: skip
    """Absorption ratio (T - window + 1,) at the end of each day from ``window`` on, from that day and those before.

    Weights halve every ``half_life`` days as in the paper (None: equal weights). A decision for a day may use the value
    of the day before, not its own.
    """
    r = observed(returns)
    varying(r, names)
    _enough(r, window)
    weights = np.full(window, 1.0 / window) if half_life is None else fading(window, half_life)
    out = np.empty(len(r) - window + 1)
    for end in range(out.size):
        rows = r[end : end + window]
        apart = (rows - weights @ rows) * np.sqrt(weights)[:, None]
        out[end] = absorption_ratio(apart.T @ apart, components=components)
    return out


def turbulence(returns: Any, *, window: int = 500, names: Sequence[str] | None = None) -> Float64:
    """How unusual each day (T - window,) was: squared Mahalanobis distance over N (Kritzman and Li 2010, eq. 1).

    Mean and covariance are those of the ``window`` days before, so no day judges itself. 1 is an ordinary day.

    Raises
    ------
    NotPSD
        The assets repeat each other within a window, so that no distance is defined.

    Examples
    --------
    >>> r = np.random.default_rng(2).normal(size=(2000, 3))
    >>> bool(0.9 < turbulence(r).mean() < 1.1)
    True
    """
    r = observed(returns)
    varying(r, names)
    _enough(r, window)
    n = r.shape[1]
    out = np.empty(len(r) - window)
    for day in range(out.size):
        rows = r[day : day + window]
        center = rows.mean(axis=0)
        apart = rows - center
        covariance = apart.T @ apart / (window - 1.0)
        scale = np.sqrt(np.maximum(covariance.diagonal(), 1e-300))
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        if values[0] <= 1e-12 * values[-1]:
            raise NotPSD(f"the assets repeat each other in the window before day {day + window}: smallest eigenvalue "
                         f"{float(values[0]):.3g}", field="returns", next_step="leave one of them out")  # fmt: skip
        z = vectors.T @ ((r[day + window] - center) / scale)
        out[day] = float((z * z / values).sum()) / n
    return out


def _enough(r: Float64, window: int) -> None:
    if window <= r.shape[1] + 1:
        raise refusal(f"window is {window} for {r.shape[1]} assets", field="window", found=window,
                      expected=f"above {r.shape[1] + 1}, better many times that")  # fmt: skip
    if len(r) <= window:
        raise InsufficientData(f"{len(r)} days do not fill a window of {window} and one more", field="returns")
