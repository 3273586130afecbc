"""The search among whole lots: every move by a lot, alone or two against each other, priced without starting over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.kernels.choices import Choices
from argosy.kernels.convex import Absolute, Answer, Form, value
from argosy.measures.limits.compiling import Compiled, covered
from argosy.measures.limits.universe import Universe

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

MOST_STEPS = 5000
PARTNERS = 16
"""Names on each side that are tried in moves of two."""

LOTS = 2
"""Lots of one name that a move takes at most."""

INSIDE = 1e-10
"""Room for rounding at the end of an interval."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Weights each name may have: whole lots of ``unit`` from ``start``, within its intervals, or nothing at all."""

    start: Float64
    unit: Float64
    low: tuple[Float64, ...]
    high: tuple[Float64, ...]

    @classmethod
    def of(cls, form: Form, choices: Choices | None, start: Float64, unit: Float64, smallest: float) -> Grid:
        """Intervals from the box and the pieces; trades below ``smallest`` are left out."""
        lows, highs = [], []
        for i in range(form.size):
            mine = np.flatnonzero(choices.asset == i) if choices is not None else np.zeros(0, dtype=np.int64)
            if choices is not None and mine.size:
                low, high = choices.low[mine], choices.high[mine]
            else:
                low, high = form.low[i : i + 1], form.high[i : i + 1]
            if smallest > 0.0:
                # Each interval less what lies closer to the weight held than the smallest trade; staying is allowed.
                low, high = (
                    np.concatenate([np.maximum(low, start[i] + smallest), low, [start[i]]]),
                    np.concatenate([high, np.minimum(high, start[i] - smallest), [start[i]]]),
                )
            keep = low <= high + INSIDE
            lows.append(low[keep])
            highs.append(high[keep])
        return cls(start, unit, tuple(lows), tuple(highs))

    def allowed(self, i: int, weight: float) -> bool:
        """True when a weight lies in one of the name's intervals."""
        return bool(((weight >= self.low[i] - INSIDE) & (weight <= self.high[i] + INSIDE)).any())

    def step(self, i: int, weight: float, way: int) -> float:
        """The next allowed weight above (way 1) or below (way -1); NaN where there is none."""
        lots = np.rint((weight - self.start[i]) / self.unit[i])
        inside = abs(self.start[i] + lots * self.unit[i] - weight) <= INSIDE
        # From between two lots (a position closed whole) the next one is the nearest on that side.
        exact = (weight - self.start[i]) / self.unit[i]
        count = lots + way if inside else (np.ceil(exact) if way > 0 else np.floor(exact))
        nearest = self.start[i] + count * self.unit[i]
        found = self._reached(i, nearest, way)
        closed = 0.0 if way * (0.0 - weight) > INSIDE and self.allowed(i, 0.0) else np.nan
        if np.isnan(found):
            return float(closed)
        return float(found if np.isnan(closed) or way * (closed - found) >= 0.0 else closed)

    def _reached(self, i: int, weight: float, way: int) -> float:
        if self.allowed(i, weight):
            return weight
        # Beyond a gap: the first whole lot inside the next interval.
        ends = self.low[i] if way > 0 else self.high[i]
        for end in sorted((way * ends).tolist()):
            if end < way * weight:
                continue
            lots = np.ceil((end - way * self.start[i]) / self.unit[i] - 1e-9)
            found = self.start[i] + way * lots * self.unit[i]
            if self.allowed(i, float(found)):
                return float(found)
        return float("nan")

    def below(self, weights: Float64) -> Float64:
        """Each name at its largest allowed weight that is not above, as far as there is one: nothing is overdrawn."""
        found = self.nearest(weights)
        for i, weight in enumerate(weights.tolist()):
            if found[i] > weight + INSIDE:
                less = self.step(i, float(found[i]), -1)
                found[i] = less if not np.isnan(less) else found[i]
        return found

    def nearest(self, weights: Float64) -> Float64:
        """Each name at its nearest allowed weight, towards less where two are equally near."""
        found = np.empty(weights.size)
        for i, weight in enumerate(weights.tolist()):
            at = self.start[i] + np.rint((weight - self.start[i]) / self.unit[i]) * self.unit[i]
            choices = [at] if self.allowed(i, float(at)) else [self.step(i, float(at), 1), self.step(i, float(at), -1)]
            if self.allowed(i, 0.0):
                choices.append(0.0)
            choices = [item for item in choices if not np.isnan(item)] or [self.start[i]]
            found[i] = min(choices, key=lambda item: (abs(item - weight), item))
        return found


class Search:
    """Moves on a grid, judged by the form's value, cash left at its price, and breaks of limits."""

    def __init__(
        self, form: Form, answer: Answer, grid: Grid, compiled: Compiled, universe: Universe, *, ruled: bool
    ) -> None:
        if ruled:
            # A rule has no objective: its own weights are what lots should come near to.
            n = form.size
            form = replace(form, aversion=1.0, root=np.zeros((n, 0)), specific=np.ones(n), linear=answer.weights)
        self.form, self.grid = form, grid
        self.steps = 0
        rows = form.rows
        # A sum that is pinned cannot be met by lots: from below it has a price, from above it stays a limit.
        self.pinned = (rows.low == rows.high) & ~np.isfinite(rows.price)
        self.price = np.where(self.pinned, answer.rows, 0.0)
        self.row_low = np.where(self.pinned & (rows.columns >= 0.0).all(axis=0), -np.inf, rows.low)
        self.masks, self.most, self.fewest = _counts(compiled, universe)
        size = float(np.abs(self.price).sum()) + abs(value(form, answer.weights)) + float(np.abs(form.linear).max())
        self.penalty = 1e3 * max(size, 1e-12)

    def merit(self, x: Float64) -> float:
        """The objective at weights (N,): the form's value, pinned sums at their price, fees for trading at all."""
        return float(self._scored(x, _Moves.none())[0][0])

    def broken(self, x: Float64) -> float:
        """Sum of the breaks of limits, each in its own unit; sums that were pinned count from above only."""
        return float(self._scored(x, _Moves.none())[1][0])

    def _parts(self, i: Int64, t: Float64) -> Float64:
        """The objective's part of asset i at weight t: all but the factors."""
        form = self.form
        moved = np.abs(t - form.start[i])
        found: Float64 = (0.5 * form.aversion * form.specific[i] * t - form.linear[i]) * t + form.cost[i] * moved
        if form.charges is not None:
            charges = form.charges
            found = found + charges.impact[i] * moved * np.sqrt(moved) + charges.tilt[i] * t
            for layer in charges.layers:
                found = found + layer.weights[i] * np.abs(t - layer.reference[i])
            if charges.fixed is not None and charges.relief is not None:
                found = found + charges.fixed[i] * (moved > INSIDE)
                found = found + charges.relief[i] * np.minimum(t - form.start[i], 0.0)
        return found

    def _scored(self, x: Float64, moves: _Moves) -> tuple[Float64, Float64]:
        """Objective and breaks (B,) after each move, from what the move changes."""
        form = self.form
        everyone = np.arange(x.size)
        constant = form.charges.constant if form.charges is not None else 0.0
        merit = float(self._parts(everyone, x).sum()) + constant + moves.change(x, self._parts)
        lifted = moves.sums(x, form.root)
        merit += 0.5 * form.aversion * np.einsum("ij,ij->i", lifted, lifted)
        held = moves.sums(x, form.rows.columns)
        merit += np.where(self.pinned, form.rows.low - held, 0.0) @ self.price
        over = np.maximum(self.row_low - held, 0.0) + np.maximum(held - form.rows.high, 0.0)
        excesses = [(over[:, j], price) for j, price in enumerate(form.rows.price.tolist())]
        for limit in form.absolutes:

            def size(i: Int64, t: Float64, limit: Absolute = limit) -> Float64:
                found: Float64 = limit.weights[i] * np.abs(t - limit.reference[i]) + limit.linear[i] * t
                return found

            total = float(size(everyone, x).sum()) + moves.change(x, size)
            excesses.append((total - limit.bound, limit.price))
        for quad in form.quadratics:

            def square(i: Int64, t: Float64, bench: Float64 = quad.bench) -> Float64:
                found: Float64 = form.specific[i] * (t - bench[i]) ** 2
                return found

            apart = lifted - form.root.T @ quad.bench
            total = np.einsum("ij,ij->i", apart, apart) + float(square(everyone, x).sum()) + moves.change(x, square)
            excesses.append((np.sqrt(np.maximum(total, 0.0)) - quad.bound, quad.price))
        for term in form.risks:
            numbers = np.array([term.risk.number(row) for row in moves.applied(x)])
            merit += term.weight * numbers
            if np.isfinite(term.bound):
                excesses.append((numbers - term.bound, term.price))
        broken = np.zeros(moves.size)
        for excess, price in excesses:
            beyond = np.where(excess > INSIDE, excess, 0.0)
            if np.isfinite(price):
                merit += price * beyond
            else:
                broken += beyond
        if self.masks.size:
            count = moves.sums((np.abs(x) > 0.0).astype(np.float64), self.masks.T, moves.held(x))
            broken += (np.maximum(count - self.most, 0.0) + np.maximum(self.fewest - count, 0.0)).sum(axis=1)
        return merit, broken

    def run(self, starts: list[Float64]) -> Float64:
        """The best of the places where no move helps any more, one from each start."""
        found = [self._climb(x) for x in starts]
        return min(found, key=lambda item: item[0])[1]

    def _climb(self, x: Float64) -> tuple[float, Float64]:
        x = x.copy()
        score = self.merit(x) + self.penalty * self.broken(x)
        steps: list[list[float]] = [self._steps(i, weight) for i, weight in enumerate(x.tolist())]
        while self.steps < MOST_STEPS:
            singles = _Moves.of([(i, to) for i, mine in enumerate(steps) for to in mine])
            if not singles.size:
                break
            merits, broken = self._scored(x, singles)
            scores = merits + self.penalty * broken
            least = int(np.argmin(scores))
            move, best = singles.take(least), float(scores[least])
            # A purchase that alone overdraws the cash may be the best beside a sale, so both orders give partners.
            for rank in (scores, merits):
                pairs = singles.paired(x, np.argsort(rank, kind="stable"))
                if not pairs.size:
                    continue
                merit, broken = self._scored(x, pairs)
                both = merit + self.penalty * broken
                least = int(np.argmin(both))
                if both[least] < best:
                    move, best = pairs.take(least), float(both[least])
            if not best < score - 1e-13 * (1.0 + abs(score)):
                break
            x, score = move.applied(x)[0], best
            for i in (int(move.first[0]), int(move.second[0])):
                steps[i] = self._steps(i, float(x[i]))
            self.steps += 1
        return score, x

    def _steps(self, i: int, weight: float) -> list[float]:
        """The next allowed weights of a name, up and down."""
        found = []
        for way in (1, -1):
            to = weight
            for _ in range(LOTS):
                to = self.grid.step(i, to, way)
                if np.isnan(to):
                    break
                to = 0.0 if abs(to) <= INSIDE else to
                found.append(to)
        return found


@dataclass(frozen=True, eq=False)
class _Moves:
    """B moves: ``first`` goes to ``to``; where ``two`` is 1, ``second`` goes to ``beside`` as well."""

    first: Int64
    to: Float64
    second: Int64
    beside: Float64
    two: Float64

    @classmethod
    def none(cls) -> _Moves:
        """One move that moves nothing."""
        zero = np.zeros(1)
        return cls(np.zeros(1, dtype=np.int64), np.full(1, np.nan), np.zeros(1, dtype=np.int64), zero, zero)

    @classmethod
    def of(cls, moves: list[tuple[int, float]]) -> _Moves:
        """Moves of one name each."""
        first = np.array([i for i, _ in moves], dtype=np.int64)
        zero = np.zeros(first.size)
        return cls(first, np.array([to for _, to in moves], dtype=np.float64), first, zero, zero)

    @property
    def size(self) -> int:
        """Number of moves."""
        return int(self.first.size)

    def take(self, place: int) -> _Moves:
        """One of them."""
        at = slice(place, place + 1)
        return _Moves(self.first[at], self.to[at], self.second[at], self.beside[at], self.two[at])

    def paired(self, x: Float64, order: Int64) -> _Moves:
        """Purchases joined with sales of other names, the first in the order given."""
        up = order[self.to[order] > x[self.first[order]]][:PARTNERS]
        down = order[self.to[order] < x[self.first[order]]][:PARTNERS]
        a, b = (part.ravel() for part in np.meshgrid(up, down, indexing="ij"))
        keep = self.first[a] != self.first[b]
        a, b = a[keep], b[keep]
        return _Moves(self.first[a], self.to[a], self.first[b], self.to[b], np.ones(a.size))

    def _ends(self, x: Float64) -> Float64:
        return np.where(np.isnan(self.to), x[self.first], self.to)

    def change(self, x: Float64, part: Callable[[Int64, Float64], Float64]) -> Float64:
        """By how much a sum over assets changes (B,)."""
        found = part(self.first, self._ends(x)) - part(self.first, x[self.first])
        return found + self.two * (part(self.second, self.beside) - part(self.second, x[self.second]))

    def sums(self, x: Float64, columns: Float64, ends: tuple[Float64, Float64] | None = None) -> Float64:
        """``columns' x`` (B, M) after each move."""
        to, beside = (self._ends(x), self.beside) if ends is None else ends
        found = x @ columns + (to - x[self.first])[:, None] * columns[self.first]
        if self.two.any():
            found = found + (self.two * (beside - x[self.second]))[:, None] * columns[self.second]
        return found

    def held(self, x: Float64) -> tuple[Float64, Float64]:
        """Whether each end of a move holds something, as 0 or 1."""
        return (self._ends(x) != 0.0).astype(np.float64), (self.beside != 0.0).astype(np.float64)

    def applied(self, x: Float64) -> Float64:
        """Weights (B, N) after each move."""
        found = np.repeat(x[None, :], self.size, axis=0)
        rows = np.arange(self.size)
        found[rows, self.first] = self._ends(x)
        two = np.flatnonzero(self.two)
        found[two, self.second[two]] = self.beside[two]
        return found


def _counts(compiled: Compiled, universe: Universe) -> tuple[Float64, Float64, Float64]:
    masks, most, fewest = [], [], []
    for limit in compiled.limits:
        if limit.measure == "names":
            for _, mask in covered(limit.scope, universe):
                masks.append(mask.astype(np.float64))
                most.append(np.inf if limit.high is None else limit.high)
                fewest.append(-np.inf if limit.low is None else limit.low)
    return np.array(masks).reshape(len(masks), universe.size), np.array(most), np.array(fewest)
