"""Sums by segment of long security histories in one pass over memory."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.segments import segment_sums as plain

Float64 = npt.NDArray[np.float64]
Sums = tuple[Float64, Float64, Float64, Float64]

SMALL = 200_000
"""Below this many cells the plain twin answers before a compiled kernel is loaded."""


@cache
def _compiled() -> Any:
    from argosy.kernels.segments_jit import sums

    return sums


def segment_sums(
    w_port: Float64, w_bench: Float64, r_port: Float64, r_bench: Float64, codes: npt.NDArray[np.int64], count: int
) -> Sums:
    """Weights and contributions summed by segment code, each (T, count); securities are added in their order."""
    if w_port.size < SMALL:
        return plain(w_port, w_bench, r_port, r_bench, codes, count)
    arrays = [np.ascontiguousarray(a) for a in (w_port, w_bench, r_port, r_bench)]
    result: Sums = _compiled()(*arrays, codes, count)
    return result
