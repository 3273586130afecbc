"""Whatever is changed behind the book's back is seen: edits, deletions, swaps, cut tails, single bits."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.opening import create_book, open_book
from argosy.adapters.store.tables import KEPT
from argosy.base.errors import ArgosyError, BookError, TamperedBook
from argosy.record.ledger.events import COLUMNS
from tests.adapters.store.samples import draft, ticking


def fill(book: StoredBook) -> None:
    with book.writer() as writer:
        for name, count in (("a", 1_500), ("b", 20), ("c", 30)):
            writer.append(draft(count, name))


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def unlock(connection: Connection) -> None:
    """What somebody with write access to the database would do first."""
    for name in KEPT:
        if connection.dialect.name == "sqlite":
            run(connection, f"DROP TRIGGER {name}_no_update", f"DROP TRIGGER {name}_no_delete")
        else:
            run(connection, f"DROP TRIGGER {name}_no_change ON {name}")


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_the_database_itself_refuses_changes(book: StoredBook, table: str, statement: str) -> None:
    fill(book)
    column = "sha256" if table == "raw_file" else "batch"
    with pytest.raises(BookError), book._database.writing() as connection:
        run(connection, statement.format(table, column))
    assert len(book.events()) == 1_550
    assert book.verify_chain().problems == ()


# Batch 1 holds facts 1-2, events 3-1502, valuations 1503-1505; batch 2 1506-1530; batch 3 1531-1565.
CHANGES: dict[str, tuple[str, list[str]]] = {
    "a number": ("batch 1, block 2: event rows 3 to 1026", ["UPDATE event SET net = net + 1 WHERE seq = 17"]),
    "the second block": ("batch 1, block 3: event rows 1027 to 1502", ["UPDATE event SET fee = 0 WHERE seq = 1027"]),
    "a key": ("batch 1, block 3", ["UPDATE event SET key = NULL WHERE seq = 1502"]),
    "a content": ("batch 2, block 2: event rows 1508", ["UPDATE event SET content = key WHERE seq = 1508"]),
    "a payload": ("batch 1, block 2", ["UPDATE event SET payload = '{}' WHERE seq = 3"]),
    "a fact": ("batch 2, block 1: fact rows 1506 to 1507", ["UPDATE fact SET payload = '{}' WHERE seq = 1506"]),
    "a fact's subject": ("batch 2, block 1", ["UPDATE fact SET subject = 77 WHERE seq = 1507"]),
    "a valuation": ("batch 3, block 3: valuation_day rows 1563", ["UPDATE valuation_day SET nav = 1 WHERE seq = 1565"]),
    "two rows swapped": ("batch 1, block 2", [
        "UPDATE event SET seq = -5 WHERE seq = 5", "UPDATE event SET seq = 5 WHERE seq = 6",
        "UPDATE event SET seq = 6 WHERE seq = -5"]),
    "an event deleted": ("batch 1, block 2: event rows 3 to 1502 (1500 were sealed, 1499", [
        "DELETE FROM event WHERE seq = 700"]),
    "a fact deleted": ("batch 2, block 1", ["DELETE FROM fact WHERE seq = 1506"]),
    "a batch's time": ("batch 2: what the batch says", ["UPDATE batch SET known_at = known_at + 1 WHERE batch = 2"]),
    "a batch's source": ("batch 2: what the batch says", ["UPDATE batch SET source = 'x' WHERE batch = 2"]),
    "a batch's file": ("batch 2: what the batch says", ["UPDATE batch SET file_sha256 = '' WHERE batch = 2"]),
    "a batch's hashes": ("batch 2: the hashes", ["UPDATE batch SET blocks = NULL WHERE batch = 2"]),
    "a batch's head": ("batch 2: what the batch says", ["UPDATE batch SET head = root WHERE batch = 2"]),
    "a batch's encoding": ("batch 2: encoding 9", ["UPDATE batch SET encoding = 9 WHERE batch = 2"]),
    "a batch deleted": ("batch 2: is missing", ["DELETE FROM batch WHERE batch = 2"]),
    "rows after the last batch": ("event: 1 rows after seq 1565", [
        "INSERT INTO event (seq, batch, kind) VALUES (1566, 4, 1)"]),
    "rows before the first": ("1566 rows stand where 1565 were sealed", [
        "INSERT INTO event (seq, batch, kind) VALUES (-1, 1, 1)"]),
    "a file": ("batch 3: its file", [
        "UPDATE raw_file SET content = (SELECT content FROM raw_file ORDER BY size LIMIT 1) "
        "WHERE sha256 = (SELECT file_sha256 FROM batch WHERE batch = 3)"]),
    "a file deleted": ("batch 1: its file", ["DELETE FROM raw_file"]),
    "the book's name": ("batch 1: what the batch says", ["UPDATE book_info SET book = 'x'"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_named(name: str, book_url: str) -> None:
    book = create_book(book_url, clock=ticking())
    fill(book)
    said, statements = CHANGES[name]
    if "hashes" in name:  # the column is not null, so write other bytes
        literal = "x'00'" if book_url.startswith("sqlite") else "'\\x00'"
        statements = [f"UPDATE batch SET blocks = {literal} WHERE batch = 2"]
    with book._database.writing() as connection:
        unlock(connection)
        run(connection, *statements)
    book.close()
    book = open_book(book_url, clock=ticking())
    report = book.verify_chain()
    book.close()
    assert any(problem.startswith(said) for problem in report.problems), report.problems


def test_a_changed_file_is_not_handed_out(book: StoredBook) -> None:
    fill(book)
    with book._database.writing() as connection:
        unlock(connection)
        run(connection, "UPDATE raw_file SET content = (SELECT content FROM raw_file ORDER BY size LIMIT 1)")
    shas = [info.file_sha256 for info in book.batches()]
    bad = 0
    for sha in shas:
        try:
            book.raw_file(sha)
        except TamperedBook:
            bad += 1
    assert bad == 2


def test_a_cut_tail_is_seen_against_a_head_kept_elsewhere(book: StoredBook) -> None:
    fill(book)
    kept = book.watermark()
    assert book.head_at(kept.seq) == kept.head
    with book._database.writing() as connection:
        unlock(connection)
        for table in ("event", "fact", "valuation_day", "batch"):
            run(connection, f"DELETE FROM {table} WHERE batch = 3")
    report = book.verify_chain()
    assert report.problems == ()  # a shorter chain is a good chain
    assert report.seq < kept.seq
    assert book.head_at(kept.seq) is None


def test_a_rewritten_chain_is_seen_against_a_head_kept_elsewhere(tmp_path: Path) -> None:
    heads = []
    for at in range(2):
        book = create_book(f"sqlite:///{tmp_path / f'{at}.db'}", clock=ticking())
        with book.writer() as writer:
            writer.append(draft(20 + at, "a"))
        heads.append(book.watermark().head)
        book.close()
    assert heads[0] != heads[1]


def everything(url: str) -> list[Any]:
    """All that a book answers."""
    book = open_book(url, clock=ticking())
    try:
        events = book.events()
        parts = [book.events(portfolios=[number]) for number in range(1, 6)]
        with book.writer() as writer:
            keys = writer.known_keys(draft(40, "a").keys[:3])
        return [
            *[events[name].tolist() for name in COLUMNS],
            *[part["net"].tolist() for part in parts],
            {at: str(rest) for at, rest in events.payload.items()},
            book.facts(),
            {name: values.tolist() for name, values in book.valuations().items()},
            book.batches(),
            keys,
            [book.raw_file(info.file_sha256) for info in book.batches()],
            book.watermark(),
        ]
    finally:
        book.close()


def seen(url: str) -> bool:
    """Whether verify finds something, or the book does not even open."""
    try:
        book = open_book(url, clock=ticking())
    except ArgosyError:
        return True
    try:
        return bool(book.verify_chain().problems)
    finally:
        book.close()


def flips(count: int, folder: Path, change: Callable[[bytearray, random.Random], None]) -> tuple[int, list[int]]:
    source = f"sqlite:///{folder / 'source.db'}"
    book = create_book(source, clock=ticking())
    with book.writer() as writer:
        writer.append(draft(40, "a"))
        writer.append(draft(60, "b"))
    book.close()
    good = (folder / "source.db").read_bytes()
    expected = everything(source)
    target = folder / "flipped.db"
    url = f"sqlite:///{target}"
    changed, missed = 0, []
    for seed in range(count):
        content = bytearray(good)
        change(content, random.Random(seed))
        target.write_bytes(content)
        for suffix in ("-wal", "-shm"):
            Path(f"{target}{suffix}").unlink(missing_ok=True)
        found = seen(url)
        try:
            same = everything(url) == expected
        except (ArgosyError, ValueError, TypeError):
            same = False
        changed += not same
        if not same and not found:
            missed.append(seed)
    return changed, missed


def one_bit(content: bytearray, rng: random.Random) -> None:
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def one_page(content: bytearray, rng: random.Random) -> None:
    at = 4096 * rng.randrange(len(content) // 4096)
    content[at : at + 4096] = rng.randbytes(4096)


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: thousands of small files are written and synced."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.slow
def test_single_bits_that_change_an_answer_are_seen(fast_folder: Path) -> None:
    changed, missed = flips(1_000, fast_folder, one_bit)
    assert missed == []
    assert changed > 200


def test_a_few_single_bits_and_pages(fast_folder: Path) -> None:
    for number, change in enumerate((one_bit, one_page)):
        folder = fast_folder / str(number)
        folder.mkdir()
        changed, missed = flips(40, folder, change)
        assert missed == []
        assert changed
