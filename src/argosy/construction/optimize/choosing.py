"""Models that choose names or trades: branch and bound over the relaxation of pieces, each answer with a proven gap.

A node leaves some pieces of each name open. Its relaxation gives a lower bound (proven from multipliers alone) and a
guess at the pieces; the guess is made allowed, polished by the convex engine, and kept when it is the best so far.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import NotConverged
from argosy.base.limits import Limit
from argosy.construction.optimize.engine import GAP, NoPoint, Solved, solve_form
from argosy.construction.optimize.outcomes import TimeLimitReached, Unbounded
from argosy.construction.optimize.problem import Problem
from argosy.kernels import conic
from argosy.kernels.choices import Choices, Relaxation
from argosy.kernels.convex import Certificate, Form, size_of
from argosy.measures.limits.compiling import compile_limits
from argosy.measures.limits.pieces import pieces
from argosy.models.moments.covariance import FactorCovariance

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

ENOUGH = GAP
"""Proven distance to the best, in units of the objective's size, at which the search ends."""

MOST_NODES = 50_000
FAR = 10.0
"""Where nothing bounds a weight, limits are asked about weights up to this."""

WHOLE = 1e-6
"""Shares this close to 0 or 1 are whole."""


@dataclass(frozen=True, eq=False)
class _Found:
    """An allowed choice of pieces, solved to the end."""

    solved: Solved
    value: float


@dataclass(order=True, frozen=True)
class _Node:
    bound: float
    order: int
    allowed: Bool
    shares: Float64


def choose(problem: Problem, form: Form) -> Solved:
    """The best weights of a form whose limits make it choose.

    Raises
    ------
    NoPoint, Unbounded
        As they say.
    TimeLimitReached
        Carries the best weights found and the proven gap.
    """
    choices = pieces(problem.compiled, problem.universe, form)
    if choices is None:
        return solve_form(form, seconds=problem.seconds)
    return Search(form, choices, problem).run()


def meets(problem: Problem, limits: tuple[Limit, ...]) -> bool:
    """Say whether some weights meet all of the limits; where time runs out, whether none were found."""
    compiled = compile_limits(limits, problem.universe, problem.belief, problem.scenarios)
    n = problem.size
    known = problem.belief is not None and bool((problem.covariance.diagonal() > 0.0).all())
    none = np.zeros(n)
    covariance = problem.covariance if known else FactorCovariance(np.zeros((n, 0)), np.ones(n))
    form = compiled.form(covariance, aversion=1.0, linear=none, start=problem.start, cost=none)
    choices = pieces(compiled, problem.universe, form, far=FAR)
    try:
        if choices is None:
            solve_form(form, seconds=problem.seconds)
        else:
            Search(form, choices, problem, first=True).run()
    except NoPoint:
        return False
    except (NotConverged, TimeLimitReached):
        return True
    return True


class Search:
    """One branch and bound; everything in it is decided by the inputs, ties by the order of names."""

    def __init__(self, form: Form, choices: Choices, problem: Problem, *, first: bool = False) -> None:
        self.form, self.choices, self.problem, self.first_only = form, choices, problem, first
        self.relaxation = Relaxation(form, choices)
        self.first = np.flatnonzero(np.diff(choices.asset, prepend=-1))
        self.tried: dict[bytes, _Found | None] = {}
        self.best: _Found | None = None
        self.nodes, self.spent = 0, 0.0
        self.started = problem.clock() if problem.clock else 0.0
        # The least bound among parts of the search that were closed.
        self.floor = np.inf

    def run(self) -> Solved:
        """Search until the best is proven, or time is up."""
        root = self._relaxed(np.ones(self.choices.size, dtype=bool))
        heap = [] if root is None else [root]
        while heap:
            node = heapq.heappop(heap)
            if node.bound >= self._enough():
                self.floor = min(self.floor, node.bound)
                break
            for allowed in self._children(node):
                child = self._relaxed(allowed)
                if child is None:
                    continue
                if child.bound >= self._enough():
                    self.floor = min(self.floor, child.bound)
                else:
                    heapq.heappush(heap, child)
            self._in_time(min([item.bound for item in heap[:1]], default=np.inf))
        if self.best is None:
            raise NoPoint
        return self._proven(min(self.floor, heap[0].bound if heap else np.inf))

    def _enough(self) -> float:
        """Nodes that cannot go below this value need no look."""
        if self.best is None:
            return float("inf")
        if self.first_only:
            return -float("inf")
        return self.best.value - ENOUGH * self._size()

    def _size(self) -> float:
        assert self.best is not None
        return size_of(self.form, self.best.solved.answer.weights, self.best.value)

    def _relaxed(self, allowed: Bool) -> _Node | None:
        """Bound a node and try its guesses; None where it holds nothing."""
        self.nodes += 1
        found = self.relaxation.solve(allowed)
        self.spent += found.seconds
        if found.status == conic.INFEASIBLE:
            return None
        if found.status == conic.UNBOUNDED:
            raise Unbounded(
                "the objective grows without end under these limits", field="limits",
                next_step="limit weights or gross exposure, or set a volatility limit",
            )  # fmt: skip
        shares = found.shares if found.shares.size else allowed / np.bincount(self.choices.asset)[self.choices.asset]
        if found.bound < self._enough():
            for guess in self._guesses(shares, allowed):
                self._try(guess)
        return _Node(found.bound, self.nodes, allowed, shares)

    def _children(self, node: _Node) -> list[Bool]:
        """Split at the asset whose share is least decided; a node without an open choice is solved by itself."""
        asset = self.choices.asset
        open_pieces = np.add.reduceat(node.allowed.astype(np.int64), self.first)
        shares = np.where(node.allowed, node.shares, -1.0)
        largest = np.maximum.reduceat(shares, self.first)
        doubt = np.where(open_pieces > 1, 1.0 - largest, -1.0)
        at = int(np.argmax(doubt))
        if open_pieces[at] <= 1:
            # Only one point of choice is left: its value is the bound, if it was solved at all.
            found = self._try(np.flatnonzero(node.allowed))
            if found is not None:
                self.floor = min(self.floor, found.value - found.solved.proof.gap)
            return []
        mine = np.flatnonzero(asset == asset[self.first[at]])
        piece = int(mine[np.argmax(shares[mine])])
        alone, without = node.allowed.copy(), node.allowed.copy()
        alone[mine] = False
        alone[piece] = True
        without[piece] = False
        return [alone, without]

    def _guesses(self, shares: Float64, allowed: Bool) -> list[Int64]:
        """Whole choices near a relaxed one: each asset's largest share, then counts brought within their bounds.

        Filled up to the most names allowed, a choice is often better still, so both are tried.
        """
        ranked = np.where(allowed, shares, -1.0)
        ends = np.append(self.first[1:], self.choices.size)
        largest = np.array([a + int(np.argmax(ranked[a:b])) for a, b in zip(self.first, ends, strict=True)])
        found = [self._counted(largest, ranked, fill=False)]
        if self.choices.counts.shape[1]:
            found.append(self._counted(largest, ranked, fill=True))
        return [item for item in found if item is not None]

    def _counted(self, picked: Int64, ranked: Float64, *, fill: bool) -> Int64 | None:
        c = self.choices
        picked = picked.copy()
        for j in range(c.counts.shape[1]):
            column = c.counts[:, j]
            high = c.count_high[j]
            low = min(high, max(c.count_low[j], high if fill and np.isfinite(high) else -np.inf))
            for sign, wanted in ((1.0, high), (-1.0, low)):
                excess = sign * (column[picked].sum() - wanted)
                if not np.isfinite(wanted) or excess <= 0.0:
                    continue
                # Swap those that lose the least share for it.
                moves = []
                for place, piece in enumerate(picked.tolist()):
                    others = np.flatnonzero((c.asset == c.asset[piece]) & (sign * (column[piece] - column) > 0.0))
                    others = others[
                        ranked[others] > (WHOLE if fill and sign < 0.0 and wanted > c.count_low[j] else -0.5)
                    ]
                    if others.size:
                        other = int(others[np.argmax(ranked[others])])
                        moves.append((ranked[piece] - ranked[other], place, other))
                moves.sort()
                for _, place, other in moves[: int(np.ceil(excess))]:
                    picked[place] = other
        total = c.counts[picked].sum(axis=0)
        return picked if ((total >= c.count_low) & (total <= c.count_high)).all() else None

    def _try(self, picked: Int64) -> _Found | None:
        key = picked.tobytes()
        if key not in self.tried:
            found = self.tried[key] = self._polished(picked)
            if found is not None and (self.best is None or found.value < self.best.value):
                self.best = found
        return self.tried[key]

    def _polished(self, picked: Int64) -> _Found | None:
        total = self.choices.counts[picked].sum(axis=0)
        if (total < self.choices.count_low).any() or (total > self.choices.count_high).any():
            return None
        narrowed, extra = within(self.form, self.choices, picked)
        try:
            solved = solve_form(narrowed, warm=self.best.solved.warm if self.best else None)
        except (NoPoint, NotConverged):
            return None
        return _Found(solved, solved.proof.value + extra)

    def _in_time(self, lowest: float) -> None:
        clock, limit = self.problem.clock, self.problem.seconds
        spent = clock() - self.started if clock else self.spent
        if self.nodes < MOST_NODES and not 0.0 < limit <= spent:
            return
        why = f"within {limit:g} s" if 0.0 < limit <= spent else f"in {MOST_NODES} nodes"
        if self.best is None:
            raise TimeLimitReached(f"no allowed choice of names was found {why}")
        lowest = min(lowest, self.floor)
        gap = max(self.best.value - lowest, 0.0) / self._size()
        if gap > ENOUGH:
            raise TimeLimitReached(
                f"the best choice of names was not proven {why}: the one found is within {gap:.2g} of the best",
                weights=self.best.solved.answer.weights, objective=self.best.value, gap=gap,
            )  # fmt: skip

    def _proven(self, lowest: float) -> Solved:
        assert self.best is not None
        solved, value = self.best.solved, self.best.value
        proof = Certificate(value, max(value - min(lowest, value), 0.0), solved.proof.violation, self._size())
        answer = replace(solved.answer, engine="branch and bound", steps=self.nodes)
        return Solved(solved.form, answer, proof, solved.warm, self.form)


def within(form: Form, choices: Choices, picked: Int64) -> tuple[Form, float]:
    """A form whose weights stay in the picked pieces, and the part of the pieces' cost that no weight changes."""
    low, high, linear = form.low.copy(), form.high.copy(), form.linear.copy()
    low_owner, high_owner = form.low_owner.copy(), form.high_owner.copy()
    at = choices.asset[picked]
    low[at], high[at] = choices.low[picked], choices.high[picked]
    # What is not held or not traded has no bound to move: it is the choice itself.
    point = choices.low[picked] == choices.high[picked]
    low_owner[at] = np.where(point, -1, choices.low_owner[picked])
    high_owner[at] = np.where(point, -1, choices.high_owner[picked])
    linear[at] -= choices.slope[picked]
    extra = float((choices.fixed[picked] - choices.slope[picked] * choices.origin[picked]).sum())
    return replace(form, low=low, high=high, linear=linear, low_owner=low_owner, high_owner=high_owner), extra
