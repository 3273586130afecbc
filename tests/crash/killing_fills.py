"""Kill a desk that books fills, at random moments: ``python -m tests.crash.killing_fills URL KILLS SEED``.

A fill is a trade and a step of its order. Whatever the moment, both are there or neither, for whole files. Prints one
JSON object.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import argosy
from argosy.adapters.store.opening import open_book
from argosy.base.money import Quote
from argosy.record.orders.proposal import Order, Proposal
from argosy.record.orders.states import StepKind
from argosy.wiring import system_clock
from argosy.workflows.proposals import decide, lives_at, store_proposals
from tests.crash.killing import INSIDE_SHARE, LONGEST_WAIT, Flag, collect, forked, watch

ROWS = 5
ASKED = 10**6


def prepare(url: str) -> None:
    """A book whose one order is large enough for every fill of a campaign."""
    with argosy.create(url) as book:
        book.create_portfolio("GROWTH", currency="USD")
        book.import_instruments(b"code,name,type,currency,quantity_scale\nACME,Acme,equity,USD,0\n")
        book.import_prices(b"date,instrument,price\n2024-01-02,ACME,20\n")
        book.import_transactions(b"date,type,portfolio,net\n2024-01-02,deposit,GROWTH,1000000000\n")
        reference = book._reference()
        account, acme = next(iter(reference.accounts)), reference.instrument("ACME").id
        order = Order(account, 0, acme, "buy", ASKED, Quote(20, 0), 19_724)
        store_proposals(book.store, [Proposal(0, 1, 19_724, "ann", 0, 1, "drift", "", (order,))], clock=system_clock)
        for kind, who in ((StepKind.APPROVE, "bob"), (StepKind.SEND, "desk")):
            decide(book.store, clock=system_clock, proposals=[1], kind=kind, by=who)


def fills(number: int) -> bytes:
    """The file of fills that can only be number ``number``."""
    rows = [f"1-1,2024-01-02,1,20.{number % 100:02},{number}-{at}" for at in range(ROWS)]
    return ("order,date,quantity,price,reference\n" + "\n".join(rows) + "\n").encode()


def desk(url: str, first: int) -> Callable[[int], None]:
    """Book file after file, acknowledging each; the first may be one that was booked and not acknowledged."""

    def work(pipe: int) -> None:
        with argosy.open(url) as book:
            for number in range(first, first + 10_000):
                report = book.book_fills(fills(number), by="BROKER", name=f"fills-{number}.csv")
                assert report.ok, str(report.problems)
                os.write(pipe, f"{json.dumps(number)}\n".encode())

    return work


def checker(url: str, acknowledged: int) -> Callable[[int], None]:
    """What is wrong with what was left, and the next file."""

    def work(pipe: int) -> None:
        store = open_book(url, clock=lambda: 0)
        found = list(store.verify_chain().problems)
        (order,) = lives_at(store)[1][1].orders
        steps = Counter(fill.reference for fill in order.fills)
        events = store.events()
        trades = Counter(str(told.get("ref", "")) for at in range(len(events))
                         if (told := events.payload.get(at, {})).get("note"))  # fmt: skip
        if steps != trades:
            found.append(f"steps and trades differ: {sorted(set(steps) ^ set(trades))[:5]}")
        if any(count > 1 for count in steps.values()) or order.filled > ASKED:
            found.append("a fill is there twice")
        files = Counter(reference.partition("-")[0] for reference in steps)
        found += [f"file {number} is there in part" for number, count in files.items() if count != ROWS]
        found += [
            f"file {number} was acknowledged and is gone" for number in range(acknowledged) if str(number) not in files
        ]
        store.close()
        os.write(pipe, (json.dumps([found, len(files)]) + "\n").encode())

    return work


def campaign(url: str, kills: int, seed: int) -> dict[str, Any]:
    """Kill the desk again and again; only children ever open the book."""
    flag, rng = Flag(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:  # everything that loads late is loaded before the first fork
        warm = f"sqlite:///{folder}/warm.db"
        prepare(warm)
        with argosy.open(warm) as book:
            assert book.book_fills(fills(0), by="BROKER", name="fills-0.csv").ok
    status, _ = collect(*forked(lambda _: prepare(url)))
    assert status == 0
    watch(flag, url)
    inside, acknowledged, there, problems = 0, 0, 0, []
    for number in range(kills):
        flag.set(0)
        # Every second desk begins with the last file again: it finds it known.
        child, pipe = forked(desk(url, max(there - number % 2, 0)))
        time.sleep(rng.uniform(0.01, 0.15))
        if rng.random() < INSIDE_SHARE:
            deadline = time.monotonic() + LONGEST_WAIT
            while not flag.get() and time.monotonic() < deadline:
                pass
            time.sleep(rng.uniform(0, 0.006))
        os.kill(child, signal.SIGKILL)
        _, lines = collect(child, pipe)
        inside += flag.get()
        acknowledged = max([acknowledged, *(line + 1 for line in lines)])
        status, answers = collect(*forked(checker(url, acknowledged)))
        if status or not answers:
            problems.append(f"kill {number}: the book does not open")
            break
        found, there = answers[0]
        problems += [f"kill {number}: {problem}" for problem in found]
    return {"kills": kills, "inside": inside, "files": there, "problems": problems[:20]}


if __name__ == "__main__":
    address, count, first_seed = sys.argv[1:]
    print(json.dumps(campaign(address, int(count), int(first_seed))))
