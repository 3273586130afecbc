"""Hill's tail index: how fast the largest losses thin out, with the data of the Hill plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.models.moments.observations import floats, observed, whole

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TailIndex:
    """Shape ``xi`` = 1 / ``alpha`` from the ``k`` largest losses; its asymptotic standard error is ``xi / sqrt(k)``."""

    xi: float
    alpha: float
    standard_error: float
    k: int


@dataclass(frozen=True, eq=False)
class HillPlot:
    """Shape by number of largest losses used (M,), with the standard error of each; read where it is flat."""

    k: Int64
    xi: Float64
    standard_error: Float64


def hill(losses: npt.ArrayLike, *, k: int) -> TailIndex:
    """Tail index from the k largest losses: mean log of their excess over the next (Hill 1975).

    Raises
    ------
    InvalidInput
        k outside 1 to T - 1, or a loss among those used that is zero or negative.
    UndefinedMeasure
        The largest losses are all equal, so they show no tail.

    Examples
    --------
    >>> found = hill([9.1, 7.4, 6.2, 5.5, 4.9, 4.1, 3.8, 3.6, 3.1, 2.7], k=5)
    >>> round(found.xi, 6), round(found.alpha, 6)
    (0.45467, 2.199395)
    """
    plot = hill_plot(losses, most=k)
    xi = float(plot.xi[-1])
    if xi <= 0.0:
        raise UndefinedMeasure(f"the {k + 1} largest losses are equal, so they show no tail", field="losses",
                               next_step="check for stale prices, or take more losses")  # fmt: skip
    return TailIndex(xi, 1.0 / xi, float(plot.standard_error[-1]), k)


def hill_plot(losses: npt.ArrayLike, *, most: int) -> HillPlot:
    """Shape for k = 1 to ``most``, in one pass over the sorted losses (T,)."""
    given = floats(losses, "losses")
    if given.ndim != 1:
        raise InvalidInput(f"losses have shape {given.shape}", field="losses", found=given.shape, expected="(T,)")
    x = observed(given.reshape(-1, 1))[:, 0]
    most = whole(most, f"k of {x.size} losses", most=x.size - 1)
    ranked = -np.sort(-x)[: most + 1]
    if ranked[-1] <= 0.0:
        raise InvalidInput(
            f"of the {most + 1} largest losses some are zero or gains", field="k", found=float(ranked[-1]),
            expected="positive losses", next_step="take fewer losses",
        )  # fmt: skip
    logs = np.log(ranked)
    k = np.arange(1, most + 1)
    xi = np.cumsum(logs[:-1]) / k - logs[1:]
    return HillPlot(k.astype(np.int64), xi, xi / np.sqrt(k))
