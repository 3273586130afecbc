"""What a book promises, on both databases: what was appended comes back, in order, at every watermark."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.opening import open_book
from argosy.base.errors import BookError, InvalidInput
from argosy.record.facts import FactDraft, FactKind
from argosy.record.ledger.events import COLUMNS, EventColumns
from argosy.workflows.ports import VALUATION_COLUMNS, BatchDraft, BatchInfo, BookStore, Watermark
from tests.adapters.store.samples import digest, draft, events, ticking


def put(book: BookStore, batch: BatchDraft) -> BatchInfo:
    with book.writer() as writer:
        return writer.append(batch)


def test_an_empty_book(book: StoredBook) -> None:
    mark = book.watermark()
    assert (mark.seq, mark.batch, mark.known_at) == (0, 0, 0)
    assert len(mark.head) == 64
    assert len(book.events()) == 0
    assert book.facts() == []
    assert book.batches() == []
    assert {len(values) for values in book.valuations().values()} == {0}
    assert book.head_at(0) == mark.head
    assert book.verify_chain().problems == ()


def test_what_was_appended_comes_back(book: StoredBook) -> None:
    given = draft(2_500)
    info = put(book, given)
    assert (info.batch, info.first_seq, info.last_seq) == (1, 1, 2 + 2_500 + 3)
    assert (info.facts, info.events, info.valuations) == (2, 2_500, 3)
    kept = book.events()
    assert kept["seq"].tolist() == list(range(3, 2_503))
    assert set(kept["batch"].tolist()) == {1}
    assert given.events is not None
    for name in COLUMNS:
        assert kept[name].dtype == np.int64
        if name not in ("seq", "batch", "anchor"):
            assert np.array_equal(kept[name], given.events[name]), name
    assert np.array_equal(kept["anchor"], kept["seq"])
    assert dict(kept.payload) == dict(given.events.payload)
    assert [(f.kind, f.subject, f.effective, f.payload) for f in book.facts()] == [
        (f.kind, f.subject, f.effective, f.payload) for f in given.facts
    ]
    stored = book.valuations()
    assert list(stored) == ["seq", "batch", *VALUATION_COLUMNS]
    assert given.valuations is not None
    assert all(np.array_equal(stored[name], given.valuations[name]) for name in VALUATION_COLUMNS)
    assert book.batches() == [info]
    assert given.file is not None
    assert book.raw_file(info.file_sha256) == given.file.content
    assert info.file_sha256 == hashlib.sha256(given.file.content).hexdigest()


def test_references_within_the_batch_become_seqs(book: StoredBook) -> None:
    put(book, draft(5))
    rows = [{"kind": 23}, {"kind": 24, "link": -1}, {"kind": 90, "target": -2}, {"kind": 10, "anchor": -1, "link": 3}]
    info = put(book, BatchDraft("hand", "me", events=EventColumns.from_rows(rows)))
    kept = book.events(after_seq=info.first_seq - 1)
    first = info.first_seq
    assert kept["link"].tolist() == [0, first, 0, 3]
    assert kept["target"].tolist() == [0, 0, first + 1, 0]
    assert kept["anchor"].tolist() == [first, first + 1, first + 2, first]


def test_the_draft_stays_as_it_was(book: StoredBook) -> None:
    given = EventColumns.from_rows([{"kind": 23}, {"kind": 24, "link": -1}])
    put(book, BatchDraft("hand", "me", events=given))
    assert given["link"].tolist() == [0, -1]
    assert given["seq"].tolist() == [0, 0]


def test_reads_at_a_watermark_see_what_was_known_then(book: StoredBook) -> None:
    marks = [book.watermark()]
    for name in ("a", "b", "c"):
        put(book, draft(10, name))
        marks.append(book.watermark())
    for at, mark in enumerate(marks):
        assert len(book.events(watermark=mark)) == 10 * at
        assert len(book.facts(watermark=mark)) == 2 * at
        assert len(book.valuations(watermark=mark)["seq"]) == 3 * at
        assert len(book.batches(watermark=mark)) == at
        assert book.watermark(mark.known_at) == mark
        assert book.head_at(mark.seq) == mark.head
        if at:
            assert book.watermark(mark.known_at - 1) == marks[at - 1]
    assert book.head_at(7) is None


def test_reads_by_portfolio_instrument_and_column(book: StoredBook) -> None:
    put(book, draft(400))
    whole = book.events()
    some = book.events(portfolios=[2, 5], instruments=[0, 3], after_seq=50)
    mask = np.isin(whole["portfolio"], [2, 5]) & np.isin(whole["instrument"], [0, 3]) & (whole["seq"] > 50)
    expected = whole.take(mask)
    assert 0 < len(some) < 400
    assert all(np.array_equal(some[name], expected[name]) for name in COLUMNS)
    assert dict(some.payload) == dict(expected.payload)
    few = book.events(columns=["net", "kind"])
    assert list(few.columns) == ["seq", "net", "kind"]
    assert np.array_equal(few["net"], whole["net"])
    assert len(book.events(portfolios=[])) == 0
    assert set(book.valuations(portfolios=[12345])["seq"].tolist()) == set()
    with pytest.raises(KeyError):
        book.events(columns=["net; DROP TABLE event"])


def test_facts_by_kind_and_next_id(book: StoredBook) -> None:
    with book.writer() as writer:
        assert writer.next_id(FactKind.PORTFOLIO) == 1
        writer.append(BatchDraft("a", "s", facts=[FactDraft(FactKind.PORTFOLIO, 1, 0, {})]))
        assert writer.next_id(FactKind.PORTFOLIO) == 2
        writer.append(BatchDraft("a", "s", facts=[FactDraft(FactKind.ACCOUNT, 7, 0, {})]))
        assert writer.next_id(FactKind.ACCOUNT) == 8
        assert len(writer.facts()) == 2
        assert [fact.subject for fact in writer.facts(kinds=[FactKind.ACCOUNT])] == [7]
    assert [fact.subject for fact in book.facts(kinds=[FactKind.PORTFOLIO])] == [1]


def test_known_keys(book: StoredBook) -> None:
    with book.writer() as writer:
        assert writer.known_keys([digest("first 1")]) == {}
        info = writer.append(draft(6_000))
        asked = [digest(f"first {at}") for at in range(0, 12_000, 2)]
        found = writer.known_keys(asked)
    assert set(found) == {digest(f"first {at}") for at in range(0, 6_000, 2)}
    one = found[digest("first 2")]
    assert (one.seq, one.batch, one.content) == (info.first_seq + 2 + 2, 1, digest("content 2"))
    with book.writer() as writer:
        assert list(writer.known_keys([digest("first 5999"), digest("nothing")])) == [digest("first 5999")]


def test_a_writer_sees_its_own_batches_and_commits_them_together(book: StoredBook) -> None:
    with book.writer() as writer:
        first = writer.append(draft(3, "a"))
        assert len(writer.events()) == 3
        assert writer.watermark() == Watermark(first.last_seq, 1, first.known_at, first.head)
        second = writer.append(draft(4, "b"))
        assert len(writer.events(portfolios=[1, 2, 3, 4, 5])) == 7
        assert len(book.events()) == 0
    assert second.first_seq == first.last_seq + 1
    assert second.known_at > first.known_at
    assert len(book.events()) == 7
    assert book.verify_chain().problems == ()


def test_a_block_that_raises_leaves_nothing(book: StoredBook) -> None:
    put(book, draft(3, "a"))
    before = book.watermark()
    with pytest.raises(RuntimeError), book.writer() as writer:
        writer.append(draft(4, "b"))
        raise RuntimeError("on purpose")
    assert book.watermark() == before
    assert len(book.events()) == 3
    put(book, draft(4, "b"))
    assert book.verify_chain().problems == ()


def test_a_key_stands_once_in_a_book(book: StoredBook) -> None:
    put(book, draft(3, "a"))
    with pytest.raises(InvalidInput, match="already in the book"):
        put(book, draft(4, "a"))
    assert len(book.events()) == 3
    put(book, draft(4, "b"))
    assert len(book.events()) == 7


def test_a_clock_that_steps_back_or_stands_still(book_url: str, book: StoredBook) -> None:
    times = iter([2_000_000, 1_000_000, 1_000_000, 0, 4_102_444_800_000_000, -5])
    other = open_book(book_url, clock=lambda: next(times))
    try:
        known = [put(other, draft(1, f"n{at}")).known_at for at in range(6)]
    finally:
        other.close()
    assert known == [2_000_000, 2_000_001, 2_000_002, 2_000_003, 4_102_444_800_000_000, 4_102_444_800_000_001]
    assert book.verify_chain().problems == ()


@pytest.mark.parametrize(
    "bad",
    [
        BatchDraft("nothing", "s"),
        BatchDraft("k", "s", events=events(2), keys=[b"short", b"x" * 16]),
        BatchDraft("k", "s", events=events(2), keys=[b"x" * 16]),
        BatchDraft("k", "s", events=events(2), contents=[b"x" * 16]),
        BatchDraft("k", "s", events=EventColumns.from_rows([{"kind": 1, "link": -2}])),
        BatchDraft("k", "s", facts=[FactDraft(FactKind.PARTY, 1, 0, {"x": 1.5})]),
        BatchDraft("k", "s", facts=[FactDraft(FactKind.PARTY, 1, 0, {"x": "\ud800"})]),
        BatchDraft("k", "s", valuations={"nav": np.zeros(1, np.int64)}),
        BatchDraft("k\0", "s", facts=[FactDraft(FactKind.PARTY, 1, 0, {})]),
        BatchDraft("k", "s\ud800", facts=[FactDraft(FactKind.PARTY, 1, 0, {})]),
    ],
)
def test_drafts_that_cannot_be_kept_are_refused_whole(book: StoredBook, bad: BatchDraft) -> None:
    with pytest.raises(InvalidInput):
        put(book, bad)
    assert book.watermark().seq == 0


def test_hostile_text_is_kept_as_text(book: StoredBook) -> None:
    hostile = "'; DROP TABLE event; -- \\ %s :x ? \t\n\x01 é\U0001f600 $$"
    put(book, BatchDraft(hostile, hostile, note=hostile,
                         events=EventColumns.from_rows([{"kind": 1, "payload": {hostile: hostile + "\0"}}]),
                         facts=[FactDraft(FactKind.PARTY, 1, 0, {hostile: hostile + "\0"})]))  # fmt: skip
    assert book.batches()[0].source == hostile
    assert book.facts()[0].payload == {hostile: hostile + "\0"}
    assert book.events().payload[0] == {hostile: hostile + "\0"}
    assert book.verify_chain().problems == ()


def test_opened_again_it_is_the_same(book: StoredBook, book_url: str) -> None:
    put(book, draft(50))
    again = open_book(book_url, clock=ticking())
    try:
        assert again.watermark() == book.watermark()
        assert (again.name, again.created) == (book.name, book.created)
        assert again.batches() == book.batches()
    finally:
        again.close()
    with pytest.raises(BookError, match="closed"):
        again.watermark()
    again.close()


def test_raw_files_are_kept_once(book: StoredBook) -> None:
    put(book, draft(3, "a"))
    same = draft(3, "b")
    put(book, BatchDraft("k", "s", facts=same.facts, file=draft(3, "a").file))
    assert book.batches()[0].file_sha256 == book.batches()[1].file_sha256
    with pytest.raises(BookError, match="no imported file"):
        book.raw_file("0" * 64)


def test_snapshots_are_replaced_only_by_newer_ones(book: StoredBook) -> None:
    assert book.load_snapshot("lots") is None
    empty = book.watermark()
    book.save_snapshot("lots", empty, b"0")
    assert book.load_snapshot("lots") == (empty, b"0")
    put(book, draft(3, "a"))
    first = book.watermark()
    book.save_snapshot("lots", first, b"1" * 100_000)
    book.save_snapshot("lots", empty, b"0")
    assert book.load_snapshot("lots") == (first, b"1" * 100_000)
    book.save_snapshot("lots", Watermark(first.seq, first.batch, first.known_at, "f" * 64), b"of another history")
    assert book.load_snapshot("lots") is None


def test_a_snapshot_does_not_wait_for_another_writer(book: StoredBook, book_url: str) -> None:
    put(book, draft(3, "a"))
    other = open_book(book_url, clock=ticking())
    try:
        with book.writer() as writer:
            writer.append(draft(4, "b"))
            other.save_snapshot("lots", other.watermark(), b"1")
        assert other.load_snapshot("lots") is None
        other.save_snapshot("lots", other.watermark(), b"2")
        assert book.load_snapshot("lots") == (book.watermark(), b"2")
    finally:
        other.close()
