"""One convex model to one proven answer: dual Newton where it is separable, interior point for tails, else cones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.construction.optimize.outcomes import TimeLimitReached, Unbounded, unproven
from argosy.kernels import conic
from argosy.kernels.convex import Answer, Certificate, Form, carried, certify
from argosy.kernels.separable import Engine, Separable, solve

Float64 = npt.NDArray[np.float64]

GAP = 1e-6
"""Largest proven distance to the best, in units of the objective, with which an answer is handed out."""

SURE = 1e-9
"""A proof this good needs no sharpening."""

VIOLATION = 1e-7
"""Largest break of a hard limit, in weight or in the limit's own unit."""


@dataclass(frozen=True, eq=False)
class Solved:
    """An answer, its proof, and multipliers to start a similar model from."""

    form: Form
    answer: Answer
    proof: Certificate
    warm: Float64 | None = None
    # The form before names were chosen, where they were.
    whole: Form | None = None


class NoPoint(Exception):
    """No weights meet the hard limits; the caller knows the limits and says which."""


def solve_form(form: Form, *, seconds: float = 0.0, warm: Float64 | None = None, engine: Engine = "auto") -> Solved:
    """Solve a form and prove the answer.

    Raises
    ------
    NoPoint
        The limits cannot be met.
    Unbounded, TimeLimitReached, NotConverged
        As they say.
    """
    if (form.low > form.high).any():
        raise NoPoint
    if is_separable(form):
        found = _newton(form, warm, engine)
        if found is not None and good(found.proof):
            return found
    if form.risks:
        # Loaded when needed: it brings scipy's linear algebra, which every one-shot command would wait for.
        from argosy.kernels import excess

        quick = excess.solve(form) if excess.applies(form) else None
        if quick is not None and good(proof := certify(form, quick)):
            return Solved(form, quick, proof)
    result = conic.solve(form, seconds=seconds)
    if result.status == conic.INFEASIBLE:
        raise NoPoint
    if result.status == conic.UNBOUNDED:
        raise Unbounded(
            "the objective grows without end under these limits", field="limits",
            next_step="limit weights or gross exposure, or set a volatility limit",
        )  # fmt: skip
    if result.answer is None:
        raise unproven(gap=float("inf"), violation=float("inf"), steps=0)
    answer, proof = result.answer, certify(form, result.answer)
    if proof.relative_gap > SURE:
        tighter = carried(form, answer)
        if (better := certify(form, tighter)).gap < proof.gap:
            answer, proof = tighter, better
    polished = _polish(form, answer, engine)
    if polished is not None and polished.proof.gap <= proof.gap and good(polished.proof):
        return polished
    if good(proof):
        return Solved(form, answer, proof)
    if result.status == conic.TIMED_OUT:
        raise TimeLimitReached(f"no answer was proven within {seconds:g} s")
    # Limits that nobody can meet may end as a failed search; the elastic model tells the two apart.
    raise unproven(gap=proof.relative_gap, violation=proof.violation, steps=result.answer.steps)


def good(proof: Certificate) -> bool:
    """Say whether an answer may be handed out."""
    return proof.relative_gap <= GAP and proof.violation <= VIOLATION


def is_separable(form: Form) -> bool:
    """Say whether the dual Newton method applies."""
    if form.risks or form.barrier is not None:
        return False
    if form.aversion <= 0.0 or not (form.specific > 0.0).all() or len(form.quadratics) > 1:
        return False
    if form.charges is not None and form.charges.layers:
        return False
    if any(np.isfinite(quadratic.price) for quadratic in form.quadratics):
        return False
    if np.isfinite(form.rows.price).any() or len(form.absolutes) > 1:
        return False
    return all(
        not limit.linear.any() and not np.isfinite(limit.price) and (limit.weights == 1.0).all()
        and np.array_equal(limit.reference, form.start)
        for limit in form.absolutes
    )  # fmt: skip


def _newton(form: Form, warm: Float64 | None, engine: Engine) -> Solved | None:
    # In units of the average variance the answer does not depend on the scale of the inputs.
    unit = float((np.einsum("ij,ij->i", form.root, form.root) + form.specific).mean())
    whole = form.aversion * unit
    quadratic = form.quadratics[0] if form.quadratics else None
    charges = form.charges
    linear = form.linear - charges.tilt if charges is not None else form.linear
    found = solve(
        Separable(
            form.root / np.sqrt(unit), form.specific / unit, linear / whole, form.low, form.high,
            form.rows.columns, form.rows.low, form.rows.high, form.start, form.cost / whole,
            quadratic.bench if quadratic else np.zeros(form.size),
            form.absolutes[0].bound if form.absolutes else float("nan"),
            quadratic.bound / np.sqrt(unit) if quadratic else float("nan"), warm,
            charges.impact / whole if charges is not None else None,
        ),
        engine=engine,
    )  # fmt: skip
    if not found.settled:
        return None
    answer = Answer(
        found.weights, found.row_prices * whole,
        np.array([found.turnover_price * whole] if form.absolutes else []),
        np.array([found.risk_price * form.aversion] if quadratic else []),
        engine="dual Newton", steps=found.steps,
    )  # fmt: skip
    return Solved(form, answer, certify(form, answer), found.multipliers)


def _polish(form: Form, answer: Answer, engine: Engine) -> Solved | None:
    """Sharpen the answer of a model of return under one risk limit.

    At the limit, half of its price may as well stand in the objective as an aversion to that risk; the model is then
    separable and Newton ends at machine precision.
    """
    if form.aversion != 0.0 or len(form.quadratics) != 1 or not answer.quadratics[0] > 0.0:
        return None
    half = 0.5 * float(answer.quadratics[0])
    bench = form.quadratics[0].bench
    twin = replace(form, aversion=half, linear=form.linear + half * form.times(bench))
    if not is_separable(twin):
        return None
    found = _newton(twin, None, engine)
    if found is None:
        return None
    same = replace(found.answer, quadratics=found.answer.quadratics + half, steps=answer.steps + found.answer.steps)
    return Solved(form, same, certify(form, same))
