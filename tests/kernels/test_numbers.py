"""Text to floating point: in bulk as one by one, and what is no number is marked."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels.numbers import read_floats
from argosy.kernels.text import TextColumn


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.just(None), min_size=1, max_size=20))
def test_each_number_is_the_nearest(values: list[float | None]) -> None:
    texts = ["" if value is None else repr(value) for value in values]
    found = read_floats([TextColumn(texts)])
    assert not found.bad.any()
    for value, read in zip(values, found.values[:, 0].tolist(), strict=True):
        assert math.isnan(read) if value is None else read == value


@pytest.mark.parametrize("text", ["NaN", "n/a", "-", "null", " ", "#N/A"])
def test_words_for_nothing_are_missing(text: str) -> None:
    found = read_floats([TextColumn(["1", text])])
    assert np.isnan(found.values[1, 0])
    assert not found.bad.any()


@pytest.mark.parametrize("text", ["x", "1,5", "inf", "-Infinity", "1 2", "0x10", "1.2.3"])
def test_words_that_are_no_numbers_are_marked(text: str) -> None:
    found = read_floats([TextColumn(["1", text, "3"])])
    assert found.bad[:, 0].tolist() == [False, True, False]
    assert found.values[[0, 2], 0].tolist() == [1.0, 3.0]


def test_columns_of_one_file_and_long_cells_are_read_alike() -> None:
    data = np.frombuffer(b",1.5,2\n,3.25,\n", np.uint8)
    first = TextColumn.from_buffer(data, np.array([0, 7]), np.array([4, 12]))
    second = TextColumn.from_buffer(data, np.array([4, 12]), np.array([6, 13]))
    assert read_floats([first, second]).values[0].tolist() == [1.5, 2.0]
    assert np.isnan(read_floats([first, second]).values[1, 1])
    long = "0." + "1" * 60
    assert read_floats([TextColumn([long])]).values[0, 0] == float(long)
    assert read_floats([TextColumn(["", ""])]).values.shape == (2, 1)
    assert read_floats([]).values.shape == (0, 0)
    assert read_floats([TextColumn([])]).values.shape == (0, 1)
