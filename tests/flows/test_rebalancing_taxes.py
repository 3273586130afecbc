"""Budgets of gains, losses taken, and reasons from elsewhere: signals, corporate actions, risk budgets."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.construction.rebalance.of_book import turnover_between
from argosy.construction.rebalance.proposing import Proposed
from argosy.interfaces.book import Book
from tests.flows.test_rebalancing import MANDATE, NAMES, price_rows

ALWAYS = MANDATE.replace('absolute = "2%"', 'absolute = "2%"\nonly_if_it_pays = false\nhow_far = "target"')


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = argosy.create(str(tmp_path / "book.db"))
    made.create_portfolio("GROWTH", currency="USD", mandate=ALWAYS.encode())
    rows = "".join(f"{n},{n},equity,USD,{'DDD' if n == 'CCC' else ''}\n" for n in NAMES) + "DDD,DDD,equity,USD,\n"
    made.import_instruments(("code,name,type,currency,replacement\n" + rows).encode())
    more = "".join(line.replace(",CCC,", ",DDD,") + "\n" for line in price_rows().splitlines() if ",CCC," in line)
    made.import_prices((price_rows() + more).encode())
    lines = ["date,type,portfolio,instrument,quantity,price,net", "2021-01-04,deposit,GROWTH,,,,100000",
             "2021-01-04,buy,GROWTH,AAA,500,100,", "2021-01-04,buy,GROWTH,BBB,300,100,",
             "2021-01-04,buy,GROWTH,CCC,150,100,"]  # fmt: skip
    assert made.import_transactions("\n".join(lines).encode() + b"\n").written
    return made


def only(book: Book) -> Proposed:
    ((_, found),) = book.check_rebalance("GROWTH").found
    return found


def gain_of(found: Proposed) -> float:
    """What the sales of a proposal realize: every lot was bought at 100."""
    assert found.proposal is not None
    return sum(
        (float(order.price.decimal()) - 100.0) * order.quantity / 1e8
        for order in found.proposal.orders
        if order.side == "sell"
    )


def test_sales_are_cut_to_the_budget_of_gains(book: Book) -> None:
    free = gain_of(only(book))
    assert free > 500.0
    book.set_mandate("GROWTH", ALWAYS.replace('regime = "US"', 'regime = "US"\ngain_budget = 500').encode())
    cut = only(book)
    assert 350.0 < gain_of(cut) <= 500.0
    assert any("for the budget of gains: 500.00 may still be realized" in note for note in cut.notes)
    assert cut.plan.after[-1] >= 0.0
    # What was realized this year counts: the budget is the year's.
    sale = "date,type,portfolio,instrument,quantity,price,net\n2022-03-01,sell,GROWTH,AAA,10,140,\n"
    assert book.import_transactions(sale.encode()).written
    later = only(book)
    assert gain_of(later) <= 100.0
    assert any("100.00 may still be realized" in note for note in later.notes)
    # A hard reason goes before the budget.
    ((_, asked),) = book.check_rebalance("GROWTH", reason="the client asks").found
    assert gain_of(asked) > 100.0


def test_a_loss_is_taken_and_replaced(book: Book) -> None:
    quiet = MANDATE.replace('absolute = "2%"', 'absolute = "30%"\nrelative = "300%"')
    book.set_mandate("GROWTH", quiet.encode())
    assert only(book).proposal is None
    book.set_mandate("GROWTH", quiet.replace('regime = "US"', 'regime = "US"\nharvest_from = 1000').encode())
    found = only(book)
    assert found.proposal is not None
    sale, purchase = found.proposal.orders
    reference = {one.id: one.code for one in book._reference().instruments.values()}
    assert (reference[sale.instrument], sale.side, sale.quantity) == ("CCC", "sell", 150 * 10**8)
    assert (reference[purchase.instrument], purchase.side) == ("DDD", "buy")
    price = float(sale.price.decimal())
    loss = 150.0 * (100.0 - price)
    # Held for more than a year: 23.8% of the loss; twice half the spread is what the exchange costs.
    assert float(sale.tax) == pytest.approx(-0.238 * loss, abs=0.01)
    assert found.proposal.trigger == "losses"
    assert f"save {0.238 * loss - 2 * 0.0005 * 150.0 * price:,.2f} of tax" in found.proposal.reason
    assert purchase.quantity / 1e8 == np.floor(150.0 * price * (1.0 - 0.001) / price)
    # Bought again in the window before: the loss would not count, and is told.
    again = "date,type,portfolio,instrument,quantity,price,net\n2022-03-15,buy,GROWTH,CCC,1,90,\n"
    assert book.import_transactions(again.encode()).written
    told = only(book)
    assert told.proposal is None
    assert any("would not count yet: it was bought lately" in note for note in told.notes)


def test_a_loss_without_a_replacement_is_left(book: Book) -> None:
    book.import_instruments(b"code,name,type,currency,replacement\nCCC,CCC,equity,USD,\n")
    quiet = MANDATE.replace('absolute = "2%"', 'absolute = "30%"\nrelative = "300%"')
    book.set_mandate("GROWTH", quiet.replace('regime = "US"', 'regime = "US"\nharvest_from = 1000').encode())
    found = only(book)
    assert found.proposal is None
    assert any("there is nothing to hold instead" in note for note in found.notes)


def test_a_new_target_is_a_signal_and_a_split_a_corporate_action(book: Book) -> None:
    _, stored = book.propose_rebalance("GROWTH", by="ann", reason="first")
    number = stored.lives[0].terms.id
    assert dict(stored.lives[0].terms.targets) == {"AAA": "0.5000000000", "BBB": "0.3000000000", "CCC": "0.1500000000"}
    book.approve([number], by="bob")
    book.send([number], by="desk")
    book.cancel_order(f"{number}-1", by="desk")
    for order in book.orders([number]).rows():
        book.cancel_order(str(order["order"]), by="desk")
    text = ALWAYS.replace(
        'absolute = "2%"', 'absolute = "90%"\nrelative = "900%"\nsignal = "5%"\ncorporate_actions = true'
    )
    book.set_mandate("GROWTH", text.encode())
    assert not only(book).plan.triggers
    book.set_mandate("GROWTH", text.replace('"AAA 50%", "BBB 30%"', '"AAA 40%", "BBB 40%"').encode())
    (fired,) = only(book).plan.triggers
    assert (fired.kind.value, fired.sentence) == ("signal", "the target has moved by 10.0% one way")
    split = "date,type,portfolio,instrument,ratio\n2022-03-31,split,GROWTH,BBB,2:1\n"
    assert book.import_transactions(split.encode()).written
    book.set_mandate("GROWTH", text.encode())
    assert [one.sentence for one in only(book).plan.triggers] == ["BBB: split"]


def test_turnover_between_targets_counts_cash() -> None:
    assert turnover_between({"A": 0.5}, {"A": 0.5}) == 0.0
    assert turnover_between({"A": 0.5, "B": 0.5}, {"A": 0.5, "C": 0.5}) == pytest.approx(0.5)
    assert turnover_between({"A": 0.5}, {"A": 0.2}) == pytest.approx(0.3)  # the rest goes to cash
    assert Decimal("0.1") == Decimal(f"{turnover_between({'A': 0.6, 'B': 0.4}, {'A': 0.5, 'B': 0.5}):.10f}")


def test_a_rule_on_risk_that_broke_at_the_close_is_a_reason(book: Book) -> None:
    text = ALWAYS.replace('absolute = "2%"', 'absolute = "90%"\nrelative = "900%"')
    book.set_mandate("GROWTH", (text + '[monitoring]\nrules = ["volatility <= 1%"]\n').encode())
    assert not only(book).plan.triggers
    book.run_close()
    found = only(book).plan.triggers
    assert [one.kind.value for one in found] == ["risk budget"]
    assert found[0].hard
