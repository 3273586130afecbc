"""Roles of color in a figure, written as marks that the page replaces by its own light or dark colors.

A renderer needs some color; these are valid ones that nobody would choose, so each can be found again in the drawing.
"""

from __future__ import annotations

import json

ROLES: dict[str, str] = {
    "series-1": "#0a0b01",
    "series-2": "#0a0b02",
    "series-3": "#0a0b03",
    "series-4": "#0a0b04",
    "loss": "#0a0b05",
    "ink": "#0a0b06",
    "muted": "#0a0b07",
    "grid": "#0a0b08",
}
"""Role -> the color that stands for it in a drawing."""

SERIES = ("series-1", "series-2", "series-3", "series-4")


def themed(drawing: str) -> str:
    """A drawing whose marks are style sheet variables, with a fallback for viewers without the page's style.

    Examples
    --------
    >>> themed('<path stroke="#0a0b01"/>')
    '<path stroke="var(--series-1, #1f5fa8)"/>'
    """
    for role, mark in ROLES.items():
        drawing = drawing.replace(mark, f"var(--{role}, {LIGHT[role]})")
    return drawing


def standalone(spec: dict[str, object]) -> dict[str, object]:
    """A specification with the light colors themselves, for files that stand alone and viewers that know no variables.

    Examples
    --------
    >>> standalone({"mark": {"stroke": "#0a0b01"}})
    {'mark': {'stroke': '#1f5fa8'}}
    """
    drawing = json.dumps(spec)
    for role, mark in ROLES.items():
        drawing = drawing.replace(mark, LIGHT[role])
    found: dict[str, object] = json.loads(drawing)
    return found


LIGHT: dict[str, str] = {
    "series-1": "#1f5fa8",
    "series-2": "#c2591a",
    "series-3": "#2d7d5a",
    "series-4": "#8a4fa0",
    "loss": "#b3261e",
    "ink": "#1b1f24",
    "muted": "#5b6470",
    "grid": "#dfe3e8",
}
"""Colors on a light page; text roles keep a contrast of at least 4.5 to 1 on white."""

DARK: dict[str, str] = {
    "series-1": "#6fb1ff",
    "series-2": "#ff9d5c",
    "series-3": "#6fd3a3",
    "series-4": "#cf9be6",
    "loss": "#ff8a80",
    "ink": "#e8ebef",
    "muted": "#a3adb9",
    "grid": "#333a43",
}
"""Colors on a dark page."""
