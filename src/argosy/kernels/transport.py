"""Moving given supplies to given demands at the least cost: the transportation problem, as a linear program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shipped:
    """Amounts (N x M), the total cost, and what one more unit of each supply (N) and demand (M) would cost.

    The duals are determined up to one constant, because supplies and demands have the same sum; the first demand's
    is 0.
    """

    amounts: Float64
    cost: float
    supply_price: Float64
    demand_price: Float64


def transport(cost: Float64, supply: Float64, demand: Float64) -> Shipped:
    """The cheapest amounts (N x M) with row sums ``supply`` and column sums ``demand``; forbidden where cost is inf.

    Supplies and demands have to be of one sum, and reachable: the caller checks the first and is told of the second by
    a cost of infinity.

    Examples
    --------
    >>> found = transport(np.array([[1.0, 4.0], [2.0, 3.0]]), np.array([5.0, 5.0]), np.array([4.0, 6.0]))
    >>> found.amounts.tolist(), found.cost
    ([[4.0, 1.0], [0.0, 5.0]], 23.0)
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    n, m = cost.shape
    place = np.arange(n * m)
    rows = np.concatenate([place // m, n + place % m])
    matrix = coo_array((np.ones(2 * n * m), (rows, np.concatenate([place, place]))), shape=(n + m, n * m)).tocsr()
    allowed = np.isfinite(cost.ravel())
    # One row says what the others say already; without it the rows are independent.
    kept = np.delete(np.arange(n + m), n)
    right = np.concatenate([supply, demand])
    answer = linprog(
        np.where(allowed, cost.ravel(), 0.0), A_eq=matrix[kept], b_eq=right[kept],
        bounds=np.column_stack([np.zeros(n * m), np.where(allowed, np.inf, 0.0)]), method="highs-ds",
    )  # fmt: skip
    if answer.status != 0:
        return Shipped(np.zeros((n, m)), float("inf"), np.zeros(n), np.zeros(m))
    prices = np.insert(np.asarray(answer.eqlin.marginals, dtype=np.float64), n, 0.0)
    return Shipped(np.asarray(answer.x, dtype=np.float64).reshape(n, m), float(answer.fun), prices[:n], prices[n:])
