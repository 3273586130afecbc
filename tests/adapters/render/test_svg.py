"""Drawings: an accessible element, small, from numbers only."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pyarrow.parquet
import pytest

from argosy.adapters.render.parquet import frame_bytes, parquet_bytes
from argosy.adapters.render.svg import FigureError, svg
from argosy.base.errors import InvalidInput
from argosy.base.table import Column, Table
from argosy.reporting.charts.lines import Series, growth_figure

NS = "{http://www.w3.org/2000/svg}"
FIGURE = growth_figure([Series("A <b>&", list(range(14613, 17863)), [100.0 + i / 10 for i in range(3250)])])


def test_a_drawing_has_title_description_and_no_size() -> None:
    text = svg(FIGURE.spec(860, 280), title=FIGURE.title, description=FIGURE.description, name="g1")
    root = ElementTree.fromstring(text)
    assert root.tag == f"{NS}svg"
    assert root.get("role") == "img"
    assert root.get("id") == "g1"
    assert (root.get("aria-label") or "").startswith("Growth of 100. Line chart")
    assert "width" not in root.attrib
    assert root.get("viewBox") == "0 0 860 280"
    assert root.findtext(f"{NS}title") == "Growth of 100"
    assert "A <b>&" in (root.findtext(f"{NS}desc") or "")
    assert not root.findall(f".//{NS}script")
    assert len(text) < 60_000


def test_the_same_numbers_give_the_same_drawing() -> None:
    one = svg(FIGURE.spec(400, 200), title="t", description="d", name="x")
    assert one == svg(FIGURE.spec(400, 200), title="t", description="d", name="x")


def test_nothing_is_fetched() -> None:
    place = {"x": {"field": "a", "type": "quantitative"}}
    spec = {"data": {"url": "https://example.org/data.csv"}, "mark": "line", "encoding": place}
    with pytest.raises(FigureError, match="External data url not allowed"):
        svg(spec, title="t", description="d", name="x")


def test_a_broken_specification_is_an_error_with_the_figure() -> None:
    with pytest.raises(FigureError, match="figure 't'"):
        svg({"mark": {"type": "nonsense"}, "data": 3}, title="t", description="d", name="x")


def test_parquet_has_the_digits_and_the_provenance() -> None:
    table = Table("t", (Column("a", "amount", [123456], scale=4),))
    found = pyarrow.parquet.read_table(io.BytesIO(parquet_bytes(table)))
    assert str(found["a"].to_pylist()[0]) == "12.3456"
    assert b"argosy" in found.schema.metadata
    assert frame_bytes(table)[:4] == b"PAR1"
    with pytest.raises(InvalidInput, match="PyCapsule"):
        frame_bytes([1, 2])
