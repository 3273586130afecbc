from __future__ import annotations

from pathlib import Path

import argosy
from argosy.wiring import open_store
from argosy.workflows.warm import WarmBook


def test_a_warm_book_follows_events_mandates_and_voids(tmp_path: Path) -> None:
    book = argosy.create(f"sqlite:///{tmp_path / 'book.db'}")
    book.create_portfolio("P", currency="USD")
    book.create_portfolio("Q", currency="USD")
    book.import_instruments(b"code,name,type,currency\nX,X,equity,USD\n", name="instruments.csv")
    store = open_store(book.url)
    warm = WarmBook(store)
    assert len(warm.positions("P")) == 0
    head = "date,type,portfolio,instrument,quantity,net,currency,reference\n"

    def trade(row: str) -> None:
        assert book.import_transactions((head + row).encode(), name="t.csv").written

    trade("2024-01-02,buy,P,X,10,-100,USD,b1\n")
    assert warm.positions("P").quantity.tolist() == [10_0000_0000]
    trade("2024-01-03,buy,P,X,10,-300,USD,b2\n")
    trade("2024-01-04,sell,P,X,-10,500,USD,s1\n")
    assert warm.positions("P").cost.tolist() == [300_0000]
    book.set_mandate("P", '[lots]\nmethod = "AVERAGE"\n')
    assert warm.positions("P").cost.tolist() == [200_0000]
    assert len(warm.positions()) == 1
    batch = store.watermark().batch
    trade("2024-01-05,buy,Q,X,1,-7,USD,b3\n")
    assert warm.positions().cost.tolist() == [200_0000, 7_0000]
    assert warm.watermark is not None
    assert warm.watermark.batch == batch + 1
    assert warm.problems() == ()
    assert warm.reference.portfolio("Q").code == "Q"
    store.close()
    book.close()
