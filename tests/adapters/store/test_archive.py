"""Backup and restore: between both databases, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.opening import create_book, open_book, restore_book
from argosy.base.errors import BookError, InvalidInput, StorageFailure, TamperedBook
from argosy.record.facts import FactDraft, FactKind
from argosy.record.ledger.events import COLUMNS
from argosy.workflows.ports import BatchDraft
from tests.adapters.store.samples import draft, ticking

MARKET = b"not really parquet" * 1_000


def filled(book: StoredBook) -> StoredBook:
    """Three batches, one of them a market load."""
    with book.writer() as writer:
        writer.append(draft(70_000, "a"))
        writer.append(draft(3, "b"))
        load = {"data": "prices", "file": "prices-1.parquet", "sha256": hashlib.sha256(MARKET).hexdigest()}
        writer.append(BatchDraft("market load", "s", facts=[FactDraft(FactKind.MARKET_LOAD, 1, 0, load)]))
    return book


@pytest.fixture
def full(tmp_path: Path, book_url: str) -> StoredBook:
    """A book with market files, on either database."""
    folder = tmp_path / "market"
    folder.mkdir()
    (folder / "prices-1.parquet").write_bytes(MARKET)
    return filled(create_book(book_url, clock=ticking(), market_location=str(folder)))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small backup of a SQLite book with its market files beside it."""
    book = create_book(f"sqlite:///{tmp_path / 'source.db'}", clock=ticking())
    Path(book.market_folder).mkdir()
    Path(book.market_folder, "prices-1.parquet").write_bytes(MARKET)
    with book.writer() as writer:
        writer.append(draft(2_000, "a"))
        load = {"data": "prices", "file": "prices-1.parquet", "sha256": hashlib.sha256(MARKET).hexdigest()}
        writer.append(BatchDraft("market load", "s", facts=[FactDraft(FactKind.MARKET_LOAD, 1, 0, load)]))
    book.backup(str(tmp_path / "book.backup"))
    book.close()
    return tmp_path / "book.backup"


def same(one: StoredBook, other: StoredBook) -> None:
    assert one.watermark() == other.watermark()
    assert one.batches() == other.batches()
    assert one.facts() == other.facts()
    mine, theirs = one.events(), other.events()
    assert all((mine[name] == theirs[name]).all() for name in COLUMNS)
    assert dict(mine.payload) == dict(theirs.payload)
    for info in one.batches():
        if info.file_sha256:
            assert one.raw_file(info.file_sha256) == other.raw_file(info.file_sha256)


def test_a_backup_restores_into_sqlite(full: StoredBook, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    full.backup(str(tmp_path / "book.backup"), lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] == len(steps)
    again = restore_book(str(tmp_path / "book.backup"), f"sqlite:///{tmp_path / 'again.db'}", clock=ticking())
    try:
        same(full, again)
        assert again.verify_chain().problems == ()
        assert Path(again.market_folder, "prices-1.parquet").read_bytes() == MARKET
        with again.writer() as writer:
            writer.append(draft(3, "more"))
    finally:
        again.close()
        full.close()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".part", ".backup")) == ["book.backup"]


@pytest.mark.postgres
def test_a_backup_of_sqlite_restores_into_postgres(archive: Path, tmp_path: Path, postgres_book_url: str) -> None:
    with pytest.raises(BookError, match="no folder"):
        restore_book(str(archive), postgres_book_url, clock=ticking())
    folder = str(tmp_path / "elsewhere")
    again = restore_book(str(archive), postgres_book_url, clock=ticking(), market_location=folder)
    source = open_book(f"sqlite:///{tmp_path / 'source.db'}", clock=ticking())
    try:
        same(source, again)
        assert Path(folder, "prices-1.parquet").read_bytes() == MARKET
    finally:
        again.close()
        source.close()


def test_nothing_is_replaced(archive: Path, tmp_path: Path) -> None:
    source = open_book(f"sqlite:///{tmp_path / 'source.db'}", clock=ticking())
    try:
        with pytest.raises(InvalidInput, match="a file already"):
            source.backup(str(archive))
        with pytest.raises(StorageFailure, match="could not be written"):
            source.backup(str(tmp_path / "no folder" / "x"))
    finally:
        source.close()
    with pytest.raises(BookError, match="a file already"):
        restore_book(str(archive), f"sqlite:///{tmp_path / 'source.db'}", clock=ticking())


def test_a_changed_book_gives_no_backup(tmp_path: Path, archive: Path) -> None:
    book = open_book(f"sqlite:///{tmp_path / 'source.db'}", clock=ticking())
    try:
        path = Path(book.market_folder, "prices-1.parquet")
        path.write_bytes(MARKET[:-1])
        with pytest.raises(TamperedBook, match="market file was changed"):
            book.backup(str(tmp_path / "second.backup"))
        path.unlink()
        with pytest.raises(BookError, match="missing"):
            book.backup(str(tmp_path / "second.backup"))
        path.write_bytes(MARKET)
        with book._database.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER event_no_update")
            connection.exec_driver_sql("UPDATE event SET net = net - 1 WHERE seq = 1500")
        with pytest.raises(TamperedBook, match="event rows 1027 to 2002 were changed"):
            book.backup(str(tmp_path / "second.backup"))
    finally:
        book.close()
    assert not (tmp_path / "second.backup").exists()
    assert not (tmp_path / "second.backup.part").exists()


def rewritten(archive: Path, target: Path, change: dict[str, bytes | None]) -> Path:
    """The archive with some entries replaced or left out."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = change.get(name, source.read(name))
            if content is not None:
                copy.writestr(name, content)
    return target


def broken_archives(archive: Path, folder: Path) -> dict[str, Path]:
    with zipfile.ZipFile(archive) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(entries["manifest.json"])
    raw = next(name for name in entries if name.startswith("raw/"))

    def with_manifest(**changes: object) -> dict[str, bytes | None]:
        return {"manifest.json": json.dumps(manifest | changes).encode()}

    flipped = bytearray(entries["batches/1"])
    flipped[len(flipped) // 2] ^= 1
    bomb = b"\xff\xff\xff\xff\xff\xff\xff\x7f" + b"x"
    evil = [{"name": "../evil", "sha256": "0" * 64, "bytes": 1}]
    changes: dict[str, dict[str, bytes | None]] = {
        "flip": {"batches/1": bytes(flipped)},
        "cut batch": {"batches/1": entries["batches/1"][:-9]},
        "no batch": {"batches/2": None},
        "length": {"batches/2": bomb},
        "empty batch": {"batches/2": b""},
        "no manifest": {"manifest.json": None},
        "not json": {"manifest.json": b"{"},
        "list": {"manifest.json": b"[]"},
        "newer": with_manifest(format=2),
        "head": with_manifest(head="0" * 64),
        "cut tail": with_manifest(batch=1),
        "other book": with_manifest(book="0" * 32),
        "raw changed": {raw: entries[raw][:-1] + b"?"},
        "raw gone": {raw: None},
        "market changed": {"market/prices-1.parquet": MARKET[:-1]},
        "market longer": {"market/prices-1.parquet": MARKET * 2},
        "evil name": with_manifest(market=evil) | {"market/../evil": b"x"},
    }
    made = {name: rewritten(archive, folder / f"{name}.zip", change) for name, change in changes.items()}
    made["cut file"] = folder / "cut.zip"
    made["cut file"].write_bytes(archive.read_bytes()[:-200])
    made["text"] = folder / "text.zip"
    made["text"].write_text("hello")
    made["absent"] = folder / "absent.zip"
    return made


def test_a_broken_backup_restores_nothing(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for name, path in broken_archives(archive, folder).items():
        target = folder / name
        target.mkdir()
        with pytest.raises(BookError):
            restore_book(str(path), f"sqlite:///{target / 'book.db'}", clock=ticking())
        left = [str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()]
        assert left == [], name
    assert not (folder / "evil").exists()
    assert not (tmp_path / "evil").exists()


def test_market_files_that_differ_are_not_replaced(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "prices-1.parquet").write_bytes(b"mine")
    with pytest.raises(StorageFailure, match="another file"):
        restore_book(str(archive), f"sqlite:///{tmp_path / 'n.db'}", clock=ticking(), market_location=str(folder))
    assert (folder / "prices-1.parquet").read_bytes() == b"mine"
    assert not os.path.exists(tmp_path / "n.db")
