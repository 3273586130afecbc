"""From securities to segments: weights and returns of groups, and Brinson effects of long histories in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels import segments as kernel
from argosy.measures.attribution.brinson import BrinsonEffects, Interaction, Method
from argosy.measures.attribution.inputs import (
    Float64,
    ShapeError,
    finite,
    same_shape,
    unchecked_matrix,
    weights_sum_to_one,
)


@dataclass(frozen=True)
class SegmentSums:
    """Weights and contributions per period and segment, each (T, S); ``names`` in first-seen order."""

    names: tuple[str, ...]
    w_port: Float64
    w_bench: Float64
    c_port: Float64
    c_bench: Float64


def segment_sums(
    w_port: npt.ArrayLike,
    w_bench: npt.ArrayLike,
    r_port: npt.ArrayLike,
    r_bench: npt.ArrayLike,
    segments: Sequence[str],
) -> SegmentSums:
    """Sum weights and contributions of securities by segment in one pass.

    Parameters
    ----------
    w_port, w_bench, r_port, r_bench : (T, N) float; returns are ignored (but finite) where the weight is 0
    segments : (N,) label of each security
    """
    given = _Given.of(w_port, w_bench, r_port, r_bench, segments)
    sums = kernel.segment_sums(*given.matrices, given.codes, len(given.names))
    given.prove_finite(*sums)
    weights_sum_to_one("w_port", sums[0])
    weights_sum_to_one("w_bench", sums[1])
    return SegmentSums(given.names, *sums)


@dataclass(frozen=True)
class _Given:
    """Matrices of one shape and the segment of each column; cells are proven finite by the sums made of them."""

    names: tuple[str, ...]
    codes: npt.NDArray[np.int64]
    w_port: Float64
    w_bench: Float64
    r_port: Float64
    r_bench: Float64

    @classmethod
    def of(
        cls, w_port: npt.ArrayLike, w_bench: npt.ArrayLike, r_port: npt.ArrayLike, r_bench: npt.ArrayLike,
        segments: Sequence[str],
    ) -> _Given:  # fmt: skip
        given = {"w_port": w_port, "w_bench": w_bench, "r_port": r_port, "r_bench": r_bench}
        arrays = {name: unchecked_matrix(name, values) for name, values in given.items()}
        same_shape(**arrays)
        count = arrays["w_port"].shape[1]
        if len(segments) != count:
            raise ShapeError(f"segments labels {len(segments)} securities, weights have {count}", field="segments")
        names = tuple(dict.fromkeys(segments))
        index = {name: position for position, name in enumerate(names)}
        return cls(names, np.array([index[name] for name in segments], dtype=np.int64), **arrays)

    @property
    def matrices(self) -> tuple[Float64, Float64, Float64, Float64]:
        """Weights, then returns."""
        return self.w_port, self.w_bench, self.r_port, self.r_bench

    def prove_finite(self, *sums: Float64) -> None:
        """A cell that is not finite makes a sum it is in not finite: only then is it looked for."""
        if not all(np.isfinite(part).all() for part in sums):
            for name, array in zip(("w_port", "w_bench", "r_port", "r_bench"), self.matrices, strict=True):
                finite(name, array)


def brinson_securities(
    w_port: npt.ArrayLike,
    w_bench: npt.ArrayLike,
    r_port: npt.ArrayLike,
    r_bench: npt.ArrayLike,
    segments: Sequence[str],
    *,
    method: Method = "brinson-fachler",
    interaction: Interaction = "separate",
) -> tuple[tuple[str, ...], BrinsonEffects]:
    """Brinson effects by segment from security weights and returns of a whole history.

    Answers: the same as ``brinson``, starting from holdings, for 2,520 days of 500 securities in milliseconds.

    Returns
    -------
    (segment names, BrinsonEffects of shape (T, S))
        A segment outside the benchmark is judged at the total benchmark return: its whole bet is selection.
        A segment not held keeps its allocation effect; selection and interaction are 0 there.
        Identity as in ``brinson``; also where longs and shorts of a segment net to zero.

    Examples
    --------
    >>> names, effects = brinson_securities([0.5, 0.5, 0], [0.4, 0.3, 0.3], [0.1, 0, 0], [0.1, 0, 0.2], "aab")
    >>> names, effects.allocation.round(4).tolist(), float(effects.total[0].round(4))
    (('a', 'b'), [[-0.0129, -0.03]], -0.05)
    """
    given = _Given.of(w_port, w_bench, r_port, r_bench, segments)
    base = 1.0 if method == "brinson-fachler" else 0.0
    effects, totals = kernel.segment_effects(*given.matrices, given.codes, len(given.names), base=base)
    given.prove_finite(totals)
    weights_sum_to_one("w_port", totals[0][:, None])
    weights_sum_to_one("w_bench", totals[1][:, None])
    allocation, selection, crossed = effects
    if interaction == "selection":
        selection, crossed = selection + crossed, np.zeros_like(crossed)
    elif interaction == "allocation":
        allocation, crossed = allocation + crossed, np.zeros_like(crossed)
    return given.names, BrinsonEffects(allocation, selection, crossed, totals[2], totals[3], method)
