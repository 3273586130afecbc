"""Views in words."""

from __future__ import annotations

import pytest

from argosy.base.errors import InvalidInput
from argosy.models.moments.black_litterman import View
from argosy.models.moments.view_text import parse_view


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("AAPL earns 8%", View({"AAPL": 1.0}, 0.08)),
        ("AAPL - MSFT earns 300bp confidence 60%", View({"AAPL": 1.0, "MSFT": -1.0}, 0.03, 0.6)),
        ("50% A + 50% B - C earn 0.02", View({"A": 0.5, "B": 0.5, "C": -1.0}, 0.02)),
        ("Asia ex-Japan earns -1%", View({"Asia ex-Japan": 1.0}, -0.01)),
        ("0.5 A + 0.5 A earns 1%", View({"A": 1.0}, 0.01)),
    ],
)
def test_views_are_read(text: str, view: View) -> None:
    assert parse_view(text) == view


@pytest.mark.parametrize(
    "text",
    ["", "AAPL", "AAPL earns", "AAPL earns much", "A earns 5% confidence high", "5 % earns x", "5.5.5 A earns 1%"],
)
def test_what_is_no_view_is_answered_with_the_form(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot read the view"):
        parse_view(text)
