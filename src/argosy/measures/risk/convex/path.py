"""Falls of a portfolio's cumulative return below its highest point so far, as rows of a solver.

Returns are summed, not compounded, and weights are kept, which is what makes drawdowns convex in the weights (Chekhlov,
Uryasev and Zabarankin 2005). The start counts as a high.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from argosy.kernels.risk_terms import NONNEGATIVE, Lifted

Float64 = npt.NDArray[np.float64]


def falls(returns: Float64) -> Float64:
    """How far the summed return lies below its highest so far, (T,).

    Examples
    --------
    >>> falls(np.array([0.02, -0.03, 0.01, -0.04])).round(12).tolist()
    [0.0, 0.03, 0.02, 0.06]
    """
    worth = np.cumsum(returns)
    found: Float64 = np.maximum.accumulate(np.maximum(worth, 0.0)) - worth
    return found


def lifted(
    scenarios: Float64,
    extra: int,
    cost_of_falls: Float64,
    cost: Sequence[float] | Float64,
    tops: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Float64]] = (),
    cones: tuple[tuple[str, int], ...] = (),
) -> Lifted:
    """Rows of ``fall >= fall before - return`` and ``fall >= 0``, then what a measure of the falls adds.

    ``extra`` unknowns stand before the falls; ``tops`` are entries of the rows added, counted from the first of them,
    in columns counted from the first unknown; ``cones`` are theirs.
    """
    t = scenarios.shape[0]
    place = np.arange(t)
    rows = [place, place[1:], t + place]
    columns = [extra + place, extra + place[:-1], extra + place]
    values = [np.full(t, -1.0), np.ones(t - 1), np.full(t, -1.0)]
    for row, column, entry in tops:
        rows.append(2 * t + row)
        columns.append(column)
        values.append(entry)
    height = sum(size for _, size in cones)
    return Lifted(
        -scenarios, np.concatenate(rows), np.concatenate(columns), np.concatenate(values), np.zeros(2 * t + height),
        np.concatenate([np.asarray(cost, dtype=np.float64), cost_of_falls]), ((NONNEGATIVE, 2 * t), *cones),
    )  # fmt: skip


def slope(scenarios: Float64, duals: Float64, weights: Float64) -> Float64:
    """Slope of a line below ``sum weights * falls``: a fall passes on to the day before at most what it holds."""
    passed = duals[: scenarios.shape[0]].tolist()
    held = weights.tolist()
    after = 0.0
    for day in range(len(held) - 1, -1, -1):
        after = min(max(passed[day], 0.0), held[day] + after)
        passed[day] = after
    found: Float64 = -(scenarios.T @ np.array(passed))
    return found
