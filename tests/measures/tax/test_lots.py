"""Lots, terms and taxes: the worked cases, a linear program, the law's own examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from argosy.base.dates import parse_date
from argosy.base.errors import InsufficientPosition, InvalidInput, UnknownName
from argosy.measures.tax.lots import METHODS, TaxLots, pooled, sell, year_tax
from argosy.measures.tax.regimes import REGIMES, regime

US = regime("US")
DAY = 20_000
CASE = TaxLots.of([100, 100, 100], [50.0, 70.0, 90.0], [DAY - 400, DAY - 200, DAY - 500])


def test_the_worked_case() -> None:
    fifo = sell(CASE, 150, 80.0, day=DAY, regime=US, method="FIFO")
    assert (fifo.gain, fifo.tax) == (pytest.approx(500.0), pytest.approx(119.0))
    for method in ("HIFO", "MINTAX"):
        least = sell(CASE, 150, 80.0, day=DAY, regime=US, method=method)
        assert least.tax == pytest.approx(-34.0)
    assert sell(CASE, 150, 80.0, day=DAY, regime=US, method="HIFO").gain == pytest.approx(-500.0)
    with pytest.raises(InsufficientPosition, match="150 are sold and the lots hold 100"):
        sell(TaxLots.of([100], [50.0], [DAY - 400]), 150, 80.0, day=DAY, regime=US)


def test_methods_take_lots_in_their_order() -> None:
    lots = TaxLots.of([10, 10, 10], [5.0, 9.0, 7.0], [1, 2, 3])

    def taken(method: str) -> list[float]:
        return sell(lots, 15, 8.0, day=10, regime=US, method=method).taken.tolist()

    assert taken("FIFO") == [10.0, 5.0, 0.0]
    assert taken("LIFO") == [0.0, 5.0, 10.0]
    assert taken("HIFO") == [0.0, 10.0, 5.0]
    assert taken("MINTAX") == [0.0, 10.0, 5.0]
    named = sell(lots, 15, 8.0, day=10, regime=US, method="SPECIFIC", named=[1.0, 10.0, 4.0])
    assert named.taken.tolist() == [1.0, 10.0, 4.0]


@given(st.integers(0, 2**32))
def test_least_tax_is_the_optimum_of_the_linear_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 9))
    lots = TaxLots.of(rng.uniform(1, 50, count), rng.uniform(10, 90, count), DAY - rng.integers(1, 900, count))
    quantity, price = float(rng.uniform(0.05, 1.0) * lots.quantity.sum()), float(rng.uniform(20, 80))
    rates = [US.long if US.is_long(int(day), DAY) else US.short for day in lots.acquired]
    answer = linprog((price - lots.unit_cost) * rates, A_eq=np.ones((1, count)), b_eq=[quantity],
                     bounds=[(0.0, q) for q in lots.quantity])  # fmt: skip
    least = sell(lots, quantity, price, day=DAY, regime=US)
    assert least.tax == pytest.approx(answer.fun, abs=1e-7)
    assert least.taken.sum() == pytest.approx(quantity)
    for method in METHODS[:3]:
        assert sell(lots, quantity, price, day=DAY, regime=US, method=method).tax >= least.tax - 1e-9


@pytest.mark.parametrize(
    ("bought", "sold", "long"),
    [
        ("2021-03-10", "2022-03-10", False), ("2021-03-10", "2022-03-11", True),
        ("2020-02-28", "2021-02-28", False), ("2020-02-28", "2021-03-01", True),
        ("2020-02-29", "2021-02-28", False), ("2020-02-29", "2021-03-01", True),
        ("2021-12-31", "2022-12-31", False), ("2021-12-31", "2023-01-01", True),
    ],
)  # fmt: skip
def test_long_term_is_more_than_a_year(bought: str, sold: str, long: bool) -> None:
    assert US.is_long(parse_date(bought), parse_date(sold)) is long
    assert regime("DE").is_long(parse_date(bought), parse_date(bought))


def test_a_year_is_netted() -> None:
    # Schedule D: each term for itself, then across; 3,000 of a net loss against income; the rest keeps its term.
    assert year_tax(5_000.0, 2_000.0, regime=US).tax == pytest.approx(5_000 * 0.408 + 2_000 * 0.238)
    assert year_tax(-5_000.0, 8_000.0, regime=US).tax == pytest.approx(3_000 * 0.238)
    assert year_tax(8_000.0, -5_000.0, regime=US).tax == pytest.approx(3_000 * 0.408)
    deep = year_tax(-2_000.0, -9_000.0, regime=US)
    assert (deep.carried_short, deep.carried_long, deep.against_income) == (0.0, 8_000.0, 3_000.0)
    assert deep.tax == pytest.approx(-3_000 * 0.37)
    next_year = year_tax(0.0, 10_000.0, regime=US, carried_long=deep.carried_long)
    assert next_year.tax == pytest.approx(2_000 * 0.238)
    assert year_tax(1_000.0, 0.0, regime=US, carried_short=4_000.0).against_income == 3_000.0


def test_a_pool_matches_the_same_day_then_thirty_days_then_the_average() -> None:
    uk, sold = regime("UK"), parse_date("2024-11-10")
    pool = TaxLots.of([1_000.0, 500.0], [2.0, 3.5], [sold - 900, sold - 400])  # average 2.5
    later = TaxLots.of([100.0, 200.0, 300.0], [3.0, 2.0, 9.0], [sold, sold + 30, sold + 31])
    found = pooled(pool, 700.0, 4.0, regime=uk, day=sold, bought_later=later)
    # 100 at 3.00 (same day), 200 at 2.00 (within 30 days), 400 of the pool at 2.50; day 31 is too late.
    assert found.gain == pytest.approx(700 * 4.0 - 300.0 - 400.0 - 1_000.0)
    assert found.tax == pytest.approx(found.gain * 0.24)
    assert found.taken.sum() == pytest.approx(400.0)
    assert pooled(pool, 300.0, 4.0, regime=uk).gain == pytest.approx(300 * 1.5)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: sell(CASE, 0, 80.0, day=DAY, regime=US), InvalidInput, "above zero"),
        (lambda: sell(CASE, 10, -1.0, day=DAY, regime=US), InvalidInput, "above zero and a price"),
        (lambda: sell(CASE, 10, 80.0, day=DAY, regime=US, method="LOFO"), UnknownName, "lot method"),
        (lambda: sell(CASE, 10, 80.0, day=DAY, regime=regime("DE"), method="HIFO"), InvalidInput, "does not let"),
        (lambda: sell(CASE, 10, 80.0, day=DAY, regime=US, method="SPECIFIC"), InvalidInput, "for each lot"),
        (lambda: sell(CASE, 10, 8.0, day=DAY, regime=US, method="SPECIFIC", named=[101, 0, 0]), InsufficientPosition,
         "lot 0 holds 100"),
        (lambda: sell(CASE, 10, 8.0, day=DAY, regime=US, method="SPECIFIC", named=[1, 2, 3]), InvalidInput, "sum to 6"),
        (lambda: TaxLots.of([1], [1, 2], [1]), InvalidInput, "one length"),
        (lambda: TaxLots.of([0], [1], [1]), InvalidInput, "above zero"),
        (lambda: pooled(CASE, 301, 1.0, regime=regime("UK")), InsufficientPosition, "pool holds 300"),
        (lambda: pooled(CASE, 0, 1.0, regime=regime("UK")), InvalidInput, "above zero"),
        (lambda: regime("USA"), UnknownName, "US"),
        (lambda: US.with_rates(long=24.0), InvalidInput, "long rate is 24"),
        (lambda: year_tax(float("nan"), 0.0, regime=US), InvalidInput, "short is nan"),
        (lambda: year_tax(0.0, 0.0, regime=US, carried_long=-1.0), InvalidInput, "carried_long is -1"),
    ],
)  # fmt: skip
def test_refusals(call, error: type[Exception], said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=said):
        call()


def test_every_regime_is_well_formed() -> None:
    for one in REGIMES.values():
        assert 0.0 <= one.long <= one.short < 1.0
        assert one.lots in ("choice", "FIFO", "pool")
        assert one.source
        assert one.with_rates(short=0.5).short == 0.5
