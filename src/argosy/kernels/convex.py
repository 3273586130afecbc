"""The one form every convex portfolio model is brought to, its numbers, and the proof that an answer is the best.

minimize  g/2 x'Sx - c'x + sum k|x - x0| + charges + risks of scenarios - sum b log x        S = R R' + diag(d)
subject to rows, boxes, weighted absolute sums, quadratic limits and limits on risks of scenarios.

:func:`certify` bounds from below what any allowed x could reach, from an answer's multipliers alone, so the engine that
found the answer need not be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from argosy.kernels.charges import Charges
from argosy.kernels.risk_terms import Pull, RiskTerm

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Linear limits ``low <= columns' x <= high``; ``owner`` says which limit of the caller each one belongs to.

    ``price`` is infinite for a hard row, else what a unit of excess costs in the objective.
    """

    columns: Float64
    low: Float64
    high: Float64
    owner: Int64
    price: Float64


@dataclass(frozen=True, eq=False)
class Absolute:
    """``weights . |x - reference| + linear . x <= bound``: turnover, gross, long and short exposure."""

    weights: Float64
    reference: Float64
    linear: Float64
    bound: float
    owner: int = -1
    price: float = np.inf


@dataclass(frozen=True, eq=False)
class Quadratic:
    """``sqrt((x - bench)' S (x - bench)) <= bound``: volatility (bench 0) and tracking error.

    Its multiplier is that of half the squares: the norm's own price over the risk reached.
    """

    bench: Float64
    bound: float
    owner: int = -1
    price: float = np.inf


@dataclass(frozen=True, eq=False)
class Form:
    """One model in arrays. ``low_owner`` and ``high_owner`` (N,) say which limit of the caller set each bound."""

    root: Float64
    specific: Float64
    aversion: float
    linear: Float64
    low: Float64
    high: Float64
    low_owner: Int64
    high_owner: Int64
    rows: Rows
    start: Float64
    cost: Float64
    absolutes: tuple[Absolute, ...] = ()
    quadratics: tuple[Quadratic, ...] = ()
    risks: tuple[RiskTerm, ...] = ()
    # Weights of the logarithms (N,), which keep every weight positive, where there are some.
    barrier: Float64 | None = None
    charges: Charges | None = None

    @property
    def size(self) -> int:
        """Number of assets."""
        return int(self.linear.size)

    def times(self, x: Float64) -> Float64:
        """S x."""
        found: Float64 = self.root @ (self.root.T @ x) + self.specific * x
        return found


@dataclass(frozen=True, eq=False)
class Answer:
    """Weights and multipliers: rows positive at the lower bound, the rest not negative."""

    weights: Float64
    rows: Float64
    absolutes: Float64
    quadratics: Float64
    risks: tuple[Pull, ...] = ()
    engine: str = ""
    steps: int = 0
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Certificate:
    """Value reached, proven distance to the best value (``gap``), and the largest break of any hard limit."""

    value: float
    gap: float
    violation: float
    scale: float

    @property
    def relative_gap(self) -> float:
        """Gap in units of the objective's own parts."""
        return self.gap / self.scale


def shortfall(losses: Float64, level: float) -> float:
    """Mean of the worst ``1 - level`` of the losses, the boundary one counted in part.

    Examples
    --------
    >>> round(shortfall(np.array([1.0, 2.0, 3.0, 4.0]), 0.625), 12)
    3.666666666667
    """
    count = (1.0 - level) * losses.size
    whole = int(np.floor(count + 1e-9))
    ordered = np.sort(losses)[::-1]
    part = (count - whole) * float(ordered[whole]) if whole < losses.size else 0.0
    return (float(ordered[:whole].sum()) + part) / count


def _excess(rows: Rows, held: Float64) -> Float64:
    found: Float64 = np.maximum(rows.low - held, 0.0) + np.maximum(held - rows.high, 0.0)
    return found


def _absolute(limit: Absolute, x: Float64) -> float:
    return float(limit.weights @ np.abs(x - limit.reference) + limit.linear @ x)


def value(form: Form, x: Float64) -> float:
    """Objective at x, with what broken soft limits cost."""
    total = 0.5 * form.aversion * float(x @ form.times(x)) - float(form.linear @ x)
    total += float(form.cost @ np.abs(x - form.start))
    if form.charges is not None:
        total += form.charges.value(x, form.start)
    soft = np.isfinite(form.rows.price)
    if soft.any():
        total += float(form.rows.price[soft] @ _excess(form.rows, form.rows.columns.T @ x)[soft])
    for limit in form.absolutes:
        if np.isfinite(limit.price):
            total += limit.price * max(_absolute(limit, x) - limit.bound, 0.0)
    for quadratic in form.quadratics:
        if np.isfinite(quadratic.price):
            total += quadratic.price * max(risk(form, quadratic, x) - quadratic.bound, 0.0)
    for term in form.risks:
        if term.weight or np.isfinite(term.price):
            number = term.risk.number(x)
            over = max(number - term.bound, 0.0) * term.price if np.isfinite(term.price) else 0.0
            total += term.weight * number + over
    if form.barrier is not None:
        total -= float(form.barrier @ np.log(np.maximum(x, 1e-300)))
    return total


def risk(form: Form, quadratic: Quadratic, x: Float64) -> float:
    """The number a quadratic limit speaks about."""
    apart = x - quadratic.bench
    return float(np.sqrt(max(float(apart @ form.times(apart)), 0.0)))


def violation(form: Form, x: Float64) -> float:
    """Largest break of a hard limit, in the limit's own unit."""
    parts = [0.0, float(np.maximum(form.low - x, 0.0).max()), float(np.maximum(x - form.high, 0.0).max())]
    hard = ~np.isfinite(form.rows.price)
    if hard.any():
        parts.append(float(_excess(form.rows, form.rows.columns.T @ x)[hard].max()))
    parts += [_absolute(limit, x) - limit.bound for limit in form.absolutes if not np.isfinite(limit.price)]
    parts += [risk(form, quad, x) - quad.bound for quad in form.quadratics if not np.isfinite(quad.price)]
    # Tiny units of return make tiny risks: a break is measured beside an ordinary scenario.
    parts += [(t.risk.number(x) - t.bound) / min(1.0, t.unit) for t in form.risks if t.hard]
    return max(parts)


def bound_prices(form: Form, answer: Answer) -> tuple[Float64, Float64]:
    """What a unit more room at each lower and upper bound is worth in the objective, (N,) each; 0 where not binding."""
    x = answer.weights
    slope = form.aversion * form.times(x) - form.linear - form.rows.columns @ answer.rows
    kinks = [(form.cost, form.start)]
    if form.charges is not None:
        slope = slope + form.charges.slope(x, form.start)
        kinks += [(layer.weights, layer.reference) for layer in form.charges.layers]
    for limit, price in zip(form.absolutes, answer.absolutes, strict=True):
        tau = max(float(price), 0.0)
        slope = slope + tau * limit.linear
        kinks.append((tau * limit.weights, limit.reference))
    for quadratic, price in zip(form.quadratics, answer.quadratics, strict=True):
        slope = slope + max(float(price), 0.0) * form.times(x - quadratic.bench)
    for pull in answer.risks:
        slope = slope + pull.price * pull.slope
    if form.barrier is not None:
        slope = slope - form.barrier / np.maximum(x, 1e-300)
    idle = np.zeros(form.size)
    for weight, at in kinks:
        apart = x - at
        still = np.abs(apart) < 1e-9
        slope = slope + np.where(still, 0.0, weight * np.sign(apart))
        idle += np.where(still, weight, 0.0)
    below = np.where(x - form.low <= 1e-9, np.maximum(slope - idle, 0.0), 0.0)
    above = np.where(form.high - x <= 1e-9, np.maximum(-slope - idle, 0.0), 0.0)
    return below, above


@dataclass(frozen=True, eq=False)
class Tangent:
    """A convex function below the Lagrangian, separable by asset: ``low + slope (t - at) + bend/2 (t - at)^2 + kinks``.

    ``kinks`` are pairs (weight, place) of absolute values, ``power`` one of absolute values to the power 3/2 (None:
    none). It touches the Lagrangian at ``at``.
    """

    at: Float64
    low: float
    slope: Float64
    bend: Float64
    kinks: list[tuple[Float64, Float64]]
    power: tuple[Float64, Float64] | None = None


def tangent(form: Form, answer: Answer) -> Tangent:
    """Bound the Lagrangian at an answer's multipliers from below: specific risk and absolute values stay as they are,
    all else, being convex, lies above its tangent."""
    x = answer.weights
    sx = form.times(x)
    slope = form.aversion * sx - form.linear
    bend = form.aversion * form.specific
    lower = 0.5 * form.aversion * float(x @ sx) - float(form.linear @ x)
    soft = np.isfinite(form.rows.price)
    nu = np.where(soft, np.clip(answer.rows, -form.rows.price, form.rows.price), answer.rows)
    nu = np.where((nu > 0.0) & np.isneginf(form.rows.low), 0.0, nu)
    nu = np.where((nu < 0.0) & np.isposinf(form.rows.high), 0.0, nu)
    edge = np.where(nu > 0.0, form.rows.low, np.where(nu < 0.0, form.rows.high, 0.0))
    held = form.rows.columns.T @ x
    lower += float((nu * (edge - held)).sum())
    slope = slope - form.rows.columns @ nu
    kinks = [(form.cost, form.start)]
    if form.charges is not None:
        lower += form.charges.constant + float(form.charges.tilt @ x)
        slope = slope + form.charges.tilt
        kinks += [(layer.weights, layer.reference) for layer in form.charges.layers]
    for limit, price in zip(form.absolutes, answer.absolutes, strict=True):
        tau = min(max(float(price), 0.0), limit.price)
        lower += tau * (float(limit.linear @ x) - limit.bound)
        slope = slope + tau * limit.linear
        kinks.append((tau * limit.weights, limit.reference))
    for quadratic, price in zip(form.quadratics, answer.quadratics, strict=True):
        lam = max(float(price), 0.0)
        apart = x - quadratic.bench
        pulled = form.times(apart)
        if np.isfinite(quadratic.price):
            # A soft limit's price is that of the norm itself, at most what its excess costs; the norm is above its
            # tangent.
            reached = float(np.sqrt(max(float(apart @ pulled), 0.0)))
            lam = min(lam, quadratic.price / max(reached, 1e-300))
            lower += lam * reached * (reached - quadratic.bound)
            slope = slope + lam * pulled
            continue
        lower += 0.5 * lam * (float(apart @ pulled) - quadratic.bound**2)
        slope = slope + lam * pulled
        bend = bend + lam * form.specific
    for term, pull in zip(form.risks, answer.risks, strict=True):
        price = min(max(pull.price, term.weight), term.weight + term.price)
        lower += price * (float(pull.slope @ x) + pull.constant)
        lower -= (price - term.weight) * term.bound if np.isfinite(term.bound) else 0.0
        slope = slope + price * pull.slope
    if form.barrier is not None:
        inside = np.maximum(x, 1e-300)
        lower -= float(form.barrier @ np.log(inside))
        slope = slope - form.barrier / inside
    used = [(weight, at) for weight, at in kinks if np.any(weight != 0.0)]
    moves = form.charges is not None and form.charges.impact.any()
    power = (form.charges.impact, form.start) if form.charges is not None and moves else None
    return Tangent(x, lower, slope, bend, used, power)


def certify(form: Form, answer: Answer) -> Certificate:
    """Prove how far an answer can be from the best.

    The least value over the box of :func:`tangent`, found asset by asset, is what no allowed weights can go below.
    Where an asset has no bound, weights up to ten times the largest are considered.
    """
    x = answer.weights
    reached = value(form, x)
    touching = tangent(form, answer)
    far = 10.0 * max(1.0, float(np.abs(x).max()))
    low, high = np.maximum(form.low, -far), np.minimum(form.high, far)
    parts = least(touching, np.arange(form.size), low, high)
    if form.barrier is not None and not touching.kinks:
        parts = np.maximum(parts, _least_with_logarithm(form.barrier, touching, low, high))
    lower = touching.low + float(parts.sum())
    return Certificate(reached, max(reached - lower, 0.0), violation(form, x), size_of(form, x, reached))


def _least_with_logarithm(barrier: Float64, touching: Tangent, low: Float64, high: Float64) -> Float64:
    """Least value of each asset's part where its logarithm is kept as it is instead of by its tangent."""
    inside = np.maximum(touching.at, 1e-300)
    steep = touching.slope + barrier / inside
    rest = np.where(steep > 0.0, barrier / np.maximum(steep, 1e-300), np.inf)
    place = np.clip(rest, np.maximum(low, 1e-300), np.maximum(high, 1e-300))
    found: Float64 = steep * (place - touching.at) - barrier * np.log(place / inside)
    return np.where(barrier > 0.0, found, -np.inf)


def carried(form: Form, answer: Answer) -> Answer:
    """An answer whose multipliers prove more: a row that holds every asset takes up what a solver left of rounding.

    Where weights have no upper bound, a cost a hair below zero would seem worth a large weight; a hair more on the
    price of the budget costs only itself. An answer of multipliers stays one, whatever is shifted.
    """
    endless = np.isposinf(form.high)
    touching = tangent(form, answer)
    for j in np.flatnonzero(form.rows.low == form.rows.high).tolist():
        column = form.rows.columns[:, j]
        if (column > 0.0).all() and not np.isfinite(form.rows.price[j]):
            shift = float(np.max(np.where(endless, -touching.slope / column, 0.0), initial=0.0))
            rows = answer.rows.copy()
            rows[j] -= min(shift, 1e-5 * float(np.abs(form.linear).max(initial=abs(rows[j]))))
            return replace(answer, rows=rows)
    return answer


def size_of(form: Form, x: Float64, reached: float) -> float:
    """Size of the objective's own parts at x, its value among them: the unit in which a gap is small or large."""
    # Where the best value is about zero (a riskless mix, the benchmark itself) the inputs say what is small.
    ordinary = float((np.einsum("ij,ij->i", form.root, form.root) + form.specific).mean())
    parts = [
        0.5 * form.aversion * float(x @ form.times(x)), abs(float(form.linear @ x)), abs(reached),
        1e-3 * form.aversion * ordinary, 1e-3 * float(np.abs(form.linear).max()),
        *(1e-3 * term.weight * term.unit for term in form.risks), 1e-30,
    ]  # fmt: skip
    return max(parts)


def least(touching: Tangent, asset: Int64, low: Float64, high: Float64, tilt: Float64 | float = 0.0) -> Float64:
    """Least value of a tangent's part of each asset (P,) over its interval; the smallest is at an end, kink or rest.

    ``tilt`` (P,) is added to the slope.
    """
    at, slope, bend = touching.at[asset], touching.slope[asset] + tilt, touching.bend[asset]
    kinks = [(weight[asset], place[asset]) for weight, place in touching.kinks]
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(bend > 0.0, 1.0 / bend, 0.0)
    places = [low, high, *(np.clip(place, low, high) for _, place in kinks)]
    power = None if touching.power is None else (touching.power[0][asset], touching.power[1][asset])
    if power is not None:
        places.append(np.clip(power[1], low, high))
    # Between two kinks the slope is the same but for the signs of the absolute values.
    order = np.sort(np.stack([place for _, place in kinks]), axis=0) if kinks else np.zeros((0, at.size))
    for j in range(len(kinks) + 1):
        steep = slope.copy()
        for weight, place in kinks:
            passed = place <= order[j - 1] if j else np.zeros(at.size, dtype=bool)
            steep += np.where(passed, weight, -weight)
        places.append(np.clip(at - steep * reach, low, high))
        if power is not None:
            places += [np.clip(place, low, high) for place in _resting(steep + bend * (power[1] - at), bend, *power)]
    best = np.full(at.size, np.inf)
    for place in places:
        apart = place - at
        total = (slope + 0.5 * bend * apart) * apart
        for weight, kink in kinks:
            total = total + weight * np.abs(place - kink)
        if power is not None:
            size = np.abs(place - power[1])
            total = total + power[0] * size * np.sqrt(size)
        best = np.minimum(best, total)
    return best


def _resting(steep: Float64, bend: Float64, power: Float64, start: Float64) -> tuple[Float64, Float64]:
    """Where ``steep u + bend/2 u^2 + power |u|^1.5``, u from ``start``, is flat above and below the start."""
    pull = np.abs(steep)
    half = 1.5 * power
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(pull > 0.0, 2.0 * pull / (half + np.sqrt(half * half + 4.0 * bend * pull)), 0.0)
    # Without power and bend there is no such place; the ends are looked at anyway.
    root = np.where(np.isfinite(root), root, 0.0)
    return start + root * root, start - root * root
