"""Lines over time: value beside a benchmark, and how far below the highest value so far.

A figure has a title and a description in words, so that it can be read aloud; its specification draws the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argosy.base.errors import InvalidInput
from argosy.reporting.charts.palette import ROLES, SERIES

Spec = dict[str, object]
MOST_POINTS = 1_200
"""More points than a chart has columns of pixels cannot be seen; the first, last, lowest and highest are kept."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, epoch days in order, and a value for each."""

    name: str
    days: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a chart shows, apart from its size: ``spec(width, height)`` gives Vega-Lite's JSON."""

    title: str
    description: str
    series: tuple[Series, ...]
    number: str  # d3 number format of the value axis
    area: bool = False
    log: bool = False
    unit: str = ""

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Role of color and name of each line."""
        return tuple(zip(self._roles, (line.name for line in self.series), strict=False))

    @property
    def _roles(self) -> tuple[str, ...]:
        return SERIES  # the same line has the same color in every figure of a page

    def spec(self, width: int, height: int) -> Spec:
        """Vega-Lite's JSON at a size in pixels."""
        if len(self.series) > len(SERIES):
            raise InvalidInput(
                f"figure {self.title!r} has {len(self.series)} lines", field="series", expected=f"at most {len(SERIES)}"
            )
        layers = [self._layer(line, role) for line, role in zip(self.series, self._roles, strict=False)]
        layers.reverse()  # the first line is the one the figure is about: it is drawn over the others
        ticks = max(width // 110, 3)
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "width": width, "height": height, "padding": 4,
            "autosize": {"type": "fit", "contains": "padding"},
            "background": "transparent",
            "layer": layers,
            "resolve": {"scale": {"y": "shared"}},
            "encoding": {
                "x": {"field": "t", "type": "temporal", "title": None, "scale": {"type": "utc"},
                      "axis": {"tickCount": ticks, "format": "%Y" if self._years() > 2 else "%b %Y", "grid": False,
                               "labelOverlap": True}},
                "y": {"field": "v", "type": "quantitative", "title": None,
                      "scale": {"zero": self.area, "nice": True, **({"type": "log"} if self.log else {})},
                      "axis": {"format": self.number, "tickCount": max(height // 55, 3)}},
            },
            "config": {
                "font": "system-ui, sans-serif",
                "view": {"stroke": None},
                "axis": {"labelColor": ROLES["muted"], "domainColor": ROLES["grid"], "tickColor": ROLES["grid"],
                         "gridColor": ROLES["grid"], "labelFontSize": 12, "labelPadding": 6, "domain": False,
                         "ticks": False},
            },
        }  # fmt: skip

    def _years(self) -> int:
        days = [day for line in self.series for day in (line.days[0], line.days[-1]) if len(line.days)]
        return (max(days) - min(days)) // 365 if days else 0

    def _layer(self, line: Series, role: str) -> Spec:
        kept = thinned(line.values, MOST_POINTS)
        color = ROLES[role]
        mark: Spec = {"type": "line", "stroke": color, "strokeWidth": 1.2 if self.area else 1.75, "strokeJoin": "round"}
        if self.area and line is self.series[0]:
            mark = {"type": "area", "color": color, "fillOpacity": 0.22,
                    "line": {"stroke": color, "strokeWidth": 1.25}}  # fmt: skip
        values = [{"t": int(line.days[at]) * 86_400_000, "v": float(line.values[at])} for at in kept]
        return {"mark": mark, "data": {"values": values}}


def thinned(values: Sequence[float], most: int) -> list[int]:
    """Positions to draw when there are more values than pixels: of each bucket its lowest and highest, and both ends.

    Examples
    --------
    >>> thinned([1.0, 5.0, 2.0], 10)
    [0, 1, 2]
    >>> thinned([0.0, 9.0, 1.0, 2.0, 3.0, -7.0, 2.0, 4.0], 4)
    [0, 1, 5, 7]
    """
    count = len(values)
    if count <= most:
        return list(range(count))
    buckets = max(most // 2, 1)
    kept = {0, count - 1}
    for bucket in range(buckets):
        start, end = bucket * count // buckets, (bucket + 1) * count // buckets
        span = range(start, end)
        kept.add(min(span, key=values.__getitem__))
        kept.add(max(span, key=values.__getitem__))
    return sorted(kept)


def value_figure(series: Sequence[Series], *, currency: str, title: str = "Net asset value") -> Figure:
    """Net asset value in money, one line for each portfolio."""
    described = "; ".join(_span(line, "{:,.0f} " + currency) for line in series)
    return Figure(
        title, f"Line chart of net asset value in {currency}. {described}.", tuple(series), "~s", unit=currency
    )


def growth_figure(series: Sequence[Series], *, title: str = "Growth of 100", log: bool = False) -> Figure:
    """What 100 became, time-weighted, beside the benchmark."""
    described = "; ".join(_span(line, "{:,.1f}") for line in series)
    return Figure(title, f"Line chart of the growth of 100. {described}.", tuple(series), ",.0f", log=log, unit="index")


def drawdown_figure(series: Sequence[Series], *, title: str = "Drawdown") -> Figure:
    """How far below the highest value so far, as losses drawn downward."""
    lows = []
    for line in series:
        if len(line.values):
            at = min(range(len(line.values)), key=line.values.__getitem__)
            lows.append(f"{line.name}: deepest {-line.values[at]:.1%} on {_day(line.days[at])}")
    described = "; ".join(lows)
    return Figure(title, f"Area chart of the fall from the highest value so far. {described}.", tuple(series), ".0%",
                  area=True, unit="%")  # fmt: skip


def summary(figure: Figure) -> Mapping[str, str]:
    """The figure in words, for readers that see no picture."""
    return {"title": figure.title, "description": figure.description}


def _span(line: Series, form: str) -> str:
    if not len(line.values):
        return f"{line.name}: no values"
    first, last = form.format(line.values[0]), form.format(line.values[-1])
    return f"{line.name}: from {first} on {_day(line.days[0])} to {last} on {_day(line.days[-1])}"


def _day(day: int) -> str:
    from argosy.base.dates import format_date

    return format_date(int(day))
