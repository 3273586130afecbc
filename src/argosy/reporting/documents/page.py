"""One self-contained HTML page: sections of tiles, figures and tables, and where the numbers came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.base.table import Provenance
from argosy.base.table_text import escape
from argosy.reporting.charts.lines import Figure
from argosy.reporting.charts.palette import themed
from argosy.reporting.documents.style import STYLE
from argosy.reporting.documents.tables import TableBlock, table_html

WIDE = (1040, 300)
NARROW = (330, 230)
"""Sizes in pixels at which each figure is drawn: for a desk and for a phone."""

LONG = 13
"""A number of more characters than this takes the room of two tiles."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number that is read first: label, value, a line under it."""

    label: str
    value: str
    note: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with its drawings, as the renderer gave them."""

    figure: Figure
    wide: str
    narrow: str


One = Drawing | TableBlock
Block = One | Sequence[One | Sequence[One]]
"""A block; or blocks side by side on a wide page, each of which may be a stack of blocks."""


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: usually one portfolio."""

    title: str
    lead: str = ""
    tiles: Sequence[Tile] = ()
    blocks: Sequence[Block] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page."""

    title: str
    subtitle: str = ""
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    provenance: Provenance | None = None
    language: str = "en"


def page_html(page: Page) -> str:
    """The page as text: nothing outside it is needed to read or print it.

    Examples
    --------
    >>> text = page_html(Page("Q4 <report>"))
    >>> "<title>Q4 &lt;report&gt;</title>" in text, "http" in text.replace("http-equiv", "")
    (True, False)
    """
    names = _anchors(page.sections)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    parts = [
        f'<!doctype html><html lang="{escape(page.language)}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(page.title)}</title><style>{STYLE}</style></head><body>",
        '<a class="skip" href="#content">Skip to content</a><div class="sheet">',
        f'<header class="top"><p class="mark">Argosy</p><h1>{escape(page.title)}</h1>',
        f"<p>{escape(page.subtitle)}</p>" if page.subtitle else "",
    ]
    if len(page.sections) > 1:
        links = "".join(
            f'<a href="#{name}">{escape(section.title)}</a>' for name, section in zip(names, page.sections, strict=True)
        )
        parts.append(f'<nav aria-label="Sections">{links}</nav>')
    parts.append('</header><main id="content">')
    parts += [_section(section, name) for name, section in zip(names, page.sections, strict=True)]
    parts += ["</main>", _footer(page), "</div>"]
    parts.append("</body></html>\n")
    return without_addresses("".join(parts))


def without_addresses(text: str) -> str:
    """The namespace of SVG is the one address in a page, and HTML does not need it."""
    return text.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(
        ' xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )


def _anchors(sections: Sequence[Section]) -> list[str]:
    names: list[str] = []
    for place, section in enumerate(sections, 1):
        plain = re.sub(r"[^a-z0-9]+", "-", section.title.lower()).strip("-")[:40]
        names.append(f"s{place}-{plain}" if plain else f"s{place}")
    return names


def _section(section: Section, name: str) -> str:
    parts = [f'<section id="{name}" aria-label="{escape(section.title)}"><h2>{escape(section.title)}</h2>']
    if section.lead:
        parts.append(f'<p class="lead">{escape(section.lead)}</p>')
    parts += [f'<p class="warning">{escape(warning)}</p>' for warning in section.warnings]
    if section.tiles:
        parts.append(f'<dl class="tiles">{"".join(_tile(tile) for tile in section.tiles)}</dl>')
    for block in section.blocks:
        if isinstance(block, Drawing | TableBlock):
            parts.append(_block(block))
        else:
            parts.append(f'<div class="pair">{"".join(f"<div>{_stack(one)}</div>" for one in block)}</div>')
    parts.append("</section>")
    return "".join(parts)


def _tile(tile: Tile) -> str:
    size = " long" if len(tile.value) > LONG else ""
    unit = f"<span>{escape(tile.unit)}</span>" if tile.unit else ""
    note = f"<small>{escape(minus(tile.note))}</small>" if tile.note else ""
    value = f"<b>{escape(minus(tile.value))}</b>"
    return f'<div class="tile{size}"><dt>{escape(tile.label)}</dt><dd>{value}{unit}{note}</dd></div>'


def _stack(one: One | Sequence[One]) -> str:
    return _block(one) if isinstance(one, Drawing | TableBlock) else "".join(_block(each) for each in one)


def minus(text: str) -> str:
    """A number for people: a true minus sign."""
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)


def _block(block: Drawing | TableBlock) -> str:
    if isinstance(block, TableBlock):
        if block.folded:
            count = f"<small>{len(block.table):,} rows</small>"
            return (
                f'<details class="card"><summary>{escape(block.caption)}{count}</summary>{table_html(block)}</details>'
            )
        return f'<div class="card">{table_html(block)}{_notes(block.table.notes)}</div>'
    figure = block.figure
    legend = "".join(f'<li><i style="background:var(--{role})"></i>{escape(name)}</li>' for role, name in figure.legend)
    unit = f" <small>{escape(figure.unit)}</small>" if figure.unit and figure.unit not in ("%", "index") else ""
    drawings = themed(_sized(block.wide, "wide") + _sized(block.narrow, "narrow"))
    return (
        f'<div class="card"><figure><h3>{escape(figure.title)}{unit}</h3>'
        f'<ul class="legend">{legend}</ul>{drawings}</figure></div>'
    )


def _sized(drawing: str, size: str) -> str:
    return drawing.replace("<svg ", f'<svg class="{size}" ', 1)


def _notes(notes: Sequence[str]) -> str:
    return "".join(f"<p>{escape(note)}</p>" for note in notes)


def _footer(page: Page) -> str:
    parts = ["<footer>"]
    if page.notes:
        items = "".join(f"<li>{escape(note)}</li>" for note in page.notes)
        parts.append(f"<h2>Notes</h2><ul>{items}</ul>")
    if page.provenance:
        rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in page.provenance.items())
        parts.append(f"<h2>Where these numbers come from</h2><dl>{rows}</dl>")
        parts += [f'<p class="warning">{escape(warning)}</p>' for warning in page.provenance.warnings]
    parts.append("</footer>")
    return "".join(parts)
