"""The schema of mandates that editors read is the one the reader checks by, and the guide names every section."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from tools.mandate_schema import FILE, schema

from argosy.interfaces.cli import cli
from argosy.record.mandate_schema import SECTIONS
from tests.house.source import ROOT


def test_the_published_schema_is_current() -> None:
    assert FILE.read_text("utf-8") == schema(), "run python -m tools.mandate_schema"
    printed = CliRunner().invoke(cli, ["mandate", "schema"])
    assert printed.output == schema()


def test_every_key_has_a_sentence_and_a_default_of_its_kind() -> None:
    found = json.loads(schema())
    assert list(found["properties"]) == [section.name for section in SECTIONS]
    for section in found["properties"].values():
        assert section["description"]
        for key in section["properties"].values():
            assert key["description"]
            assert "default" in key
            if "enum" in key:
                assert key["default"] in key["enum"]


@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
def test_the_guide_explains_every_section(section: str) -> None:
    page = (ROOT / "docs" / "guide" / "mandate.md").read_text("utf-8")
    assert f"| `[{section}]` |" in page
