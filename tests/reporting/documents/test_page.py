"""The page: names are only text, nothing comes from elsewhere, tables and pictures can be read by everybody."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from argosy.base.table import Column, Provenance, Table
from argosy.reporting.charts.lines import Series, growth_figure
from argosy.reporting.documents.page import Drawing, Page, Section, Tile, page_html
from argosy.reporting.documents.tables import TableBlock, table_html

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "'; drop table--",
    "</style><script>", "&lt;b&gt;", "\u202egnp.exe", "a\x00b", "]]>", "{{7*7}}", "<!--", "`${1}`",
]  # fmt: skip
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Reader(HTMLParser):
    """Tags with attributes, text, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [given for name, given in self.seen if name == tag]


def table(names: list[str]) -> Table:
    count = len(names)
    return Table(
        "t",
        (
            Column("name", "text", names), Column("value", "amount", list(range(-1, count - 1)), scale=2, unit="USD"),
            Column("weight", "ratio", [0.1 * i for i in range(count)], missing=[i == 0 for i in range(count)]),
        ),
        notes=names[:2], totals={"name": names[0], "value": 12},
    )  # fmt: skip


def drawing(name: str) -> Drawing:
    figure = growth_figure([Series(name, [1, 2], [100.0, 101.0])])
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" role="img"><title>t</title></svg>'
    return Drawing(figure, svg, svg)


def page(name: str) -> str:
    blocks = [
        drawing(name), TableBlock(table([name, "x"]), name, note=name, bars="weight", phone=("name",)),
        (TableBlock(table([name]), name, folded=True), (drawing(name), TableBlock(table([name]), name))),
    ]  # fmt: skip
    return page_html(
        Page(
            name, name, [Section(name, name, [Tile(name, name, name, name)], blocks, [name]), Section(name)], [name],
            Provenance(method=name, convention=name, head=name, as_of=1, known_at=2, warnings=(name,)),
        )
    )  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_text_wherever_it_stands(name: str) -> None:
    read = Reader(page(name))
    assert not read.open
    assert not read.all("script")
    assert not read.all("img")
    for tag, given in read.seen:
        assert not [key for key in given if key.startswith("on")], tag
        for key in ("href", "src", "action", "xlink:href"):
            assert not (given.get(key) or "#").strip().lower().startswith("javascript")
    shown = name.replace("\u202e", "·").replace("\x00", "·")
    assert shown in "".join(read.words)


def test_nothing_comes_from_elsewhere() -> None:
    text = page("plain")
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text
    assert "@import" not in text
    read = Reader(text)
    assert not read.all("link")
    assert all((given.get("href") or "").startswith("#") for given in read.all("a"))
    policy = next(
        given["content"] for given in read.all("meta") if given.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_everybody_can_read_it() -> None:
    read = Reader(page("plain"))
    assert read.all("html")[0]["lang"] == "en"
    assert len(read.all("h1")) == 1
    assert len(read.all("table")) == len(read.all("caption"))
    heads = read.all("th")
    assert all(given.get("scope") in ("col", "row") for given in heads)
    ids = [given["id"] for _, given in read.seen if given.get("id")]
    assert len(ids) == len(set(ids))
    for given in read.all("section"):
        assert given["aria-label"]
    for link in read.all("a"):
        assert (link["href"] or "")[1:] in ids
    assert all(given.get("tabindex") == "0" and given.get("role") == "region" and given.get("aria-label")
               for given in read.all("div") if given.get("class") == "scroll")  # fmt: skip
    assert [given for given in read.all("meta") if given.get("name") == "viewport"]
    assert len([given for given in read.all("svg") if given.get("role") == "img"]) == len(read.all("svg"))


def test_light_dark_paper_and_phone_are_thought_of() -> None:
    text = page("plain")
    for part in (
        "prefers-color-scheme:dark",
        "@media print",
        "max-width:480px",
        "prefers-reduced-motion",
        "color-scheme",
    ):
        assert part in text


def test_numbers_have_true_minus_signs_and_bars_are_to_scale() -> None:
    text = table_html(TableBlock(table(["a", "b", "c"]), "caption", bars="weight"))
    assert '<td class="n loss">−0.01</td>' in text
    assert 'class="bar" style="width:32px"' in text
    assert 'class="bar" style="width:64px"' in text
    assert '<td class="n none" title="no value">–</td>' in text


def test_the_same_page_twice_is_the_same_text() -> None:
    assert page("plain") == page("plain")
