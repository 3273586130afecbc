"""Two processes write to one book at the same time: both are whole, in one order, and nothing is there twice."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter

import argosy

IMPORT = """
import sys
import argosy
url, portfolio, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
with argosy.open(url) as book:
    for number in range(rounds):
        rows = "date,type,portfolio,net,reference\\n" + "".join(
            f"2024-01-02,deposit,{portfolio},1.00,{portfolio}-{number}-{row}\\n" for row in range(20))
        for _ in range(2):    # the second time nothing is new
            report = book.import_transactions(rows.encode(), name=f"{portfolio}-{number}.csv")
            assert report.ok, report.table()
        print(report.known, flush=True)
"""


def start(url: str, portfolio: str, rounds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT, url, portfolio, str(rounds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_writers_take_turns(growth: argosy.Book) -> None:
    for code in ("ONE", "TWO"):
        growth.create_portfolio(code, currency="USD")
    rounds = 8
    writers = [start(growth.url, code, rounds) for code in ("ONE", "TWO", "TWO")]  # two of them send the same
    for writer in writers:
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        assert out.split() == ["20"] * rounds
    rows = growth.transactions(as_of="2024-12-31", portfolio=["ONE", "TWO"]).table().rows()
    assert Counter(row["reference"] for row in rows).most_common(1)[0][1] == 1
    assert Counter(row["portfolio"] for row in rows) == {"ONE": 20 * rounds, "TWO": 20 * rounds}
    batches = growth.batches().rows()
    assert [row["batch"] for row in batches] == list(range(1, len(batches) + 1))
    assert all(after["first"] == before["last"] + 1 for before, after in itertools.pairwise(batches))


def test_a_reader_sees_whole_batches_while_another_writes(growth: argosy.Book) -> None:
    growth.create_portfolio("ONE", currency="USD")
    writer = start(growth.url, "ONE", 12)
    seen = set()
    while writer.poll() is None:
        seen.add(len(growth.transactions(as_of="2024-12-31", portfolio="ONE").table()))
    _, err = writer.communicate()
    assert writer.returncode == 0, err
    assert all(count % 20 == 0 for count in seen)
