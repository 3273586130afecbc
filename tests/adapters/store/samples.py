"""Batches for tests of the store: made up, small, of every shape the store must keep."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from argosy.record.facts import FactDraft, FactKind
from argosy.record.ledger.events import COLUMNS, EventColumns
from argosy.workflows.ports import VALUATION_COLUMNS, BatchDraft, RawFile

SMALLEST, LARGEST = -(2**63), 2**63 - 1


def ticking(start: int = 1_000_000) -> Callable[[], int]:
    """A clock that moves one second at each look."""
    now = [start]

    def look() -> int:
        now[0] += 1_000_000
        return now[0]

    return look


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


def events(count: int, seed: int = 0) -> EventColumns:
    """Events whose numbers span the whole of int64."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.integers(SMALLEST, LARGEST, count, endpoint=True) for name in COLUMNS}
    columns |= {
        "seq": np.zeros(count, np.int64),
        "batch": np.zeros(count, np.int64),
        "kind": rng.integers(1, 60, count),
        "portfolio": rng.integers(1, 6, count),
        "instrument": rng.integers(0, 9, count),
        "anchor": np.zeros(count, np.int64),
        "link": np.zeros(count, np.int64),
        "target": np.zeros(count, np.int64),
        "sleeve": np.zeros(count, np.int64),
    }
    payload = {at: {"ref": f"ü{at}", "lots": [[at, 1]], "": True} for at in range(0, count, 3)}
    return EventColumns(columns, payload)


def draft(count: int, name: str = "first", *, facts: int = 2, valuations: int = 3) -> BatchDraft:
    """A batch with rows of all three kinds, keys and a file."""
    rng = np.random.default_rng(count)
    return BatchDraft(
        "import transactions",
        f"{name} — source",
        facts=[FactDraft(FactKind.ACCOUNT, at + 1, at * 10, {"code": f"A{at}", "n": [1, "ß"]}) for at in range(facts)],
        events=events(count, seed=count),
        keys=[digest(f"{name} {at}") for at in range(count)],
        contents=[digest(f"content {at}") for at in range(count)],
        valuations={c: rng.integers(SMALLEST, LARGEST, valuations, endpoint=True) for c in VALUATION_COLUMNS},
        file=RawFile(f"{name}.csv", f"{name},{count}\n".encode() * 10, "tests 1"),
        note="a note",
    )
