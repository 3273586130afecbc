"""README's generated parts are what the generator gives today."""

from __future__ import annotations

from pathlib import Path

from tools.feature_map import FEATURES, PACKAGE, built, with_map


def test_the_feature_map_is_current(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    assert text == with_map(text), "run: python -m tools.feature_map"


def test_every_capability_of_the_plan_has_a_row() -> None:
    numbers = [int(number) for entry in FEATURES for number in entry[0].split(",")]
    assert sorted(numbers) == list(range(1, 23))


def test_a_room_counts_as_built_when_it_holds_code() -> None:
    assert built("record/ledger")
    assert not (PACKAGE / "construction").exists() or not built("construction/nowhere")


def test_the_two_commands_stand_on_the_first_screen(root: Path) -> None:
    first = "\n".join((root / "README.md").read_text("utf-8").splitlines()[:40])
    assert "make demo" in first
    assert "make test" in first
