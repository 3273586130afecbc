"""Least risk beyond a threshold under boxes and rows, by generating the scenarios and assets that matter.

Few scenarios lie in a tail and few assets are held, so the interior point of ``kernels.interior`` runs on those and
takes in others until a bound over the whole problem proves the answer. The slow twin is the same form solved as cones
(``kernels.conic``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.kernels.convex import Answer, Form, carried, certify
from argosy.kernels.interior import Point, Program
from argosy.kernels.interior import solve as interior
from argosy.kernels.risk_terms import Excess, Pull, RiskTerm, mixed

Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

GAP = 1e-9
"""Proven distance to the best, beside the objective, at which the search ends."""

ROUGH, FINE, SHARP = 1e-2, 1e-10, 1e-13
"""Complementarity at which the interior point ends: early, as a rule, and where the proof is not good enough."""

NEAR = 0.1
"""Scenarios whose loss comes this close to the threshold are taken in."""

MOST_ROUNDS = 40
FEW_ASSETS = 40
"""Up to this many assets all of them are in from the start."""

SNAP = 1e-9
"""Weights this close to a bound stand on it."""


def applies(form: Form) -> bool:
    """True for one risk, hard linear limits, and nothing else; :func:`solve` sees whether the risk has the shape."""
    if len(form.risks) != 1 or form.aversion != 0.0 or form.quadratics or form.absolutes or form.cost.any():
        return False
    if form.charges is not None:
        return False
    term = form.risks[0]
    soft = np.isfinite(term.price) or np.isfinite(form.rows.price).any()
    return not soft and bool((form.low < form.high).all())


def solve(form: Form) -> Answer | None:
    """Solve a form to which the kernel :func:`applies`; None where no search settled.

    Nothing is promised about the answer: its proof is :func:`argosy.kernels.convex.certify`, as for any engine.
    """
    term = form.risks[0]
    shape = term.risk.excess()
    if shape is None:
        return None
    search = _Search(form, term, shape)
    assets, scenarios = search.start()
    steps, best, least = 0, None, np.inf
    # While scenarios and assets still come in, a rough answer says as well which ones.
    rough, sharp = not (assets.all() and scenarios.all()), False
    for _ in range(MOST_ROUNDS):
        found = search.inside(assets, scenarios, tolerance=ROUGH if rough else SHARP if sharp else FINE)
        if not found.settled:
            if assets.all() and scenarios.all():
                return best
            # Too few assets may leave no room for the limits, too few scenarios no end to what can be gained.
            scenarios = scenarios | assets.all()
            assets = np.ones_like(assets)
            continue
        steps += found.steps
        answer, slope = search.answer(found, assets, scenarios, steps)
        proof = certify(form, answer)
        if proof.relative_gap < least:
            best, least = answer, proof.relative_gap
        if least <= GAP:
            return best
        losses = -mixed(shape.scenarios, answer.weights)
        edge = (found.threshold - NEAR * abs(found.threshold)) * search.unit
        more = ~scenarios & (losses > edge)
        wanted = np.flatnonzero(~assets & (slope < (-ROUGH * proof.scale if rough else 0.0)))
        if rough and int(more.sum()) + wanted.size <= 10:
            rough = False
        elif not more.any() and not wanted.size:
            # Weights without a bound let the proof see far: it then needs sharper multipliers.
            if sharp:
                return best
            sharp = True
        scenarios |= more
        assets[wanted[np.argsort(slope[wanted], kind="stable")[:60]]] = True
    return best


class _Search:
    """A form with its arrays scaled for the interior point."""

    def __init__(self, form: Form, term: RiskTerm, shape: Excess) -> None:
        self.form, self.term, self.shape = form, term, shape
        self.unit = term.unit
        # The objective in units of the risk where the risk is in it, else of the largest return.
        self.factor = term.weight * self.unit or float(np.abs(form.linear).max(initial=0.0)) or 1.0
        rows = form.rows
        self.ranged = np.flatnonzero(rows.low < rows.high)
        self.even = np.flatnonzero(rows.low == rows.high)

    def start(self) -> tuple[Bool, Bool]:
        """Assets of small losses in the tail of an equal mix, and the scenarios of that tail."""
        t, n = self.shape.scenarios.shape
        inside = np.isfinite(self.form.low) & np.isfinite(self.form.high)
        guess = np.where(inside, np.clip(1.0 / n, self.form.low, self.form.high), 1.0 / n)
        count = int(min(t, max(2.5 / self.shape.cap, 60)))
        assets = np.ones(n, dtype=bool)
        if n > FEW_ASSETS:
            losses = -(self.shape.scenarios @ guess)
            tail = np.argpartition(-losses, count - 1)[:count]
            own = -self.shape.scenarios[tail].mean(axis=0)
            cost = self.term.weight * own - self.form.linear
            chosen = np.argsort(cost, kind="stable")[:FEW_ASSETS]
            assets = ~np.isfinite(self.form.low)
            assets[chosen] = True
            guess = np.where(assets, 1.0 / assets.sum(), 0.0)
        losses = -(self.shape.scenarios @ guess)
        scenarios = np.zeros(t, dtype=bool)
        scenarios[np.argpartition(-losses, count - 1)[:count]] = True
        return assets, scenarios

    def inside(self, assets: Bool, scenarios: Bool, *, tolerance: float) -> Point:
        """The interior point on some assets and scenarios; assets left out stand at their lower bound."""
        form, unit = self.form, self.unit
        rows = form.rows
        places, days = np.flatnonzero(assets), np.flatnonzero(scenarios)
        extra = self.ranged.size
        r = np.zeros((days.size, places.size + extra))
        r[:, : places.size] = self.shape.scenarios[np.ix_(days, places)] / unit
        order = np.concatenate([self.even, self.ranged])
        e = np.zeros((order.size, places.size + extra))
        e[:, : places.size] = rows.columns[np.ix_(places, order)].T
        # A row between two bounds is an equality with a variable that stands between them.
        e[self.even.size + np.arange(extra), places.size + np.arange(extra)] = -1.0
        right = np.concatenate([rows.low[self.even], np.zeros(extra)])
        held: Float64 | float = 0.0
        rest = np.where(assets, 0.0, np.where(np.isfinite(form.low), form.low, 0.0))
        if rest.any():
            held = self.shape.scenarios[days] @ rest / unit
            right = right - rows.columns[:, order].T @ rest
        barrier = None
        if form.barrier is not None:
            barrier = np.concatenate([form.barrier[places] / self.factor, np.zeros(extra)])
        return interior(
            Program(
                r, np.concatenate([-form.linear[places] / self.factor, np.zeros(extra)]),
                np.concatenate([form.low[places], rows.low[self.ranged]]),
                np.concatenate([form.high[places], rows.high[self.ranged]]), e, right, self.shape.cap,
                None if self.shape.at is None else self.shape.at / unit, self.term.weight * unit / self.factor,
                self.term.bound / unit, barrier, held,
            ),
            tolerance=tolerance,
        )  # fmt: skip

    def answer(self, found: Point, assets: Bool, scenarios: Bool, steps: int) -> tuple[Answer, Float64]:
        """An answer of the form, and what a unit more of each asset would cost in its objective."""
        form, rows = self.form, self.form.rows
        x = np.where(np.isfinite(form.low), form.low, 0.0)
        x[assets] = found.weights[: int(assets.sum())]
        x = self._tidy(np.clip(x, form.low, form.high))
        price = self.term.weight + self.factor / self.unit * found.price
        p = np.zeros(scenarios.size)
        p[scenarios] = found.scenarios / (self.term.weight * self.unit / self.factor + found.price)
        slope, constant = self.term.risk.line(p)
        nu = np.zeros(rows.low.size)
        nu[np.concatenate([self.even, self.ranged])] = found.rows * self.factor
        cost = price * slope - form.linear - rows.columns @ nu
        if form.barrier is not None:
            cost = cost - form.barrier / np.maximum(x, 1e-300)
        answer = Answer(x, nu, np.zeros(0), np.zeros(0), (Pull(price, slope, constant),), "interior point", steps)
        return carried(form, answer), cost

    def _tidy(self, x: Float64) -> Float64:
        """Weights a hair from a bound stand on it; the others take up what that moves in the rows."""
        form = self.form
        x = np.where(x - form.low <= SNAP, form.low, np.where(form.high - x <= SNAP, form.high, x))
        between = (x > form.low + 1e-6) & (x < form.high - 1e-6)
        columns = form.rows.columns[:, self.even]
        short = form.rows.low[self.even] - columns.T @ x
        if between.any() and short.any():
            mine = columns[between]
            x[between] += mine @ np.linalg.lstsq(mine.T @ mine, short, rcond=None)[0]
        found: Float64 = x
        return found
