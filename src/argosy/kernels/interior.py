"""Interior point for risks that count what lies beyond a threshold: shortfall, worst case, absolute deviation.

minimize    g'w + weight * (a + cap sum u) - sum b log w
subject to  u >= -R w - held - a,  u >= 0,  low <= w <= high,  E w = right,  a + cap sum u <= bound

The block of scenarios is eliminated by hand (Mehrotra 1992), so a step factors one matrix of the size of the assets
whatever the number of scenarios. ``a`` is free, or held at a given value and then not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf, dpotrs

Float64 = npt.NDArray[np.float64]

MOST_STEPS = 80
LEAST = 1e-18


@dataclass(frozen=True, eq=False)
class Program:
    """One problem: R (S, N), E (M, N); ``bound`` infinite where there is none, ``at`` None where a is free."""

    scenarios: Float64
    linear: Float64
    low: Float64
    high: Float64
    rows: Float64
    right: Float64
    cap: float
    at: float | None
    weight: float
    bound: float = np.inf
    barrier: Float64 | None = None
    # What scenarios (S,) hold whatever the weights.
    held: Float64 | float = 0.0


@dataclass(frozen=True, eq=False)
class Point:
    """Weights, threshold, scenario multipliers, row multipliers, price of the bound, steps, and whether it settled."""

    weights: Float64
    threshold: float
    scenarios: Float64
    rows: Float64
    price: float
    steps: int
    settled: bool


def _reach(values: Float64, step: Float64) -> float:
    """Longest part of a step, at most 1, that keeps values from turning negative."""
    falling = step < 0.0
    if not falling.any():
        return 1.0
    return min(1.0, -1.0 / float((step[falling] / values[falling]).min()))


@dataclass(frozen=True, eq=False)
class _Step:
    """Changes of everything that is not eliminated at the end."""

    w: Float64
    a: float
    price: float
    t: float
    u: Float64
    s: Float64
    p: Float64
    v: Float64
    zl: Float64
    zh: Float64
    nu: Float64


class _Walk:
    """One interior point on its way: ``s`` and ``u`` face ``p`` and ``v``, ends of the box ``zl`` and ``zh``."""

    def __init__(self, problem: Program) -> None:
        self.problem = problem
        r, g = problem.scenarios, problem.linear
        count, n = r.shape
        self.free, self.limited = problem.at is None, bool(np.isfinite(problem.bound))
        self.has_low, self.has_high = np.isfinite(problem.low), np.isfinite(problem.high)
        self.low = np.where(self.has_low, problem.low, 0.0)
        self.high = np.where(self.has_high, problem.high, 0.0)
        # Start inside the box, near its lower end as a portfolio of many names is.
        room = np.where(self.has_high & self.has_low, 0.5 * (self.high - self.low), np.inf)
        above = np.where(self.has_high, self.high - 1.0 / n, 0.0)
        self.w = np.where(self.has_low, self.low + np.minimum(1.0 / n, room), above)
        held = r @ self.w + problem.held
        share = max(0.0, 1.0 - 1.0 / (problem.cap * count))
        self.a = float(problem.at) if problem.at is not None else float(np.quantile(-held, share))
        self.u = np.maximum(-held - self.a, 0.0) + 0.5
        self.s = np.maximum(self.u + held + self.a, 0.5)
        self.price = 1.0 if self.limited else 0.0
        total = problem.weight + self.price
        self.p = np.full(count, 0.5 * problem.cap * total)
        self.v = problem.cap * total - self.p
        self.t = max(problem.bound - self.counted, 1.0) if self.limited else 1.0
        self.size = max(1.0, float(np.abs(g).max(initial=0.0)))
        self.zl, self.zh = np.where(self.has_low, self.size, 0.0), np.where(self.has_high, self.size, 0.0)
        self.nu = np.zeros(problem.rows.shape[0])
        self.pairs = 2 * count + int(self.has_low.sum()) + int(self.has_high.sum()) + int(self.limited)
        width = n + int(self.free)
        self.matrix = np.empty((width, width), order="F")
        self.residuals()

    @property
    def counted(self) -> float:
        """The risk, as the objective and the bound count it."""
        return (self.a if self.free else 0.0) + self.problem.cap * float(self.u.sum())

    def residuals(self) -> None:
        """What is still broken, and how far multipliers and slacks are from excluding each other."""
        of = self.problem
        # A weight so near its bound that the difference is lost still has some room.
        self.wl = np.where(self.has_low, np.maximum(self.w - self.low, LEAST), 1.0)
        self.wh = np.where(self.has_high, np.maximum(self.high - self.w, LEAST), 1.0)
        self.rs = self.u + of.scenarios @ self.w + of.held + self.a - self.s
        self.rb = of.rows @ self.w - of.right
        self.rw = of.linear - of.scenarios.T @ self.p - of.rows.T @ self.nu - self.zl + self.zh
        if of.barrier is not None:
            self.rw = self.rw - of.barrier / self.w
        self.ra = float(self.p.sum()) - of.weight - self.price if self.free else 0.0
        self.ru = of.cap * (of.weight + self.price) - self.p - self.v
        self.rt = self.counted + self.t - of.bound if self.limited else 0.0
        self.gap = float(self.s @ self.p + self.u @ self.v + self.wl @ self.zl + self.wh @ self.zh)
        self.gap += self.price * self.t if self.limited else 0.0

    def settled(self, tolerance: float) -> bool:
        """True when the gap is small beside the objective and nothing is broken."""
        value = float(self.problem.linear @ self.w) + self.problem.weight * self.counted
        broken = max(
            float(np.abs(self.rs).max(initial=0.0)), float(np.abs(self.rb).max(initial=0.0)),
            float(np.abs(self.rw).max()) / self.size, abs(self.ra), abs(self.rt),
        )  # fmt: skip
        return self.gap <= tolerance * max(1e-3, abs(value)) and broken <= max(tolerance, 1e-10)

    def factor(self) -> bool:
        """Eliminate scenarios and factor what is left: assets, the threshold, rows, the price of the bound."""
        of, n = self.problem, self.w.size
        r, matrix = of.scenarios, self.matrix
        self.theta = 1.0 / (self.s / self.p + self.u / self.v)
        scaled = r * np.sqrt(self.theta)[:, None]
        # All through one library: two of them with threads of their own would wait for each other.
        matrix[:n, :n] = dsyrk(1.0, scaled.T, lower=1)
        bend = self.zl / self.wl + self.zh / self.wh
        if of.barrier is not None:
            bend = bend + of.barrier / self.w**2
        middle = np.arange(matrix.shape[0])
        matrix[middle[:n], middle[:n]] += bend
        if self.free:
            matrix[n, :n] = r.T @ self.theta
            matrix[n, n] = self.theta.sum()
        matrix[middle, middle] *= 1.0 + 1e-13
        self.root, failed = dpotrf(matrix, lower=1, overwrite_a=0)
        if failed:
            matrix[middle, middle] += 1e-12 * float(matrix[middle, middle].max())
            self.root, failed = dpotrf(matrix, lower=1, overwrite_a=0)
            if failed:
                return False
        m = of.rows.shape[0]
        self.edge = of.cap * self.u / self.v
        self.borders = np.zeros((middle.size, m + int(self.limited)), order="F")
        self.borders[:n, :m] = of.rows.T
        if self.limited:
            self.borders[:n, m] = r.T @ (self.theta * self.edge)
            if self.free:
                self.borders[n, m] = float(self.theta @ self.edge) - 1.0
        self.columns, _ = dpotrs(self.root, self.borders, lower=1)
        self.schur = self.borders.T @ self.columns
        if self.limited:
            # The bound's own row, with what goes through u and t.
            self.schur[m, m] += of.cap**2 * float((self.u / self.v).sum()) + self.t / self.price
            self.schur[m, m] -= float(self.theta @ (self.edge * self.edge))
        return True

    def step(self, cs: Float64, cu: Float64, cl: Float64, ch: Float64, ct: float) -> _Step:
        """The Newton step for given targets of the products of slacks and multipliers."""
        of, n, m = self.problem, self.w.size, self.nu.size
        over = (cu - self.u * self.ru) / self.v
        h = -self.rs - over + cs / self.p
        right = np.empty(self.matrix.shape[0])
        right[:n] = of.scenarios.T @ (self.theta * h) - self.rw + cl / self.wl - ch / self.wh
        if self.free:
            right[n] = float(self.theta @ h) + self.ra
        x, _ = dpotrs(self.root, right, lower=1)
        x = x.ravel()
        wanted = np.empty(m + int(self.limited))
        wanted[:m] = -self.rb - of.rows @ x[:n]
        if self.limited:
            wanted[m] = self.rt + ct / self.price + of.cap * float(over.sum()) + float(self.edge @ (self.theta * h))
            wanted[m] -= float(self.borders[:, m] @ x)
        dual = np.linalg.solve(self.schur, wanted) if wanted.size else wanted
        x = x + self.columns @ dual
        w = x[:n]
        a = float(x[n]) if self.free else 0.0
        price = float(dual[m]) if self.limited else 0.0
        p = self.theta * (h + self.edge * price - of.scenarios @ w - a)
        v = self.ru + of.cap * price - p
        return _Step(
            w, a, price, (ct - self.t * price) / self.price if self.limited else 0.0, (cu - self.u * v) / self.v,
            (cs - self.s * p) / self.p, p, v, np.where(self.has_low, (cl - self.zl * w) / self.wl, 0.0),
            np.where(self.has_high, (ch + self.zh * w) / self.wh, 0.0), dual[:m],
        )  # fmt: skip

    def reach(self, d: _Step) -> tuple[float, float]:
        """How far slacks and multipliers may go before one of them vanishes."""
        slacks = [self.u, self.s, self.wl, self.wh]
        moves = [d.u, d.s, np.where(self.has_low, d.w, 0.0), np.where(self.has_high, -d.w, 0.0)]
        if self.problem.barrier is not None:
            # Weights under a logarithm must stay positive, bounds or not.
            under = self.problem.barrier > 0.0
            slacks.append(self.w[under])
            moves.append(d.w[under])
        one = _reach(np.concatenate(slacks), np.concatenate(moves))
        two = _reach(np.concatenate([self.p, self.v, self.zl, self.zh]), np.concatenate([d.p, d.v, d.zl, d.zh]))
        if self.limited:
            one = min(one, -self.t / d.t if d.t < 0.0 else 1.0)
            two = min(two, -self.price / d.price if d.price < 0.0 else 1.0)
        return one, two

    def ahead(self, d: _Step, one: float, two: float) -> float:
        """The gap after a step."""
        found = float(
            (self.s + one * d.s) @ (self.p + two * d.p) + (self.u + one * d.u) @ (self.v + two * d.v)
            + np.where(self.has_low, self.wl + one * d.w, 0.0) @ (self.zl + two * d.zl)
            + np.where(self.has_high, self.wh - one * d.w, 0.0) @ (self.zh + two * d.zh)
        )  # fmt: skip
        return found + (self.t + one * d.t) * (self.price + two * d.price) if self.limited else found

    def move(self) -> None:
        """Predict, center, correct (Mehrotra 1992)."""
        d = self.step(-self.s * self.p, -self.u * self.v, -self.wl * self.zl, -self.wh * self.zh, -self.price * self.t)
        aim = self.gap / self.pairs * min(1.0, self.ahead(d, *self.reach(d)) / self.gap) ** 3
        d = self.step(
            aim - self.s * self.p - d.s * d.p, aim - self.u * self.v - d.u * d.v,
            np.where(self.has_low, aim - self.wl * self.zl - d.w * d.zl, 0.0),
            np.where(self.has_high, aim - self.wh * self.zh + d.w * d.zh, 0.0),
            aim - self.price * self.t - d.price * d.t,
        )  # fmt: skip
        one, two = (min(1.0, 0.995 * length) for length in self.reach(d))
        if self.problem.barrier is not None:
            # A logarithm ties weights to multipliers, so both take the same step.
            one = two = min(one, two)
        self.w, self.a, self.u, self.s = self.w + one * d.w, self.a + one * d.a, self.u + one * d.u, self.s + one * d.s
        self.p, self.v, self.nu = self.p + two * d.p, self.v + two * d.v, self.nu + two * d.nu
        self.zl, self.zh = self.zl + two * d.zl, self.zh + two * d.zh
        if self.limited:
            self.t, self.price = self.t + one * d.t, self.price + two * d.price
        self.residuals()


def solve(problem: Program, *, tolerance: float = 1e-10, most_steps: int = MOST_STEPS) -> Point:
    """Solve one problem; ``tolerance`` is on the complementarity, beside the objective.

    Scenarios should be of ordinary size (about one). A problem without an inside does not settle.

    Examples
    --------
    >>> two = Program(np.array([[-2.0, 1.0], [1.0, -1.0]]), np.zeros(2), np.zeros(2), np.full(2, np.inf),
    ...               np.ones((1, 2)), np.ones(1), cap=1.0, at=None, weight=1.0)
    >>> solve(two).weights.round(9).tolist()
    [0.4, 0.6]
    """
    walk = _Walk(problem)
    for steps in range(most_steps):
        if walk.settled(tolerance):
            return Point(walk.w, walk.a, walk.p, walk.nu, walk.price, steps, settled=True)
        with np.errstate(all="ignore"):
            try:
                if not walk.factor():
                    break
                walk.move()
            except np.linalg.LinAlgError:
                break
        if not np.isfinite(walk.gap):
            break
    return Point(walk.w, walk.a, walk.p, walk.nu, walk.price, steps, settled=False)
