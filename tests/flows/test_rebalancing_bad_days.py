"""Bad days of the road from proposal to book, through the public face: typed, nothing lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import argosy
import argosy.interfaces.book.rebalancing as face
from argosy.base.errors import ArgosyError, InvalidInput, MissingPrice, StaleData
from argosy.interfaces.book import Book
from argosy.record.mandate import MandateError
from argosy.record.orders.states import ExpiredProposal, IllegalStep
from argosy.workflows.pretrade import LimitsBroken
from tests.flows.test_rebalancing import MANDATE, NAMES, price_rows

LAST = "2022-03-31"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = argosy.create(str(tmp_path / "book.db"))
    made.create_portfolio("GROWTH", currency="USD", mandate=MANDATE.encode())
    made.import_instruments(("code,name,type,currency\n" + "".join(f"{n},{n},equity,USD\n" for n in NAMES)).encode())
    made.import_prices(price_rows().encode())
    rows = ["date,type,portfolio,instrument,quantity,price,net", "2021-01-04,deposit,GROWTH,,,,100000",
            "2021-01-04,buy,GROWTH,AAA,500,100,", "2021-01-04,buy,GROWTH,BBB,300,100,",
            "2021-01-04,buy,GROWTH,CCC,150,100,"]  # fmt: skip
    assert made.import_transactions("\n".join(rows).encode() + b"\n").written
    return made


def proposed(book: Book) -> int:
    _, stored = book.propose_rebalance("GROWTH", by="ann")
    return stored.lives[0].terms.id


def sent(book: Book) -> int:
    number = proposed(book)
    book.approve([number], by="bob")
    book.send([number], by="desk")
    return number


def fills(*rows: str) -> bytes:
    return ("order,date,quantity,price,reference,fee\n" + "\n".join(rows) + "\n").encode()


def state(book: Book, number: int) -> str:
    return next(str(row["state"]) for row in book.proposals().table().rows() if row["proposal"] == number)


def unchanged(book: Book, mark: object) -> None:
    assert book.watermark == mark
    assert book.verify().ok


# -- the mandate against itself or arithmetic -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda text: text.replace("CCC 15%", "CCC 25%"), InvalidInput, "sum to 1.05"),
        (lambda text: text.replace("weight of each <= 70%", "weight of AAA = 80% .. 20%"), ArgosyError, "80%|0.8"),
        (lambda text: text + '[trading]\nminimum_trade = "150%"\n', MandateError, "minimum_trade"),
        (lambda text: text.replace('source = "weights"', 'source = "optimizer"').replace(
            "weight of each <= 70%", "weight of each <= 20%") + '[objective]\nmodel = "minimum variance"\n',
         ArgosyError, "20%|0.2"),
    ],
    ids=["targets beyond the whole", "floor above cap", "minimum beyond the whole", "no portfolio keeps the limits"],
)  # fmt: skip
def test_a_mandate_that_cannot_be_met_is_refused_in_words(
    book: Book, change: object, error: type[ArgosyError], said: str
) -> None:
    mark = book.watermark
    with pytest.raises(error, match=said):
        book.set_mandate("GROWTH", change(MANDATE).encode())  # type: ignore[operator]
        mark = book.watermark
        book.propose_rebalance("GROWTH", by="ann")
    unchanged(book, mark)


def test_a_minimum_trade_above_the_bands_trades_nothing_and_says_so(book: Book) -> None:
    book.set_mandate("GROWTH", (MANDATE + '[trading]\nminimum_trade = "40%"\n').encode())
    checked, stored = book.propose_rebalance("GROWTH", by="ann")
    assert not stored.lives
    assert "no order is large enough" in checked.found[0][1].plan.sentence


# -- time and people --------------------------------------------------------------------------------------------------


def test_what_expired_or_was_replaced_cannot_be_approved(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    first = proposed(book)
    expires = book.propose_rebalance("GROWTH", by="ann", reason="again")[1].lives[0].terms.expires
    mark = book.watermark
    with pytest.raises(IllegalStep, match="superseded"):
        book.approve([first], by="bob")
    monkeypatch.setattr(face, "system_clock", lambda: expires + 1)
    with pytest.raises(ExpiredProposal, match="expired"):
        book.approve([first + 1], by="bob")
    unchanged(book, mark)
    assert state(book, first + 1) == "expired"


APPROVE = """
import sys
import argosy
with argosy.open(sys.argv[1]) as book:
    sys.stdin.readline()
    try:
        print(book.approve([int(sys.argv[2])], by=sys.argv[3]).summary())
    except argosy.ArgosyError as error:
        print(f"{error.code}: {error.message}")
"""


def test_two_approvers_at_once_are_put_in_order(book: Book) -> None:
    number = proposed(book)
    people = [
        subprocess.Popen([sys.executable, "-c", APPROVE, book.url, str(number), name], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("bob", "eve")
    ]  # fmt: skip
    for one in people:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=120) for one in people]
    told = sorted(out.strip() for out, _ in said)
    assert all(one.returncode == 0 for one in people), said
    assert told[0].startswith("approve: proposal 1 approved (batch")
    assert told[1].startswith("illegal_step: proposal 1 is approved by")
    steps = [row["step"] for row in book.proposal(number).tables[-1].rows()]
    assert steps == ["approve"]
    assert book.verify().ok


# -- the market and the broker ----------------------------------------------------------------------------------------


def test_prices_gone_stale_stop_proposal_and_approval(book: Book) -> None:
    book.set_mandate("GROWTH", (MANDATE + "[prices]\nmax_age_days = 5\n").encode())
    number = proposed(book)
    mark = book.watermark
    with pytest.raises((StaleData, MissingPrice), match="AAA"):
        book.propose_rebalance("GROWTH", by="ann", as_of="2022-05-31")
    with pytest.raises((StaleData, MissingPrice), match="AAA"):
        book.approve([number], by="bob", as_of="2022-05-31")
    unchanged(book, mark)


def test_fills_beyond_the_order_or_for_no_order_book_nothing(book: Book) -> None:
    number = sent(book)
    row = book.orders([number]).rows()[0]
    order, quantity = str(row["order"]), int(row["quantity"])
    mark = book.watermark
    for bad, said in (
        (f"{order},{LAST},{quantity + 1},100,R1,", "more than order"), (f"77-1,{LAST},1,100,R1,", "no order 77-1"),
        (f"{number}-99,{LAST},1,100,R1,", "no order"), (f"what,{LAST},1,100,R1,", "not an order"),
        (f"{order},{LAST},1,100,,", "reference"), (f"{order},{LAST},0,100,R1,", "quantity above zero"),
        (f"{order},{LAST},{quantity},100,R1,\n{order},{LAST},1,100,R2,", "filled|more than"),
    ):  # fmt: skip
        report = book.book_fills(fills(bad), by="BROKER")
        assert not report.written
        assert any(np.char.find(problem.text(), said.split("|")[0]) >= 0 or said.split("|")[-1] in problem.text()
                   for problem in report.problems), report.problems  # fmt: skip
    unchanged(book, mark)
    # One that is not sent is not in the market: a fill of it is a mistake of somebody.
    book.cancel_order(order, by="desk")
    assert not book.book_fills(fills(f"{order},{LAST},1,100,R1,"), by="BROKER").written


def test_the_same_fill_twice_is_booked_once(book: Book) -> None:
    number = sent(book)
    row = book.orders([number]).rows()[0]
    content = fills(f"{row['order']},{LAST},{int(row['quantity']) // 2},{row['price']},R1,1.50")
    assert book.book_fills(content, by="BROKER").inserted == 1
    mark = book.watermark
    again = book.book_fills(content, by="BROKER")
    assert (again.inserted, again.known) == (0, 1)
    unchanged(book, mark)


def test_no_cash_and_fees_due_are_raised_by_sales(book: Book) -> None:
    book.set_mandate("GROWTH", (MANDATE + '[trading]\ncash_buffer = "1%"\n').replace(
        "[costs]", 'cash = "0.5%"\n[costs]').encode())  # fmt: skip
    cash = book.cash(portfolio="GROWTH").table().rows()[0]["traded"]
    rows = f"date,type,portfolio,net\n{LAST},withdrawal,GROWTH,-{cash}\n{LAST},fee,GROWTH,-2500\n"
    assert book.import_transactions(rows.encode()).written
    ((_, found),) = book.check_rebalance("GROWTH").found
    assert found.plan.weights[-1] < 0.0
    assert any(one.sentence.endswith("of cash to raise") for one in found.plan.triggers)
    assert found.plan.after[-1] >= 0.01 - 1e-3
    number = sent(book)
    orders = book.orders([number]).rows()
    content = fills(
        *(f"{row['order']},{LAST},{row['quantity']},{row['price']},R{at}," for at, row in enumerate(orders))
    )
    assert book.book_fills(content, by="BROKER").written
    assert Decimal(str(book.cash(portfolio="GROWTH").table().rows()[0]["traded"])) > 0
    assert book.verify().ok


def test_a_name_delisted_between_proposal_and_fill(book: Book) -> None:
    number = sent(book)
    sale = next(row for row in book.orders([number]).rows() if row["side"] == "sell")
    # Everything held of it is taken out at the merger's price before the broker could sell any.
    rows = f"date,type,portfolio,instrument,quantity,price\n{LAST},sell,GROWTH,{sale['instrument']},500,90\n"
    assert book.import_transactions(rows.encode()).written
    mark = book.watermark
    report = book.book_fills(fills(f"{sale['order']},{LAST},{sale['quantity']},90,R1,"), by="BROKER")
    assert not report.written
    assert report.problems
    unchanged(book, mark)
    book.refuse_order(str(sale["order"]), by="BROKER", reason="delisted")
    left = [row["state"] for row in book.proposal(number).tables[1].rows() if row["order"] == sale["order"]]
    assert left == ["refused"]
    assert book.verify().ok


def test_a_split_between_proposal_and_sending_is_noticed(book: Book) -> None:
    number = proposed(book)
    book.approve([number], by="bob")
    row = next(one for one in book.orders([number]).rows() if one["side"] == "sell")
    half = Decimal(str(row["price"])) / 2
    book.import_transactions(
        f"date,type,portfolio,instrument,ratio\n2022-04-01,split,GROWTH,{row['instrument']},2:1\n".encode()
    )
    prices = "date,instrument,price\n" + "".join(
        f"2022-04-01,{name},{half if name == row['instrument'] else 100}\n" for name in NAMES)  # fmt: skip
    book.import_prices(prices.encode())
    with pytest.raises((StaleData, LimitsBroken), match="was made at other prices"):
        book.send([number], by="desk", as_of="2022-04-01")


# -- what it cost -----------------------------------------------------------------------------------------------------


def test_realized_cost_stands_against_the_expected(book: Book) -> None:
    number = sent(book)
    orders = book.orders([number]).rows()
    rows, slipped, charged = [], Decimal(0), Decimal(0)
    for at, row in enumerate(orders):
        worse = Decimal("0.25") if row["side"] == "buy" else Decimal("-0.25")
        quantity = int(row["quantity"]) // (2 if at == 0 else 1)
        rows.append(f"{row['order']},{LAST},{quantity},{Decimal(str(row['price'])) + worse},R{at},{at}.50")
        slipped += Decimal("0.25") * quantity
        charged += at + Decimal("0.50")
    assert not [table for table in book.proposal(number).tables if table.name == "Cost of trading"]
    assert book.book_fills(fills(*rows), by="BROKER").written
    (table,) = [one for one in book.proposal(number).tables if one.name == "Cost of trading"]
    total = table.rows()[-1]
    assert total["order"] == "total"
    assert (total["price"], total["charges"]) == (slipped.quantize(Decimal("0.01")), charged)
    assert total["realized"] == total["price"] + total["charges"]
    half = table.rows()[0]
    asked = Decimal(str(orders[0]["expected_cost"])) * (int(orders[0]["quantity"]) // 2) / int(orders[0]["quantity"])
    assert half["expected"] == pytest.approx(asked, abs=Decimal("0.01"))
    assert total["beyond"] == total["realized"] - total["expected"]
