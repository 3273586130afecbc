"""Returns as estimates take them: checked, and with weights that fade into the past."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData

Float64 = npt.NDArray[np.float64]


class InsufficientData(MissingData):
    """Fewer observations than the estimate needs."""

    code = "insufficient_data"


def observed(returns: npt.ArrayLike, *, least: int = 2) -> Float64:
    """Returns (T, N) as a finite array with at least ``least`` rows.

    Raises
    ------
    InvalidInput, InsufficientData, MissingData
        Wrong shape; too few rows; a missing or infinite value, with its place.
    """
    found = np.ascontiguousarray(returns, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] == 0:
        raise InvalidInput(f"returns have shape {found.shape}", field="returns", expected="(T, N)")
    if found.shape[0] < least:
        raise InsufficientData(f"{found.shape[0]} observations", field="returns", expected=f"at least {least}")
    if not np.isfinite(found).all():
        row, column = (int(i) for i in np.argwhere(~np.isfinite(found))[0])
        raise MissingData(f"returns have no finite number in row {row}, column {column}", field="returns",
                          next_step="leave out the asset or the period")  # fmt: skip
    return found


def fading(count: int, half_life: float) -> Float64:
    """Weights (T,) that halve every ``half_life`` periods into the past and sum to one.

    Examples
    --------
    >>> fading(3, 1.0).round(6).tolist()
    [0.142857, 0.285714, 0.571429]
    """
    if not 0.0 < half_life < np.inf:
        raise InvalidInput(f"a half-life of {half_life!r} periods", field="half_life", expected="a positive number")
    weights = 0.5 ** (np.arange(count)[::-1] / half_life)
    found: Float64 = weights / weights.sum()
    return found
