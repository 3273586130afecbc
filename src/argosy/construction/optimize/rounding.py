"""From weights to whole lots, as a stated second step: what was lost by it, which limit moved, what cash is left.

The optimizer's weights are best among all weights; among whole lots another portfolio is. The search starts at the
nearest lots, and at those that spend no more; it moves one name by a lot or two, or two names against each other, as
long as the objective (cash left counted at its shadow price) and the breaks of limits get less. It is deterministic
and ends where no such move helps, which need not be the best of all whole lots.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import MEASURES, Limit, show
from argosy.base.table import Table
from argosy.construction.optimize.lot_search import Grid, Search
from argosy.construction.optimize.problem import Problem, Weights, as_weights
from argosy.construction.optimize.result import Optimized
from argosy.measures.limits.compiling import measured
from argosy.measures.limits.pieces import pieces

Float64 = npt.NDArray[np.float64]

BREAK = 1e-7
"""Smallest break of a limit, in its own unit, that is reported."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit that whole lots break: its number before and after, and by how much it is broken."""

    limit: Limit
    label: str
    before: float
    after: float
    excess: float

    def text(self) -> str:
        """One line for people."""
        unit = MEASURES[self.limit.measure].unit
        return (
            f"{self.label or self.limit.text()} is {show(self.after, unit)}, {show(self.excess, unit)} beyond its limit"
        )


@dataclass(frozen=True, eq=False)
class Rounded:
    """Whole lots. Weights (N,) of the portfolio's value; ``units`` and ``trades`` (N,) in units of the instrument.

    ``cash_left`` is what the optimizer had invested and lots leave over, as a weight; ``loss`` the rise of what the
    optimizer minimized, cash left counted at its shadow price; ``naive_loss`` the same for rounding each name to the
    nearest lot, and ``naive_break`` by how much that would break limits.
    """

    names: tuple[str, ...]
    weights: Float64
    units: Float64
    trades: Float64
    cash_left: float
    loss: float
    naive_loss: float
    naive_break: float
    moved: tuple[Moved, ...]
    steps: int

    def table(self) -> Table:
        """Names that are held or traded."""
        shown = np.flatnonzero((self.units != 0.0) | (self.trades != 0.0))
        return Table(
            "whole lots",
            (
                Column("asset", "text", [self.names[i] for i in shown.tolist()]),
                Column("units", "ratio", self.units[shown]),
                Column("trade", "ratio", self.trades[shown]),
                Column("weight", "ratio", self.weights[shown], unit="%"),
            ),
            notes=(f"cash left {self.cash_left:.4%}, loss {self.loss:.3g}", *(item.text() for item in self.moved)),
        )


def round_to_lots(
    result: Optimized, *, prices: Weights, nav: float, lots: Weights | float = 1.0, smallest_trade: float = 0.0
) -> Rounded:
    """Answer which whole lots come closest to an optimized portfolio, and what that costs.

    Parameters
    ----------
    result : from :func:`argosy.optimize`
    prices : of one unit (N,), in the portfolio's currency
    nav : the portfolio's value in that currency
    lots : units that trade together (N,) or one number
    smallest_trade : money below which no order is worth sending

    Notes
    -----
    Trades are whole lots; a position may also be closed whole, odd units included. ``net = 100%`` is read as "not
    more": what does not fill a lot stays in cash. Every limit is measured again by the number the optimizer used.

    Raises
    ------
    InvalidInput, MissingData
        A price, lot or value that is not positive; a result that carries no problem.

    Examples
    --------
    >>> from argosy.construction.optimize.face import optimize
    >>> best = optimize("minimum variance", covariance=[[0.04, 0.0], [0.0, 0.09]], names=["A", "B"])
    >>> whole = round_to_lots(best, prices=[70.0, 30.0], nav=1000.0)
    >>> whole.units.tolist(), round(whole.cash_left, 9)
    ([10.0, 10.0], 0.0)
    """
    if result.basis is None:
        raise MissingData("this result does not say which problem it answers", field="result",
                          next_step="round what argosy.optimize returned")  # fmt: skip
    problem = result.basis.problem
    names = problem.universe.names
    price = _positive(prices, names, "prices")
    lot = _positive(np.full(len(names), float(lots)) if isinstance(lots, int | float) else lots, names, "lots")
    if not 0.0 < nav < np.inf:
        raise InvalidInput(f"the portfolio's value {nav!r} must be positive", field="nav")
    if not 0.0 <= smallest_trade < np.inf:
        raise InvalidInput(f"the smallest trade {smallest_trade!r} must not be negative", field="smallest_trade")
    found = to_units(result, price * lot / nav, smallest=smallest_trade / nav)
    held = problem.start * nav / price
    # Units are what the lots say, not what a division leaves.
    trades = np.where(found.weights == 0.0, -held, np.rint((found.weights - problem.start) * nav / (price * lot)) * lot)
    return Rounded(
        names, found.weights, held + trades, trades, found.cash_left, found.loss, found.naive_loss, found.naive_break,
        found.moved, found.steps,
    )  # fmt: skip


def to_units(result: Optimized, unit: Float64, *, smallest: float = 0.0) -> Rounded:
    """The same with the weight of one lot (N,) given; units and trades are then counted in lots."""
    assert result.basis is not None
    problem, form, answer = result.basis.problem, result.basis.form, result.basis.answer
    grid = Grid.of(form, pieces(problem.compiled, problem.universe, form), problem.start, unit, smallest)
    search = Search(form, answer, grid, problem.compiled, problem.universe, ruled=answer.engine == "closed form")
    naive = grid.nearest(result.weights)
    best = search.run([naive, grid.below(result.weights)])
    base = search.merit(result.weights)
    trades = (best - problem.start) / unit
    return Rounded(
        result.names, best, best / unit, trades, float(result.weights.sum() - best.sum()),
        search.merit(best) - base, search.merit(naive) - base, search.broken(naive),
        moved_limits(problem, result.weights, best), search.steps,
    )  # fmt: skip


def in_whole_lots(result: Optimized) -> Optimized:
    """The second step of a model with the limit ``lots of ATTRIBUTE >= N``: its weights in whole lots, and what they
    amount to. The objective stays the one before; a note says what was lost."""
    assert result.basis is not None
    problem = result.basis.problem
    limit = next(limit for limit in problem.limits if limit.measure == "lots")
    unit = problem.universe.numbers(limit.scope)
    if (unit <= 0.0).any():
        lacking = problem.universe.names[int(np.argmin(unit))]
        raise InvalidInput(f"the lot of {lacking} weighs {float(unit.min())!r}", field=limit.scope, expected="positive")
    found = to_units(result, unit)
    x = found.weights
    risk, shares = float("nan"), result.contributions
    if problem.belief is not None:
        pulled = x * problem.belief.times(x)
        variance = float(pulled.sum())
        risk, shares = float(np.sqrt(max(variance, 0.0))), pulled / variance if variance > 0.0 else np.zeros(x.size)
    said = (
        f"whole lots lose {found.loss:.3g} of the objective and leave {found.cash_left:.3%} in cash "
        f"(nearest lots alone: {found.naive_loss:.3g}, limits broken by {found.naive_break:.3g})"
    )
    earned = float(problem.expected @ x) if problem.expected is not None else float("nan")
    return replace(
        result, weights=x, expected_return=earned, volatility=risk, contributions=shares,
        turnover=float(np.abs(x - problem.start).sum()), cost=problem.spent(x),
        cost_parts=problem.priced.parts(x) if problem.priced is not None else {},
        evidence=replace(result.evidence, engine=f"{result.evidence.engine}, then whole lots"),
        notes=(*result.notes, said, *(item.text() for item in found.moved)),
    )  # fmt: skip


def moved_limits(problem: Problem, before: Float64, after: Float64) -> tuple[Moved, ...]:
    """Every hard limit measured again; those that are broken now, worst first."""
    found = []
    names = {name: place for place, name in enumerate(problem.universe.names)}
    for limit in problem.limits:
        if limit.soft is not None:
            continue
        old = measured(limit, before, problem.universe, problem.belief, problem.scenarios)
        new = measured(limit, after, problem.universe, problem.belief, problem.scenarios)
        was = dict(old)
        # What does not fill a lot stays in cash: a sum of weights that is pinned is broken from above only.
        pinned = limit.measure in ("net", "cash") and limit.low == limit.high
        low = (
            -np.inf
            if limit.low is None or limit.measure == "trade" or (pinned and limit.measure == "net")
            else limit.low
        )
        high = np.inf if limit.high is None or (pinned and limit.measure == "cash") else limit.high
        for label, number in new:
            excess = max(low - number, number - high)
            closed = label.removeprefix("trade of ") in names and after[names[label.removeprefix("trade of ")]] == 0.0
            if limit.measure == "trade" and (limit.low or 0.0) > 0.0 and number > BREAK and not closed:
                excess = max(excess, (limit.low or 0.0) - number)
            if excess > BREAK:
                found.append(Moved(limit, label, was.get(label, 0.0), number, excess))
    return tuple(sorted(found, key=lambda item: -item.excess))


def _positive(given: Weights, names: tuple[str, ...], what: str) -> Float64:
    found = as_weights(given, names, what)
    assert found is not None
    if (found <= 0.0).any():
        lacking = names[int(np.argmin(found))]
        raise InvalidInput(f"{what} of {lacking} must be positive", field=what, found=float(found.min()))
    return found
