"""A backup comes back as the same book, on either database, and says when it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

import argosy
from argosy.interfaces.book import restore_book
from tests.flows.test_bitemporal import answers


def test_a_backup_comes_back_as_the_same_book(growth: argosy.Book, tmp_path: Path) -> None:
    before = answers(growth, as_of="2024-01-05")
    head = growth.backup(str(tmp_path / "growth.argosy"))
    growth.correct({int(growth.transactions().table().rows()[1]["event"]): {"quantity": "110"}})
    with restore_book(str(tmp_path / "growth.argosy"), f"sqlite:///{tmp_path / 'restored.db'}") as restored:
        assert f"{restored.watermark.seq}:{restored.watermark.head}" == head
        assert restored.verify(against=head).ok
        assert answers(restored, as_of="2024-01-05") == before
        assert restored.batches().rows() == growth.batches().rows()[:-1]


def test_a_damaged_backup_is_refused_and_leaves_nothing(growth: argosy.Book, tmp_path: Path) -> None:
    archive = tmp_path / "growth.argosy"
    growth.backup(str(archive))
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    target = tmp_path / "restored.db"
    with pytest.raises(argosy.ArgosyError):
        restore_book(str(archive), f"sqlite:///{target}")
    assert not target.exists()


def test_a_book_is_never_restored_over_another(growth: argosy.Book, tmp_path: Path) -> None:
    growth.backup(str(tmp_path / "growth.argosy"))
    target = f"sqlite:///{tmp_path / 'other.db'}"
    argosy.create(target).close()
    with pytest.raises(argosy.ArgosyError):
        restore_book(str(tmp_path / "growth.argosy"), target)
