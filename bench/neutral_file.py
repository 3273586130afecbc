"""Neutral transactions files for benches: a million believable rows, nothing oversold, references unique.

Importing this module needs numpy only; it has no promise of its own.
"""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import numpy as np

import argosy
from argosy.base.money import currency_name
from argosy.record.ledger.events import EventColumns, Kind
from bench.lots_kernel import INSTRUMENTS, events_of

TYPES = {
    Kind.BUY: "buy", Kind.SELL: "sell", Kind.DIVIDEND: "dividend", Kind.FEE: "fee", Kind.DEPOSIT: "deposit",
    Kind.FX: "fx", Kind.INTEREST: "interest",
}  # fmt: skip
EPOCH = datetime.date(1970, 1, 1)
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF")


def instruments_csv() -> bytes:
    """The instruments the events name."""
    lines = [f"I{n},Instrument {n},equity,{CURRENCIES[n % 5]}" for n in range(1, INSTRUMENTS + 1)]
    return ("code,name,type,currency\n" + "\n".join(lines) + "\n").encode()


def transactions_csv(events: EventColumns) -> bytes:
    """The events as a neutral file, one row each."""
    names = ("kind", "trade_date", "settle_date", "portfolio", "instrument", "quantity", "currency", "net", "fee",
             "currency2", "net2")  # fmt: skip
    days = {day: (EPOCH + datetime.timedelta(days=day)).isoformat() for day in
            np.unique(np.concatenate([events["trade_date"], events["settle_date"]])).tolist()}  # fmt: skip
    kinds = {int(kind): text for kind, text in TYPES.items()}
    words = {code: currency_name(code) for code in np.unique(events["currency"]).tolist() + [0]}
    out = io.StringIO()
    out.write("date,type,portfolio,instrument,quantity,net,fee,currency,counter_currency,counter_amount,settle_date,")
    out.write("reference\n")
    for row, (kind, day, settled, portfolio, instrument, quantity, currency, net, fee, currency2, net2) in enumerate(
        zip(*(events[name].tolist() for name in names), strict=True)
    ):
        places = 2 if words[currency] == "JPY" else 4
        amount = f"{net / 10**places:.{places}f}" if net else ""
        charged = f"{fee / 10**places:.{places}f}" if fee else ""
        other = ("USD" if currency != currency2 else "EUR") if currency2 else ""
        counter = f"{net2 / 10**4:.4f}" if currency2 else ""
        units = f"{abs(quantity) / 10**8:.2f}" if quantity else ""
        code = f"I{instrument}" if instrument else ""
        out.write(
            f"{days[day]},{kinds[kind]},P{portfolio},{code},{units},{amount},{charged},{words[currency]},{other},"
            f"{counter},{days[settled]},X{row:08d}\n"
        )
    return out.getvalue().encode()


def prepared(book: argosy.Book, portfolios: int) -> None:
    """Create the portfolios and instruments the file names."""
    book.import_instruments(instruments_csv(), name="instruments.csv")
    for number in range(1, portfolios + 1):
        book.create_portfolio(f"P{number}", currency="USD")


def write_file(folder: Path, count: int) -> tuple[Path, EventColumns]:
    """A transactions file of that many rows, and the events behind it."""
    events = events_of(count)
    path = folder / f"transactions-{count}.csv"
    if not path.exists():
        path.write_bytes(transactions_csv(events))
    return path, events
