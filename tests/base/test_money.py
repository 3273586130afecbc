"""Exact numbers: what is read, refused and rounded, against Python's own Decimal and Fraction."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import ArgosyError
from argosy.base.money import (
    INT64_MAX,
    currency_code,
    currency_name,
    div_half_even,
    fit_int64,
    minor_units,
    money_scale,
    parse_quote,
    parse_scaled,
    rescale_half_even,
    to_decimal,
)


@given(st.integers(-(10**30), 10**30), st.integers(-(10**20), 10**20).filter(bool))
def test_division_rounds_half_to_even(numerator: int, denominator: int) -> None:
    assert div_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@given(st.integers(-INT64_MAX, INT64_MAX), st.integers(0, 18))
def test_an_amount_survives_the_way_to_people_and_back(value: int, scale: int) -> None:
    seen = to_decimal(value, scale)
    assert seen == Decimal(value).scaleb(-scale)
    assert parse_scaled(f"{seen:f}", scale) == value


@given(st.integers(-(10**15), 10**15), st.integers(0, 8), st.integers(0, 8))
def test_rescaling_is_decimal_quantization(value: int, before: int, after: int) -> None:
    want = Decimal(value).scaleb(-before).quantize(Decimal(1).scaleb(-after), rounding=ROUND_HALF_EVEN)
    assert to_decimal(rescale_half_even(value, before, after), after) == want


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_quote_keeps_its_digits(number: Decimal) -> None:
    quote = parse_quote(str(number))
    assert quote.decimal() == number
    assert quote.exponent == number.as_tuple().exponent


@pytest.mark.parametrize("text", ["", " ", "abc", "1,5", "1_0", "٣", "1.2.3", "--1", "nan", "inf", "1e", "0x1", "."])
def test_text_that_is_no_number_is_refused(text: str) -> None:
    for parse in (lambda: parse_scaled(text, 4), lambda: parse_quote(text)):
        with pytest.raises(ArgosyError) as caught:
            parse()
        assert caught.value.code == "invalid_input"
        assert "is not a number" in str(caught.value)


def test_digits_that_do_not_fit_are_refused_with_the_scale_to_choose() -> None:
    with pytest.raises(ArgosyError, match="use scale 5"):
        parse_scaled("0.12345", 4)
    assert parse_scaled("0.12340", 4) == 1234
    assert parse_scaled("+.5", 1) == 5
    assert parse_scaled("5.", 0) == 5
    with pytest.raises(ArgosyError) as caught:
        parse_scaled("1e5", 4)
    assert caught.value.code == "invalid_input"
    for text in ("1e-19", "1" * 19, "1e19"):
        with pytest.raises(ArgosyError) as caught:
            parse_quote(text)
        assert caught.value.code == "too_many_digits"


def test_what_64_bits_do_not_hold_is_refused() -> None:
    assert fit_int64(INT64_MAX) == INT64_MAX
    for value in (INT64_MAX + 1, -INT64_MAX - 1):
        with pytest.raises(ArgosyError) as caught:
            fit_int64(value, field="net")
        assert caught.value.code == "overflow"
    with pytest.raises(ArgosyError, match="does not fit"):
        parse_scaled("9" * 16, 4)


@pytest.mark.parametrize("code", ["USD", "JPY", "BTC", "USDT", "A", "ABCDEFG"])
def test_a_currency_is_its_letters(code: str) -> None:
    assert currency_name(currency_code(code)) == code
    assert 0 < currency_code(code) <= INT64_MAX


@pytest.mark.parametrize("code", ["", "usd", "US D", "ABCDEFGH", "ÜSD", "U-D"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(ArgosyError, match="not a currency code"):
        currency_code(code)


def test_scales() -> None:
    assert [money_scale(c) for c in ("USD", "JPY", "KWD", "BTC")] == [4, 2, 5, 8]
    assert [minor_units(c) for c in ("USD", "JPY", "KWD", "BTC")] == [2, 0, 3, 8]
    assert currency_name(0) == ""
