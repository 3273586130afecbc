"""Check digits: published identifiers, every single mistyped character, and what a message says."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.currencies import QUOTE_UNITS, is_known_currency
from argosy.base.errors import InvalidInput, UnknownName
from argosy.base.ids import (
    SCHEMES,
    check_cusip,
    check_figi,
    check_identifier,
    check_isin,
    check_lei,
    check_sedol,
    cusip_digit,
    figi_digit,
    isin_digit,
    lei_digits,
    sedol_digit,
)

ALNUM = string.digits + string.ascii_uppercase
CONSONANTS = "".join(c for c in ALNUM if c not in "AEIOU")

# As published by their issuers and in the standards' own examples.
PUBLISHED = {
    "isin": ["US0378331005", "AU0000XVGZA3", "GB0002634946", "US5949181045", "JP3633400001", "NL0010273215"],
    "cusip": ["037833100", "594918104", "38259P508", "17275R102", "68389X105"],
    "sedol": ["0263494", "B0YBKJ7", "2046251", "B1F3M59"],
    "figi": ["BBG000BLNQ16", "BBG000B9XRY4", "BBG000BPH459"],
    "lei": ["5493001KJTIIGC8Y1R12", "HWUPKR0MPOU8FGXBT394", "INR2EJN1ERAN0W5ZP974", "R0MUWSFPU8MPRO8K5P83"],
}  # fmt: skip


@pytest.mark.parametrize(("scheme", "value"), [(scheme, value) for scheme, held in PUBLISHED.items() for value in held])
def test_published_identifiers_pass(scheme: str, value: str) -> None:
    assert check_identifier(scheme, value) == value
    assert check_identifier(scheme, f" {value[:4].lower()} {value[4:].lower()} ") == value


@pytest.mark.parametrize(("scheme", "value"), [(scheme, held[0]) for scheme, held in PUBLISHED.items()])
def test_a_wrong_digit_is_answered_with_the_right_one(scheme: str, value: str) -> None:
    wrong = value[:-1] + str((int(value[-1]) + 1) % 10)
    with pytest.raises(InvalidInput) as caught:
        check_identifier(scheme, wrong)
    tail = 2 if scheme == "lei" else 1
    assert f"expected {value[-tail:]}" in str(caught.value)
    assert value in caught.value.next_step


@given(st.text(string.digits, min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_an_isin_sees_each_mistyped_digit(middle: str, place: int, shift: int) -> None:
    isin = "US" + middle
    isin += isin_digit(isin)
    assert check_isin(isin) == isin
    other = str((int(middle[place]) + shift) % 10)
    with pytest.raises(InvalidInput):
        check_isin(isin[: 2 + place] + other + isin[3 + place :])


def _luhn(digits: str) -> bool:
    """Luhn's sum the other way round: from the check digit on, as on payment cards."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


@given(st.text(ALNUM, min_size=11, max_size=11))
def test_an_isin_meets_luhns_sum(body: str) -> None:
    expanded = "".join(str(int(c, 36)) for c in body + isin_digit(body))
    assert _luhn(expanded)


@given(st.text(CONSONANTS, min_size=6, max_size=6))
def test_a_sedol_has_a_weighted_sum_divisible_by_ten(body: str) -> None:
    whole = body + sedol_digit(body)
    assert sum(int(c, 36) * w for c, w in zip(whole, (1, 3, 1, 7, 3, 9, 1), strict=True)) % 10 == 0
    assert check_sedol(whole) == whole


@given(st.text(ALNUM + "*@#", min_size=8, max_size=8), st.integers(0, 9))
def test_a_cusip_has_one_check_digit(body: str, other: int) -> None:
    good = cusip_digit(body)
    assert check_cusip(body + good) == body + good
    if str(other) != good:
        with pytest.raises(InvalidInput, match=f"expected {good}"):
            check_cusip(body + str(other))


@given(st.text(CONSONANTS, min_size=8, max_size=8))
def test_a_figi_has_one_check_digit(body: str) -> None:
    figi = "BBG" + body
    assert check_figi(figi + figi_digit(figi))[:3] == "BBG"


@given(st.text(ALNUM, min_size=18, max_size=18))
def test_an_lei_leaves_the_remainder_one(body: str) -> None:
    lei = body + lei_digits(body)
    assert int("".join(str(int(c, 36)) for c in lei)) % 97 == 1
    assert 2 <= int(lei[18:]) <= 98
    assert check_lei(lei) == lei


@pytest.mark.parametrize(("digits", "twin"), [("00", "97"), ("01", "98"), ("99", "02")])
def test_an_lei_never_ends_in_00_01_or_99(digits: str, twin: str) -> None:
    # Each leaves the same remainder as its twin, so the remainder alone would let it pass.
    body = next(f"{number:018d}" for number in range(10_000) if lei_digits(f"{number:018d}") == twin)
    assert int(body + digits) % 97 == int(body + twin) % 97 == 1
    with pytest.raises(InvalidInput, match=f"expected {twin}"):
        check_lei(body + digits)


@pytest.mark.parametrize(
    ("scheme", "text"),
    [("isin", "US037833100"), ("isin", "1S0378331005"), ("isin", "US03783310051"), ("isin", "US０378331005"),
     ("cusip", "03783310"), ("sedol", "A0YBKJ7"), ("figi", "BBX000BLNQ16"), ("figi", "BSG000BLNQ16"),
     ("figi", "BBG000ALNQ16"), ("lei", "5493001KJTIIGC8Y1R1"), ("ticker", ""), ("ticker", "A" * 65),
     ("ticker", "A\tB")],
)  # fmt: skip
def test_what_is_not_shaped_like_one_is_refused(scheme: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        check_identifier(scheme, text)


def test_an_unknown_scheme_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="'cusip'"):
        check_identifier("cusipp", "037833100")
    assert set(PUBLISHED) < set(SCHEMES)


def test_currencies() -> None:
    assert all(is_known_currency(code) for code in ("USD", "EUR", "CNH", "XAU", "BTC", "DEM"))
    assert not any(is_known_currency(code) for code in ("GBp", "usd", "USDX", ""))
    assert QUOTE_UNITS["GBp"] == ("GBP", -2) == QUOTE_UNITS["GBX"]
