"""Fixed-income attribution: income, roll-down, shift, twist, spread and selection of each bond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.inputs import Float64, matrix, same_shape, vector

EFFECTS = ("income", "roll_down", "shift", "twist", "spread", "selection")


@dataclass(frozen=True)
class BondEffects:
    """Effects per bond as fractions of its value, each (T, N); they sum to the bond's return by construction.

    ``selection`` is what the curve and the spread do not explain: convexity, mispricing, bond-specific moves.
    """

    income: Float64
    roll_down: Float64
    shift: Float64
    twist: Float64
    spread: Float64
    selection: Float64

    @property
    def total(self) -> Float64:
        """Sum of the six, (T, N)."""
        return np.asarray(sum(getattr(self, name) for name in EFFECTS))

    def weighted(self, weights: npt.ArrayLike) -> dict[str, Float64]:
        """Each effect for a portfolio with these weights (T, N) at period start, shape (T,)."""
        w = matrix("weights", weights)
        same_shape(weights=w, income=self.income)
        return {name: np.asarray((w * getattr(self, name)).sum(axis=1)) for name in EFFECTS}


def bond_effects(
    *,
    yield_start: npt.ArrayLike,
    duration: npt.ArrayLike,
    spread_duration: npt.ArrayLike,
    years: npt.ArrayLike,
    roll_yield_change: npt.ArrayLike,
    curve_shift: npt.ArrayLike,
    curve_change: npt.ArrayLike,
    spread_change: npt.ArrayLike,
    r_actual: npt.ArrayLike,
) -> BondEffects:
    """Split each bond's return of a period by what moved.

    Answers: did we earn carry, ride down the curve, win on rates, on the curve's shape, on credit, or on the bond?

    Parameters
    ----------
    yield_start : (T, N) yield to maturity at the start, fraction a year
    duration, spread_duration : (T, N) modified durations at the start, years
    years : (T,) length of the period in years
    roll_yield_change : (T, N) change of the curve yield from ageing on an unchanged curve (negative: rolls down)
    curve_shift : (T,) parallel move of the curve: its change at the reference maturity
    curve_change : (T, N) change of the curve at the bond's own maturity, shift included, ageing excluded
    spread_change : (T, N) change of the bond's spread over the curve
    r_actual : (T, N) the bond's actual return

    Returns
    -------
    BondEffects
        Identity: the six effects sum to r_actual within 1e-15.

    Notes
    -----
    income = y dt; roll-down = -D dy_roll; shift = -D s; twist = -D (c - s); spread = -D_s ds;
    selection = r - the rest. Source: Campisi (2000), J. Performance Measurement 4(4), with roll-down and twist apart.

    Examples
    --------
    >>> fx = bond_effects(yield_start=[[0.04]], duration=[[5.0]], spread_duration=[[5.0]], years=[0.25],
    ...     roll_yield_change=[[-0.0005]], curve_shift=[0.001], curve_change=[[0.0015]], spread_change=[[-0.0002]],
    ...     r_actual=[[0.0065]])
    >>> [round(float(getattr(fx, name)[0, 0]), 6) for name in EFFECTS]
    [0.01, 0.0025, -0.005, -0.0025, 0.001, 0.0005]
    """
    y, d, ds = (
        matrix("yield_start", yield_start),
        matrix("duration", duration),
        matrix("spread_duration", spread_duration),
    )
    roll, curve = matrix("roll_yield_change", roll_yield_change), matrix("curve_change", curve_change)
    credit, actual = matrix("spread_change", spread_change), matrix("r_actual", r_actual)
    time, shift = vector("years", years), vector("curve_shift", curve_shift)
    same_shape(
        yield_start=y, duration=d, spread_duration=ds, roll_yield_change=roll, curve_change=curve, spread_change=credit,
        r_actual=actual,
    )  # fmt: skip
    same_shape(years=time, curve_shift=shift, yield_start=y[:, 0])
    income = y * time[:, None]
    roll_down = -d * roll
    parallel = -d * shift[:, None]
    twist = -d * (curve - shift[:, None])
    spread = -ds * credit
    return BondEffects(
        income, roll_down, parallel, twist, spread, actual - income - roll_down - parallel - twist - spread
    )
