"""Returns as estimates take them: checked, and with weights that fade into the past."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData

Float64 = npt.NDArray[np.float64]


class InsufficientData(MissingData):
    """Fewer observations than the estimate needs."""

    code = "insufficient_data"


def floats(values: npt.ArrayLike | None, field: str) -> Float64:
    """Numbers of any shape as float64; lists, columns of dataframes and whole numbers are taken, text is not.

    Raises
    ------
    InvalidInput
        Text, dates, complex numbers, nothing at all, or rows of different lengths.

    Examples
    --------
    >>> floats([1, 2], "weights").tolist()
    [1.0, 2.0]
    >>> floats(["1%"], "weights")
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: weights hold something that is no number. Next: give numbers, as in 0.01
    """
    try:
        given = np.asarray(values)
        if values is None or given.dtype.kind not in "biufO":
            raise TypeError
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(f"{field} hold something that is no number", field=field, expected="numbers",
                           next_step="give numbers, as in 0.01") from None  # fmt: skip


def whole(value: Any, field: str, *, least: int = 1, most: int | None = None) -> int:
    """A whole number from ``least`` to ``most``; 2.5 and "10" are refused.

    Examples
    --------
    >>> whole(10, "horizon")
    10
    """
    if isinstance(value, int | np.integer) and value >= least and (most is None or value <= most):
        return int(value)
    raise InvalidInput(
        f"{field} is {value!r}", field=field, found=value, next_step="give a whole number, as in 10",
        expected=f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}",
    )  # fmt: skip


def observed(returns: npt.ArrayLike, *, least: int = 2) -> Float64:
    """Returns (T, N) as a finite array with at least ``least`` rows.

    Raises
    ------
    InvalidInput, InsufficientData, MissingData
        Wrong shape; too few rows; a missing or infinite value, with its place.
    """
    found = np.ascontiguousarray(floats(returns, "returns"))
    if found.ndim != 2 or found.shape[1] == 0:
        raise InvalidInput(f"returns have shape {found.shape}", field="returns", expected="(T, N)")
    if found.shape[0] < least:
        raise InsufficientData(
            f"{found.shape[0]} observations are too few", field="returns", found=found.shape[0],
            expected=f"at least {least}", next_step=f"give {least} or more",
        )  # fmt: skip
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
