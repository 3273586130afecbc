"""Figures as files that stand alone: SVG or PNG, told by the name."""

from __future__ import annotations

from typing import Protocol

from argosy.base.errors import InvalidInput
from argosy.reporting.charts.palette import standalone
from argosy.wiring import draw_png, draw_svg

WIDTH, HEIGHT = 560, 420


class Drawable(Protocol):
    """What can be drawn: a title, a description in words, and a specification at a size."""

    @property
    def title(self) -> str:
        """The heading."""

    @property
    def description(self) -> str:
        """The figure in words."""

    def spec(self, width: int, height: int) -> dict[str, object]:
        """Vega-Lite's JSON."""


def check_ending(name: str) -> str:
    """``svg`` or ``png``, by the name of a file; before anything is computed.

    Raises
    ------
    InvalidInput
        The name ends in neither.
    """
    ending = name.lower().rpartition(".")[2]
    if ending not in ("svg", "png"):
        raise InvalidInput(f"a chart cannot be written as {name!r}", field="chart", found=name,
                           next_step="give a name that ends in .svg or .png")  # fmt: skip
    return ending


def chart_bytes(figure: Drawable, *, name: str) -> bytes:
    """The figure as the content of a file called ``name``; raises as :func:`check_ending`."""
    ending = check_ending(name)
    spec = standalone(figure.spec(WIDTH, HEIGHT))
    if ending == "png":
        return draw_png(spec, figure.title)
    return draw_svg(spec, figure.title, figure.description, "chart").encode("utf-8")
