"""128-bit arithmetic against Python's own integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.money import div_half_even
from argosy.kernels import wide
from argosy.kernels.reference import wide as plain

LIMIT = 2**63 - 1
EDGES = st.sampled_from([0, 1, -1, 2, 3, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**62, LIMIT - 1, LIMIT, -LIMIT, -(2**63)])
WHOLE = st.one_of(st.integers(-(2**63), LIMIT), EDGES, st.integers(-1000, 1000))


@settings(max_examples=1500)
@given(WHOLE, WHOLE, WHOLE)
def test_mul_div(a: int, b: int, c: int) -> None:
    c = c or 1
    exact = div_half_even(a * b, c)
    assert plain.mul_div(a, b, c) == exact
    fits = abs(exact) <= LIMIT
    assert plain.mul_div_fits(a, b, c) == bool(wide.mul_div_fits(a, b, c)) == fits
    assert wide.mul_div(a, b, c) == (exact if fits else LIMIT if exact > 0 else -LIMIT)


@given(st.integers(1, 2**62), st.integers(0, 2**30))
def test_mul_div_of_exact_halves_goes_to_even(half: int, odd: int) -> None:
    """(2n + 1) / 2 lies between n and n + 1."""
    numerator = 2 * odd + 1
    expected = odd + (odd & 1)
    assert wide.mul_div(numerator, half, 2 * half if half < 2**61 else half) in (expected, numerator)
    if half < 2**61:
        assert wide.mul_div(numerator, half, 2 * half) == plain.mul_div(numerator, half, 2 * half) == expected


@settings(max_examples=600)
@given(WHOLE, st.one_of(st.integers(1, LIMIT), st.just(1)), WHOLE, st.integers(1, LIMIT))
def test_compare_ratios(a: int, b: int, c: int, d: int) -> None:
    expected = (a * d > c * b) - (a * d < c * b)
    assert plain.compare_ratios(a, b, c, d) == wide.compare_ratios(a, b, c, d) == expected
    assert wide.compare_ratios(a, b, a, b) == 0


@given(st.lists(WHOLE, max_size=40))
def test_wide_sum(values: list[int]) -> None:
    array = np.array(values, np.int64)
    assert wide.wide_sum(array) == plain.wide_sum(array) == sum(values)


@given(st.lists(st.tuples(st.integers(0, 3), WHOLE), max_size=40))
def test_group_sums(pairs: list[tuple[int, int]]) -> None:
    groups = np.array([group for group, _ in pairs], np.int64)
    high, low = plain.group_sums(groups, np.array([value for _, value in pairs], np.int64), 4)
    for group in range(4):
        total = sum(value for owner, value in pairs if owner == group)
        assert (int(high[group]) << 32) + int(low[group]) == total


@pytest.mark.parametrize(
    ("left", "right", "big"), [(LIMIT, 0, False), (LIMIT, 1, True), (-LIMIT, -1, True), (-5, 4, False)]
)
def test_too_big(left: int, right: int, big: bool) -> None:
    assert bool(wide.too_big(left, right)) is big
