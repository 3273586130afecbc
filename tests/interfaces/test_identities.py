"""Identifiers that change hands and instruments found to be one, through the public face."""

from __future__ import annotations

from pathlib import Path

import argosy

INSTRUMENTS = b"code,name,type,currency\nOLD,Old name,equity,USD\nNEW,New name,equity,USD\n"
TRADES = (
    b"date,type,portfolio,instrument,quantity,net,currency\n"
    b"2024-01-02,deposit,P,,,1000,USD\n2024-01-03,buy,P,OLD,5,50,USD\n2024-01-04,buy,P,NEW,3,33,USD\n"
)


def test_two_instruments_become_one_and_were_two(tmp_path: Path) -> None:
    with argosy.create(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.create_portfolio("P", currency="USD")
        book.import_instruments(INSTRUMENTS, name="instruments.csv")
        book.import_transactions(TRADES, name="trades.csv")
        before = book.watermark
        book.merge_instruments("OLD", "NEW", dry_run=True)
        assert book.watermark == before
        book.merge_instruments("OLD", "NEW", reason="renamed")
        assert [(row["instrument"], int(row["quantity"])) for row in book.positions().table().rows()] == [("NEW", 8)]
        then = book.positions(known_at=before.known_at).table().rows()
        assert [(row["instrument"], int(row["quantity"])) for row in then] == [("OLD", 5), ("NEW", 3)]


def test_an_identifier_names_its_bearer(tmp_path: Path) -> None:
    with argosy.create(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.create_portfolio("P", currency="USD")
        book.import_instruments(INSTRUMENTS, name="instruments.csv")
        book.import_transactions(TRADES, name="trades.csv")
        book.add_identifier("OLD", "isin", "US0378331005")
        rows = book.lots(instrument="US0378331005").table().rows()
        assert [(row["instrument"], int(row["quantity"])) for row in rows] == [("OLD", 5)]
