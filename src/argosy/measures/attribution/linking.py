"""Linking effects over periods so that they sum to the active return of the whole span.

Every method is a vector of coefficients, one per period, that multiplies that period's effects; so a segment, a group
and the total are linked alike and nothing is left over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.inputs import Float64, ShapeError, UndefinedEffect, finite, same_shape, vector

LinkMethod = Literal["carino", "menchero", "grap", "frongello"]

_NEAR = 1e-9
"""Below this difference of returns the logarithmic quotient is replaced by its limit (series error < 1e-18)."""


@dataclass(frozen=True)
class LinkedEffects:
    """Effects of the whole span, and the coefficients that brought them there.

    ``linked`` has the shape of one period's effects; its sum equals ``active`` within 1e-10. ``effects`` (T, ...) are
    those that were linked, read-only.
    """

    linked: Float64
    effects: Float64
    coefficients: Float64
    active: float
    method: str

    @property
    def cumulative(self) -> Float64:
        """The running total after each period, shape (T, ...).

        Only where the method is path-consistent (GRAP and Frongello) is it restated to the end of the span; for Carino
        and Menchero it is the running sum of scaled effects.
        """
        return np.asarray(np.cumsum(self.effects * _by_period(self.coefficients, self.effects.ndim), axis=0))


def coefficients(r_port: npt.ArrayLike, r_bench: npt.ArrayLike, *, method: LinkMethod = "carino") -> Float64:
    """Linking coefficient of each period, shape (T,).

    Answers: how much does one unit of effect in period t weigh in the active return R - B of the whole span?

    Parameters
    ----------
    r_port, r_bench : (T,) float, total simple returns of each period
    method :
        "carino" logarithmic, k_t / k; "menchero" optimized; "grap" (1+r) before t times (1+b) after t;
        "frongello" the same totals as GRAP, reached recursively

    Raises
    ------
    UndefinedEffect    a period return is -100% or worse (Carino, Menchero).

    Notes
    -----
    Carino: k_t = (ln(1+r_t) - ln(1+b_t))/(r_t - b_t), k likewise for the span; limits 1/(1+r) where r = b.
    Menchero: A + a_t, A = ((R-B)/T)/((1+R)^(1/T) - (1+B)^(1/T)), a_t = (R - B - A sum d) d_t / sum d^2, d = r - b.
    Source: Carino (1999), J. Performance Measurement 3(4); Menchero (2000), JPM 5(1); GRAP (1997); Frongello (2002).

    Examples
    --------
    >>> c = coefficients([0.10, 0.05], [0.08, 0.06])
    >>> bool(abs(c @ [0.02, -0.01] - (1.10 * 1.05 - 1.08 * 1.06)) < 1e-15)
    True
    """
    rp, rb = vector("r_port", r_port), vector("r_bench", r_bench)
    same_shape(r_port=rp, r_bench=rb)
    return _METHODS[method](rp, rb)


def link(
    effects: npt.ArrayLike, r_port: npt.ArrayLike, r_bench: npt.ArrayLike, *, method: LinkMethod = "carino"
) -> LinkedEffects:
    """Effects of many periods as effects of the whole span.

    Answers: what did each decision contribute to the active return since the start?

    Parameters
    ----------
    effects : (T, E...) float, effects per period that sum to r_port - r_bench
    r_port, r_bench : (T,) float, total simple returns

    Returns
    -------
    LinkedEffects
        Identity: ``linked.sum()`` = prod(1+r) - prod(1+b) within 1e-10 if each period's effects sum to r - b.

    Examples
    --------
    >>> out = link([[0.015, 0.005], [-0.02, 0.01]], [0.10, 0.05], [0.08, 0.06])
    >>> bool(abs(out.linked.sum() - out.active) < 1e-15)
    True
    """
    array = np.asarray(effects, dtype=np.float64)
    if array.flags.writeable:
        # Kept with the answer: what the caller may still change is copied.
        array = array.copy()
        array.setflags(write=False)
    rp, rb = vector("r_port", r_port), vector("r_bench", r_bench)
    weights = coefficients(rp, rb, method=method)
    if array.shape[0] != weights.shape[0]:
        raise ShapeError(f"effects has {array.shape[0]} periods, the returns have {weights.shape[0]}", field="effects")
    linked = np.asarray(np.einsum("t,t...->...", weights, array))
    if not np.isfinite(linked).all():
        finite("effects", array.reshape(len(array), -1))
    active = float(np.prod(1.0 + rp) - np.prod(1.0 + rb))
    return LinkedEffects(linked, array, weights, active, method)


def frongello_path(effects: npt.ArrayLike, r_port: npt.ArrayLike, r_bench: npt.ArrayLike) -> Float64:
    """Cumulative effects after every period by Frongello's recursion, shape (T, E...).

    Answers: what had each decision contributed by the end of period t, never restated afterwards in total?

    Notes
    -----
    F_t = e_t prod_{s<t}(1+r_s) + b_t sum_{s<t} F_s; the running sum of F reconciles to R - B after every period.
    Source: Frongello (2002), J. Performance Measurement 6(3), eq. 4.
    """
    array = np.array(effects, dtype=np.float64)
    finite("effects", array.reshape(len(array), -1))
    rp, rb = vector("r_port", r_port), vector("r_bench", r_bench)
    if not len(array) == len(rp) == len(rb):
        raise ShapeError(f"effects, r_port, r_bench have {len(array)}, {len(rp)}, {len(rb)} periods", field="effects")
    wealth = 1.0
    running = np.zeros(array.shape[1:])
    path = np.empty_like(array)
    for t in range(len(array)):
        running = running + array[t] * wealth + rb[t] * running
        wealth *= 1.0 + rp[t]
        path[t] = running
    return path


def davies_laker(
    r_port: npt.ArrayLike, r_bench: npt.ArrayLike, r_allocation: npt.ArrayLike, r_selection: npt.ArrayLike
) -> dict[str, float]:
    """Exact multi-period totals from compounded notional portfolios (no coefficients).

    Answers: what would the allocation decisions alone, and the selection decisions alone, have earned?

    Parameters
    ----------
    r_port, r_bench : (T,) float, total returns (w'r and W'R)
    r_allocation : (T,) float, w'R (active weights, benchmark returns)
    r_selection : (T,) float, W'r (benchmark weights, active returns)

    Returns
    -------
    dict with allocation, selection, interaction; they sum to the active return of the span.

    Notes
    -----
    A = P(w'R) - P(W'R), S = P(W'r) - P(W'R), I = P(w'r) - P(w'R) - P(W'r) + P(W'R), P = compounding.
    Source: Davies & Laker (2001), J. Performance Measurement 6(1).
    """
    grown = [
        float(np.prod(1.0 + vector(name, values)))
        for name, values in (
            ("r_port", r_port), ("r_bench", r_bench), ("r_allocation", r_allocation), ("r_selection", r_selection)
        )
    ]  # fmt: skip
    portfolio, benchmark, allocation, selection = grown
    return {
        "allocation": allocation - benchmark,
        "selection": selection - benchmark,
        "interaction": portfolio - allocation - selection + benchmark,
    }


def link_geometric(effects: npt.ArrayLike) -> float:
    """Compound the geometric effect totals of each period, shape (T,): prod(1 + e_t) - 1, without residual."""
    return float(np.prod(1.0 + vector("effects", effects)) - 1.0)


def _by_period(values: Float64, dimensions: int) -> Float64:
    return values.reshape((-1,) + (1,) * (dimensions - 1))


def _log_quotient(a: Float64, b: Float64) -> Float64:
    """(ln(1+a) - ln(1+b))/(a - b), with its series where a and b nearly agree."""
    difference = a - b
    middle = 1.0 + (a + b) / 2.0
    near = np.abs(difference) < _NEAR
    safe = np.where(near, 1.0, difference)
    return np.where(near, 1.0 / middle, (np.log1p(a) - np.log1p(b)) / safe)


def _refuse_total_loss(rp: Float64, rb: Float64, method: str) -> None:
    for name, values in (("r_port", rp), ("r_bench", rb)):
        if (values <= -1.0).any():
            period = int(np.argmax(values <= -1.0))
            raise UndefinedEffect(
                f"{name}[{period}] is {values[period]:.6g}: {method} linking has no logarithm of a total loss",
                field=name,
                next_step="link with grap or frongello, or end the analysis before that period",
            )


def _carino(rp: Float64, rb: Float64) -> Float64:
    _refuse_total_loss(rp, rb, "Carino")
    total = np.array([np.prod(1.0 + rp) - 1.0]), np.array([np.prod(1.0 + rb) - 1.0])
    return np.asarray(_log_quotient(rp, rb) / _log_quotient(*total))


def _menchero(rp: Float64, rb: Float64) -> Float64:
    _refuse_total_loss(rp, rb, "Menchero")
    periods = len(rp)
    whole, base = float(np.prod(1.0 + rp)), float(np.prod(1.0 + rb))
    difference = rp - rb
    if abs(whole - base) < _NEAR * whole:
        natural = whole ** ((periods - 1) / periods)
    else:
        natural = ((whole - base) / periods) / (whole ** (1 / periods) - base ** (1 / periods))
    squared = float(difference @ difference)
    if squared == 0.0:
        return np.full(periods, natural)
    return np.asarray(natural + (whole - base - natural * difference.sum()) / squared * difference)


def _grap(rp: Float64, rb: Float64) -> Float64:
    before = np.concatenate([[1.0], np.cumprod(1.0 + rp)[:-1]])
    after = np.concatenate([np.cumprod((1.0 + rb)[::-1])[::-1][1:], [1.0]])
    return np.asarray(before * after)


_METHODS: dict[str, Callable[[Float64, Float64], Float64]] = {
    "carino": _carino,
    "menchero": _menchero,
    "grap": _grap,
    "frongello": _grap,
}
