"""How far a portfolio is from its targets: line by line, as a whole, and for a whole firm at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData
from argosy.construction.rebalance.checks import Float64, finite, weights_of

Int64 = npt.NDArray[np.int64]

BLOCK = 2_000
"""Portfolios worked on together."""


@dataclass(frozen=True, eq=False)
class Drift:
    """Weights against targets. ``relative`` is missing (False in ``has_relative``) where the target is zero."""

    weights: Float64
    target: Float64
    absolute: Float64
    relative: Float64
    has_relative: npt.NDArray[np.bool_]
    one_way: float
    """Half the sum of absolute drifts: what trading to the target would turn over."""
    tracking_error: float | None
    """Volatility of the difference, in the units of the covariance; None where none was given."""

    @property
    def largest(self) -> int:
        """Position of the line that is furthest from its target."""
        return int(np.argmax(np.abs(self.absolute)))


def drift(weights: npt.ArrayLike, target: npt.ArrayLike, covariance: npt.ArrayLike | None = None) -> Drift:
    """Drift of weights (N) from a target (N); with a covariance (N x N) also its tracking error.

    Examples
    --------
    >>> found = drift([0.65, 0.35], [0.6, 0.4], [[0.04, 0.0], [0.0, 0.01]])
    >>> found.absolute.round(4).tolist(), round(found.one_way, 4), round(found.tracking_error, 6)
    ([0.05, -0.05], 0.05, 0.01118)
    """
    held, wanted = weights_of("weights", weights), weights_of("target", target)
    if held.size != wanted.size:
        raise InvalidInput(f"weights has {held.size} lines, target has {wanted.size}", field="target")
    away = held - wanted
    known = wanted != 0.0
    relative = np.divide(away, np.abs(wanted), out=np.zeros_like(away), where=known)
    apart: float | None = None
    if covariance is not None:
        matrix = np.array(covariance, dtype=np.float64)
        if matrix.shape != (held.size, held.size) or not np.isfinite(matrix).all():
            raise InvalidInput(f"covariance has shape {matrix.shape}", field="covariance", found=matrix.shape,
                               expected=f"({held.size}, {held.size}), finite")  # fmt: skip
        apart = math.sqrt(max(float(away @ matrix @ away), 0.0))
    return Drift(held, wanted, away, relative, known, float(np.abs(away).sum()) / 2.0, apart)


@dataclass(frozen=True, eq=False)
class FirmDrift:
    """Drift of many portfolios (P): value, the line furthest outside its band, and how far it is outside.

    ``worst`` is a position among all lines, ``excess`` its distance beyond the band (0: the portfolio is inside all
    its bands), ``one_way`` the turnover to target.
    """

    value: Float64
    worst: Int64
    excess: Float64
    one_way: Float64

    @property
    def triggered(self) -> Int64:
        """Portfolios with a line outside its band."""
        return np.flatnonzero(self.excess > 0.0)


def firm_drift(
    starts: Int64, instrument: Int64, quantity: Float64, prices: Float64, *, target: Float64, lower: Float64,
    upper: Float64,
) -> FirmDrift:  # fmt: skip
    """Drift of every portfolio of a firm on new prices.

    Lines of portfolio ``p`` are ``starts[p]`` to ``starts[p + 1]``; each has an instrument, a quantity, a target and
    a band. ``prices`` (M) are in one currency and include factors and rates; a missing one is NaN and refused by place.
    The cost is a few passes over the lines.

    Examples
    --------
    >>> lines = np.array([0, 2, 4]), np.array([0, 1, 0, 1]), np.array([60.0, 40.0, 70.0, 30.0])
    >>> target, half = np.array([0.6, 0.4] * 2), 0.05
    >>> found = firm_drift(*lines, np.array([1.0, 1.0]), target=target, lower=target - half, upper=target + half)
    >>> found.triggered.tolist(), found.excess.round(4).tolist()
    ([1], [0.0, 0.05])
    """
    counts = np.diff(starts)
    if starts[0] != 0 or starts[-1] != quantity.size or (counts <= 0).any():
        raise InvalidInput("starts have to go from 0 to the number of lines, each portfolio with a line at least",
                           field="starts")  # fmt: skip
    for name, values in (("instrument", instrument), ("target", target), ("lower", lower), ("upper", upper)):
        if values.shape != quantity.shape:
            raise InvalidInput(f"{name} has shape {values.shape}, quantity has {quantity.shape}", field=name)
    parts = []
    for first in range(0, counts.size, BLOCK):
        last = min(first + BLOCK, counts.size)
        span = slice(int(starts[first]), int(starts[last]))
        parts.append(_block(
            starts[first : last + 1] - starts[first], instrument[span], quantity[span], prices, target[span],
            lower[span], upper[span], (first, int(starts[first])),
        ))  # fmt: skip
    value, worst, excess, one_way = (np.concatenate(column) for column in zip(*parts, strict=True))
    return FirmDrift(value, worst, excess, one_way)


def _block(
    starts: Int64, instrument: Int64, quantity: Float64, prices: Float64, target: Float64, lower: Float64,
    upper: Float64, offset: tuple[int, int],
) -> tuple[Float64, Int64, Float64, Float64]:  # fmt: skip
    """Some portfolios at a time, so that what is worked on stays in the processor's cache."""
    counts = np.diff(starts)
    # One NaN anywhere makes the sum NaN: finiteness costs one pass where all is well.
    worth = prices[instrument]
    worth *= quantity
    value = np.add.reduceat(worth, starts[:-1])
    if not np.isfinite(value).all():
        _name_missing(worth, instrument)
    if (value <= 0.0).any():
        at = int(np.argmax(value <= 0.0))
        raise InvalidInput(
            f"portfolio {offset[0] + at} is worth {value[at]}: it has no weights", field="quantity",
            found=float(value[at]), next_step="leave it out: what has no value cannot be rebalanced",
        )  # fmt: skip
    worth /= np.repeat(value, counts)
    one_way = np.add.reduceat(np.abs(worth - target), starts[:-1]) / 2.0
    outside = np.maximum(worth - upper, lower - worth)
    excess = np.maximum.reduceat(outside, starts[:-1])
    worst = _first_at(outside, np.repeat(excess, counts), starts) + offset[1]
    return value, worst, np.maximum(excess, 0.0), one_way


def _first_at(values: Float64, largest: Float64, starts: Int64) -> Int64:
    """The first line of each portfolio at which its largest value stands."""
    at = np.flatnonzero(values == largest)
    return at[np.searchsorted(at, starts[:-1])]


def _name_missing(worth: Float64, instrument: Int64) -> None:
    at = int(np.argmax(~np.isfinite(worth)))
    raise MissingData(
        f"the price of instrument {int(instrument[at])} is missing", field="prices", found=float(worth[at]),
        next_step="give its price, or leave out the portfolios that hold it",
    )  # fmt: skip


def money_drift(weights: npt.ArrayLike, target: npt.ArrayLike, value: float) -> Float64:
    """Drift in money: what each line is above (positive) or below its target."""
    held = weights_of("weights", weights)
    return (held - weights_of("target", target)) * float(finite("value", [value])[0])
