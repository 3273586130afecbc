"""How much to hold tomorrow: volatility targets, insured floors, drawdown control, and bands that spare costs.

Every rule sets the exposure of a day from data to the day before; changing later data changes no earlier exposure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.measures.performance.series import refusal
from argosy.measures.risk.budgets.exposure import ExposurePath, run_exposures
from argosy.measures.risk.inputs import array, positive
from argosy.models.volatility.ewma import ewma_variances

Float64 = npt.NDArray[np.float64]
TradeTo = Literal["edge", "target"]


def target_exposures(forecasts: Any, *, target: float, most: float, least: float = 0.0) -> Float64:
    """Exposure that brings a forecast risk to a target: ``min(most, max(least, target / forecast))``.

    ``forecasts`` (T,) of any risk that grows with exposure, volatility or shortfall, each known before its day.

    Examples
    --------
    >>> target_exposures([0.1, 0.4, 0.02], target=0.1, most=1.5).tolist()
    [1.0, 0.25, 1.5]
    """
    risk = array(forecasts, (None,), "forecasts")
    if (risk <= 0.0).any():
        raise UndefinedMeasure(f"the forecast of place {int((risk <= 0.0).argmax())} is no risk", field="forecasts",
                               next_step="check for stale prices")  # fmt: skip
    high, low = positive(most, "most"), positive(least, "least", zero=True)
    if low > high:
        raise InvalidInput(f"the least exposure {low:g} is above the most, {high:g}", field="least", found=low,
                           expected=f"at most {high:g}")  # fmt: skip
    return np.asarray(np.clip(positive(target, "target") / risk, low, high))


def volatility_target(
    returns: Any,
    *,
    target: float,
    periods_per_year: float,
    most: float = 1.5,
    least: float = 0.0,
    decay: float = 0.94,
    initial_variance: float | None = None,
    risk_free: Any = 0.0,
    cost: float = 0.0,
    band: float = 0.0,
) -> ExposurePath:
    """Hold so much that the forecast volatility is the target (Moreira and Muir 2017; Harvey et al. 2018).

    The EWMA variance of a day uses returns to the day before. Without ``initial_variance`` the first 75 returns would
    have to start it, so exposure is 0 until they are over. A ``band`` keeps the exposure while the target is as near.

    Examples
    --------
    >>> found = volatility_target([0.02, -0.01, 0.03], target=0.1, periods_per_year=252, initial_variance=0.0001)
    >>> found.exposures.round(6).tolist()
    [0.629941, 0.579908, 0.58258, 0.492044]
    """
    r = array(returns, (None,), "returns")
    year = positive(periods_per_year, "periods_per_year")
    warm = 0 if initial_variance is not None else min(75, r.size)
    variances = ewma_variances(r, decay=decay, initial=initial_variance)[warm:]
    if warm and variances[0] <= 0.0:
        raise UndefinedMeasure("the returns do not vary, so no exposure has a volatility", field="returns",
                               next_step="check for stale prices")  # fmt: skip
    wanted = target_exposures(np.sqrt(variances * year), target=target, most=most, least=least)
    held = np.concatenate([np.zeros(warm), banded(wanted, band=band)])
    return run_exposures(r, held, known=np.arange(-1, r.size), risk_free=risk_free, cost=cost)


@dataclass(frozen=True, eq=False)
class Insured:
    """A rule with a floor: its path, the floor (T + 1,), when it was locked in cash, and where it fell through.

    ``locked`` is the first day with no exposure left because wealth had reached the floor; ``gap`` is the largest
    shortfall below the floor, 0 where it held. With jumps no rule can rule a gap out, so it is a result and no error.
    """

    path: ExposurePath
    floor: Float64
    locked: int | None
    gap: float


def constant_proportion(
    returns: Any,
    *,
    multiplier: float,
    floor: float,
    most: float = 1.0,
    risk_free: Any = 0.0,
    cost: float = 0.0,
    band: float = 0.0,
) -> Insured:
    """Insure a floor by exposure in proportion to the cushion: ``min(most W, max(0, m (W - F)))``.

    Black and Perold (1992). ``floor`` is a fraction of the starting wealth of 1 and grows at the risk-free rate. Wealth
    at or below the floor is locked in cash. A fall of more than 1/m in one period goes through the floor.

    Examples
    --------
    >>> found = constant_proportion([0.05, -0.10, 0.02], multiplier=4.0, floor=0.8)
    >>> found.path.exposures.round(6).tolist(), found.gap
    ([0.8, 0.923077, 0.610169, 0.651038], 0.0)
    """
    m, start = positive(multiplier, "multiplier"), _fraction(floor, "floor")

    def rule(wealth: float, peak: float, grown: float) -> float:
        return m * (wealth - start * grown) / wealth

    return _insured(returns, rule, lambda peak, grown: start * grown, most, risk_free, cost, band)


def drawdown_control(
    returns: Any,
    *,
    most_drawdown: float,
    multiplier: float,
    most: float = 1.0,
    risk_free: Any = 0.0,
    cost: float = 0.0,
    band: float = 0.0,
) -> Insured:
    """Keep wealth above a share of its peak: exposure ``m (W - (1 - d) M) / W`` (Grossman and Zhou 1993, eq. 19).

    ``most_drawdown`` d is the fall from the peak M that is allowed. Between trades the floor can be jumped over.

    Examples
    --------
    >>> drawdown_control([0.05, -0.10], most_drawdown=0.2, multiplier=3.0).path.exposures.round(6).tolist()
    [0.6, 0.6, 0.446809]
    """
    m, allowed = positive(multiplier, "multiplier"), _fraction(most_drawdown, "most_drawdown")

    def rule(wealth: float, peak: float, grown: float) -> float:
        return m * (wealth - (1.0 - allowed) * peak) / wealth

    return _insured(returns, rule, lambda peak, grown: (1.0 - allowed) * peak, most, risk_free, cost, band)


def banded(targets: Any, *, band: float, trade_to: TradeTo = "edge") -> Float64:
    """Exposures (T,) that move only when the target is farther away than ``band``.

    Then to the edge of the band, which is best with costs in proportion, or all the way ("target"), best with fixed
    costs (Davis and Norman 1990). A band of 0 follows the targets.

    Examples
    --------
    >>> banded([0.5, 0.55, 0.8, 0.75], band=0.1).round(6).tolist()
    [0.5, 0.5, 0.7, 0.7]
    """
    wanted = array(targets, (None,), "targets")
    width = positive(band, "band", zero=True)
    if trade_to not in ("edge", "target"):
        raise refusal(f"trade_to is {trade_to!r}", field="trade_to", found=trade_to, expected="'edge' or 'target'")
    if width == 0.0:
        return wanted.copy()
    out = np.empty(wanted.size)
    held = float(wanted[0])
    for day, goal in enumerate(wanted.tolist()):
        held = _step(held, goal, width, trade_to)
        out[day] = held
    return out


def band_width(*, cost: float, risk_aversion: float, exposure: float) -> float:
    """Half-width of the band that costs in proportion call for: ``(3 / (2 g) k pi^2 (1 - pi)^2)^(1/3)``.

    Shreve and Soner (1994); Rogers (2004). ``exposure`` pi is the target between 0 and 1; at 0 and 1 the width is 0.

    Examples
    --------
    >>> round(band_width(cost=0.001, risk_aversion=3.0, exposure=0.6), 6)
    0.030652
    """
    k, g = positive(cost, "cost", zero=True), positive(risk_aversion, "risk_aversion")
    pi = float(array([exposure], (1,), "exposure")[0])
    if not 0.0 <= pi <= 1.0:
        raise refusal(f"exposure is {exposure}", field="exposure", found=exposure, expected="0 to 1")
    return float((1.5 / g * k * (pi * (1.0 - pi)) ** 2) ** (1.0 / 3.0))


def _step(held: float, goal: float, width: float, trade_to: TradeTo) -> float:
    if abs(goal - held) <= width:
        return held
    if trade_to == "target":
        return goal
    return goal - width if goal > held else goal + width


def _fraction(value: float, field: str) -> float:
    if not 0.0 < value < 1.0:
        raise refusal(f"{field} is {value}", field=field, found=value, expected="a fraction such as 0.8")
    return float(value)


def _insured(returns: Any, rule: Any, floor_of: Any, most: float, risk_free: Any, cost: float, band: float) -> Insured:
    r = array(returns, (None,), "returns")
    rate = np.asarray(risk_free, dtype=np.float64)
    idle = array(np.full(r.size, rate) if rate.ndim == 0 else rate, (r.size,), "risk_free")
    cap, width, fee = positive(most, "most"), positive(band, "band", zero=True), positive(cost, "cost", zero=True)
    held, floors = np.zeros(r.size + 1), np.empty(r.size + 1)
    wealth = peak = grown = 1.0
    before, locked, gap = 0.0, None, 0.0
    for day in range(r.size + 1):
        floors[day] = floor_of(peak, grown)
        gap = max(gap, float(floors[day]) - wealth)
        if wealth <= floors[day]:
            if locked is None:
                locked = day
            goal = 0.0
        else:
            goal = min(cap, max(0.0, rule(wealth, peak, grown)))
            goal = _step(before, goal, width, "edge") if width and day else goal
        held[day] = goal
        if day == r.size:
            break
        wealth *= 1.0 + goal * r[day] + (1.0 - goal) * idle[day] - fee * abs(goal - before)
        before, grown = goal, grown * (1.0 + idle[day])
        peak = max(peak, wealth)
        if wealth <= 0.0:
            raise UndefinedMeasure(f"wealth is gone on day {day}", field="returns",
                                   next_step="lower the multiplier or the most exposure")  # fmt: skip
    path = run_exposures(r, held, known=np.arange(-1, r.size), risk_free=idle, cost=fee)
    return Insured(path, floors, locked, gap)
