"""Non-negative quadratic problems on a dense matrix by a growing active set: cost goes with the names held, not all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def nonnegative_dense(matrix: Float64, linear: Float64, *, most_rounds: int = 1000) -> tuple[Float64, int, bool]:
    """Minimize ``x'Sx / 2 - c'x`` over x >= 0; gives x, rounds, and whether no asset outside still pays.

    Names are let in by blocks, most wanted first, and dropped by the rule of Lawson and Hanson (1974, ch. 23), so each
    round lowers the objective. Plain numpy: a round costs one product with the columns held.

    Examples
    --------
    >>> x, _, done = nonnegative_dense(np.array([[1.0, 0.9], [0.9, 4.0]]), np.array([1.0, 0.5]))
    >>> x.tolist(), done
    ([1.0, 0.0], True)
    """
    n = linear.size
    x = np.zeros(n)
    held = np.zeros(n, dtype=bool)
    scale = np.sqrt(np.maximum(matrix.diagonal(), 1e-300))
    least = 1e-12 * float(np.abs(linear).max(initial=0.0))
    slope = -linear
    for rounds in range(most_rounds):
        wanted = np.flatnonzero(~held & (slope < -least))
        if wanted.size == 0:
            return x, rounds, True
        block = max(1, min(10 + int(held.sum()) // 2, 64))
        if rounds > 60:
            # Blocks can cycle on nearly singular matrices; one name at a time cannot.
            block = 1
        order = np.argsort(slope[wanted] / scale[wanted], kind="stable")
        held[wanted[order[:block]]] = True
        for _ in range(n):
            places = np.flatnonzero(held)
            try:
                best = np.linalg.solve(matrix[np.ix_(places, places)], linear[places])
            except np.linalg.LinAlgError:
                return x, rounds, False
            negative = best <= 0.0
            if not negative.any():
                x[places] = best
                break
            here = x[places]
            # How far towards the best point the first weight falls to zero.
            length = float(
                np.min(np.where(here[negative] > 0.0, here[negative] / (here[negative] - best[negative]), 0.0))
            )
            here = here + length * (best - here)
            dropped = negative & (here <= 1e-14 * max(1.0, float(here.max())))
            here[dropped] = 0.0
            x[places] = here
            held[places[dropped]] = False
            if not dropped.any():
                return x, rounds, False
        places = np.flatnonzero(held)
        slope = matrix[:, places] @ x[places] - linear
    return x, most_rounds, False
