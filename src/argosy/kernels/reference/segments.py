"""Sums by segment, plain numpy: the slow twin of ``kernels.segments``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def segment_sums(
    w_port: Float64, w_bench: Float64, r_port: Float64, r_bench: Float64, codes: npt.NDArray[np.int64], count: int
) -> tuple[Float64, Float64, Float64, Float64]:
    """Weights and contributions summed by segment code, each (T, count); securities are added in their order.

    Examples
    --------
    >>> one = np.array([[0.5, 0.5]])
    >>> [a.tolist() for a in segment_sums(one, one, one, one, np.array([0, 0]), 1)]
    [[[1.0]], [[1.0]], [[0.5]], [[0.5]]]
    """
    shape = (w_port.shape[0], count)
    totals = (np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape))
    for n, code in enumerate(codes):
        totals[0][:, code] += w_port[:, n]
        totals[1][:, code] += w_bench[:, n]
        totals[2][:, code] += w_port[:, n] * r_port[:, n]
        totals[3][:, code] += w_bench[:, n] * r_bench[:, n]
    return totals
