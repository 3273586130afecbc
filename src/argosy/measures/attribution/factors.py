"""Factor-based attribution: exposures times factor returns, plus what is specific."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.inputs import Float64, ShapeError, finite, matrix, same_shape


@dataclass(frozen=True)
class FactorEffects:
    """Contributions per period: ``factor`` (T, K) and ``specific`` (T, N); they sum to ``total`` (T,) within 1e-12."""

    names: tuple[str, ...]
    exposure: Float64
    factor: Float64
    specific: Float64
    total: Float64


def factor_effects(
    weights: npt.ArrayLike,
    exposures: npt.ArrayLike,
    factor_returns: npt.ArrayLike,
    r_asset: npt.ArrayLike,
    names: tuple[str, ...] = (),
) -> FactorEffects:
    """Split a portfolio's (or active) return into factor contributions and specific return.

    Answers: which systematic bets paid, and how much was stock picking?

    Parameters
    ----------
    weights : (T, N) float at period start; pass w - W for the active return
    exposures : (N, K) or (T, N, K) float at period start
    factor_returns : (T, K) float
    r_asset : (T, N) float
    names : K factor names

    Returns
    -------
    FactorEffects
        exposure (T, K) = w'X; factor = exposure * f; specific = w (r - X f). Identity: all sum to w'r within 1e-12.

    Examples
    --------
    >>> fx = factor_effects([[0.6, 0.4]], [[1.2], [0.8]], [[0.05]], [[0.07, 0.03]], ("market",))
    >>> fx.factor.round(4).tolist(), fx.specific.round(4).tolist()
    ([[0.052]], [[0.006, -0.004]])
    """
    w, f, r = matrix("weights", weights), matrix("factor_returns", factor_returns), matrix("r_asset", r_asset)
    same_shape(weights=w, r_asset=r)
    x = np.array(exposures, dtype=np.float64)
    finite("exposures", x)
    if x.ndim == 2:
        x = np.broadcast_to(x, (len(w), *x.shape))
    if x.shape != (*w.shape, f.shape[1]) or len(f) != len(w):
        raise ShapeError(
            f"exposures is {x.shape}, weights is {w.shape}, factor_returns is {f.shape}",
            expected="(T, N, K), (T, N), (T, K)",
        )
    labels = names or tuple(f"factor {k + 1}" for k in range(f.shape[1]))
    if len(labels) != f.shape[1]:
        raise ShapeError(f"{len(labels)} names for {f.shape[1]} factors", field="names")
    exposure = np.einsum("tn,tnk->tk", w, x)
    specific = w * (r - np.einsum("tnk,tk->tn", x, f))
    return FactorEffects(labels, exposure, exposure * f, specific, (w * r).sum(axis=1))
