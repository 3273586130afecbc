"""Trades whose full amount does not move, and the arithmetic behind a row."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import OverflowDigits
from argosy.base.money import Quote
from argosy.record.booking.amounts import gross_of, inverse_gross_of, money_text, price_agrees
from argosy.record.booking.entries import book_row
from argosy.record.booking.fields import Place
from argosy.record.facts import Fact, FactKind
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference
from tests.record.booking.books import INSTRUMENT, LISTED

SWAP = {**INSTRUMENT, "code": "XBTUSD", "type": "future", "currency": "BTC", "quantity_scale": 0, "inverse": True}
PLACE = Place("t.csv", Reference.from_facts(
    Fact(seq, 1, kind, subject, 0, payload)
    for seq, (kind, subject, payload) in enumerate([*LISTED, (FactKind.INSTRUMENT, 9, SWAP)], 1)
))  # fmt: skip


def booked(**row: str) -> dict[str, object]:
    entry, problems = book_row({"date": "2020-01-02", "portfolio": "GROWTH", **row}, 2, PLACE)
    assert entry is not None, [problem.text() for problem in problems]
    return entry.events[0]


def test_a_margined_trade_moves_its_costs_only() -> None:
    buy = booked(type="buy", instrument="SWAP", quantity="2", price="4000.25", fee="4")
    assert (buy["net"], buy["payload"]) == (-40_000, {"notional": -4_000_250_000})  # 2 * 4000.25 * 50
    sell = booked(type="sell", instrument="SWAP", quantity="2", gross="400100", net="71")
    assert (sell["net"], sell["quantity"], sell["payload"]) == (710_000, -200_000_000, {"notional": 4_001_000_000})
    _, problems = book_row({"date": "2020-01-02", "type": "buy", "portfolio": "GROWTH", "instrument": "SWAP",
                            "quantity": "2", "net": "5"}, 2, PLACE)  # fmt: skip
    assert problems[0].message == "neither price nor gross nor net is given"


def test_an_inverse_contract_is_worth_less_than_nothing_until_its_price_rises() -> None:
    # 100,000 contracts at 10,500: 100000 / 10500 = 9.52380952 bitcoin
    buy = booked(type="buy", instrument="XBTUSD", quantity="100000", price="10500", fee="0.00714286")
    assert (buy["net"], buy["payload"]) == (-714_286, {"notional": 952_380_952})


def test_a_quantity_with_more_decimals_than_any_scale_holds_is_not_told_to_choose_one() -> None:
    row = {"date": "2020-01-02", "portfolio": "GROWTH", "type": "buy", "price": "1"}
    _, problems = book_row({**row, "instrument": "COIN", "quantity": "0.1234567890123456789"}, 2, PLACE)
    assert problems[0].message == "0.1234567890123456789 has 19 decimals, the scale holds 18"
    assert problems[0].next_step == "no quantity_scale holds it: 18 decimals are the most, so round it yourself"
    _, problems = book_row({**row, "instrument": "ACME", "quantity": "0.123456789012345678"}, 2, PLACE)
    assert problems[0].next_step.startswith("give ACME quantity_scale 18 before its first event")


POSITIVE = st.integers(1, 10**9)


@given(POSITIVE, st.integers(0, 18), st.integers(-10**9, 10**9), st.integers(-9, 2), st.integers(-4, 3),
       st.sampled_from(["minor", "scale", "exact"]))  # fmt: skip
def test_gross_is_the_exact_product_rounded_once(
    quantity: int, scale: int, mantissa: int, exponent: int, power: int, rounding: str
) -> None:
    one = Instrument(1, "X", "X", "other", "USD", scale, "USD", Quote(1, power))
    exact = Fraction(quantity, 10**scale) * mantissa * Fraction(10) ** (exponent + power)
    digits = 2 if rounding == "minor" else 4
    try:
        gross = gross_of(quantity, one, Quote(mantissa, exponent), money_scale=4, minor_units=2, rounding=rounding)
    except OverflowDigits:
        assert abs(exact) * 10**4 >= 2**63 - 10**4
        return
    if rounding == "exact" and (exact * 10**4).denominator != 1:
        assert gross is None
    else:
        assert gross == round(exact * 10**digits) * 10 ** (4 - digits)  # Fraction rounds half to even
        assert gross is not None
        assert price_agrees(gross, quantity, one, Quote(mantissa, exponent), money_scale=4)


@given(POSITIVE, st.integers(0, 8), POSITIVE, st.integers(-6, 3), st.integers(-2, 3))
def test_an_inverse_gross_is_the_exact_ratio_rounded_once(
    quantity: int, scale: int, mantissa: int, exponent: int, power: int
) -> None:
    one = Instrument(1, "X", "X", "future", "BTC", scale, "USD", Quote(1, power), inverse=True)
    exact = Fraction(quantity, 10**scale) * Fraction(10) ** power / (mantissa * Fraction(10) ** exponent)
    try:
        found = inverse_gross_of(quantity, one, Quote(mantissa, exponent), money_scale=8)
    except OverflowDigits:
        assert exact * 10**8 >= 2**63 - 1
        return
    assert found == round(exact * 10**8)


@pytest.mark.parametrize(("gross", "agrees"), [(2530, False), (253_000, True), (255_000, True), (263_000, False),
                                               (25_300_000, False)])  # fmt: skip
def test_pence_taken_for_pounds_do_not_agree(gross: int, agrees: bool) -> None:
    one = Instrument(1, "SHEL", "", "equity", "GBP", 0, "GBp", Quote(1, -2))
    # 100 units at 2530 pence are 2,530 pounds
    assert price_agrees(gross * 100, 100, one, Quote(2530, 0), money_scale=4) is agrees


def test_amounts_in_messages() -> None:
    assert [money_text(value, 4) for value in (-55_000, 12_345, 0)] == ["-5.50", "1.2345", "0.00"]
    assert money_text(5, 0) == "5"
