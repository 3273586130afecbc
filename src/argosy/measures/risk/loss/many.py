"""Historical risk of many portfolios over one set of scenarios: a firm, or every portfolio of a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.levels import confidence_level
from argosy.kernels.tails import dense_tails, sparse_tails
from argosy.models.moments.observations import floats, observed

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

SHORTFALL = "order statistic ceil(S (1 - c)); shortfall the exact tail mean"


@dataclass(frozen=True, eq=False)
class ManyTails:
    """Risk of P portfolios: value at risk, shortfall and the scenario at risk, each (P,), and what adds up to them.

    Contributions are (P, N) for dense weights, or (M,) by position, in the order given, for positions.
    """

    value_at_risk: Float64
    expected_shortfall: Float64
    scenario: Int64
    component_value_at_risk: Float64
    component_shortfall: Float64
    confidence: float
    method: str
    convention: str


def historical_many(weights: npt.ArrayLike, returns: npt.ArrayLike, *, confidence: float) -> ManyTails:
    """Historical value at risk and shortfall of each row of ``weights`` (P, N) over ``returns`` (S, N).

    One matrix product and one selection per portfolio; O(P S N). Components sum to their total in each row.

    Examples
    --------
    >>> r = np.random.default_rng(1).normal(0.0, 0.01, (250, 4))
    >>> found = historical_many(np.eye(4), r, confidence=0.99)
    >>> bool(np.allclose(found.component_shortfall.sum(axis=1), found.expected_shortfall))
    True
    """
    level = confidence_level(confidence)
    r = observed(returns, least=10)
    w = floats(weights, "weights")
    if w.ndim != 2 or w.shape[1] != r.shape[1]:
        raise InvalidInput(f"weights have shape {w.shape}", field="weights", expected=f"(P, {r.shape[1]})")
    if not np.isfinite(w).all():
        raise InvalidInput("a weight is not a finite number", field="weights")
    found = dense_tails(r, w, 1.0 - level)
    return ManyTails(*found, level, "historical", SHORTFALL)


def historical_positions(
    offsets: npt.ArrayLike, assets: npt.ArrayLike, exposures: npt.ArrayLike, returns: npt.ArrayLike, *,
    confidence: float,
) -> ManyTails:  # fmt: skip
    """The same for portfolios of few positions each: portfolio p holds the positions ``offsets[p]:offsets[p + 1]``.

    Parameters
    ----------
    offsets : (P + 1,) ascending from 0; assets : (M,) columns of ``returns``; exposures : (M,) weights or money
    returns : (S, N)

    Notes
    -----
    Scenarios are ranked by profits added in single precision and everything given is added in double from those
    chosen, so a figure can differ from the exact one by about 1e-6 of the gross exposure times the largest return.
    """
    level = confidence_level(confidence)
    r = observed(returns, least=10)
    ends, columns = np.asarray(offsets, dtype=np.int64), np.asarray(assets, dtype=np.int64)
    held = floats(exposures, "exposures")
    if columns.ndim != 1 or held.shape != columns.shape:
        raise InvalidInput(f"assets are {columns.shape}, exposures {held.shape}", field="exposures", expected="(M,)")
    if ends.ndim != 1 or ends.size < 2 or ends[0] != 0 or ends[-1] != columns.size or (np.diff(ends) < 0).any():
        raise InvalidInput("offsets must ascend from 0 to the number of positions", field="offsets")
    if columns.size and not 0 <= int(columns.min()) <= int(columns.max()) < r.shape[1]:
        raise InvalidInput("a position names a column that the returns do not have", field="assets",
                           found=int(columns.max()), expected=f"0 to {r.shape[1] - 1}")  # fmt: skip
    if not np.isfinite(held).all():
        raise InvalidInput("an exposure is not a finite number", field="exposures")
    found = sparse_tails(r, ends, columns, held, 1.0 - level)
    return ManyTails(*found, level, "historical", f"{SHORTFALL}; scenarios ranked in single precision")
