from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels import products as fast
from argosy.kernels.reference import products as exact


def joined(hi: np.ndarray, lo: np.ndarray) -> list[int]:
    return [int(h) * 2**64 + (int(low) & (2**64 - 1)) for h, low in zip(hi.ravel(), lo.ravel(), strict=True)]


def split(value: int) -> tuple[int, int]:
    low = value & (2**64 - 1)
    return value >> 64, low - 2**64 if low >= 2**63 else low


BIG = st.integers(-(2**62), 2**62)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), BIG), max_size=12), st.lists(BIG, min_size=3, max_size=3)
)
def test_row_products_give_the_integers_of_the_twin(rows: list[tuple[int, int, int]], price: list[int]) -> None:
    rows.sort(key=lambda row: row[0])
    first = np.searchsorted([row[0] for row in rows], np.arange(4)).astype(np.int64)
    item = np.array([row[1] for row in rows], np.int64)
    quantity = np.array([row[2] for row in rows], np.int64)
    hi, lo = fast.row_products(first, item, quantity, np.array(price), np.array([0, 1, 0]), 2)
    group = [2 * row[0] + [0, 1, 0][row[1]] for row in rows]
    assert joined(hi, lo) == exact.group_products(group, item.tolist(), quantity.tolist(), price, 6)


RUN = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.integers(0, 4), st.integers(0, 5), st.integers(-(10**17), 10**17)
)


@given(
    st.lists(RUN, max_size=8),
    st.lists(st.lists(st.integers(0, 10**18), min_size=5, max_size=5), min_size=2, max_size=2),
)
def test_step_products_give_the_integers_of_the_twin(
    runs: list[tuple[int, int, int, int, int]], prices: list[list[int]]
) -> None:
    columns = [np.array([run[k] for run in runs], np.int64) for k in range(5)]
    hi, lo = fast.step_products(*columns, np.array(prices, np.int64), 2)
    expected = exact.step_products(runs, prices, 2, 5)
    assert joined(hi, lo) == [*expected[0], *expected[1]]


@given(
    st.lists(RUN, max_size=8),
    st.lists(st.lists(st.integers(0, 10**18), min_size=5, max_size=5), min_size=2, max_size=2),
)
def test_step_largest_gives_the_integers_of_the_twin(
    runs: list[tuple[int, int, int, int, int]], values: list[list[int]]
) -> None:
    columns = [np.array([run[k] for run in runs], np.int64) for k in range(4)]
    out = fast.step_largest(*columns, np.array(values, np.int64), 2)
    assert out.tolist() == exact.step_largest([run[:4] for run in runs], values, 2, 5)


def both_ways(
    parts: list[list[tuple[int, Fraction]]], base_divisor: int
) -> tuple[tuple[int, list[int]], tuple[int, list[int]] | None]:
    """Parts are lists over the same currencies of (amount, weight); currency 0 is the base with weight 1/divisor."""
    count = len(parts[0])
    weights = [weight for _, weight in parts[0]]
    hi = np.array([[[split(amount)[0]] for amount, _ in part] for part in parts], np.int64)
    lo = np.array([[[split(amount)[1]] for amount, _ in part] for part in parts], np.int64)
    pairs = [fast.fixed_point(weight.numerator, weight.denominator) for weight in weights]
    divisor = np.array([base_divisor] + [0] * (count - 1), np.int64)
    out, unsure = fast.convert_and_foot(
        np.array([0, count]),
        np.arange(count, dtype=np.int64),
        divisor,
        hi,
        lo,
        np.array([w for w, _ in pairs]),
        np.array([s for _, s in pairs]),
    )
    expected = exact.convert_and_foot([[(s, w.numerator, w.denominator) for s, w in part] for part in parts])
    found = None if unsure[0, 0] else (int(out[0, 0, 0]), [int(x) for x in out[1:, 0, 0]])
    return expected, found


AMOUNT = st.one_of(st.just(0), st.integers(-(10**9), 10**9), st.integers(-(10**25), 10**25))


@given(st.lists(AMOUNT, min_size=5, max_size=5), st.sampled_from([1, 10, 100, 10**6, 10**12]))
def test_one_currency_is_always_decided_and_exact(amounts: list[int], divisor: int) -> None:
    expected, found = both_ways([[(amount, Fraction(1, divisor))] for amount in amounts], divisor)
    if max(map(abs, amounts)) // divisor < 10**18:
        assert found == expected


RATE = st.builds(Fraction, st.integers(1, 10**6), st.integers(1, 10**6))


@given(
    st.lists(st.tuples(AMOUNT, AMOUNT, AMOUNT), min_size=5, max_size=5), RATE, RATE, st.sampled_from([1, 10**4, 10**12])
)
def test_several_currencies_give_the_twin_or_say_unsure(
    amounts: list[tuple[int, int, int]], r: Fraction, s: Fraction, divisor: int
) -> None:
    weights = [Fraction(1, divisor), r / divisor, s / divisor]
    expected, found = both_ways([list(zip(row, weights, strict=True)) for row in amounts], divisor)
    assert found in (None, expected)


@given(st.lists(st.tuples(st.integers(1, 10**15), st.integers(1, 10**15)), min_size=2, max_size=5))
def test_generic_rates_are_decided_without_the_twin(amounts: list[tuple[int, int]]) -> None:
    weights = [Fraction(1, 100), Fraction(1_234_567_891, 99_999_999_977)]
    rows = [list(zip(row, weights, strict=True)) for row in amounts]
    expected, found = both_ways(rows, 100)
    remainders = [sum(s * w for s, w in row) % 1 for row in rows]
    gaps = [abs(a - b) for k, a in enumerate(remainders) for b in remainders[:k]]
    if min(gaps) > Fraction(1, 10**12):
        assert found == expected


def test_a_tie_goes_to_the_even_unit() -> None:
    assert both_ways([[(5, Fraction(1, 10))]], 10)[1] == (0, [0])
    assert both_ways([[(15, Fraction(1, 10))]], 10)[1] == (2, [2])
    assert both_ways([[(-5, Fraction(1, 10))], [(0, Fraction(1, 10))]], 10)[1] == (0, [0, 0])


def test_a_tie_across_currencies_is_left_to_the_twin() -> None:
    half = [[(1, Fraction(1, 4)), (1, Fraction(1, 4))]]
    expected, found = both_ways(half, 4)
    assert expected == (0, [0])
    assert found is None


def test_what_does_not_fit_is_left_to_the_twin() -> None:
    expected, found = both_ways([[(10**30, Fraction(1, 10))]], 10)
    assert expected == (10**29, [10**29])
    assert found is None
