"""Any convex portfolio form through Clarabel's cones, assembled by hand with the covariance kept in its factors.

Variables: x (N), y = R'x (K), then absolute values, excesses of soft limits, what risks of
scenarios need, logarithms of weights, and one slack for each owner when
the question is by how much limits would have to give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.kernels.charges import Charges
from argosy.kernels.convex import Answer, Form, risk
from argosy.kernels.risk_terms import EXPONENTIAL, NONNEGATIVE, SECOND_ORDER, ZERO, Lifted, Pull, Risk

Float64 = npt.NDArray[np.float64]
SOLVED, INFEASIBLE, UNBOUNDED, TIMED_OUT, FAILED = "solved", "infeasible", "unbounded", "timed out", "failed"


@dataclass(frozen=True, eq=False)
class ConicResult:
    """Status, the answer where there is one, and each owner's slack in an elastic solve."""

    status: str
    answer: Answer | None
    slacks: Float64
    objective: float = float("nan")


@dataclass(eq=False)
class _Matrix:
    """Constraint rows ``entries x + s = right`` as they are added."""

    row: list[npt.NDArray[np.int64]] = field(default_factory=list)
    col: list[npt.NDArray[np.int64]] = field(default_factory=list)
    val: list[Float64] = field(default_factory=list)
    right: list[Float64] = field(default_factory=list)
    height: int = 0

    def open(self, right: Float64) -> int:
        """Start a block of rows and give its first row."""
        first = self.height
        self.right.append(np.asarray(right, dtype=np.float64))
        self.height += int(self.right[-1].size)
        return first

    def put(self, rows: npt.ArrayLike, cols: npt.ArrayLike, values: npt.ArrayLike) -> None:
        row, col, val = np.broadcast_arrays(np.asarray(rows), np.asarray(cols), np.asarray(values, dtype=np.float64))
        keep = val.ravel() != 0.0
        self.row.append(row.ravel()[keep].astype(np.int64))
        self.col.append(col.ravel()[keep].astype(np.int64))
        self.val.append(val.ravel()[keep].astype(np.float64))

    def dense(self, first: int, col: int, block: Float64) -> None:
        """A block whose upper left corner stands at (first, col)."""
        height, width = block.shape
        self.put(first + np.arange(height)[:, None], col + np.arange(width)[None, :], block)


@dataclass(frozen=True, eq=False)
class Assembled:
    """A form as cones: minimize ``x' diag(diagonal) x / 2 + q'x`` with ``right - entries x`` in the cones.

    x and y = R'x come first; ``read`` brings a solver's point back to an :class:`Answer`. Columns and rows may be
    appended without touching what stands.
    """

    diagonal: Float64
    q: Float64
    entries: Any
    right: Float64
    cones: list[Any]
    slack_at: int
    read: Callable[[Float64, Float64, int], Answer]


def solve(form: Form, *, elastic: tuple[int, ...] = (), seconds: float = 0.0) -> ConicResult:
    """Solve a form, or ask by how much the limits named in ``elastic`` (owners) would have to give.

    With ``elastic`` the sum of their slacks is minimized and the form's own objective is left out. ``seconds`` stops
    the search (0: never).
    """
    import clarabel
    from scipy.sparse import csc_matrix

    model = assemble(form, elastic=elastic)
    # One unit for the objective's parts keeps the solver's tolerances meaningful at any scale of the inputs.
    unit = max(float(np.abs(model.q).max(initial=0.0)), float(model.diagonal.max(initial=0.0))) or 1.0
    width = model.q.size
    hessian = csc_matrix((model.diagonal / unit, (np.arange(width), np.arange(width))), shape=(width, width))
    hessian.eliminate_zeros()
    found: Any = clarabel.DefaultSolver(
        hessian, model.q / unit, model.entries, model.right, model.cones, settings_of(clarabel, seconds)
    ).solve()
    status = status_of(str(found.status))
    if status in (INFEASIBLE, UNBOUNDED, FAILED):
        return ConicResult(status, None, np.zeros(0))
    x = np.asarray(found.x)
    answer = model.read(x, np.asarray(found.z) * unit, int(found.iterations))
    return ConicResult(status, answer, np.maximum(x[model.slack_at :], 0.0), float(found.obj_val) * unit)


def assemble(form: Form, *, elastic: tuple[int, ...] = ()) -> Assembled:
    """Bring a form to cones, with a slack column at the end for each owner in ``elastic``."""
    import clarabel
    from scipy.sparse import csc_matrix

    n, k = form.root.shape
    ask = bool(elastic)
    eps = {owner: place for place, owner in enumerate(elastic)}
    kinks = [] if ask or not form.cost.any() else [form.start]
    for limit in form.absolutes:
        if not any(np.array_equal(limit.reference, at) for at in kinks):
            kinks.append(limit.reference)
    abs_at = n + k
    soft_rows = np.flatnonzero(np.isfinite(form.rows.price))
    soft_abs = [j for j, limit in enumerate(form.absolutes) if np.isfinite(limit.price)]
    soft_at = abs_at + n * len(kinks)
    over_at = soft_at + soft_rows.size + len(soft_abs)
    soft_risks = [j for j, term in enumerate(form.risks) if np.isfinite(term.price)]
    soft_quad = [j for j, quadratic in enumerate(form.quadratics) if np.isfinite(quadratic.price)]
    quad_at = over_at + len(soft_risks)
    risk_at = quad_at + len(soft_quad)
    parts = [term.risk.lifted() for term in form.risks]
    log_at = risk_at + sum(part.cost.size for part in parts)
    logs = np.flatnonzero(form.barrier) if form.barrier is not None and not ask else np.zeros(0, dtype=np.int64)
    charges = None if ask else form.charges
    charge_at = log_at + logs.size
    slack_at = charge_at + (_charge_columns(charges) if charges is not None else 0)
    width = slack_at + len(elastic)

    def place_of(reference: Float64) -> int:
        return next(int(abs_at + n * j) for j, at in enumerate(kinks) if np.array_equal(at, reference))

    def slack(owner: int) -> int | None:
        return slack_at + eps[owner] if owner in eps else None

    matrix = _Matrix()
    # Equalities: the lifted factors, then rows that are pinned.
    at = matrix.open(np.zeros(k))
    matrix.dense(at, 0, form.root.T)
    matrix.put(at + np.arange(k), n + np.arange(k), -1.0)
    rows = form.rows
    loose = np.array([int(o) in eps for o in rows.owner], dtype=bool)
    pinned = np.flatnonzero((rows.low == rows.high) & ~np.isfinite(rows.price) & ~loose)
    pin_at = matrix.open(rows.low[pinned])
    matrix.dense(pin_at, 0, rows.columns[:, pinned].T)
    equalities = matrix.height

    def inequality(places: npt.NDArray[np.intp], sign: float, edge: Float64) -> int:
        first = matrix.open(sign * edge[places])
        matrix.dense(first, 0, sign * rows.columns[:, places].T)
        for offset, j in enumerate(places.tolist()):
            if np.isfinite(rows.price[j]):
                matrix.put(first + offset, soft_at + int(np.searchsorted(soft_rows, j)), -1.0)
            extra = slack(int(rows.owner[j]))
            if extra is not None:
                matrix.put(first + offset, extra, -1.0)
        return first

    unpinned = np.ones(rows.low.size, dtype=bool)
    unpinned[pinned] = False
    upper = np.flatnonzero(unpinned & np.isfinite(rows.high))
    lower = np.flatnonzero(unpinned & np.isfinite(rows.low))
    upper_at, lower_at = inequality(upper, 1.0, rows.high), inequality(lower, -1.0, rows.low)
    for sign, edge, owners in ((1.0, form.high, form.high_owner), (-1.0, form.low, form.low_owner)):
        bound = np.flatnonzero(np.isfinite(edge))
        first = matrix.open(sign * edge[bound])
        matrix.put(first + np.arange(bound.size), bound, sign)
        for owner, col in eps.items():
            mine = np.flatnonzero(owners[bound] == owner)
            matrix.put(first + mine, slack_at + col, -1.0)
    for j, reference in enumerate(kinks):
        for sign in (1.0, -1.0):
            first = matrix.open(sign * reference)
            matrix.put(first + np.arange(n), np.arange(n), sign)
            matrix.put(first + np.arange(n), abs_at + n * j + np.arange(n), -1.0)
    abs_rows = []
    for j, limit in enumerate(form.absolutes):
        first = matrix.open(np.array([limit.bound]))
        abs_rows.append(first)
        matrix.put(first, np.arange(n), limit.linear)
        matrix.put(first, place_of(limit.reference) + np.arange(n), limit.weights)
        if j in soft_abs:
            matrix.put(first, soft_at + soft_rows.size + soft_abs.index(j), -1.0)
        extra = slack(limit.owner)
        if extra is not None:
            matrix.put(first, extra, -1.0)
    # Not negative: excesses and slacks.
    signed = np.concatenate([np.arange(soft_at, risk_at), np.arange(slack_at, width)])
    first = matrix.open(np.zeros(signed.size))
    matrix.put(first + np.arange(signed.size), signed, -1.0)
    inequalities = matrix.height - equalities
    cones = [clarabel.ZeroConeT(equalities), clarabel.NonnegativeConeT(inequalities)]
    quad_rows = []
    specific = np.flatnonzero(form.specific > 0.0)
    root = np.sqrt(form.specific[specific])
    for j, quadratic in enumerate(form.quadratics):
        lifted = form.root.T @ quadratic.bench
        first = matrix.open(np.concatenate([[quadratic.bound], -lifted, -root * quadratic.bench[specific]]))
        quad_rows.append(first)
        extra = quad_at + soft_quad.index(j) if j in soft_quad else slack(quadratic.owner)
        if extra is not None:
            matrix.put(first, extra, -1.0)
        matrix.put(first + 1 + np.arange(k), n + np.arange(k), -1.0)
        matrix.put(first + 1 + k + np.arange(specific.size), specific, -root)
        cones.append(clarabel.SecondOrderConeT(1 + k + specific.size))
    risk_rows, bound_rows, here = [], [], risk_at
    for j, (term, part) in enumerate(zip(form.risks, parts, strict=True)):
        risk_rows.append(matrix.height)
        _put_risk(matrix, part, here, term.unit)
        cones += [_cone(clarabel, kind, height) for kind, height in part.cones]
        bound_rows.append(-1)
        if np.isfinite(term.bound):
            bound_rows[-1] = row = matrix.open(np.array([term.bound / term.unit]))
            matrix.put(row, here + np.arange(part.cost.size), part.cost)
            if j in soft_risks:
                matrix.put(row, over_at + soft_risks.index(j), -1.0 / term.unit)
            extra = slack(term.owner)
            if extra is not None:
                matrix.put(row, extra, -1.0 / term.unit)
            cones.append(clarabel.NonnegativeConeT(1))
        here += part.cost.size
    for place, asset in enumerate(logs.tolist()):
        # log x >= the variable: (variable, 1, x) in the exponential cone.
        first = matrix.open(np.array([0.0, 1.0, 0.0]))
        matrix.put(first, log_at + place, -1.0)
        matrix.put(first + 2, asset, -1.0)
        cones.append(clarabel.ExponentialConeT())
    diagonal, q = np.zeros(width), np.zeros(width)
    if charges is not None:
        _put_charges(matrix, charges, form.start, charge_at, q, cones, clarabel)
    if ask:
        q[slack_at:] = 1.0
    else:
        diagonal[:n] = form.aversion * form.specific
        diagonal[n : n + k] = form.aversion
        q[:n] -= form.linear
        if form.cost.any():
            q[place_of(form.start) : place_of(form.start) + n] = form.cost
        q[soft_at : soft_at + soft_rows.size] = form.rows.price[soft_rows]
        for j, which in enumerate(soft_abs):
            q[soft_at + soft_rows.size + j] = form.absolutes[which].price
        q[quad_at:risk_at] = [form.quadratics[j].price for j in soft_quad]
        here = risk_at
        for term, part in zip(form.risks, parts, strict=True):
            q[here : here + part.cost.size] = term.weight * term.unit * part.cost
            here += part.cost.size
        for place, which in enumerate(soft_risks):
            q[over_at + place] = form.risks[which].price
        if form.barrier is not None:
            q[log_at:charge_at] = -form.barrier[logs]
        q[slack_at:] = 1.0
    entries = csc_matrix(
        (np.concatenate(matrix.val), (np.concatenate(matrix.row), np.concatenate(matrix.col))),
        shape=(matrix.height, width),
    )

    def read(x: Float64, z: Float64, steps: int) -> Answer:
        nu = np.zeros(rows.low.size)
        nu[pinned] = -z[pin_at : pin_at + pinned.size]
        nu[upper] -= z[upper_at : upper_at + upper.size]
        nu[lower] += z[lower_at : lower_at + lower.size]
        weights = np.clip(x[:n], form.low, form.high) if not elastic else x[:n]
        quads = [
            float(z[r]) / max(quad.bound if not np.isfinite(quad.price) else risk(form, quad, weights), 1e-300)
            for r, quad in zip(quad_rows, form.quadratics, strict=True)
        ]
        pulls = []
        for term, part, row, bound_row in zip(form.risks, parts, risk_rows, bound_rows, strict=True):
            price = term.weight + (max(float(z[bound_row]), 0.0) / term.unit if bound_row >= 0 else 0.0)
            scaled = z[row : row + part.right.size] / (term.unit * price) if price > 0.0 else None
            pulls.append(Pull.none(n) if scaled is None else Pull(price, *term.risk.line(scaled)))
        absolutes = np.array([float(z[r]) for r in abs_rows])
        return Answer(weights, nu, absolutes, np.array(quads), tuple(pulls), "Clarabel", steps)

    return Assembled(diagonal, q, entries, np.concatenate(matrix.right), cones, slack_at, read)


def _charge_columns(charges: Charges) -> int:
    return int(3 * np.count_nonzero(charges.impact) + sum(np.count_nonzero(layer.weights) for layer in charges.layers))


def _put_charges(
    matrix: _Matrix, charges: Charges, start: Float64, at: int, q: Float64, cones: list[Any], clarabel: Any
) -> None:
    """Changes of slope as absolute values; the 3/2 power of v by the cones ``v^2 <= 2 s t`` and ``s^2 <= v / 4``."""
    q[: start.size] += charges.tilt
    height = 0
    for layer in charges.layers:
        used = np.flatnonzero(layer.weights)
        for sign in (1.0, -1.0):
            first = matrix.open(sign * layer.reference[used])
            matrix.put(first + np.arange(used.size), used, sign)
            matrix.put(first + np.arange(used.size), at + np.arange(used.size), -1.0)
            height += used.size
        q[at : at + used.size] = layer.weights[used]
        at += used.size
    moved = np.flatnonzero(charges.impact)
    each = np.arange(moved.size)
    size_at, root_at, cost_at = at, at + moved.size, at + 2 * moved.size
    for sign in (1.0, -1.0):
        first = matrix.open(sign * start[moved])
        matrix.put(first + each, moved, sign)
        matrix.put(first + each, size_at + each, -1.0)
        height += moved.size
    if height:
        cones.append(clarabel.NonnegativeConeT(height))
    rows = matrix.open(np.zeros(3 * moved.size)) + 3 * each
    for offset, columns, factor in ((0, root_at, -2.0), (0, cost_at, -1.0), (1, size_at, -2.0), (2, root_at, -2.0),
                                    (2, cost_at, 1.0)):  # fmt: skip
        matrix.put(rows + offset, columns + each, factor)
    rows = matrix.open(np.tile([0.25, 0.0, -0.25], moved.size)) + 3 * each
    for offset, columns, factor in ((0, size_at, -1.0), (1, root_at, -2.0), (2, size_at, -1.0)):
        matrix.put(rows + offset, columns + each, factor)
    cones += [clarabel.SecondOrderConeT(3)] * (2 * int(moved.size))
    q[cost_at : cost_at + moved.size] = charges.impact[moved]


def holding(risk: Risk, x: Float64) -> Float64:
    """Multipliers of a risk's rows at fixed weights x: the line they give touches the risk there."""
    import clarabel
    from scipy.sparse import csc_matrix

    part = risk.lifted()
    unit = float(np.abs(part.on_x).mean()) or 1.0
    right = part.right / unit
    right[: part.on_x.shape[0]] -= part.on_x @ x / unit
    width = part.cost.size
    entries = csc_matrix((part.values, (part.rows, part.columns)), shape=(right.size, width))
    cones = [_cone(clarabel, kind, height) for kind, height in part.cones]
    found: Any = clarabel.DefaultSolver(
        csc_matrix((width, width)), part.cost, entries, right, cones, settings_of(clarabel, 0.0)
    ).solve()
    return np.asarray(found.z)


def _put_risk(matrix: _Matrix, part: Lifted, at: int, unit: float) -> None:
    """A risk's rows in units of an ordinary scenario, so that tolerances mean the same at any scale of returns."""
    first = matrix.open(part.right / unit)
    matrix.dense(first, 0, part.on_x / unit)
    matrix.put(first + part.rows, at + part.columns, part.values)


def _cone(clarabel: Any, kind: str, height: int) -> Any:
    if kind == EXPONENTIAL:
        return clarabel.ExponentialConeT()
    return {ZERO: clarabel.ZeroConeT, NONNEGATIVE: clarabel.NonnegativeConeT, SECOND_ORDER: clarabel.SecondOrderConeT}[
        kind
    ](height)


def settings_of(clarabel: Any, seconds: float) -> Any:
    """Settings of every solve: tight, quiet, one thread."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = 1e-11
    settings.tol_feas = 1e-11
    settings.max_iter = 300
    if seconds > 0.0:
        settings.time_limit = seconds
    return settings


def status_of(text: str) -> str:
    """A solver's word for how it ended, in ours."""
    if "PrimalInfeasible" in text:
        return INFEASIBLE
    if "DualInfeasible" in text:
        return UNBOUNDED
    if "MaxTime" in text:
        return TIMED_OUT
    # What ended short of its tolerance is handed on as an answer too: the certificate decides whether it stands.
    return SOLVED if text in ("Solved", "AlmostSolved", "InsufficientProgress", "MaxIterations") else FAILED
