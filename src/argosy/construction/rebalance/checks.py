"""Checked inputs of rebalancing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput

Float64 = npt.NDArray[np.float64]

SUM_TOLERANCE = 1e-8
"""How far weights may be from summing to one: they are fractions of one value, in floating point."""


def weights_of(name: str, values: npt.ArrayLike, *, whole: bool = True) -> Float64:
    """Finite weights (N); with ``whole`` they have to sum to one."""
    found = finite(name, values)
    if whole and abs(float(found.sum()) - 1.0) > SUM_TOLERANCE:
        raise InvalidInput(
            f"{name} sum to {found.sum():.10g}", field=name, found=float(found.sum()), expected="1 within 1e-8",
            next_step="count cash as a line of its own",
        )  # fmt: skip
    return found


def finite(name: str, values: npt.ArrayLike, *, size: int | None = None, least: float | None = None) -> Float64:
    """A finite vector, of one length and not below ``least`` where these are given."""
    found = np.array(values, dtype=np.float64, ndmin=1)
    if found.ndim != 1 or (size is not None and found.size != size):
        expected = f"a vector of {size}" if size is not None else "a vector"
        raise InvalidInput(f"{name} has shape {found.shape}", field=name, found=found.shape, expected=expected)
    bad = ~np.isfinite(found)
    if least is not None:
        bad |= found < least
    if bad.any():
        at = int(np.argmax(bad))
        allowed = "a finite number" + (f" of at least {least:g}" if least is not None else "")
        raise InvalidInput(f"{name}[{at}] is {found[at]}", field=name, found=float(found[at]), expected=allowed)
    return found


def number(name: str, value: float, *, least: float = 0.0, above: bool = False) -> float:
    """One finite number at or above (``above``: strictly above) a least one."""
    good = np.isfinite(value) and (value > least if above else value >= least)
    if not good:
        sign = "above" if above else "at least"
        raise InvalidInput(f"{name} is {value}", field=name, found=value, expected=f"a number {sign} {least:g}")
    return float(value)
