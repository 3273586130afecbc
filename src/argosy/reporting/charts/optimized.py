"""Figures of optimized portfolios: what stands where in the plane of risk and return."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from argosy.construction.optimize.decision import Decision, FrontierLine
from argosy.reporting.charts.allocation import AllocationFigure, Bar, Spot


def decision_figure(found: Decision, line: FrontierLine | None, *, title: str) -> AllocationFigure:
    """The optimal portfolio on its frontier, beside what is held and the benchmark, with weights and risk shares."""
    result = found.result
    marks = [_spot(found, "optimal", result.weights)]
    if found.held is not None and np.abs(found.held).sum() > 0.0:
        marks.append(_spot(found, "held", found.held))
    if found.against is not None:
        marks.append(Spot("benchmark", found.against[1], found.against[0]))
    order = np.argsort(-np.abs(result.weights), kind="stable")
    bars = tuple(
        Bar(result.names[i], float(result.weights[i]), float(np.nan_to_num(result.contributions[i])))
        for i in order.tolist()
        if abs(result.weights[i]) > 5e-4
    )
    return AllocationFigure(title, _line(line), _apart(marks), _assets(found), bars)


def frontier_figure(found: FrontierLine, *, title: str) -> AllocationFigure:
    """The frontier with its least risky portfolio, the one of best ratio, and single assets."""
    line, rate = found.frontier, found.policy.objective.risk_free
    marks = []
    if len(line):
        marks.append(Spot("least risk", float(line.volatilities[0]), float(line.expected_returns[0])))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.where(line.volatilities > 0.0, (line.expected_returns - rate) / line.volatilities, -np.inf)
        best = int(np.argmax(ratios))
        marks.append(Spot("best ratio", float(line.volatilities[best]), float(line.expected_returns[best])))
    return AllocationFigure(title, _line(found), _apart(marks), _assets(found))


SAME = 2e-4
"""Marks nearer than this in risk and return would be written over one another."""


def _apart(marks: list[Spot]) -> tuple[Spot, ...]:
    """Marks in one place as one, named by both: "held = benchmark"."""
    found: list[Spot] = []
    for mark in marks:
        places = [(other.volatility - mark.volatility, other.expected_return - mark.expected_return) for other in found]
        at = next((k for k, away in enumerate(places) if max(map(abs, away)) < SAME), None)
        if at is None:
            found.append(mark)
        else:
            found[at] = replace(found[at], name=f"{found[at].name} = {mark.name}")
    return tuple(found)


def _spot(found: Decision, name: str, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Spot:
    reward, risk = found.risk_and_return(weights)
    return Spot(name, risk, reward)


def _line(found: FrontierLine | None) -> tuple[Spot, ...]:
    if found is None:
        return ()
    line = found.frontier
    return tuple(
        Spot("", risk, reward)
        for risk, reward in zip(line.volatilities.tolist(), line.expected_returns.tolist(), strict=True)
    )


def _assets(found: Decision | FrontierLine) -> tuple[Spot, ...]:
    belief = found.belief
    risks = np.sqrt(np.maximum(belief.covariance.diagonal(), 0.0))
    return tuple(
        Spot(name, risk, reward)
        for name, risk, reward in zip(belief.names, risks.tolist(), belief.mean.tolist(), strict=True)
    )
