"""Figures as SVG or PNG, drawn by vl-convert in this process: no browser, no network."""

from __future__ import annotations

import re

from argosy.base.errors import ArgosyError

LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
OUTER = re.compile(r"<svg\b[^>]*>")


class FigureError(ArgosyError):
    """A figure could not be drawn."""

    code = "figure"


def svg(spec: dict[str, object], *, title: str, description: str, name: str) -> str:
    """One figure as an ``<svg>`` element for a page: scales with its box, has a title and a description.

    ``name`` is the element's id in the page (letters, digits and dashes).
    """
    import vl_convert

    try:
        drawn = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], show_warnings=False)
    except ValueError as error:
        raise FigureError(f"figure {title!r} cannot be drawn: {error}", field="figure") from None
    return _accessible(_rounded(str(drawn)), title=title, description=description, name=name)


def png(spec: dict[str, object], *, title: str, scale: float = 2.0) -> bytes:
    """One figure as the bytes of a PNG, ``scale`` pixels for each of the specification."""
    import vl_convert

    try:
        return bytes(vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[], show_warnings=False))
    except ValueError as error:
        raise FigureError(f"figure {title!r} cannot be drawn: {error}", field="figure") from None


def _rounded(drawing: str) -> str:
    """A tenth of a pixel is finer than the eye; three more digits triple the page."""
    return LONG_NUMBER.sub(lambda found: f"{float(found.group()):.1f}".removesuffix(".0"), drawing)


def _accessible(drawing: str, *, title: str, description: str, name: str) -> str:
    outer = OUTER.search(drawing)
    if outer is None:
        raise FigureError(f"figure {title!r} came back without an svg element", field="figure")
    size = re.search(r'viewBox="([^"]+)"', outer.group())
    box = size.group(1) if size else "0 0 800 300"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{name}" viewBox="{box}" role="img" '
        f'aria-label="{_escape(title)}. {_escape(description)}">'
        f"<title>{_escape(title)}</title><desc>{_escape(description)}</desc>"
    )
    body = drawing[outer.end() :]
    # The renderer labels each group for readers aloud; one title and one description say it better.
    body = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", body)
    return opening + body


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
