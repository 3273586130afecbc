"""Wash sales: the published example, the regulation's rules one by one, and what may never happen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput
from argosy.measures.tax.regimes import regime
from argosy.measures.tax.wash_sales import LotSale, Purchase, barred_until, clean_from, wash_sales

US = regime("US")


def bought(lot: int, day: int, quantity: int, cost: int, **more: object) -> Purchase:
    return Purchase(lot, day, 0, 1, 7, quantity, cost, **more)  # type: ignore[arg-type]


def sold(event: int, lot: int, day: int, quantity: int, cost: int, proceeds: int, acquired: int) -> LotSale:
    return LotSale(event, lot, day, 0, 1, 7, quantity, cost, proceeds, acquired)


def test_the_published_example(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "ledger.json").read_text())
    listed = cases["cases"] if isinstance(cases, dict) else cases
    case = next(one for one in listed if one["id"] == "OWN-WASH-SALE")
    first, sale, again = case["transactions"]
    days = [parse_date(row["date"]) for row in (first, sale, again)]
    quantities = [int(row["qty"]) for row in (first, sale, again)]
    nets = [int(row["net"]) for row in (first, sale, again)]
    purchases = [bought(1, days[0], quantities[0], nets[0]), bought(2, days[2], quantities[2], nets[2])]
    found = wash_sales([sold(9, 1, days[1], quantities[1], nets[0], nets[1], days[0])], purchases, regime=US)
    expected = {question["ask"]: int(question["expect"]) for question in case["questions"]}
    assert nets[1] - nets[0] == expected["realised_gain_before_adjustment"]
    assert found.disallowed == expected["disallowed_loss"]
    assert found.lots[2].cost == expected["cost_basis"]
    assert found.lots[2].acquired == days[2] - (days[1] - days[0])  # the holding period is inherited


@pytest.mark.parametrize(("apart", "spoils"), [(-31, False), (-30, True), (0, True), (30, True), (31, False)])
def test_the_window_is_sixty_one_days(apart: int, spoils: bool) -> None:
    sale = sold(9, 1, 100, 10, 1000, 800, 10)
    found = wash_sales([sale], [bought(1, 10, 10, 1000), bought(2, 100 + apart, 10, 900)], regime=US)
    assert found.disallowed == (200 if spoils else 0)
    uk = wash_sales([sale], [bought(1, 10, 10, 1000), bought(2, 100 + apart, 10, 900)], regime=regime("UK"))
    assert bool(uk.disallowed) is (spoils and apart >= 0)
    assert not wash_sales([sale], [bought(2, 100 + apart, 10, 900)], regime=regime("DE")).washed


def test_only_what_was_replaced_is_disallowed() -> None:
    sale = sold(9, 1, 100, 100, 1000, 750, 10)
    found = wash_sales([sale], [bought(1, 10, 100, 1000), bought(2, 110, 30, 240)], regime=US)
    assert (found.disallowed, found.washed[0].quantity) == (75, 30)
    assert (found.lots[2].cost, found.lots[2].added) == (315, 75)


def test_the_units_sold_do_not_replace_themselves() -> None:
    # Bought and sold within the window, nothing else: the loss counts.
    assert not wash_sales([sold(9, 2, 100, 10, 1000, 800, 90)], [bought(2, 90, 10, 1000)], regime=US).washed
    # Two lots sold by one sale: neither replaces the other as far as both are gone.
    both = [sold(9, 1, 100, 10, 1000, 800, 10), sold(9, 2, 100, 6, 600, 500, 90)]
    found = wash_sales(both, [bought(1, 10, 10, 1000), bought(2, 90, 10, 1000)], regime=US)
    assert [(one.lot, one.replacement, one.quantity) for one in found.washed] == [(1, 2, 4)]


def test_a_purchase_is_used_once_and_the_earliest_first() -> None:
    sales = [sold(8, 1, 100, 10, 1000, 900, 10), sold(9, 3, 105, 10, 1000, 700, 20)]
    purchases = [bought(1, 10, 10, 1000), bought(3, 20, 10, 1000), bought(5, 110, 5, 500), bought(4, 108, 10, 900)]
    found = wash_sales(sales, purchases, regime=US)
    assert [(one.event, one.replacement, one.quantity, one.disallowed) for one in found.washed] == [
        (8, 4, 10, 100), (9, 5, 5, 150),
    ]  # fmt: skip


def test_across_the_accounts_of_a_household() -> None:
    sale = sold(9, 1, 100, 10, 1000, 800, 10)
    other = Purchase(2, 110, 0, 5, 7, 10, 900)  # another account
    assert wash_sales([sale], [bought(1, 10, 10, 1000), other], regime=US).disallowed == 200
    sheltered = Purchase(2, 110, 0, 5, 7, 10, 900, sheltered=True)
    found = wash_sales([sale], [bought(1, 10, 10, 1000), sheltered], regime=US)
    assert (found.disallowed, found.lost, dict(found.lots)) == (200, 200, {})  # lost for good
    different = Purchase(2, 110, 0, 5, 8, 10, 900)  # not substantially identical
    assert not wash_sales([sale], [different], regime=US).washed
    inside = LotSale(9, 1, 100, 0, 5, 7, 10, 1000, 800, 10, sheltered=True)
    assert not wash_sales([inside], [bought(2, 110, 10, 900)], regime=US).washed
    assert not wash_sales([sold(9, 1, 100, 10, 800, 1000, 10)], [bought(2, 110, 10, 900)], regime=US).washed


def test_when_a_loss_counts_again() -> None:
    purchases = [bought(1, 50, 10, 1000), bought(2, 90, 10, 900)]
    assert clean_from(purchases, identity=7, day=100, regime=US) == 121
    assert clean_from(purchases, identity=7, day=100, regime=US, selling=2) == 100
    assert clean_from(purchases, identity=8, day=100, regime=US) == 100
    assert clean_from(purchases, identity=7, day=100, regime=regime("UK")) == 100
    assert barred_until(100, regime=US) == 130


def test_a_lot_stands_once() -> None:
    with pytest.raises(InvalidInput, match="stands twice"):
        wash_sales([], [bought(1, 1, 1, 1), bought(1, 2, 1, 1)], regime=US)


_DAYS = st.integers(0, 120)


@given(
    st.lists(st.tuples(_DAYS, st.integers(1, 50), st.integers(0, 5_000)), min_size=1, max_size=8),
    st.lists(st.tuples(_DAYS, st.integers(1, 50), st.integers(0, 5_000), st.integers(0, 5_000)), max_size=8),
)
def test_nothing_is_disallowed_beyond_the_loss_or_replaced_beyond_what_was_bought(
    buys: list[tuple[int, int, int]], parts: list[tuple[int, int, int, int]]
) -> None:
    purchases = [bought(number, *row) for number, row in enumerate(buys, 1)]
    sales = [
        sold(100 + number, 50 + number, day, quantity, cost, proceeds, day - 40)
        for number, (day, quantity, cost, proceeds) in enumerate(parts)
    ]
    found = wash_sales(sales, purchases, regime=US)
    for sale in sales:
        mine = [one for one in found.washed if one.event == sale.event]
        assert sum(one.disallowed for one in mine) <= max(-sale.gain, 0)
        assert sum(one.quantity for one in mine) <= sale.quantity
        if sum(one.quantity for one in mine) == sale.quantity:
            assert sum(one.disallowed for one in mine) == -sale.gain  # to the last digit
    for one in purchases:
        used = [row for row in found.washed if row.replacement == one.lot]
        assert sum(row.quantity for row in used) <= one.quantity
        if used:
            assert found.lots[one.lot].cost == one.cost + sum(row.disallowed for row in used)
    assert found.disallowed == sum(lot.added for lot in found.lots.values())
