"""Figures: valid Vega-Lite, nothing fetched, the same picture of the same numbers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.reporting.charts.lines import (
    MOST_POINTS,
    Figure,
    Series,
    drawdown_figure,
    growth_figure,
    thinned,
    value_figure,
)
from argosy.reporting.charts.palette import DARK, LIGHT, ROLES, themed

LINE = Series("GROWTH", list(range(14613, 14713)), [100.0 + (i % 7) for i in range(100)])


def figures() -> list[Figure]:
    fall = Series("GROWTH", LINE.days, [-(i % 5) / 100 for i in range(100)])
    return [value_figure([LINE], currency="USD"), growth_figure([LINE, LINE]), drawdown_figure([fall, fall])]


@pytest.mark.parametrize("figure", figures(), ids=lambda one: one.title)
def test_a_specification_is_json_and_names_no_host_but_its_schema(figure: Figure) -> None:
    spec = figure.spec(800, 300)
    text = json.dumps(spec, allow_nan=False)
    assert text.count("http") == 1
    assert spec["$schema"] in text
    assert "url" not in text


@pytest.mark.parametrize("figure", figures(), ids=lambda one: one.title)
def test_a_figure_is_told_in_words(figure: Figure) -> None:
    assert figure.title
    assert "GROWTH" in figure.description
    assert "20" in figure.description


def test_words_have_the_numbers() -> None:
    told = value_figure([Series("A", [18993, 18994], [1000.0, 2000.0])], currency="EUR").description
    assert told == "Line chart of net asset value in EUR. A: from 1,000 EUR on 2022-01-01 to 2,000 EUR on 2022-01-02."
    fall = drawdown_figure([Series("A", [18993, 18994], [0.0, -0.25])]).description
    assert "deepest 25.0% on 2022-01-02" in fall


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(InvalidInput, match="5 lines"):
        growth_figure([LINE] * 5).spec(100, 100)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400), st.integers(4, 60))
def test_thinning_keeps_ends_and_extremes(values: list[float], most: int) -> None:
    kept = thinned(values, most)
    assert kept == sorted(set(kept))
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert min(values[i] for i in kept) == min(values)
    assert max(values[i] for i in kept) == max(values)
    assert len(kept) <= max(most + 2, len(values) if len(values) <= most else 0)


def test_a_long_series_is_thinned_to_what_can_be_seen() -> None:
    line = Series("A", list(range(10_000)), [float(i % 100) for i in range(10_000)])
    layer = growth_figure([line]).spec(800, 300)["layer"]
    assert isinstance(layer, list)
    assert len(layer[0]["data"]["values"]) <= MOST_POINTS + 2


def test_roles_have_light_and_dark_colors() -> None:
    assert set(ROLES) == set(LIGHT) == set(DARK)
    assert len(set(ROLES.values())) == len(ROLES)
    assert themed(" ".join(ROLES.values())).count("var(--") == len(ROLES)


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("role", ["ink", "muted", "loss", "series-1"])
def test_text_can_be_read_in_light_and_dark(role: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text, against the ground and the cards."""
    from argosy.reporting.documents.style import PAPER_DARK, PAPER_LIGHT

    for ground in ("paper", "ground", "band"):
        assert contrast(LIGHT[role], PAPER_LIGHT[ground]) >= 4.5
        assert contrast(DARK[role], PAPER_DARK[ground]) >= 4.5


@pytest.mark.parametrize("role", ["series-2", "series-3", "series-4"])
def test_lines_can_be_seen_in_light_and_dark(role: str) -> None:
    """WCAG 2.2, 1.4.11: at least 3 to 1 for graphics."""
    from argosy.reporting.documents.style import PAPER_DARK, PAPER_LIGHT

    assert contrast(LIGHT[role], PAPER_LIGHT["paper"]) >= 3
    assert contrast(DARK[role], PAPER_DARK["paper"]) >= 3
