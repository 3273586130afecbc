"""The loop on paper through the public face: exact, without a look ahead, the same by days and by weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.adapters.store.opening import create_book
from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, UnknownName
from argosy.interfaces.book import Book
from argosy.record.orders.fold import read_lives
from argosy.record.reference_fold import Reference
from argosy.wiring import row_reader, system_clock
from argosy.workflows.borrowed_files import BorrowedFiles
from argosy.workflows.ports import BookStore
from argosy.workflows.simulate import Simulation, simulate
from argosy.workflows.verify import verify

NAMES = ("AAA", "BBB", "CCC")
MANDATE = """[targets]
source = "weights"
weights = ["AAA 50%", "BBB 30%", "CCC 15%"]
[rebalancing]
absolute = "2%"
cash = "8%"
risk_aversion = 40
[costs]
half_spread = "5bp"
trading = "3bp"
exchange = "2bp"
fixed = 1
purchase_tax = "10bp"
[tax]
regime = "US"
[limits]
rules = ["weight of each <= 52%"]
[risk_model]
covariance = "sample"
"""


def levels(last: str, *, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    days = np.arange(np.datetime64("2020-06-01"), np.datetime64(last) + 1)
    days = days[np.is_busday(days)]
    steps = np.random.default_rng(seed).normal(0.0, 0.015, (days.size, 3)) + np.array([0.002, 0.0, -0.0005])
    return days, np.round(100.0 * np.cumprod(1.0 + steps, axis=0), 4)


def price_rows(days: np.ndarray, prices: np.ndarray) -> bytes:  # type: ignore[type-arg]
    rows = [f"{day},{name},{level:.4f}" for day, row in zip(days, prices, strict=True)
            for name, level in zip(NAMES, row, strict=True)]  # fmt: skip
    return ("date,instrument,price\n" + "\n".join(rows) + "\n").encode()


def made(path: Path, days: np.ndarray, prices: np.ndarray, *, mandate: str = MANDATE, foreign: str = "USD") -> Book:  # type: ignore[type-arg]
    book = argosy.create(str(path))
    book.create_portfolio("GROWTH", currency="USD", mandate=mandate.encode())
    rows = "".join(f"{name},{name},equity,{foreign if name == 'CCC' else 'USD'}\n" for name in NAMES)
    book.import_instruments(("code,name,type,currency\n" + rows).encode())
    book.import_prices(price_rows(days, prices))
    if foreign != "USD":
        rates = "\n".join(f"{day},{foreign},USD,{1.1 + 0.001 * at:.4f}" for at, day in enumerate(days))
        assert book.import_fx(("date,base,quote,rate\n" + rates + "\n").encode()).written
    book.import_transactions(b"date,type,portfolio,net\n2020-06-01,deposit,GROWTH,100000\n")
    return book


def paper(book: Book, folder: Path, *, first: str, last: str, rules: tuple[str, ...] = ("mandate",),
          whole: bool = False, every: str = "daily") -> tuple[Simulation, list[BookStore]]:  # fmt: skip
    stores: list[BookStore] = []

    def scratch(rule: str) -> BookStore:
        folder.mkdir(exist_ok=True)
        stores.append(create_book(f"sqlite:///{folder}/{len(stores)}-{rule}.db", clock=system_clock))
        return stores[-1]

    found = simulate(
        book.look(as_of=last, portfolio="GROWTH"), scratch, row_reader(), first=parse_date(first), rules=rules,
        every=every, every_day_whole=whole,
    )  # fmt: skip
    return found, stores


def lives_of(store: BookStore) -> list[object]:
    return list(read_lives(Reference.from_facts(store.facts()).facts).values())


def test_days_left_out_change_nothing(tmp_path: Path) -> None:
    days, prices = levels("2020-09-11")
    book = made(tmp_path / "book.db", days, prices)
    rules = ("mandate", "monthly")
    quick, stores = paper(book, tmp_path / "quick", first="2020-06-03", last="2020-09-11", rules=rules)
    slow, _ = paper(book, tmp_path / "slow", first="2020-06-03", last="2020-09-11", rules=rules, whole=True)
    assert quick.outcomes[0].rebalances >= 2
    for one, other in zip(quick.outcomes, slow.outcomes, strict=True):
        assert one.nav.tolist() == other.nav.tolist()
        assert one.trades == other.trades
        assert (one.tax, one.cost) == (other.tax, other.cost)
    # Each paper book is a book like any other: whole, and no order filled beyond what it asked for.
    for store in stores:
        assert verify(store, BorrowedFiles(book._files())).ok
        for life in lives_of(store):
            assert all(order.filled <= order.terms.quantity for order in life.orders)  # type: ignore[attr-defined]


def test_no_day_sees_a_later_one(tmp_path: Path) -> None:
    days, prices = levels("2020-09-30")
    other = prices.copy()
    cut = int(np.searchsorted(days, np.datetime64("2020-08-12")))
    other[cut + 1 :] *= np.linspace(1.0, 1.5, days.size - cut - 1)[:, None] * np.array([1.0, 0.8, 1.3])
    found = []
    for number, table in enumerate((prices, np.round(other, 4))):
        book = made(tmp_path / f"{number}.db", days, table)
        found.append(paper(book, tmp_path / f"p{number}", first="2020-06-03", last="2020-09-30")[0].outcomes[0])
    seen = parse_date("2020-08-12")
    before = found[0].days <= seen
    assert found[0].nav[before].tolist() == found[1].nav[before].tolist()
    decided = [[trade.day for trade in one.trades if trade.day <= seen] for one in found]
    assert decided[0] == decided[1]
    assert found[0].nav[-1] != found[1].nav[-1]


def test_money_is_conserved_and_costs_and_taxes_are_paid(tmp_path: Path) -> None:
    days, prices = levels("2021-03-31")
    book = made(tmp_path / "book.db", days, prices)
    found, (store,) = paper(book, tmp_path / "p", first="2020-06-03", last="2021-03-31", rules=("quarterly",))
    (one,) = found.outcomes
    assert one.rebalances >= 3  # each quarter, and whenever AAA is over its limit
    events = store.events()
    # What was put in, and every trade, fee and tax: cash is their sum, and NAV is cash and what is held at its price.
    cash = int(events["net"].sum()) / 10**4
    paid = [trade.cost for trade in one.trades]
    assert all(cost > 0.0 for cost in paid)
    seen = book.look(as_of="2021-03-31", portfolio="GROWTH")
    bought = dict.fromkeys(NAMES, 0.0)
    for at in range(len(events)):
        instrument = int(events["instrument"][at])
        if instrument:
            bought[seen.reference.instruments[instrument].code] += int(events["quantity"][at]) / 10**8
    worth = sum(units * level for units, level in zip(bought.values(), prices[-1].tolist(), strict=True))
    assert one.nav[-1] == pytest.approx(cash + worth, abs=0.01)
    assert one.tax > 0.0
    table = found.statement().tables
    assert table[0].rows()[0]["tax"] > 0
    assert len(table[1].rows()) == one.rebalances + 1
    assert len(table[2].rows()) == one.days.size


def test_foreign_money_is_changed_on_the_day(tmp_path: Path) -> None:
    days, prices = levels("2020-08-31")
    book = made(tmp_path / "book.db", days, prices, foreign="EUR")
    found, (store,) = paper(book, tmp_path / "p", first="2020-06-03", last="2020-08-31", rules=("monthly",))
    assert found.outcomes[0].rebalances >= 1
    assert verify(store, BorrowedFiles(book._files())).ok
    paper_book = Book(store)
    paper_book._market = BorrowedFiles(book._files())
    # Euros are bought for what is bought and sold for what is sold: none are left over.
    balances = {row["currency"]: row["traded"] for row in paper_book.cash(as_of="2020-08-31").table().rows()}
    assert set(balances) <= {"USD", "EUR"}
    assert not balances.get("EUR")
    booked = [row["type"] for row in paper_book.transactions(as_of="2020-08-31").table().rows()]
    assert booked.count("currency conversion") >= 2


def test_from_the_public_face(tmp_path: Path) -> None:
    days, prices = levels("2020-08-31")
    book = made(tmp_path / "book.db", days, prices)
    before = book.watermark
    found = book.simulate_rebalancing("GROWTH", first="2020-06-03", rules=["never", "yearly"], every="weekly")
    assert [one.rule for one in found.outcomes] == ["never", "yearly"]
    assert found.table().rows()[0]["earned"] == 0
    assert book.watermark == before
    with pytest.raises(UnknownName, match="sometimes"):
        book.simulate_rebalancing("GROWTH", first="2020-06-03", rules=["sometimes"])
    with pytest.raises(UnknownName, match="hourly"):
        book.simulate_rebalancing("GROWTH", first="2020-06-03", every="hourly")
    with pytest.raises(InvalidInput, match="sessions"):
        book.simulate_rebalancing("GROWTH", first="2020-08-31")
    with pytest.raises(InvalidInput, match="first day"):
        book.simulate_rebalancing("GROWTH", first=None)
    book.create_portfolio("EMPTY", currency="USD", mandate=MANDATE.encode())
    with pytest.raises(InvalidInput, match="worth nothing"):
        book.simulate_rebalancing("EMPTY", first="2020-06-03")
    book.set_mandate("EMPTY", b'[targets]\nsource = "model"\nfollow = "GROWTH"\n')
    with pytest.raises(InvalidInput, match="follows another"):
        book.simulate_rebalancing("EMPTY", first="2020-06-03")


def test_a_split_is_followed_and_an_order_without_a_price_is_cancelled(tmp_path: Path) -> None:
    days, prices = levels("2020-08-31")
    cut = int(np.searchsorted(days, np.datetime64("2020-07-15")))
    plain = made(tmp_path / "plain.db", days, prices)
    halved = prices.copy()
    halved[cut:, 0] = halved[cut:, 0] / 2.0
    split = made(tmp_path / "split.db", days, halved)
    rows = b"date,type,portfolio,instrument,quantity,price\n2020-06-02,buy,GROWTH,AAA,10,100\n"
    for book in (plain, split):
        book.import_transactions(rows)
    split.import_transactions(b"date,type,portfolio,instrument,ratio\n2020-07-15,split,GROWTH,AAA,2:1\n")
    dates = {"first": "2020-06-03", "last": "2020-08-31", "rules": ("never",)}
    one = paper(plain, tmp_path / "p", **dates)[0].outcomes[0]  # type: ignore[arg-type]
    other = paper(split, tmp_path / "s", **dates)[0].outcomes[0]  # type: ignore[arg-type]
    # Prices of half a share are rounded to four decimals: the rest is the same to the cent of each day.
    assert other.nav == pytest.approx(one.nav, rel=1e-6)
    # CCC is not priced any more: its order waits, and is cancelled.
    gone = argosy.create(str(tmp_path / "gone.db"))
    gone.create_portfolio("GROWTH", currency="USD", mandate=MANDATE.encode())
    gone.import_instruments(("code,name,type,currency\n" + "".join(f"{n},{n},equity,USD\n" for n in NAMES)).encode())
    kept = [line for line in price_rows(days, prices).decode().splitlines()
            if not ("CCC" in line and line[:10] > "2020-07-15")]  # fmt: skip
    gone.import_prices(("\n".join(kept) + "\n").encode())
    gone.import_transactions(b"date,type,portfolio,net\n2020-06-01,deposit,GROWTH,100000\n")
    found, (store,) = paper(gone, tmp_path / "g", first="2020-07-15", last="2020-08-05", rules=("never",))
    (life,) = lives_of(store)
    states = {gone._reference().instruments[order.terms.instrument].code: str(order.state) for order in life.orders}  # type: ignore[attr-defined]
    assert states == {"AAA": "filled", "BBB": "filled", "CCC": "cancelled"}
    assert found.outcomes[0].trades[0].orders == 2


def test_a_verdict_against_a_proposal_is_a_note(tmp_path: Path) -> None:
    days, prices = levels("2020-08-31")
    text = MANDATE.replace('rules = ["weight of each <= 52%"]', 'rules = ["weight of AAA <= 30%"]')
    book = made(tmp_path / "book.db", days, prices, mandate=text)
    found, (store,) = paper(book, tmp_path / "p", first="2020-06-03", last="2020-06-10")
    assert found.outcomes[0].rebalances == 0
    assert any("may not be traded" in note for note in found.outcomes[0].notes)
    assert {str(life.state) for life in lives_of(store)} == {"rejected"}  # type: ignore[attr-defined]
    assert found.outcomes[0].nav[-1] == found.outcomes[0].nav[0]
