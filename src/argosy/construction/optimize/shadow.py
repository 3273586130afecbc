"""Which limits bind, and what a little more room would be worth, in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from argosy.construction.optimize.engine import Solved
from argosy.construction.optimize.problem import STANDARD, Problem
from argosy.construction.optimize.result import Binding
from argosy.kernels.convex import bound_prices, risk

Worth = Callable[[float], str]
"""From the gain of the objective for one percentage point of room to words."""


def bindings(problem: Problem, solved: Solved, worth: Worth) -> tuple[Binding, ...]:
    """Limits with a price, dearest first. Limits that hold by definition (net = 100%) are left out."""
    if problem.limits is STANDARD:
        # Neither of the two is a choice anybody could give way on.
        return ()
    under = problem.compiled
    form, answer = solved.form, solved.answer
    # Prices far below the objective's own size are rounding.
    least = 1e-7 * solved.proof.scale
    found: list[Binding] = []

    def add(owner: int, label: str, side: str, price: float) -> None:
        limit = under.limits[owner]
        if price > least and owner >= 0 and limit.low != limit.high:
            found.append(Binding(limit, label, side, price, worth(0.01 * price)))

    for j, label in enumerate(under.labels):
        price = float(answer.rows[j])
        add(int(form.rows.owner[j]), label, "lower bound" if price > 0.0 else "upper bound", abs(price))
    for limit, price in zip(form.absolutes, answer.absolutes.tolist(), strict=True):
        add(limit.owner, under.limits[limit.owner].text(), "bound", price)
    for quadratic, price in zip(form.quadratics, answer.quadratics.tolist(), strict=True):
        add(
            quadratic.owner,
            under.limits[quadratic.owner].text(),
            "bound",
            price * risk(form, quadratic, answer.weights),
        )
    for term, pull in zip(form.risks, answer.risks, strict=True):
        if term.owner >= 0:
            # A measure that is the square of a risk has more room per unit of its own than of the risk.
            asked = under.limits[term.owner]
            steep = 2.0 * term.bound if asked.measure == "semi-variance" else 1.0
            add(term.owner, asked.text(), "bound", (pull.price - term.weight) / steep)
    below, above = bound_prices(form, answer)
    for prices, owners, side in ((below, form.low_owner, "lower bound"), (above, form.high_owner, "upper bound")):
        for owner in np.unique(owners[prices > least]).tolist():
            mine = np.flatnonzero((owners == owner) & (prices > least))
            if owner < 0 or (under.limits[owner].text() == "weight of each >= 0%"):
                continue
            names = [problem.universe.names[i] for i in mine.tolist()]
            shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
            add(owner, f"{under.limits[owner].text()} ({shown})", side, float(prices[mine].sum()))
    return tuple(sorted(found, key=lambda item: -item.price))


def return_words(gain: float) -> str:
    """For objectives in units of return."""
    return f"is worth {gain * 1e4:.3g} bp of return"


def volatility_words(volatility: float) -> Worth:
    """For objectives of half the variance."""
    return lambda gain: f"lowers volatility by {gain / max(volatility, 1e-300) * 1e4:.3g} bp"


def sharpe_words(volatility: float) -> Worth:
    """For the Sharpe ratio."""
    return lambda gain: f"raises the Sharpe ratio by {gain / max(volatility, 1e-300):.3g}"
