"""Optimized portfolios as tables: weights and trades, risk and return beside what is held, binding limits, proof."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.table import Table
from argosy.construction.optimize.decision import Decision, FrontierLine

Float64 = npt.NDArray[np.float64]
SMALLEST = 1e-9
"""Weights below this are nothing to show; programs get them with ``everything``."""


def _ratio(name: str, values: Float64, *, title: str = "", unit: str = "%") -> Column:
    gone = ~np.isfinite(values)
    return Column(name, "ratio", np.where(gone, 0.0, values), unit=unit, title=title, missing=gone)


def weights_table(found: Decision, *, title: str) -> Table:
    """Names with a weight, now or then, the largest first: weight, trade, benchmark, expected return, risk share."""
    result, held, bench = found.result, found.held, found.benchmark
    now = np.zeros(len(result.names)) if held is None else held
    shown = np.flatnonzero((np.abs(result.weights) > SMALLEST) | (np.abs(now) > SMALLEST))
    order = shown[np.argsort(-np.abs(result.weights[shown]), kind="stable")]
    columns = [
        Column("asset", "text", [result.names[i] for i in order.tolist()]),
        _ratio("weight", result.weights[order]),
    ]
    if held is not None:
        columns += [_ratio("held", now[order]), _ratio("trade", (result.weights - now)[order])]
    if bench is not None:
        columns += [_ratio("benchmark", bench[order]), _ratio("active", (result.weights - bench)[order])]
    columns += [
        _ratio("expected_return", found.belief.mean[order]),
        _ratio("volatility", np.sqrt(np.maximum(found.belief.covariance.diagonal()[order], 0.0))),
        _ratio("risk_share", result.contributions[order]),
    ]
    return Table(title, tuple(columns), notes=found.notes + result.notes)


def summary_table(found: Decision) -> Table:
    """The optimal portfolio beside what is held and the benchmark: return, risk, ratio, trading."""
    result, rate = found.result, found.policy.objective.risk_free
    nothing = float("nan")
    names, counts, figures = ["optimal"], [_count(result.weights)], [found.risk_and_return(result.weights)]
    apart = [nothing if found.against is None else found.against[2]]
    if found.held is not None:
        names.append("held")
        counts.append(_count(found.held))
        figures.append(found.risk_and_return(found.held))
        apart.append(nothing)
    if found.against is not None:
        names.append("benchmark")
        counts.append(len(found.candidates.benchmark or {}))
        figures.append(found.against[:2])
        apart.append(0.0)
    only = [nothing] * (len(names) - 1)
    returns = np.array([one[0] for one in figures])
    risks = np.array([one[1] for one in figures])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(risks > 0.0, (returns - rate) / risks, np.nan)
    return Table(
        f"Expected a year: {result.model}",
        (
            Column("portfolio", "text", names),
            Column("names", "integer", counts),
            _ratio("expected_return", returns),
            _ratio("volatility", risks),
            _ratio("sharpe_ratio", ratios, unit="x"),
            _ratio("tracking_error", np.array(apart)),
            _ratio("turnover", np.array([result.turnover, *only])),
            # Costs in the objective are those of one year of the horizon; people are told what is paid.
            _ratio("cost", np.array([result.cost * found.policy.costs.horizon_years, *only])),
        ),
    )


def _count(weights: Float64) -> int:
    return int((np.abs(weights) > SMALLEST).sum())


def costs_table(found: Decision) -> Table:
    """What the trades cost once, by part, and in money where the portfolio's value is known."""
    paid, value = found.paid, found.candidates.trading.value
    parts = np.array([*paid.values(), sum(paid.values())])
    columns = [Column("part", "text", [*paid, "total"]), _ratio("cost", parts)]
    if value is not None:
        columns.append(Column("money", "amount", np.rint(parts * value * 100.0).astype(np.int64), scale=2))
    years = found.policy.costs.horizon_years
    span = "a year" if years == 1.0 else f"{years:g} years"
    return Table("Cost of the trades", tuple(columns), notes=(f"weighed against returns of {span}",))


def limits_table(found: Decision) -> Table:
    """Limits that hold the portfolio back, and what one percentage point of room is worth in a year."""
    binding = found.result.binding
    beside = " beside long only" if found.policy.limits.long_only else ""
    note = f"no limit{beside} holds it back" if not binding and found.result.status == "optimal" else ""
    return Table(
        "Limits that bind",
        (
            Column("limit", "text", [item.label for item in binding]),
            Column("side", "text", [item.side for item in binding]),
            Column("one_more_percent", "text", [f"{item.worth} a year" for item in binding], title="one more percent"),
        ),
        notes=(note,) if note else (),
    )


def proof_table(found: Decision) -> Table:
    """How the answer was found and how near the best it is proven to be."""
    result, proof = found.result, found.result.evidence
    timed = proof.seconds > 0.0
    return Table(
        "Proof",
        (
            Column("status", "text", [result.status]),
            Column("solver", "text", [proof.engine]),
            Column("steps", "integer", [proof.steps]),
            Column("gap", "text", [f"{proof.relative_gap:.1e}"], title="gap to the best"),
            Column("violation", "text", [f"{proof.violation:.1e}"], title="worst break of a limit"),
            Column("milliseconds", "integer", [round(proof.seconds * 1e3)], missing=None if timed else [True]),
        ),
    )


def frontier_table(found: FrontierLine, *, title: str) -> Table:
    """One row per efficient portfolio: risk, return, ratio and its largest names."""
    line, rate = found.frontier, found.policy.objective.risk_free
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(line.volatilities > 0.0, (line.expected_returns - rate) / line.volatilities, np.nan)
    largest = []
    for weights in line.weights:
        order = np.argsort(-np.abs(weights), kind="stable")[:4]
        largest.append(", ".join(f"{line.names[i]} {weights[i]:.1%}" for i in order.tolist() if abs(weights[i]) > 5e-4))
    return Table(
        title,
        (
            Column("portfolio", "integer", np.arange(1, len(line) + 1)),
            _ratio("expected_return", line.expected_returns),
            _ratio("volatility", line.volatilities),
            _ratio("sharpe_ratio", ratios, unit="x"),
            Column("names", "integer", (np.abs(line.weights) > SMALLEST).sum(axis=1)),
            Column("largest", "text", largest),
        ),
        notes=found.notes,
    )


def frontier_weights_table(found: FrontierLine) -> Table:
    """Weights along the frontier, one row per portfolio and asset."""
    line = found.frontier
    places = np.argwhere(np.abs(line.weights) > SMALLEST)
    return Table(
        "Weights along the frontier",
        (
            Column("portfolio", "integer", places[:, 0] + 1),
            Column("asset", "text", [line.names[i] for i in places[:, 1].tolist()]),
            _ratio("weight", line.weights[places[:, 0], places[:, 1]]),
        ),
    )
