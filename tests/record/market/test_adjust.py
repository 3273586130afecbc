from __future__ import annotations

import csv
import gzip
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.dates import parse_date
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.market.adjust import adjust, price_per_share, split_adjusted, split_factor, splits_of, unadjust
from tests.record.market.market_rows import market, prices

SPLITS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 50), st.integers(1, 50)), max_size=5)
DAY = st.integers(-2, 22)


@given(SPLITS, DAY, DAY, st.fractions(min_value=Fraction(1, 100), max_value=10_000))
def test_adjust_then_unadjust_is_the_identity(
    splits: list[tuple[int, int, int]], day: int, as_of: int, price: Fraction
) -> None:
    assert unadjust(adjust(price, day, splits, as_of=as_of), day, splits, as_of=as_of) == price


@given(SPLITS, DAY, DAY, DAY)
def test_factors_compose(splits: list[tuple[int, int, int]], one: int, two: int, three: int) -> None:
    assert split_factor(splits, one, two) * split_factor(splits, two, three) == split_factor(splits, one, three)


def test_an_old_price_is_put_on_the_shares_of_the_day() -> None:
    splits = [(102, 7, 1)]
    stale = market(prices(1, [(1, 100, "700")])).price(1, 105)
    assert price_per_share(stale, 105, splits) == 100
    assert price_per_share(stale, 101, splits) == 700
    adjusted = market(prices(1, [(1, 100, "100")], basis="split_adjusted")).price(1, 100)
    assert price_per_share(adjusted, 100, splits, adjusted_to=110) == 700
    assert price_per_share(adjusted, 103, splits, adjusted_to=110) == 100
    whole = market(prices(1, [(1, 100, "100")], basis="total_return")).price(1, 100)
    assert price_per_share(whole, 105, splits) == 100


def test_matrices_are_adjusted_by_the_date_of_the_price() -> None:
    snapshot = market(prices(1, [(1, 100, "700"), (1, 103, "98"), (2, 100, "5")]))
    days = np.array([100, 101, 102, 103])
    matrix = snapshot.price_matrix([1, 2], days)
    found = split_adjusted(matrix, {1: [(102, 7, 1), (200, 2, 1)]}, as_of=103)
    assert found.tolist() == [[100.0, 5.0], [100.0, 5.0], [100.0, 5.0], [98.0, 5.0]]
    assert split_adjusted(matrix, {1: [(102, 7, 1)]}, as_of=101)[0, 0] == 700
    assert split_adjusted(matrix, {1: [(102, 7, 1)]}, as_of=103, basis="total_return")[0, 0] == 700


def test_splits_come_from_the_ledger_once() -> None:
    rows = [
        {"seq": 1, "kind": Kind.SPLIT, "instrument": 1, "trade_date": 9, "num": 14, "den": 2, "account": 1},
        {"seq": 2, "kind": Kind.SPLIT, "instrument": 1, "trade_date": 9, "num": 7, "den": 1, "account": 2},
        {"seq": 3, "kind": Kind.SPLIT, "instrument": 2, "trade_date": 9, "quantity": 5},
        {"seq": 4, "kind": Kind.BUY, "instrument": 3, "trade_date": 9},
        {"seq": 5, "kind": Kind.SPLIT, "instrument": 3, "trade_date": 4, "num": 1, "den": 10},
    ]
    events = EventColumns.from_rows(rows)
    assert splits_of(events) == {1: [(9, 7, 1)], 3: [(4, 1, 10)]}
    assert splits_of(events, np.array([0, 1])) == {1: [(9, 7, 1)]}


@pytest.mark.shared_data
def test_real_splits_leave_no_jump(shared_data: Path) -> None:
    """Apple's 7:1 and Coca-Cola's 2:1: adjusted closes move as the vendor's own adjusted closes do on those days."""
    with gzip.open(shared_data / "demo_book" / "prices.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["instrument_id"] in ("AAPL", "KO")]
    ids = {"AAPL": 1, "KO": 2}
    snapshot = market(prices(1, [(ids[r["instrument_id"]], parse_date(r["date"]), r["close"]) for r in rows]))
    splits = {1: [(parse_date("2014-06-09"), 7, 1)], 2: [(parse_date("2012-08-13"), 2, 1)]}
    vendor = {(r["instrument_id"], r["date"]): float(r["adj_close"]) for r in rows}
    for name, before, after in (("AAPL", "2014-06-06", "2014-06-09"), ("KO", "2012-08-10", "2012-08-13")):
        days = np.array([parse_date(before), parse_date(after)])
        found = split_adjusted(snapshot.price_matrix([ids[name]], days), splits, as_of=parse_date("2018-01-02"))
        assert found[1, 0] / found[0, 0] == pytest.approx(vendor[name, after] / vendor[name, before], rel=1e-5)
