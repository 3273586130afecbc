"""The work that crash tests interrupt: imports, market loads and closes of a small book, told apart by their number.

Operation ``n`` is an import of five transactions, a load of prices or a close, in turn. Done again after a crash, it
either finds its own rows known or writes them: so the book afterwards says exactly which operations took place.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import argosy
from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.opening import open_book
from argosy.wiring import system_clock
from argosy.workflows.close import close

FIRST = date(2024, 1, 2)
EVENTS = 5
INSTRUMENTS = b"code,name,type,currency\nACME,Acme Corp,equity,USD\nBOLT,Bolt Inc,equity,USD\n"


def day(n: int) -> date:
    """A business day for the n-th operation."""
    weeks, rest = divmod(n, 5)
    return FIRST + timedelta(days=7 * weeks + (rest if rest < 4 else 6))


def prepare(url: str, market: Path) -> None:
    """A book with a portfolio, two instruments and one load of prices."""
    book = argosy.create(url, market=str(market)) if url.startswith("postgresql") else argosy.create(url)
    with book:
        book.create_portfolio("GROWTH", currency="USD", opened=FIRST.isoformat())
        assert book.import_instruments(INSTRUMENTS, name="instruments.csv").written
        assert book.import_prices(prices(0), name="start.csv").written


def transactions(n: int) -> bytes:
    """Five transactions that can only be those of operation n."""
    rows = [f"{day(n)},deposit,GROWTH,,,,{5_000 + n}.00,T{n}-0"]
    rows += [
        f"{day(n)},buy,GROWTH,{'ACME' if at % 2 else 'BOLT'},{at}.5,20.{n % 100:02},,T{n}-{at}" for at in range(1, 5)
    ]
    return ("date,type,portfolio,instrument,quantity,price,net,reference\n" + "\n".join(rows) + "\n").encode()


def prices(n: int) -> bytes:
    """Prices of one day, and of nothing else."""
    rows = [f"{day(n)},{code},{20 + n % 7}.{n % 100:02}" for code in ("ACME", "BOLT")]
    return ("date,instrument,price\n" + "\n".join(rows) + "\n").encode()


def perform(book: argosy.Book, n: int) -> None:
    """Operation n."""
    if n % 3 == 0:
        report = book.import_transactions(transactions(n), name=f"trades-{n}.csv")
        assert report.ok, str(report.table())
    elif n % 3 == 1:
        report = book.import_prices(prices(n), name=f"prices-{n}.csv")
        assert report.ok, str(report.table())
    else:
        close(book._store, book._files(), clock=system_clock, last=(day(n) - date(1970, 1, 1)).days)


def reached(store: StoredBook) -> int:
    """The first operation of which the book shows nothing (closes leave no name, so they are done again)."""
    names = {info.file_name for info in store.batches()}
    n = 0
    while f"trades-{n}.csv" in names or f"prices-{n}.csv" in names or (n % 3 == 2 and n):
        n += 1
    return n


def inspect(url: str, acknowledged: list[tuple[int, int, str]]) -> list[str]:
    """What is wrong with a book of which (operation, seq, head) were acknowledged; an empty list is what is wanted."""
    store = open_book(url, clock=lambda: 0)
    try:
        return wrong(store, acknowledged)
    finally:
        store.close()


def wrong(store: StoredBook, acknowledged: list[tuple[int, int, str]]) -> list[str]:
    """The same of an open book."""
    found = list(store.verify_chain().problems)
    batches = store.batches()
    names = [info.file_name for info in batches if info.file_name]
    found += [f"{name} is there {names.count(name)} times" for name in sorted(set(names)) if names.count(name) > 1]
    found += [
        f"{info.file_name} has {info.events} events" for info in batches
        if info.file_name.startswith("trades-") and info.events != EVENTS
    ]  # fmt: skip
    for n, seq, head in acknowledged:
        if store.head_at(seq) != head:
            found.append(f"operation {n} was acknowledged up to seq {seq}, and its head is gone")
        name = ("trades-" if n % 3 == 0 else "prices-") + f"{n}.csv"
        if n % 3 != 2 and name not in names:
            found.append(f"operation {n} was acknowledged, and {name} is gone")
    folder = Path(store.market_folder)
    for fact in store.facts():
        name = str(fact.payload.get("file", "")) if fact.kind.name == "MARKET_LOAD" else ""
        if name and not (folder / name).is_file():
            found.append(f"market file {name} is missing")
    return found
