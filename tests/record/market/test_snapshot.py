from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import MissingPrice, StaleData, UnknownName
from argosy.record.market.points import Gap
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.market.tables import MarketTables
from tests.record.market.market_rows import market, prices

ROWS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30), st.integers(1, 10**6)), max_size=40)


def test_the_last_price_on_or_before_with_its_age_and_origin() -> None:
    found = market(prices(7, [(1, 100, "10.50"), (1, 103, "11")], source="EX")).price(1, 102)
    assert (found.decimal, found.fraction) == (Decimal("10.50"), Fraction(21, 2))
    assert (found.date, found.age_days, found.source, found.basis) == (100, 2, "EX", "traded")
    assert (found.load_seq, found.row) == (7, 2)


def test_missing_prices_say_from_when() -> None:
    snapshot = market(prices(1, [(1, 100, "10")]), names={1: "AAPL", 2: "MSFT"})
    with pytest.raises(MissingPrice, match=r"no price for AAPL on or before 1970-04-10\. Next: the first one is of"):
        snapshot.price(1, 99)
    with pytest.raises(MissingPrice, match=r"no price for MSFT .* Next: import its prices"):
        snapshot.price(2, 99)
    with pytest.raises(MissingPrice, match="instrument 9"):
        snapshot.price(9, 99)


def test_stale_prices_are_refused_only_when_asked() -> None:
    snapshot = market(prices(1, [(1, 100, "10")]), names={1: "AAPL"})
    assert snapshot.price(1, 5000).age_days == 4900
    assert snapshot.price(1, 105, max_age_days=5).age_days == 5
    with pytest.raises(StaleData, match="the last price of AAPL on 1970-04-17 is of 1970-04-11"):
        snapshot.price(1, 106, max_age_days=5)


def test_a_later_load_of_the_same_source_supersedes() -> None:
    first, second = prices(1, [(1, 100, "10"), (1, 101, "20")]), prices(2, [(1, 100, "11")])
    found = market(first, second)
    assert [found.price(1, day).mantissa for day in (100, 101)] == [11, 20]
    assert found.price(1, 100).load_seq == 2
    assert market(first).price(1, 100).mantissa == 10


def test_sources_have_precedence_per_date() -> None:
    one, two = (
        prices(1, [(1, 100, "10"), (1, 101, "20")], source="A"),
        prices(2, [(1, 100, "11"), (1, 102, "12")], source="B"),
    )
    assert [market(one, two).price(1, day).mantissa for day in (100, 101, 102)] == [11, 20, 12]  # the newest load
    by_a = market(one, two, price_order=["A"])
    assert [by_a.price(1, day).mantissa for day in (100, 101, 102)] == [10, 20, 12]
    by_mandate = by_a.choosing(sources=["B", "not loaded yet", "A"])
    assert [by_mandate.price(1, day).mantissa for day in (100, 101, 102)] == [11, 20, 12]
    assert by_mandate.price(1, 101).source == "A"
    assert by_a.choosing(sources=["nobody"]).price(1, 100).mantissa == 10


def test_basis_is_traded_first_and_chosen_by_the_mandate() -> None:
    both = market(prices(1, [(1, 100, "5")], basis="total_return"), prices(2, [(1, 100, "10")]),
                  prices(3, [(2, 100, "7")], basis="split_adjusted"))  # fmt: skip
    assert (both.price(1, 100).mantissa, both.price(1, 100).basis) == (10, "traded")
    assert (both.price(2, 100).mantissa, both.price(2, 100).basis) == (7, "split_adjusted")
    assert both.choosing(basis="total_return").price(1, 100).mantissa == 5
    with pytest.raises(MissingPrice):
        both.choosing(basis="total_return").price(2, 100)
    with pytest.raises(UnknownName, match="did you mean 'traded'"):
        both.choosing(basis="trade")
    assert both.choosing() is both
    vector = both.choosing(basis="total_return").price_vector([1, 2], 100)
    assert (vector.mantissa.tolist(), vector.missing.tolist()) == ([5, 0], [False, True])


def test_merged_instruments_answer_under_both_ids() -> None:
    tables = MarketTables.empty().extended([prices(1, [(1, 100, "10"), (2, 101, "11")])], {1: 2})
    snapshot = MarketSnapshot(1, tables.prices, market().fx, tables.benchmarks, tables.sources, canonical={1: 2})
    assert snapshot.price(1, 101).mantissa == snapshot.price(2, 101).mantissa == 11
    assert snapshot.price(1, 100).mantissa == 10
    assert snapshot.price_vector([1, 2, 3], 100).mantissa.tolist() == [10, 10, 0]


@given(ROWS, st.lists(st.integers(0, 32), min_size=1, max_size=8))
def test_matrix_and_vector_are_the_single_answers(rows: list[tuple[int, int, int]], days: list[int]) -> None:
    snapshot = market(
        prices(1, [(i, d, f"{v}e-3") for i, d, v in rows[::2]]),
        prices(2, [(i, d, f"{v}e-1") for i, d, v in rows[1::2]], source="B"),
    )
    ids = [1, 2, 3, 4, 9]
    matrix = snapshot.price_matrix(ids, np.array(days))
    for t, day in enumerate(days):
        vector = snapshot.price_vector(ids, day)
        for n, instrument in enumerate(ids):
            try:
                point = snapshot.price(instrument, day)
            except MissingPrice:
                assert matrix.missing[t, n]
                assert vector.missing[n]
                assert matrix.mantissa[t, n] == vector.mantissa[n] == 0
                continue
            assert not matrix.missing[t, n]
            assert matrix.age[t, n] == vector.age[n] == point.age_days
            assert int(matrix.mantissa[t, n]) * Fraction(10) ** int(matrix.exponent[n]) == point.fraction
            assert (vector.mantissa[n], vector.exponent[n]) == (point.mantissa, point.exponent)


@given(ROWS)
def test_as_of_lookup_against_pandas(rows: list[tuple[int, int, int]]) -> None:
    snapshot = market(prices(1, [(i, d, str(v)) for i, d, v in {(i, d): (i, d, v) for i, d, v in rows}.values()]))
    frame = pd.DataFrame(rows, columns=["i", "d", "v"]).drop_duplicates(["i", "d"], keep="last").sort_values("d")
    asked = pd.DataFrame({"d": np.arange(33), "i": 2})
    frame = frame.astype("int64")
    expected = pd.merge_asof(asked, frame, on="d", by="i")["v"]
    matrix = snapshot.price_matrix([2], np.arange(33))
    got = [None if gone else int(m) for m, gone in zip(matrix.mantissa[:, 0], matrix.missing[:, 0], strict=True)]
    assert got == [None if pd.isna(v) else int(v) for v in expected]


def test_digits_beyond_64_bits_stay_exact() -> None:
    snapshot = market(prices(1, [(1, 1, "0.123456789012345678"), (1, 2, "9999999999999999.5"), (2, 1, "3")]))
    matrix = snapshot.price_matrix([1, 2], np.array([0, 1, 2]))
    assert matrix.mantissa.dtype == object
    assert matrix.mantissa[:, 0].tolist() == [0, 123456789012345678, 9999999999999999500000000000000000]
    assert matrix.exponent.tolist() == [-18, 0]
    assert matrix.missing[:, 0].tolist() == [True, False, False]


def test_gaps_name_the_range() -> None:
    matrix = market(prices(1, [(1, 3, "1"), (2, 0, "1")])).price_matrix([1, 2], np.arange(5))
    assert matrix.gaps() == [Gap("1", 0, 2)]
    with pytest.raises(MissingPrice, match="no price for instrument 1 from 1970-01-01 to 1970-01-03"):
        matrix.floats()


def test_floats_are_the_nearest() -> None:
    matrix = market(prices(1, [(1, 0, "0.1"), (1, 1, "123.456789"), (2, 0, "2e3")])).price_matrix([1, 2], np.arange(2))
    assert matrix.floats().tolist() == [[0.1, 2000.0], [123.456789, 2000.0]]


def test_an_empty_market_answers() -> None:
    empty = MarketSnapshot.empty()
    assert empty.price_vector([1, 2], 5).missing.all()
    assert empty.price_matrix([1], np.arange(2)).missing.all()
    assert empty.price_history(1) is None
    assert empty.sessions("weekdays", 1, 4).tolist() == [1, 4]
    with pytest.raises(UnknownName, match="did you mean 'weekdays'"):
        empty.sessions("weekday", 0, 1)


def test_tables_survive_a_cache_and_grow() -> None:
    loads = [prices(1, [(2, 5, "1"), (1, 4, "2")]), prices(2, [(1, 4, "3")], source="B"), prices(3, [(1, 4, "9")])]
    whole = MarketTables.empty().extended(loads)
    first = MarketTables.empty().extended(loads[:1])
    again = MarketTables.from_arrays(first.arrays(), first.sources).extended(loads[1:])
    assert again.sources == whole.sources == ("A", "B")
    assert {k: v.tolist() for k, v in again.arrays().items()} == {k: v.tolist() for k, v in whole.arrays().items()}
