"""What is accepted as a series: finite numbers of the right shape, days in order; what is refused says where.

Nothing is guessed: an array is returns unless the caller says it holds prices or index levels.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.dates import from_date, parse_date
from argosy.base.errors import InvalidInput

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def refusal(message: str, *, field: str, expected: str, found: object = None) -> InvalidInput:
    """The error of a value outside what its field allows, saying both what was found and what is expected.

    Examples
    --------
    >>> str(refusal("confidence is 95", field="confidence", expected="a fraction such as 0.95"))
    'confidence is 95; expected: a fraction such as 0.95'
    """
    return InvalidInput(f"{message}; expected: {expected}", field=field, found=found, expected=expected)


def _floats(values: Any, field: str) -> Float64:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise refusal(f"{field} holds something that is not a number", field=field, expected="numbers") from error


def refuse_not_finite(values: Float64, field: str) -> None:
    """Raise for the first NaN or infinity, naming its place.

    Examples
    --------
    >>> refuse_not_finite(np.array([0.1, np.nan]), "returns")
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: returns[1] is nan. Next: leave the period out or give its return
    """
    good = np.isfinite(values)
    if not good.all():
        place = np.argwhere(~good)[0].tolist()
        shown = ", ".join(str(at) for at in place)
        raise InvalidInput(
            f"{field}[{shown}] is {values[tuple(place)]}",
            field=field,
            found=place,
            expected="finite numbers",
            next_step="leave the period out or give its return",
        )


def vector(values: Any, field: str, *, least: int = 1) -> Float64:
    """A one-dimensional array of at least ``least`` finite numbers."""
    array = _floats(values, field)
    if array.ndim != 1:
        raise refusal(f"{field} has {array.ndim} dimensions", field=field, found=array.shape, expected="one dimension")
    if array.size < least:
        raise refusal(
            f"{field} has {array.size} values, at least {least} {'is' if least == 1 else 'are'} needed",
            field=field,
            found=array.size,
            expected=f"at least {least}",
        )
    refuse_not_finite(array, field)
    return array


def block(values: Any, field: str) -> Float64:
    """Series as rows (S, T); one series may be given as (T,). Finiteness is left to the pass over the data."""
    array = _floats(values, field)
    array = np.ascontiguousarray(array[None, :] if array.ndim == 1 else array)
    if array.ndim != 2 or array.shape[1] == 0:
        raise refusal(
            f"{field} has shape {array.shape}",
            field=field,
            found=array.shape,
            expected="(series, periods) with at least one period",
        )
    return array


def beside(values: Any, shape: tuple[int, int], field: str) -> Float64:
    """Numbers beside a block: one for all, one per period (T,), or one per series and period (S, T)."""
    array = _floats(values, field)
    if array.ndim == 0:
        array = np.broadcast_to(array, (1, shape[1]))
    elif array.ndim == 1:
        array = array[None, :]
    if array.shape not in ((1, shape[1]), shape):
        raise refusal(
            f"{field} has shape {array.shape} beside returns of shape {shape}",
            field=field,
            found=array.shape,
            expected=f"one number, {(shape[1],)} or {shape}",
        )
    refuse_not_finite(array, field)
    return np.ascontiguousarray(array)


def same_length(**arrays: Float64 | Int64) -> None:
    """Raise unless all arrays, given by name, have one length."""
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        text = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise refusal(f"lengths differ: {text}", field=next(iter(lengths)), found=lengths, expected="one length")


def day_numbers(values: Sequence[Any] | npt.NDArray[Any], field: str = "days") -> Int64:
    """Days as integers: whole numbers as they are, dates and ISO text as days since 1970-01-01.

    Examples
    --------
    >>> day_numbers(["1970-01-02", "1970-02-01"]).tolist(), day_numbers([3, 10]).tolist()
    ([1, 31], [3, 10])
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise refusal(f"{field} has {array.ndim} dimensions", field=field, expected="one dimension")
    if np.issubdtype(array.dtype, np.datetime64):
        if np.isnat(array).any():
            raise InvalidInput(f"{field}[{int(np.isnat(array).argmax())}] is not a date", field=field)
        return array.astype("datetime64[D]").astype(np.int64)
    if np.issubdtype(array.dtype, np.integer):
        return np.ascontiguousarray(array, dtype=np.int64)
    return np.array([_day(item, f"{field}[{place}]") for place, item in enumerate(values)], dtype=np.int64)


def _day(item: object, place: str) -> int:
    if isinstance(item, datetime.date):
        return from_date(item)
    if isinstance(item, str):
        return parse_date(item, field=place)
    raise refusal(f"{place} is {item!r}, not a day", field=place, expected="a date, ISO text or a whole number")


def ascending(days: Int64, field: str = "days") -> None:
    """Raise unless days rise from one to the next."""
    steps = np.diff(days)
    if (steps <= 0).any():
        place = int((steps <= 0).argmax()) + 1
        raise refusal(
            f"{field}[{place}] is not after the one before it",
            field=field,
            found=int(days[place]),
            expected="each day once, ascending",
        )
