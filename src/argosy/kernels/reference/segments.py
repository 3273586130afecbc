"""Sums and Brinson effects by segment, plain numpy: the slow twin of ``kernels.segments``."""

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


def segment_effects(
    w_port: Float64, w_bench: Float64, r_port: Float64, r_bench: Float64, codes: npt.NDArray[np.int64], count: int, *,
    base: float,
) -> tuple[Float64, Float64]:  # fmt: skip
    """Allocation, selection and interaction (3, T, count), with sums of weights and returns (4, T), by segment code.

    A segment without a benchmark weight is judged at the benchmark's total return. Selection and interaction together
    are w (r - R): contributions keep this exact where the net weight of a segment is 0.

    Examples
    --------
    >>> row = [np.array([[0.6, 0.4]]), np.array([[0.5, 0.5]]), np.array([[0.1, 0.0]]), np.array([[0.08, 0.0]])]
    >>> effects, totals = segment_effects(*row, np.array([0, 1]), 2, base=1.0)
    >>> effects[:, 0].round(4).tolist(), totals[:, 0].round(4).tolist()
    ([[0.004, 0.004], [0.01, 0.0], [0.002, 0.0]], [1.0, 1.0, 0.06, 0.04])
    """
    sums = segment_sums(w_port, w_bench, r_port, r_bench, codes, count)
    totals = np.zeros((4, len(w_port)))
    for part, one in enumerate(sums):
        for code in range(count):
            totals[part] += one[:, code]
    held, known, made, given = sums
    benchmark = totals[3][:, None]
    inside = known != 0.0
    earned = np.where(inside, given / np.where(inside, known, 1.0), benchmark)
    both = made - held * earned + np.where(inside, 0.0, known * earned - given)
    owned = inside & (held != 0.0)
    selection = np.where(owned, known * both / np.where(owned, held, 1.0), both)
    return np.stack([(held - known) * (earned - base * benchmark), selection, both - selection]), totals
