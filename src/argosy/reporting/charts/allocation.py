"""Risk against return, and weight against risk: the frontier with portfolios on it, and who carries the risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.reporting.charts.lines import Spec
from argosy.reporting.charts.palette import ROLES

MOST_BARS = 20
MOST_LABELS = 25


@dataclass(frozen=True, slots=True)
class Spot:
    """A portfolio or an asset in the plane of risk and return."""

    name: str
    volatility: float
    expected_return: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A name with its weight and its share of the risk."""

    name: str
    weight: float
    risk_share: float


@dataclass(frozen=True, slots=True)
class AllocationFigure:
    """The frontier (a line of spots), portfolios to mark, single assets behind them, and bars of weights and risk."""

    title: str
    line: tuple[Spot, ...]
    marks: tuple[Spot, ...]
    assets: tuple[Spot, ...]
    bars: tuple[Bar, ...] = ()

    @property
    def description(self) -> str:
        """The figure in words, for readers that see no picture."""
        parts = []
        if self.line:
            first, last = self.line[0], self.line[-1]
            parts.append(f"Efficient frontier from {first.volatility:.1%} risk and {first.expected_return:.1%} return "
                         f"to {last.volatility:.1%} and {last.expected_return:.1%}")  # fmt: skip
        parts += [f"{mark.name}: {mark.volatility:.1%} risk, {mark.expected_return:.1%} return" for mark in self.marks]
        parts += [f"{bar.name}: weight {bar.weight:.1%}, risk {bar.risk_share:.1%}" for bar in self.bars[:5]]
        return "; ".join(parts) + "."

    def spec(self, width: int, height: int) -> Spec:
        """Vega-Lite's JSON; ``width`` and ``height`` are those of the plane, bars stand to its right."""
        plane = self._plane(width, height)
        views = [plane, self._bars(max(width // 2, 220), height)] if self.bars else [plane]
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "padding": 12,
            "background": "#ffffff",
            "title": {"text": self.title, "anchor": "start", "color": ROLES["ink"], "fontSize": 16, "offset": 14},
            "hconcat": views,
            "spacing": 36,
            "resolve": {"scale": {"color": "independent"}},
            "config": {
                "font": "system-ui, sans-serif",
                "view": {"stroke": None},
                "axis": {"labelColor": ROLES["muted"], "titleColor": ROLES["muted"], "gridColor": ROLES["grid"],
                         "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "domain": False,
                         "ticks": False, "labelPadding": 6},
                "legend": {"labelColor": ROLES["ink"], "labelFontSize": 12, "title": None, "orient": "top"},
            },
        }  # fmt: skip

    def _plane(self, width: int, height: int) -> Spec:
        layers: list[Spec] = []
        encoding: Spec = {
            "x": {"field": "risk", "type": "quantitative", "title": "volatility a year",
                  "scale": {"zero": False, "nice": True}, "axis": {"format": ".0%", "tickCount": max(width // 90, 3)}},
            "y": {"field": "reward", "type": "quantitative", "title": "expected return a year",
                  "scale": {"zero": False, "nice": True}, "axis": {"format": ".0%", "tickCount": max(height // 55, 3)}},
        }  # fmt: skip
        if self.assets:
            layers.append({"data": _points(self.assets),
                           "mark": {"type": "circle", "color": ROLES["muted"], "opacity": 0.55,
                                    "size": 34}})  # fmt: skip
            if len(self.assets) <= MOST_LABELS:
                layers.append({"data": _points(self.assets), "encoding": {"text": {"field": "name"}},
                               "mark": {"type": "text", "color": ROLES["muted"], "fontSize": 10, "align": "left",
                                        "dx": 6}})  # fmt: skip
        if self.line:
            layers.append({"data": _points(self.line), "encoding": {"order": {"field": "place"}},
                           "mark": {"type": "line", "stroke": ROLES["series-1"], "strokeWidth": 2}})  # fmt: skip
        for mark, role in zip(self.marks, ("series-2", "ink", "series-3", "series-4"), strict=False):
            layers.append({"data": _points((mark,)),
                           "mark": {"type": "point", "filled": True, "color": ROLES[role], "size": 110,
                                    "shape": "diamond"}})  # fmt: skip
            layers.append({"data": _points((mark,)), "encoding": {"text": {"field": "name"}},
                           "mark": {"type": "text", "color": ROLES[role], "fontSize": 12, "fontWeight": "bold",
                                    "align": "left", "dx": 9, "dy": -7}})  # fmt: skip
        return {"width": width, "height": height, "encoding": encoding, "layer": layers}

    def _bars(self, width: int, height: int) -> Spec:
        shown = self.bars[:MOST_BARS]
        rows = [
            {"name": bar.name, "what": what, "value": value}
            for bar in shown
            for what, value in (("weight", bar.weight), ("share of risk", bar.risk_share))
        ]
        return {
            "width": width, "height": height,
            "data": {"values": rows},
            "mark": {"type": "bar"},
            "encoding": {
                "y": {"field": "name", "type": "nominal", "sort": [bar.name for bar in shown], "title": None},
                "yOffset": {"field": "what", "sort": ["weight", "share of risk"]},
                "x": {"field": "value", "type": "quantitative", "title": None,
                      "axis": {"format": ".0%", "tickCount": 4}},
                "color": {"field": "what", "sort": ["weight", "share of risk"],
                          "scale": {"domain": ["weight", "share of risk"],
                                    "range": [ROLES["series-1"], ROLES["series-2"]]}},
            },
        }  # fmt: skip


def _points(spots: Sequence[Spot]) -> Spec:
    return {
        "values": [
            {"name": spot.name, "risk": spot.volatility, "reward": spot.expected_return, "place": place}
            for place, spot in enumerate(spots)
        ]
    }
