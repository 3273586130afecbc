"""Weights that must choose: nothing or at least so much, at most so many names, a fixed price for trading at all.

Every asset that chooses has pieces, closed intervals of which exactly one holds its weight. :class:`Relaxation` mixes
the pieces (z, summing to one) and keeps the specific risk of each in perspective, ``d w^2 / z`` (Frangioni and Gentile
2006; Guenluek and Linderoth 2010), which is the tightest convex model of one asset's choice. :func:`bound` proves a
lower bound from multipliers alone, so the cone solver need not be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.kernels import conic
from argosy.kernels.convex import Answer, Form, least, tangent

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Choices:
    """Pieces (P,) in the order of their assets, and counts over them.

    ``fixed`` is what a piece costs whatever the weight, ``slope`` what each unit of weight above ``origin`` costs in
    it; ``count_low <= counts' z <= count_high`` (C,). ``low_owner`` and ``high_owner`` (P,) say which limit of the
    caller set an end of a piece (-1: none).
    """

    asset: Int64
    low: Float64
    high: Float64
    fixed: Float64
    slope: Float64
    origin: Float64
    counts: Float64
    count_low: Float64
    count_high: Float64
    count_owner: Int64
    low_owner: Int64
    high_owner: Int64

    @property
    def size(self) -> int:
        """Number of pieces."""
        return int(self.asset.size)


@dataclass(frozen=True, eq=False)
class Relaxed:
    """One relaxation: status, proven lower bound, weights, shares of the pieces, prices of the counts, seconds."""

    status: str
    bound: float
    weights: Float64
    shares: Float64
    prices: Float64
    seconds: float


def bound(form: Form, choices: Choices, allowed: Bool, answer: Answer, prices: Float64) -> float:
    """Least value that any weights in the allowed pieces can reach, proven by multipliers.

    ``prices`` (C,) of the counts are positive at the lower bound. The counts and all limits go into the Lagrangian;
    what is left is one least value per piece, and one least piece per asset.
    """
    touching = tangent(form, answer)
    nu = np.where((prices > 0.0) & np.isneginf(choices.count_low), 0.0, prices)
    nu = np.where((nu < 0.0) & np.isposinf(choices.count_high), 0.0, nu)
    edge = np.where(nu > 0.0, choices.count_low, np.where(nu < 0.0, choices.count_high, 0.0))
    chooses = np.zeros(form.size, dtype=bool)
    chooses[choices.asset] = True
    rest = np.flatnonzero(~chooses)
    far = 10.0 * max(1.0, float(np.abs(answer.weights).max()))
    total = touching.low + float(nu @ edge)
    total += float(least(touching, rest, np.maximum(form.low[rest], -far), np.minimum(form.high[rest], far)).sum())
    tilted = least(touching, choices.asset, choices.low, choices.high, choices.slope)
    tilted = tilted + choices.fixed - choices.slope * choices.origin - choices.counts @ nu
    # The pieces' own slope is a cost of the weight itself, not of its distance to the touching point.
    tilted = tilted + choices.slope * touching.at[choices.asset]
    best = np.full(form.size, np.inf)
    np.minimum.at(best, choices.asset[allowed], tilted[allowed])
    return total + float(best[chooses].sum())


class Relaxation:
    """The relaxed model, built once; a node of the search changes only which pieces are open."""

    def __init__(self, form: Form, choices: Choices, *, elastic: tuple[int, ...] = ()) -> None:
        import clarabel
        from scipy.sparse import csc_matrix, hstack, vstack

        self.form, self.choices, self.elastic = form, choices, elastic
        base = conic.assemble(form, elastic=elastic)
        n, size = form.size, choices.size
        self.base, self.width, height = base, base.q.size, base.right.size
        point = choices.low == choices.high
        self.wide = np.flatnonzero(~point)
        count = self.wide.size
        # Columns after the base: the part of the weight in each wide piece, shares, perspective terms.
        w_at, z_at, t_at = self.width, self.width + count, self.width + count + size
        self.z_at = z_at
        bend = form.aversion * form.specific[choices.asset] if not elastic else np.zeros(size)
        curved = np.flatnonzero(~point & (bend > 0.0))
        total = t_at + curved.size
        row: list[Any] = []
        col: list[Any] = []
        val: list[Any] = []

        def put(rows: Any, cols: Any, values: Any) -> None:
            r, c, v = np.broadcast_arrays(np.asarray(rows), np.asarray(cols), np.asarray(values, dtype=np.float64))
            row.append(r.ravel())
            col.append(c.ravel())
            val.append(v.ravel())

        chooses = np.unique(choices.asset)
        place = np.zeros(n, dtype=np.int64)
        place[chooses] = np.arange(chooses.size)
        mine = place[choices.asset]
        k = chooses.size
        # x = sum of parts, shares sum to one.
        put(np.arange(k), chooses, 1.0)
        put(mine[self.wide], w_at + np.arange(count), -1.0)
        put(mine[point], z_at + np.flatnonzero(point), -choices.low[point])
        put(k + mine, z_at + np.arange(size), 1.0)
        right = [np.zeros(k), np.ones(k)]
        cones = [clarabel.ZeroConeT(2 * k)]
        here = 2 * k
        # Parts within their piece, in units of its share; shares open or closed; counts.
        for sign, end in ((1.0, choices.high), (-1.0, choices.low)):
            put(here + np.arange(count), w_at + np.arange(count), sign)
            put(here + np.arange(count), z_at + self.wide, -sign * end[self.wide])
            right.append(np.zeros(count))
            here += count
        self.open_at, self.close_at = height + here, height + here + size
        for sign, edge in ((1.0, np.ones(size)), (-1.0, np.zeros(size))):
            put(here + np.arange(size), z_at + np.arange(size), sign)
            right.append(edge)
            here += size
        self.count_rows = []
        for sign, edge in ((1.0, choices.count_high), (-1.0, choices.count_low)):
            finite = np.flatnonzero(np.isfinite(edge))
            self.count_rows.append((sign, finite, height + here))
            for j in finite.tolist():
                used = np.flatnonzero(choices.counts[:, j])
                put(here, z_at + used, sign * choices.counts[used, j])
                owner = int(choices.count_owner[j])
                if owner in elastic:
                    put(here, base.slack_at + elastic.index(owner), -1.0)
                right.append(np.array([sign * edge[j]]))
                here += 1
        cones.append(clarabel.NonnegativeConeT(here - 2 * k))
        # t z >= w^2 as a cone: |(2 w, t - z)| <= t + z.
        part = w_at + np.searchsorted(self.wide, curved)
        first = here + 3 * np.arange(curved.size)
        for offset, columns, factor in ((0, t_at + np.arange(curved.size), -1.0), (0, z_at + curved, -1.0),
                                        (1, part, -2.0), (2, t_at + np.arange(curved.size), -1.0),
                                        (2, z_at + curved, 1.0)):  # fmt: skip
            put(first + offset, columns, factor)
        right.append(np.zeros(3 * curved.size))
        cones += [clarabel.SecondOrderConeT(3)] * int(curved.size)
        below = csc_matrix(
            (np.concatenate(val), (np.concatenate(row), np.concatenate(col))), shape=(here + 3 * curved.size, total)
        )
        entries = csc_matrix(vstack([hstack([base.entries, csc_matrix((height, total - self.width))]), below]))
        diagonal = np.concatenate([base.diagonal, np.zeros(total - self.width)])
        q = np.concatenate([base.q, np.zeros(total - self.width)])
        if not elastic:
            diagonal[chooses] = 0.0
            q[t_at:] = 0.5 * bend[curved]
            q[z_at : z_at + size] = choices.fixed - choices.slope * choices.origin
            q[z_at + np.flatnonzero(point)] += (0.5 * bend * choices.low**2 + choices.slope * choices.low)[point]
            q[w_at : w_at + count] = choices.slope[self.wide]
        self.unit = max(float(np.abs(q).max(initial=0.0)), float(diagonal.max(initial=0.0))) or 1.0
        hessian = csc_matrix((diagonal / self.unit, (np.arange(total), np.arange(total))), shape=(total, total))
        hessian.eliminate_zeros()
        settings = conic.settings_of(clarabel, 0.0)
        settings.presolve_enable = False
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-9
        self.right = np.concatenate([base.right, *right])
        self.solver: Any = clarabel.DefaultSolver(
            hessian, q / self.unit, entries, self.right, base.cones + cones, settings
        )

    def solve(self, allowed: Bool) -> Relaxed:
        """Solve with the pieces ``allowed`` (P,) open; an asset with one open piece is in it."""
        c = self.choices
        right = self.right.copy()
        right[self.open_at : self.open_at + c.size] = allowed
        alone = allowed & (np.bincount(c.asset[allowed], minlength=self.form.size)[c.asset] == 1)
        right[self.close_at : self.close_at + c.size] = np.where(alone, -1.0, 0.0)
        self.solver.update(b=right)
        found = self.solver.solve()
        status, seconds = conic.status_of(str(found.status)), float(found.solve_time)
        none = np.zeros(0)
        if status in (conic.INFEASIBLE, conic.UNBOUNDED, conic.FAILED):
            return Relaxed(status, np.inf if status == conic.INFEASIBLE else -np.inf, none, none, none, seconds)
        x, dual = np.asarray(found.x), np.asarray(found.z) * self.unit
        answer = self.base.read(x[: self.width], dual[: self.base.right.size], int(found.iterations))
        prices = np.zeros(c.counts.shape[1])
        for sign, finite, first in self.count_rows:
            prices[finite] -= sign * dual[first : first + finite.size]
        shares = x[self.z_at : self.z_at + c.size]
        if self.elastic:
            lowest = float(np.maximum(x[self.base.slack_at : self.width], 0.0).sum())
        else:
            lowest = bound(self.form, c, allowed, answer, prices)
        return Relaxed(status, lowest, answer.weights, shares, prices, seconds)
