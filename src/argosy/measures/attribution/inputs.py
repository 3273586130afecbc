"""Checked inputs of attribution: shapes, finiteness and weight sums, with messages that name the cell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput

Float64 = npt.NDArray[np.float64]

WEIGHT_SUM_TOLERANCE = 1e-9
"""Weights are fractions of one total; float sums of thousands of terms stay well below this."""


class ShapeError(InvalidInput):
    """Arrays that must match do not."""

    code = "shape"


class WeightSumError(InvalidInput):
    """A set of weights is off 1 by more than the tolerance."""

    code = "weight_sum"


class UndefinedEffect(ArgosyError):
    """The method has no answer for these numbers (a total loss inside the period, for example)."""

    code = "undefined"


def matrix(name: str, values: npt.ArrayLike) -> Float64:
    """Values as a finite float64 matrix (periods x segments); a vector is one period."""
    array = unchecked_matrix(name, values)
    finite(name, array)
    return array


def unchecked_matrix(name: str, values: npt.ArrayLike) -> Float64:
    """Values as a float64 matrix whose finiteness the caller proves from sums it makes anyway; never written to."""
    array = np.array(values, dtype=np.float64, ndmin=2, copy=None)
    if array.ndim != 2:
        raise ShapeError(f"{name} has {array.ndim} dimensions, at most 2 are expected (periods x segments)", field=name)
    return array


def vector(name: str, values: npt.ArrayLike) -> Float64:
    """Values as a finite float64 vector (one number a period); a number is one period."""
    array = np.array(values, dtype=np.float64, ndmin=1)
    if array.ndim != 1:
        raise ShapeError(f"{name} has {array.ndim} dimensions, 1 is expected (periods)", field=name)
    finite(name, array)
    return array


def finite(name: str, array: Float64) -> None:
    """Refuse NaN and infinity, naming the first cell."""
    bad = ~np.isfinite(array)
    if bad.any():
        cell = tuple(int(i) for i in np.argwhere(bad)[0])
        raise InvalidInput(
            f"{name}{list(cell)} is {array[cell]}",
            field=name,
            found=float(array[cell]),
            expected="finite numbers",
            next_step="where a weight is 0 and a return is unknown, pass the other side's return",
        )


def same_shape(**arrays: Float64) -> None:
    """Refuse arrays of different shapes, naming them all."""
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} is {shape}" for name, shape in shapes.items())
        raise ShapeError(listed, expected="equal shapes", next_step="align periods and segments first")


def weights_sum_to_one(name: str, weights: Float64) -> None:
    """Refuse a period whose weights do not sum to 1 (cash and off-benchmark lines included, shorts negative)."""
    total = weights.sum(axis=1)
    worst = int(np.abs(total - 1.0).argmax())
    if abs(total[worst] - 1.0) > WEIGHT_SUM_TOLERANCE:
        raise WeightSumError(
            f"{name} of period {worst} sums to {total[worst]:.12g}",
            field=name,
            found=float(total[worst]),
            expected="1 within 1e-9",
            next_step="add cash and off-benchmark holdings as segments of their own",
        )
