from __future__ import annotations

import datetime
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argosy.base.errors import ArgosyError
from argosy.base.money import parse_quote, parse_scaled
from argosy.kernels.decimals import (
    EMPTY,
    NOT_A_DATE,
    NOT_A_NUMBER,
    OK,
    OVERFLOW,
    TOO_MANY_DIGITS,
    Quotes,
    Scaled,
    encode,
    explain_code,
    read_dates,
    read_quotes,
    read_scaled,
)
from argosy.kernels.text import TextColumn

NUMBER = st.from_regex(
    re.compile(r"[ \t]?[+-]?[0-9]{0,21}(\.[0-9]{0,21})?([eE][+-]?[0-9]{1,3})?[ ]?", re.ASCII), fullmatch=True
)
HOSTILE = st.text(alphabet="0123456789.,+-eE \t'xé٣\u00a0_nN", max_size=24)
CELLS = st.lists(st.one_of(NUMBER, HOSTILE), max_size=12)
MARKS = st.sampled_from([(".", ""), (",", "."), (".", ","), (".", "'"), (",", " "), (".", " ")])


def same_scaled(one: Scaled, two: Scaled) -> None:
    assert one.values.tolist() == two.values.tolist()
    assert one.codes.tolist() == two.codes.tolist()


def same_quotes(one: Quotes, two: Quotes) -> None:
    assert one.mantissas.tolist() == two.mantissas.tolist()
    assert one.exponents.tolist() == two.exponents.tolist()
    assert one.codes.tolist() == two.codes.tolist()


@given(CELLS, st.integers(0, 18), MARKS)
@example(["9223372036854775807", "-9223372036854775807", "9223372036854775808", "-9223372036854775808"], 0, (".", ""))
@example(["1,234,567.5", "12,34", ",123", "1234,567", "1,,234", "123,"], 2, (".", ","))
@example(["9" * 5000, "0" * 5000 + "1", "0." + "0" * 5000], 18, (".", ""))
@example([".", "+", "-", "", " ", "+.5", "5.", "-0", "- 1", "1 2"], 3, (".", ""))
def test_scaled_twin(cells: list[str], scale: int, marks: tuple[str, str]) -> None:
    column = TextColumn(cells)
    decimal, thousands = marks
    same_scaled(
        read_scaled(column, scale, decimal=decimal, thousands=thousands, engine="reference"),
        read_scaled(column, scale, decimal=decimal, thousands=thousands, engine="kernel"),
    )


@given(CELLS, MARKS)
@example(
    ["1e18", "1e-18", "1e19", "1e-19", "1.5e-18", "0e5", "000.000", "1e0000001", "1e", "1e+", "1e9999999999"], (".", "")
)
@example(["9" * 18, "9" * 19, "0" * 40 + "9", "." + "0" * 18, "." + "0" * 19, "1_000", "nan", "inf"], (".", ""))
def test_quote_twin(cells: list[str], marks: tuple[str, str]) -> None:
    column = TextColumn(cells)
    decimal, thousands = marks
    same_quotes(
        read_quotes(column, decimal=decimal, thousands=thousands, engine="reference"),
        read_quotes(column, decimal=decimal, thousands=thousands, engine="kernel"),
    )


@given(st.lists(st.one_of(
    st.dates().map(str), st.from_regex(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} ?", re.ASCII), fullmatch=True),
    st.text(alphabet="0123456789-/ Tt", max_size=12)), max_size=12))  # fmt: skip
@example(
    ["0000-01-01", "0001-01-01", "9999-12-31", "1900-02-29", "2000-02-29", "2024-02-30", "2024-13-01", "2024-00-10"]
)
def test_date_twin(cells: list[str]) -> None:
    column = TextColumn(cells)
    same_scaled(read_dates(column, engine="reference"), read_dates(column, engine="kernel"))


@given(st.lists(st.text(max_size=3), max_size=60))
def test_encode_twin(cells: list[str]) -> None:
    column = TextColumn(cells)
    codes, names = encode(column, engine="reference")
    again, others = encode(column, engine="kernel")
    assert codes.tolist() == again.tolist()
    assert names == others
    assert TextColumn.from_codes(codes, names).to_list() == cells


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("%d/%m/%Y", "31/12/2024"), ("%Y%m%d", "20241231"), ("%d-%b-%y", "31-Dec-24"),
     ("%m/%d/%Y %H:%M", "12/31/2024 23:59"), ("%Y-%m-%dT%H:%M:%S%z", "2024-12-31T23:59:59-05:00")],
)  # fmt: skip
def test_dates_by_pattern(pattern: str, text: str) -> None:
    for engine in ("reference", "kernel"):
        read = read_dates(TextColumn([text, "", "x", text]), pattern=pattern, engine=engine)  # type: ignore[arg-type]
        expected = (datetime.date(2024, 12, 31) - datetime.date(1970, 1, 1)).days
        assert read.values.tolist() == [expected, 0, 0, expected]
        assert read.codes.tolist() == [OK, EMPTY, NOT_A_DATE, OK]


def test_encode_many_distinct() -> None:
    cells = [f"x{number % 7000}" for number in range(9000)]
    codes, names = encode(TextColumn(cells), engine="kernel")
    assert names == [f"x{number}" for number in range(7000)]
    assert [names[code] for code in codes.tolist()] == cells


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13))
def test_scaled_is_what_one_by_one_reading_gives(number: Decimal) -> None:
    text = format(number, "f")
    read = read_scaled(TextColumn([text]), 4)
    assert read.values.tolist() == [parse_scaled(text, 4)] == [int(number * 10**4)]


@given(NUMBER)
def test_quotes_are_what_one_by_one_reading_gives(text: str) -> None:
    read = read_quotes(TextColumn([text]))
    try:
        expected = parse_quote(text)
    except ArgosyError:
        assert read.codes[0] != OK
        return
    assert (read.mantissas[0], read.exponents[0], read.codes[0]) == (expected.mantissa, expected.exponent, OK)


@given(st.dates())
def test_dates_are_the_calendars(date: datetime.date) -> None:
    read = read_dates(TextColumn([date.isoformat()]), engine="kernel")
    assert read.values[0] == (date - datetime.date(1970, 1, 1)).days


def test_scale_per_cell() -> None:
    for engine in ("reference", "kernel"):
        read = read_scaled(TextColumn(["1.25", "1.25", "1.25"]), np.array([2, 1, 8]), engine=engine)  # type: ignore[arg-type]
        assert read.values.tolist() == [125, 0, 125_000_000]
        assert read.codes.tolist() == [OK, TOO_MANY_DIGITS, OK]
        assert read.bad.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("code", "text", "scale", "said"),
    [
        (NOT_A_NUMBER, "abc", 2, "'abc' is not a number"),
        (NOT_A_DATE, "1/2/3", 0, "'1/2/3' is not a date"),
        (OVERFLOW, "9" * 30, 2, f"{'9' * 30} does not fit 64 bits at scale 2"),
        (TOO_MANY_DIGITS, "1.12345678901234567890", 4, "1.12345678901234567890 has 19 decimals, the scale holds 4"),
        (TOO_MANY_DIGITS, "1e-30", 0, "1e-30 has more than the 18 digits or decimals a quote holds"),
    ],
)
def test_codes_are_explained(code: int, text: str, scale: int, said: str) -> None:
    assert explain_code(code, text, scale)[0] == said


def test_buffer_and_list_hold_the_same() -> None:
    cells = ["", "é", "a,b", "٣٣", "x"]
    column = TextColumn(cells)
    data, before, ends = column.buffer()
    again = TextColumn.from_buffer(data, before, ends)
    assert [again[row] for row in range(5)] == cells
    assert again.to_list() == cells == list(again)
    assert again.take(np.array([True, False, False, True, False])).to_list() == ["", "٣٣"]
    assert TextColumn(cells).take(np.array([4, 1])).to_list() == ["x", "é"]
    assert TextColumn(cells).is_empty().tolist() == again.take(np.arange(5)).is_empty().tolist() == [True] + [False] * 4
    assert TextColumn([]).buffer()[1].tolist() == []
    assert TextColumn.from_buffer(data, before[:0], ends[:0]).to_list() == []
    assert TextColumn.constant("EUR", 2).to_list() == ["EUR", "EUR"]
    assert repr(TextColumn(["a", "b", "c", "d"])) == "TextColumn(4: 'a', 'b', 'c', ...)"
