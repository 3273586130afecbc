"""Several processes write to one book at once: nothing acknowledged is lost, nobody starves, the chain has no fork."""

from __future__ import annotations

import multiprocessing
import statistics
import subprocess
import sys
import threading

import pytest

from argosy.adapters.store.opening import create_book, open_book
from argosy.base.errors import BookBusy, BookError
from tests.adapters.store.samples import draft, ticking
from tests.conftest import ROOT

ROWS = 3 + 2 + 3  # of one batch of the appender


@pytest.mark.serial
def test_four_processes_write_at_once(book_url: str) -> None:
    create_book(book_url, clock=ticking()).close()
    command = [sys.executable, "-m", "tests.adapters.store.appender", book_url, "3"]
    writers = [
        subprocess.Popen([*command, f"w{at}"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for at in range(4)
    ]
    said: list[str] = []
    for writer in writers:  # they import first and start together
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        out, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        said.append(out)
    acknowledged = [[line.split()[1:] for line in out.splitlines() if line.startswith("done")] for out in said]
    counts = [len(lines) for lines in acknowledged]
    book = open_book(book_url, clock=ticking())
    try:
        stored = {(str(info.batch), str(info.last_seq), info.head) for info in book.batches()}
        assert {tuple(line) for lines in acknowledged for line in lines} == stored
        assert len(stored) == sum(counts)
        assert book.watermark().seq == ROWS * sum(counts)
        assert book.verify_chain().problems == ()
        known = [info.known_at for info in book.batches()]
        assert known == sorted(set(known))
    finally:
        book.close()
    assert min(counts) >= 0.2 * statistics.median(counts), counts
    assert "busy" not in "".join(said)


def test_a_writer_that_does_not_end_keeps_others_waiting_only_so_long(book_url: str) -> None:
    create_book(book_url, clock=ticking()).close()
    one, two = open_book(book_url, clock=ticking()), open_book(book_url, clock=ticking())
    two._database._wait = 0.2  # type: ignore[attr-defined]
    try:
        with one.writer() as writer:
            writer.append(draft(3))
            with pytest.raises(BookBusy) as caught, two.writer():
                raise AssertionError("not reached")
            assert two.watermark().seq == 0
        assert "Next:" in str(caught.value)
        with two.writer() as writer:
            writer.append(draft(3, "second"))
    finally:
        one.close()
        two.close()


def test_threads_share_a_book(book_url: str) -> None:
    book = create_book(book_url, clock=ticking())
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for at in range(10):
                with book.writer() as writer:
                    writer.append(draft(3, f"{name} {at}"))
                mark = book.watermark()
                assert len(book.events(watermark=mark)) == 3 * mark.batch
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"t{at}",)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert failures == []
        assert book.watermark().batch == 40
        assert book.verify_chain().problems == ()
    finally:
        book.close()


def _make(url: str, queue: multiprocessing.Queue[str]) -> None:
    try:
        create_book(url, clock=ticking()).close()
        queue.put("made")
    except BookError:
        queue.put("refused")


def test_two_processes_make_one_book(book_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[str] = context.Queue()
    makers = [context.Process(target=_make, args=(book_url, queue)) for _ in range(2)]
    for maker in makers:
        maker.start()
    said = sorted(queue.get(timeout=60) for _ in makers)
    for maker in makers:
        maker.join()
    assert said == ["made", "refused"]
    book = open_book(book_url, clock=ticking())
    assert book.verify_chain().problems == ()
    book.close()
