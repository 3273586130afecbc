"""Are the tails growing, and do extremes come together: tail index and tail dependence through time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array
from argosy.models.moments.observations import InsufficientData, observed
from argosy.models.tails.dependence import tail_dependence
from argosy.models.tails.hill import hill

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TailIndexPath:
    """Hill's shape of the losses in each window (W,), its standard errors, and the last day of each window."""

    ends: npt.NDArray[np.int64]
    xi: Float64
    standard_error: Float64

    def rose(self, *, deviations: float = 2.0) -> bool:
        """Whether the last shape lies so many standard errors above the first: two windows that do not overlap."""
        error = float(np.hypot(self.standard_error[0], self.standard_error[-1]))
        return bool(self.xi[-1] - self.xi[0] > deviations * error)


def tail_index_path(returns: Any, *, window: int = 1_000, step: int = 21, share: float = 0.05) -> TailIndexPath:
    """Tail index of losses, window by window: a heavier tail has a larger shape.

    Parameters
    ----------
    returns : (T,) of one portfolio
    window, step : days of a window, and between the ends of two
    share : share of the window's days that count as tail

    Raises
    ------
    InsufficientData
        Fewer days than a window, or fewer than 10 of them in the tail.
    UndefinedMeasure, InvalidInput
        A window whose tail does not vary or holds gains (see ``argosy.models.tails.hill``).

    Examples
    --------
    >>> heavy = np.random.default_rng(1).standard_t(3, 3000)
    >>> found = tail_index_path(heavy, window=1500, step=500)
    >>> found.ends.tolist(), bool(abs(found.xi.mean() - 1 / 3) < 0.1)
    ([1499, 1999, 2499, 2999], True)
    """
    r = array(returns, (None,), "returns")
    _check(r.size, window, step)
    if not 0.0 < share < 0.5:
        raise refusal(f"share is {share}", field="share", found=share, expected="above 0, below 0.5")
    count = int(share * window)
    if count < 10:
        raise InsufficientData(f"{count} days in the tail of a window of {window}", field="share",
                               expected="10 or more", next_step="take a longer window or a larger share")  # fmt: skip
    ends = np.arange(window - 1, r.size, step)
    found = [hill(-r[end - window + 1 : end + 1], k=count) for end in ends.tolist()]
    return TailIndexPath(ends, np.array([one.xi for one in found]), np.array([one.standard_error for one in found]))


@dataclass(frozen=True, eq=False)
class TailDependencePath:
    """Mean tail dependence of all pairs in each window (W,), and the last day of each; ``share`` is independence."""

    ends: npt.NDArray[np.int64]
    average: Float64
    share: float


def tail_dependence_path(
    returns: Any, *, window: int = 1_000, step: int = 21, share: float = 0.05
) -> TailDependencePath:
    """How likely one asset is in its worst days when another is, on average over pairs of columns (T, N).

    Examples
    --------
    >>> g = np.random.default_rng(2)
    >>> market = g.normal(size=(2000, 1))
    >>> apart, together = g.normal(size=(2000, 3)), g.normal(size=(2000, 3)) + 3 * market
    >>> tail_dependence_path(np.vstack([apart, together]), window=2000, step=2000).average.round(1).tolist()
    [0.1, 0.6]
    """
    r = observed(returns)
    if r.shape[1] < 2:
        raise refusal("one asset depends on no other", field="returns", expected="two or more columns")
    _check(len(r), window, step)
    ends = np.arange(window - 1, len(r), step)
    apart = ~np.eye(r.shape[1], dtype=np.bool_)
    average = [
        float(tail_dependence(r[end - window + 1 : end + 1], share=share).coefficients[apart].mean())
        for end in ends.tolist()
    ]
    return TailDependencePath(ends, np.array(average), float(share))


def _check(days: int, window: int, step: int) -> None:
    if window < 2 or step < 1:
        raise refusal(
            f"window is {window}, step {step}", field="window", found=window, expected="window 2, step 1 or more"
        )
    if days < window:
        raise InsufficientData(f"{days} days do not fill a window of {window}", field="returns")
