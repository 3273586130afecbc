"""Limits against a universe: each becomes boxes, rows, absolute sums, risk cones or counts, and gives its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingData
from argosy.base.limits import CHOOSING, Limit
from argosy.kernels.convex import Absolute, Form, Quadratic, Rows
from argosy.kernels.risk_terms import RiskTerm
from argosy.measures.limits.universe import Universe
from argosy.measures.risk.convex.catalogue import CONVEX, convex_risk
from argosy.models.moments.covariance import Covariance

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Row:
    """One linear limit and whose it is."""

    label: str
    column: Float64
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Compiled:
    """All limits in arrays; ``owner`` numbers are places in ``limits``."""

    limits: tuple[Limit, ...]
    low: Float64
    high: Float64
    low_owner: Int64
    high_owner: Int64
    rows: Rows
    labels: tuple[str, ...]
    absolutes: tuple[Absolute, ...]
    quadratics: tuple[Quadratic, ...]
    risks: tuple[RiskTerm, ...]

    @property
    def chooses(self) -> bool:
        """True when the model has to choose names, not only weights."""
        return any(limit.chooses for limit in self.limits)

    def form(
        self, covariance: Covariance, *, aversion: float, linear: Float64, start: Float64, cost: Float64,
        risks: tuple[RiskTerm, ...] = (),
    ) -> Form:  # fmt: skip
        """The convex model of an objective under these limits; choices of names are left out."""
        return Form(
            covariance.root, covariance.rest, aversion, linear, self.low, self.high, self.low_owner, self.high_owner,
            self.rows, start, cost, self.absolutes, self.quadratics, self.risks + risks,
        )  # fmt: skip


def compile_limits(
    limits: Sequence[Limit], universe: Universe, covariance: Covariance | None, scenarios: Float64 | None = None
) -> Compiled:
    """Bring limits to arrays.

    Raises
    ------
    UnknownName, MissingData
        A limit speaks of an asset, group, attribute, benchmark, holding or scenario set that is not there.
    """
    n = universe.size
    low, high = np.full(n, -np.inf), np.full(n, np.inf)
    low_owner, high_owner = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    rows: list[tuple[int, Row]] = []
    absolutes: list[Absolute] = []
    quadratics: list[Quadratic] = []
    risks: list[RiskTerm] = []
    for owner, limit in enumerate(limits):
        box = _box(limit, universe)
        if box is not None and limit.soft is None:
            higher, lower = box[0] > low, box[1] < high
            low, high = np.where(higher, box[0], low), np.where(lower, box[1], high)
            low_owner[higher], high_owner[lower] = owner, owner
        elif limit.measure in CHOOSING:
            # Nothing to add to a convex model: measures.limits.pieces reads these.
            continue
        elif limit.measure in ("volatility", "tracking error"):
            bench = universe.against(limit.text()) if limit.measure == "tracking error" else np.zeros(n)
            if covariance is None:
                raise MissingData(f"{limit.text()!r} needs a covariance", field="covariance")
            quadratics.append(Quadratic(bench, float(limit.high or 0.0), owner, _price(limit)))
        elif limit.measure in CONVEX:
            cost = np.inf if limit.soft is None else limit.soft
            risk = convex_risk(limit.measure, limit.scope, _need(scenarios, limit))
            bound = float(limit.high or 0.0) ** (1.0 / CONVEX[limit.measure].power)
            risks.append(RiskTerm(risk, bound=bound, owner=owner, price=cost))
        else:
            found = _absolute(limit, universe, owner)
            if found is not None:
                absolutes.append(found)
            rows += [(owner, row) for row in _rows(limit, universe, covariance)]
    price = np.array([_price(limits[owner]) for owner, _ in rows])
    columns = np.column_stack([row.column for _, row in rows]) if rows else np.zeros((n, 0))
    packed = Rows(
        columns, np.array([row.low for _, row in rows]), np.array([row.high for _, row in rows]),
        np.array([owner for owner, _ in rows], dtype=np.int64), price.astype(np.float64),
    )  # fmt: skip
    return Compiled(
        tuple(limits), low, high, low_owner, high_owner, packed, tuple(row.label for _, row in rows), tuple(absolutes),
        tuple(quadratics), tuple(risks),
    )  # fmt: skip


def _price(limit: Limit) -> float:
    """What a unit of excess costs; infinite for a hard limit."""
    return np.inf if limit.soft is None else limit.soft


def _need(scenarios: Float64 | None, limit: Limit) -> Float64:
    if scenarios is None:
        raise MissingData(f"{limit.text()!r} needs scenarios", field="returns", next_step="give returns= (T, N)")
    return scenarios


def _ends(limit: Limit) -> tuple[float, float]:
    return (-np.inf if limit.low is None else limit.low), (np.inf if limit.high is None else limit.high)


def _box(limit: Limit, universe: Universe) -> tuple[Float64, Float64] | None:
    """Bounds by asset, where a limit speaks of single assets."""
    if limit.measure not in ("weight", "active weight", "trade", "days to trade", "days to liquidate"):
        return None
    low, high = _ends(limit)
    masks = (
        [np.ones(universe.size, dtype=bool)] if limit.scope == "each" else [m for _, m in universe.groups(limit.scope)]
    )
    single = limit.scope == "each" or all(int(mask.sum()) == 1 for mask in masks)
    if limit.measure in ("trade", "days to trade", "days to liquidate"):
        # Trades are limited name by name, whatever the group.
        single, low = True, -high
    if not single:
        return None
    center = np.zeros(universe.size)
    reach = np.ones(universe.size)
    if limit.measure == "active weight":
        center = universe.against(limit.text())
    elif limit.measure == "trade":
        center = universe.held(limit.text())
    elif limit.measure == "days to trade":
        center, reach = universe.held(limit.text()), universe.numbers("volume")
    elif limit.measure == "days to liquidate":
        reach = universe.numbers("volume")
    chosen = np.logical_or.reduce(masks)
    with np.errstate(invalid="ignore"):
        return np.where(chosen, center + low * reach, -np.inf), np.where(chosen, center + high * reach, np.inf)


def _absolute(limit: Limit, universe: Universe, owner: int) -> Absolute | None:
    n = universe.size
    zero, one = np.zeros(n), np.ones(n)
    price = _price(limit)
    bound = float(limit.high or 0.0)
    match limit.measure:
        case "turnover":
            return Absolute(one, universe.held(limit.text()), zero, bound, owner, price)
        case "buys" | "sells":
            # Buys are half of all that is traded plus half of the net change; what is known of it joins the bound.
            held = universe.held(limit.text())
            sign = 0.5 if limit.measure == "buys" else -0.5
            return Absolute(0.5 * one, held, sign * one, bound + sign * float(held.sum()), owner, price)
        case "gross":
            return Absolute(one, zero, zero, bound, owner, price)
        case "long":
            return Absolute(0.5 * one, zero, 0.5 * one, bound, owner, price)
        case "short":
            return Absolute(0.5 * one, zero, -0.5 * one, bound, owner, price)
        case _:
            return None


def _rows(limit: Limit, universe: Universe, covariance: Covariance | None) -> list[Row]:
    n = universe.size
    low, high = _ends(limit)
    match limit.measure:
        case "weight" | "active weight":
            groups = (
                [(name, np.eye(n, dtype=bool)[i]) for i, name in enumerate(universe.names)]
                if limit.scope == "each" else universe.groups(limit.scope)
            )  # fmt: skip
            bench = universe.against(limit.text()) if limit.measure == "active weight" else np.zeros(n)
            columns = [(label, mask.astype(np.float64)) for label, mask in groups]
            return [Row(f"{limit.measure} of {label}", c, low + float(c @ bench), high + float(c @ bench))
                    for label, c in columns]  # fmt: skip
        case "trade" | "days to trade" | "days to liquidate":
            return _soft_boxes(limit, universe)
        case "net":
            return [Row("net", np.ones(n), low, high)]
        case "cash":
            return [Row("cash", np.ones(n), 1.0 - high, 1.0 - low)]
        case "beta":
            return [Row("beta", betas(universe, covariance, limit.text()), low, high)]
        case "exposure":
            return [Row(limit.text(), universe.numbers(limit.scope), low, high)]
        case "active exposure":
            column = universe.numbers(limit.scope)
            at = float(column @ universe.against(limit.text()))
            return [Row(limit.text(), column, low + at, high + at)]
        case _:
            return []


def _soft_boxes(limit: Limit, universe: Universe) -> list[Row]:
    """A limit on single names that may give way: one row each."""
    box = _box(limit, universe)
    assert box is not None
    eye = np.eye(universe.size)
    return [
        Row(f"{limit.measure} of {universe.names[i]}", eye[i], float(box[0][i]), float(box[1][i]))
        for i in np.flatnonzero(np.isfinite(box[1])).tolist()
    ]


def betas(universe: Universe, covariance: Covariance | None, why: str) -> Float64:
    """Beta of each asset to the benchmark: ``S b / b'S b``."""
    bench = universe.against(why)
    if covariance is None:
        raise MissingData(f"{why!r} needs a covariance", field="covariance")
    pulled = covariance.times(bench)
    found: Float64 = pulled / float(bench @ pulled)
    return found


def measured(
    limit: Limit, weights: Float64, universe: Universe, covariance: Covariance | None, scenarios: Float64 | None = None
) -> list[tuple[str, float]]:
    """The number a limit speaks about, one for each name or group it covers.

    Examples
    --------
    >>> u = Universe(("A", "B"), holdings=np.array([0.5, 0.5]))
    >>> measured(Limit("turnover", "", high=0.1), np.array([0.6, 0.4]), u, None)[0][1].__round__(12)
    0.2
    """
    universe_size = universe.size
    match limit.measure:
        case "names" | "trades" | "position" | "lots":
            return _chosen(limit, weights, universe)
        case "volatility" | "tracking error" if covariance is not None:
            bench = universe.against(limit.text()) if limit.measure == "tracking error" else np.zeros(universe_size)
            apart = weights - bench
            return [(limit.measure, float(np.sqrt(max(float(apart @ covariance.times(apart)), 0.0))))]
        case measure if measure in CONVEX:
            risk = convex_risk(measure, limit.scope, _need(scenarios, limit))
            return [(limit.text(), risk.number(weights) ** CONVEX[measure].power)]
        case "trade" | "days to trade" | "days to liquidate":
            moved = np.abs(weights if limit.measure == "days to liquidate" else weights - universe.held(limit.text()))
            if limit.measure != "trade":
                with np.errstate(divide="ignore", invalid="ignore"):
                    moved = np.where(moved > 0.0, moved / universe.numbers("volume"), 0.0)
            masks = [np.ones(universe_size, dtype=bool)] if limit.scope == "each" else [
                mask for _, mask in universe.groups(limit.scope)
            ]  # fmt: skip
            chosen = np.flatnonzero(np.logical_or.reduce(masks))
            return [(f"{limit.measure} of {universe.names[i]}", float(moved[i])) for i in chosen.tolist()]
        case "cash":
            return [("cash", 1.0 - float(weights.sum()))]
        case _:
            return _sums(limit, weights, universe, covariance)


def _chosen(limit: Limit, weights: Float64, universe: Universe) -> list[tuple[str, float]]:
    """Counts, and the sizes of what is held or traded."""
    if limit.measure in ("trades", "lots"):
        weights = weights - universe.held(limit.text())
    here = np.abs(weights) > 0.0
    if limit.measure in ("names", "trades"):
        return [(f"{limit.measure} of {label}" if label else limit.measure, float((here & mask).sum()))
                for label, mask in covered(limit.scope, universe)]  # fmt: skip
    unit = universe.numbers(limit.scope) if limit.measure == "lots" else np.ones(universe.size)
    mask = (
        here if limit.measure == "lots" else here & np.logical_or.reduce([m for _, m in covered(limit.scope, universe)])
    )
    return [(f"{limit.measure} of {universe.names[i]}", float(abs(weights[i]) / unit[i]))
            for i in np.flatnonzero(mask).tolist()]  # fmt: skip


def covered(scope: str, universe: Universe) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """Sets of names a scope speaks about, where no scope means all of them."""
    return universe.groups(scope) if scope not in ("", "each") else [("", np.ones(universe.size, dtype=bool))]


def _sums(limit: Limit, weights: Float64, universe: Universe, covariance: Covariance | None) -> list[tuple[str, float]]:
    found = _absolute(limit, universe, 0)
    if found is not None:
        total = float(found.weights @ np.abs(weights - found.reference) + found.linear @ weights)
        return [(limit.measure, total - (found.bound - float(limit.high or 0.0)))]
    unbounded = Limit(limit.measure, limit.scope, limit.low, limit.high)
    shift = {"active weight": universe.benchmark, "active exposure": universe.benchmark}.get(limit.measure)
    apart = weights if shift is None else weights - shift
    return [(row.label, float(row.column @ apart)) for row in _rows(unbounded, universe, covariance)]
