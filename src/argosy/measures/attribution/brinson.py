"""Brinson attribution of one or many periods by segment, arithmetic and geometric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.inputs import (
    Float64,
    UndefinedEffect,
    matrix,
    same_shape,
    weights_sum_to_one,
)

Method = Literal["brinson-fachler", "brinson-hood-beebower"]
Interaction = Literal["separate", "selection", "allocation"]


@dataclass(frozen=True)
class BrinsonEffects:
    """Effects per period and segment, shape (T, S); ``portfolio`` and ``benchmark`` are the period returns, shape (T,).

    Arithmetic: allocation + selection + interaction sum to portfolio - benchmark in every period.
    Geometric: (1 + sum allocation)(1 + sum selection) = (1 + portfolio)/(1 + benchmark); interaction is 0.
    """

    allocation: Float64
    selection: Float64
    interaction: Float64
    portfolio: Float64
    benchmark: Float64
    method: str
    geometric: bool = False

    @property
    def active(self) -> Float64:
        """Active return per period, shape (T,): arithmetic difference or geometric ratio - 1."""
        if self.geometric:
            return np.asarray((1.0 + self.portfolio) / (1.0 + self.benchmark) - 1.0)
        return np.asarray(self.portfolio - self.benchmark)

    @property
    def total(self) -> Float64:
        """The effects put together per period, shape (T,); equals :attr:`active` within 1e-12."""
        allocation, selection = self.allocation.sum(axis=1), self.selection.sum(axis=1)
        if self.geometric:
            return np.asarray((1.0 + allocation) * (1.0 + selection) - 1.0)
        return np.asarray(allocation + selection + self.interaction.sum(axis=1))

    @property
    def stacked(self) -> Float64:
        """Effects side by side for linking, shape (T, 3 S), read-only: allocation, selection, interaction."""
        stacked = np.concatenate([self.allocation, self.selection, self.interaction], axis=1)
        stacked.setflags(write=False)
        return stacked


def brinson(
    w_port: npt.ArrayLike,
    w_bench: npt.ArrayLike,
    r_port: npt.ArrayLike,
    r_bench: npt.ArrayLike,
    *,
    method: Method = "brinson-fachler",
    interaction: Interaction = "separate",
) -> BrinsonEffects:
    """Split each period's active return by segment into allocation, selection and interaction.

    Answers: did we win by being in the right segments, or by choosing well inside them?

    Parameters
    ----------
    w_port, w_bench : (S,) or (T, S) float, fraction of value at period start, each period sums to 1
    r_port, r_bench : same shape, simple return of the segment in the period (0.01 = 1%)
        Off-benchmark segments: pass r_bench = the total benchmark return to call the whole bet selection, or the
        portfolio's own return to call it allocation. Shorts have negative weights. NaN is refused.
    method : "brinson-fachler" measures allocation against the total benchmark, "brinson-hood-beebower" against 0
    interaction : shown apart, or merged into selection (w_port instead of w_bench) or into allocation

    Returns
    -------
    BrinsonEffects
        Identity: the effects sum to w_port @ r_port - w_bench @ r_bench within 1e-12 in every period.

    Raises
    ------
    ShapeError, WeightSumError, InvalidInput

    Notes
    -----
    A = (w - W)(R_s - R), S = W (r_s - R_s), I = (w - W)(r_s - R_s). Cost O(T S).
    Source: Brinson & Fachler (1985), J. Portfolio Management 11(3); Brinson, Hood & Beebower (1986), FAJ 42(4).

    Examples
    --------
    >>> effects = brinson([0.6, 0.4], [0.5, 0.5], [0.10, 0.02], [0.08, 0.04])
    >>> effects.allocation.round(6).tolist(), float(effects.total[0].round(6))
    ([[0.002, 0.002]], 0.008)
    """
    wp, wb = matrix("w_port", w_port), matrix("w_bench", w_bench)
    rp, rb = matrix("r_port", r_port), matrix("r_bench", r_bench)
    same_shape(w_port=wp, w_bench=wb, r_port=rp, r_bench=rb)
    weights_sum_to_one("w_port", wp)
    weights_sum_to_one("w_bench", wb)
    portfolio, benchmark = (wp * rp).sum(axis=1), (wb * rb).sum(axis=1)
    tilt, skill = wp - wb, rp - rb
    reference = rb - benchmark[:, None] if method == "brinson-fachler" else rb
    allocation, selection, both = tilt * reference, wb * skill, tilt * skill
    if interaction == "selection":
        selection, both = selection + both, np.zeros_like(both)
    elif interaction == "allocation":
        allocation, both = allocation + both, np.zeros_like(both)
    return BrinsonEffects(allocation, selection, both, portfolio, benchmark, method)


def brinson_geometric(
    w_port: npt.ArrayLike, w_bench: npt.ArrayLike, r_port: npt.ArrayLike, r_bench: npt.ArrayLike
) -> BrinsonEffects:
    """Split each period's geometric active return (1+r)/(1+b) - 1 by segment, without interaction.

    Answers: the same as :func:`brinson` for returns that compound; totals link over time without residual.

    Parameters
    ----------
    w_port, w_bench, r_port, r_bench : as in :func:`brinson`

    Returns
    -------
    BrinsonEffects with ``geometric`` True
        Identity: (1 + sum A)(1 + sum S) = (1 + r)/(1 + b) within 1e-12 in every period.

    Raises
    ------
    UndefinedEffect    the benchmark, or the portfolio at benchmark returns, loses everything in a period.

    Notes
    -----
    A_s = (w_s - W_s)((1 + R_s)/(1 + R) - 1); S_s = w_s (r_s - R_s)/(1 + R_N), R_N = w'R the semi-notional return.
    Source: Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., ch. 5.

    Examples
    --------
    >>> fx = brinson_geometric([0.4, 0.3, 0.3], [0.4, 0.2, 0.4], [0.2, -0.05, 0.06], [0.1, -0.04, 0.08])
    >>> bool(abs(fx.total - fx.active).max() < 1e-15)
    True
    """
    wp, wb = matrix("w_port", w_port), matrix("w_bench", w_bench)
    rp, rb = matrix("r_port", r_port), matrix("r_bench", r_bench)
    same_shape(w_port=wp, w_bench=wb, r_port=rp, r_bench=rb)
    weights_sum_to_one("w_port", wp)
    weights_sum_to_one("w_bench", wb)
    portfolio, benchmark = (wp * rp).sum(axis=1), (wb * rb).sum(axis=1)
    notional = (wp * rb).sum(axis=1)
    for name, values in (("benchmark", benchmark), ("portfolio at benchmark returns", notional)):
        if (values <= -1.0).any():
            period = int(np.argmax(values <= -1.0))
            raise UndefinedEffect(
                f"the {name} loses everything in period {period}, so a ratio of wealth has no meaning",
                field="r_bench",
                next_step="end the analysis before that period or use the arithmetic method",
            )
    allocation = (wp - wb) * ((1.0 + rb) / (1.0 + benchmark)[:, None] - 1.0)
    selection = wp * (rp - rb) / (1.0 + notional)[:, None]
    return BrinsonEffects(
        allocation, selection, np.zeros_like(allocation), portfolio, benchmark, "geometric", geometric=True
    )
