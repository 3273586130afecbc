"""What is decided before any database is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from argosy.base.errors import InvalidInput
from argosy.wiring import create_store, market_folder


def test_a_book_in_postgresql_is_not_made_without_a_place_for_its_market_files() -> None:
    with pytest.raises(InvalidInput, match=r"needs a folder for its market files.*--market FOLDER"):
        create_store("postgres://localhost:1/nowhere")


def test_the_place_is_the_same_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert market_folder("postgresql://localhost/a", "market") == str(tmp_path / "market")
    assert market_folder("sqlite:///b.db", "market") == str(tmp_path / "market")
    assert market_folder("sqlite:///b.db", "") == ""
