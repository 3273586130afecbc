"""README's feature map knows every room, and every room it calls built exists."""

from __future__ import annotations

import re

import pytest

from tests.house.source import PACKAGE, ROOT

FLOORS_OF_FEATURES = ("record", "models", "measures", "construction")


def built() -> list[str]:
    """Rooms on the floors that hold features, such as measures/valuation, and compliance as a whole."""
    found = [
        f"{floor}/{room.name}"
        for floor in FLOORS_OF_FEATURES
        for room in sorted((PACKAGE / floor).glob("*/"))
        if (room / "__init__.py").exists() and len(list(room.glob("*.py"))) > 1
    ]
    return found + ["compliance"] * (PACKAGE / "compliance" / "__init__.py").exists()


@pytest.mark.parametrize("room", built())
def test_every_room_has_a_row(room: str) -> None:
    rows = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("|")]
    assert any(f"`{room}`" in row for row in rows), f"README's feature map has no row for {room}"


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert not broken
