"""Worked by hand: what each kind of event does to lots, cash, income, costs and flows."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, OverflowDigits
from argosy.base.money import currency_code
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.rows import Rows
from argosy.record.ledger.state import State
from tests.record.ledger.book_of import Book, day

EUR = currency_code("EUR")
SHORT = LedgerPolicy(oversell="short")
POOLED = LedgerPolicy(scope="portfolio")


def table(rows: Rows, *names: str) -> list[tuple[int, ...]]:
    columns = rows.columns()
    return list(zip(*(columns[name].tolist() for name in names), strict=True))


def gains(state: State) -> list[int]:
    return (state.reliefs.proceeds - state.reliefs.cost).tolist()


def codes(state: State) -> list[tuple[int, str]]:
    return [(problem.event_seq, problem.code) for problem in state.problems]


def test_nothing_gives_empty_tables() -> None:
    state = fold(EventColumns.empty())
    for name in (
        "positions",
        "holdings",
        "lots",
        "reliefs",
        "cash",
        "entries",
        "pending",
        "income",
        "costs",
        "flows",
        "trail",
    ):
        assert len(getattr(state, name)) == 0
    assert repr(state) == "State(as_of=None, events=0, problems=0)"


def test_fees_in_cost_or_expensed() -> None:
    book = Book()
    book.trade("10", "-1010", 1, fee="8", tax="2")
    book.trade("-5", "590", 2, fee="10")
    kept = book.fold()
    assert book.shown(kept.positions.cost) == [505]
    assert book.shown(gains(kept)) == [85]
    assert kept.costs.in_lots.tolist() == [1, 1]
    apart = book.fold(LedgerPolicy(fees="expensed"))
    assert book.shown(apart.positions.cost) == [500]
    assert book.shown(gains(apart)) == [100]
    assert apart.costs.in_lots.tolist() == [0, 0]
    assert kept.cash.traded.tolist() == apart.cash.traded.tolist() == [book.money("-420")]


def test_accrued_interest_is_income_and_not_cost() -> None:
    book = Book()
    book.trade("100", "-1020", 1, accrued="20")
    book.trade("-100", "1045", 2, accrued="35")
    book.add(Kind.COUPON, 3, instrument=7, net="27", tax="3", settle_date=5)
    state = book.fold()
    assert book.shown(gains(state)) == [10]
    assert book.shown(state.income.gross) == [-20, 35, 30]
    assert book.shown(state.income.net) == [-20, 35, 27]
    assert state.income.pay_date.tolist() == [1, 2, 5]


@pytest.mark.parametrize(
    ("method", "taken"),
    [
        ("FIFO", [(10, 1), (5, 2)]),
        ("LIFO", [(10, 3), (5, 2)]),
        ("HIFO", [(10, 2), (5, 3)]),
        ("AVERAGE", [(10, 1), (5, 2)]),
    ],
)
def test_methods_choose_lots(method: str, taken: list[tuple[int, int]]) -> None:
    book = Book(quantity_scale=0)
    for when, cost in ((1, "-100"), (2, "-300"), (3, "-200")):
        book.trade("10", cost, when)
    book.trade("-15", "600", 4)
    state = book.fold(LedgerPolicy(method=method))
    assert table(state.reliefs, "quantity", "lot_seq") == taken
    cost = {"FIFO": 250, "LIFO": 350, "HIFO": 400, "AVERAGE": 300}[method]
    assert book.shown([state.reliefs.cost.sum()]) == [cost]
    assert book.shown([state.positions.cost.sum()]) == [600 - cost]
    assert state.lots.cost.sum() == state.positions.cost.sum()


def test_specific_lots_by_the_event_that_brought_them() -> None:
    book = Book(quantity_scale=0)
    first, second = book.trade("10", "-100", 1), book.trade("10", "-300", 2)
    book.trade("-6", "300", 3, payload={"lots": [[second, 4], [first, "2"]]})
    state = book.fold(LedgerPolicy(method="SPECIFIC"))
    assert table(state.reliefs, "lot_seq", "quantity") == [(second, 4), (first, 2)]
    assert book.shown(gains(state)) == [80, 80]
    assert book.fold().reliefs.lot_seq.tolist() == [second, first]  # naming lots is allowed under any method


@pytest.mark.parametrize(
    ("lots", "code"),
    [(None, "lots_not_named"), ([], "lots_not_named"), ([[1, 5]], "lots_differ"), ([[9, 6]], "lots_differ"),
     ([[1, 12], [1, -6]], "lots_differ"), ([[1, 4], [1, 2]], None)],
)  # fmt: skip
def test_specific_lots_must_fit(lots: list[list[int]] | None, code: str | None) -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("-6", "90", 2, payload={"lots": lots} if lots is not None else {})
    state = book.fold(LedgerPolicy(method="SPECIFIC"))
    assert codes(state) == ([(2, code)] if code else [])


def test_a_corrected_purchase_keeps_its_name() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.add(Kind.VOID, 1, target=1, net=0)
    book.trade("10", "-120", 1, anchor=1)
    book.trade("-4", "60", 2, payload={"lots": [[1, 4]]})
    state = book.fold(LedgerPolicy(method="SPECIFIC"))
    assert not state.problems
    assert state.reliefs.lot_seq.tolist() == [3]
    assert book.shown(state.reliefs.cost) == [48]


def test_overselling_is_refused_and_named() -> None:
    book = Book(quantity_scale=0)
    book.trade("20", "-200", 1)
    sold = book.trade("-30", "450", 2)
    book.trade("-5", "60", 3)
    state = book.fold()
    problem = state.problems[0]
    assert (problem.event_seq, problem.code, problem.message) == (sold, "oversold", "sells 30, holds 20")
    assert (problem.held, problem.asked) == (20, -30)
    assert state.positions.quantity.tolist() == [15]
    assert book.shown(state.cash.traded) == [-140]  # the refused sale moved no cash either
    assert state.trail.event_seq.tolist() == [1, 3]


def test_overselling_short_flips_and_a_buy_flips_back() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("-15", "180", 2)
    book.trade("8", "-72", 3)
    state = book.fold(SHORT)
    assert state.trail.quantity_after.tolist() == [10, -5, 3]
    assert table(state.reliefs, "quantity") == [(10,), (-5,)]
    assert book.shown(gains(state)) == [20, 15]
    assert book.shown(state.positions.cost) == [27]


def test_short_sale_and_cover() -> None:
    book = Book(quantity_scale=0)
    book.trade("-10", "200", 1, kind=Kind.SHORT_SELL)
    book.trade("4", "-60", 2, kind=Kind.COVER)
    book.trade("7", "-70", 3, kind=Kind.COVER)
    state = book.fold()
    assert book.shown(state.positions.cost) == [-120]
    assert state.lots.quantity.tolist() == [-6]
    assert book.shown(gains(state)) == [20]
    assert codes(state) == [(3, "overcovered")]
    assert state.problems[0].message == "covers 7, is short 6"


def test_cover_of_nothing() -> None:
    book = Book(quantity_scale=0)
    book.trade("4", "-60", 2, kind=Kind.COVER)
    assert book.fold().problems[0].message == "covers 4, is short 0"


def test_selling_more_of_a_short_is_refused() -> None:
    book = Book(quantity_scale=0)
    book.trade("-10", "200", 1, kind=Kind.SHORT_SELL)
    book.trade("-1", "20", 2)
    assert book.fold().problems[0].message == "sells 1, is short 10"


def test_split_is_exact_in_total_and_restates_what_was_opened() -> None:
    book = Book(quantity_scale=2)
    for when in (1, 2, 3):
        book.trade("0.05", "-1", when)
    book.trade("-0.02", "1", 3)
    book.add(Kind.SPLIT, 4, instrument=7, num=1, den=3)
    state = book.fold()
    assert state.positions.quantity.tolist() == [4]  # 0.13 / 3 = 0.0433
    assert state.lots.quantity.tolist() == [1, 1, 2]
    assert book.shown([state.lots.cost.sum()]) == book.shown(state.positions.cost)
    assert state.trail.quantity_delta.tolist()[-1] == -9


def test_reverse_split_pays_the_fraction_in_cash() -> None:
    book = Book(quantity_scale=2)
    book.trade("105", "-1050", 1)
    book.add(Kind.SPLIT, 2, instrument=7, num=1, den=10, net="52", payload={"whole_shares": "1"})
    state = book.fold()
    assert book.counted(state.positions.quantity) == [10]
    assert book.shown(state.reliefs.cost) == [50]
    assert book.shown(gains(state)) == [2]
    assert book.shown(state.cash.traded) == [-998]


def test_cash_in_lieu_without_a_fraction_is_all_gain() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.add(Kind.SPLIT, 2, instrument=7, num=3, den=2, net="5")
    state = book.fold()
    assert table(state.reliefs, "quantity", "cost") == [(0, 0)]
    assert book.shown(gains(state)) == [5]


def test_reverse_split_to_nothing_relieves_all_cost() -> None:
    book = Book(quantity_scale=0)
    book.trade("4", "-100", 1)
    book.add(Kind.SPLIT, 2, instrument=7, num=1, den=100, net="3")
    state = book.fold()
    assert len(state.positions) == len(state.holdings) == 0
    assert book.shown(gains(state)) == [-97]


def test_split_by_quantity_added() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("20", "-260", 2)
    book.add(Kind.SPLIT, 3, instrument=7, quantity="15")
    book.add(Kind.SPLIT, 4, instrument=7, quantity="-60")
    state = book.fold()
    assert state.lots.quantity.tolist() == [15, 30]
    assert codes(state) == [(4, "oversold")]
    assert state.problems[0].message == "takes away 60, holds 45"


def test_split_reaches_all_sleeves_of_the_account() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1, sleeve=1)
    book.trade("5", "-50", 1, sleeve=2)
    book.add(Kind.SPLIT, 2, instrument=7, num=2, den=1)
    book.trade("-10", "50", 3, sleeve=2)
    state = book.fold()
    assert table(state.holdings, "sleeve", "quantity") == [(1, 20)]
    assert state.positions.quantity.tolist() == [20]


def test_scope_sleeve_keeps_lots_apart() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1, sleeve=1)
    book.trade("5", "-75", 2, sleeve=2)
    book.trade("-5", "90", 3, sleeve=2)
    state = book.fold(LedgerPolicy(scope="sleeve"))
    assert table(state.positions, "sleeve", "quantity") == [(1, 10)]
    assert book.shown(gains(state)) == [15]
    book.trade("-1", "9", 4, sleeve=3)
    assert codes(book.fold(LedgerPolicy(scope="sleeve"))) == [(4, "oversold")]


def test_pooled_accounts_share_lots_but_not_custody() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1, account=1)
    book.trade("10", "-200", 2, account=2)
    book.trade("-10", "250", 3, account=2)
    book.trade("-1", "30", 4, account=2)
    state = book.fold(POOLED)
    assert state.reliefs.lot_seq.tolist() == [1]  # first in, first out over the pool
    assert table(state.positions, "account", "quantity") == [(0, 10)]
    assert table(state.holdings, "account", "quantity") == [(1, 10)]
    assert codes(state) == [(4, "oversold")]


def test_pooled_split_per_account_is_not_applied_twice() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1, account=1)
    book.trade("6", "-60", 2, account=2)
    book.add(Kind.SPLIT, 3, instrument=7, num=4, den=1, account=1)
    book.add(Kind.SPLIT, 3, instrument=7, num=4, den=1, account=2)
    state = book.fold(POOLED)
    assert table(state.holdings, "account", "quantity") == [(1, 40), (2, 24)]
    assert state.lots.quantity.tolist() == [40, 24]


def test_return_of_capital_lowers_cost_and_the_excess_is_a_gain() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("30", "-600", 2)
    book.add(Kind.RETURN_OF_CAPITAL, 3, instrument=7, net="470", tax="10")
    state = book.fold()
    assert book.shown(state.lots.cost) == [0, 240]
    assert table(state.reliefs, "quantity", "lot_seq") == [(0, 1), (0, 2)]
    assert book.shown(gains(state)) == [20, 0]
    assert book.shown(state.costs.tax) == [10]


def test_return_of_capital_in_base_currency_comes_back_at_the_old_rate() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-1000", 1)
    book.add(Kind.RETURN_OF_CAPITAL, 2, instrument=7, net="400")
    base = np.array([-book.money("900"), book.money("400")])
    state = book.fold(base_amounts=base)
    assert state.has_base
    assert book.shown(state.positions.cost_base) == [540]
    assert book.shown(state.reliefs.cost_base) == [360]
    assert book.shown(state.reliefs.proceeds_base) == [400]


def test_average_cost_takes_capital_back_from_the_pool() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("30", "-100", 2)
    book.add(Kind.RETURN_OF_CAPITAL, 3, instrument=7, net="230")
    state = book.fold(LedgerPolicy(method="AVERAGE"))
    assert book.shown(gains(state)) == [30]
    assert state.positions.cost.tolist() == [0]


def test_private_fund_stake() -> None:
    book = Book(quantity_scale=2)
    book.add(Kind.CAPITAL_CALL, 1, instrument=7, net="-1000", fee="10")
    book.add(Kind.CAPITAL_CALL, 2, instrument=7, net="-500")
    book.add(Kind.DISTRIBUTION, 3, instrument=7, net="380", tax="20",
             payload={"income": book.money("150"), "return_of_capital": str(book.money("250"))})  # fmt: skip
    book.add(Kind.DISTRIBUTION, 4, instrument=7, net="1300")
    book.add(Kind.DISTRIBUTION, 5, instrument=7, net="60", payload={"income": book.money("60")})
    state = book.fold()
    assert book.counted(state.positions.quantity) == [1]
    assert state.positions.cost.tolist() == [0]
    assert book.shown(gains(state)) == [0, 50]
    assert table(state.income, "event_seq") == [(3,), (5,)]
    assert book.shown(state.income.gross) == [150, 60]
    assert book.shown(state.income.net) == [130, 60]


def test_capital_call_with_units_opens_a_lot_each() -> None:
    book = Book(quantity_scale=0)
    book.add(Kind.CAPITAL_CALL, 1, instrument=7, net="-1000", quantity="10")
    book.add(Kind.CAPITAL_CALL, 2, instrument=7, net="-1200", quantity="10")
    book.add(Kind.CAPITAL_CALL, 3, instrument=7, net="-300")
    state = book.fold()
    assert state.lots.quantity.tolist() == [10, 10]
    assert book.shown(state.lots.cost) == [1150, 1350]


@pytest.mark.parametrize("kind", [Kind.RETURN_OF_CAPITAL, Kind.DISTRIBUTION, Kind.SPLIT])
def test_no_position_no_corporate_action(kind: Kind) -> None:
    book = Book()
    book.add(kind, 1, instrument=7, net="10", num=2 * (kind == Kind.SPLIT), den=int(kind == Kind.SPLIT))
    state = book.fold()
    assert codes(state) == [(1, "no_position")]
    assert state.problems[0].message.endswith("on a holding of nothing")
    assert len(state.cash) == 0


def transfer(book: Book, quantity: str, when: int, /, to: dict[str, int], **out: object) -> int:
    seq = len(book.rows) + 1
    book.add(Kind.TRANSFER_OUT, when, instrument=7, quantity=f"-{quantity}", link=seq, **out)
    book.add(Kind.TRANSFER_IN, **({"trade_date": when, "instrument": 7, "quantity": quantity, "link": seq} | to))
    return seq


def test_transfer_in_kind_keeps_dates_and_cost() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("10", "-300", 2)
    book.trade("5", "-50", 3, account=2)
    transfer(book, "15", 4, {"account": 2})
    state = book.fold()
    assert not state.problems
    assert table(state.lots, "account", "acquired", "quantity", "lot_seq", "origin_seq") == [
        (1, 2, 5, 2, 2), (2, 1, 10, 5, 1), (2, 2, 5, 5, 2), (2, 3, 5, 3, 3),
    ]  # fmt: skip
    assert book.shown(state.lots.cost) == [150, 100, 150, 50]
    assert len(state.reliefs) == len(state.flows) == 0  # inside one portfolio nothing enters or leaves
    assert table(state.holdings, "account", "quantity") == [(1, 5), (2, 20)]


def test_transfer_of_named_lots_between_portfolios_is_a_flow_on_both_sides() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    second = book.trade("10", "-300", 2)
    transfer(book, "10", 3, {"portfolio": 2, "account": 9}, payload={"lots": [[second, 10]]})
    state = book.fold()
    assert table(state.flows, "portfolio", "counter_portfolio", "quantity", "instrument", "valued") == [
        (1, 2, -10, 7, 0), (2, 1, 10, 7, 0),
    ]  # fmt: skip
    assert book.shown(state.positions.cost) == [100, 300]


def test_transfer_between_base_currencies_rebases_cost_at_the_given_worth() -> None:
    book = Book(quantity_scale=0)
    book.trade("3", "-100", 1)
    transfer(book, "3", 2, {"portfolio": 2, "account": 9})
    base = np.array([-book.money("90"), 1_000_000, 1_100_000])
    state = book.fold(base_amounts=base)
    assert book.shown(state.positions.cost_base) == [99]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantity": "9"}, "the two legs of the transfer have different quantities"),
        ({"trade_date": 5}, "the two legs of the transfer have different dates"),
        ({"instrument": 8}, "the two legs of the transfer have different instruments"),
        ({"link": 77}, "the other leg of the transfer is missing"),
        ({"ord": -1}, "the lots of the transfer arrive before they leave"),
    ],
)
def test_legs_of_a_transfer_must_agree(change: dict[str, object], message: str) -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    transfer(book, "10", 3, {"account": 2} | change)  # type: ignore[dict-item]
    state = book.fold()
    assert codes(state) == [(2, "transfer"), (3, "transfer")]
    assert state.problems[0].message == message
    assert state.positions.quantity.tolist() == [10]


def test_transfer_of_more_than_is_held() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    transfer(book, "11", 3, {"account": 2})
    state = book.fold()
    assert [problem.message for problem in state.problems] == [
        "transfers 11, holds 10", "the other leg of the transfer is refused"]  # fmt: skip
    assert table(state.holdings, "account", "quantity") == [(1, 10)]


def test_transfer_onto_a_short() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("-3", "33", 1, kind=Kind.SHORT_SELL, account=2)
    transfer(book, "5", 3, {"account": 2})
    assert codes(book.fold()) == [(3, "transfer"), (4, "transfer")]


def test_transfer_inside_a_pool_moves_custody_only() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    transfer(book, "4", 2, {"account": 2})
    state = book.fold(POOLED)
    assert len(state.lots) == 1
    assert table(state.holdings, "account", "quantity") == [(1, 6), (2, 4)]
    sleeves = Book(quantity_scale=0)
    sleeves.trade("10", "-100", 1)
    transfer(sleeves, "4", 2, {"sleeve": 3})
    assert table(sleeves.fold().holdings, "sleeve", "quantity") == [(0, 6), (3, 4)]


def test_deliveries() -> None:
    book = Book(quantity_scale=0)
    book.add(Kind.DELIVERY_IN, 5, instrument=7, quantity="10", acquired=2, payload={"value": book.money("500")})
    book.add(Kind.DELIVERY_OUT, 6, instrument=7, quantity="-4", payload={"value": book.money("240")})
    book.add(Kind.DELIVERY_OUT, 7, instrument=7, quantity="-2")
    book.add(Kind.DELIVERY_OUT, 8, instrument=7, quantity="-5")
    book.add(Kind.DELIVERY_IN, 9, instrument=7, quantity="1")
    state = book.fold()
    assert state.lots.acquired.tolist() == [2]
    assert book.shown(state.positions.cost) == [200]
    assert book.shown(gains(state)) == [40, 0]  # without a value it leaves at cost
    assert book.shown(state.flows.value) == [500, -240, 0]
    assert state.flows.valued.tolist() == [1, 1, 0]
    assert codes(state) == [(4, "oversold"), (5, "no_cost")]
    assert len(state.cash) == 0


def test_cash_transfers_and_fx() -> None:
    book = Book()
    book.add(Kind.DEPOSIT, 1, net="995", fee="5")
    out = book.add(Kind.CASH_TRANSFER_OUT, 2, net="-100", link=2)
    book.add(Kind.CASH_TRANSFER_IN, 2, net="100", link=out, portfolio=2, account=9)
    inner = book.add(Kind.CASH_TRANSFER_OUT, 3, net="-50", link=4)
    book.add(Kind.CASH_TRANSFER_IN, 3, net="50", link=inner, account=2)
    book.add(Kind.FX, 4, net="-110", currency2=EUR, net2="100", settle_date=6)
    state = book.fold(as_of=4)
    assert table(state.flows, "portfolio", "kind", "counter_portfolio") == [
        (1, Kind.DEPOSIT, 0), (1, Kind.CASH_TRANSFER_OUT, 2), (2, Kind.CASH_TRANSFER_IN, 1),
    ]  # fmt: skip
    assert book.shown(state.flows.amount) == [1000, -100, 100]
    usd = state.cash.take(state.cash.currency != EUR)
    assert book.shown(usd.traded) == [735, 50, 100]
    assert book.shown(usd.settled) == [845, 50, 100]
    assert table(state.pending, "currency", "amount") == [
        (currency_code("USD"), book.money("-110")), (EUR, book.money("100"))]  # fmt: skip
    assert len(book.fold(as_of=6).pending) == 0
    assert len(book.fold().pending) == 0


def test_fee_and_tax_events_and_refunds() -> None:
    book = Book()
    book.add(Kind.FEE, 1, net="-12", tax="2")
    book.add(Kind.TAX, 2, net="-30")
    book.add(Kind.TAX, 3, net="7")
    state = book.fold()
    assert book.shown(state.costs.fee) == [10, 0, 0]
    assert book.shown(state.costs.tax) == [2, 30, -7]


def test_one_holding_one_currency() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("10", "-90", 2, currency=EUR)
    transfer(book, "5", 3, {"account": 2})
    book.trade("1", "-9", 4, currency=EUR, account=3)
    transfer(book, "5", 5, {"account": 3})
    book.add(Kind.DIVIDEND, 6, instrument=7, net="3", currency=EUR)
    state = book.fold()
    assert codes(state) == [(2, "currency"), (6, "currency"), (7, "currency")]
    assert table(state.holdings, "account", "quantity") == [(1, 5), (2, 5), (3, 1)]
    assert len(state.income) == 1
    assert state.positions.currency.tolist()[1] == currency_code("USD")


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        (Kind.BUY, {"quantity": "-1", "net": "-1"}, "sign"),
        (Kind.SELL, {"quantity": "1", "net": "1"}, "sign"),
        (Kind.OPENING_LOT, {"quantity": 0, "payload": {"cost": 1}}, "sign"),
        (Kind.OPENING_LOT, {"quantity": "1"}, "no_cost"),
        (Kind.SPLIT, {}, "sign"),
        (Kind.SPLIT, {"num": -2, "den": 1}, "sign"),
        (99, {}, "kind"),
        (-5, {}, "kind"),
    ],
)
def test_what_cannot_be(kind: Kind, values: dict[str, object], code: str) -> None:
    book = Book(quantity_scale=0)
    book.add(kind, 1, instrument=7, **values)
    state = book.fold()
    assert codes(state) == [(1, code)]
    assert state.events == 0


def test_too_large_for_64_bits_is_refused_not_wrapped() -> None:
    huge = 2**62
    book = Book(quantity_scale=0)
    book.trade("1", "-1", 1, net=-huge)
    book.trade("1", "-1", 2, net=-huge)
    book.trade("1", "-1", 3, net=-huge, accrued=-huge)
    book.trade("-1", "1", 4, net=-(2**63))
    book.add(Kind.SPLIT, 5, instrument=7, num=huge, den=1)
    book.add(Kind.SPLIT, 6, instrument=7, num=huge, den=1)
    assert codes(book.fold()) == [(2, "overflow"), (3, "overflow"), (4, "overflow"), (6, "overflow")]
    cash = Book()
    for when in (1, 2, 3):
        cash.add(Kind.DEPOSIT, when, net=huge)
    with pytest.raises(OverflowDigits):
        _ = cash.fold().cash


def test_effective_order_is_date_then_order_then_anchor() -> None:
    book = Book(quantity_scale=0)
    book.trade("-10", "150", 5)  # the sale was written first
    book.trade("10", "-100", 5, ord=-1)  # but comes after this on the day
    book.trade("5", "-50", 4)
    state = book.fold()
    assert not state.problems
    assert state.trail.event_seq.tolist() == [3, 2, 1]


def test_correction_takes_the_place_of_what_it_corrects() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 5)
    book.trade("-10", "150", 5)
    book.add(Kind.VOID, 5, target=1)
    book.trade("12", "-120", 5, anchor=1)
    state = book.fold()
    assert not state.problems
    assert state.trail.event_seq.tolist() == [4, 2]
    assert state.positions.quantity.tolist() == [2]


def test_void_of_a_void_and_of_a_batch() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.add(Kind.VOID, 1, target=1)
    assert len(book.fold().positions) == 0
    book.add(Kind.VOID, 1, target=2)
    assert book.fold().positions.quantity.tolist() == [10]
    assert len(book.fold(voided_batches=[1]).positions) == 0
    assert len(book.fold(voided_batches=[3]).positions) == 0  # the void stands again


def test_as_of_leaves_later_trades_out() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", "2024-03-01", settle_date=day("2024-03-05"))
    book.trade("-10", "150", "2024-03-04")
    state = book.fold(as_of=day("2024-03-01"))
    assert state.positions.quantity.tolist() == [10]
    assert state.cash.settled.tolist() == [0]
    assert book.shown(state.pending.amount) == [-100]


def test_base_amounts_must_match() -> None:
    book = Book()
    book.trade("10", "-100", 1)
    with pytest.raises(InvalidInput, match="base_amounts has 2 rows, events has 1"):
        book.fold(base_amounts=np.zeros(2, np.int64))
    with pytest.raises(InvalidInput, match="unknown engine"):
        book.fold(engine="quick")


def test_opening_short_lot() -> None:
    book = Book(quantity_scale=0)
    book.add(Kind.OPENING_LOT, 1, instrument=7, quantity="-10", acquired=-400, payload={"cost": -book.money("90")})
    book.trade("10", "-70", 2, kind=Kind.COVER)
    state = book.fold()
    assert book.shown(gains(state)) == [20]
    assert state.reliefs.acquired.tolist() == [-400]
