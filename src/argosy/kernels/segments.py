"""Sums and Brinson effects by segment of long security histories in one pass over memory."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import segments as reference

Float64 = npt.NDArray[np.float64]
Sums = tuple[Float64, Float64, Float64, Float64]

SMALL = 200_000
"""Below this many cells the plain twin answers before a compiled kernel is loaded."""


@cache
def _compiled() -> Any:
    from argosy.kernels import segments_jit

    return segments_jit


def segment_sums(
    w_port: Float64, w_bench: Float64, r_port: Float64, r_bench: Float64, codes: npt.NDArray[np.int64], count: int
) -> Sums:
    """Weights and contributions summed by segment code, each (T, count); securities are added in their order."""
    if w_port.size < SMALL:
        return reference.segment_sums(w_port, w_bench, r_port, r_bench, codes, count)
    arrays = [np.ascontiguousarray(a) for a in (w_port, w_bench, r_port, r_bench)]
    result: Sums = _compiled().sums(*arrays, codes, count)
    return result


def segment_effects(
    w_port: Float64, w_bench: Float64, r_port: Float64, r_bench: Float64, codes: npt.NDArray[np.int64], count: int, *,
    base: float,
) -> tuple[Float64, Float64]:  # fmt: skip
    """Allocation, selection and interaction (3, T, count), with sums of weights and returns (4, T), by segment code.

    ``base`` is the part of the benchmark's return that allocation is judged against: 1 Brinson-Fachler, 0 Brinson-Hood-
    Beebower. A cell that is not finite makes a total of its period not finite.
    """
    if w_port.size < SMALL:
        return reference.segment_effects(w_port, w_bench, r_port, r_bench, codes, count, base=base)
    arrays = [np.ascontiguousarray(a) for a in (w_port, w_bench, r_port, r_bench)]
    effects, totals = _compiled().effects(*arrays, codes, count, base)
    return effects, totals
