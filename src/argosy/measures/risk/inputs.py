"""What the rooms of risk accept: positive numbers, arrays that line up, names that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.measures.performance.series import refusal, refuse_not_finite

Float64 = npt.NDArray[np.float64]


def positive(value: float, field: str, *, zero: bool = False) -> float:
    """A finite number above zero, or from zero on."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise refusal(f"{field} is {value!r}", field=field, found=value, expected="a number such as 0.2") from None
    if not np.isfinite(found) or found < 0.0 or (found == 0.0 and not zero):
        raise refusal(f"{field} is {value}", field=field, found=value, expected="0 or more" if zero else "above 0")
    return found


def array(values: Any, shape: tuple[int | None, ...], field: str) -> Float64:
    """Finite numbers of a shape; None stands for any positive length."""
    try:
        found = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise refusal(f"{field} holds something that is not a number", field=field, expected="numbers") from error
    fits = found.ndim == len(shape) and all(
        has == want if want is not None else has > 0 for has, want in zip(found.shape, shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join("any" if want is None else str(want) for want in shape) + ")"
        raise refusal(f"{field} has shape {found.shape}", field=field, found=found.shape, expected=wanted)
    refuse_not_finite(found, field)
    return found


def named(names: Sequence[str] | None, count: int, field: str = "names") -> tuple[str, ...]:
    """One name for each of ``count`` things, each once; numbers where none are given."""
    if names is None:
        return tuple(str(place) for place in range(count))
    found = tuple(str(name) for name in names)
    if len(found) != count or len(set(found)) != count:
        raise refusal(f"{field} are {len(found)}, {len(set(found))} different", field=field, found=len(found),
                      expected=f"{count} different names")  # fmt: skip
    return found
