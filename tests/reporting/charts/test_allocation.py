"""The plane of risk and return, and bars of weights beside shares of risk: what is drawn is what was found."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from argosy.adapters.render.svg import FigureError, png
from argosy.base.errors import InvalidInput
from argosy.base.panel import Panel
from argosy.construction.optimize.candidates import Candidates
from argosy.construction.optimize.decision import decide, line
from argosy.interfaces.charts import chart_bytes, check_ending
from argosy.models.moments.sample import Sample
from argosy.record.mandate_policy import InvestmentPolicy, ObjectiveRules
from argosy.reporting.charts.allocation import AllocationFigure, Bar, Spot
from argosy.reporting.charts.optimized import decision_figure, frontier_figure
from argosy.reporting.charts.palette import LIGHT, ROLES, standalone

RETURNS = np.random.default_rng(3).normal(0.001, 0.01, (80, 3)) * np.array([1.0, 1.5, 0.5])
CANDIDATES = Candidates(
    Sample(Panel(np.arange(80), ("A", "B", "C"), RETURNS), 252.0), {}, {"A": 0.6, "B": 0.4}, {"A": 0.5, "C": 0.5}
)
POLICY = InvestmentPolicy(ObjectiveRules("utility", risk_aversion=4.0))


def points(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [value for layer in spec["hconcat"][0]["layer"] for value in layer["data"]["values"]]


def test_the_figure_shows_the_decision_and_its_line() -> None:
    found, along = decide(CANDIDATES, POLICY), line(CANDIDATES, POLICY, points=7)
    figure = decision_figure(found, along, title="P")
    assert [mark.name for mark in figure.marks] == ["optimal", "held", "benchmark"]
    assert figure.marks[0].volatility == pytest.approx(found.result.volatility)
    assert figure.marks[0].expected_return == pytest.approx(found.result.expected_return)
    assert len(figure.line) == 7
    assert sum(bar.weight for bar in figure.bars) == pytest.approx(1.0, abs=2e-3)
    spec = figure.spec(400, 300)
    assert len(spec["hconcat"]) == 2  # type: ignore[arg-type]
    drawn = points(spec)
    assert {"A", "B", "C"} <= {one["name"] for one in drawn}
    assert "optimal: " in figure.description
    assert "Efficient frontier from" in figure.description
    alone = decision_figure(found, None, title="P")
    assert not alone.line
    assert "Efficient frontier" not in alone.description


def test_marks_in_one_place_are_one_with_both_names() -> None:
    same = Candidates(CANDIDATES.sample, {}, {"A": 0.5, "C": 0.5}, {"A": 0.5, "C": 0.5})
    assert [mark.name for mark in decision_figure(decide(same, POLICY), None, title="P").marks] == [
        "optimal", "held = benchmark",
    ]  # fmt: skip


def test_the_frontier_marks_its_ends() -> None:
    along = line(CANDIDATES, POLICY, points=9)
    figure = frontier_figure(along, title="F")
    assert [mark.name for mark in figure.marks] == ["least risk", "best ratio"]
    ratios = along.frontier.expected_returns / along.frontier.volatilities
    best = int(np.argmax(ratios))
    assert figure.marks[1].volatility == along.frontier.volatilities[best]
    assert len(figure.spec(400, 300)["hconcat"]) == 1  # type: ignore[arg-type]


def test_many_assets_have_no_labels_and_bars_are_cut() -> None:
    assets = tuple(Spot(f"N{i}", 0.1 + i / 1000, 0.05) for i in range(60))
    bars = tuple(Bar(f"N{i}", 1 / 60, 1 / 60) for i in range(60))
    spec: dict[str, Any] = AllocationFigure("many", (), (), assets, bars).spec(400, 300)
    assert [layer["mark"]["type"] for layer in spec["hconcat"][0]["layer"]] == ["circle"]
    assert len(spec["hconcat"][1]["data"]["values"]) == 40


def test_a_file_that_stands_alone_has_real_colors() -> None:
    figure = AllocationFigure("t", (), (Spot("optimal", 0.1, 0.1),), ())
    spec = json.dumps(standalone(figure.spec(300, 200)))
    assert LIGHT["series-2"] in spec
    assert not any(mark in spec for mark in ROLES.values())
    assert chart_bytes(figure, name="x.SVG").startswith(b"<svg")
    assert chart_bytes(figure, name="x.png").startswith(b"\x89PNG")


def test_other_endings_and_broken_specifications_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a chart cannot be written"):
        check_ending("x.pdf")
    with pytest.raises(FigureError, match="'t' cannot be drawn"):
        png({"mark": 3}, title="t")
