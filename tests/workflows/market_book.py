"""A book with instruments, its market files and a clock, for tests of market imports."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from argosy.adapters.files.market_files import LocalMarketFiles
from argosy.adapters.store.opening import create_book
from argosy.record.facts import FactDraft, FactKind
from argosy.workflows.ports import BatchDraft, BookStore

INSTRUMENTS = (("AAPL", "USD", "USD"), ("SHEL.L", "GBP", "GBp"), ("BMW.DE", "EUR", "EUR"))


def make_book(url: str, folder: Path) -> tuple[BookStore, LocalMarketFiles]:
    ticks = itertools.count(1_700_000_000_000_000, 1_000)
    store = create_book(url, clock=lambda: next(ticks), market_location=str(folder / "market"))
    add_instruments(store, INSTRUMENTS)
    return store, LocalMarketFiles(folder / "market", folder / "cache")


def add_instruments(store: BookStore, listed: Sequence[tuple[str, str, str]]) -> None:
    with store.writer() as writer:
        first = writer.next_id(FactKind.INSTRUMENT)
        writer.append(BatchDraft("instruments", "test", [
            FactDraft(FactKind.INSTRUMENT, first + place, 0, {
                "code": code, "name": code, "type": "equity", "currency": currency, "quote_unit": unit,
                "factor": [1, -2 if unit == "GBp" else 0], "quantity_scale": 8,
                "identifiers": {"isin": "US0378331005"} if code == "AAPL" else {}, "attributes": {},
            }) for place, (code, currency, unit) in enumerate(listed)
        ]))  # fmt: skip
